//! How one check says no.

use crate::code::Code;

/// A failed check: which, what was expected, what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    pub(super) code: Code,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Rejected {
    pub(super) fn new(code: Code, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            code,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// A named bound was reached.
    pub(super) fn limit(what: &str, limit: usize, found: usize) -> Self {
        Self::new(
            Code::LimitExceeded,
            format!("at most {limit} {what}"),
            format!("{found}"),
        )
    }
}

/// What a check returns.
pub(super) type Checked<T> = Result<T, Rejected>;
