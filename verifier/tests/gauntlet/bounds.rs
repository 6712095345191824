//! Documents that are too deep, too many, too wide or cut short: a bound is reached and named.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sovverify::policy::Documents;
use sovverify::policy::Source;
use sovverify::{Code, Decision, Verdict};
use sovverify_forge::Statement;

use crate::world::{
    COSIGN_SCAN, CUSTOM, CYCLONEDX, EXCEPTION, OPENVEX, SCAN, World, codes, exception, scan, vex,
    warnings,
};

const SPDX: &str = "https://spdx.dev/Document";
const SLSA: &str = "https://slsa.dev/provenance/v1";
const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// Far above what a bounded verdict takes in this build, and far below what an unbounded one does.
const PATIENCE: Duration = Duration::from_mins(2);

/// Every kind of content that is read, by its predicate type, with a demand for it.
fn kinds() -> [(&'static str, &'static str); 8] {
    [
        (
            CUSTOM,
            r#"attestation: { type: "https://acme.example/reviewed/v1", by: [release], cel: [{ expression: "predicate.x != 0" }] }"#,
        ),
        (
            SLSA,
            "attestation: { type: slsaprovenance1, by: [release] }",
        ),
        (
            SUMMARY,
            "attestation: { type: vsa, by: [release], verifier: v }",
        ),
        (SPDX, "sbom: { by: [release] }"),
        (CYCLONEDX, "sbom: { by: [release] }"),
        (SCAN, "vulnerabilities: { by: [release] }"),
        (COSIGN_SCAN, "vulnerabilities: { by: [release] }"),
        (OPENVEX, "attestation: { type: openvex, by: [release] }"),
    ]
}

/// The verdict on one predicate, as text, within bounds.
#[track_caller]
fn judged(world: &World, kind: &str, demand: &str, predicate: &str) -> Verdict {
    let set = world.policy(&format!("    - {{ name: x, {demand} }}"));
    let started = Instant::now();
    let verdict = world.judge(&set, &[world.raw("release", kind, predicate)]);
    assert!(
        started.elapsed() < PATIENCE,
        "{kind}: {:?}",
        started.elapsed()
    );
    verdict
}

#[test]
fn gauntlet_157_a_hundred_thousand_levels_are_refused_in_every_kind_of_predicate() {
    let world = World::new();
    let depth = 100_000;
    for (kind, demand) in kinds() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let bomb = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            for predicate in [
                bomb.clone(),
                format!("{{\"x\":{bomb}}}"),
                open.repeat(depth),
            ] {
                let verdict = judged(&world, kind, demand, &predicate);
                assert_eq!(verdict.decision, Decision::Deny, "{kind}");
                assert!(
                    codes(&verdict).contains(&Code::SubjectMalformed),
                    "{kind}: {:?}",
                    codes(&verdict)
                );
            }
            // The same inside of text, which is read after the statement was.
            let text = serde_json::to_string(&bomb).unwrap();
            let verdict = judged(&world, kind, demand, &text);
            assert_eq!(verdict.decision, Decision::Deny, "{kind}");
            let verdict = judged(&world, kind, demand, &format!("{{\"Data\":{text}}}"));
            assert_eq!(verdict.decision, Decision::Deny, "{kind}");
        }
    }
}

#[test]
fn gauntlet_157_xml_and_components_that_nest_without_end_are_refused() {
    let world = World::new();
    let depth = 100_000;
    let open = "<component type=\"library\"><name>a</name><components>";
    let close = "</components></component>";
    let document = |levels: usize| {
        let (open, close) = (open.repeat(levels), close.repeat(levels));
        json!(format!("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\"><components>{open}{close}</components></bom>")).to_string()
    };
    let demand = "sbom: { by: [release] }";
    assert_eq!(
        judged(&world, CYCLONEDX, demand, &document(3)).decision,
        Decision::Admit
    );
    let verdict = judged(&world, CYCLONEDX, demand, &document(depth));
    assert_eq!(verdict.decision, Decision::Deny);
    assert!(
        codes(&verdict).contains(&Code::LimitExceeded),
        "{:?}",
        codes(&verdict)
    );
    let elements = json!(format!(
        "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">{}",
        "<x>".repeat(depth)
    ))
    .to_string();
    assert_eq!(
        judged(&world, CYCLONEDX, demand, &elements).decision,
        Decision::Deny
    );
}

