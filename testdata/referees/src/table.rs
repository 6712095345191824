//! What came out, as the page shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::case::{Answer, Case, UNCHANGED};
use crate::exceptions::Exceptions;
use crate::panel::{Difference, Outcome, REFEREES};

/// Counts for each family of mutations.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
    against: [Against; REFEREES.len()],
}

#[derive(Clone, Debug, Default)]
struct Row {
    cases: usize,
    ours: usize,
    referees: [usize; REFEREES.len()],
    cosign: usize,
    split: usize,
    lenient: usize,
    strict: usize,
}

/// Us beside one referee.
#[derive(Clone, Copy, Debug, Default)]
struct Against {
    judged: usize,
    we_alone_accept: usize,
    it_alone_accepts: usize,
}

impl Table {
    /// Counts one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        let family = match outcome.case.mutation.as_str() {
            UNCHANGED => unchanged(&outcome.case).to_owned(),
            _ => outcome.case.family().to_owned(),
        };
        let ours = outcome.ours.answer;
        let row = self.rows.entry(family).or_default();
        row.cases += 1;
        row.ours += usize::from(ours == Answer::Accept);
        row.cosign += usize::from(outcome.cosign.is_some());
        row.split += usize::from(outcome.is_split());
        let difference = outcome.difference();
        row.lenient += usize::from(difference == Some(Difference::Lenient));
        row.strict += usize::from(difference == Some(Difference::Strict));
        let columns = row.referees.iter_mut().zip(&mut self.against);
        for ((accepted, against), verdict) in columns.zip(&outcome.referees) {
            let accepts = verdict.answer == Answer::Accept;
            *accepted += usize::from(accepts);
            if verdict.answer != Answer::Abstain {
                let we_accept = ours == Answer::Accept;
                against.judged += 1;
                against.we_alone_accept += usize::from(we_accept && !accepts);
                against.it_alone_accepts += usize::from(accepts && !we_accept);
            }
        }
    }

    /// The tables in Markdown.
    pub fn markdown(&self, seed: u64, exceptions: &Exceptions) -> String {
        let mut text = String::new();
        let sum = |of: fn(&Row) -> usize| -> usize { self.rows.values().map(of).sum() };
        let changed: usize = self
            .rows
            .iter()
            .filter(|(family, _)| !family.starts_with(' '))
            .map(|(_, row)| row.cases)
            .sum();
        let whole = sum(|row| row.cases) - changed;
        let _ = writeln!(
            text,
            "{whole} questions about bundles as they are, {changed} about changed ones (seed {seed}); cosign \
             itself was asked {} of them.\n",
            sum(|row| row.cosign)
        );
        let _ = writeln!(
            text,
            "| mutation | cases | ours accepts | {} | referees split | we alone accept | we alone refuse |",
            REFEREES.join(" | ")
        );
        let _ = writeln!(text, "|{}", " --- |".repeat(6 + REFEREES.len()));
        let mut all = Row::default();
        for (family, row) in &self.rows {
            row.write(&mut text, family.trim());
            all.add(row);
        }
        all.write(&mut text, "all");
        text.push_str("\n| beside | judged | we accept, it does not | it accepts, we do not |\n");
        text.push_str("| --- | --- | --- | --- |\n");
        for (name, against) in REFEREES.iter().zip(self.against) {
            let (judged, ours) = (against.judged, against.we_alone_accept);
            let _ = writeln!(
                text,
                "| {name} | {judged} | {ours} | {} |",
                against.it_alone_accepts
            );
        }
        text.push_str("\n| known difference | ours | met | reason |\n| --- | --- | --- | --- |\n");
        for (known, met) in exceptions.all() {
            let base = known
                .base
                .as_ref()
                .map_or(String::new(), |base| format!(" of `{base}`"));
            let ours = known
                .code
                .as_ref()
                .map_or("accepts".to_owned(), |code| format!("`{code}`"));
            let (mutation, reason) = (known.mutations.join("`, `"), &known.reason);
            let _ = writeln!(text, "| `{mutation}`{base} | {ours} | {met} | {reason} |");
        }
        text
    }
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.ours += other.ours;
        for (own, other) in self.referees.iter_mut().zip(other.referees) {
            *own += other;
        }
        self.split += other.split;
        self.lenient += other.lenient;
        self.strict += other.strict;
    }

    fn write(&self, text: &mut String, name: &str) {
        let referees = self.referees.map(|count| count.to_string()).join(" | ");
        let (cases, ours, split) = (self.cases, self.ours, self.split);
        let (lenient, strict) = (self.lenient, self.strict);
        let _ = writeln!(
            text,
            "| {name} | {cases} | {ours} | {referees} | {split} | {lenient} | {strict} |"
        );
    }
}

/// The rows of what was not changed come first.
fn unchanged(case: &Case) -> &'static str {
    match (case.base.starts_with("forge/"), case.positive) {
        (false, true) => " real, good as it is",
        (false, false) => " real, bad as it is",
        (true, true) => " forged, honest",
        (true, false) => " forged, one lie",
    }
}

/// The page with new tables between its two marks.
pub fn replaced(page: &str, tables: &str) -> Option<String> {
    const BEGIN: &str = "<!-- begin of what `cargo xtask referees --bless` writes -->\n";
    const END: &str = "<!-- end of it -->";
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}
