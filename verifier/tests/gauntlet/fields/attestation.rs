//! Attestations: any kind, provenance, verification summaries.

use sovverify::Code;
use sovverify_forge::{RELEASE_WORKFLOW, REPOSITORY};

use super::Field;
use super::pool::{COMMIT, Pool};
use crate::world::CUSTOM;

const BUILD_TYPE: &str = "https://ci.forge.example/buildtypes/workflow/v1";

pub(super) fn fields() -> Vec<Field> {
    let mut fields = any_kind();
    fields.extend(provenance());
    fields.extend(source());
    fields.extend(dependencies());
    fields.extend(levels());
    fields.extend(summary());
    fields.extend(summary_policy());
    fields
}

fn of_type(kind: &str, rest: &str) -> String {
    format!("    - {{ name: x, attestation: {{ type: \"{kind}\", by: [release], {rest} }} }}")
}

/// Provenance v1.
fn newer(rest: &str) -> String {
    of_type("slsaprovenance1", rest)
}

/// Provenance v0.2.
fn older(rest: &str) -> String {
    of_type("slsaprovenance02", rest)
}

fn any_kind() -> Vec<Field> {
    let custom = |rest: &str| format!("    - {{ name: x, attestation: {{ {rest} }} }}");
    let by = |rest: &str| custom(&format!("type: \"{CUSTOM}\", {rest}"));
    let cel = |expression: &str| by(&format!("by: [release], cel: [{expression}]"));
    let demand = by("by: [release]");
    vec![
        Field::unmet_by(
            "Requirement.attestation",
            demand,
            Pool::Empty,
            Code::AttestationMissing,
        ),
        Field::new(
            "AttestationRule.type",
            |kind| custom(&format!("type: \"{kind}\", by: [release]")),
            [CUSTOM, "https://acme.example/reviewed/v2"],
            Code::AttestationMissing,
        ),
        Field::new(
            "AttestationRule.by",
            by,
            ["by: [release]", "by: [scanner]"],
            Code::AttestationUntrusted,
        ),
        Field::new(
            "AttestationRule.atLeast",
            |count| by(&format!("by: [release, scanner], atLeast: {count}")),
            ["1", "2"],
            Code::AttestationThreshold,
        ),
        Field::new(
            "AttestationRule.maxAge",
            |age| by(&format!("by: [release], maxAge: {age}")),
            ["2d", "1h"],
            Code::AttestationTooOld,
        ),
        Field::new(
            "AttestationRule.cel",
            cel,
            [
                "{ expression: \"predicate.ok\" }",
                "{ expression: \"!predicate.ok\" }",
            ],
            Code::ExpressionUnmet,
        ),
        Field::new(
            "Condition.expression",
            |text| {
                cel(&format!(
                    "{{ expression: \"{text}\", message: \"as it should be\" }}"
                ))
            },
            [
                "now > timestamp('2026-01-01T00:00:00Z')",
                "now < timestamp('2026-01-01T00:00:00Z')",
            ],
            Code::ExpressionUnmet,
        ),
    ]
}

fn provenance() -> Vec<Field> {
    let matcher = |field: &'static str, around: fn(&str) -> String| {
        move |text: &str| around(&format!("{field}: {{ exact: \"{text}\" }}"))
    };
    vec![
        Field::new(
            "AttestationRule.builder",
            matcher("builder", newer),
            [RELEASE_WORKFLOW, "https://ci.forge.example/other"],
            Code::ProvenanceBuilderMismatch,
        ),
        Field::new(
            "AttestationRule.buildType",
            matcher("buildType", newer),
            [
                BUILD_TYPE,
                "https://ci.forge.example/buildtypes/workflow/v2",
            ],
            Code::ProvenanceConditionUnmet,
        ),
        Field::new(
            "AttestationRule.entryPoint",
            matcher("entryPoint", older),
            [
                ".github/workflows/release.yml",
                ".github/workflows/test.yml",
            ],
            Code::ProvenanceConditionUnmet,
        ),
        Field::new(
            "AttestationRule.invocation",
            matcher("invocation", newer),
            [
                "https://ci.forge.example/acme/app/runs/1001/attempts/1",
                "https://ci.forge.example/acme/app/runs/1001/attempts/2",
            ],
            Code::ProvenanceConditionUnmet,
        ),
        Field::new(
            "AttestationRule.parameters",
            |text| newer(&format!("parameters: {{ workflow.path: \"{text}\" }}")),
            [
                ".github/workflows/release.yml",
                ".github/workflows/test.yml",
            ],
            Code::ProvenanceConditionUnmet,
        ),
        Field::new(
            "AttestationRule.reproducible",
            |kind| of_type(kind, "reproducible: true"),
            ["slsaprovenance02", "slsaprovenance1"],
            Code::ProvenanceConditionUnmet,
        ),
        Field::new(
            "AttestationRule.source",
            |text| newer(&format!("source: {{ exact: \"git+{text}\", tag: v1.0.0 }}")),
            [REPOSITORY, "https://git.forge.example/acme/other"],
            Code::ProvenanceSourceMismatch,
        ),
    ]
}

