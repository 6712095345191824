//! Why inputs could not be loaded: each problem with a code, what was expected, what was found.

use std::fmt;

use sovverify::policy::{Diagnostic, Diagnostics};
use sovverify::report::v1::{ExitClass, Problem};
use sovverify::{Class, Code, verdict};

/// Why inputs could not be loaded.
///
/// Its text is not escaped: it may repeat names and values of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    class: ExitClass,
    problems: Vec<Problem>,
}

impl LoadError {
    /// One problem; the class of its code says whose fault it is.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        let class = match code.class() {
            Class::Transient => ExitClass::Surroundings,
            _ => ExitClass::Input,
        };
        Self {
            class,
            problems: vec![Problem::new(code, message.into())],
        }
    }

    /// Whose fault it is: the input's, or the surroundings'.
    pub const fn class(&self) -> ExitClass {
        self.class
    }

    /// Everything that was found wrong; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The class, and everything that was found wrong.
    pub fn into_parts(self) -> (ExitClass, Vec<Problem>) {
        (self.class, self.problems)
    }

    /// Whether this is `code` and nothing else.
    pub fn is(&self, code: Code) -> bool {
        matches!(self.problems.as_slice(), [problem] if problem.code == code.name())
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        self.with(|problem| problem.expected = Some(expected.into()))
    }

    pub(super) fn found(self, found: impl Into<String>) -> Self {
        self.with(|problem| problem.found = Some(found.into()))
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        self.with(|problem| problem.hint = Some(hint.into()))
    }

    /// The place in a document that caused it.
    pub(super) fn at(self, position: &verdict::Position) -> Self {
        self.with(|problem| problem.position = Some(position.into()))
    }

    fn with(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        if let Some(problem) = self.problems.last_mut() {
            change(problem);
        }
        self
    }
}

impl From<Diagnostics> for LoadError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            class: ExitClass::Input,
            problems: diagnostics.iter().map(problem).collect(),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            if number > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: ", problem.code)?;
            if let Some(at) = &problem.position {
                write!(f, "{}:{}:{}: ", at.file, at.line, at.column)?;
            }
            f.write_str(&problem.message)?;
            for (word, text) in [
                ("expected", &problem.expected),
                ("found", &problem.found),
                ("hint", &problem.hint),
            ] {
                if let Some(text) = text {
                    write!(f, ", {word}: {text}")?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// A complaint as reports show it.
pub fn problem(diagnostic: &Diagnostic) -> Problem {
    Problem {
        expected: diagnostic.expected.clone(),
        found: diagnostic.found.clone(),
        position: Some((&diagnostic.position).into()),
        hint: diagnostic.hint.clone(),
        ..Problem::new(diagnostic.code, diagnostic.message.clone())
    }
}

/// A warning in one sentence.
pub fn notice(diagnostic: &Diagnostic) -> String {
    let position = &diagnostic.position;
    let hint = diagnostic.hint.as_deref().unwrap_or("look at it again");
    format!(
        "{} at {}:{}:{}: {} ({hint})",
        diagnostic.code, position.file, position.line, position.column, diagnostic.message
    )
}
