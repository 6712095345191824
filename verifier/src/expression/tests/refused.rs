//! What is refused when a policy is loaded, and where the blame is put.

use super::super::{Expression, Scope, Shape, scope};
use super::compile;
use crate::code::Code;

/// Expressions that are refused: line and column, and a part of what is said.
const REFUSED: &[(&str, usize, usize, &str)] = &[
    // Syntax.
    ("", 1, 1, "not well-formed"),
    ("1 +", 1, 4, "not well-formed"),
    ("true false", 1, 6, "not well-formed"),
    ("a b", 1, 3, "not well-formed"),
    ("if == 1", 1, 1, "reserved identifier"),
    ("99999999999999999999 == 1", 1, 1, "invalid int literal"),
    (
        "true &&\n  (true",
        2,
        3,
        "a bracket is never closed: expected `)`",
    ),
    ("true)", 1, 5, "brackets do not match"),
    ("[1)", 1, 3, "expected `]`, found `)`"),
    ("'é' == 'é' && é", 1, 15, "this is not CEL"),
    ("true & false", 1, 6, "this is not CEL"),
    ("predicate.x = 1", 1, 13, "this is not CEL"),
    ("predicate.`a-b` == 1", 1, 11, "this is not CEL"),
    ("@result == 1", 1, 1, "this is not CEL"),
    ("'abc", 1, 1, "no closing `'`"),
    ("'a\nb' == ''", 1, 1, "no closing `'`"),
    ("'''abc' == ''", 1, 1, "no closing `'''`"),
    (r"'\q' == ''", 1, 2, "an escape sequence of CEL"),
    (r"'\x4' == ''", 1, 2, "an escape sequence of CEL"),
    (r"'\ud800' == ''", 1, 1, "invalid string literal"),
    // Names.
    (
        "predicat.x == 1",
        1,
        1,
        "there is no such variable here: expected one of `image`",
    ),
    (".predicate.x == 1", 1, 2, "there is no such variable here"),
    (
        "[1].all(x, y == 1)",
        1,
        12,
        "there is no such variable here",
    ),
    (
        "[1].all(x, x == 1) && x == 1",
        1,
        23,
        "there is no such variable here",
    ),
    (
        "optional.of(1).hasValue()",
        1,
        24,
        "there is no such function",
    ),
    // Fields of known shapes.
    (
        "image.namee == ''",
        1,
        6,
        "there is no such field: expected one of `reference`",
    ),
    ("has(image.namee)", 1, 10, "there is no such field"),
    ("image['namee'] == ''", 1, 6, "there is no such field"),
    (
        "sbom.components.all(c, c.licence == '')",
        1,
        25,
        "there is no such field",
    ),
    (
        "sbom.components[0].licence == ''",
        1,
        19,
        "there is no such field",
    ),
    (
        "sbom.components.filter(c, true).exists(c, c.licence == '')",
        1,
        44,
        "there is no such field",
    ),
    (
        "vulnerabilities.list.all(v, v.severty == '')",
        1,
        30,
        "there is no such field",
    ),
    (
        "image.name.first == ''",
        1,
        11,
        "only maps have fields such as `first`",
    ),
    ("now.year == 2026", 1, 4, "only maps have fields"),
    ("sbom.components.name == ''", 1, 16, "only maps have fields"),
    (
        "image.name[0] == ''",
        1,
        11,
        "only lists and maps have elements",
    ),
    (
        "image.name.all(c, true)",
        1,
        15,
        "goes over the elements of a list or a map",
    ),
    // Functions and macros.
    (
        "image.name.lower() == ''",
        1,
        17,
        "there is no such function: expected one of `all`",
    ),
    ("foo(1)", 1, 4, "there is no such function"),
    ("[1, 2].sum() == 3", 1, 11, "there is no such function"),
    ("'a'.format([]) == ''", 1, 11, "there is no such function"),
    ("cel.bind(x, 1, x == 1)", 1, 9, "there is no such function"),
    (
        "startsWith('a', 'b')",
        1,
        11,
        "is not called like this: expected `….startsWith(…)`",
    ),
    (
        "'1'.int() == 1",
        1,
        8,
        "is not called like this: expected `int(…)`",
    ),
    ("size() == 1", 1, 5, "a wrong number of arguments"),
    ("'a'.size(1) == 1", 1, 9, "a wrong number of arguments"),
    (
        "now.getHours('CET') == 1",
        1,
        13,
        "a wrong number of arguments",
    ),
    ("matches('a')", 1, 8, "a wrong number of arguments"),
    ("[1].all(x)", 1, 8, "a wrong number of arguments"),
    (
        "[1].filter(x, true, true) == []",
        1,
        11,
        "a wrong number of arguments",
    ),
    ("has(predicate)", 1, 4, "`has` asks for a field"),
    (
        "has(predicate.x, predicate.y)",
        1,
        4,
        "`has` asks for a field",
    ),
    ("has(predicate['x'])", 1, 4, "`has` asks for a field"),
    ("[1].all(1, true)", 1, 9, "a comprehension needs a variable"),
    (
        "all(predicate.x, x, true)",
        1,
        4,
        "there is no such function",
    ),
    (
        "predicate.has(predicate.x)",
        1,
        14,
        "there is no such function",
    ),
    // One name, one meaning.
    ("[1].all(image, true)", 1, 9, "hides another name"),
    ("[1].all(x, [2].all(x, true))", 1, 20, "hides another name"),
    ("[1].all(int, true)", 1, 9, "hides another name"),
    ("[1].all(.x, true)", 1, 10, "hides another name"),
    // Not a condition.
    (
        "1",
        1,
        1,
        "this cannot be a condition: expected a bool, found a number",
    ),
    ("'true'", 1, 1, "this cannot be a condition"),
    ("1 + 1", 1, 3, "this cannot be a condition"),
    ("-predicate.x", 1, 1, "this cannot be a condition"),
    ("null", 1, 1, "this cannot be a condition"),
    ("[true]", 1, 1, "this cannot be a condition"),
    ("{'a': true}", 1, 1, "this cannot be a condition"),
    ("image.name", 1, 6, "this cannot be a condition"),
    ("size(predicate.x)", 1, 5, "this cannot be a condition"),
    (
        "predicate.x.map(y, true)",
        1,
        16,
        "this cannot be a condition",
    ),
    ("true && image.name", 1, 14, "this cannot be a condition"),
    ("!image.name", 1, 7, "this cannot be a condition"),
    ("true ? 1 : 2", 1, 6, "this cannot be a condition"),
    (
        "predicate.list.all(x, 'a')",
        1,
        23,
        "this cannot be a condition",
    ),
    // Comparisons that can never hold.
    (
        "sbom.version == 2",
        1,
        14,
        "`==` compares values of different kinds",
    ),
    (
        "sbom.componentCount != '2'",
        1,
        21,
        "`!=` compares values of different kinds",
    ),
    (
        "now > '2026-01-01T00:00:00Z'",
        1,
        5,
        "expected a timestamp, found a string",
    ),
    ("now - now > 3", 1, 11, "nothing"),
    // Patterns.
    (
        "image.name.matches('(')",
        1,
        20,
        "the pattern is not a regular expression",
    ),
    (
        "image.name.matches('(?=a)')",
        1,
        20,
        "the pattern is not a regular expression",
    ),
    (
        r"image.name.matches(r'(a)\1')",
        1,
        20,
        "the pattern is not a regular expression",
    ),
    (
        "matches(image.name, '[')",
        1,
        21,
        "the pattern is not a regular expression",
    ),
    ("image.name.matches(1)", 1, 20, "`matches` takes a pattern"),
    // Parts of CEL that are not here.
    ("Foo{}.x == 1", 1, 4, "this part of CEL is not supported"),
    ("predicate.?x == 1", 1, 10, "unsupported syntax"),
    ("predicate[?0] == 1", 1, 10, "unsupported syntax"),
    ("[?1] == [1]", 1, 2, "unsupported syntax"),
    ("{?'a': 1} == {}", 1, 2, "unsupported syntax"),
];

