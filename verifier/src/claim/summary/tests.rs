use serde_json::{Value, json};

use super::*;

fn honest() -> Value {
    json!({
        "verifier": { "id": "https://verifier.example", "version": { "v": "1.0" } },
        "timeVerified": "2026-01-02T03:04:05Z",
        "resourceUri": "registry.example/app",
        "policy": { "uri": "https://verifier.example/policy", "digest": { "sha256": "ab" } },
        "inputAttestations": [{ "uri": "https://a.example/1", "digest": { "sha256": "cd" } }],
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "ACME_REVIEWED"],
        "dependencyLevels": { "SLSA_BUILD_LEVEL_2": 5 },
        "slsaVersion": "1.0",
        "somethingNew": true,
    })
}

fn read(predicate_type: &str, predicate: &Value) -> Result<VerificationSummary, ContentError> {
    VerificationSummary::read(predicate_type, &predicate.to_string())
}

#[test]
fn a_summary_is_read_in_both_versions() {
    let new = read(SUMMARY_V1, &honest()).unwrap();
    assert_eq!(&*new.verifier, "https://verifier.example");
    assert_eq!(new.outcome, Outcome::Passed);
    assert_eq!(new.verified_levels.len(), 2);
    assert_eq!(new.dependency_levels["SLSA_BUILD_LEVEL_2"], 5);
    assert_eq!(new.policy.digests["sha256"], "ab");
    assert_eq!(new.input_attestations.len(), 1);
    assert_eq!(new.slsa_version.as_deref(), Some("1.0"));
    let old = json!({
        "verifier": { "id": "https://verifier.example" },
        "time_verified": "2026-01-02T03:04:05Z",
        "resource_uri": "registry.example/app",
        "policy": { "uri": "https://verifier.example/policy" },
        "input_attestations": [{ "uri": "https://a.example/1" }],
        "verification_result": "FAILED",
        "policy_level": "SLSA_LEVEL_3",
        "dependency_levels": { "SLSA_LEVEL_2": 5 },
    });
    let old = read(SUMMARY_V0_2, &old).unwrap();
    assert_eq!(old.outcome, Outcome::Failed);
    assert_eq!(old.time_verified, new.time_verified);
    assert_eq!(old.resource, new.resource);
    assert_eq!(&*old.verified_levels[0], "SLSA_LEVEL_3");
}

#[test]
fn a_summary_that_leaves_the_verdict_open_is_malformed() {
    for (member, value) in [
        ("verificationResult", json!("passed")),
        ("verificationResult", json!("UNKNOWN")),
        ("verificationResult", json!(true)),
        ("verificationResult", Value::Null),
        ("verifier", json!({})),
        ("verifier", json!({ "id": "" })),
        ("resourceUri", json!("")),
        ("policy", Value::Null),
        ("timeVerified", json!("yesterday")),
        ("verifiedLevels", json!("SLSA_BUILD_LEVEL_3")),
        ("dependencyLevels", json!({ "SLSA_BUILD_LEVEL_3": -1 })),
    ] {
        let mut lie = honest();
        lie[member] = value;
        let error = read(SUMMARY_V1, &lie).unwrap_err();
        assert_eq!(
            error.code,
            Code::AttestationPredicateMalformed,
            "{member}: {error}"
        );
    }
    let twice = honest()
        .to_string()
        .replacen('{', r#"{"verificationResult":"FAILED","#, 1);
    let error = VerificationSummary::read(SUMMARY_V1, &twice).unwrap_err();
    assert_eq!(error.code, Code::AttestationPredicateMalformed);
    let both = honest()
        .to_string()
        .replacen('{', r#"{"verification_result":"FAILED","#, 1);
    assert!(VerificationSummary::read(SUMMARY_V1, &both).is_err());
}

#[test]
fn provenance_is_no_summary() {
    let provenance = json!({ "buildDefinition": {}, "runDetails": {} });
    for (predicate_type, predicate) in [
        (SUMMARY_V1, &provenance),
        ("https://slsa.dev/provenance/v1", &honest()),
    ] {
        let error = read(predicate_type, predicate).unwrap_err();
        assert_eq!(
            error.code,
            Code::AttestationPredicateMismatch,
            "{predicate_type}"
        );
    }
    assert!(VerificationSummary::is_type(SUMMARY_V0_2));
    assert!(!VerificationSummary::is_type(
        "https://slsa.dev/verification_summary/v2"
    ));
}

#[test]
fn what_no_verifier_reads_reaches_a_limit() {
    let named = |count: usize| -> BTreeMap<String, u64> {
        (0..count).map(|n| (n.to_string(), 1)).collect()
    };
    let texts = |count: usize| -> BTreeMap<String, &str> {
        (0..count).map(|n| (n.to_string(), "0")).collect()
    };
    for (more, expected) in [(0, None), (1, Some(Code::LimitExceeded))] {
        for (member, value) in [
            (
                "inputAttestations",
                json!(vec![json!({}); MAX_INPUT_ATTESTATIONS + more]),
            ),
            ("verifiedLevels", json!(vec!["X"; MAX_LEVELS + more])),
            ("dependencyLevels", json!(named(MAX_LEVELS + more))),
            ("policy", json!({ "digest": texts(MAX_NAMED + more) })),
            (
                "verifier",
                json!({ "id": "v", "version": texts(MAX_NAMED + more) }),
            ),
        ] {
            let mut flood = honest();
            flood[member] = value;
            let refused = read(SUMMARY_V1, &flood).err().map(|error| error.code);
            assert_eq!(refused, expected, "{member}");
        }
    }
}
