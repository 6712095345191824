//! One name, three homes: every code has its line in the table, its page, and a test or case that
//! produces it (house rule "Codes").

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sovverify::Code;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every file below `directory` whose name ends in `suffix`, build output left out.
fn files(directory: &Path, suffix: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                files(&path, suffix, found);
            }
        } else if name.ends_with(suffix) {
            found.push(path);
        }
    }
}

fn page(code: Code) -> PathBuf {
    root().join("docs/codes").join(format!("{code}.md"))
}

/// Text with its line breaks folded, so that wrapping does not matter.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_code_has_a_page_that_says_what_why_and_how() {
    let mut missing = Vec::new();
    for code in Code::ALL {
        let Ok(text) = fs::read_to_string(page(*code)) else {
            missing.push(format!("{code}: no page {}", page(*code).display()));
            continue;
        };
        let mut paragraphs = text.split("\n\n");
        let mut expect = |what: &str, ok: &dyn Fn(&str) -> bool| {
            if !paragraphs.next().is_some_and(ok) {
                missing.push(format!("{code}: expected {what}"));
            }
        };
        let class = format!("Class: `{}`.", code.class());
        expect("the code as title", &|p| p == format!("# {code}"));
        expect("the summary of the table", &|p| {
            folded(p).starts_with(code.summary())
        });
        expect(&class, &|p| p == class);
        for section in ["Why it matters", "What happened", "How to fix it"] {
            if !text.contains(&format!("**{section}.** ")) {
                missing.push(format!("{code}: expected the section `{section}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn no_page_is_left_without_its_code() {
    let directory = root().join("docs/codes");
    let mut pages = Vec::new();
    files(&directory, ".md", &mut pages);
    let known: BTreeSet<PathBuf> = Code::ALL.iter().map(|code| page(*code)).collect();
    let strangers: Vec<_> = pages
        .iter()
        .filter(|page| !known.contains(*page) && page.file_name().unwrap() != "README.md")
        .collect();
    assert!(strangers.is_empty(), "{strangers:#?}");
}
#[test]
fn every_code_is_produced_by_a_case_or_named_by_a_test() {
    let mut sources = Vec::new();
    files(&root(), ".rs", &mut sources);
    let tests: String = sources
        .iter()
        .filter(|path| !path.ends_with("cli/tests/codes.rs"))
        .map(|path| test_part(path))
        .collect();
    let words: BTreeSet<&str> = tests
        .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_'))
        .collect();
    let unproven: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !root().join("testdata/cases").join(code.name()).is_dir())
        .filter(|code| {
            !words.contains(code.name()) && !words.contains(format!("{code:?}").as_str())
        })
        .map(|code| code.name())
        .collect();
    assert!(
        unproven.is_empty(),
        "expected a case testdata/cases/<code>/ or a test that names it: {unproven:#?}"
    );
}

/// What of a source file is test: all of it below `tests`, else what follows `#[cfg(test)]`.
fn test_part(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let below_tests = path.components().any(|part| part.as_os_str() == "tests");
    if below_tests || path.file_stem().is_some_and(|stem| stem == "tests") {
        return text;
    }
    text.split_once("#[cfg(test)]")
        .map(|(_, tests)| tests.to_owned())
        .unwrap_or_default()
}
