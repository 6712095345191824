//! Row 35: for every field of a demand, evidence that violates that field and no other is refused.
//!
//! The table is held against the JSON Schema: a field without an entry fails the build, so that no
//! field can be parsed and then do nothing.

#[path = "fields/attestation.rs"]
mod attestation;
#[path = "fields/contents.rs"]
mod contents;
#[path = "fields/pool.rs"]
mod pool;
#[path = "fields/signing.rs"]
mod signing;

use std::collections::{BTreeMap, BTreeSet};
use std::slice::from_ref;

use serde_json::{Value, json};
use sovverify::policy::Selection;
use sovverify::{Appraisal, Code, Decision, PinnedImage};
use sovverify_forge::{Layout, Statement};

use crate::world::{World, codes, said, warnings};
use pool::Pool;

/// One field: what is demanded of it honestly, and a demand that the same evidence does not meet.
pub(crate) struct Field {
    /// The object and its member, as the schema names them.
    pub(crate) of: &'static str,
    /// Demands that the honest evidence meets.
    pub(crate) honest: String,
    /// Demands that differ in this field alone.
    pub(crate) lie: String,
    /// The evidence that does not meet them.
    pub(crate) pool: Pool,
    pub(crate) code: Code,
}

impl Field {
    /// `around` puts the text of the field into a whole requirement.
    pub(crate) fn new(
        of: &'static str,
        around: impl Fn(&str) -> String,
        [honest, lie]: [&str; 2],
        code: Code,
    ) -> Self {
        Self {
            of,
            honest: around(honest),
            lie: around(lie),
            pool: Pool::Honest,
            code,
        }
    }

    /// The demand stays, and the evidence does not meet it.
    pub(crate) fn unmet_by(of: &'static str, demand: String, pool: Pool, code: Code) -> Self {
        Self {
            of,
            honest: demand.clone(),
            lie: demand,
            pool,
            code,
        }
    }
}

fn table() -> Vec<Field> {
    let mut table = attestation::fields();
    table.extend(contents::fields());
    table.extend(signing::fields());
    table
}

/// Members that ask for nothing: names and words for people.
const SAYS_NOTHING: [&str; 2] = ["Condition.message", "Requirement.name"];
/// Members that the tests below this table are about.
const BELOW: [&str; 1] = ["Requirement.on"];

#[test]
fn gauntlet_035_every_field_of_a_demand_is_enforced() {
    let world = World::new();
    let first = world.policy("    - { name: signed, signature: { by: [release] } }");
    // Every policy here has the same signers, so one appraisal serves them all.
    let pools: BTreeMap<Pool, Appraisal> = Pool::ALL
        .into_iter()
        .map(|pool| (pool, world.appraise(&first, &pool.evidence(&world))))
        .collect();
    for appraisal in pools.values() {
        assert_eq!(
            appraisal.rejected,
            [],
            "the evidence of this table is genuine"
        );
    }
    for field in table() {
        let judged = |require: &str, pool: Pool| {
            let set = world.policy(require);
            set.evaluate(&pools[&pool], &Selection::default())
        };
        let honest = judged(&field.honest, Pool::Honest);
        let of = field.of;
        assert_eq!(
            honest.decision,
            Decision::Admit,
            "{of}: {}\n{}",
            field.honest,
            said(&honest)
        );
        let lie = judged(&field.lie, field.pool);
        assert_eq!(lie.decision, Decision::Deny, "{of}: {}", field.lie);
        let mut found = codes(&lie);
        found.extend(warnings(&lie));
        assert!(
            found.contains(&field.code),
            "{of}: {}: {found:?}",
            field.lie
        );
    }
}

#[test]
fn gauntlet_035_every_field_of_the_schema_has_a_test_in_which_only_it_is_violated() {
    let schema = sovverify::policy::schema();
    let definitions = schema["$defs"].as_object().unwrap();
    let mut members = BTreeSet::new();
    let (mut open, mut seen) = (vec!["Requirement", "ExceptionRule"], BTreeSet::new());
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        let definition = &definitions[name];
        let properties = definition["properties"].as_object();
        members.extend(
            properties
                .into_iter()
                .flatten()
                .map(|(member, _)| format!("{name}.{member}")),
        );
        references(definition, &mut open);
    }
    assert!(members.len() > 60, "the walk found {members:?}");
    let table = table();
    let tested: BTreeSet<String> = table
        .iter()
        .map(|field| field.of)
        .chain(SAYS_NOTHING)
        .chain(BELOW)
        .map(str::to_owned)
        .collect();
    let untested: Vec<&String> = members.difference(&tested).collect();
    assert!(
        untested.is_empty(),
        "fields without a negative test: {untested:?}"
    );
    let unknown: Vec<&String> = tested.difference(&members).collect();
    assert!(
        unknown.is_empty(),
        "tests of fields that do not exist: {unknown:?}"
    );
}

