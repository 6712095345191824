//! How JSON becomes values.

use serde_json::{Value as Json, json};

use super::super::limits::{MAX_INPUT_DEPTH, MAX_INPUT_NODES};
use super::super::{Expression, Inputs, Outcome, Scope, Shape, scope};
use super::{compile, everything};
use crate::code::Code;

fn empty() -> Inputs {
    Inputs::new("2026-03-02T11:04:05Z".parse().unwrap())
}

#[test]
fn inputs_are_made_once_and_answer_many_conditions() {
    let mut inputs = empty();
    let value = json!({"a": 1});
    inputs.bind(&everything(), "predicate", &value).unwrap();
    for (source, outcome) in [
        ("predicate.a == 1", Outcome::Met),
        ("predicate.a == 2", Outcome::Unmet),
    ] {
        assert_eq!(compile(source).unwrap().evaluate(&inputs), outcome);
        assert_eq!(compile(source).unwrap().evaluate(&inputs.clone()), outcome);
    }
}

#[test]
fn a_variable_outside_of_the_scope_is_refused() {
    let error = empty()
        .bind(&Scope::new(&[scope::IMAGE]), "sbom", &json!({}))
        .unwrap_err();
    assert_eq!(error.code, Code::ExpressionFailed);
    assert_eq!(error.expected, "one of `image`");
}

#[test]
fn nodes_are_bounded_over_all_variables() {
    let list = |count: usize| Json::Array(vec![json!(1); count]);
    let own = Scope::new(&[("a", Shape::Any), ("b", Shape::Any)]);
    // `now`, two lists and their elements.
    let half = (MAX_INPUT_NODES - 3) / 2;
    let mut inputs = empty();
    inputs.bind(&own, "a", &list(half)).unwrap();
    let rest = MAX_INPUT_NODES - 3 - half;
    inputs.clone().bind(&own, "b", &list(rest)).unwrap();
    let error = inputs.bind(&own, "b", &list(rest + 1)).unwrap_err();
    assert_eq!(error.code, Code::LimitExceeded);
    assert_eq!(error.place, "b");
}

#[test]
fn depth_is_bounded() {
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let own = Scope::new(&[("a", Shape::Any)]);
    let mut inputs = empty();
    inputs.bind(&own, "a", &deep(MAX_INPUT_DEPTH)).unwrap();
    let same = Expression::compile("a == a", &own).unwrap();
    assert_eq!(same.evaluate(&inputs), Outcome::Met);
    let error = inputs
        .bind(&own, "a", &deep(MAX_INPUT_DEPTH + 1))
        .unwrap_err();
    assert_eq!(error.code, Code::LimitExceeded);
}

#[test]
fn texts_become_times_where_the_scope_says_so() {
    let mut inputs = empty();
    let signature = json!({"times": ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00+02:00"]});
    inputs.bind(&everything(), "signature", &signature).unwrap();
    let recent = compile("signature.times.all(t, now - t < duration('48h'))").unwrap();
    assert_eq!(recent.evaluate(&inputs), Outcome::Met);
    // A time that is none stays text, and no comparison with it holds.
    let lie = json!({"times": ["2026-03-01T00:00:00Z", "yesterday"]});
    inputs.bind(&everything(), "signature", &lie).unwrap();
    assert!(matches!(recent.evaluate(&inputs), Outcome::Failed { .. }));
}

#[test]
fn members_that_are_null_are_absent_and_elements_are_not() {
    let mut inputs = empty();
    let value = json!({"a": null, "b": [null]});
    inputs.bind(&everything(), "predicate", &value).unwrap();
    let condition = compile("!has(predicate.a) && predicate.b[0] == null").unwrap();
    assert_eq!(condition.evaluate(&inputs), Outcome::Met);
}
