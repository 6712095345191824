//! `docs/security/gauntlet.md` names tests that exist, and every test here stands on it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders that hold tests of the gauntlet, from the root of the repository.
const FOLDERS: [&str; 6] = [
    "verifier/tests/gauntlet",
    "verifier/fetch/src",
    "verifier/fetch/tests",
    "cli/tests/commands",
    "webhook/src",
    "webhook/tests",
];

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
    let page = std::fs::read_to_string(repository().join("docs/security/gauntlet.md")).unwrap();
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
fn every_row_of_the_page_has_a_test() {
    let page = std::fs::read_to_string(repository().join("docs/security/gauntlet.md")).unwrap();
    let rows = page.lines().filter(|line| {
        let number = line.split('|').nth(1).unwrap_or_default().trim();
        number.parse::<u16>().is_ok()
    });
    let rows: Vec<&str> = rows.collect();
    assert!(rows.len() > 60, "{}", rows.len());
    for row in rows {
        assert!(row.contains("`gauntlet_"), "{row}");
    }
}
