//! Real SPDX documents made by others, read in place: what is meant to be sound must be read without a
//! break of its schema, what is meant to be broken must show one.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::disallowed_methods,
    reason = "the documents lie on disk, and only the test knows"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
#![expect(
    clippy::print_stdout,
    reason = "the table of counts is part of the result"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sovverify::sbom::{ComponentKind, Sbom};
use sovverify_forge::realdata;

/// The folders of the manifest that hold SPDX.
const FOLDERS: [&str; 4] = [
    "sbom/spdx-examples",
    "sbom/spdx-tools-golang",
    "sbom/guac",
    "sbom/protobom/spdx",
];

/// Encodings that are not claimed: RDF/XML and YAML.
const UNCLAIMED: [&str; 2] = ["rdf", "yaml"];

/// Documents that the manifest calls valid and that break the schema of their version: the end of
/// the path, the number of breaks, and what they are.
const EXCEPTIONS: [(&str, usize, &str); 0] = [];

#[derive(Default)]
struct Counts {
    documents: usize,
    broken: usize,
    packages: usize,
    files: usize,
    other: usize,
    relationships: usize,
}

#[test]
fn every_real_document_is_read_as_its_makers_meant_it() {
    let Some(root) = realdata() else {
        return;
    };
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    let mut failures = Vec::new();
    for (folder, path) in documents(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if path
            .extension()
            .is_some_and(|end| UNCLAIMED.iter().any(|one| end == *one))
        {
            println!("not claimed: {name}");
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let counts = table
            .entry(format!("{folder} {}", form(&bytes)))
            .or_default();
        counts.documents += 1;
        let is_invalid = file_name(&path).starts_with("invalid-");
        match sovverify::sbom::read(&bytes) {
            Err(error) if is_invalid => {
                counts.broken += 1;
                println!("refused: {name}: {error}");
            }
            Err(error) => failures.push(format!("{name}: {error}")),
            Ok(sbom) => {
                judge(&name, &sbom, is_invalid, &mut failures);
                count(counts, &sbom);
            }
        }
    }
    println!("folder and format: documents, broken, packages, files, other, relationships");
    for (folder, c) in &table {
        println!(
            "{folder}: {}, {}, {}, {}, {}, {}",
            c.documents, c.broken, c.packages, c.files, c.other, c.relationships
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let documents: usize = table.values().map(|counts| counts.documents).sum();
    assert!(documents >= 30, "only {documents} documents");
}

fn judge(name: &str, sbom: &Sbom, is_invalid: bool, failures: &mut Vec<String>) {
    let violations = sbom.violations.len() + sbom.more_violations;
    let exception = EXCEPTIONS.iter().find(|(end, _, _)| name.ends_with(end));
    let expected = exception.map_or(0, |(_, count, _)| *count);
    if is_invalid && violations == 0 {
        failures.push(format!("{name}: no violation"));
    }
    if !is_invalid && violations != expected {
        failures.push(format!(
            "{name}: {violations} violations: {:#?}",
            sbom.violations
        ));
    }
    if let Some((_, _, reason)) = exception {
        println!("exception: {name}: {expected} violations: {reason}");
    }
    if sbom.components.is_empty() {
        failures.push(format!("{name}: no component"));
    }
    if !is_invalid && (sbom.identifier.is_none() || sbom.created.is_none()) {
        failures.push(format!("{name}: no identifier or no time"));
    }
}

fn count(counts: &mut Counts, sbom: &Sbom) {
    counts.broken += usize::from(!sbom.violations.is_empty());
    counts.relationships += sbom.relationships.len();
    for component in &sbom.components {
        match component.kind {
            ComponentKind::Package | ComponentKind::Container => counts.packages += 1,
            ComponentKind::File => counts.files += 1,
            _ => counts.other += 1,
        }
    }
}

/// The format by a look of our own, for the table.
fn form(bytes: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_start().starts_with('{') {
        "tag-value"
    } else if text.contains("\"@context\"") {
        "JSON-LD"
    } else {
        "JSON"
    }
}

/// Every SPDX document, in order. Folders with several formats name theirs in the files.
fn documents(root: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let mut open = vec![root.join(folder)];
        let mut files = Vec::new();
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next)
                .unwrap_or_else(|error| panic!("{}: {error}", next.display()))
            {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if folder != "sbom/guac" || file_name(&path).contains("spdx") {
                    files.push(path);
                }
            }
        }
        files.sort();
        assert!(!files.is_empty(), "{folder} is empty");
        found.extend(files.into_iter().map(|path| (folder, path)));
    }
    found
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
