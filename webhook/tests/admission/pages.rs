//! `docs/operations/failure-modes.md` names tests that exist, for everything that can fail.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where its tests are, from the root of the repository.
const FOLDERS: [&str; 4] = [
    "webhook/src",
    "webhook/tests",
    "verifier/src",
    "verifier/fetch",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of all functions without arguments.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = FOLDERS.map(|folder| repository().join(folder)).into();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text
                .split("fn ")
                .skip(1)
                .filter_map(|rest| rest.split_once("()"));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
    found
}

#[test]
fn every_failure_is_shown_by_tests_that_exist() {
    let page = fs::read_to_string(repository().join("docs/operations/failure-modes.md")).unwrap();
    let (functions, mut rows) = (functions(), 0);
    // Tables with four columns are about failures; the last one says which test shows it.
    let tables = page.lines().map(|line| line.split('|').collect::<Vec<_>>());
    let failures = tables.filter(|cells| cells.len() == 6 && !cells[1].contains("---"));
    for cells in failures.filter(|cells| cells[1].trim() != "what fails") {
        rows += 1;
        let shown_by: Vec<&str> = cells[4].split('`').skip(1).step_by(2).collect();
        assert!(
            !shown_by.is_empty(),
            "nothing shows what happens when{}",
            cells[1]
        );
        for test in shown_by {
            assert!(functions.contains(test), "no test is called `{test}`");
        }
    }
    assert!(rows > 15, "{rows}");
}
