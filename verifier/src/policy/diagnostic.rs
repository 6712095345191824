//! What is wrong with a document: every complaint with its line, its column and the line itself.

use std::fmt;

use crate::code::Code;
use crate::report::escape::{escape, show};
use crate::verdict::Position;

/// Complaints kept of one call; more are counted and not kept.
pub(super) const MAX_DIAGNOSTICS: usize = 100;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is taken, and its author should look again.
    Warning,
}

/// One complaint about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the document is refused for it.
    pub severity: Severity,
    /// What kind of complaint.
    pub code: Code,
    /// The place in the document: file, line, column, length and the line itself.
    pub position: Position,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was found.
    pub found: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at `position`.
    pub(super) fn error(code: Code, position: Position, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            position,
            message: message.into(),
            expected: None,
            found: None,
            hint: None,
        }
    }

    /// A warning at `position`.
    pub(super) fn warning(code: Code, position: Position, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, position, message)
        }
    }

    /// The complaint on one line, for a status or a log, with outside text escaped:
    /// ``policy/invalid at line 14: unknown signer `x`; expected …; found …; hint: …; line: `…` ``.
    pub fn one_line(&self) -> String {
        let mut text = format!(
            "{} at line {}: {}",
            self.code,
            self.position.line,
            show(&self.message)
        );
        for (label, part) in [
            ("expected ", &self.expected),
            ("found ", &self.found),
            ("hint: ", &self.hint),
        ] {
            if let Some(part) = part {
                text.push_str("; ");
                text.push_str(label);
                text.push_str(&show(part));
            }
        }
        let line = self.position.source.trim();
        if !line.is_empty() {
            text.push_str("; line: `");
            text.push_str(&show(line));
            text.push('`');
        }
        text
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Position {
            file,
            line,
            column,
            length,
            source,
            source_column,
        } = &self.position;
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        writeln!(f, "{severity}[{}]: {}", self.code, escape(&self.message))?;
        writeln!(f, "{gutter}--> {}:{line}:{column}", escape(file))?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number} | {}", Aligned(source.trim_end()))?;
        let indent = " ".repeat(source_column.saturating_sub(1));
        let carets = "^".repeat((*length).max(1));
        write!(f, "{gutter} | {indent}{carets}")?;
        if let Some(expected) = &self.expected {
            write!(f, " expected {}", escape(expected))?;
        }
        for (label, text) in [("found", &self.found), ("hint", &self.hint)] {
            if let Some(text) = text {
                write!(f, "\n{gutter} = {label}: {}", escape(text))?;
            }
        }
        Ok(())
    }
}

/// Everything that is wrong with the documents, in their order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    first: Box<Diagnostic>,
    rest: Vec<Diagnostic>,
    omitted: usize,
}

impl Diagnostics {
    /// `list` as an error, where it holds anything.
    pub(super) fn of(list: Vec<Diagnostic>) -> Option<Self> {
        let omitted = list.len().saturating_sub(MAX_DIAGNOSTICS);
        let mut list = list.into_iter().take(MAX_DIAGNOSTICS);
        Some(Self {
            first: Box::new(list.next()?),
            rest: list.collect(),
            omitted,
        })
    }

    /// One complaint as an error.
    pub(super) fn one(diagnostic: Diagnostic) -> Self {
        Self {
            first: Box::new(diagnostic),
            rest: Vec::new(),
            omitted: 0,
        }
    }

    /// The first complaint.
    pub fn first(&self) -> &Diagnostic {
        &self.first
    }

    /// Every complaint, in the order of the documents.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        std::iter::once(&*self.first).chain(&self.rest)
    }

    /// How many more complaints there were than are kept.
    pub const fn omitted(&self) -> usize {
        self.omitted
    }
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, diagnostic) in self.iter().enumerate() {
            if number > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        if self.omitted > 0 {
            write!(f, "\n\n{} more are not shown", self.omitted)?;
        }
        Ok(())
    }
}

/// A source line with one column for each character, so that the carets stay under their text.
struct Aligned<'a>(&'a str);

impl fmt::Display for Aligned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            let mut buffer = [0; 4];
            let shown = match c {
                '\t' => ' ',
                c if escape(c.encode_utf8(&mut buffer)).len() != c.len_utf8() => '\u{fffd}',
                c => c,
            };
            write!(f, "{shown}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(found: &str, source: &str) -> Diagnostic {
        let position = Position {
            file: "ClusterImagePolicy/production".into(),
            line: 14,
            column: 9,
            length: 1,
            source: source.into(),
            source_column: 9,
        };
        Diagnostic::error(Code::PolicyInvalid, position, "unknown signer `x`")
            .expected("`release`")
            .found(found)
            .hint("did you mean `release`?")
    }

    #[test]
    fn a_complaint_fits_one_line_of_a_status() {
        assert_eq!(
            complaint("`x`", "        - x  ").one_line(),
            "policy/invalid at line 14: unknown signer `x`; expected `release`; found `x`; hint: did you mean `release`?; line: `- x`"
        );
        let bare = Diagnostic {
            expected: None,
            found: None,
            hint: None,
            ..complaint("", "")
        };
        assert_eq!(
            bare.one_line(),
            "policy/invalid at line 14: unknown signer `x`"
        );
    }

    #[test]
    fn what_a_document_says_breaks_no_line_and_fills_no_screen() {
        let hostile = format!("a\n\u{1b}[2J\u{202e}{}", "x".repeat(100_000));
        let line = complaint(&hostile, &hostile).one_line();
        assert!(!line.contains(['\n', '\u{1b}', '\u{202e}']), "{line}");
        assert!(line.len() < 2500, "{}", line.len());
    }
}
