//! Why an expression cannot be used, and where.

use crate::code::Code;
use crate::content::shortened;

/// A place in the source of an expression, from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// The position of every byte of a source.
pub(super) struct Places(Vec<Position>);

impl Places {
    pub(super) fn new(source: &str) -> Self {
        let mut places = Vec::with_capacity(source.len() + 1);
        let mut here = Position::START;
        for character in source.chars() {
            places.extend(std::iter::repeat_n(here, character.len_utf8()));
            here.column += 1;
            if character == '\n' {
                here.line += 1;
                here.column = 1;
            }
        }
        places.push(here);
        Self(places)
    }

    /// The position of the byte at `offset`; the end for whatever is behind it.
    pub(super) fn at(&self, offset: usize) -> Position {
        let place = self.0.get(offset).or_else(|| self.0.last());
        place.copied().unwrap_or(Position::START)
    }
}

/// An expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: line {line} column {column}: {message}: expected {expected}, found {found}")]
pub struct ExpressionError {
    /// [`Code::ExpressionInvalid`] or [`Code::ExpressionTooCostly`].
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub found: String,
    /// The line inside the expression, from 1.
    pub line: usize,
    /// The character of the line, from 1.
    pub column: usize,
}

impl ExpressionError {
    pub(super) fn invalid(
        at: Position,
        message: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            code: Code::ExpressionInvalid,
            message: message.into(),
            expected: expected.into(),
            found: shortened(&found.into()),
            line: at.line,
            column: at.column,
        }
    }

    /// A named bound was reached.
    pub(super) fn costly(at: Position, message: &str, limit: usize, unit: &str) -> Self {
        Self {
            code: Code::ExpressionTooCostly,
            ..Self::invalid(
                at,
                message,
                format!("at most {limit} {unit}"),
                format!("more than {limit}"),
            )
        }
    }
}
