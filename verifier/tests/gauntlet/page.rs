//! `docs/security/gauntlet.md` names tests that exist, and every test here stands on it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The folders that hold tests of the gauntlet, from the root of the repository.
const FOLDERS: [&str; 7] = [
    "verifier/src",
    "verifier/tests",
    "verifier/fetch/src",
    "verifier/fetch/tests",
    "cli/tests",
    "webhook/src",
    "webhook/tests",
];
/// All rows there are: each is on the page, with tests or with the reason why there can be none.
const WHOLE: RangeInclusive<u16> = 1..=172;
/// What each row among those that have no test says.
const NOT_HERE: &str = " does not apply, because ";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of all tests of the gauntlet.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = FOLDERS
        .iter()
        .map(|folder| repository().join(folder))
        .collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // A row, and a sentence: this file's own words are no test.
            let rest = text.split("fn gauntlet_").skip(1);
            let names = rest.filter_map(|rest| rest.split_once("()"));
            let names =
                names.filter(|(name, _)| name.starts_with(|first: char| first.is_ascii_digit()));
            found.extend(names.map(|(name, _)| format!("gauntlet_{name}")));
        }
    }
    found
}

/// The names of tests that the page mentions.
fn mentioned() -> BTreeSet<String> {
    let page = page();
    let words = page.split('`').filter(|word| word.starts_with("gauntlet_"));
    words.map(str::to_owned).collect()
}

#[test]
fn every_test_that_the_page_names_exists_and_every_test_is_on_the_page() {
    let (tests, mentioned) = (tests(), mentioned());
    assert!(tests.len() > 30, "{tests:?}");
    let lost: Vec<&String> = mentioned.difference(&tests).collect();
    assert!(
        lost.is_empty(),
        "the page names tests that do not exist: {lost:?}"
    );
    let unnamed: Vec<&String> = tests.difference(&mentioned).collect();
    assert!(
        unnamed.is_empty(),
        "the page does not name these: {unnamed:?}"
    );
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let page = repository().join("docs/security/threat-model.md");
    let page = std::fs::read_to_string(page).unwrap();
    let named: BTreeSet<String> = page
        .split('`')
        .filter(|word| word.starts_with("gauntlet_"))
        .map(str::to_owned)
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let tests = tests();
    let lost: Vec<&String> = named.difference(&tests).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// The page, which is a file.
fn page() -> String {
    std::fs::read_to_string(repository().join("docs/security/gauntlet.md")).unwrap()
}

/// The rows of the table, in the order of the page, by number.
fn rows(page: &str) -> Vec<(u16, &str)> {
    let lines = page.lines().filter_map(|line| {
        let number = line.split('|').nth(1).unwrap_or_default().trim();
        Some((number.parse().ok()?, line))
    });
    lines.collect()
}

/// The rows of the list below it, of which there is no test: `- **85** (…) does not apply, because …`.
fn without_test(page: &str) -> Vec<(u16, String)> {
    let (_, list) = page.split_once("\n## What does not apply\n").unwrap();
    let items = list.split("\n- **").skip(1);
    let items = items.map(|item| {
        let (number, text) = item.split_once("**").unwrap();
        let text: Vec<&str> = text.split_whitespace().collect();
        (number.parse().unwrap(), text.join(" "))
    });
    items.collect()
}

#[test]
fn every_row_of_the_page_has_a_test_or_says_why_it_does_not_apply() {
    let page = page();
    let (rows, others) = (rows(&page), without_test(&page));
    assert!(rows.len() > 160, "{}", rows.len());
    for (number, row) in &rows {
        assert!(row.contains("`gauntlet_"), "{number}: {row}");
    }
    for (number, text) in &others {
        let (_, reason) = text.split_once(NOT_HERE).unwrap_or_default();
        assert!(reason.len() > 20, "row {number} gives no reason: {text}");
    }
    // Each row once, in order, and none of those that are said to be whole is missing.
    for list in [
        rows.iter().map(|row| row.0).collect::<Vec<u16>>(),
        others.iter().map(|row| row.0).collect(),
    ] {
        assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
    }
    let numbers = rows.iter().map(|row| row.0);
    let tested: BTreeSet<u16> = numbers.collect();
    let others: BTreeSet<u16> = others.iter().map(|row| row.0).collect();
    let twice: Vec<&u16> = tested.intersection(&others).collect();
    assert!(twice.is_empty(), "with and without a test: {twice:?}");
    let mut whole = WHOLE;
    let missing = whole.find(|number| !tested.contains(number) && !others.contains(number));
    assert_eq!(missing, None, "a row is missing");
}

#[test]
fn every_row_names_a_test_with_its_own_number() {
    let page = page();
    for (number, row) in rows(&page) {
        let own = format!("`gauntlet_{number:03}_");
        assert!(row.contains(&own), "{number}: {row}");
    }
}

#[test]
fn rows_of_both_kinds_are_read() {
    let page = "| # | Flaw |\n| --- | --- |\n| 7 | a | b | `gauntlet_007_x` |\n\n\
        ## What does not apply\n\n- **8** (a flaw) does not\n  apply, because of that.\n- **9** (b) is\n  nothing.\n";
    let found = rows(page);
    assert_eq!(found, [(7, "| 7 | a | b | `gauntlet_007_x` |")]);
    let others = without_test(page);
    assert_eq!(others.len(), 2);
    assert_eq!(others[0].0, 8);
    assert!(others[0].1.contains(NOT_HERE), "{others:?}");
    assert!(!others[1].1.contains(NOT_HERE), "{others:?}");
}
