//! `AdmissionReview` in and out (`admission.k8s.io/v1`).
//!
//! **Invariant**: a review that cannot be read is denied; nothing of `oldObject` can make an answer
//! kinder, because an attacker may choose what used to be there.

mod reply;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;
use serde_json::value::RawValue;
use sovverify::Code;
use sovverify::report::escape::show;
use sovverify::workload::{GroupKind, Json, TOO_MANY, TWICE};

pub use reply::{Allowed, Answer, Denied, MAX_MESSAGE_CHARACTERS, MAX_WARNINGS};

/// The one version that is answered.
pub const VERSION: &str = "admission.k8s.io/v1";
/// Bytes of one `uid`; the API server sends 36.
const MAX_UID_BYTES: usize = 128;
/// Bytes of a name, namespace, kind or resource: Kubernetes allows 253.
const MAX_NAME_BYTES: usize = 512;

/// What the API server asks.
#[derive(Debug)]
pub struct Question {
    /// Names the request; the answer repeats it.
    pub uid: String,
    /// The kind of the object, whatever its version.
    pub kind: GroupKind,
    /// What is done to it.
    pub operation: Operation,
    /// The part of the object that is written to: `ephemeralcontainers`, `scale`, `status`.
    pub sub_resource: Option<String>,
    /// The namespace; empty for objects of the whole cluster.
    pub namespace: String,
    /// The object's name; empty where the API server makes one up.
    pub name: String,
    /// Nothing may be left behind.
    pub dry_run: DryRun,
}

/// A review with its objects, borrowed from the body: most of an object is looked at once and never kept.
#[derive(Debug)]
pub struct Review<'a> {
    /// What is asked.
    pub question: Question,
    object: Result<Option<Json<'a>>, ReviewError>,
    old_object: Option<&'a RawValue>,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
    /// A connection to it is opened: `exec`, `attach`, `portforward`, `proxy`.
    Connect,
}

impl Operation {
    /// The operation for metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Connect => "connect",
        }
    }
}

/// Whether the request is only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// It is.
    Yes,
    /// It is meant.
    No,
}

/// Why a review cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// The body is not an `AdmissionReview`.
    #[error("expected an AdmissionReview ({VERSION}), found {found}")]
    Malformed {
        /// What is wrong, and where.
        found: String,
    },
    /// The review has another version.
    #[error("expected {VERSION}, found `{found}`: set `admissionReviewVersions: [v1]`")]
    Version {
        /// The version, which the answer has to repeat to be heard.
        found: String,
        /// The request's `uid`, where it has one.
        uid: String,
    },
    /// The request has no object, and its operation needs one.
    #[error("expected an object in a request to {operation}, found none")]
    NoObject {
        /// The operation.
        operation: &'static str,
    },
}

impl ReviewError {
    /// The stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Version { .. } => Code::AdmissionVersionUnsupported,
            Self::Malformed { .. } | Self::NoObject { .. } => Code::AdmissionReviewMalformed,
        }
    }
}

/// A review whose objects are read as `O`, and those that were there before as `P`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReview<O, P> {
    api_version: String,
    kind: String,
    request: Option<RawRequest<O, P>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRequest<O, P> {
    uid: String,
    kind: RawKind,
    operation: Operation,
    #[serde(default)]
    sub_resource: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    dry_run: Option<bool>,
    #[serde(default = "none")]
    object: Option<O>,
    #[serde(default = "none")]
    old_object: Option<P>,
}

const fn none<T>() -> Option<T> {
    None
}

#[derive(Deserialize)]
struct RawKind {
    #[serde(default)]
    group: String,
    kind: String,
}

/// The head of a review of any version.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    #[serde(default)]
    request: Option<HeadRequest>,
}

#[derive(Deserialize)]
struct HeadRequest {
    #[serde(default)]
    uid: String,
}

impl Question {
    /// Reads what is asked, and skips the objects.
    ///
    /// # Errors
    ///
    /// `admission/review-malformed` and `admission/version-unsupported`.
    pub fn read(body: &[u8]) -> Result<Self, ReviewError> {
        let (question, _, _) = read::<IgnoredAny, IgnoredAny>(body)?;
        Ok(question)
    }

    fn within_bounds(&self) -> Result<(), ReviewError> {
        let sub_resource = self.sub_resource.as_deref().unwrap_or_default();
        let names = [
            ("request.uid", self.uid.as_str(), MAX_UID_BYTES),
            ("request.kind.group", &self.kind.group, MAX_NAME_BYTES),
            ("request.kind.kind", &self.kind.kind, MAX_NAME_BYTES),
            ("request.namespace", &self.namespace, MAX_NAME_BYTES),
            ("request.name", &self.name, MAX_NAME_BYTES),
            ("request.subResource", sub_resource, MAX_NAME_BYTES),
        ];
        for (field, text, limit) in names {
            if text.len() > limit {
                let found = format!("{} bytes in `{field}`, of at most {limit}", text.len());
                return Err(ReviewError::Malformed { found });
            }
        }
        if self.uid.is_empty() {
            let found = "an empty `request.uid`".to_owned();
            return Err(ReviewError::Malformed { found });
        }
        Ok(())
    }
}

