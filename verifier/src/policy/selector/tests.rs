//! Selectors against a second reading of Kubernetes' rules, and its grammar of labels.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn nowhere() -> Position {
    Position {
        file: "policy.yaml".into(),
        line: 1,
        column: 1,
        length: 1,
        source: String::new(),
        source_column: 1,
    }
}

fn selector(conditions: Vec<(&str, Operator)>) -> Selector {
    Selector {
        conditions: conditions
            .into_iter()
            .map(|(key, operator)| Condition {
                key: key.into(),
                operator,
                position: nowhere(),
            })
            .collect(),
        canonical: Value::Null,
        position: nowhere(),
    }
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn values(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

fn selects(conditions: Vec<(&str, Operator)>, pairs: &[(&str, &str)]) -> bool {
    let labels = labels(pairs);
    selector(conditions).selects(|key| labels.get(key).map(String::as_str))
}

#[test]
fn a_label_that_is_not_there_meets_not_in_and_nothing_that_wants_a_value() {
    for (operator, absent, a, b) in [
        (Operator::In(values(&["a"])), false, true, false),
        (Operator::NotIn(values(&["a"])), true, false, true),
        (Operator::Exists, false, true, true),
        (Operator::DoesNotExist, true, false, false),
    ] {
        for (pairs, expected) in [
            (&[][..], absent),
            (&[("env", "a")], a),
            (&[("env", "b")], b),
            (&[("Env", "a")], absent),
            (&[("environment", "a")], absent),
        ] {
            let found = selects(vec![("env", operator.clone())], pairs);
            assert_eq!(found, expected, "{operator:?} {pairs:?}");
        }
    }
}

#[test]
fn every_condition_must_be_met_and_none_is_met_by_everything() {
    assert!(selects(vec![], &[]));
    let both = || {
        vec![
            ("env", Operator::In(values(&["prod", "stage"]))),
            ("team", Operator::NotIn(values(&["lab"]))),
        ]
    };
    assert!(selects(both(), &[("env", "prod")]));
    assert!(!selects(both(), &[("env", "prod"), ("team", "lab")]));
    assert!(!selects(both(), &[("team", "other")]));
}

#[test]
fn the_name_of_a_namespace_is_its_name_whatever_its_labels_say() {
    let named = |namespace: &str, pairs: &[(&str, &str)]| {
        let labels = labels(pairs);
        let selector = selector(vec![(NAME_LABEL, Operator::In(values(&["shop"])))]);
        selector.selects(of_namespace(namespace, &labels))
    };
    assert!(named("shop", &[]));
    assert!(!named("lab", &[(NAME_LABEL, "shop")]));
    // An object of no namespace has no name of one.
    assert!(!named("", &[]));
}

#[test]
fn only_labels_beyond_the_name_need_to_be_looked_up() {
    let by_name = selector(vec![(NAME_LABEL, Operator::Exists)]);
    assert!(by_name.asks_for_labels().is_none());
    assert!(selector(vec![]).asks_for_labels().is_none());
    let by_label = selector(vec![
        (NAME_LABEL, Operator::Exists),
        ("env", Operator::DoesNotExist),
    ]);
    assert!(by_label.asks_for_labels().is_some());
}

#[test]
fn keys_and_values_are_those_that_kubernetes_takes() {
    let long = "a".repeat(63);
    let longer = "a".repeat(64);
    let prefix = format!("{}/a", ["a".repeat(60).as_str(); 4].join("."));
    let too_long = format!("{}/a", ["a".repeat(63).as_str(); 4].join("."));
    for key in [
        "env",
        "app.kubernetes.io/name",
        "a/b",
        "A_b.c-d",
        "1",
        NAME_LABEL,
        &long,
        &prefix,
    ] {
        assert!(is_key(key), "{key}");
    }
    for key in [
        "", "/", "/a", "a/", "a/b/c", "-a", "a-", "a b", "A.B/c", "a_b/c", "-a.b/c", "a..b/c", "é",
        &longer, &too_long,
    ] {
        assert!(!is_key(key), "{key}");
    }
    for value in ["", "a", "A", "1", "a.b_c-d", &long] {
        assert!(is_value(value), "{value}");
    }
    for value in ["-", "a-", ".a", "a b", "a/b", "a\n", "é", &longer] {
        assert!(!is_value(value), "{value}");
    }
}

/// `labels.Requirement.Matches` of `k8s.io/apimachinery`, read line by line.
fn upstream(operator: &Operator, labels: &BTreeMap<String, String>, key: &str) -> bool {
    match operator {
        Operator::In(values) => {
            if !labels.contains_key(key) {
                return false;
            }
            values.contains(&labels[key])
        }
        Operator::NotIn(values) => {
            if !labels.contains_key(key) {
                return true;
            }
            !values.contains(&labels[key])
        }
        Operator::Exists => labels.contains_key(key),
        Operator::DoesNotExist => !labels.contains_key(key),
    }
}

#[test]
fn two_conditions_are_the_conjunction_of_upstreams_requirements() {
    let operators = [
        Operator::In(values(&["a"])),
        Operator::In(values(&["a", "b"])),
        Operator::NotIn(values(&["a"])),
        Operator::NotIn(values(&["a", "b"])),
        Operator::Exists,
        Operator::DoesNotExist,
    ];
    let conditions: Vec<(&str, &Operator)> = ["x", "y"]
        .into_iter()
        .flat_map(|key| operators.iter().map(move |operator| (key, operator)))
        .collect();
    let given = [None, Some("a"), Some("b"), Some("c")];
    let mut tried = 0;
    for (x, y) in given.iter().flat_map(|x| given.iter().map(move |y| (x, y))) {
        let pairs = [("x", x), ("y", y)];
        let labels: BTreeMap<String, String> = pairs
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), (*value)?.to_owned())))
            .collect();
        for first in &conditions {
            for second in &conditions {
                let both = [first, second];
                let expected = both
                    .iter()
                    .all(|(key, operator)| upstream(operator, &labels, key));
                let written = both.map(|(key, operator)| (*key, (*operator).clone()));
                let selector = selector(written.to_vec());
                let found = selector.selects(|key| labels.get(key).map(String::as_str));
                assert_eq!(found, expected, "{both:?} {labels:?}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 16 * 144);
}

#[test]
fn keys_and_values_of_labels_are_as_long_as_kubernetes_lets_them_be() {
    assert!(is_value(&"v".repeat(MAX_NAME)) && !is_value(&"v".repeat(MAX_NAME + 1)));
    assert!(is_key(&"k".repeat(MAX_NAME)) && !is_key(&"k".repeat(MAX_NAME + 1)));
    let prefixed = |length: usize| format!("{}/key", "p".repeat(length));
    assert!(is_key(&prefixed(MAX_PREFIX)) && !is_key(&prefixed(MAX_PREFIX + 1)));
}
