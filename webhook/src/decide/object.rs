//! What is asked about: whether a request can bring images, and which its object holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hyper::body::Bytes;
use sovverify::Code;
use sovverify::policy::Diagnostic;
use sovverify::report::escape::show;
use sovverify::workload::{Json, Workload};
use tokio::time::{Instant, timeout_at};

use super::Engine;
use super::answer::{allowed, not_ready, stopped};
use super::flight::Wanted;
use super::key::Key;
use super::message;
use super::outcome::MAX_REFUSED;
use crate::review::{Allowed, Answer, Denied, Operation, Question, Review};
use crate::server::Reply;
use crate::source;
use crate::state::State;

/// Bytes of a request that is looked at on the reactor: more is looked at beside it.
const INLINE_BYTES: usize = 256 * 1024;

/// Why there is no verdict about the images at all.
pub(super) type Stopped = Box<Answer>;

/// What came of looking at a request.
pub(super) enum Looked {
    /// It is answered already.
    Answered(Answer),
    /// It brings these images.
    Workload(Arc<State>, Workload),
}

/// Whether the request can bring an image into the cluster. Removal and connections cannot, and neither
/// can a status or a number of replicas.
fn writes_a_workload(question: &Question) -> bool {
    match question.operation {
        Operation::Create | Operation::Update => {
            !matches!(question.sub_resource.as_deref(), Some("status" | "scale"))
        }
        Operation::Delete | Operation::Connect => false,
    }
}

/// Whether the request is about a document of ours.
fn is_ours(question: &Question) -> bool {
    question.kind.group == source::GROUP
}

/// Whether the request is about a pod.
pub(super) fn is_pod(question: &Question) -> bool {
    question.kind.group.is_empty() && question.kind.kind == "Pod"
}

/// A request, and what came of looking at it.
pub(super) struct Seen {
    pub(super) question: Question,
    pub(super) looked: Result<Looked, Stopped>,
}

impl Engine {
    /// Reads a request and looks at its object: on the reactor where that is a matter of microseconds, and
    /// otherwise beside it, where each namespace has its share of the cores.
    pub(super) async fn see(&self, body: Bytes, until: Instant) -> Result<Seen, Reply> {
        let state = self.current.get();
        if body.len() <= INLINE_BYTES {
            let review = Review::read(&body).map_err(|error| error.reply())?;
            if !is_ours(&review.question) {
                return Ok(seen(review, state));
            }
        }
        self.see_beside(body, state, until).await
    }

    async fn see_beside(
        &self,
        body: Bytes,
        state: Option<Arc<State>>,
        until: Instant,
    ) -> Result<Seen, Reply> {
        let whole = body.clone();
        let question = tokio::task::spawn_blocking(move || Question::read(&whole));
        let question = question.await.map_err(|_| lost())?;
        let question = question.map_err(|error| error.reply())?;
        let owner: Arc<str> = Arc::from(question.namespace.as_str());
        let wanted = Wanted::by(&owner);
        let cores = &self.workshop.cores;
        let turn = timeout_at(until, cores.take(Key::of_request(&question.uid), &wanted));
        let Ok(place) = turn.await else {
            let (code, hint) = (Code::AdmissionOverloaded, Some("try again in a moment"));
            let looked = Err(stopped(
                code,
                "a core for a large object",
                "none free",
                hint,
            ));
            return Ok(Seen { question, looked });
        };
        let seen = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, whether or not somebody still waits for it.
            let _place = place;
            Review::read(&body).map(|review| seen(review, state))
        });
        let seen = seen.await.unwrap_or_else(|_| {
            let (code, found) = (Code::SystemFailed, "a bug in sovverify");
            let looked = Err(stopped(code, "an object to look at", found, None));
            Ok(Seen { question, looked })
        });
        seen.map_err(|error| error.reply())
    }
}

/// The answer where a worker was lost; the panic itself has been reported by the hook.
fn lost() -> Reply {
    Answer::denied("the review could not be read: a bug in sovverify").reply("")
}

fn seen(review: Review<'_>, state: Option<Arc<State>>) -> Seen {
    let looked = look(&review, state);
    Seen {
        question: review.question,
        looked,
    }
}

