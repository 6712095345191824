//! "Classical and ML-DSA both" is a requirement of two signers: it admits with both signatures, and
//! denies when either is missing, whichever it is.

use std::collections::BTreeMap;

use sovverify::policy::{ArtifactVerdict, Documents, FileKey, PolicySet, Source};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Code, Decision, Digest, Limits, VerificationTime};
use sovverify_forge::{Bundle, Forge, Key, KeyKind, SIGNING_TIME, at, days};

use crate::disk::repository;

const ARTIFACT: &[u8] = b"an artifact";

/// The shipped policy with the forge's keys and trusted root in place of the examples.
fn shipped(forge: &Forge, classical: &Key, quantum_safe: &Key) -> PolicySet {
    let path = repository().join("policies/classical-and-quantum-safe.yaml");
    let source = Source {
        file: "policy.yaml".to_owned(),
        text: std::fs::read_to_string(path).unwrap(),
    };
    let documents = Documents::parse(&[source]).unwrap();
    let requests = documents.file_requests();
    assert_eq!(requests.len(), 3, "a trusted root and two keys");
    let files: BTreeMap<FileKey, Vec<u8>> = requests
        .into_iter()
        .map(|request| {
            let content = match request.key.path.as_str() {
                "keys/custodian-ada.pub" => classical.public_pem(),
                "keys/quantum-safe.pub" => quantum_safe.public_pem(),
                _ => forge.trusted_root().text(),
            };
            (request.key, content.into_bytes())
        })
        .collect();
    documents.compile(&files).unwrap()
}

fn evaluate(set: &PolicySet, bundles: &[&Bundle], time: VerificationTime) -> ArtifactVerdict {
    let mut verified = Vec::new();
    let mut rejected = Vec::new();
    for bundle in bundles {
        for (id, _) in set.trust_store().iter() {
            let (trust, limits) = (set.trust_store(), Limits::default());
            let artifact = Artifact::Bytes(ARTIFACT);
            match verify_bundle(&bundle.bytes(), &artifact, trust, id, time, &limits) {
                Ok(claim) => verified.push(claim),
                Err(no) => rejected.push(*no),
            }
        }
    }
    set.evaluate_artifact(&Digest::sha256(ARTIFACT), &verified, &rejected, time)
}

#[test]
fn classical_and_quantum_safe_signatures_are_both_needed() {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let classical = Key::generate(KeyKind::EcdsaP384);
    let quantum_safe = Key::generate(KeyKind::MlDsa65);
    let set = shipped(&forge, &classical, &quantum_safe);
    let sign = |key: &Key| {
        let signing = forge.keyed(key, time).unlogged().timestamped(1);
        signing.message(ARTIFACT)
    };
    let (one, two) = (sign(&classical), sign(&quantum_safe));
    let now = VerificationTime::at(days(time, 1));
    let decision = |bundles: &[&Bundle]| evaluate(&set, bundles, now).decision;
    assert_eq!(decision(&[&one, &two]), Decision::Admit);
    assert_eq!(decision(&[&two, &one]), Decision::Admit);
    assert_eq!(decision(&[]), Decision::Deny);
    for alone in [&one, &two] {
        // Twice the same signer is one signer.
        let verdict = evaluate(&set, &[alone, alone], now);
        assert_eq!(verdict.decision, Decision::Deny);
        let findings = &verdict.policies[0].requirements[0].findings;
        assert_eq!(findings[0].code, Code::SignatureThreshold, "{findings:?}");
    }
    // A second classical key is not quantum-safe, though its holder signs as somebody else.
    let stranger = sign(&Key::generate(KeyKind::EcdsaP256));
    assert_eq!(decision(&[&one, &stranger]), Decision::Deny);
    // ML-DSA-44 is not of the profile, even under the right name.
    let small = Key::generate(KeyKind::MlDsa44);
    let set = shipped(&forge, &classical, &small);
    let verdict = evaluate(&set, &[&one, &sign(&small)], now);
    let findings = &verdict.policies[0].requirements[0].findings;
    let because = findings[0].because.iter().map(|no| no.code);
    assert_eq!(verdict.decision, Decision::Deny);
    assert!(
        because
            .chain([findings[0].code])
            .any(|code| code == Code::KeyAlgorithmForbidden)
    );
}

#[test]
fn after_2035_a_classical_signature_warns_only_where_it_stands_alone() {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let classical = Key::generate(KeyKind::EcdsaP384);
    let quantum_safe = Key::generate(KeyKind::MlDsa65);
    let sign = |key: &Key| {
        let signing = forge.keyed(key, time).unlogged().timestamped(1);
        signing.message(ARTIFACT)
    };
    let (one, two) = (sign(&classical), sign(&quantum_safe));
    let now = VerificationTime::at(at("2036-02-01T00:00:00Z"));
    let about_signatures = |verdict: &ArtifactVerdict| {
        let expected = verdict.warnings.iter().map(|warning| &warning.expected);
        expected
            .filter(|text| text.contains("role `signature`"))
            .count()
    };
    let both = shipped(&forge, &classical, &quantum_safe);
    let verdict = evaluate(&both, &[&one, &two], now);
    assert_eq!(verdict.decision, Decision::Admit);
    assert_eq!(about_signatures(&verdict), 0, "{:?}", verdict.warnings);
    let timestamps = verdict.warnings.iter();
    assert!(
        timestamps.clone().count() > 0,
        "the timestamps are classical"
    );
    // Two classical signers: the second stands where the quantum-safe one should.
    let other = Key::generate(KeyKind::EcdsaP256);
    let classical_twice = shipped(&forge, &classical, &other);
    let verdict = evaluate(&classical_twice, &[&one, &sign(&other)], now);
    assert_eq!(verdict.decision, Decision::Admit);
    assert_eq!(about_signatures(&verdict), 2, "{:?}", verdict.warnings);
}
