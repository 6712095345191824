//! The page about expressions says what is true.

#![expect(
    clippy::disallowed_methods,
    reason = "the page lies on disk, and only the test knows"
)]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

use sovverify::expression::{Expression, Scope, Shape, limits, scope};

const ALL: [scope::Variable; 7] = [
    scope::IMAGE,
    scope::SIGNATURE,
    scope::STATEMENT,
    scope::PREDICATE,
    scope::SBOM,
    scope::VULNERABILITIES,
    scope::NOW,
];

fn page() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join("docs/policy/expressions.md")).unwrap()
}

#[test]
fn every_example_is_taken() {
    let page = page();
    let scope = Scope::new(&ALL);
    let blocks = page.split("```cel\n").skip(1);
    let mut count = 0;
    for block in blocks {
        let source = block.split("```").next().unwrap();
        count += 1;
        Expression::compile(source, &scope).unwrap_or_else(|error| panic!("{source}{error}"));
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn every_variable_and_field_is_on_the_page() {
    let page = page();
    let mut count = 0;
    for (name, shape) in ALL {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("{name}"));
        for field in fields(shape) {
            count += 1;
            assert!(row.contains(&format!("`{field}`")), "{name}.{field}");
        }
    }
    assert!(count > 50, "{count}");
}

/// The names of all fields, at every depth.
fn fields(shape: Shape) -> Vec<&'static str> {
    match shape {
        Shape::Object(list) => list
            .iter()
            .flat_map(|(name, inner)| std::iter::once(*name).chain(fields(*inner)))
            .collect(),
        Shape::List(inner) | Shape::Map(inner) => fields(*inner),
        _ => Vec::new(),
    }
}

#[test]
fn every_bound_is_on_the_page() {
    let page = page();
    let bounds = page.split("## Bounds").nth(1).unwrap();
    for number in [
        limits::MAX_SOURCE_BYTES,
        limits::MAX_DEPTH,
        limits::MAX_COMPREHENSIONS,
        limits::MAX_PATTERN_BYTES,
        limits::MAX_COMPILED_BYTES,
        usize::try_from(limits::MAX_STEPS).unwrap(),
        limits::STEP_BYTES,
        limits::MAX_VALUE_BYTES,
        limits::MAX_INPUT_NODES,
        limits::MAX_INPUT_DEPTH,
        limits::MAX_DYNAMIC_PATTERNS,
    ] {
        assert!(bounds.contains(&number.to_string()), "{number}");
    }
}