#[test]
fn gauntlet_157_policies_with_aliases_that_multiply_are_refused() {
    let parse = |text: String| {
        let file = "policy.yaml".to_owned();
        let started = Instant::now();
        let refused = Documents::parse(&[Source { file, text }]).err();
        assert!(started.elapsed() < PATIENCE);
        refused.map(|error| error.to_string())
    };
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let before = format!("*a{}", n - 1);
        let _ = writeln!(laughs, "a{n}: &a{n} [{}]", [&*before; 9].join(", "));
    }
    let deep = format!("spec: {}", "[".repeat(100_000));
    let maps = format!("spec: {}x", "{ a: ".repeat(100_000));
    for text in [
        laughs,
        deep,
        maps,
        "a: &a [*a]".to_owned(),
        "&a a: *a\n<<: *a".to_owned(),
    ] {
        let start: String = text.chars().take(40).collect();
        let refused = parse(text).unwrap_or_else(|| panic!("{start}"));
        assert!(refused.contains("policy.yaml:"), "{start}: {refused}");
    }
}

#[test]
fn gauntlet_158_hostile_dates_are_errors_wherever_a_date_stands() {
    let world = World::new();
    let dates = [
        "yesterday".to_owned(),
        "2026-13-45T25:61:61Z".to_owned(),
        "2026-03-02".to_owned(),
        "+999999999-01-01T00:00:00Z".to_owned(),
        "Mon, 02 Mar 2026 11:03:51 +0000".to_owned(),
        // A date of RFC 2822 whose comments nest (CVE-2026-25727).
        format!("Mon, 02 Mar 2026 11:03:51 {}", "(".repeat(100_000)),
        "0".repeat(1_000_000),
        "9223372036854775808".to_owned(),
    ];
    let demands = [
        "sbom: { by: [release], maxAge: 7d }",
        "vulnerabilities: { by: [release], maxAge: 7d }",
        "attestation: { type: slsaprovenance1, by: [release] }",
        "attestation: { type: openvex, by: [release] }",
    ];
    for date in &dates {
        let mut sbom = Statement::spdx(&world.digest(), "linux/amd64").predicate;
        sbom["creationInfo"]["created"] = json!(date);
        let mut scanned = scan(&[]);
        scanned["metadata"]["scanFinishedOn"] = json!(date);
        let mut built = Statement::slsa_v1(&world.digest()).predicate;
        built["runDetails"]["metadata"]["startedOn"] = json!(date);
        let mut said = vex("CVE-2026-0001", "pkg:npm/greeting", "fixed");
        said["timestamp"] = json!(date);
        let documents = [
            (SPDX, sbom),
            (SCAN, scanned),
            (SLSA, built),
            (OPENVEX, said),
        ];
        for ((kind, document), demand) in documents.iter().zip(demands) {
            let verdict = judged(&world, kind, demand, &document.to_string());
            let start: String = date.chars().take(40).collect();
            assert_eq!(verdict.decision, Decision::Deny, "{kind}: {start}");
            for finding in verdict.policies[0].requirements[0]
                .findings
                .iter()
                .flat_map(|f| &f.because)
            {
                assert!(finding.found.len() < 1000, "a message quotes a part of it");
            }
        }
    }
    // The same in what makes an exception end.
    let set = world.policy(
        "    - { name: absent, signature: { by: [release] } }\n  exceptions: { by: [first] }",
    );
    for date in &dates {
        let lie = world.attest("first", EXCEPTION, exception(&world.digest(), date));
        let verdict = world.denies(&set, &[lie], Code::SignatureMissing);
        assert!(warnings(&verdict).contains(&Code::ExceptionMalformed));
    }
    let honest = exception(&world.digest(), "2026-04-01T00:00:00Z");
    world.admits(&set, &[world.attest("first", EXCEPTION, honest)]);
}

