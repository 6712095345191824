//! Why a text is not a range.

use super::{MAX_CONSTRAINTS, MAX_RANGE_BYTES};
use crate::package::version::Scheme;

/// Why a text is not a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// The text is longer than any range needs to be.
    #[error("expected a range of at most {MAX_RANGE_BYTES} bytes, found {found}")]
    TooLong {
        /// The length in bytes.
        found: usize,
    },
    /// There are more constraints than are compared.
    #[error("expected at most {MAX_CONSTRAINTS} constraints, found {found}")]
    TooMany {
        /// The number of constraints.
        found: usize,
    },
    /// The text does not have the form of a range.
    #[error("expected {expected}, found `{found}`")]
    Form {
        /// What was expected.
        expected: &'static str,
        /// The part that is to blame.
        found: Box<str>,
    },
    /// The versions of the range belong to another scheme.
    #[error("expected versions of the scheme {expected:?}, found a range of the type `{found}`")]
    Scheme {
        /// The scheme of the package.
        expected: Scheme,
        /// The type of the range.
        found: Box<str>,
    },
    /// A version of the range has no order.
    #[error("expected a version that can be ordered under {scheme:?}, found `{found}`")]
    Version {
        /// The scheme.
        scheme: Scheme,
        /// The version.
        found: Box<str>,
    },
    /// A version occurs twice.
    #[error("expected every version once, found `{found}` again")]
    Duplicate {
        /// The version.
        found: Box<str>,
    },
    /// Two neighbours do not bound an interval.
    #[error("expected lower and upper bounds in turn, found `{left}` before `{right}`")]
    Sequence {
        /// The constraint with the lower version.
        left: Box<str>,
        /// The constraint with the higher version.
        right: Box<str>,
    },
}
