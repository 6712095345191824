//! Why discovery could not do its work: what failed, where, what was expected and what was found.
//!
//! **Invariant**: no variant holds a credential, and none is made from a request's headers.

use std::fmt;

use sovverify::evidence::Gap;
use sovverify::{Class, Code};

pub use self::failure::Failure;
pub use self::host::HostKind;

mod failure;
mod host;

/// A failure and the place where it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    place: String,
    failure: Failure,
}

/// Whose fault an error is; a command line turns it into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// The caller asked for something that cannot be: no such file, a bad configuration.
    Input,
    /// Registry, network, disk or time failed us.
    Surroundings,
    /// The content itself is wrong: other bytes than the digest says, not an image, too large.
    Content,
}

impl FetchError {
    pub(crate) fn new(place: impl Into<String>, failure: Failure) -> Self {
        Self {
            place: place.into(),
            failure,
        }
    }

    /// The place: a reference, a host, a path.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What happened there.
    pub const fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.failure.code()
    }

    /// The class of the code.
    pub const fn class(&self) -> Class {
        self.code().class()
    }

    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        self.failure.fault()
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        self.class() == Class::Transient
    }

    /// What was expected.
    pub fn expected(&self) -> String {
        self.failure.expected()
    }

    /// What was found instead.
    pub fn found(&self) -> String {
        self.failure.found()
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        self.failure.hint()
    }

    pub(crate) fn into_gap(self) -> Gap {
        Gap {
            code: self.code(),
            expected: self.expected(),
            found: self.found(),
            place: self.place,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.failure)
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.failure)
    }
}
