//! The answer to a review.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::Value;
use sovverify::Code;

use super::{ReviewError, VERSION};
use crate::server::Reply;

/// Characters of one message: what a terminal shows on a screen, and far below what the API server
/// takes.
pub const MAX_MESSAGE_CHARACTERS: usize = 2_048;
/// Warnings of one answer.
pub const MAX_WARNINGS: usize = 12;
/// Characters of all warnings of one answer: beyond 4096 the API server cuts each one at 256, and the
/// code at its end would be gone.
pub(super) const MAX_WARNING_CHARACTERS: usize = 4_000;
/// Bytes of most answers.
const USUAL_BYTES: usize = 1_024;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The object may be stored.
    Allowed(Allowed),
    /// It may not.
    Denied(Denied),
}

/// Yes, with what should be heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// The code that leads the warnings, for numbers and logs.
    pub code: Option<Code>,
    /// Shown to whoever sent the request.
    pub warnings: Vec<String>,
    /// Kept in the API server's audit log.
    pub annotations: BTreeMap<&'static str, String>,
    /// A JSON Patch (RFC 6902), of the mutating endpoint alone.
    pub patch: Option<Value>,
}

/// No, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// One sentence.
    pub message: String,
    /// The code that leads, for numbers and logs.
    pub code: Option<Code>,
    /// Shown to whoever sent the request.
    pub warnings: Vec<String>,
    /// Kept in the API server's audit log.
    pub annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'a str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

#[derive(Serialize)]
struct Status<'a> {
    message: &'a str,
    reason: &'static str,
    code: u16,
}

impl Answer {
    /// A denial with nothing but its reason.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::Denied(Denied {
            message: message.into(),
            code: None,
            warnings: Vec::new(),
            annotations: BTreeMap::new(),
        })
    }

    /// The answer to the request `uid`.
    pub fn reply(&self, uid: &str) -> Reply {
        self.in_version(VERSION, uid)
    }

    fn in_version(&self, version: &str, uid: &str) -> Reply {
        let (warnings, annotations) = match self {
            Self::Allowed(allowed) => (&allowed.warnings, &allowed.annotations),
            Self::Denied(denied) => (&denied.warnings, &denied.annotations),
        };
        let shown = within(warnings);
        let message = match self {
            Self::Denied(denied) => cut(&denied.message, MAX_MESSAGE_CHARACTERS),
            Self::Allowed(_) => String::new(),
        };
        let patch = match self {
            Self::Allowed(allowed) => allowed.patch.as_ref().map(encoded),
            Self::Denied(_) => None,
        };
        let review = Review {
            api_version: version,
            kind: "AdmissionReview",
            response: Response {
                uid,
                allowed: matches!(self, Self::Allowed(_)),
                status: matches!(self, Self::Denied(_)).then_some(Status {
                    message: &message,
                    reason: "Forbidden",
                    code: 403,
                }),
                warnings: shown.iter().map(String::as_str).collect(),
                audit_annotations: annotations
                    .iter()
                    .map(|(name, text)| (*name, text.as_str()))
                    .collect(),
                patch_type: patch.is_some().then_some("JSONPatch"),
                patch,
            },
        };
        let mut body = Vec::with_capacity(USUAL_BYTES);
        // Texts and maps of texts always have a JSON form; without one there is no "yes".
        if serde_json::to_writer(&mut body, &review).is_err() {
            body.clear();
        }
        Reply {
            status: 200,
            body: Bytes::from(body),
        }
    }
}

impl ReviewError {
    /// The answer: a denial in the version that the caller understands.
    pub fn reply(&self) -> Reply {
        let message = format!("{self} [{}: {}]", self.code().class(), self.code());
        let denied = Answer::denied(message);
        match self {
            Self::Version { found, uid } => denied.in_version(found, uid),
            Self::Malformed { .. } | Self::NoObject { .. } => Reply {
                status: 400,
                ..denied.reply("")
            },
        }
    }
}

/// The first warnings, as many as are shown whole.
fn within(warnings: &[String]) -> Vec<String> {
    let mut left = MAX_WARNING_CHARACTERS;
    let mut shown = Vec::new();
    for text in warnings.iter().take(MAX_WARNINGS) {
        let text = cut(text, left.min(MAX_MESSAGE_CHARACTERS));
        left = left.saturating_sub(text.chars().count());
        shown.push(text);
        if left == 0 {
            break;
        }
    }
    shown
}

/// At most `limit` characters, the end being marked.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

fn encoded(patch: &Value) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(patch.to_string())
}