fn source() -> Vec<Field> {
    let part =
        |around: fn(&str) -> String| move |text: &str| around(&format!("source: {{ {text} }}"));
    let exact = format!("exact: \"git+{REPOSITORY}\"");
    let (mismatch, reference) = (Code::ProvenanceSourceMismatch, Code::ProvenanceRefMismatch);
    let digest = format!("digest: \"{COMMIT}\"");
    let other = format!("digest: \"{}\"", "0".repeat(40));
    let newer = part(newer);
    vec![
        Field::new(
            "SourceRule.exact",
            newer,
            [&exact, "exact: \"https://git.forge.example/acme/other\""],
            mismatch,
        ),
        Field::new(
            "SourceRule.glob",
            newer,
            [
                "glob: \"https://*/acme/app\"",
                "glob: \"https://*/acme/other\"",
            ],
            mismatch,
        ),
        Field::new(
            "SourceRule.regex",
            newer,
            [
                "regex: \"https://[a-z.]+/acme/app\"",
                "regex: \"https://[a-z.]+/acme\"",
            ],
            mismatch,
        ),
        Field::new(
            "SourceRule.ref",
            newer,
            ["ref: refs/tags/v1.0.0", "ref: refs/heads/v1.0.0"],
            reference,
        ),
        Field::new(
            "SourceRule.branch",
            part(older),
            ["branch: main", "branch: mai"],
            reference,
        ),
        Field::new(
            "SourceRule.tag",
            newer,
            ["tag: v1.0.0", "tag: v1.0"],
            reference,
        ),
        Field::new(
            "SourceRule.versionedTag",
            newer,
            ["versionedTag: v1.0", "versionedTag: v1.1"],
            reference,
        ),
        Field::new("SourceRule.digest", newer, [&digest, &other], mismatch),
    ]
}

fn dependencies() -> Vec<Field> {
    let list = |word: &'static str| {
        move |text: &str| {
            newer(&format!(
                "dependencies: {{ {word}: [{{ glob: \"{text}\" }}] }}"
            ))
        }
    };
    let (right, wrong) = ("git+https://**", "git+ssh://**");
    let code = Code::ProvenanceConditionUnmet;
    vec![
        Field::new(
            "AttestationRule.dependencies",
            list("include"),
            [right, wrong],
            code,
        ),
        Field::new(
            "DependencyRule.include",
            list("include"),
            [right, wrong],
            code,
        ),
        Field::new("DependencyRule.only", list("only"), [right, wrong], code),
    ]
}

fn levels() -> Vec<Field> {
    let code = Code::ProvenanceLevelTooLow;
    let known = "https://ci.forge.example/known";
    let trusted = |id: &str, level: &str| {
        format!("builders: [{{ id: \"{known}\", level: 3 }}, {{ id: \"{id}\", level: {level} }}]")
    };
    let at = |level: &str| {
        newer(&format!(
            "level: {level}, {}",
            trusted(RELEASE_WORKFLOW, "2")
        ))
    };
    let by = |id: &str| newer(&format!("level: 2, {}", trusted(id, "2")));
    vec![
        Field::new("AttestationRule.level", at, ["2", "3"], code),
        Field::new(
            "AttestationRule.builders",
            by,
            [RELEASE_WORKFLOW, "https://ci.forge.example/other"],
            code,
        ),
        Field::new(
            "TrustedBuilder.id",
            by,
            [RELEASE_WORKFLOW, "https://ci.forge.example/other"],
            code,
        ),
        Field::new(
            "TrustedBuilder.level",
            |level| newer(&format!("level: 2, {}", trusted(RELEASE_WORKFLOW, level))),
            ["2", "1"],
            code,
        ),
    ]
}

fn verified(rest: &str) -> String {
    of_type(
        "verification-summary",
        &format!("verifier: \"https://acme.example/verifier\", {rest}"),
    )
}

fn summary() -> Vec<Field> {
    let other = Code::SummaryPolicyMismatch;
    vec![
        Field::new(
            "AttestationRule.verifier",
            |text| of_type("verification-summary", &format!("verifier: \"{text}\"")),
            [
                "https://acme.example/verifier",
                "https://acme.example/verifier2",
            ],
            Code::SummaryVerifierMismatch,
        ),
        Field::new(
            "AttestationRule.resource",
            verified,
            [
                "resource: \"oci://registry.forge.example/acme/app\"",
                "resource: \"oci://registry.forge.example/acme/other\"",
            ],
            Code::SummaryResourceMismatch,
        ),
        Field::new(
            "AttestationRule.levels",
            verified,
            [
                "levels: [SLSA_BUILD_LEVEL_1]",
                "levels: [SLSA_BUILD_LEVEL_1, SLSA_BUILD_LEVEL_3]",
            ],
            Code::SummaryLevelTooLow,
        ),
        Field::new(
            "AttestationRule.policy",
            verified,
            [
                "policy: { uri: \"https://acme.example/policy/7\" }",
                "policy: { uri: \"https://acme.example/policy/8\" }",
            ],
            other,
        ),
    ]
}

fn summary_policy() -> Vec<Field> {
    let digest = |digit: &str| format!("policy: {{ digest: \"sha256:{}\" }}", digit.repeat(64));
    let other = Code::SummaryPolicyMismatch;
    vec![
        Field::new(
            "SummaryPolicy.uri",
            verified,
            [
                "policy: { uri: \"https://acme.example/policy/7\" }",
                "policy: { uri: \"https://acme.example/policy/70\" }",
            ],
            other,
        ),
        Field::new(
            "SummaryPolicy.digest",
            verified,
            [&digest("c"), &digest("d")],
            other,
        ),
    ]
}
