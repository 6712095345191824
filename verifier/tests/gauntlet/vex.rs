//! Row 166: who may say that a vulnerability does not matter, about what, and when.

use serde_json::json;
use sovverify::{Code, Digest};
use sovverify_forge::{Statement, days};

use crate::world::{OPENVEX, SCAN, World, codes, scan, vex, warnings};

const FOUND: &str = "CVE-2026-0001";
const PACKAGE: &str = "pkg:npm/greeting@0.3.1";
const RULE: &str =
    "    - { name: scan, vulnerabilities: { by: [scanner], vex: { by: [vendor] } } }";

#[test]
fn gauntlet_166_vex_of_whom_the_policy_does_not_name_suppresses_nothing() {
    let world = World::new();
    let set = world.policy(RULE);
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let by = |name: &str| world.attest(name, OPENVEX, vex(FOUND, PACKAGE, "not_affected"));
    let verdict = world.admits(&set, &[found.clone(), by("vendor")]);
    assert!(warnings(&verdict).contains(&Code::VexSuppressed));
    for name in ["release", "scanner", "first"] {
        let verdict = world.denies(&set, &[found.clone(), by(name)], Code::VulnerabilityFound);
        assert!(warnings(&verdict).contains(&Code::VexUntrusted), "{name}");
    }
    // Nobody speaks where the policy names nobody.
    let silent = world.policy("    - { name: scan, vulnerabilities: { by: [scanner] } }");
    world.denies(&silent, &[found, by("vendor")], Code::VulnerabilityFound);
}

#[test]
fn gauntlet_166_vex_counts_for_this_image_and_this_component_only() {
    let world = World::new();
    let set = world.policy(RULE);
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let hex = world.image.digest().hex();
    let image =
        format!("pkg:oci/app@sha256%3A{hex}?repository_url=registry.forge.example/acme/app");
    let other = Digest::sha256(b"another image");
    let other_image = image.replace(&hex, &other.hex());
    let says = |product: &str| world.attest("vendor", OPENVEX, vex(FOUND, product, "not_affected"));
    for product in [PACKAGE, "pkg:npm/greeting", &image] {
        world.admits(&set, &[found.clone(), says(product)]);
    }
    for product in [
        "pkg:npm/greeting@0.3.2",
        "pkg:npm/greetings",
        "pkg:pypi/greeting@0.3.1",
        &other_image,
        "app",
        "*",
    ] {
        world.denies(
            &set,
            &[found.clone(), says(product)],
            Code::VulnerabilityFound,
        );
    }
    // An honest statement about another image, attached to this one.
    let moved = Statement::new(
        OPENVEX,
        &other.to_string(),
        vex(FOUND, PACKAGE, "not_affected"),
    );
    let moved = world.stated("vendor", &moved);
    let verdict = world.denies(&set, &[found.clone(), moved], Code::VulnerabilityFound);
    assert!(!warnings(&verdict).contains(&Code::VexSuppressed));
    // Another vulnerability, and no vulnerability at all.
    for id in ["CVE-2026-00011", "CVE-2026-000", "*", ""] {
        let says = world.attest("vendor", OPENVEX, vex(id, PACKAGE, "not_affected"));
        world.denies(&set, &[found.clone(), says], Code::VulnerabilityFound);
    }
}

#[test]
fn gauntlet_166_of_contradicting_statements_the_stricter_one_counts() {
    let world = World::new();
    let set = world.policy(RULE);
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let says = |status: &str| vex(FOUND, PACKAGE, status);
    let mut older = says("not_affected");
    older["timestamp"] = json!("2020-01-01T00:00:00Z");
    let mut newer = says("not_affected");
    // A date in the document proves nothing: whoever signs can write any.
    newer["timestamp"] = json!("2026-03-02T23:59:59Z");
    let stricter = world.attest("vendor", OPENVEX, says("affected"));
    for laxer in [older, newer] {
        let laxer = world.attest("vendor", OPENVEX, laxer);
        for order in [[&found, &laxer, &stricter], [&stricter, &laxer, &found]] {
            let verdict = world.denies(&set, &order.map(Clone::clone), Code::VulnerabilityFound);
            assert!(warnings(&verdict).contains(&Code::VexConflict));
        }
        world.admits(&set, &[found.clone(), laxer]);
    }
}

#[test]
fn gauntlet_166_the_age_of_vex_is_that_of_its_signature() {
    let world = World::new();
    let set = world.policy("    - { name: scan, vulnerabilities: { by: [scanner], vex: { by: [vendor], maxAge: 7d } } }");
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let signed = |days_before: i64, written: &str| {
        let mut document = vex(FOUND, PACKAGE, "not_affected");
        document["timestamp"] = json!(written);
        let signing = world.signing_at("vendor", days(world.time, -days_before));
        world.attached(&signing.statement(&world.about(OPENVEX, document)))
    };
    world.admits(&set, &[found.clone(), signed(0, "2026-03-01T00:00:00Z")]);
    world.denies(
        &set,
        &[found, signed(20, "2026-03-02T12:00:00Z")],
        Code::VulnerabilityFound,
    );
}

#[test]
fn gauntlet_166_vex_that_cannot_be_read_or_lies_about_its_type_suppresses_nothing() {
    let world = World::new();
    let set = world.policy(RULE);
    let found = world.attest("scanner", SCAN, scan(&[(FOUND, "HIGH")]));
    let mut unjustified = vex(FOUND, PACKAGE, "not_affected");
    unjustified["statements"][0]
        .as_object_mut()
        .unwrap()
        .remove("justification");
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{ "type": "library", "name": "greeting", "purl": PACKAGE, "bom-ref": "g" }],
        "vulnerabilities": [{
            "id": FOUND,
            "analysis": { "state": "not_affected", "justification": "code_not_present" },
            "affects": [{ "ref": "g" }],
        }],
    });
    for (predicate, code) in [
        (unjustified, Code::VexMalformed),
        (
            json!({ "@context": OPENVEX, "statements": [] }),
            Code::VexMalformed,
        ),
        (json!({}), Code::VexMalformed),
        (json!(null), Code::AttestationPredicateMalformed),
        (vex(FOUND, PACKAGE, "irrelevant"), Code::VexMalformed),
        // A good document of another format than the type promises.
        (bom.clone(), Code::AttestationPredicateMismatch),
    ] {
        let says = world.attest("vendor", OPENVEX, predicate.clone());
        let verdict = world.denies(&set, &[found.clone(), says], Code::VulnerabilityFound);
        assert!(
            warnings(&verdict).contains(&code),
            "{predicate}: {:?}",
            warnings(&verdict)
        );
        // The same, where the document itself is demanded.
        let demanded =
            world.policy("    - { name: vex, attestation: { type: openvex, by: [vendor] } }");
        let says = world.attest("vendor", OPENVEX, predicate);
        let verdict = world.denies(&demanded, &[says], code);
        assert!(!codes(&verdict).is_empty());
    }
    let honest = world.attest("vendor", "https://cyclonedx.org/bom", bom);
    world.admits(&set, &[found, honest]);
    let csaf = world.policy("    - { name: vex, attestation: { type: csaf, by: [vendor] } }");
    let kind = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json";
    world.denies(
        &csaf,
        &[world.attest("vendor", kind, json!({}))],
        Code::VexMalformed,
    );
    let posing = world.attest("vendor", kind, vex(FOUND, PACKAGE, "fixed"));
    world.denies(&csaf, &[posing], Code::AttestationPredicateMismatch);
}
