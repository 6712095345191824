//! A condition of a policy: it is refused or evaluated, within its budget.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sovverify::expression::limits::MAX_STEPS;
use sovverify::expression::{Expression, Inputs, Scope, scope};

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    Scope::new(&[
        scope::IMAGE,
        scope::SIGNATURE,
        scope::STATEMENT,
        scope::PREDICATE,
        scope::SBOM,
        scope::VULNERABILITIES,
        scope::NOW,
    ])
});

static INPUTS: LazyLock<Inputs> = LazyLock::new(|| {
    let predicate = json!({
        "text": "release/v1.2",
        "number": 1,
        "list": [1, "a", null, [1.5], {"k": true}],
        "long": vec![0; 1000],
    });
    let sbom = json!({
        "format": "SPDX",
        "created": "2026-03-01T00:00:00Z",
        "components": [{"name": "zlib", "licenses": ["Zlib"]}],
    });
    let now = "2026-03-02T11:04:05Z".parse().expect("a time");
    let mut inputs = Inputs::new(now);
    for (name, value) in [("predicate", predicate), ("sbom", sbom)] {
        inputs.bind(&SCOPE, name, &value).expect("a value");
    }
    inputs
});

fuzz_target!(|source: &str| {
    if let Ok(expression) = Expression::compile(source, &SCOPE) {
        let (outcome, steps) = expression.measure(&INPUTS);
        assert!(steps <= MAX_STEPS);
        assert_eq!((outcome, steps), expression.measure(&INPUTS));
    }
});
