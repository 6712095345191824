//! Steps: a verb is a list of titled steps; all of them run, and a table at the end says how.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::context::Place;

/// Why a step did not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    /// A part of the surroundings is missing: skipped on a laptop, a failure in CI.
    #[error("{0}")]
    Missing(String),
    /// The step cannot run here by its nature, and says why; it is skipped everywhere.
    #[error("{0}")]
    Skipped(String),
    /// The step ran and failed.
    #[error("{0}")]
    Failed(String),
}

impl Stop {
    /// A failure with this reason.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }

    /// A missing part of the surroundings.
    pub(crate) fn missing(reason: impl Into<String>) -> Self {
        Self::Missing(reason.into())
    }
}

/// Characters of a reason in the table; the whole reason stands where the step ran.
const MAX_REASON: usize = 100;

/// How one step ended.
struct Done {
    title: String,
    took: Duration,
    outcome: Result<(), Stop>,
}

/// The steps of one verb so far.
pub(crate) struct Steps {
    place: Place,
    done: Vec<Done>,
}

impl Steps {
    /// No step yet.
    pub(crate) const fn new(place: Place) -> Self {
        Self {
            place,
            done: Vec::new(),
        }
    }

    /// Runs one step and remembers how it ended; later steps run in any case.
    pub(crate) fn step(&mut self, title: &str, work: impl FnOnce() -> Result<(), Stop>) {
        println!("\n== {title}");
        let start = Instant::now();
        let outcome = strict(self.place, work());
        match &outcome {
            Ok(()) => {}
            Err(Stop::Failed(reason)) => eprintln!("{title}: FAILED: {reason}"),
            Err(stop) => println!("{title}: skipped: {stop}"),
        }
        self.done.push(Done {
            title: title.to_owned(),
            took: start.elapsed(),
            outcome,
        });
    }

    /// Prints the table and says whether everything passed. No step at all is a failure.
    pub(crate) fn finish(self, verb: &str) -> ExitCode {
        println!("\n== {verb}: summary");
        for done in &self.done {
            let (word, reason) = match &done.outcome {
                Ok(()) => ("ok", ""),
                Err(Stop::Failed(reason)) => ("FAILED", reason.as_str()),
                Err(Stop::Missing(reason) | Stop::Skipped(reason)) => ("skipped", reason.as_str()),
            };
            let line = reason.lines().next().unwrap_or_default();
            let reason: String = line.chars().take(MAX_REASON).collect();
            let seconds = done.took.as_secs_f64();
            println!("  {word:<8} {seconds:>7.1} s  {:<34} {reason}", done.title);
        }
        let failed = self
            .done
            .iter()
            .filter(|done| matches!(done.outcome, Err(Stop::Failed(_))))
            .count();
        if failed > 0 || self.done.is_empty() {
            println!("  {failed} of {} steps failed", self.done.len());
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }
}

/// In CI a missing part is a failure.
fn strict(place: Place, outcome: Result<(), Stop>) -> Result<(), Stop> {
    match (place, outcome) {
        (Place::Ci, Err(Stop::Missing(reason))) => {
            Err(Stop::Failed(format!("missing, and CI=true: {reason}")))
        }
        (_, outcome) => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_fails_in_ci_and_is_skipped_elsewhere() {
        let missing = || Err(Stop::missing("no Go"));
        assert!(matches!(strict(Place::Ci, missing()), Err(Stop::Failed(_))));
        assert_eq!(strict(Place::Laptop, missing()), missing());
    }

    #[test]
    fn later_steps_run_after_a_failure_and_the_whole_fails() {
        let mut steps = Steps::new(Place::Laptop);
        let mut ran = false;
        steps.step("first", || Err(Stop::failed("no")));
        steps.step("second", || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        assert_eq!(steps.finish("x"), ExitCode::FAILURE);
    }

    #[test]
    fn no_step_at_all_is_not_success() {
        assert_eq!(Steps::new(Place::Laptop).finish("x"), ExitCode::FAILURE);
    }
}