impl<'a> Review<'a> {
    /// Reads a review.
    ///
    /// # Errors
    ///
    /// As [`Question::read`]. Where nothing but an object cannot be read, [`Review::object`] says so.
    pub fn read(body: &'a [u8]) -> Result<Self, ReviewError> {
        match read(body) {
            Ok((question, object, old_object)) => Ok(Self {
                question,
                object: Ok(object),
                old_object,
            }),
            Err(error) => Ok(Self {
                question: Question::read(body)?,
                object: Err(error),
                old_object: None,
            }),
        }
    }

    /// The object as it will be stored.
    ///
    /// # Errors
    ///
    /// [`ReviewError`] where there is none, or it is no JSON object.
    pub fn object(&self) -> Result<&Json<'a>, ReviewError> {
        match &self.object {
            Ok(Some(object)) if object.root().is_object() => Ok(object),
            Ok(Some(_)) => Err(ReviewError::Malformed {
                found: "an object that is no map".to_owned(),
            }),
            Ok(None) => Err(ReviewError::NoObject {
                operation: self.question.operation.name(),
            }),
            Err(error) => Err(error.clone()),
        }
    }

    /// The object as it was. It may be anything that an attacker wants it to be.
    pub(crate) fn old_object(&self) -> Option<Json<'a>> {
        let object: Json<'_> = serde_json::from_str(self.old_object?.get()).ok()?;
        object.root().is_object().then_some(object)
    }
}

/// The question with what its objects are read as.
type Parts<O, P> = (Question, Option<O>, Option<P>);

fn read<'a, O, P>(body: &'a [u8]) -> Result<Parts<O, P>, ReviewError>
where
    O: Deserialize<'a>,
    P: Deserialize<'a>,
{
    let malformed = |found: String| ReviewError::Malformed { found };
    // Whether it is UTF-8 is asked once and not for each text in it.
    let text = std::str::from_utf8(body).map_err(|error| {
        let place = error.valid_up_to();
        malformed(format!("bytes that are no UTF-8, after {place} bytes"))
    })?;
    let review: RawReview<O, P> = match serde_json::from_str(text) {
        Ok(review) => review,
        Err(error) => return Err(other_version(body).unwrap_or_else(|| not_read(&error))),
    };
    if review.api_version != VERSION {
        return Err(other_version(body).unwrap_or_else(|| malformed(show(&review.api_version))));
    }
    if review.kind != "AdmissionReview" {
        return Err(malformed(format!("the kind `{}`", show(&review.kind))));
    }
    let request = review
        .request
        .ok_or_else(|| malformed("no `request`".to_owned()))?;
    let question = Question {
        uid: request.uid,
        kind: GroupKind {
            group: request.kind.group,
            kind: request.kind.kind,
        },
        operation: request.operation,
        sub_resource: request.sub_resource.filter(|text| !text.is_empty()),
        namespace: request.namespace.unwrap_or_default(),
        name: request.name.unwrap_or_default(),
        dry_run: if request.dry_run == Some(true) {
            DryRun::Yes
        } else {
            DryRun::No
        },
    };
    question.within_bounds()?;
    Ok((question, request.object, request.old_object))
}

/// The version of a review that is not ours, where the body says one.
fn other_version(body: &[u8]) -> Option<ReviewError> {
    let head: Head = serde_json::from_slice(body).ok()?;
    let ours = head.api_version == VERSION;
    let known = head.api_version.starts_with("admission.k8s.io/");
    (known && !ours).then(|| ReviewError::Version {
        found: show(&head.api_version),
        uid: head
            .request
            .map(|request| request.uid)
            .filter(|uid| uid.len() <= MAX_UID_BYTES)
            .unwrap_or_default(),
    })
}

/// The parser's own message may repeat outside text, so only its place is kept.
fn not_read(error: &serde_json::Error) -> ReviewError {
    let text = error.to_string();
    let what = match error.classify() {
        Category::Data if text.starts_with(TWICE) => "a name that stands twice in one object",
        Category::Data if text.starts_with(TOO_MANY) => "more values than an honest object has",
        Category::Data => "a field that is missing or of another type",
        Category::Eof => "a body that ends too early",
        _ => "something that is no JSON",
    };
    let (line, column) = (error.line(), error.column());
    ReviewError::Malformed {
        found: format!("{what} at line {line}, column {column}"),
    }
}

#[cfg(test)]
mod tests;
