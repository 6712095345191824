//! What is wrong with a document: every complaint with its line, its column and the line itself.

use std::fmt;

use crate::code::Code;
use crate::report::escape::escape;
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
    list: Vec<Diagnostic>,
    omitted: usize,
}

impl Diagnostics {
    /// `list` as an error; the caller has seen that it is not empty.
    pub(super) fn new(mut list: Vec<Diagnostic>) -> Self {
        let omitted = list.len().saturating_sub(MAX_DIAGNOSTICS);
        list.truncate(MAX_DIAGNOSTICS);
        Self { list, omitted }
    }

    /// Every complaint, in the order of the documents.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// How many more complaints there were than are kept.
    pub const fn omitted(&self) -> usize {
        self.omitted
    }
}

impl std::error::Error for Diagnostics {}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, diagnostic) in self.list.iter().enumerate() {
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
