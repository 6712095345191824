//! What came out, beside what was expected.

use std::collections::BTreeMap;

use super::manifest::Row;

/// One outcome of one row.
struct Outcome {
    id: String,
    family: String,
    positive: bool,
    /// `verified`, or the code and words of the refusal.
    actual: Result<String, String>,
}

/// All outcomes.
#[derive(Default)]
pub(crate) struct Outcomes(Vec<Outcome>);

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
        let id = if how.is_empty() {
            row.path.clone()
        } else {
            format!("{} ({how})", row.path)
        };
        let family = row.family().to_owned();
        self.0.push(Outcome {
            id,
            family,
            positive: row.is_positive(),
            actual,
        });
    }

    /// Records an attempt that must fail, on a row whose own verdict is another.
    pub(crate) fn record_negative(&mut self, row: &Row, how: &str, actual: Result<String, String>) {
        let row = Row {
            expected: "invalid".to_owned(),
            ..row.clone()
        };
        self.record(&row, how, actual);
    }

    /// Records an attempt that must succeed, on a row whose own verdict is another.
    pub(crate) fn record_positive(&mut self, row: &Row, how: &str, actual: Result<String, String>) {
        let row = Row {
            expected: "valid".to_owned(),
            ..row.clone()
        };
        self.record(&row, how, actual);
    }

    /// Prints counts per family, positives and negatives apart, and every refusal with its code.
    pub(crate) fn print(&self) {
        let mut counts: BTreeMap<(&str, bool), (usize, usize)> = BTreeMap::new();
        for outcome in &self.0 {
            let (right, all) = counts
                .entry((&outcome.family, outcome.positive))
                .or_default();
            *right += usize::from(outcome.actual.is_ok() == outcome.positive);
            *all += 1;
            if let Err(why) = &outcome.actual {
                println!(
                    "  {} {}: {why}",
                    if outcome.positive { "!" } else { "-" },
                    outcome.id
                );
            }
        }
        println!("family        kind       as expected");
        for ((family, positive), (right, all)) in counts {
            let kind = if positive { "positives" } else { "negatives" };
            println!("{family:<13} {kind:<10} {right} of {all}");
        }
    }

    /// Fails unless every outcome is as expected or a listed exception, and every exception is used.
    pub(crate) fn assert_expected(&self) {
        let mut exceptions: BTreeMap<String, Exception> =
            toml::from_str(include_str!("exceptions.toml")).expect("exceptions.toml");
        let mut wrong = Vec::new();
        for outcome in &self.0 {
            if outcome.actual.is_ok() == outcome.positive {
                continue;
            }
            let actual = outcome.actual.clone().unwrap_or_else(|why| why);
            match exceptions.remove(&outcome.id) {
                Some(exception)
                    if actual.starts_with(&exception.actual)
                        && !exception.reason.is_empty()
                        && (exception.expected == "valid") == outcome.positive => {}
                _ => wrong.push(format!("{}: {actual}", outcome.id)),
            }
        }
        let unused: Vec<&String> = exceptions.keys().collect();
        assert!(wrong.is_empty(), "unexpected:\n{}", wrong.join("\n"));
        assert!(
            unused.is_empty(),
            "exceptions that nothing needs: {unused:?}"
        );
        assert!(!self.0.is_empty(), "no row was run");
    }
}
