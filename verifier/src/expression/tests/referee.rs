//! The evaluation of the `cel` crate as a referee: it is not ours, and reads the same specification.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::super::{Expression, Inputs, Outcome};
use super::conformance::{FALSE, TRUE};
use super::everything;
use super::programs::{Dice, PROGRAMS, Writer};

/// What the crate is built without here, or leaves to chance: regular expressions and times, the
/// order of maps; and variables that it is not given.
const FOREIGN: &[&str] = &[
    "map(k, k)",
    "matches",
    "timestamp",
    "duration",
    "now",
    "image",
    "sbom",
];

/// Where the crate does not follow the specification: it compares integers with doubles only after
/// rounding them, and fails where one side is not a number.
const DIFFERENT: &[&str] = &[
    "predicate.big < 9223372036854775808.0",
    "9007199254740993 != 9007199254740992.0",
    "!(0.0 / 0.0 < 1.0) && !(0.0 / 0.0 >= 1.0)",
];

fn predicate() -> Json {
    json!({
        "yes": true, "no": false, "one": 1, "big": i64::MAX, "half": 0.5, "bigger": u64::MAX,
        "text": "release/v1.2", "list": [1, 2, 3], "words": ["a", "b", "é"],
        "mixed": [1, "a", null, [1], {"k": 1}], "map": {"a": 1, "b": {"c": [1, 2]}},
        "numbers": (0..1000).collect::<Vec<i32>>(), "empty": [],
        "scanner": {"result": {"critical": 0, "high": 2}},
    })
}

struct Referee {
    environment: Arc<cel::Env>,
    predicate: cel::Value,
}

impl Referee {
    fn new() -> Self {
        Self {
            environment: Arc::new(cel::Env::stdlib()),
            predicate: value(&predicate()),
        }
    }

    /// The bool that `source` is; nothing where it is none.
    fn answer(&self, source: &str) -> Option<bool> {
        let mut context = cel::Context::with_env(Arc::clone(&self.environment));
        context.add_variable_from_value("predicate", self.predicate.clone());
        let program = self.environment.compile(source).unwrap();
        match program.execute(&context) {
            Ok(cel::Value::Bool(answer)) => Some(answer),
            _ => None,
        }
    }
}

/// JSON as a value of the crate, with numbers as ours are.
fn value(json: &Json) -> cel::Value {
    match json {
        Json::Null => cel::Value::Null,
        Json::Bool(value) => cel::Value::Bool(*value),
        Json::Number(number) => {
            let whole = number.as_i64().map(cel::Value::Int);
            let whole = whole.or_else(|| number.as_u64().map(cel::Value::UInt));
            whole.unwrap_or_else(|| cel::Value::Float(number.as_f64().unwrap()))
        }
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect::<Vec<_>>().into(),
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), value(member)))
            .collect::<HashMap<String, cel::Value>>()
            .into(),
    }
}

fn inputs() -> Inputs {
    let mut inputs = Inputs::new("2026-03-02T11:04:05Z".parse().unwrap());
    inputs
        .bind(&everything(), "predicate", &predicate())
        .unwrap();
    inputs
}

#[test]
fn the_crate_agrees_about_every_line_of_the_specification() {
    let referee = Referee::new();
    let rows = TRUE.iter().map(|source| (*source, true));
    let rows = rows.chain(FALSE.iter().map(|source| (*source, false)));
    let mut compared = 0;
    let mut different = Vec::new();
    for (source, expected) in rows {
        if FOREIGN.iter().any(|word| source.contains(word)) {
            continue;
        }
        compared += 1;
        if referee.answer(source) != Some(expected) {
            different.push(source);
        }
    }
    assert_eq!(different, DIFFERENT);
    assert!(compared > 80, "{compared}");
}

/// Where we answer, the crate answers the same. It answers more: values of different kinds are
/// unequal there, and a list plus a map is a list.
#[test]
fn the_crate_agrees_about_programs_at_random() {
    let (referee, scope, inputs) = (Referee::new(), everything(), inputs());
    let dice = Dice(0x5EED);
    let mut writer = Writer {
        dice,
        locals: Vec::new(),
    };
    let (mut agreed, mut failed, mut stricter) = (0, 0, 0);
    for _ in 0..PROGRAMS / 2 {
        let depth = 1 + writer.dice.roll(4);
        let source = writer.bool(depth);
        // The crate rounds before it compares.
        let rounded = source.contains("double(predicate.big)");
        if rounded || FOREIGN.iter().any(|word| source.contains(word)) {
            continue;
        }
        let Ok(expression) = Expression::compile(&source, &scope) else {
            continue;
        };
        let theirs = referee.answer(&source);
        match expression.evaluate(&inputs) {
            Outcome::Met => assert_eq!(theirs, Some(true), "{source}"),
            Outcome::Unmet => assert_eq!(theirs, Some(false), "{source}"),
            Outcome::TooCostly { .. } => panic!("{source}"),
            Outcome::Failed { .. } if theirs.is_some() => {
                stricter += 1;
                continue;
            }
            Outcome::Failed { .. } => {
                failed += 1;
                continue;
            }
        }
        agreed += 1;
    }
    println!("same answers {agreed}, failed in both {failed}, stricter {stricter}");
    assert!(agreed > 2500 && failed > 1000, "{agreed} {failed}");
    assert!(stricter < agreed / 10, "{stricter}");
}
