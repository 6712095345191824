//! What CEL says an expression is (cel-spec, langdef), line by line.

use super::{Outcome, evaluate};

pub(super) const TRUE: &[&str] = &[
    // Literals.
    "true",
    "0x1F == 31",
    "1u == 1",
    "1e3 == 1000.0",
    ".5 == 0.5",
    r"'a\n\x41\u00e9\U0001F431\101' == 'a\nAé🐱A'",
    r"r'\n' == '\\n'",
    "'''it's\n\"quoted\"''' == 'it\\'s\\n\"quoted\"'",
    r"b'\xff\101' == b'\377A'",
    "null == null",
    "true // a comment",
    // Arithmetic.
    "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9",
    "7 / 2 == 3 && -7 / 2 == -3",
    "7 % 3 == 1 && -7 % 3 == -1",
    "7.0 / 2.0 == 3.5",
    "-(-1) == 1",
    "5u - 2u == 3u",
    "-9223372036854775808 < 0",
    "1.0 / 0.0 > 1e308",
    "'a' + 'b' == 'ab'",
    "b'a' + b'b' == b'ab'",
    "[1] + [2] == [1, 2]",
    // Numbers of different types are on one line.
    "1 == 1.0 && 1 == 1u && 1u == 1.0",
    "1 < 1.5 && 2u > 1.5 && -1 < 0u",
    "predicate.big < 9223372036854775808.0",
    "predicate.bigger > predicate.big",
    "predicate.bigger == 18446744073709551615u",
    "9007199254740993 != 9007199254740992.0",
    "-1 > -1.5 && -2 < -1.5",
    // Equality.
    "[1, 'a'] == [1.0, 'a']",
    "{'a': 1, 'b': 2} == {'b': 2u, 'a': 1.0}",
    "[1, 2] != [1, 2, 3]",
    "{'a': 1} != {'b': 1}",
    "1 != null && null != 'a'",
    "0.0 / 0.0 != 0.0 / 0.0",
    "!(0.0 / 0.0 < 1.0) && !(0.0 / 0.0 >= 1.0)",
    // Order.
    "'a' < 'b' && 'a' < 'aa' && 'Z' < 'a'",
    "false < true",
    "b'a' < b'b'",
    "2 >= 2 && 2 <= 2",
    // Logic: a side that decides absorbs an error of the other.
    "true || 1 / 0 == 1",
    "1 / 0 == 1 || true",
    "!(false && 1 / 0 == 1)",
    "!(1 / 0 == 1 && false)",
    "predicate.missing || true",
    "'a' + 'b' == 'ab' || predicate.text",
    "true ? true : 1 / 0 == 1",
    "false ? 1 / 0 == 1 : true",
    "false ? 1 / 0 == 1 : false ? predicate.missing : true",
    "!false && !!true",
    "predicate.yes || predicate.no && predicate.no",
    // Fields, keys, positions.
    "predicate.map.b.c[1] == 2",
    "predicate['map']['a'] == 1",
    "predicate.list[0] == 1 && predicate.list[2] == 3",
    "[1, 2][1u] == 2 && [1, 2][1.0] == 2",
    "{1: 'a'}[1u] == 'a' && {1u: 'a'}[1] == 'a' && {1: 'a'}[1.0] == 'a'",
    "{true: 1}[true] == 1",
    "{'a': {'b': 1}}.a.b == 1",
    "has(predicate.map) && !has(predicate.missing) && has(predicate.map.b.c)",
    "!has(predicate.nothing)",
    "has(image.digest) && !has(image.name)",
    "has({'a': null}.a)",
    // `in`.
    "2 in [1, 2] && !(3 in [1, 2])",
    "2.0 in [1, 2] && 'a' in predicate.mixed && null in predicate.mixed",
    "!('z' in predicate.mixed)",
    "'a' in {'a': 1} && !('b' in {'a': 1})",
    "1u in {1: 2}",
    "!(1.5 in {1: 2})",
    "'digest' in image",
    // Functions.
    "size('é🐱') == 2 && 'é🐱'.size() == 2",
    "size([1, 2]) == 2 && {'a': 1}.size() == 1 && size(b'\\xff') == 1",
    "predicate.text.startsWith('release/') && predicate.text.endsWith('v1.2')",
    "'abc'.contains('b') && 'abc'.contains('') && !'abc'.contains('d')",
    "'abc'.matches('b') && matches('abc', '^a.c$') && !'abc'.matches('^b')",
    "'registry.example'.matches('^[a-z.]+$')",
    r"'v1'.matches('^v\\d+$') && 'é'.matches('^.$')",
    "predicate.text.matches('^' + 'release')",
    "int(-9223372036854774784.0) < 0 && int('-9223372036854775808') < 0",
    "int('42') == 42 && int(4.9) == 4 && int(-4.9) == -4 && int(7u) == 7",
    "uint('42') == 42u && uint(4.9) == 4u",
    "double('1.5') == 1.5 && double(2) == 2.0 && double('1e3') == 1000.0",
    "string(42) == '42' && string(true) == 'true' && string(1.5) == '1.5' && string(7u) == '7'",
    "string(b'abc') == 'abc' && bytes('abc') == b'abc' && string('x') == 'x'",
    "bool('true') && bool('t') && !bool('false') && bool(true)",
    "dyn(1) == 1",
    "type(1) == int && type(1u) == uint && type('a') == string && type([]) == list",
    "type(1.0) == double && type(b'') == bytes && type({}) == map && type(null) == null_type",
    "type(true) == bool && type(int) == type && type(predicate.list) == list",
    "type(predicate.half) == double && type(predicate.bigger) == uint",
    "type(image.platforms.size()) == int && type(predicate.one) == int",
    // Macros.
    "[1, 2, 3].all(x, x > 0) && ![1, 2, 3].all(x, x > 1)",
    "[].all(x, x > 1) && ![].exists(x, x > 1) && ![].exists_one(x, x > 1)",
    "[1, 2].exists(x, x == 2) && ![1, 2].exists(x, x == 3)",
    "[1, 2].exists_one(x, x == 2) && ![2, 2].exists_one(x, x == 2)",
    "[1, 2].existsOne(x, x == 1)",
    "[1, 2, 3].filter(x, x > 1) == [2, 3]",
    "[1, 2].map(x, x * 2) == [2, 4]",
    "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
    "{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])",
    "{'a': 1, 'b': 2}.exists(k, {'a': 1, 'b': 2}[k] == 2)",
    "{'b': 1, 'a': 2}.map(k, k) == ['a', 'b']",
    // An element that decides absorbs the errors of others.
    "[0, 1].exists(x, 1 / x == 1)",
    "![0, 2].all(x, 1 / x == 1)",
    "sbom.components.all(c, c.licenses.exists(l, l != ''))",
    "sbom.components.filter(c, c.name == 'zlib').size() == 1",
    "[[1], [2, 3]].exists(a, a.exists(b, b == 3))",
    // Times.
    "now > timestamp('2026-03-01T00:00:00Z')",
    "now - sbom.created < duration('36h') && now - sbom.created > duration('35h')",
    "timestamp(predicate.scanner.at) + duration('1h30m') == timestamp('2026-03-01T01:30:00Z')",
    "timestamp('2026-03-01T02:00:00+02:00') == timestamp('2026-03-01T00:00:00Z')",
    "timestamp('2026-03-02T00:00:00Z') - timestamp('2026-03-01T00:00:00Z') == duration('24h')",
    "timestamp('2026-03-01T00:00:00Z') - duration('1.5s') < timestamp('2026-03-01T00:00:00Z')",
    "duration('1h') + duration('30m') == duration('90m') && duration('-1m') < duration('0')",
    "duration('1m') - duration('1s') == duration('59s')",
    "string(duration('1h30m')) == '5400s' && string(duration('-1.5s')) == '-1.5s'",
    "string(timestamp('2026-03-01T00:00:00Z')) == '2026-03-01T00:00:00Z'",
    "int(timestamp('1970-01-01T00:01:00Z')) == 60 && timestamp(60) == timestamp('1970-01-01T00:01:00Z')",
    "now.getFullYear() == 2026 && now.getMonth() == 2 && now.getDate() == 2",
    "now.getDayOfMonth() == 1 && now.getDayOfWeek() == 1 && now.getDayOfYear() == 60",
    "now.getHours() == 11 && now.getMinutes() == 4 && now.getSeconds() == 5",
    "timestamp('2026-03-01T00:00:00.250Z').getMilliseconds() == 250",
    "duration('90m').getHours() == 1 && duration('90m').getMinutes() == 90",
    "duration('1.25s').getSeconds() == 1 && duration('1.25s').getMilliseconds() == 250",
    "string(type(now)) != 'x' || true",
];

