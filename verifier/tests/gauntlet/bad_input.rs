//! Bad input that is well signed: each is a typed error or a denial with its place, within bounds.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sovverify::verify::Appraisal;
use sovverify::{Code, Decision, Digest, Verdict};
use sovverify_forge::Statement;

use crate::world::{CYCLONEDX, EXCEPTION, SCAN, World, codes, exception, said, scan, warnings};

const SPDX: &str = "https://spdx.dev/Document";
const SBOM: &str = "    - { name: sbom, sbom: { by: [release] } }";

/// Far above what a bounded verdict takes in this build, and far below what an unbounded one does.
const PATIENCE: Duration = Duration::from_mins(4);

/// Where a finding says the trouble is: the line of the policy, and the place in the document.
#[track_caller]
fn positioned(verdict: &Verdict) {
    let demands = verdict
        .policies
        .iter()
        .flat_map(|policy| &policy.requirements);
    let findings: Vec<_> = demands.flat_map(|demand| &demand.findings).collect();
    assert!(!findings.is_empty(), "{}", said(verdict));
    for finding in findings {
        assert!(finding.position.is_some(), "{finding:?}");
        assert!(
            !finding.expected.is_empty() && !finding.found.is_empty(),
            "{finding:?}"
        );
    }
}

#[test]
fn gauntlet_157_a_million_components_are_a_number_and_one_more_is_a_limit() {
    let world = World::new();
    let bom = |count: usize| {
        let mut text =
            String::from(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":["#);
        for n in 1..count {
            let _ = write!(text, r#"{{"type":"library","name":"{n}"}},"#);
        }
        text + r#"{"type":"library","name":"last"}]}"#
    };
    let set = world.policy(SBOM);
    // More than a bundle may carry: the bytes are refused before anything in them is counted.
    let flood = world.raw("release", CYCLONEDX, &bom(1_000_000));
    world.denies(&set, &[flood], Code::LimitExceeded);
    let many = world.raw("release", CYCLONEDX, &bom(200_000));
    let started = Instant::now();
    world.admits(&set, &[many]);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    // The reader itself stops at the million.
    let started = Instant::now();
    let error = sovverify::sbom::read(bom(1_000_001).as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::LimitExceeded, "{error}");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn gauntlet_165_relationships_that_form_a_circle_end() {
    let world = World::new();
    let mut circle = Statement::spdx(&world.digest(), "linux/amd64");
    let relation = |from: &str, kind: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to });
    let relations = circle.predicate["relationships"].as_array_mut().unwrap();
    for kind in ["DEPENDS_ON", "CONTAINS", "GENERATED_FROM"] {
        relations.push(relation("SPDXRef-greeting", kind, "SPDXRef-app"));
        relations.push(relation("SPDXRef-app", kind, "SPDXRef-app"));
        relations.push(relation("SPDXRef-app", kind, "SPDXRef-DOCUMENT"));
    }
    let demand =
        "    - { name: sbom, sbom: { by: [release], profile: [ntia-2021, bsi-tr-03183-2-v2.1] } }";
    let ntia = world.policy("    - { name: sbom, sbom: { by: [release], profile: ntia-2021 } }");
    world.admits(&ntia, &[world.stated("release", &circle)]);
    positioned(&world.judge(&world.policy(demand), &[world.stated("release", &circle)]));
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            { "type": "library", "name": "a", "bom-ref": "a" },
            { "type": "library", "name": "b", "bom-ref": "b" },
        ],
        "dependencies": [
            { "ref": "a", "dependsOn": ["b", "a"] },
            { "ref": "b", "dependsOn": ["a", "nowhere"] },
        ],
    });
    let started = Instant::now();
    let verdict = world.judge(
        &world.policy(demand),
        &[world.attest("release", CYCLONEDX, bom)],
    );
    assert_eq!(verdict.decision, Decision::Deny);
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn gauntlet_165_package_urls_and_licenses_that_are_none_are_never_allowed() {
    let world = World::new();
    let component = |purl: Value, license: Value| {
        let mut statement = Statement::spdx(&world.digest(), "linux/amd64");
        let package = &mut statement.predicate["packages"][1];
        package["externalRefs"][0]["referenceLocator"] = purl;
        package["licenseDeclared"] = license.clone();
        package["licenseConcluded"] = license;
        world.stated("release", &statement)
    };
    let allow = world.policy(r#"    - { name: sbom, sbom: { by: [release], allow: { packages: ["pkg:npm/*", "pkg:oci/*"], licenses: [Apache-2.0, MIT] } } }"#);
    let deny = world.policy(r#"    - { name: sbom, sbom: { by: [release], deny: { packages: ["pkg:npm/evil"], licenses: [AGPL-3.0-only] } } }"#);
    world.admits(
        &allow,
        &[component(json!("pkg:npm/greeting@0.3.1"), json!("MIT"))],
    );
    world.admits(
        &deny,
        &[component(json!("pkg:npm/greeting@0.3.1"), json!("MIT"))],
    );
    let long = format!("pkg:npm/{}", "a".repeat(100_000));
    for purl in [
        "",
        "pkg:",
        "pkg:npm",
        "pkg:npm/",
        "npm/greeting",
        "pkg:npm/%",
        "pkg:npm/%zz",
        "pkg:npm/%2e%2e%2fx@1",
        "PKG",
        &long,
    ] {
        let verdict = world.judge(&allow, &[component(json!(purl), json!("MIT"))]);
        let start: String = purl.chars().take(40).collect();
        if purl != long {
            assert_eq!(verdict.decision, Decision::Deny, "{start}");
            positioned(&verdict);
        }
    }
    let nested = format!("{}MIT{}", "(".repeat(10_000), ")".repeat(10_000));
    let wide = vec!["MIT"; 50_000].join(" OR ");
    for license in [
        "",
        "MIT AND",
        "AND",
        "MIT OR OR MIT",
        "(MIT",
        "GPL",
        "NOASSERTION",
        "NONE",
        "LicenseRef-x",
        "MIT WITH",
        "mit license",
        "MIT\u{0}",
        &nested,
    ] {
        let verdict = world.judge(
            &allow,
            &[component(json!("pkg:npm/greeting@0.3.1"), json!(license))],
        );
        let start: String = license.chars().take(40).collect();
        assert_eq!(verdict.decision, Decision::Deny, "{start}");
        positioned(&verdict);
    }
    let started = Instant::now();
    world.judge(
        &allow,
        &[component(json!("pkg:npm/greeting@0.3.1"), json!(wide))],
    );
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    // Spellings of what is denied are denied.
    for purl in [
        "pkg:npm/evil",
        "pkg:npm/evil@1.0.0",
        "pkg:NPM/evil@1",
        "pkg://npm/evil@1",
        "pkg:npm/%65vil@1",
        "pkg:npm/evil@1?x=y#z",
    ] {
        let evidence = [component(json!(purl), json!("MIT"))];
        let verdict = world.judge(&deny, &evidence);
        assert_eq!(verdict.decision, Decision::Deny, "{purl}");
    }
    for license in [
        "AGPL-3.0-only",
        "agpl-3.0-ONLY",
        "MIT AND AGPL-3.0-only",
        "(AGPL-3.0-only)",
    ] {
        let evidence = [component(json!("pkg:npm/greeting@0.3.1"), json!(license))];
        let verdict = world.judge(&deny, &evidence);
        assert_eq!(verdict.decision, Decision::Deny, "{license}");
    }
}

#[test]
fn gauntlet_165_a_predicate_that_lies_about_its_type_is_refused_as_that() {
    let world = World::new();
    let spdx = Statement::spdx(&world.digest(), "linux/amd64").predicate;
    let bom = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{ "type": "library", "name": "a" }] });
    let newer = Statement::slsa_v1(&world.digest()).predicate;
    let older = Statement::slsa_v02(&world.digest()).predicate;
    let any = |kind: &str| {
        format!("    - {{ name: x, attestation: {{ type: \"{kind}\", by: [release] }} }}")
    };
    let (slsa1, slsa02) = (
        "https://slsa.dev/provenance/v1",
        "https://slsa.dev/provenance/v0.2",
    );
    for (kind, honest, lie, code) in [
        (SPDX, &spdx, &bom, Code::SbomFormatMismatch),
        (CYCLONEDX, &bom, &spdx, Code::SbomFormatMismatch),
        (slsa1, &newer, &older, Code::AttestationPredicateMismatch),
        (slsa02, &older, &newer, Code::AttestationPredicateMismatch),
        (slsa1, &newer, &spdx, Code::AttestationPredicateMalformed),
    ] {
        let set = world.policy(&any(kind));
        world.admits(&set, &[world.attest("release", kind, honest.clone())]);
        positioned(&world.denies(&set, &[world.attest("release", kind, lie.clone())], code));
    }
    let set = world.policy(SBOM);
    world.denies(
        &set,
        &[world.attest("release", SPDX, bom.clone())],
        Code::SbomFormatMismatch,
    );
    // Two formats in one document are none.
    let mut both = bom;
    both.as_object_mut()
        .unwrap()
        .extend(spdx.as_object().unwrap().clone());
    for kind in [SPDX, CYCLONEDX] {
        let verdict = world.judge(&set, &[world.attest("release", kind, both.clone())]);
        assert_eq!(verdict.decision, Decision::Deny, "{kind}");
    }
    // A scan of one format under the type of another.
    let scanned = world.policy("    - { name: x, vulnerabilities: { by: [release] } }");
    world.admits(&scanned, &[world.attest("release", SCAN, scan(&[]))]);
    let posing = world.attest("release", crate::world::COSIGN_SCAN, scan(&[]));
    positioned(&world.denies(&scanned, &[posing], Code::VulnerabilityMalformed));
}