/// The names of the definitions that `schema` refers to.
fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|text| text.strip_prefix("#/$defs/")));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn gauntlet_035_evidence_on_the_index_is_none_on_the_platform_and_the_reverse() {
    let mut layout = Layout::new();
    let platform = layout.image("linux/amd64", "app");
    let index = layout.index(from_ref(&platform));
    let bytes = &layout.blobs[&index.digest];
    let (reference, digest) = (crate::world::IMAGE, index.digest.parse().unwrap());
    let image = PinnedImage::pin(
        reference.into(),
        reference.parse().ok(),
        digest,
        bytes,
        None,
    );
    let mut world = World::new();
    world.image = image.unwrap();
    let kind = crate::world::CUSTOM;
    let on = |place: &str| {
        world.policy(&format!(
            "    - {{ name: x, on: {place}, attestation: {{ type: \"{kind}\", by: [release] }} }}"
        ))
    };
    let attest = |digest: &str| {
        let mut evidence = world.stated("release", &Statement::new(kind, digest, json!({})));
        evidence.subject = digest.parse().unwrap();
        evidence
    };
    let (whole, part) = (attest(&index.digest), attest(&platform.digest));
    world.admits(&on("index"), from_ref(&whole));
    world.admits(&on("platform"), from_ref(&part));
    world.admits(&on("any"), from_ref(&whole));
    world.admits(&on("any"), from_ref(&part));
    // To which manifest a statement is attached is up to whoever pushes it. What it is about counts.
    let mut moved = part.clone();
    moved.subject = index.digest.parse().unwrap();
    world.admits(&on("platform"), from_ref(&moved));
    world.denies(&on("index"), &[moved], Code::AttestationMissing);
    world.denies(&on("index"), &[part], Code::AttestationMissing);
    world.denies(&on("platform"), &[whole], Code::AttestationMissing);
    world.denies(&on("any"), &[], Code::AttestationMissing);
}

#[test]
fn gauntlet_035_an_unknown_field_is_an_error_wherever_it_stands() {
    let world = World::new();
    for (object, text) in [
        (
            "Requirement",
            "{ name: x, signature: { by: [release] }, optional: true }",
        ),
        (
            "SignatureRule",
            "{ name: x, signature: { by: [release], minimum: 2 } }",
        ),
        (
            "AttestationRule",
            "{ name: x, attestation: { type: slsaprovenance1, by: [release], materials: [] } }",
        ),
        (
            "SourceRule",
            "{ name: x, attestation: { type: slsaprovenance1, by: [release], source: { exact: a, repository: b } } }",
        ),
        (
            "DependencyRule",
            "{ name: x, attestation: { type: slsaprovenance1, by: [release], dependencies: { include: [a], exclude: [b] } } }",
        ),
        (
            "Condition",
            "{ name: x, attestation: { type: spdx, by: [release], cel: [{ expression: \"true\", severity: high }] } }",
        ),
        (
            "SbomRule",
            "{ name: x, sbom: { by: [release], denied: { licenses: [MIT] } } }",
        ),
        (
            "Contents",
            "{ name: x, sbom: { by: [release], deny: { licenses: [MIT], package: [x] } } }",
        ),
        (
            "CoverageRule",
            "{ name: x, sbom: { by: [release], coverage: { purl: 1, cpe: 1 } } }",
        ),
        (
            "VulnerabilityRule",
            "{ name: x, vulnerabilities: { by: [scanner], maxseverity: high } }",
        ),
        (
            "VexRule",
            "{ name: x, vulnerabilities: { by: [scanner], vex: { by: [vendor], status: [fixed] } } }",
        ),
    ] {
        let refused = world.compile(&format!("    - {text}")).err();
        let refused = refused.unwrap_or_else(|| panic!("{object}: {text}"));
        assert!(
            refused.to_string().contains("policy.yaml:"),
            "{object}: {refused}"
        );
    }
}
