use super::*;

fn expression(text: &str) -> LicenseExpression {
    LicenseExpression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn set(entries: &[&str]) -> LicenseSet {
    LicenseSet::parse(entries).unwrap_or_else(|error| panic!("{entries:?}: {error}"))
}

fn allowed(text: &str, entries: &[&str]) -> bool {
    expression(text).allowed_by(&set(entries))
}

fn denied(text: &str, entries: &[&str]) -> Option<String> {
    expression(text).denied_by(&set(entries))
}

#[test]
fn an_expression_is_allowed_when_some_choice_is() {
    assert!(allowed("MIT", &["MIT"]));
    assert!(!allowed("MIT", &["Apache-2.0"]));
    assert!(!allowed("MIT", &[]));
    assert!(allowed("MIT OR GPL-3.0-only", &["MIT"]));
    assert!(!allowed("MIT AND GPL-3.0-only", &["MIT"]));
    assert!(allowed("MIT AND GPL-3.0-only", &["MIT", "GPL-3.0-only"]));
    assert!(allowed(
        "(MIT OR GPL-3.0-only) AND (ISC OR Zlib)",
        &["MIT", "Zlib"]
    ));
    assert!(!allowed(
        "(MIT OR GPL-3.0-only) AND (ISC OR Zlib)",
        &["MIT", "GPL-3.0-only"]
    ));
    assert!(allowed("MIT OR Apache-2.0 AND BSD-3-Clause", &["MIT"]));
    assert!(!allowed("(MIT OR Apache-2.0) AND BSD-3-Clause", &["MIT"]));
}

#[test]
fn an_expression_is_denied_when_no_choice_is_free() {
    let gpl = &["GPL-3.0-only"];
    assert_eq!(denied("GPL-3.0-only", gpl).as_deref(), Some("GPL-3.0-only"));
    assert_eq!(denied("MIT", gpl), None);
    assert_eq!(denied("MIT OR GPL-3.0-only", gpl), None);
    assert_eq!(
        denied("MIT AND GPL-3.0-only", gpl).as_deref(),
        Some("GPL-3.0-only")
    );
    assert_eq!(
        denied("(MIT AND GPL-3.0) OR (ISC AND gpl-3.0)", gpl).as_deref(),
        Some("GPL-3.0")
    );
    assert_eq!(denied("(MIT AND GPL-3.0-only) OR ISC", gpl), None);
    assert_eq!(denied("GPL-3.0-only", &[]), None);
}

#[test]
fn or_later_leaves_the_choice_between_known_versions() {
    assert!(allowed("GPL-2.0-or-later", &["GPL-3.0-only"]));
    assert!(allowed("GPL-2.0+", &["GPL-2.0"]));
    assert!(allowed("GPL-2.0-or-later", &["GPL-3.0-or-later"]));
    assert!(allowed("GPL-3.0-only", &["GPL-2.0-or-later"]));
    assert!(!allowed("GPL-2.0-only", &["GPL-3.0-or-later"]));
    assert!(!allowed("GPL-3.0-or-later", &["GPL-2.0-only"]));
    assert!(!allowed("LGPL-2.1-or-later", &["GPL-3.0-only"]));
    assert!(allowed("Apache-1.1+", &["Apache-2.0"]));
    assert!(!allowed("BSD-2-Clause+", &["BSD-3-Clause"]));
    // Nothing after 3.0 exists, so the choice is none.
    assert!(denied("GPL-3.0-or-later", &["GPL-3.0-only"]).is_some());
    assert_eq!(denied("GPL-2.0-or-later", &["GPL-3.0-only"]), None);
    assert!(denied("GPL-2.0-or-later", &["GPL-2.0-only", "GPL-3.0-only"]).is_some());
    assert!(denied("GPL-3.0-only", &["GPL-2.0-or-later"]).is_some());
}

#[test]
fn exceptions_pass_neither_list_by_being_there() {
    let classpath = "GPL-2.0-only WITH Classpath-exception-2.0";
    assert!(allowed(classpath, &[classpath]));
    assert!(allowed("GPL-2.0-with-classpath-exception", &[classpath]));
    assert!(allowed(
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        &[classpath]
    ));
    assert!(!allowed(classpath, &["GPL-2.0-only"]));
    assert!(!allowed("GPL-2.0-only", &[classpath]));
    assert!(denied(classpath, &[classpath]).is_some());
    assert!(denied(classpath, &["GPL-2.0-only"]).is_some());
    assert!(denied("GPL-3.0-only WITH AdditionRef-nothing", &["GPL-3.0-only"]).is_some());
    assert_eq!(denied("GPL-2.0-only", &[classpath]), None);
}

#[test]
fn references_keep_their_case_and_their_document() {
    assert!(allowed("LicenseRef-Acme", &["LicenseRef-Acme"]));
    assert!(!allowed("LicenseRef-Acme", &["LicenseRef-acme"]));
    assert!(allowed(
        "DocumentRef-x:LicenseRef-Acme",
        &["DocumentRef-x:LicenseRef-Acme"]
    ));
    assert!(!allowed(
        "DocumentRef-x:LicenseRef-Acme",
        &["LicenseRef-Acme"]
    ));
    assert!(!allowed("LicenseRef-MIT", &["MIT"]));
}

#[test]
fn identifiers_match_without_case() {
    assert!(allowed("mit or apache-2.0", &["APACHE-2.0"]));
    assert!(allowed(
        "gpl-2.0-ONLY with classpath-EXCEPTION-2.0",
        &["GPL-2.0-only WITH Classpath-exception-2.0"]
    ));
    assert_eq!(expression(" mit ").as_str(), " mit ");
}

#[test]
fn what_is_no_expression_is_refused_with_its_reason() {
    let lies = [
        ("", "expected a license at column 1"),
        ("NONE", "found `NONE`"),
        ("NOASSERTION", "found `NOASSERTION`"),
        ("Apache 2", "expected an identifier of the SPDX list"),
        ("MIT/Apache-2.0", "expected letters, digits"),
        ("MIT Or ISC", "found `Or`"),
        ("MIT OR", "at column 7"),
        ("OR MIT", "expected `<license>`, `(` at column 1"),
        ("MIT ISC", "found `ISC`"),
        ("(MIT", "expected `)` for every `(`"),
        ("MIT)", "expected `(` for every `)`"),
        ("()", "expected"),
        ("MIT +", "expected `+` directly after a license"),
        ("GPL-2.0-or-later+", "expected `-or-later` once"),
        ("MIT WITH ISC", "expected"),
        ("MIT WITH MIT WITH MIT", "expected"),
        ("LicenseRef-", "expected a name after `LicenseRef-`"),
        ("DocumentRef-:LicenseRef-x", "expected a name after"),
        ("LicenseRef-a_b", "expected"),
        ("(MIT) WITH LLVM-exception", "expected"),
        ("MIT\u{a0}é", "expected"),
    ];
    for (text, reason) in lies {
        let found = LicenseExpression::parse(text).unwrap_err().to_string();
        assert!(found.contains(reason), "{text}: {found}");
    }
}

#[test]
fn an_entry_of_a_list_is_one_license() {
    for entry in ["MIT OR ISC", "MIT AND ISC"] {
        let found = LicenseSet::parse(&["MIT", entry]).unwrap_err();
        assert!(matches!(found, LicenseError::Compound { .. }), "{found}");
    }
    assert!(LicenseSet::parse(&["MIT", "Apache 2"]).is_err());
    assert!(LicenseSet::parse(&["(MIT)", "ISC"]).is_ok());
}

#[test]
fn the_longest_and_deepest_are_taken_and_one_more_is_not() {
    let nested = |depth: usize| format!("{}MIT{}", "(".repeat(depth), ")".repeat(depth));
    assert!(allowed(&nested(MAX_LICENSE_DEPTH), &["MIT"]));
    let found = MAX_LICENSE_DEPTH + 1;
    let refused = LicenseExpression::parse(&nested(found)).unwrap_err();
    assert_eq!(refused, LicenseError::TooDeep { found });
    let padded = |length: usize| format!("MIT{}", " ".repeat(length - 3));
    assert!(allowed(&padded(MAX_LICENSE_BYTES), &["MIT"]));
    let found = MAX_LICENSE_BYTES + 1;
    let refused = LicenseExpression::parse(&padded(found)).unwrap_err();
    assert_eq!(refused, LicenseError::TooLong { found });
}

/// A disjunctive normal form of this expression would have 2^900 terms.
#[test]
fn evaluation_is_linear() {
    let text = vec!["(MIT OR ISC)"; 900].join(" AND ");
    assert!(allowed(&text, &["ISC"]));
    assert!(!allowed(&text, &["Zlib"]));
    assert!(denied(&text, &["ISC", "MIT"]).is_some());
    assert_eq!(denied(&text, &["ISC"]), None);
}

#[test]
fn allowed_and_denied_agree_with_every_choice_of_random_expressions() {
    let licenses = ["MIT", "ISC", "Zlib", "0BSD"];
    let mut random = crate::package::version::tests::Random::new(3);
    for _ in 0..2_000 {
        let mut text = (*random.pick(&licenses)).to_owned();
        let mut choices: Vec<Vec<&str>> = vec![vec![
            licenses
                .into_iter()
                .find(|license| *license == text)
                .unwrap(),
        ]];
        for _ in 0..random.below(5) {
            let next = *random.pick(&licenses);
            if random.below(2) == 0 {
                text = format!("({text}) AND {next}");
                for choice in &mut choices {
                    choice.push(next);
                }
            } else {
                text = format!("({text}) OR {next}");
                choices.push(vec![next]);
            }
        }
        let list: Vec<&str> = licenses
            .into_iter()
            .filter(|_| random.below(2) == 0)
            .collect();
        let some = choices
            .iter()
            .any(|choice| choice.iter().all(|l| list.contains(l)));
        assert_eq!(allowed(&text, &list), some, "{text}: {list:?}");
        let none = choices
            .iter()
            .all(|choice| choice.iter().any(|l| list.contains(l)));
        assert_eq!(denied(&text, &list).is_some(), none, "{text}: {list:?}");
    }
}

#[test]
fn no_text_breaks_the_reader() {
    let pieces = [
        "MIT",
        "GPL-2.0",
        "+",
        " ",
        " AND ",
        " OR ",
        " WITH ",
        "(",
        ")",
        "LicenseRef-",
        "DocumentRef-",
        ":",
        "LLVM-exception",
        "AdditionRef-",
        "x",
        "\u{e9}",
        "-",
    ];
    let mut random = crate::package::version::tests::Random::new(5);
    let list = set(&["MIT", "GPL-2.0+"]);
    let mut taken = 0;
    for _ in 0..50_000 {
        let length = random.below(10);
        let text: String = (0..length).map(|_| *random.pick(&pieces)).collect();
        if let Ok(expression) = LicenseExpression::parse(&text) {
            taken += 1;
            expression.allowed_by(&list);
            expression.denied_by(&list);
        }
    }
    assert!(taken > 500, "{taken}");
}
