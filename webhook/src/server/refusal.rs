//! Requests that never come to a decision, and how they are denied.
//!
//! Every answer is an `AdmissionReview` that denies. Where the request's `uid` is known and the reason
//! lies with us, or with an object that somebody made too large, it goes with status 200: an error status would
//! leave the decision to the `failurePolicy` of the webhook's registration, and to whoever can cause it. What
//! else is wrong with the request itself has the status that says so.

use std::cell::RefCell;
use std::fmt;

use hyper::StatusCode;
use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use sovverify::Code;

use super::body::Why;
use super::timeout::TimeoutError;
use crate::metrics::Limit;

/// Bytes of a `uid` that is repeated; the API server sends 36.
const MAX_UID_BYTES: usize = 128;

/// Why a request is denied without being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("expected a client certificate of the configured authority, found none")]
    Unknown,
    #[error("expected a client certificate that counts, found one that does not any more")]
    Forbidden,
    #[error("expected the media type `application/json` without an encoding, found another")]
    MediaType,
    #[error("{0}")]
    Timeout(TimeoutError),
    #[error("expected a review of at most {0} bytes, found more")]
    TooLarge(usize),
    #[error("expected a whole review, found one that ends too early")]
    Incomplete,
    #[error("expected a whole review in time, found one that comes too slowly")]
    TooSlow,
    #[error("expected memory for the review, found it taken by other requests: try again")]
    NoMemory,
    #[error("expected to look at the review in time, found too many others at work: try again")]
    Overloaded,
    #[error("expected an answer in time, found none: try again")]
    NoAnswer,
    #[error("expected an answer, found a failure of this program, which its log tells about")]
    Panicked,
}

impl Refusal {
    pub(super) fn unread(why: Why, limit: usize) -> Self {
        match why {
            Why::TooLarge => Self::TooLarge(limit),
            Why::TooSlow => Self::TooSlow,
            Why::Incomplete => Self::Incomplete,
            Why::NoMemory => Self::NoMemory,
        }
    }

    pub(super) const fn code(self) -> Code {
        match self {
            Self::Unknown | Self::Forbidden => Code::AdmissionCallerRefused,
            Self::MediaType | Self::Timeout(_) | Self::Incomplete | Self::TooSlow => {
                Code::AdmissionReviewMalformed
            }
            Self::TooLarge(_) => Code::LimitExceeded,
            Self::NoMemory | Self::Overloaded => Code::AdmissionOverloaded,
            Self::NoAnswer => Code::AdmissionTimeout,
            Self::Panicked => Code::SystemFailed,
        }
    }

    /// The bound that was reached, if one was.
    pub(super) const fn limit(self) -> Option<Limit> {
        match self {
            Self::TooLarge(_) => Some(Limit::BodySize),
            Self::TooSlow => Some(Limit::BodyTime),
            Self::NoMemory => Some(Limit::BodyMemory),
            Self::Overloaded => Some(Limit::Reviews),
            Self::NoAnswer => Some(Limit::ReviewTime),
            Self::Unknown
            | Self::Forbidden
            | Self::MediaType
            | Self::Timeout(_)
            | Self::Incomplete
            | Self::Panicked => None,
        }
    }

    const fn status(self, uid_is_known: Known) -> StatusCode {
        match (self, uid_is_known) {
            (Self::Unknown, _) => StatusCode::UNAUTHORIZED,
            (Self::Forbidden, _) => StatusCode::FORBIDDEN,
            (Self::MediaType, _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            (Self::TooLarge(_), Known::No) => StatusCode::PAYLOAD_TOO_LARGE,
            (Self::TooSlow, _) => StatusCode::REQUEST_TIMEOUT,
            (Self::Timeout(_) | Self::Incomplete, _) => StatusCode::BAD_REQUEST,
            (
                Self::TooLarge(_)
                | Self::NoMemory
                | Self::Overloaded
                | Self::NoAnswer
                | Self::Panicked,
                Known::Yes,
            ) => StatusCode::OK,
            (Self::NoMemory | Self::Overloaded | Self::NoAnswer, Known::No) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            (Self::Panicked, Known::No) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The status and the review that denies, as JSON.
    pub(super) fn answer(self, request: &[u8]) -> (StatusCode, Vec<u8>) {
        let uid = uid_of(request);
        let known = if uid.is_empty() {
            Known::No
        } else {
            Known::Yes
        };
        let status = self.status(known);
        let code = self.code();
        let review = Review {
            api_version: "admission.k8s.io/v1",
            kind: "AdmissionReview",
            response: Response {
                uid: &uid,
                allowed: false,
                status: Status {
                    message: format!("{self} [{}: {code}]", code.class()),
                    reason: if status == StatusCode::OK {
                        "Forbidden"
                    } else {
                        "BadRequest"
                    },
                    code: if status == StatusCode::OK {
                        403
                    } else {
                        status.as_u16()
                    },
                },
            },
        };
        // Texts and numbers always have a JSON form; without one there is no "yes".
        (status, serde_json::to_vec(&review).unwrap_or_default())
    }
}

/// Whether the request's `uid` is known.
#[derive(Clone, Copy)]
enum Known {
    Yes,
    No,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    status: Status,
}

#[derive(Serialize)]
struct Status {
    message: String,
    reason: &'static str,
    code: u16,
}

/// `request.uid` of a review of which perhaps only the beginning is there; empty where it is not.
fn uid_of(beginning: &[u8]) -> String {
    let uid = RefCell::new(String::new());
    let seek = Seek {
        path: &["request", "uid"],
        found: &uid,
    };
    let mut json = serde_json::Deserializer::from_slice(beginning);
    // What is cut off ends in an error, after the uid was seen.
    let _ = seek.deserialize(&mut json);
    uid.into_inner()
}

/// Looks for a text below `path`, and ignores everything else.
struct Seek<'a> {
    path: &'a [&'static str],
    found: &'a RefCell<String>,
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            deserializer.deserialize_str(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a review")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.path.is_empty() && text.len() <= MAX_UID_BYTES {
            text.clone_into(&mut self.found.borrow_mut());
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.path.split_first() else {
            return Ok(());
        };
        while let Some(name) = map.next_key::<String>()? {
            if name == *first {
                let found = self.found;
                map.next_value_seed(Seek { path: rest, found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
