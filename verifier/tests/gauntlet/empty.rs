//! Row 30: what demands nothing is refused when it is loaded, with its place.

use crate::world::World;

/// Whole requirements.
const WHOLE: [&str; 10] = [
    "[]",
    "- { name: x }",
    "- { name: x, signature: { by: [] } }",
    "- { name: x, signature: {} }",
    "- { name: x, signature: { by: [release], atLeast: 0 } }",
    "- { name: x, signature: { by: [release], annotations: {} } }",
    "- { name: x, attestation: { type: vsa, by: [release] } }",
    "- { name: x, attestation: { type: \"\", by: [release] } }",
    "- { name: x, sbom: { by: [] } }",
    "- { name: x, vulnerabilities: {} }",
];
/// Conditions on provenance.
const PROVENANCE: [&str; 13] = [
    "parameters: {}",
    "source: {}",
    "source: { exact: \"\" }",
    "dependencies: {}",
    "dependencies: { include: [] }",
    "dependencies: { only: [] }",
    "cel: []",
    "builders: []",
    "builders: [{ id: b, level: 3 }]",
    "builder: \"\"",
    "level: 0",
    "reproducible: false",
    "maxAge: 0s",
];
/// Conditions on SBOMs.
const SBOM: [&str; 11] = [
    "formats: []",
    "profile: []",
    "hashes: []",
    "coverage: {}",
    "coverage: { purl: 0 }",
    "cel: []",
    "deny: {}",
    "allow: {}",
    "deny: { packages: [] }",
    "allow: { licenses: [] }",
    "maxAge: 0s",
];
/// Conditions on what is known to be wrong.
const VULNERABILITIES: [&str; 8] = [
    "by: []",
    "by: [scanner], vex: {}",
    "by: [scanner], vex: { by: [] }",
    "by: [scanner], vex: { by: [vendor], types: [] }",
    "by: [scanner], vex: { by: [vendor], statuses: [] }",
    "by: [scanner], vex: { by: [vendor], justifications: [] }",
    "by: [scanner], cel: []",
    "database: clean",
];
/// Conditions on verification summaries.
const SUMMARY: [&str; 3] = ["levels: []", "policy: {}", "policy: { uri: \"\" }"];
/// Rules for exceptions.
const EXCEPTIONS: [&str; 5] = [
    "by: []",
    "by: [first], requirements: []",
    "by: [first], maxImages: 0",
    "by: [first], maxValidity: 0s",
    "by: [first], atLeast: 0",
];

fn provenance(rest: &str) -> String {
    format!("    - {{ name: x, attestation: {{ type: slsaprovenance1, by: [release], {rest} }} }}")
}

fn sbom(rest: &str) -> String {
    format!("    - {{ name: x, sbom: {{ by: [release], {rest} }} }}")
}

fn vulnerabilities(rest: &str) -> String {
    format!("    - {{ name: x, vulnerabilities: {{ {rest} }} }}")
}

fn summary(rest: &str) -> String {
    format!("    - {{ name: x, attestation: {{ type: vsa, by: [release], verifier: v, {rest} }} }}")
}

fn exceptions(rest: &str) -> String {
    format!("    - {{ name: x, signature: {{ by: [release] }} }}\n  exceptions: {{ {rest} }}")
}

#[test]
fn gauntlet_030_what_demands_nothing_is_refused_when_it_is_loaded() {
    let world = World::new();
    for honest in [
        provenance("parameters: { workflow.path: x }"),
        sbom("formats: [spdx]"),
        vulnerabilities("by: [scanner]"),
        summary("levels: [SLSA_BUILD_LEVEL_3]"),
        exceptions("by: [first]"),
    ] {
        world.policy(&honest);
    }
    let mut lies: Vec<String> = WHOLE.map(|text| format!("    {text}")).into();
    lies.extend(PROVENANCE.map(provenance));
    lies.extend(SBOM.map(sbom));
    lies.extend(VULNERABILITIES.map(vulnerabilities));
    lies.extend(SUMMARY.map(summary));
    lies.extend(EXCEPTIONS.map(exceptions));
    for lie in lies {
        let refused = world.compile(&lie).err();
        let refused = refused.unwrap_or_else(|| panic!("this demands nothing: {lie}"));
        assert!(
            refused.to_string().contains("policy.yaml:"),
            "{lie}: {refused}"
        );
    }
}
