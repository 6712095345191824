//! How the image was built, what other verifiers found, and conditions in CEL.

use serde_json::{Value, json};
use sovverify_forge::{SLSA_V1, SLSA_V02, Statement};

use super::{Case, Workshop, image};

const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";
const BUILT: &str = "https://example.com/built/v1";

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = provenance(workshop);
    cases.extend(attestations(workshop));
    cases.extend(summaries(workshop));
    cases.extend(expressions(workshop));
    cases
}

/// The provenance of the release workflow.
fn slsa() -> Value {
    let (_, image) = image();
    Statement::slsa_v1(&image.digest).predicate
}

fn provenance(workshop: &Workshop) -> Vec<Case> {
    let rule = |rest: &str| {
        format!(
            "    - name: built\n      attestation:\n        type: slsa-provenance\n        by: [release]\n{rest}"
        )
    };
    let case = |name: &str, about: &str, rest: &str| {
        workshop.saying((name, about), &rule(rest), SLSA_V1, slsa())
    };
    let builder =
        "https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
    let trusted = format!("        builders: [{{ id: \"{builder}\", level: 3 }}]\n");
    vec![
        case(
            "honest/provenance",
            "Builder, source, tag, build type, parameters and level are as wanted.",
            &format!(
                "        builder: \"{builder}\"
        source: {{ exact: \"git+https://git.forge.example/acme/app\", ref: {{ glob: \"refs/tags/v*\" }}, versionedTag: v1 }}
        buildType: \"https://ci.forge.example/buildtypes/workflow/v1\"
        parameters: {{ workflow.path: .github/workflows/release.yml }}
        level: 3
{trusted}"
            ),
        ),
        case(
            "provenance/builder-mismatch",
            "Another builder is wanted.",
            "        builder: { glob: \"https://builder.example/*\" }\n",
        )
        .denied("provenance/builder-mismatch"),
        case(
            "provenance/source-mismatch",
            "The image was built from a repository whose name begins with the wanted one.",
            "        source: { exact: \"git+https://git.forge.example/acme/ap\" }\n",
        )
        .denied("provenance/source-mismatch"),
        case(
            "provenance/ref-mismatch",
            "A branch is wanted, and the image was built from a tag.",
            "        source: { branch: main }\n",
        )
        .denied("provenance/ref-mismatch"),
        case(
            "provenance/condition-unmet",
            "Another workflow file is wanted.",
            "        parameters: { workflow.path: .github/workflows/nightly.yml }\n",
        )
        .denied("provenance/condition-unmet"),
        case(
            "provenance/level-too-low",
            "The builder is trusted at level 2 only.",
            &format!(
                "        level: 3\n        builders: [{{ id: \"{builder}\", level: 2 }}, {{ id: \"https://builder.example/hardened\", level: 3 }}]\n"
            ),
        )
        .denied("provenance/level-too-low"),
    ]
}

fn attestations(workshop: &Workshop) -> Vec<Case> {
    let rule = |rest: &str| {
        format!(
            "    - name: built\n      attestation: {{ type: slsa-provenance, by: [release]{rest} }}\n"
        )
    };
    vec![
        workshop
            .saying(
                (
                    "attestation/predicate-malformed",
                    "The builder has no identity but a number.",
                ),
                &rule(""),
                SLSA_V1,
                json!({ "buildDefinition": { "buildType": "x" }, "runDetails": { "builder": 7 } }),
            )
            .denied("attestation/predicate-malformed"),
        workshop
            .saying(
                (
                    "attestation/predicate-mismatch",
                    "What calls itself provenance v0.2 is v1.",
                ),
                &rule(""),
                SLSA_V02,
                slsa(),
            )
            .denied("attestation/predicate-mismatch"),
        workshop
            .saying(
                (
                    "attestation/too-old",
                    "The provenance is a day old, and an hour is wanted.",
                ),
                &rule(", maxAge: 1h"),
                SLSA_V1,
                slsa(),
            )
            .denied("attestation/too-old"),
    ]
}

fn summary(result: &str, resource: &str, level: &str) -> Value {
    json!({
        "verifier": { "id": "https://verifier.forge.example" },
        "timeVerified": "2026-03-02T11:00:00Z",
        "resourceUri": resource,
        "policy": {
            "uri": "https://policy.forge.example/production",
            "digest": { "sha256": "a1".repeat(32) },
        },
        "verificationResult": result,
        "verifiedLevels": [level],
        "slsaVersion": "1.0",
    })
}

const VERIFIER: &str = "https://verifier.forge.example";
const APP: &str = "pkg:oci/app@1.0.0";

/// A demand on a summary of this verifier, under a policy whose digest repeats these two digits.
fn summary_rule(verifier: &str, digits: &str) -> String {
    format!(
        "    - name: summary
      attestation:
        type: verification-summary
        by: [release]
        verifier: {verifier}
        resource: {{ glob: \"pkg:oci/app*\" }}
        levels: [SLSA_BUILD_LEVEL_2]
        policy: {{ digest: \"sha256:{}\" }}
",
        digits.repeat(32)
    )
}

fn summaries(workshop: &Workshop) -> Vec<Case> {
    let case = |name: &str, about: &str, rule: &str, predicate: Value| {
        workshop.saying((name, about), rule, SUMMARY, predicate)
    };
    let denied = |code: &'static str, about: &str, rule: &str, predicate: Value| {
        case(code, about, rule, predicate).denied(code)
    };
    let wanted = summary_rule(VERIFIER, "a1");
    let good = || summary("PASSED", APP, "SLSA_BUILD_LEVEL_3");
    vec![
        case(
            "honest/verification-summary",
            "Level 3 is verified, which covers the level 2 that is wanted.",
            &wanted,
            good(),
        ),
        denied(
            "summary/verifier-mismatch",
            "The summary names another verifier.",
            &summary_rule("https://other.example", "a1"),
            good(),
        ),
        denied(
            "summary/failed",
            "The other verifier refused the image.",
            &wanted,
            summary("FAILED", APP, "SLSA_BUILD_LEVEL_3"),
        ),
        denied(
            "summary/resource-mismatch",
            "The summary is about another package.",
            &wanted,
            summary("PASSED", "pkg:oci/other@1.0.0", "SLSA_BUILD_LEVEL_3"),
        ),
        denied(
            "summary/level-too-low",
            "Level 1 is verified, and level 2 is wanted.",
            &wanted,
            summary("PASSED", APP, "SLSA_BUILD_LEVEL_1"),
        ),
        denied(
            "summary/policy-mismatch",
            "The summary was made under another policy.",
            &summary_rule(VERIFIER, "b2"),
            good(),
        ),
    ]
}

fn expressions(workshop: &Workshop) -> Vec<Case> {
    let rule = |expression: &str| {
        format!(
            "    - name: tested
      attestation:
        type: {BUILT}
        by: [release]
        cel: [{{ expression: \"{expression}\", message: \"a test failed\" }}]
"
        )
    };
    let case = |name: &str, about: &str, expression: &str, predicate: Value| {
        workshop.saying((name, about), &rule(expression), BUILT, predicate)
    };
    let passed = || json!({ "tests": [{ "name": "unit", "passed": true }] });
    let all = "predicate.tests.size() > 0 && predicate.tests.all(t, t.passed)";
    let failed = json!({ "tests": [{ "name": "unit", "passed": true }, { "name": "e2e", "passed": false }] });
    let many: Vec<u32> = (0..1000).collect();
    vec![
        case("honest/expression", "Every test passed.", all, passed()),
        case("expression/unmet", "One of two tests failed.", all, failed)
            .denied("expression/unmet"),
        case(
            "expression/failed",
            "The condition compares a number with what is a list.",
            "predicate.tests > 1",
            passed(),
        )
        .denied("expression/failed"),
        case(
            "expression/too-costly",
            "The condition walks over a long list twice, one inside the other.",
            "predicate.n.all(a, predicate.n.all(b, a + b >= 0))",
            json!({ "n": many }),
        )
        .denied("expression/too-costly"),
        case(
            "expression/invalid",
            "The condition names a variable that does not exist.",
            "predicat.tests.size() > 0",
            passed(),
        )
        .fails("expression/invalid"),
    ]
}
