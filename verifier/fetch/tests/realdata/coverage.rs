//! No row of the manifest is forgotten: each is read here, or by a test that is named, or is not claimed
//! for a reason that is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::manifest::{Manifest, Row};
use super::outcome::Outcomes;

/// Tests elsewhere that read whole families, by the beginning of the path.
const ELSEWHERE: [(&str, &str); 10] = [
    ("k8s/api-roundtrip", "verifier/tests/realdata_workloads.rs"),
    ("k8s/kubewarden", "verifier/tests/realdata_workloads.rs"),
    (
        "provenance/slsa-verifier-policy-cases.tsv",
        "verifier/tests/realdata_provenance/cases.rs",
    ),
    ("sbom/cyclonedx-", "verifier/tests/realdata_cyclonedx.rs"),
    ("sbom/guac", "verifier/tests/realdata_cyclonedx.rs"),
    ("sbom/protobom", "verifier/tests/realdata_spdx.rs"),
    ("sbom/purl", "verifier/tests/realdata_purl.rs"),
    ("sbom/spdx-", "verifier/tests/realdata_spdx.rs"),
    ("sbom/trivy", "verifier/tests/realdata_profiles.rs"),
    ("vex/", "verifier/tests/realdata_vex.rs"),
];

/// What we do not claim, by the beginning of the path, with the reason.
const NOT_CLAIMED: [(&str, &str); 15] = [
    (
        "images/containers-image/policy.json",
        "a policy language of others",
    ),
    ("images/notation/", "Notary Project signatures come later"),
    (
        "images/openshift-release/",
        "OpenPGP signatures are shown and not verified",
    ),
    (
        "images/simple-signing/",
        "OpenPGP signatures are shown and not verified",
    ),
    (
        "in-toto/",
        "classic layouts and links, and Witness policies",
    ),
    ("notation-blob/", "Notary Project signatures come later"),
    ("policy/", "policy languages of others"),
    (
        "provenance/gcb/",
        "Cloud Build's answer around its provenance, under keys of its own",
    ),
    ("provenance/slsa-github-generator/", ONLINE),
    (
        "trust-roots/npm/",
        "npm's list of keys; its attestations are verified with a key of it",
    ),
    (
        "tuf/notary-v1",
        "TUF repositories: a trust root comes as its target",
    ),
    (
        "tuf/sigstore-root-history",
        "TUF repositories: a trust root comes as its target",
    ),
    (
        "tuf/sigstore-staging-root-history",
        "TUF repositories: a trust root comes as its target",
    ),
    (
        "vex/openvex_json_schema.json",
        "a schema, which is no document",
    ),
    (
        "x509/notation-revocation",
        "revocation lists: signing certificates live for minutes",
    ),
];

/// Prints which rows are read where, and fails when one is forgotten or an entry above is stale.
pub(crate) fn check(manifest: &Manifest, outcomes: &Outcomes) {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let mut forgotten = Vec::new();
    for row in manifest.all("") {
        let Some((prefix, how, what)) = reader(row, outcomes) else {
            forgotten.push(&row.path);
            continue;
        };
        used.insert(prefix);
        *counts.entry((how, what)).or_default() += 1;
    }
    println!("rows   read by, or why not");
    for ((how, what), count) in &counts {
        println!("{count:>4}   {how}{what}");
    }
    let not_claimed = counts.iter().filter(|((how, _), _)| *how == NO);
    let not_claimed: usize = not_claimed.map(|(_, count)| count).sum();
    println!("not claimed: {not_claimed} rows");
    let sum: usize = counts.values().sum();
    println!("{sum} of {} rows of the manifest", manifest.len());
    assert!(
        forgotten.is_empty(),
        "rows that nobody reads: {forgotten:#?}"
    );
    assert_eq!(sum, manifest.len());
    let entries = ELSEWHERE.iter().chain(&NOT_CLAIMED);
    let stale: Vec<&str> = entries
        .map(|(prefix, _)| *prefix)
        .filter(|prefix| !used.contains(prefix))
        .collect();
    assert!(stale.is_empty(), "entries that fit no row: {stale:?}");
    for (prefix, test) in ELSEWHERE {
        names(prefix, test);
    }
}

const HERE: &str = "this test";
const NO: &str = "not claimed: ";
const ONLINE: &str = "the log entry would have to be asked for online";

fn reader<'a>(row: &Row, outcomes: &Outcomes) -> Option<(&'a str, &'a str, &'a str)> {
    if outcomes.has_read(&row.path) {
        return Some(("", HERE, ""));
    }
    let fits = |(prefix, _): &&(&'a str, &'a str)| row.path.starts_with(prefix);
    // A schema lies in a folder of documents, and is none.
    let longest = |list: &'a [(&'a str, &'a str)]| {
        list.iter()
            .filter(fits)
            .max_by_key(|(prefix, _)| prefix.len())
    };
    let (elsewhere, no) = (longest(&ELSEWHERE), longest(&NOT_CLAIMED));
    // Only what asks a log: a row with a verdict that nobody reads is forgotten.
    if no.is_some_and(|(_, why)| *why == ONLINE) && row.expected != "needs-online-rekor" {
        return None;
    }
    match (elsewhere, no) {
        (Some((prefix, test)), Some((other, _))) if prefix.len() > other.len() => {
            Some((prefix, "", test))
        }
        (_, Some((prefix, why))) => Some((prefix, NO, why)),
        (Some((prefix, test)), None) => Some((prefix, "", test)),
        (None, None) => None,
    }
}

/// The test that is said to read a family is there, and names the family.
fn names(prefix: &str, test: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let source = std::fs::read_to_string(root.join(test)).unwrap();
    let family = prefix.split('/').next().unwrap();
    assert!(
        source.contains(prefix) || source.contains(&format!("\"{family}\"")),
        "{test} does not name {prefix}"
    );
}
