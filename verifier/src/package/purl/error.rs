//! Why a text is not a package URL.

use super::MAX_PURL_BYTES;

/// Why a text is not a package URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlError {
    /// The text is longer than any package URL needs to be.
    #[error("expected a package URL of at most {MAX_PURL_BYTES} bytes, found {found}")]
    TooLong {
        /// The length in bytes.
        found: usize,
    },
    /// The text does not begin with `pkg:`.
    #[error("expected a package URL that begins with `pkg:`, found `{found}`")]
    Scheme {
        /// The beginning of the text.
        found: Box<str>,
    },
    /// The type is missing or has other characters than a type may have.
    #[error(
        "expected a type of letters, digits, `.` and `-` that begins with a letter, found `{found}`"
    )]
    Kind {
        /// The type as written.
        found: Box<str>,
    },
    /// There is no name.
    #[error("expected a name after the type `{kind}`, found none")]
    NoName {
        /// The type.
        kind: Box<str>,
    },
    /// A separator occurs twice, and readers disagree about where to split.
    #[error("expected at most one `{separator}` that is not percent-encoded, found more")]
    Separator {
        /// The separator.
        separator: char,
    },
    /// A percent sign does not begin an encoded byte, or the decoded bytes are not UTF-8.
    #[error("expected percent-encoded UTF-8 in the {component}, found `{found}`")]
    Encoding {
        /// The component.
        component: &'static str,
        /// The component as written.
        found: Box<str>,
    },
    /// A segment holds an encoded slash.
    #[error("expected segments without `/` in the {component}, found `{found}`")]
    Slash {
        /// The component.
        component: &'static str,
        /// The decoded segment.
        found: Box<str>,
    },
    /// A qualifier is no pair, or its name has other characters than it may have.
    #[error(
        "expected a qualifier `name=value` with a name of letters, digits, `.`, `-` and `_`, found `{found}`"
    )]
    Qualifier {
        /// The pair or the name.
        found: Box<str>,
    },
    /// A qualifier occurs twice.
    #[error("expected every qualifier once, found `{found}` again")]
    DuplicateQualifier {
        /// The name of the qualifier.
        found: Box<str>,
    },
    /// A rule of the type is broken.
    #[error("expected {expected} for the type `{kind}`, found {found}")]
    Rule {
        /// The type.
        kind: Box<str>,
        /// What the type asks for.
        expected: &'static str,
        /// What was found.
        found: Box<str>,
    },
}
