//! Bounds on what is done: no evaluation goes on for long, whatever evidence says.

use serde_json::json;

use super::super::limits::{MAX_DYNAMIC_PATTERNS, MAX_STEPS, MAX_VALUE_BYTES};
use super::super::{Inputs, Outcome};
use super::{compile, evaluate, everything, evidence};
use crate::code::Code;

fn costly(source: &str, inputs: &Inputs) -> String {
    let (outcome, steps) = compile(source).unwrap().measure(inputs);
    assert!(steps <= MAX_STEPS);
    match outcome {
        Outcome::TooCostly { code, message, .. } => {
            assert_eq!(code, Code::ExpressionTooCostly);
            message
        }
        other => panic!("{source}: {other:?} after {steps} steps"),
    }
}

fn with(value: &serde_json::Value) -> Inputs {
    let mut inputs = Inputs::new("2026-03-02T11:04:05Z".parse().unwrap());
    inputs.bind(&everything(), "predicate", value).unwrap();
    inputs
}

#[test]
fn one_pass_over_a_long_list_is_honest_and_a_million_pairs_are_not() {
    let numbers = evidence();
    let once = "predicate.numbers.all(a, a >= 0)";
    let (outcome, steps) = compile(once).unwrap().measure(&numbers);
    assert_eq!(outcome, Outcome::Met);
    // The range is 2 steps, an element is the iteration, the comparison and its sides.
    assert_eq!(steps, 1 + 2 + 1000 * 4);
    let pairs = "predicate.numbers.all(a, predicate.numbers.all(b, a + b >= 0))";
    let message = costly(pairs, &numbers);
    assert_eq!(
        message,
        format!("expected at most {MAX_STEPS} steps of evaluation, found more")
    );
    // A bound is not absorbed by what would decide.
    costly(&format!("{pairs} || true"), &numbers);
    costly(&format!("false && true || {pairs} || true"), &numbers);
    costly(
        "[1, 2].exists(z, z == 2 || predicate.numbers.all(b, predicate.numbers + predicate.numbers != [b]))",
        &numbers,
    );
}

#[test]
fn steps_are_counted_exactly_at_the_bound() {
    // Each element is 4 steps, and what is around them 3.
    let elements = usize::try_from((MAX_STEPS - 3) / 4).unwrap();
    let source = "predicate.all(a, a == 1)";
    let ones = |count: usize| with(&serde_json::Value::Array(vec![json!(1); count]));
    let condition = compile(source).unwrap();
    // `==` is a step more for what it compares.
    let honest = elements * 4 / 5;
    let (outcome, steps) = condition.measure(&ones(honest));
    assert_eq!(outcome, Outcome::Met, "{steps}");
    assert!(steps > MAX_STEPS - 10, "{steps}");
    costly(source, &ones(honest + 2));
}

#[test]
fn doubling_ends_at_the_bound_of_bytes() {
    let doubled = |times: usize| {
        let maps = ".map(x, x + x)".repeat(times);
        format!("['0123456789abcdef']{maps} != []")
    };
    assert_eq!(evaluate(&doubled(10)), Outcome::Met);
    let message = costly(&doubled(60), &evidence());
    let expected = format!("at most {MAX_VALUE_BYTES} bytes of values made by the expression");
    assert!(message.contains(&expected), "{message}");
    let lists = format!("[[1]]{} != []", ".map(x, x + x)".repeat(60));
    costly(&lists, &evidence());
    let nested = format!("[[1]]{}", ".map(x, [x, x])".repeat(22));
    costly(&format!("{nested} == {nested}"), &evidence());
}

#[test]
fn texts_of_evidence_are_read_at_a_price() {
    let text = "a".repeat(1_000_000);
    let long = with(&json!({"text": text, "list": vec!["a"; 1000], "map": {text.clone(): 1}}));
    let once = compile("predicate.text.contains('b')").unwrap();
    let (outcome, steps) = once.measure(&long);
    assert_eq!(outcome, Outcome::Unmet);
    assert!((15_000..16_000).contains(&steps), "{steps}");
    for body in [
        "predicate.text.contains('b' + x)",
        "predicate.text == predicate.text",
        "predicate.text <= predicate.text",
        "predicate.text.startsWith(predicate.text)",
        "size(predicate.text) > 1",
        "predicate.text in [predicate.text]",
        "bytes(predicate.text) != b''",
        "string(bytes(predicate.text)) != ''",
        "predicate.text + x != ''",
        "predicate.text.matches('^a*$')",
        "bool(predicate.text)",
        "predicate.text in predicate.map",
        "predicate.map[predicate.text] == 1",
        "{predicate.text: 1} == predicate.map",
    ] {
        costly(
            &format!("predicate.list.filter(x, {body} || true) != []"),
            &long,
        );
    }
}

#[test]
fn patterns_are_paid_by_what_they_are_and_what_they_read() {
    let text = with(&json!({"text": "a".repeat(100_000), "list": vec!["a"; 1000]}));
    let small = compile("predicate.text.matches('^a+$')").unwrap();
    let (outcome, cheap) = small.measure(&text);
    assert_eq!(outcome, Outcome::Met);
    let large = compile("predicate.text.matches('^(a|b|c|ab|bc){0,100}(a|b)+$')").unwrap();
    let (outcome, dear) = large.measure(&text);
    assert_eq!(outcome, Outcome::Met);
    assert!(dear > 3 * cheap, "{cheap} {dear}");
    // What makes a backtracking engine hang is linear here.
    let bomb = compile("predicate.text.matches('^(a+)+(b|$)')").unwrap();
    assert_eq!(bomb.evaluate(&text), Outcome::Met);
    let unmet = compile("(predicate.text + 'c').matches('^(a|aa)+$')").unwrap();
    assert_eq!(unmet.evaluate(&text), Outcome::Unmet);
}

#[test]
fn patterns_that_evidence_brings_are_few() {
    let patterns = |count: usize| {
        let list: Vec<String> = (0..count).map(|n| format!("a{n}")).collect();
        with(&json!({ "list": list }))
    };
    let source = "!predicate.list.exists(p, 'b'.matches(p) || 'c'.matches(p))";
    let condition = compile(source).unwrap();
    let honest = patterns(MAX_DYNAMIC_PATTERNS);
    assert_eq!(condition.evaluate(&honest), Outcome::Met);
    let message = costly(source, &patterns(MAX_DYNAMIC_PATTERNS + 1));
    assert!(
        message.contains("at most 16 different patterns"),
        "{message}"
    );
    let bomb = with(&json!({"list": ["((a{100}){100}){100}"]}));
    assert!(costly(source, &bomb).contains("bytes of a compiled pattern"));
    let long = with(&json!({"list": ["a".repeat(513)]}));
    assert!(costly(source, &long).contains("at most 512 bytes of a pattern"));
}

#[test]
fn the_same_inputs_take_the_same_steps() {
    let condition = compile("sbom.components.map(c, c.name).exists(n, n.matches('ssl$'))").unwrap();
    let first = condition.measure(&evidence());
    assert_eq!(first.0, Outcome::Met);
    for _ in 0..10 {
        assert_eq!(condition.measure(&evidence()), first);
    }
}