#[test]
fn what_cannot_be_used_is_refused_with_its_place() {
    for (source, line, column, wanted) in REFUSED {
        if *wanted == "nothing" {
            // Arithmetic is not followed: this fails when it is asked.
            assert!(compile(source).is_ok(), "{source}");
            continue;
        }
        let error = compile(source).map(|_| source).unwrap_err();
        assert_eq!(error.code, Code::ExpressionInvalid, "{source}: {error}");
        assert!(error.to_string().contains(wanted), "{source}: {error}");
        let found = (error.line, error.column);
        assert_eq!(found, (*line, *column), "{source}: {error}");
    }
}

#[test]
fn names_and_fields_that_exist_are_taken() {
    for source in [
        "image.name == ''",
        "has(image.name)",
        "image['name'] == ''",
        "sbom.components.all(c, c.licenses.all(l, l != ''))",
        "sbom.components[0].hashes.sha256 != ''",
        "sbom.components.filter(c, true).exists(c, c.name == '')",
        "sbom.components.exists(c, 'sha256' in c.hashes)",
        "signature.times.all(t, now - t < duration('24h'))",
        "signature.claims['x'] == 1 && signature.claims.y == 'z'",
        "statement.subjects.exists(s, s.digest.sha256 == image.digest)",
        "vulnerabilities.critical == 0 && vulnerabilities.list.all(v, v.score < 9.0)",
        "predicate.anything.at.all[0]['x'].y",
        "image.exists(field, field == 'name')",
        "{1: 2}.all(k, k == 1)",
    ] {
        assert!(compile(source).is_ok(), "{source}: {:?}", compile(source));
    }
}

#[test]
fn a_scope_has_exactly_its_variables() {
    let own = Scope::new(&[("own", Shape::Bool), scope::IMAGE]);
    assert!(Expression::compile("own && image.digest != ''", &own).is_ok());
    let error = Expression::compile("own && sbom.name != ''", &own).unwrap_err();
    assert_eq!(error.expected, "one of `image`, `own`");
    assert_eq!(error.found, "`sbom`");
    let error = Expression::compile("sbom.name != ''", &Scope::default()).unwrap_err();
    assert_eq!(error.expected, "no variable");
}
