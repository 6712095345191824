//! What a process can hear about the requests that discovery makes.
//!
//! **Invariant**: nothing in an event was written by a tenant or a registry: each value is one of a
//! handful, so that it can be the label of a metric.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Hears of requests. Called on the way of each request, so it must be quick and must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn notice(&self, event: &Event);
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A request was answered, or not.
    Finished {
        /// What it asked for.
        purpose: Purpose,
        /// What came of it.
        outcome: Outcome,
        /// Until the head of the answer came.
        time: Duration,
    },
    /// A request will be sent again after a pause.
    Retried {
        /// Why.
        outcome: Outcome,
    },
    /// A request had to wait, because its registry had as many as it may have, or was left alone.
    Waited {
        /// For how long.
        time: Duration,
    },
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Purpose {
    /// The manifest of an image.
    Image,
    /// Evidence about one.
    Evidence,
    /// A place to which a registry redirects.
    Storage,
    /// An access token.
    Token,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// Content.
    Success,
    /// Another place.
    Redirect,
    /// Nothing there: usual for evidence.
    NotFound,
    /// Other credentials are wanted: usual for the first request.
    Unauthorized,
    /// Known, and without the right.
    Forbidden,
    /// Too many requests.
    Throttled,
    /// Another answer that says that the request is wrong.
    ClientError,
    /// The server failed.
    ServerError,
    /// No connection, or it broke.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The host is not asked.
    Refused,
}

impl Purpose {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Evidence => "evidence",
            Self::Storage => "storage",
            Self::Token => "token",
        }
    }
}

impl Outcome {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Redirect => "redirect",
            Self::NotFound => "not_found",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Throttled => "throttled",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
        }
    }

    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Success,
            300..=399 => Self::Redirect,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::Throttled,
            500.. => Self::ServerError,
            _ => Self::ClientError,
        }
    }
}

/// Who hears of requests; nobody by default.
#[derive(Clone, Default)]
pub struct Observed(Option<Arc<dyn Observer>>);

impl Observed {
    /// `observer` hears of every request.
    pub fn by(observer: Arc<dyn Observer>) -> Self {
        Self(Some(observer))
    }

    pub(crate) fn notice(&self, event: &Event) {
        if let Some(observer) = &self.0 {
            observer.notice(event);
        }
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Observed(somebody)",
            None => "Observed(nobody)",
        })
    }
}
