//! What stops a call as a whole: each with a code, what was expected, what was found, what to do.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use sovverify::report::escape::escape;
use sovverify::report::v1::{ArtifactReport, ExitClass, Problem, Subject};
use sovverify::{Class, Code};
use sovverify_fetch::load::LoadError;
use sovverify_fetch::{Fault, FetchError, Location};

/// Why a call could not be done.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    /// Whose fault it is.
    pub(crate) class: ExitClass,
    /// Everything that was found wrong.
    pub(crate) problems: Vec<Problem>,
}

impl Stopped {
    /// One problem; the class of its code says whose fault it is.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let class = match code.class() {
            Class::Transient => ExitClass::Surroundings,
            _ => ExitClass::Input,
        };
        Self {
            class,
            problems: vec![Problem::new(code, message.into())],
        }
    }

    /// What was expected.
    pub(crate) fn expected(self, expected: impl Into<String>) -> Self {
        self.with(|problem| problem.expected = Some(expected.into()))
    }

    /// What was found.
    pub(crate) fn found(self, found: impl Into<String>) -> Self {
        self.with(|problem| problem.found = Some(found.into()))
    }

    /// What to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.with(|problem| problem.hint = Some(hint.into()))
    }

    fn with(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        if let Some(problem) = self.problems.last_mut() {
            change(problem);
        }
        self
    }
}

impl From<LoadError> for Stopped {
    fn from(error: LoadError) -> Self {
        let (class, problems) = error.into_parts();
        Self { class, problems }
    }
}

impl From<FetchError> for Stopped {
    fn from(error: FetchError) -> Self {
        Self {
            class: fault(&error),
            problems: vec![fetch_problem(&error)],
        }
    }
}

/// The result for an image that could not be had.
pub(crate) fn unfetched(location: &Location, error: &FetchError) -> ArtifactReport {
    let reference = location.to_string();
    ArtifactReport::failed(
        &Subject::Unresolved(&reference),
        fault(error),
        fetch_problem(error),
    )
}

/// Content that is provably wrong is a reason to deny; everything else leaves the question open.
fn fault(error: &FetchError) -> ExitClass {
    match error.fault() {
        Fault::Input => ExitClass::Input,
        Fault::Content => ExitClass::Denied,
        _ => ExitClass::Surroundings,
    }
}

fn fetch_problem(error: &FetchError) -> Problem {
    Problem {
        expected: Some(error.expected()),
        found: Some(error.found()),
        hint: error.hint(),
        ..Problem::at(error.code(), error.place())
    }
}

/// Shows what the argument parser has to say: help on standard output, an error on standard error.
pub(crate) fn usage(said: &clap::Error) -> ExitCode {
    if !said.use_stderr() {
        return match said.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                ExitCode::from(ExitClass::Surroundings.code())
            }
            _ => ExitCode::SUCCESS,
        };
    }
    let code = Code::UsageInvalid;
    let plain = said.render().to_string();
    let plain = plain.strip_prefix("error: ").unwrap_or(&plain);
    // What the user typed may come from elsewhere; line breaks of the parser itself stay.
    let lines: Vec<_> = plain.trim_end().lines().map(escape).collect();
    // The parser answers a command without its name with the help alone.
    let lead = match said.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no command was given\n\n",
        _ => "",
    };
    // Nothing is left to do where standard error is gone.
    let _ = writeln!(io::stderr(), "error[{code}]: {lead}{}", lines.join("\n"));
    ExitCode::from(ExitClass::Input.code())
}