#[test]
fn gauntlet_159_short_null_and_mistyped_members_are_errors_and_never_panics() {
    let world = World::new();
    for (kind, demand) in kinds() {
        for predicate in [
            "null",
            "0",
            "\"\"",
            "[]",
            "{}",
            "true",
            "{\"Data\":null}",
            "{\"Data\":\"\"}",
            "\"<\"",
            "\"<bom\"",
            "\"SPDXVersion:\"",
            "\"\\u0000\"",
        ] {
            let verdict = judged(&world, kind, demand, predicate);
            assert_eq!(verdict.decision, Decision::Deny, "{kind}: {predicate}");
        }
    }
    for (kind, document, demand) in honest(&world) {
        let verdict = judged(&world, kind, demand, &document.to_string());
        assert_eq!(
            verdict.decision,
            Decision::Admit,
            "{kind}: {:?}",
            codes(&verdict)
        );
        let set = world.policy(&format!("    - {{ name: x, {demand} }}"));
        let mut tried = 0;
        for pointer in pointers(&document) {
            for value in [
                Value::Null,
                json!(""),
                json!(-1),
                json!([]),
                json!({}),
                json!([null]),
            ] {
                let mut lie = document.clone();
                *lie.pointer_mut(&pointer).unwrap() = value.clone();
                // Some members may be empty or absent; what counts is that each is judged.
                let verdict = world.judge(&set, &[world.raw("release", kind, &lie.to_string())]);
                if verdict.decision == Decision::Deny {
                    assert!(!codes(&verdict).is_empty(), "{kind} {pointer} {value}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 10, "{kind}: {tried}");
    }
}

/// Honest documents, each with a demand that looks at much of it.
fn honest(world: &World) -> [(&'static str, Value, &'static str); 6] {
    let digest = world.digest();
    [
        (
            SPDX,
            Statement::spdx(&digest, "linux/amd64").predicate,
            "sbom: { by: [release], profile: ntia-2021, maxAge: 7d }",
        ),
        (
            SLSA,
            Statement::slsa_v1(&digest).predicate,
            "attestation: { type: slsaprovenance1, by: [release], source: { tag: v1.0.0 } }",
        ),
        (
            SCAN,
            scan(&[("CVE-2026-0001", "LOW")]),
            "vulnerabilities: { by: [release], maxSeverity: low }",
        ),
        (
            OPENVEX,
            vex("CVE-2026-0001", "pkg:npm/greeting", "fixed"),
            "attestation: { type: openvex, by: [release] }",
        ),
        (
            CYCLONEDX,
            cyclonedx(),
            "sbom: { by: [release], deny: { licenses: [GPL-3.0-only] } }",
        ),
        (
            SUMMARY,
            summary(),
            "attestation: { type: vsa, by: [release], verifier: v }",
        ),
    ]
}

/// The places of all members and elements below the root, at most a hundred.
pub(crate) fn pointers(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    (format!("{pointer}/{name}"), value)
                });
                open.extend(members);
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(n, value)| (format!("{pointer}/{n}"), value)));
            }
            _ => {}
        }
        found.push(pointer);
    }
    found.retain(|pointer| !pointer.is_empty());
    found.truncate(100);
    found
}

fn cyclonedx() -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": { "timestamp": "2026-03-02T11:03:51Z", "component": { "type": "container", "name": "app" } },
        "components": [{
            "type": "library", "name": "greeting", "version": "0.3.1", "bom-ref": "g",
            "purl": "pkg:npm/greeting@0.3.1",
            "hashes": [{ "alg": "SHA-256", "content": "b".repeat(64) }],
            "licenses": [{ "expression": "Apache-2.0 OR MIT" }],
        }],
        "dependencies": [{ "ref": "g", "dependsOn": [] }],
    })
}

fn summary() -> Value {
    json!({
        "verifier": { "id": "v" },
        "timeVerified": "2026-03-02T11:04:00Z",
        "resourceUri": "oci://registry.forge.example/acme/app",
        "policy": { "uri": "https://acme.example/policy/7" },
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_2"],
    })
}
