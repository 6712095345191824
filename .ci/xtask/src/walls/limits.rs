//! Every named bound of the program has its row, with its number, in `docs/security/limits.md`.
//!
//! Bounds are found by rule and not by list, so that a new one cannot be forgotten: each constant outside tests
//! that is a number or a time, and each field in the `Default` of a struct whose name ends in `Limits`. Which test
//! drives each of them to its edge stands in `docs/security/limits.edges`.

mod amount;
mod edges;
mod page;
mod source;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use page::Row;
use source::Bound;

use crate::context::Context;
use crate::steps::Stop;

/// Where bounds are explained.
const PAGE: &str = "docs/security/limits.md";

/// Constants that only spell other numbers.
const UNITS: &[&str] = &["KIB", "MIB", "SECOND"];

/// Numbers that bound nothing, each with what it is instead.
const NO_BOUND: &[(&str, &str)] = &[
    ("sovverify::digest::MOST", "the length of a form"),
    ("sovverify::expression::moment::NANOSECONDS", "a unit"),
    ("sovverify::expression::pattern::CLASS_BYTES", "a step size"),
    ("sovverify::json::FEW", "where one search beats another"),
    (
        "sovverify::package::version::maven::RELEASE",
        "a place in a table",
    ),
    (
        "sovverify::policy::algorithms::profile::BSI_RSA_BITS",
        "a demand of a profile on keys",
    ),
    (
        "sovverify::policy::compile::provenance::SHA1_HEX",
        "the length of a form",
    ),
    (
        "sovverify::sbom::cyclonedx::item::SHORT",
        "where one way of writing beats another",
    ),
    (
        "sovverify::sbom::cyclonedx::item::USUAL",
        "a guess that saves work",
    ),
    (
        "sovverify::sbom::cyclonedx::stream::LIST_DEPTH",
        "a place in a form",
    ),
    (
        "sovverify::sbom::cyclonedx::tree::FEW",
        "where one search beats another",
    ),
    (
        "sovverify::vulnerability::severity::MAX_TENTHS",
        "the end of a scale",
    ),
    (
        "sovverify::workload::json::FEW",
        "where one search beats another",
    ),
    (
        "sovverify::workload::json::USUAL",
        "a guess that saves work",
    ),
    (
        "sovverify_fetch::registry::ask::NOTABLE_WAIT",
        "what is worth telling",
    ),
    (
        "sovverify_webhook::cluster::secrets::EXPECTED_SETS",
        "a guess that saves work",
    ),
    (
        "sovverify_webhook::decide::cache::USUAL_ENTRY",
        "a guess that saves work",
    ),
    (
        "sovverify_webhook::decide::key::USUAL",
        "a guess that saves work",
    ),
    (
        "sovverify_webhook::decide::persist::TAG_BYTES",
        "the length of a form",
    ),
    (
        "sovverify_webhook::review::reply::USUAL_BYTES",
        "a guess that saves work",
    ),
];

/// What to do about a bound without a row.
const ADD: &str =
    "add one, or name it in NO_BOUND of .ci/xtask/src/walls/limits.rs with what it is instead";

/// Holds the page against the sources.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let mut bounds = Vec::new();
    let mut tests = BTreeSet::new();
    for file in context.files()? {
        if Path::new(&file).extension() == Some(OsStr::new("rs")) {
            let text = read(context, &file)?;
            tests.extend(edges::tests(&text).map(str::to_owned));
        }
        if let Some(module) = source::module(&file) {
            bounds.extend(source::bounds(&module, &file, &read(context, &file)?));
        }
    }
    if let Some(blind) = source::unseen(&bounds) {
        return Err(Stop::failed(format!(
            "the guard is blind: it finds no bound in {blind}"
        )));
    }
    let (rows, mut wrong) = page::rows(&read(context, PAGE)?);
    let codes = context.root().join("docs/codes");
    wrong.extend(compare(&bounds, &rows, NO_BOUND));
    wrong.extend(unknown_codes(&rows, &codes));
    let (tally, wrong_edges) = edges::check(&read(context, edges::FILE)?, &rows, &|test| {
        tests.contains(test)
    });
    wrong.extend(wrong_edges);
    if !wrong.is_empty() {
        return Err(Stop::failed(format!(
            "{} bounds and their rows differ\n{}",
            wrong.len(),
            wrong.join("\n")
        )));
    }
    println!("{} bounds have their row in {PAGE}", rows.len());
    println!("{}", tally.told());
    Ok(())
}

