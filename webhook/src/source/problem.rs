//! What is wrong with documents, in lines that can be written anywhere.

use std::fmt;

use sovverify::policy::{Diagnostic, Diagnostics};
use sovverify::report::escape::show;
use sovverify::report::v1;
use sovverify_fetch::FetchError;
use sovverify_fetch::load::LoadError;

/// Lines that are kept; more are counted.
const MAX_LINES: usize = 20;

/// Why documents were not taken: one line for each complaint, with outside text escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    lines: Vec<String>,
    omitted: usize,
}

impl Problem {
    pub(super) fn new(lines: impl IntoIterator<Item = String>) -> Self {
        let mut lines: Vec<String> = lines.into_iter().collect();
        let omitted = lines.len().saturating_sub(MAX_LINES);
        lines.truncate(MAX_LINES);
        Self { lines, omitted }
    }

    /// Every complaint that is kept.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join(" | "))?;
        if self.omitted > 0 {
            write!(f, " | {} more are not shown", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<&LoadError> for Problem {
    fn from(error: &LoadError) -> Self {
        Self::new(error.problems().iter().map(line))
    }
}

impl From<&Diagnostics> for Problem {
    fn from(diagnostics: &Diagnostics) -> Self {
        Self::new(diagnostics.iter().map(in_file))
    }
}

impl From<&FetchError> for Problem {
    fn from(error: &FetchError) -> Self {
        Self::new([show(&error.to_string())])
    }
}

/// A complaint about a mounted document, with its file.
pub(super) fn in_file(diagnostic: &Diagnostic) -> String {
    let file = show(&diagnostic.position.file);
    format!("{file}: {}", diagnostic.one_line())
}

/// A problem of loading, in the order of [`Diagnostic::one_line`].
fn line(problem: &v1::Problem) -> String {
    let at = problem.position.as_ref();
    let (file, place) = at.map_or_else(Default::default, |at| {
        (
            format!("{}: ", show(&at.file)),
            format!(" at line {}", at.line),
        )
    });
    let mut text = format!("{file}{}{place}: {}", problem.code, show(&problem.message));
    let source = at.map(|at| at.source.trim().to_owned());
    for (before, part, after) in [
        ("; expected ", &problem.expected, ""),
        ("; found ", &problem.found, ""),
        ("; hint: ", &problem.hint, ""),
        (
            "; line: `",
            &source.filter(|source| !source.is_empty()),
            "`",
        ),
    ] {
        if let Some(part) = part {
            text.extend([before, &show(part), after]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_up_to_a_bound_and_counted() {
        let of = |count: usize| Problem::new((0..count).map(|number| number.to_string()));
        assert_eq!(of(MAX_LINES).lines().len(), MAX_LINES);
        assert!(!of(MAX_LINES).to_string().contains("more"));
        assert_eq!(of(MAX_LINES + 1).lines().len(), MAX_LINES);
        assert!(
            of(MAX_LINES + 1)
                .to_string()
                .ends_with("1 more are not shown")
        );
    }
}
