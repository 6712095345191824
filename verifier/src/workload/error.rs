//! Why the images of an object cannot be listed.

use super::{MAX_DEPTH, MAX_SHOWN};
use crate::code::Code;
use crate::report::escape::shorten;

/// An object whose images cannot be listed. Texts in it are outside text: escape them before they
/// are shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkloadError {
    /// Something else stands where an image, or what holds one, must be.
    #[error("expected {expected} at `{path}`, found {found}")]
    Malformed {
        /// The place in the object.
        path: String,
        /// What must be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// An image is named in a way that does not lead to one reference.
    #[error("expected {expected} at `{path}`, found {found}")]
    Unsupported {
        /// The place in the object.
        path: String,
        /// What can be judged.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The object holds more of something than the bound allows.
    #[error("expected at most {limit} {what} in one object, found more")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// A text is longer than the bound allows.
    #[error("expected at most {limit} bytes of {what} at `{path}`, found {found}")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// The place in the object, shortened.
        path: String,
        /// The bound.
        limit: usize,
        /// The length in bytes.
        found: usize,
    },
    /// The object is nested deeper than any honest one.
    #[error("expected at most {MAX_DEPTH} levels of nesting, found more at `{path}`")]
    TooDeep {
        /// The place in the object, shortened.
        path: String,
    },
}

impl WorkloadError {
    pub(super) fn malformed(path: &str, expected: &'static str, found: String) -> Self {
        Self::Malformed {
            path: shown(path),
            expected,
            found,
        }
    }

    pub(super) const fn too_many(what: &'static str, limit: usize) -> Self {
        Self::TooMany { what, limit }
    }

    /// The code of this bad news.
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => Code::WorkloadMalformed,
            Self::Unsupported { .. } => Code::WorkloadUnsupportedReference,
            Self::TooMany { .. } | Self::TooLong { .. } | Self::TooDeep { .. } => {
                Code::LimitExceeded
            }
        }
    }

    /// The place in the object, where there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Malformed { path, .. }
            | Self::Unsupported { path, .. }
            | Self::TooLong { path, .. }
            | Self::TooDeep { path } => Some(path),
            Self::TooMany { .. } => None,
        }
    }
}

/// The beginning and the end of an outside text.
pub(super) fn shown(text: &str) -> String {
    shorten(text, MAX_SHOWN).into_owned()
}
