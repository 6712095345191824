use serde_json::json;

use super::{Expression, ExpressionError, Inputs, Outcome, Scope, scope};

mod budget;
mod conformance;
mod inputs;
mod nesting;
mod programs;
mod referee;
mod refused;

/// Every variable that there is.
const ALL: [scope::Variable; 7] = [
    scope::IMAGE,
    scope::SIGNATURE,
    scope::STATEMENT,
    scope::PREDICATE,
    scope::SBOM,
    scope::VULNERABILITIES,
    scope::NOW,
];

fn everything() -> Scope {
    Scope::new(&ALL)
}

/// The predicate of the tests, and little else.
fn evidence() -> Inputs {
    let numbers: Vec<u32> = (0..1000).collect();
    let predicate = json!({
        "yes": true,
        "no": false,
        "nothing": null,
        "one": 1,
        "big": 9_223_372_036_854_775_807_i64,
        "bigger": 18_446_744_073_709_551_615_u64,
        "half": 0.5,
        "text": "release/v1.2",
        "list": [1, 2, 3],
        "words": ["a", "b", "é"],
        "mixed": [1, "a", null, [1], {"k": 1}],
        "map": {"a": 1, "b": {"c": [1, 2]}},
        "empty": [],
        "numbers": numbers,
        "scanner": {"result": {"critical": 0, "high": 2}, "at": "2026-03-01T00:00:00Z"},
    });
    let image = json!({
        "reference": "registry.example/team/app:1.2",
        "registry": "registry.example",
        "repository": "team/app",
        "digest": "sha256:00",
        "platforms": ["linux/amd64"],
    });
    let sbom = json!({
        "format": "SPDX",
        "version": "2.3",
        "created": "2026-03-01T00:00:00Z",
        "componentCount": 2,
        "components": [
            {"name": "zlib", "version": "1.3", "licenses": ["Zlib"], "hashes": {"sha256": "00"}},
            {"name": "openssl", "version": "3.0", "licenses": ["Apache-2.0", "MIT"], "hashes": {}},
        ],
    });
    let scope = everything();
    let mut inputs = Inputs::new("2026-03-02T11:04:05Z".parse().unwrap());
    inputs.bind(&scope, "predicate", &predicate).unwrap();
    inputs.bind(&scope, "image", &image).unwrap();
    inputs.bind(&scope, "sbom", &sbom).unwrap();
    inputs
}

fn compile(source: &str) -> Result<Expression, ExpressionError> {
    Expression::compile(source, &everything())
}

fn evaluate(source: &str) -> Outcome {
    compile(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .evaluate(&evidence())
}

#[test]
fn conditions_and_inputs_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Expression>();
    shared::<Inputs>();
    shared::<Scope>();
    let condition = compile("predicate.numbers.exists(n, n == 999)").unwrap();
    let inputs = evidence();
    std::thread::scope(|scope| {
        let run = || condition.measure(&inputs);
        let both = [scope.spawn(run), scope.spawn(run)];
        let [first, second] = both.map(|thread| thread.join().unwrap());
        assert_eq!(first, second);
        assert_eq!(first.0, Outcome::Met);
    });
}
