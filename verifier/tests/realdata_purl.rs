//! The test suite of the package URL specification, read in place: every case of every file.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::disallowed_methods,
    reason = "the suite lies on disk, and only the test knows"
)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly, and JSON values are indexed without panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sovverify::package::{PackageUrl, PurlError, PurlParts};
use sovverify_forge::realdata;

/// Cases that we answer otherwise than the suite: kind of test, input, what we answer, why.
const EXCEPTIONS: [(&str, &str, &str, &str); 2] = [
    (
        "parse",
        "pkg:gem/jruby-launcher@1.1.2?Platform=java",
        "parsed",
        "the suite contradicts itself: `validate` of the same text, and `parse` of two Maven texts, \
         want upper case in names of qualifiers lowered, as \"how to parse\" says",
    ),
    (
        "parse",
        "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25",
        "parsed",
        "as above",
    ),
];

/// Counts of one file.
#[derive(Default)]
struct Counts {
    cases: usize,
    agreed: usize,
    excepted: usize,
}

#[test]
fn every_case_of_the_suite_is_answered_as_expected() {
    let Some(folder) = suite() else {
        return;
    };
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    let mut unexpected = Vec::new();
    let mut used = BTreeSet::new();
    for (file, case) in cases(&folder) {
        let kind = case["test_type"].as_str().unwrap();
        let outcome = answer(kind, &case);
        let counts = table.entry(file.clone()).or_default();
        counts.cases += 1;
        let exception = EXCEPTIONS.iter().position(|(exception_kind, input, ..)| {
            *exception_kind == kind && case["input"].as_str() == Some(input)
        });
        match (outcome, exception) {
            (Ok(()), None) => counts.agreed += 1,
            (Err(found), Some(at)) if found.starts_with(EXCEPTIONS[at].2) => {
                counts.excepted += 1;
                used.insert(at);
            }
            (outcome, _) => unexpected.push(format!("{file}: {case}: {outcome:?}")),
        }
    }
    println!(
        "{:<32} {:>6} {:>7} {:>9}",
        "file", "cases", "agreed", "excepted"
    );
    for (file, counts) in &table {
        let Counts {
            cases,
            agreed,
            excepted,
        } = counts;
        println!("{file:<32} {cases:>6} {agreed:>7} {excepted:>9}");
    }
    for (kind, input, actual, reason) in EXCEPTIONS {
        println!("exception: {kind} `{input}`: {actual}: {reason}");
    }
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    assert!(!table.is_empty(), "the suite has no case");
    assert_eq!(used.len(), EXCEPTIONS.len(), "an exception is not needed");
}

/// The folder with the suite.
fn suite() -> Option<PathBuf> {
    Some(realdata()?.join("sbom/purl"))
}

/// Every case with the name of its file.
fn cases(folder: &Path) -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for case in document["tests"].as_array().unwrap() {
            cases.push((name.clone(), case.clone()));
        }
    }
    cases
}

/// Whether we answer as the case expects; otherwise what we answer.
fn answer(kind: &str, case: &Value) -> Result<(), String> {
    let input = &case["input"];
    let answered = match kind {
        "parse" => parse(input).map(|purl| parts_of(&purl)),
        "build" => build(input).map(|purl| Value::String(purl.to_string())),
        // `roundtrip` in suites of the older schema.
        "validate" | "roundtrip" => parse(input).map(|purl| Value::String(purl.to_string())),
        other => return Err(format!("unknown kind of test `{other}`")),
    };
    let should_fail = case["expected_failure"].as_bool().unwrap();
    match answered {
        Err(_) if should_fail => Ok(()),
        Err(error) => Err(format!("refused: {error}")),
        Ok(found) if should_fail => Err(format!("parsed: {found}")),
        Ok(found) if found == without_absent(&case["expected_output"]) => Ok(()),
        Ok(found) => Err(format!("differs: {found}")),
    }
}

fn parse(input: &Value) -> Result<PackageUrl, PurlError> {
    input.as_str().unwrap().parse()
}

fn build(input: &Value) -> Result<PackageUrl, PurlError> {
    let no_qualifiers = serde_json::Map::new();
    let qualifiers = input["qualifiers"].as_object().unwrap_or(&no_qualifiers);
    PackageUrl::new(&PurlParts {
        kind: input["type"].as_str().unwrap_or_default(),
        namespace: input["namespace"].as_str(),
        name: input["name"].as_str().unwrap_or_default(),
        version: input["version"].as_str(),
        qualifiers: qualifiers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap()))
            .collect(),
        subpath: input["subpath"].as_str(),
    })
}

/// The components as the suite writes them, without those that are absent.
fn parts_of(purl: &PackageUrl) -> Value {
    without_absent(&serde_json::json!({
        "type": purl.kind(),
        "namespace": purl.namespace(),
        "name": purl.name(),
        "version": purl.version(),
        "qualifiers": (!purl.qualifiers().is_empty()).then(|| purl.qualifiers()),
        "subpath": purl.subpath(),
    }))
}

fn without_absent(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        other => other.clone(),
    }
}