/// What differs between the bounds and the rows, one line for each.
fn compare(bounds: &[Bound], rows: &[Row], no_bound: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_none = |bound: &Bound| {
        UNITS.contains(&bound.short())
            || no_bound
                .iter()
                .any(|(name, _)| *name == bound.name.as_str())
    };
    for bound in bounds.iter().filter(|bound| !is_none(bound)) {
        let Bound { name, place, .. } = bound;
        let mut named = rows.iter().filter(|row| row.name == *name);
        let amount = match source::amount(bound, bounds) {
            Ok(amount) => amount,
            Err(why) => {
                let text = &bound.text;
                wrong.push(format!("{place}: `{name}` is `{text}`: {why}"));
                continue;
            }
        };
        match (named.next(), named.next()) {
            (None, _) => wrong.push(format!(
                "{place}: `{name}` ({amount}) has no row in {PAGE}: {ADD}"
            )),
            (Some(row), None) if row.amount == amount => {}
            (Some(row), None) => wrong.push(format!(
                "{place}: `{name}` is {amount}, and {PAGE}:{} says {}: change the row, and look whether its \
                 reason still holds",
                row.line, row.amount
            )),
            (Some(_), Some(row)) => wrong.push(format!(
                "{PAGE}:{}: `{name}` has a second row: remove one",
                row.line
            )),
        }
    }
    let known = |name: &str| bounds.iter().any(|bound| bound.name == name);
    for row in rows {
        let is_bound = bounds
            .iter()
            .any(|bound| bound.name == row.name && !is_none(bound));
        if !is_bound {
            wrong.push(format!(
                "{PAGE}:{}: the sources have no bound `{}`: remove the row, or give it the new name",
                row.line, row.name
            ));
        }
    }
    for (name, _) in no_bound.iter().filter(|(name, _)| !known(name)) {
        wrong.push(format!(
            "NO_BOUND of .ci/xtask/src/walls/limits.rs names `{name}`, which is gone: remove it"
        ));
    }
    wrong
}

/// Codes in rows that have no page.
fn unknown_codes(rows: &[Row], codes: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows {
        for code in &row.codes {
            if !codes.join(format!("{code}.md")).is_file() {
                let line = row.line;
                wrong.push(format!("{PAGE}:{line}: there is no code `{code}`"));
            }
        }
    }
    wrong
}

/// The text of a file of the repository.
fn read(context: &Context, name: &str) -> Result<String, Stop> {
    fs::read_to_string(context.root().join(name))
        .map_err(|error| Stop::failed(format!("cannot read {name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::amount::Amount;
    use super::*;

    const SOURCE: &str = "const MAX_A: usize = 2 * 1024;\nconst FEW: usize = 16;\n";

    fn row(line: usize, name: &str, amount: Amount) -> Row {
        Row {
            line,
            name: name.to_owned(),
            amount,
            codes: Vec::new(),
        }
    }

    fn differ(rows: &[Row], no_bound: &[(&str, &str)]) -> Vec<String> {
        compare(&source::bounds("x::m", "x/m.rs", SOURCE), rows, no_bound)
    }

    #[test]
    fn a_bound_with_its_row_and_a_number_that_is_none_are_well() {
        let rows = [row(7, "x::m::MAX_A", Amount::Count(2_048))];
        assert!(differ(&rows, &[("x::m::FEW", "no bound")]).is_empty());
    }

    #[test]
    fn a_bound_without_a_row_is_wrong() {
        let rows = [row(7, "x::m::MAX_A", Amount::Count(2_048))];
        let wrong = differ(&rows, &[]);
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].starts_with("x/m.rs:2: `x::m::FEW` (16) has no row"),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_row_without_a_bound_and_a_stale_exception_are_wrong() {
        let rows = [
            row(7, "x::m::MAX_A", Amount::Count(2_048)),
            row(8, "x::m::MAX_B", Amount::Count(1)),
        ];
        let none = [("x::m::FEW", "no bound"), ("x::m::GONE", "gone")];
        let wrong = differ(&rows, &none);
        assert_eq!(wrong.len(), 2);
        assert!(wrong[0].contains("limits.md:8: the sources have no bound `x::m::MAX_B`"));
        assert!(wrong[1].contains("`x::m::GONE`, which is gone"));
    }

    #[test]
    fn a_row_for_a_number_that_is_no_bound_is_wrong() {
        let rows = [
            row(7, "x::m::MAX_A", Amount::Count(2_048)),
            row(8, "x::m::FEW", Amount::Count(16)),
        ];
        assert_eq!(differ(&rows, &[("x::m::FEW", "no bound")]).len(), 1);
    }

    #[test]
    fn another_number_another_unit_and_a_second_row_are_wrong() {
        let none = [("x::m::FEW", "no bound")];
        for amount in [Amount::Count(2_049), Amount::Time(2_048)] {
            let wrong = differ(&[row(7, "x::m::MAX_A", amount)], &none);
            assert_eq!(wrong.len(), 1);
            assert!(
                wrong[0].starts_with("x/m.rs:1: `x::m::MAX_A` is 2 048, and docs/"),
                "{wrong:?}"
            );
        }
        let twice = [7, 8].map(|line| row(line, "x::m::MAX_A", Amount::Count(2_048)));
        let wrong = differ(&twice, &none);
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].contains("limits.md:8: `x::m::MAX_A` has a second row"),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_code_without_a_page_is_wrong() {
        let mut one = row(7, "x::m::MAX_A", Amount::Count(1));
        one.codes = vec!["limit/nothing".to_owned()];
        let wrong = unknown_codes(&[one], Path::new("docs/codes"));
        assert_eq!(
            wrong,
            ["docs/security/limits.md:7: there is no code `limit/nothing`"]
        );
    }
}
