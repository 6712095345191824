//! What came out, beside what was expected.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::Row;

/// What the data expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expected {
    /// It verifies, or is read.
    Valid,
    /// It is refused.
    Invalid,
    /// The data leave it open; counted apart, and right unless it panics.
    Either,
    /// It is good, and for another purpose than ours: it is refused for that purpose.
    OtherProfile,
}

impl Expected {
    const fn kind(self) -> &'static str {
        match self {
            Self::Valid => "positives",
            Self::Invalid => "negatives",
            Self::Either => "either",
            Self::OtherProfile => "not our profile",
        }
    }
}

/// One outcome of one row, or of one case in it.
struct Outcome {
    id: String,
    family: String,
    expected: Expected,
    /// One of hundreds: counted by its code, not printed on a line of its own.
    brief: bool,
    /// `verified`, or the code and words of the refusal.
    actual: Result<String, String>,
}

impl Outcome {
    const fn is_right(&self) -> bool {
        match self.expected {
            Expected::Valid => self.actual.is_ok(),
            Expected::Invalid | Expected::OtherProfile => self.actual.is_err(),
            Expected::Either => true,
        }
    }
}

/// All outcomes.
#[derive(Default)]
pub(crate) struct Outcomes {
    all: Vec<Outcome>,
    read: BTreeSet<String>,
}

/// A deviation that is known and has a reason.
#[derive(serde::Deserialize)]
struct Exception {
    expected: String,
    actual: String,
    reason: String,
}

impl Outcomes {
    /// Records what came out of `row`, tried in the way that `how` names.
    pub(crate) fn record(&mut self, row: &Row, how: &str, actual: Result<String, String>) {
        let expected = if row.is_positive() {
            Expected::Valid
        } else {
            Expected::Invalid
        };
        self.record_as(row, how, expected, actual);
    }

    /// Records an attempt that must fail, on a row whose own verdict is another.
    pub(crate) fn record_negative(&mut self, row: &Row, how: &str, actual: Result<String, String>) {
        self.record_as(row, how, Expected::Invalid, actual);
    }

    /// Records an attempt that must succeed, on a row whose own verdict is another.
    pub(crate) fn record_positive(&mut self, row: &Row, how: &str, actual: Result<String, String>) {
        self.record_as(row, how, Expected::Valid, actual);
    }

    /// Records an attempt of which `expected` is expected, whatever the row says.
    pub(crate) fn record_as(
        &mut self,
        row: &Row,
        how: &str,
        expected: Expected,
        actual: Result<String, String>,
    ) {
        let family = row.family().to_owned();
        self.push(row, &family, how, (expected, false), actual);
    }

    /// Records one of the many cases in the file or folder of `row`, counted under `family`.
    pub(crate) fn case(
        &mut self,
        row: &Row,
        family: &str,
        how: &str,
        expected: Expected,
        actual: Result<String, String>,
    ) {
        self.push(row, family, how, (expected, true), actual);
    }

    fn push(
        &mut self,
        row: &Row,
        family: &str,
        how: &str,
        (expected, brief): (Expected, bool),
        actual: Result<String, String>,
    ) {
        let id = if how.is_empty() {
            row.path.clone()
        } else {
            format!("{} ({how})", row.path)
        };
        self.read.insert(row.path.clone());
        self.all.push(Outcome {
            id,
            family: family.to_owned(),
            expected,
            brief,
            actual,
        });
    }

    /// Whether something came out of the row with this path.
    pub(crate) fn has_read(&self, path: &str) -> bool {
        // What lies in the folder of a row counts as the row.
        let below = format!("{}/", path.trim_end_matches('/'));
        let mut after = self.read.range(path.to_owned()..);
        after.any(|read| read == path || read.starts_with(&below))
    }

    /// Prints every refusal with its code, or for cases how often there was which, and then counts per
    /// family, positives and negatives apart.
    pub(crate) fn print(&self) {
        let mut counts: BTreeMap<(&str, Expected), (usize, usize)> = BTreeMap::new();
        let mut refusals: BTreeMap<(&str, Expected, &str), usize> = BTreeMap::new();
        for outcome in &self.all {
            let (right, all) = counts
                .entry((&outcome.family, outcome.expected))
                .or_default();
            *right += usize::from(outcome.is_right());
            *all += 1;
            let sign = match outcome.expected {
                Expected::Valid => '!',
                Expected::Invalid => '-',
                Expected::Either | Expected::OtherProfile => '~',
            };
            match &outcome.actual {
                Err(why) if outcome.brief && outcome.is_right() => {
                    let code = why.split(": ").next().unwrap_or_default();
                    *refusals
                        .entry((&outcome.family, outcome.expected, code))
                        .or_default() += 1;
                }
                Err(why) => println!("  {sign} {}: {why}", outcome.id),
                Ok(why) if !outcome.is_right() => println!("  {sign} {}: {why}", outcome.id),
                Ok(_) => {}
            }
        }
        for ((family, expected, code), count) in refusals {
            println!("{family}: {}: {count} refused with {code}", expected.kind());
        }
        println!("{:<36} {:<15} as expected", "family", "kind");
        for ((family, expected), (right, all)) in counts {
            println!("{family:<36} {:<15} {right} of {all}", expected.kind());
        }
    }

    /// Fails unless every outcome is as expected or a listed exception, and every exception is used.
    pub(crate) fn assert_expected(&self) {
        let mut exceptions: BTreeMap<String, Exception> =
            toml::from_str(include_str!("exceptions.toml")).expect("exceptions.toml");
        let mut wrong = Vec::new();
        for outcome in &self.all {
            if outcome.is_right() {
                continue;
            }
            let actual = outcome.actual.clone().unwrap_or_else(|why| why);
            match exceptions.remove(&outcome.id) {
                Some(exception)
                    if actual.starts_with(&exception.actual)
                        && !exception.reason.is_empty()
                        && (exception.expected == "invalid")
                            == (outcome.expected == Expected::Invalid) => {}
                _ => wrong.push(format!("{}: {actual}", outcome.id)),
            }
        }
        let unused: Vec<&String> = exceptions.keys().collect();
        assert!(wrong.is_empty(), "unexpected:\n{}", wrong.join("\n"));
        assert!(
            unused.is_empty(),
            "exceptions that nothing needs: {unused:?}"
        );
        assert!(!self.all.is_empty(), "no row was run");
    }
}
