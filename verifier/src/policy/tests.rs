//! Documents at each of their bounds: as much as there may be is taken, and one more is refused with its code.

mod compiled;
mod read;

use std::collections::BTreeMap;

use super::{Documents, FileKey, Source};
use crate::code::Code;

const KEY: &str = "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\\n-----END PUBLIC KEY-----\\n";

const FILE: &str = "policy.yaml";

fn source(text: impl Into<String>) -> Source {
    Source {
        file: FILE.to_owned(),
        text: text.into(),
    }
}

/// A document of this kind; `rest` is what stands behind its name.
fn document(kind: &str, name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}{rest}\n"
    )
}

fn root(name: &str) -> String {
    document(
        "TrustRoot",
        name,
        " }\nspec: { sigstore: { instance: public-good } }",
    )
}

/// A policy for these images.
fn policy(name: &str, images: &[String]) -> String {
    let images = images.join(", ");
    document(
        "ClusterImagePolicy",
        name,
        &format!(
            " }}\nspec:\n  match: {{ images: [{images}] }}\n  signers:\n    ada: {{ key: {{ inline: \"{KEY}\" }}, trustRoot: none }}\n  require:\n    - {{ name: signed, signature: {{ by: [ada] }} }}"
        ),
    )
}

/// So many patterns of images, none like another.
fn images(from: usize, count: usize) -> Vec<String> {
    let numbers = from..from + count;
    numbers.map(|n| format!("\"r.example/a{n}\"")).collect()
}

/// The code of the first complaint, where there is any.
fn parsed(text: impl Into<String>) -> Option<Code> {
    let refused = Documents::parse(&[source(text)]).err();
    refused.map(|complaints| complaints.first().code)
}

/// The same, of what is found when documents are compiled.
fn compiled(text: &str, files: &BTreeMap<FileKey, Vec<u8>>) -> Option<Code> {
    let documents = Documents::parse(&[source(text)]).unwrap_or_else(|error| panic!("{error}"));
    let refused = documents.compile(files).err();
    refused.map(|complaints| complaints.first().code)
}