#[test]
fn gauntlet_166_an_exception_for_another_image_or_without_end_excuses_nothing() {
    let world = World::new();
    let set = world.policy(
        "    - { name: absent, signature: { by: [release] } }\n  exceptions: { by: [first] }",
    );
    let good = exception(&world.digest(), "2026-04-01T00:00:00Z");
    let verdict = world.admits(&set, &[world.attest("first", EXCEPTION, good.clone())]);
    assert!(
        warnings(&verdict).contains(&Code::ExceptionUsed),
        "it is said aloud"
    );
    let other = Digest::sha256(b"another image").to_string();
    let changed = |pointer: &str, value: Value| {
        let mut lie = good.clone();
        *lie.pointer_mut(pointer).unwrap() = value;
        lie
    };
    for (lie, code) in [
        (
            changed("/spec/images", json!([other])),
            Code::ExceptionOtherImage,
        ),
        (changed("/spec/images", json!([])), Code::ExceptionTooBroad),
        (
            changed("/spec/images", json!(["registry.forge.example/**"])),
            Code::ExceptionTooBroad,
        ),
        (
            changed("/spec/images", json!([crate::world::IMAGE])),
            Code::ExceptionTooBroad,
        ),
        (
            changed("/spec/requirements", json!([])),
            Code::ExceptionTooBroad,
        ),
        (
            changed("/spec/requirements", json!(["*"])),
            Code::ExceptionTooBroad,
        ),
        (
            changed("/spec/notAfter", json!("2026-03-03T00:00:00Z")),
            Code::ExceptionExpired,
        ),
        (
            changed("/spec/notAfter", json!("2036-04-01T00:00:00Z")),
            Code::ExceptionTooBroad,
        ),
        (
            changed("/spec/notAfter", json!("")),
            Code::ExceptionMalformed,
        ),
        (
            changed("/spec/reason", json!(" ")),
            Code::ExceptionMalformed,
        ),
        (changed("/spec/ticket", json!("")), Code::ExceptionMalformed),
        (
            changed("/kind", json!("Exception")),
            Code::ExceptionMalformed,
        ),
        (
            changed("/apiVersion", json!("v1")),
            Code::ExceptionMalformed,
        ),
        (changed("/spec", json!({})), Code::ExceptionMalformed),
        (Value::Null, Code::AttestationPredicateMalformed),
    ] {
        let verdict = world.denies(
            &set,
            &[world.attest("first", EXCEPTION, lie.clone())],
            Code::SignatureMissing,
        );
        assert!(
            warnings(&verdict).contains(&code),
            "{lie}: {:?}",
            warnings(&verdict)
        );
    }
    // By another signer, about another image in the statement, and where no exception may be.
    let stranger = world.attest("vendor", EXCEPTION, good.clone());
    let verdict = world.denies(&set, &[stranger], Code::SignatureMissing);
    assert!(warnings(&verdict).contains(&Code::ExceptionUntrusted));
    let moved = world.stated("first", &Statement::new(EXCEPTION, &other, good.clone()));
    let verdict = world.denies(&set, &[moved], Code::SignatureMissing);
    assert!(warnings(&verdict).contains(&Code::ExceptionOtherImage));
    let closed = world.policy("    - { name: absent, signature: { by: [release] } }");
    let verdict = world.denies(
        &closed,
        &[world.attest("first", EXCEPTION, good)],
        Code::SignatureMissing,
    );
    assert!(warnings(&verdict).contains(&Code::ExceptionUntrusted));
}

#[test]
fn gauntlet_151_evidence_beyond_the_bound_is_refused_aloud() {
    let world = World::new();
    let set = world.policy(SBOM);
    let good = world.spdx();
    let bad = world.bytes(b"{}".to_vec());
    let appraised = |good_at: usize| -> Appraisal {
        let mut evidence = vec![bad.clone(); 300];
        evidence[good_at] = good.clone();
        world.appraise(&set, &evidence)
    };
    assert_eq!(appraised(255).verified.len(), 1);
    let beyond = appraised(256);
    assert!(beyond.verified.is_empty());
    let limits = beyond
        .rejected
        .iter()
        .filter(|no| no.code == Code::LimitExceeded);
    assert_eq!(limits.count(), 300 - 256);
    let mut evidence = vec![bad; 300];
    evidence[299] = good;
    let verdict = world.denies(&set, &evidence, Code::LimitExceeded);
    assert!(!codes(&verdict).is_empty());
}
