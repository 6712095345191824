//! Every predicate of the corpus is read, and says what the manifest knows.

use std::collections::BTreeMap;

use sovverify::Code;
use sovverify::claim::provenance::{Provenance, source_matches};
use sovverify::claim::summary::{Outcome, VerificationSummary};

use super::corpus::{Corpus, Predicate};

/// Provenance that names no source, with the reason.
const WITHOUT_SOURCE: [(&str, &str); 1] = [(
    "bundles/sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json",
    "made by hand: a builder and a build type are all that it says",
)];

pub(crate) fn run(corpus: &Corpus) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in corpus.rows() {
        let (path, kind) = (row[0].as_str(), row[1].as_str());
        let predicates = if kind.contains("slsa-provenance") && kind.starts_with("oci-layout") {
            corpus.attached(path)
        } else if kind.starts_with("slsa-provenance:")
            || kind.starts_with("sigstore-bundle:https://slsa.dev/")
            || path.starts_with("provenance/slsa-source/")
            || kind.starts_with("vsa-dsse")
        {
            corpus.predicates(path)
        } else {
            continue;
        };
        assert!(!predicates.is_empty(), "{path}: no statement");
        for predicate in &predicates {
            *counts.entry(one(row, predicate)).or_default() += 1;
        }
    }
    println!("predicates        as expected");
    for (what, count) in &counts {
        println!("{what:<17} {count}");
    }
    for what in ["provenance v0.2", "provenance v1", "summary", "neither"] {
        assert!(counts.contains_key(what), "no {what}");
    }
}

fn one(row: &[String], predicate: &Predicate) -> &'static str {
    let path = row[0].as_str();
    if VerificationSummary::is_type(&predicate.kind) {
        let summary = VerificationSummary::read(&predicate.kind, &predicate.text).unwrap();
        self::summary(row, &summary);
        return "summary";
    }
    if Provenance::is_type(&predicate.kind) {
        let provenance = Provenance::read(&predicate.kind, &predicate.text)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        self::provenance(row, &provenance);
        return match provenance.version.name() {
            "v1" => "provenance v1",
            _ => "provenance v0.2",
        };
    }
    // npm's publish attestation and provenance of the source track are other predicates.
    let error = Provenance::read(&predicate.kind, &predicate.text).unwrap_err();
    assert_eq!(error.code, Code::AttestationPredicateMismatch, "{path}");
    let error = VerificationSummary::read(&predicate.kind, &predicate.text).unwrap_err();
    assert_eq!(error.code, Code::AttestationPredicateMismatch, "{path}");
    // What is no provenance is none under its name either.
    let error = Provenance::read("https://slsa.dev/provenance/v1", &predicate.text).unwrap_err();
    assert_eq!(error.code, Code::AttestationPredicateMalformed, "{path}");
    "neither"
}

fn provenance(row: &[String], provenance: &Provenance) {
    let (path, identity) = (row[0].as_str(), row[4].as_str());
    let builder = provenance.builder_id.as_deref().unwrap_or_default();
    assert!(!builder.is_empty(), "{path}: no builder");
    let excused = WITHOUT_SOURCE.iter().any(|(known, _)| *known == path);
    assert_eq!(provenance.source.is_none(), excused, "{path}");
    let Some(source) = &provenance.source else {
        return;
    };
    assert!(
        provenance.is_from(&source.uri),
        "{path}: contradicts itself"
    );
    assert!(source.commit().is_some(), "{path}: no commit");
    if let Some(named) = named_source(row) {
        assert!(provenance.is_from(named), "{path}: {named}");
        assert!(!provenance.is_from(&format!("{named}2")), "{path}: {named}");
    }
    // The certificate speaks for a workflow: that of the builder, or that of the source.
    if let Some(repository) = repository(identity) {
        let of_builder = repository == crate::reading::repository(builder).unwrap_or_default();
        let of_source = source_matches(&repository, &source.uri);
        // A delegator signs for builders of others, and its own repository defines the build type.
        let delegator = format!("{repository}/delegator");
        let of_delegator = provenance.build_type.starts_with(&delegator);
        assert!(
            of_builder || of_source || of_delegator,
            "{path}: {identity}, {builder}, {}",
            source.uri
        );
    }
}

fn summary(row: &[String], summary: &VerificationSummary) {
    let (path, identity) = (row[0].as_str(), row[4].as_str());
    assert_eq!(summary.outcome, Outcome::Passed, "{path}");
    assert!(!summary.verified_levels.is_empty(), "{path}");
    assert!(summary.time_verified.is_some(), "{path}");
    match repository(identity) {
        Some(repository) => assert_eq!(&*summary.verifier, repository, "{path}"),
        None => assert!(row[11].contains(&*summary.verifier), "{path}"),
    }
}

/// The repository of a workflow on GitHub.
fn repository(workflow: &str) -> Option<String> {
    let (repository, _) = workflow.split_once("/.github/workflows/")?;
    Some(repository.to_owned())
}

/// The source that the manifest's note names.
fn named_source(row: &[String]) -> Option<&str> {
    let note = row.get(11)?;
    let (_, source) = note.split_once("source github.com/")?;
    let length = source.split_whitespace().next()?.len();
    let start = note.len() - source.len() - "github.com/".len();
    note.get(start..start + "github.com/".len() + length)
}