/// Nobody was told where a kind holds images. Its pods are judged when they are made, and whoever registered
/// the kind with the webhook expects more than that, so it is said aloud. What is written to a part of an
/// object (a binding, an eviction) holds none.
fn unknown_kind(question: &Question) -> Answer {
    if question.sub_resource.is_some() {
        return allowed();
    }
    let expected = "a kind whose images are known";
    let found = format!(
        "`{}`, of which none was judged",
        show(&question.kind.to_string())
    );
    let hint = Some("name the kind in `workloads` of the configuration");
    Answer::Allowed(Allowed {
        code: Some(Code::WorkloadKindUnknown),
        warnings: vec![message::parts(
            Code::WorkloadKindUnknown,
            expected,
            &found,
            hint,
        )],
        ..Allowed::default()
    })
}

fn look(review: &Review<'_>, state: Option<Arc<State>>) -> Result<Looked, Stopped> {
    let question = &review.question;
    if !writes_a_workload(question) {
        return Ok(Looked::Answered(allowed()));
    }
    if state.is_none() && !is_ours(question) {
        return Err(not_ready());
    }
    let object = review
        .object()
        .map_err(|error| stopped(error.code(), "an object to admit", &error.to_string(), None))?;
    let state = match state {
        Some(state) if !is_ours(question) => state,
        state => {
            let answer = own_document(question, object, state.as_deref());
            return Ok(Looked::Answered(answer));
        }
    };
    let Some(workload) = extracted(&state, question, object)? else {
        return Ok(Looked::Answered(unknown_kind(question)));
    };
    if is_ending(question, object) && keeps_its_images(review, &state, &workload) {
        return Ok(Looked::Answered(allowed()));
    }
    Ok(Looked::Workload(state, workload))
}

fn extracted(
    state: &State,
    question: &Question,
    object: &Json<'_>,
) -> Result<Option<Workload>, Stopped> {
    let kind = show(&question.kind.kind);
    let extracted = state.workloads.extract(&question.kind, object);
    let extracted = extracted.map_err(|error| {
        // It says itself what was expected, and where.
        let whole = format!("the images of a `{kind}`: {error}");
        Box::new(Answer::Denied(Denied {
            message: message::said(error.code(), &whole),
            code: Some(error.code()),
            warnings: Vec::new(),
            annotations: BTreeMap::new(),
        }))
    })?;
    // Nothing runs in such a pod, so that something of it was not read.
    let none = |workload: &Workload| workload.images.is_empty() && is_pod(question);
    if extracted.as_ref().is_some_and(none) {
        let code = Code::WorkloadMalformed;
        return Err(stopped(code, "at least one image in a pod", "none", None));
    }
    Ok(extracted)
}

/// Whether the object is being removed: nothing is started any more, and what keeps it (a finalizer) must be
/// able to let go, also of what would be refused now.
fn is_ending(question: &Question, object: &Json<'_>) -> bool {
    let metadata = object.root().get("metadata");
    let ends = metadata.and_then(|metadata| metadata.get("deletionTimestamp")?.as_str());
    question.operation == Operation::Update && ends.is_some()
}

/// Whether the images are what they were.
fn keeps_its_images(review: &Review<'_>, state: &State, workload: &Workload) -> bool {
    let Some(old) = review.old_object() else {
        return false;
    };
    let Ok(Some(old)) = state.workloads.extract(&review.question.kind, &old) else {
        return false;
    };
    let references = |workload: &Workload| -> BTreeSet<String> {
        let images = workload.images.iter();
        images.map(|image| image.reference.clone()).collect()
    };
    workload.unknown.is_empty() && references(workload) == references(&old)
}

/// A document of ours is held against what the command line would say about it. What does not count in the
/// end denies what it may be about, so that letting it go harms nothing.
fn own_document(question: &Question, object: &Json<'_>, state: Option<&State>) -> Answer {
    if is_ending(question, object) {
        return allowed();
    }
    let policies = state.map(|state| &state.policies);
    match source::review_document(&question.kind.kind, &object.root().into(), policies) {
        Ok(warnings) => Answer::Allowed(Allowed {
            warnings,
            ..Allowed::default()
        }),
        Err(diagnostics) => {
            let lines: Vec<String> = diagnostics.iter().map(Diagnostic::one_line).collect();
            let shown = lines.iter().take(MAX_REFUSED).cloned();
            let code = diagnostics.first().map(|diagnostic| diagnostic.code);
            Answer::Denied(Denied {
                message: shown.collect::<Vec<_>>().join("; "),
                code,
                warnings: Vec::new(),
                annotations: BTreeMap::new(),
            })
        }
    }
}
