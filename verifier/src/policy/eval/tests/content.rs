//! Rules on content: one statement must meet them all, and each that does not says why, with the line.

use super::world::*;
use super::*;
use crate::digest::Digest;

const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

/// A requirement of a custom attestation with these conditions.
fn required(conditions: &str) -> PolicySet {
    let line = format!(
        "    - name: built\n      attestation: {{ type: \"https://example.com/built/v1\", by: [release], {conditions} }}"
    );
    policy("enforce", "", &line)
}

fn world(set: &PolicySet, predicates: &[&str]) -> Appraisal {
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    for predicate in predicates {
        let content = stated("https://example.com/built/v1", &root, predicate);
        world.verified.push(attested(set, &root, content));
    }
    world
}

#[test]
fn conditions_are_met_by_one_statement_or_by_none() {
    let set = required(
        "cel: [{ expression: \"predicate.a == 1\" }, { expression: \"predicate.b == 2\", message: \"b is wrong\" }]",
    );
    let both = verdict(&set, &world(&set, &[r#"{"a":1,"b":2}"#]));
    assert_eq!(both.decision, Decision::Admit);
    let beside = verdict(
        &set,
        &world(&set, &[r#"{"a":9,"b":9}"#, r#"{"a":1,"b":2}"#]),
    );
    assert_eq!(beside.decision, Decision::Admit);
    let spread = verdict(
        &set,
        &world(&set, &[r#"{"a":1,"b":3}"#, r#"{"a":2,"b":2}"#]),
    );
    assert_eq!(spread.decision, Decision::Deny);
    assert_eq!(codes(&spread), ["expression/unmet"]);
    let finding = &spread.policies[0].requirements[0].findings[0];
    assert_eq!(finding.because.len(), 2);
    assert!(finding.position.is_some());
}

#[test]
fn an_expression_that_fails_denies() {
    for (expression, predicate, code) in [
        ("predicate.a == 1", "{}", "expression/failed"),
        ("predicate.a < 1", r#"{"a":"x"}"#, "expression/failed"),
        (
            "predicate.list.all(x, x > 0)",
            r#"{"list":[1,-1]}"#,
            "expression/unmet",
        ),
        (
            "predicate.list.all(x, x > 0)",
            r#"{"list":7}"#,
            "expression/failed",
        ),
        (
            "now < timestamp('2026-03-01T00:00:00Z')",
            "{}",
            "expression/unmet",
        ),
        (
            "signature.issuer == 'https://elsewhere.example'",
            "{}",
            "expression/unmet",
        ),
        ("image.digest == ''", "{}", "expression/unmet"),
        ("statement.subjects.size() == 0", "{}", "expression/unmet"),
    ] {
        let set = required(&format!("cel: [{{ expression: \"{expression}\" }}]"));
        let denied = verdict(&set, &world(&set, &[predicate]));
        assert_eq!(denied.decision, Decision::Deny, "{expression}");
        let finding = &denied.policies[0].requirements[0].findings[0];
        assert_eq!(codes(&denied), [code], "{expression}: {}", finding.found);
    }
    let set = required(
        "cel: [{ expression: \"signature.issuer == 'https://issuer.example' && image.registry == 'registry.example' && signature.times[0] < now && signature.claims['sourceRepository'] == 'https://git.example/app'\" }]",
    );
    let honest = verdict(&set, &world(&set, &["{}"]));
    assert_eq!(honest.decision, Decision::Admit, "{honest:?}");
}

#[test]
fn age_counts_by_proven_time_alone() {
    // Signed at 2026-03-02T11:04:05Z, judged at 2026-03-03T00:00:00Z.
    for (longest, decision) in [("12h", Decision::Deny), ("13h", Decision::Admit)] {
        let set = required(&format!("maxAge: {longest}"));
        let world = world(&set, &[r#"{"timestamp":"2026-03-03T00:00:00Z"}"#]);
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, decision, "{longest}");
        if decision == Decision::Deny {
            assert_eq!(codes(&verdict), ["attestation/too-old"]);
        }
    }
    let set = required("maxAge: 52w");
    let mut timeless = world(&set, &["{}"]);
    let bare = Claim {
        times: Vec::new(),
        ..Claim::clone(&timeless.verified[0])
    };
    timeless.verified = vec![Verified::for_tests(bare)];
    let verdict = verdict(&set, &timeless);
    assert_eq!(codes(&verdict), ["attestation/too-old"]);
}

#[test]
fn the_newest_of_many_is_named_first() {
    let set = required("cel: [{ expression: \"predicate.ok\" }]");
    let mut world = world(&set, &[r#"{"ok":false,"n":1}"#, r#"{"ok":false,"n":2}"#]);
    let newer = "2026-03-02T18:00:00Z".parse().unwrap();
    let mut second = Claim::clone(&world.verified[1]);
    second.times[0].time = newer;
    let second_blob = second.origin.blob.clone();
    for order in [[0, 1], [1, 0]] {
        let both = [
            world.verified[0].clone(),
            Verified::for_tests(second.clone()),
        ];
        world.verified = order.map(|at: usize| both[at].clone()).to_vec();
        let verdict = verdict(&set, &world);
        let finding = &verdict.policies[0].requirements[0].findings[0];
        assert_eq!(finding.because[0].origin.blob, second_blob);
        world.verified = vec![both[0].clone()];
    }
}

#[test]
fn an_attested_scan_of_another_shape_is_no_clean_scan() {
    let line = "    - { name: scanned, vulnerabilities: { by: [release], maxSeverity: high } }";
    let set = policy("enforce", "", line);
    let root = image().digest().clone();
    let scanned = |predicate: &str| {
        let mut world = appraisal(image());
        let content = stated(SCAN, &root, predicate);
        world.verified.push(attested(&set, &root, content));
        verdict(&set, &world)
    };
    let scan = |result: &str| {
        format!(
            r#"{{"invocation":{{}},"scanner":{{"uri":"pkg:generic/trivy","version":"1","db":{{}},"result":{result}}},"metadata":{{"scanStartedOn":"2026-03-02T10:00:00Z","scanFinishedOn":"2026-03-02T10:01:00Z"}}}}"#
        )
    };
    let trivy = |severity: &str| {
        scan(&format!(
            r#"{{"SchemaVersion":2,"Results":[{{"Target":"app","Vulnerabilities":[{{"VulnerabilityID":"CVE-2026-1","PkgName":"zlib","InstalledVersion":"1.0","Severity":"{severity}"}}]}}]}}"#
        ))
    };
    assert_eq!(scanned(&trivy("HIGH")).decision, Decision::Admit);
    for (predicate, code) in [
        (trivy("CRITICAL"), "vulnerability/found"),
        (trivy("UNKNOWN"), "vulnerability/found"),
        (scan(r#"{"critical":0}"#), "vulnerability/malformed"),
        (scan("null"), "vulnerability/malformed"),
        ("{}".to_owned(), "vulnerability/malformed"),
    ] {
        let denied = scanned(&predicate);
        assert_eq!(codes(&denied), [code], "{predicate}");
    }
}

#[test]
fn an_unsigned_sbom_is_named_and_does_not_count() {
    let set = policy(
        "enforce",
        "",
        "    - { name: sbom, sbom: { by: [release] } }",
    );
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    assert_eq!(codes(&verdict(&set, &world)), ["attestation/missing"]);
    world.unsigned.push(crate::verify::Unsigned {
        subject: root,
        origin: origin("sbom"),
        announced: "application/spdx+json".to_owned(),
    });
    let denied = verdict(&set, &world);
    assert_eq!(denied.decision, Decision::Deny);
    assert_eq!(codes(&denied), ["sbom/unsigned"]);
}

#[test]
fn a_statement_that_lies_about_its_type_does_not_count() {
    let provenance = "https://slsa.dev/provenance/v1";
    let line = "    - { name: provenance, attestation: { type: slsa-provenance, by: [release] } }";
    let set = policy("enforce", "", line);
    let mut world = appraisal(image());
    let root = world.image.digest().clone();
    let other_version = stated(
        provenance,
        &root,
        r#"{"builder":{"id":"x"},"buildType":"y"}"#,
    );
    world.verified.push(attested(&set, &root, other_version));
    let denied = verdict(&set, &world);
    assert_eq!(codes(&denied), ["attestation/predicate-mismatch"]);
}

#[test]
fn subjects_of_other_images_do_not_make_evidence() {
    let set = required("cel: [{ expression: \"true\" }]");
    let mut world = appraisal(image());
    let other = Digest::sha256(b"other");
    let content = stated("https://example.com/built/v1", &other, "{}");
    world.verified.push(attested(&set, &other, content));
    assert_eq!(codes(&verdict(&set, &world)), ["attestation/missing"]);
}

#[test]
fn a_fresh_signature_on_an_old_verification_is_an_old_verification() {
    let summary = "https://slsa.dev/verification_summary/v1";
    let line = "    - { name: vetted, attestation: { type: vsa, by: [release], verifier: https://verifier.example, maxAge: 7d } }";
    let set = policy("enforce", "", line);
    let root = image().digest().clone();
    for (time, decision) in [
        ("\"2026-03-01T00:00:00Z\"", Decision::Admit),
        ("\"2026-02-01T00:00:00Z\"", Decision::Deny),
        ("\"2026-03-09T00:00:00Z\"", Decision::Deny),
        ("null", Decision::Deny),
    ] {
        let predicate = format!(
            r#"{{"verifier":{{"id":"https://verifier.example"}},"timeVerified":{time},"resourceUri":"pkg:oci/app","policy":{{"uri":"https://policy.example"}},"verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"]}}"#
        );
        let mut world = appraisal(image());
        let content = stated(summary, &root, &predicate);
        world.verified.push(attested(&set, &root, content));
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, decision, "{time}: {:?}", codes(&verdict));
        if decision == Decision::Deny {
            assert_eq!(codes(&verdict), ["attestation/too-old"], "{time}");
        }
    }
}

#[test]
fn a_condition_needs_only_what_it_names() {
    let bom = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a","version":"1"}]}"#;
    for (expression, decision) in [
        ("sbom.componentCount == 1", Decision::Admit),
        ("vulnerabilities.total == 0", Decision::Deny),
    ] {
        let line = format!(
            "    - {{ name: sbom, attestation: {{ type: cyclonedx, by: [release], cel: [{{ expression: \"{expression}\" }}] }} }}"
        );
        let set = policy("enforce", "", &line);
        let mut world = appraisal(image());
        let root = world.image.digest().clone();
        let content = stated("https://cyclonedx.org/bom", &root, bom);
        world.verified.push(attested(&set, &root, content));
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, decision, "{expression}: {verdict:?}");
    }
}

#[test]
fn an_sbom_of_one_platform_is_none_of_another() {
    let line = "    - { name: sbom, on: platform, sbom: { by: [release], subject: image } }";
    let set = policy("enforce", "platforms: [linux/amd64]", line);
    let (amd, arm) = (Digest::sha256(&[1]), Digest::sha256(&[2]));
    let root = image().digest().clone();
    for (about, decision) in [
        (&amd, Decision::Admit),
        (&root, Decision::Admit),
        (&arm, Decision::Deny),
    ] {
        let bom = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"container","name":"app","version":"{about}"}}}},"components":[{{"type":"library","name":"a","version":"1"}}]}}"#
        );
        let mut world = appraisal(image());
        let content = stated("https://cyclonedx.org/bom", &amd, &bom);
        world.verified.push(attested(&set, &amd, content));
        let verdict = verdict(&set, &world);
        assert_eq!(verdict.decision, decision, "{about}: {:?}", codes(&verdict));
    }
}
