//! Bounds on what is read: the honest twin at the bound, the lie one past it.

use serde_json::json;

use super::super::error::Places;
use super::super::guard;
use super::super::limits::{
    MAX_COMPILED_BYTES, MAX_DEPTH, MAX_INPUT_DEPTH, MAX_PATTERN_BYTES, MAX_PATTERN_NESTING,
    MAX_SOURCE_BYTES,
};
use super::super::translate::Translator;
use super::super::{Expression, Outcome};
use super::{compile, everything, evidence};
use crate::code::Code;

/// `opening` many times, the middle, `closing` many times.
fn nested(opening: &str, middle: &str, closing: &str, times: usize) -> String {
    format!("{}{middle}{}", opening.repeat(times), closing.repeat(times))
}

/// Ways to nest: an expression for how often, and how often is the most.
type Way = (&'static str, fn(usize) -> String, usize);

const WAYS: &[Way] = &[
    (
        "parentheses",
        |n| nested("(", "true", ")", n),
        MAX_DEPTH - 1,
    ),
    (
        "lists",
        |n| format!("{} == []", nested("[", "", "]", n)),
        MAX_DEPTH - 2,
    ),
    (
        "maps",
        |n| format!("{} == {{}}", nested("{1:", "1", "}", n)),
        MAX_DEPTH - 2,
    ),
    (
        "calls",
        |n| format!("{} == 1", nested("dyn(", "1", ")", n)),
        MAX_DEPTH - 2,
    ),
    (
        "ternaries",
        |n| format!("{}true", "false?true:".repeat(n)),
        MAX_DEPTH - 1,
    ),
    (
        "negations",
        |n| format!("{}true", "!".repeat(n)),
        MAX_DEPTH - 1,
    ),
    (
        "signs",
        |n| format!("{}1 == 1", "-".repeat(n)),
        MAX_DEPTH - 2,
    ),
    (
        "negated brackets",
        |n| nested("!(", "true", ")", n),
        (MAX_DEPTH - 1) / 2,
    ),
    (
        "sums",
        |n| format!("1{} == 1", "+1".repeat(n)),
        MAX_DEPTH - 2,
    ),
    (
        "texts",
        |n| format!("'a'{} == ''", "+'a'".repeat(n)),
        MAX_DEPTH - 2,
    ),
    (
        "comparisons",
        |n| format!("true{}", " == true".repeat(n)),
        MAX_DEPTH - 1,
    ),
    (
        "fields",
        |n| format!("predicate{}", ".a".repeat(n)),
        MAX_DEPTH - 1,
    ),
    (
        "positions",
        |n| format!("predicate{}", "[0]".repeat(n)),
        MAX_DEPTH - 2,
    ),
    (
        "methods",
        |n| format!("[1]{} == []", ".map(x, x)".repeat(n)),
        MAX_DEPTH - 3,
    ),
];

#[test]
fn the_deepest_expression_is_taken_and_a_deeper_one_is_not() {
    for (name, build, most) in WAYS {
        let honest = build(*most);
        assert!(compile(&honest).is_ok(), "{name}: {:?}", compile(&honest));
        let error = compile(&build(most + 1)).map(|_| name).unwrap_err();
        assert_eq!(error.code, Code::ExpressionTooCostly, "{name}: {error}");
        assert_eq!(error.message, "the expression nests too deep", "{name}");
        assert_eq!(error.expected, "at most 64 levels", "{name}");
    }
}

#[test]
fn nesting_far_beyond_the_bound_is_refused_as_fast() {
    for (name, build, _) in WAYS {
        // As deep as a source can be.
        let size = build(100).len() / 100 + 1;
        let source = build(MAX_SOURCE_BYTES / size - 4);
        assert!(source.len() <= MAX_SOURCE_BYTES, "{name}");
        let error = compile(&source).map(|_| name).unwrap_err();
        assert_eq!(error.code, Code::ExpressionTooCostly, "{name}: {error}");
    }
    let two_thousand = format!("1{} == 1", "+1".repeat(2000));
    let error = compile(&two_thousand).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
}

#[test]
fn nesting_does_not_hide_in_strings_comments_or_errors() {
    let deep = "(".repeat(100);
    // Honest: these are no brackets.
    assert!(compile(&format!("'{deep}' == '' // {deep}")).is_ok());
    assert!(compile(&format!("'''{deep}''' == r\"{deep}\"")).is_ok());
    // Lies: these are.
    for source in [
        format!("'' {deep}"),
        format!("'\\'' + '\\\\' {deep}"),
        format!("r'\\' {deep}"),
        format!("'''a'b''' {deep}"),
        format!("// '\n{deep}"),
        format!("b'' + br'\\' {deep}"),
        format!("\"'\" {deep}"),
    ] {
        let error = compile(&source).unwrap_err();
        assert_eq!(error.code, Code::ExpressionTooCostly, "{source}: {error}");
    }
}

#[test]
fn wide_expressions_are_not_deep() {
    let and = vec!["predicate.a == 1"; 150].join(" && ");
    assert!(compile(&and).is_ok());
    let or = vec!["predicate.a.b.c == 'x'"; 100].join(" || ");
    assert!(compile(&or).is_ok());
    let list = format!("1 in [{}]", vec!["1 + 1"; 400].join(", "));
    assert!(compile(&list).is_ok());
    let sum = format!("{} > 0", vec!["predicate.a.b[0].c"; 50].join(" + "));
    assert!(compile(&sum).is_ok());
    let map = format!("'a' in {{{}}}", vec!["'k': 1 + 1"; 200].join(", "));
    assert!(compile(&map).is_ok());
}

#[test]
fn the_source_is_bounded() {
    let padded = |bytes: usize| format!("true{}", " ".repeat(bytes - 4));
    assert!(compile(&padded(MAX_SOURCE_BYTES)).is_ok());
    let error = compile(&padded(MAX_SOURCE_BYTES + 1)).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
    assert_eq!(error.expected, "at most 4096 bytes");
    assert_eq!((error.line, error.column), (1, 4097));
    // The bound may fall into a character.
    let error = compile(&format!("'{}' == ''", "🐱".repeat(1025))).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
}

#[test]
fn comprehensions_nest_twice() {
    let twice = "predicate.a.all(x, x.all(y, y == 1))";
    assert!(compile(twice).is_ok());
    let chained = "predicate.a.map(x, x).filter(y, y == 1).all(z, z.exists(w, w == 1))";
    assert!(compile(chained).is_ok());
    let in_range = "predicate.a.filter(x, x.filter(y, true) == []).all(x, x.all(y, true))";
    assert!(compile(in_range).is_ok());
    let thrice = "predicate.a.all(x, x.all(y, y.all(z, z == 1)))";
    let error = compile(thrice).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
    assert_eq!(error.expected, "at most 2 comprehensions");
    let hidden = "predicate.a.all(x, x.all(y, [y].filter(z, true).size() == 1))";
    assert!(compile(hidden).is_err());
}

#[test]
fn constant_patterns_are_bounded() {
    let pattern = |text: &str| format!("image.name.matches('{text}')");
    assert!(compile(&pattern(&"a".repeat(MAX_PATTERN_BYTES))).is_ok());
    let error = compile(&pattern(&"a".repeat(MAX_PATTERN_BYTES + 1))).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
    assert_eq!(error.expected, "at most 512 bytes of a pattern");
    assert!(compile(&pattern("(ab){1,50}")).is_ok());
    let error = compile(&pattern("((a{100}){100}){100}")).unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
    let expected = format!("at most {MAX_COMPILED_BYTES} bytes of a compiled pattern");
    assert_eq!(error.expected, expected);
    let deepest = usize::try_from(MAX_PATTERN_NESTING).unwrap();
    assert!(compile(&pattern(&nested("(", "a", ")", deepest))).is_ok());
    let error = compile(&pattern(&nested("(", "a", ")", deepest + 1))).unwrap_err();
    assert_eq!(error.code, Code::ExpressionInvalid);
}

#[test]
fn the_translation_has_a_bound_of_its_own() {
    let source = format!("1{} == 1", "+1".repeat(MAX_DEPTH));
    let parser = cel::Env::default().parser();
    let (tree, info) = parser.parse_with_source_info(&source).unwrap();
    let (scope, places) = (everything(), Places::new(&source));
    let error = Translator::new(&scope, &places, &info)
        .condition(&tree)
        .unwrap_err();
    assert_eq!(error.code, Code::ExpressionTooCostly);
    assert!(guard::check(&source).is_err());
}

/// The stack of a worker of tokio is 2 MiB. Without optimisation, the parser takes up to 768 KiB
/// for what is accepted, the translation 384 KiB, the evaluation 512 KiB (comparing the deepest
/// values).
#[test]
fn half_the_stack_of_a_worker_suffices_without_optimisation() {
    const STACK: usize = 1024 * 1024;
    let scope = everything();
    let mut inputs = evidence();
    let deep = (0..MAX_INPUT_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    inputs.bind(&scope, "predicate", &deep).unwrap();
    let wrapped = format!("[predicate]{}", ".map(x, [x])".repeat(MAX_DEPTH - 5));
    let mut sources = vec![
        format!("{wrapped} == {wrapped}"),
        format!("{wrapped} in [{wrapped}]"),
        nested("[", "true", "][0]", (MAX_DEPTH - 1) / 2),
        nested("{'a': ", "true", "}.a", (MAX_DEPTH - 1) / 2),
        nested("(true ? ", "true", " : false)", (MAX_DEPTH - 1) / 2),
        nested("(false || ", "true", " && true)", (MAX_DEPTH - 1) / 3),
        "[1].all(x, [1].all(y, ".to_owned() + &nested("(", "true", ")", MAX_DEPTH - 5) + "))",
    ];
    sources.extend(WAYS.iter().map(|(_, build, most)| build(*most)));
    for source in sources {
        let (scope, inputs, text) = (scope.clone(), inputs.clone(), source.clone());
        let thread = std::thread::Builder::new().stack_size(STACK);
        let run = thread.spawn(move || {
            let expression = Expression::compile(&text, &scope).unwrap();
            let copy = expression.clone();
            let outcome = expression.evaluate(&inputs);
            drop(copy);
            assert!(!matches!(outcome, Outcome::TooCostly { .. }), "{text}");
        });
        run.unwrap().join().unwrap();
    }
}