pub(super) const FALSE: &[&str] = &[
    "false",
    "predicate.no",
    "1 == 2",
    "null == 1",
    "predicate.scanner.result.critical > 0",
    "true && false",
    "[1, 2].exists(x, x > 2)",
    "[null] == [1]",
    "'abc'.matches('^b$')",
];

/// Conditions without an answer, and a part of what is said about them.
const FAILED: &[(&str, &str)] = &[
    (
        "predicate.text",
        "expected a bool, found string `release/v1.2`",
    ),
    ("predicate.one", "expected a bool, found int `1`"),
    ("predicate", "expected a bool, found map"),
    ("predicate.missing == 1", "there is no field `missing`"),
    ("predicate.nothing == null", "there is no field `nothing`"),
    ("image.name == '1'", "there is no field `name`"),
    ("statement.type == ''", "`statement` has no value here"),
    (
        "predicate['missing'] == 1",
        "there is no key string `missing`",
    ),
    (
        "predicate.list[3] == 1",
        "expected a position below 3, found 3",
    ),
    (
        "predicate.list[-1] == 1",
        "expected a position below 3, found -1",
    ),
    (
        "predicate.list[0.5] == 1",
        "expected a position in a list, found double",
    ),
    (
        "predicate.list['a'] == 1",
        "expected a position in a list, found string `a`",
    ),
    (
        "predicate.one[0] == 1",
        "expected a list or a map, found int `1`",
    ),
    (
        "predicate.one.x == 1",
        "expected a map with the field `x`, found int `1`",
    ),
    ("has(predicate.one.x)", "expected a map, found int `1`"),
    ("has(predicate.missing.x)", "there is no field `missing`"),
    // Values of different kinds are not compared.
    (
        "predicate.text == 1",
        "around `==`, found string `release/v1.2` and int `1`",
    ),
    ("predicate.text != 1", "around `!=`"),
    (
        "predicate.list == 'a'",
        "around `==`, found list and string `a`",
    ),
    ("predicate.list != ['a', 'b', 'c']", "around `!=`"),
    ("predicate.one < 'a'", "around `<`"),
    ("predicate.list < [2]", "around `<`"),
    ("predicate.one >= null", "around `>=`"),
    ("predicate.scanner.at < now", "around `<`"),
    // Arithmetic.
    ("predicate.big + 1 > 0", "found an overflow"),
    ("-9223372036854775807 - 2 < 0", "found an overflow"),
    ("predicate.big * 2 > 0", "found an overflow"),
    ("-(-9223372036854775808) > 0", "found an overflow"),
    ("(-9223372036854775807 - 1) / -1 > 0", "found an overflow"),
    ("1u - 2u == 0u", "found an overflow"),
    ("1 / 0 == 1", "expected a divisor, found zero"),
    ("1 % 0 == 1", "expected a divisor, found zero"),
    ("1u / 0u == 1u", "expected a divisor, found zero"),
    ("1.0 % 2.0 == 1.0", "that `%` takes"),
    ("1 + 1u == 2", "that `+` takes"),
    ("1 + 1.0 == 2.0", "that `+` takes"),
    ("predicate.text - 'a' == ''", "that `-` takes"),
    ("-predicate.text == ''", "after `-`"),
    ("-predicate.bigger == 1", "after `-`"),
    // Logic.
    ("!predicate.one", "expected a bool, found int `1`"),
    ("predicate.one && true", "expected a bool"),
    ("predicate.missing || false", "there is no field `missing`"),
    (
        "1 / 0 == 1 || predicate.missing",
        "there is no field `missing`",
    ),
    ("predicate.one ? true : false", "expected a bool"),
    // Functions.
    (
        "size(predicate.one) == 1",
        "expected a string, bytes, a list or a map",
    ),
    (
        "predicate.one.startsWith('a')",
        "expected a string, found int `1`",
    ),
    (
        "predicate.text.contains(predicate.one)",
        "expected a string, found int `1`",
    ),
    (
        "predicate.one.matches('a')",
        "expected a string before `matches`",
    ),
    (
        "predicate.text.matches(predicate.list)",
        "expected a string as pattern",
    ),
    (
        "predicate.text.matches('(' + predicate.text)",
        "expected a regular expression",
    ),
    ("int('a') == 1", "expected what fits an int"),
    ("int('+1') == 1", "expected what fits an int"),
    ("int(1e30) == 1", "expected what fits an int"),
    ("int(0.0 / 0.0) == 1", "expected what fits an int"),
    ("int(predicate.bigger) == 1", "expected what fits an int"),
    ("uint(-1) == 1u", "expected what fits a uint"),
    ("uint(-0.5) == 0u", "expected what fits a uint"),
    (
        "int(-9223372036854775808.0) < 0",
        "expected what fits an int",
    ),
    (
        "int(9223372036854775808.0) > 0",
        "expected what fits an int",
    ),
    ("double('infinity') > 1.0", "expected a number"),
    ("bool('yes')", "expected a bool"),
    ("string(b'\\xff') == ''", "found bytes"),
    ("string([1]) == ''", "found list"),
    (
        "timestamp('2026-03-01') < now",
        "expected a time in RFC 3339",
    ),
    (
        "timestamp('2026-03-01 00:00:00Z') < now",
        "expected a time in RFC 3339",
    ),
    (
        "timestamp('2026-03-01T00:00:00Z[UTC]') < now",
        "expected a time in RFC 3339",
    ),
    (
        "timestamp('2026-02-30T00:00:00Z') < now",
        "expected a time in RFC 3339",
    ),
    (
        "timestamp('0000-12-31T23:59:59Z') < now",
        "expected a time in RFC 3339",
    ),
    ("duration('1d') < duration('1h')", "expected a duration"),
    ("duration('') < duration('1h')", "expected a duration"),
    ("duration('h') < duration('1h')", "expected a duration"),
    (
        "duration('99999999999h') < duration('1h')",
        "expected a duration",
    ),
    (
        "timestamp('9999-12-30T21:59:59Z') + duration('2s') > now",
        "found an overflow",
    ),
    ("duration('1h').getFullYear() == 1", "expected a timestamp"),
    // Macros and collections.
    ("predicate.one.all(x, true)", "expected a list or a map"),
    ("predicate.list.all(x, predicate.one)", "expected a bool"),
    ("[0, 1].all(x, 1 / x == 1)", "found zero"),
    ("[0, 2].exists(x, 1 / x == 1)", "found zero"),
    ("[0, 1].exists_one(x, 1 / x == 1)", "found zero"),
    ("[0].map(x, 1 / x) == [1]", "found zero"),
    ("[0].filter(x, 1 / x == 1) == [1]", "found zero"),
    ("1 in predicate.text", "after `in`"),
    ("null in predicate.map", "a key of a map before `in`"),
    ("!([1] in predicate.map)", "a key of a map before `in`"),
    ("{'a': 1, 'a': 2}.a == 1", "stands twice in a map"),
    ("{1: 1, 1u: 2}[1] == 1", "stands twice in a map"),
    ("{1.0: 1}[1] == 1", "as key"),
    ("{null: 1}[null] == 1", "as key"),
];

#[test]
fn what_is_true_is_met() {
    for source in TRUE {
        assert_eq!(evaluate(source), Outcome::Met, "{source}");
    }
}

#[test]
fn what_is_false_is_not_met() {
    for source in FALSE {
        assert_eq!(evaluate(source), Outcome::Unmet, "{source}");
    }
}

#[test]
fn what_has_no_answer_fails_and_says_why() {
    for (source, wanted) in FAILED {
        match evaluate(source) {
            Outcome::Failed { message, .. } => {
                assert!(message.contains(wanted), "{source}: {message}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[test]
fn a_failure_says_where_in_characters() {
    let source = "'é' == 'é' &&\n  predicate.missing == 1";
    let Outcome::Failed { line, column, .. } = evaluate(source) else {
        panic!("{source}");
    };
    assert_eq!((line, column), (2, 12));
}
