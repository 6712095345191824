//! Why a look-up failed, without a word of what was looked up.

use sovverify::Code;
use sovverify::report::escape;

/// Why a look-up failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The API server could not be asked, or answered with an error of its own.
    #[error("expected {what} from the API server, found: {detail}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// What happened.
        detail: String,
    },
    /// There is no access to the API server, and the answer is needed.
    #[error("expected access to the API server to read {what}, found none configured")]
    NotConfigured {
        /// What was asked for.
        what: String,
    },
    /// The API server refuses.
    #[error("expected permission to read {what}, found: {detail}")]
    Forbidden {
        /// What was asked for.
        what: String,
        /// What it said.
        detail: String,
    },
    /// The API server knows no such object.
    #[error("expected {what}, found none")]
    Missing {
        /// What was asked for.
        what: String,
    },
    /// The API server answered with something else than was asked for.
    #[error("expected {what}, found {found}")]
    Malformed {
        /// What was asked for.
        what: String,
        /// What came instead; never its content.
        found: String,
    },
    /// More than any honest object has.
    #[error("expected at most {limit} {unit} for {what}, found more")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// How much is taken.
        limit: usize,
        /// Of what.
        unit: &'static str,
    },
}

impl LookupError {
    /// The code: whether the same question may be answered a moment later.
    pub const fn code(&self) -> Code {
        match self {
            // A namespace that was made a moment ago may not have reached every API server yet.
            Self::Unavailable { .. } | Self::Missing { .. } => Code::AdmissionLookupFailed,
            Self::NotConfigured { .. }
            | Self::Forbidden { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. } => Code::AdmissionLookupRefused,
        }
    }

    /// What was asked for.
    pub fn what(&self) -> &str {
        match self {
            Self::Unavailable { what, .. }
            | Self::NotConfigured { what }
            | Self::Forbidden { what, .. }
            | Self::Missing { what }
            | Self::Malformed { what, .. }
            | Self::TooLarge { what, .. } => what,
        }
    }

    /// What was found instead.
    pub fn found(&self) -> String {
        match self {
            Self::Unavailable { detail, .. } | Self::Forbidden { detail, .. } => detail.clone(),
            Self::NotConfigured { .. } => "no access to the API server".to_owned(),
            Self::Missing { .. } => "none".to_owned(),
            Self::Malformed { found, .. } => found.clone(),
            Self::TooLarge { limit, unit, .. } => format!("more than {limit} {unit}"),
        }
    }

    /// What to do next.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unavailable { .. } | Self::Missing { .. } => Some("try again in a moment"),
            Self::NotConfigured { .. } => Some("start the webhook with `--cluster`"),
            Self::Forbidden { .. } => Some("look at the webhook's role in the cluster"),
            Self::Malformed { .. } | Self::TooLarge { .. } => None,
        }
    }

    pub(super) fn unavailable(what: &str, detail: impl AsRef<str>) -> Self {
        Self::Unavailable {
            what: what.to_owned(),
            detail: escape::show(detail.as_ref()),
        }
    }

    pub(super) fn malformed(what: &str, found: impl Into<String>) -> Self {
        Self::Malformed {
            what: what.to_owned(),
            found: found.into(),
        }
    }
}
