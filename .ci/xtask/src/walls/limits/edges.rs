//! Which test drives each bound to its edge: at the bound it works, one past it is refused.

use super::page::Row;

/// Where the tests are named: `<bound><TAB><test>`, or `<bound><TAB>-<TAB><why there is none>`.
pub(super) const FILE: &str = "docs/security/limits.edges";

/// The reason of a bound whose test is still to be written.
const MISSING: &str = "no test yet";

/// What makes the function after it a test.
const MARKS: &[&str] = &["#[test]", "#[tokio::test"];

/// How many bounds have a test at their edge.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    tested: usize,
    excused: usize,
    missing: usize,
}

impl Tally {
    /// One line for whoever runs the check.
    pub(super) fn told(&self) -> String {
        let bounds = self.tested + self.excused + self.missing;
        let Self {
            tested,
            excused,
            missing,
        } = self;
        let told = format!(
            "{bounds} bounds, {tested} with a test at the edge, {excused} without, each with its reason"
        );
        if *missing == 0 {
            return told;
        }
        format!("{told}, {missing} with no test yet")
    }
}

/// The names of the tests in a source, those of `proptest!` included.
pub(super) fn tests(source: &str) -> impl Iterator<Item = &str> {
    let mut is_marked = false;
    source.lines().filter_map(move |line| {
        let line = line.trim_start();
        if MARKS.iter().any(|mark| line.starts_with(mark)) {
            is_marked = true;
        }
        let line = line.strip_prefix("async ").unwrap_or(line);
        let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
        std::mem::take(&mut is_marked).then_some(name)
    })
}

/// Holds the file against the bounds of the page and the tests of the sources.
pub(super) fn check(
    text: &str,
    rows: &[Row],
    is_run: &dyn Fn(&str) -> bool,
) -> (Tally, Vec<String>) {
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    let mut last = "";
    for (number, line) in text.lines().enumerate() {
        let place = format!("{FILE}:{}", number + 1);
        let mut fields = line.split('\t');
        let (name, function, reason) = (fields.next().unwrap_or(""), fields.next(), fields.next());
        if name <= last {
            wrong.push(format!(
                "{place}: `{name}` stands behind `{last}`: sort the lines by name, one for each bound"
            ));
        }
        last = name;
        if !rows.iter().any(|row| row.name == name) {
            wrong.push(format!("{place}: the page has no bound `{name}`"));
        }
        match (function, reason, fields.next()) {
            (Some("-"), Some(MISSING), None) => tally.missing += 1,
            (Some("-"), Some(reason), None) if !reason.trim().is_empty() => tally.excused += 1,
            (Some(function), None, None) if is_run(function) => tally.tested += 1,
            (Some(function), None, None) if function != "-" => {
                wrong.push(format!("{place}: there is no test `{function}`"));
            }
            _ => wrong.push(format!(
                "{place}: expected a test behind a tab, or `-` and a reason, found `{line}`"
            )),
        }
    }
    let has_line = |row: &Row| {
        let names = text.lines().map(|line| line.split('\t').next());
        names.flatten().any(|name| name == row.name)
    };
    for row in rows.iter().filter(|row| !has_line(row)) {
        wrong.push(format!(
            "{}:{}: `{}` has no line in {FILE}: name the test that drives it to its edge",
            super::PAGE,
            row.line,
            row.name
        ));
    }
    (tally, wrong)
}

#[cfg(test)]
mod tests {
    use super::super::amount::Amount;
    use super::*;

    fn checked(text: &str) -> (Tally, Vec<String>) {
        let rows = ["x::A", "x::B", "x::C"].map(|name| Row {
            line: 7,
            name: name.to_owned(),
            amount: Amount::Count(1),
            codes: Vec::new(),
        });
        check(text, &rows, &|test| test == "it_is_bounded")
    }

    #[test]
    fn every_bound_with_a_test_or_a_reason_is_well_and_counted() {
        let (tally, wrong) =
            checked("x::A\tit_is_bounded\nx::B\t-\ta time\nx::C\t-\tno test yet\n");
        assert_eq!(wrong, [""; 0]);
        assert_eq!(
            tally.told(),
            "3 bounds, 1 with a test at the edge, 1 without, each with its reason, 1 with no test yet"
        );
    }

    #[test]
    fn a_wrong_line_is_named() {
        let well = "x::A\tit_is_bounded\nx::B\tit_is_bounded\n";
        for (last, told) in [
            ("x::C\tit_is_gone", ":3: there is no test `it_is_gone`"),
            ("x::C\t-", ":3: expected a test"),
            ("x::C\t-\t ", ":3: expected a test"),
            ("x::C", ":3: expected a test"),
            ("x::C\tit_is_bounded\tmore", ":3: expected a test"),
            ("x::C\t-\ta time\tmore", ":3: expected a test"),
            (
                "x::C\t-\ta time\nx::C\t-\ta time",
                ":4: `x::C` stands behind `x::C`",
            ),
            (
                "x::C\t-\ta time\nx::D\t-\ta time",
                ":4: the page has no bound `x::D`",
            ),
            ("", "limits.md:7: `x::C` has no line"),
        ] {
            let (_, wrong) = checked(&format!("{well}{last}"));
            assert_eq!(wrong.len(), 1, "{last}: {wrong:?}");
            assert!(wrong[0].contains(told), "{last}: {wrong:?}");
        }
    }

    #[test]
    fn only_functions_that_are_run_as_tests_count() {
        let source = "#[test]\nfn a() {}\nfn b() {}\n#[tokio::test(start_paused = true)]\nasync fn c() {}\n\
                      proptest! {\n    #[test]\n    #[ignore]\n    fn d(x in 0..1) {}\n}\n";
        assert_eq!(tests(source).collect::<Vec<_>>(), ["a", "c", "d"]);
    }
}
