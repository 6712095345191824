//! Row 160: expressions that amplify, loop, compare what cannot be compared, or meet nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sovverify::{Code, Decision, Evidence};

use crate::world::{CUSTOM, SCAN, World, codes, scan};

/// Far above what a bounded evaluation takes in this build, and far below what an unbounded one does.
const PATIENCE: Duration = Duration::from_mins(1);

/// A requirement with this condition.
fn requirement(name: &str, expression: &str) -> String {
    let text = serde_json::to_string(expression).unwrap();
    format!(
        "    - {{ name: {name}, attestation: {{ type: \"{CUSTOM}\", by: [release], cel: [{{ expression: {text} }}] }} }}"
    )
}

fn attested(world: &World, predicate: Value) -> Evidence {
    world.attest("release", CUSTOM, predicate)
}

#[test]
fn gauntlet_160_text_that_doubles_sixty_times_stops_at_a_bound() {
    let world = World::new();
    let evidence = [attested(
        &world,
        json!({ "x": "x".repeat(1024), "list": vec!["x"; 2000] }),
    )];
    let honest = world.policy(&requirement(
        "x",
        "(predicate.x + predicate.x).size() == 2048",
    ));
    world.admits(&honest, &evidence);
    let doubled = (0..60).fold("predicate.x".to_owned(), |text, _| {
        format!("[{text}].map(y, y + y)[0]")
    });
    let nested =
        "predicate.list.all(a, predicate.list.all(b, predicate.list.all(c, a + b + c != '')))";
    let wide = "predicate.list.all(a, predicate.list.all(b, (a + b).size() > 0))";
    let text = "predicate.list.map(a, predicate.x + predicate.x + predicate.x).size() > 0 && predicate.list.map(a, predicate.x + predicate.x + predicate.x).size() > 0";
    let pattern = "predicate.x.matches('(x+x+)+y')";
    for (what, expression) in [
        ("doubled", &*doubled),
        ("nested", nested),
        ("wide", wide),
        ("text", text),
        ("pattern", pattern),
    ] {
        let started = Instant::now();
        match world.compile(&requirement("x", expression)) {
            // What is too deep for any honest condition is refused when it is loaded, with its place.
            Err(refused) => assert!(
                refused.to_string().contains("policy.yaml:"),
                "{what}: {refused}"
            ),
            Ok(set) => {
                let verdict = world.judge(&set, &evidence);
                assert_eq!(verdict.decision, Decision::Deny, "{what}");
                let known = [Code::ExpressionTooCostly, Code::ExpressionUnmet];
                let codes = codes(&verdict);
                assert!(
                    codes.iter().any(|code| known.contains(code)),
                    "{what}: {codes:?}"
                );
            }
        }
        assert!(
            started.elapsed() < PATIENCE,
            "{what}: {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn gauntlet_160_what_is_not_there_or_of_another_type_is_an_error_and_never_true() {
    let world = World::new();
    let evidence = [attested(
        &world,
        json!({
            "null": null, "one": 1, "text": "1", "list": [1], "map": { "a": 1 }, "yes": "true", "float": 1.5,
        }),
    )];
    for honest in [
        "predicate.one == 1",
        "predicate.text == '1'",
        "has(predicate.one)",
        "predicate.float > 1",
    ] {
        world.admits(&world.policy(&requirement("x", honest)), &evidence);
    }
    for lie in [
        "predicate.absent == predicate.absent",
        "predicate.absent.deeper == 1",
        "predicate.null + 1 == 1",
        "predicate.null.x == null",
        "predicate.null < 1",
        "predicate.one < predicate.text",
        "predicate.one + predicate.text == 2",
        "predicate.text > 0",
        "predicate.list > 0",
        "predicate.map.all(k, predicate.map[k] > 'a')",
        "predicate.text.all(x, true)",
        "predicate.list[1] == 1",
        "predicate.list[-1] == 1",
        "predicate.list['0'] == 1",
        "predicate.map['b'] == 1",
        "predicate.one / 0 == 0",
        "predicate.one % 0 == 0",
        "9223372036854775807 + predicate.one > 0",
        "-9223372036854775808 - predicate.one < 0",
        "timestamp(predicate.text) < now",
        "duration(predicate.text) < duration('1h')",
        "predicate.yes",
        "predicate.one",
        "predicate.null",
        "predicate.list",
        "predicate.text.matches('(')",
        "predicate.absent != 1",
        "!(predicate.absent == 1)",
        "predicate.one == '1'",
    ] {
        // What the compiler can know to be no condition is refused already there.
        let Ok(set) = world.compile(&requirement("x", lie)) else {
            continue;
        };
        let verdict = world.judge(&set, &evidence);
        assert_eq!(verdict.decision, Decision::Deny, "{lie}");
        let known = [Code::ExpressionFailed, Code::ExpressionUnmet];
        let codes = codes(&verdict);
        assert!(
            codes.iter().any(|code| known.contains(code)),
            "{lie}: {codes:?}"
        );
    }
}

#[test]
fn gauntlet_160_one_condition_that_fails_leaves_the_others_alone() {
    let world = World::new();
    let costly = "predicate.list.all(a, predicate.list.all(b, predicate.list.exists(c, a + b + c < 0) || true))";
    let costly = if world.compile(&requirement("x", costly)).is_ok() {
        costly
    } else {
        "predicate.list.all(a, predicate.list.all(b, a + b >= 0))"
    };
    let all = [
        requirement("costly", costly),
        requirement("failing", "predicate.absent == 1"),
        requirement("honest", "predicate.list.size() == 3000"),
    ];
    let set = world.policy(&all.join("\n"));
    let verdict = world.judge(&set, &[attested(&world, json!({ "list": vec![1; 3000] }))]);
    assert_eq!(verdict.decision, Decision::Deny);
    let said: Vec<(&str, bool, Option<Code>)> = verdict.policies[0]
        .requirements
        .iter()
        .map(|demand| {
            let code = demand.findings.first().map(|finding| finding.code);
            (demand.name.as_str(), demand.satisfied, code)
        })
        .collect();
    let expected = [
        ("costly", false, Some(Code::ExpressionTooCostly)),
        ("failing", false, Some(Code::ExpressionFailed)),
        ("honest", true, None),
    ];
    assert_eq!(said, expected);
}

#[test]
fn gauntlet_160_conditions_over_nothing_are_seen_for_what_they_are() {
    let world = World::new();
    // `all` over an empty list is true in CEL: a condition must also say that there is something.
    let empty = [attested(&world, json!({ "reviewers": [] }))];
    let loose = world.policy(&requirement(
        "x",
        "predicate.reviewers.all(r, r != 'mallory')",
    ));
    let strict = world.policy(&requirement(
        "x",
        "predicate.reviewers.size() > 0 && predicate.reviewers.all(r, r != 'mallory')",
    ));
    world.admits(&loose, &empty);
    world.denies(&strict, &empty, Code::ExpressionUnmet);
    world.denies(&strict, &[], Code::AttestationMissing);
    world.denies(&loose, &[], Code::AttestationMissing);
    world.admits(
        &strict,
        &[attested(&world, json!({ "reviewers": ["alice"] }))],
    );
    // A scan under a condition is a scan that could be read, or none.
    let set = world.policy("    - { name: x, vulnerabilities: { by: [scanner], maxSeverity: critical, cel: [{ expression: \"vulnerabilities.total == 0\" }] } }");
    world.admits(&set, &[world.attest("scanner", SCAN, scan(&[]))]);
    world.denies(
        &set,
        &[world.attest("scanner", SCAN, json!({}))],
        Code::VulnerabilityMalformed,
    );
}
