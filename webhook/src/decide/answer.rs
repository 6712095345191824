//! The whole request: every image of its object decided at once, and one answer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use sovverify::policy::Target;
use sovverify::report::escape::show;
use sovverify::workload::{Deferred, ImageUse, Workload};
use sovverify::{Code, Decision};
use tokio::time::{Instant, timeout_at};

use super::image::{Common, ImageDecision, Tags, Weight};
use super::object::{INLINE_BYTES, Looked, Stopped, is_ours, is_pod, writes_a_workload};
use super::pin::{self, Pin};
use super::{Engine, Pinning, message};
use crate::cluster::LookupError;
use crate::metrics::{Decided, Stage};
use crate::review::{Allowed, Answer, Denied, DryRun, Operation, Question};
use crate::server::{Admit, Call, Reply};
use crate::state::State;

/// Refused images whose sentences are in one answer; the rest is counted.
pub(super) const MAX_REFUSED: usize = 4;
/// Images that are only known in the pod, named in one answer: one says what the rest is like.
const MAX_DEFERRED: usize = 4;
/// Characters of one audit annotation: far below what the API server takes for all.
const MAX_ANNOTATION: usize = 4_096;

/// Which question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// May it be stored?
    Validate,
    /// What should be changed before?
    Mutate,
}

impl Admit for Engine {
    fn validate(self: Arc<Self>, call: Call) -> BoxFuture<'static, Reply> {
        Box::pin(async move { self.reply(call, Purpose::Validate).await })
    }

    fn mutate(self: Arc<Self>, call: Call) -> Option<BoxFuture<'static, Reply>> {
        if self.pinning == Pinning::Off {
            return None;
        }
        Some(Box::pin(
            async move { self.reply(call, Purpose::Mutate).await },
        ))
    }

    fn ready(&self) -> Result<(), String> {
        match self.current.get() {
            Some(_) => Ok(()),
            None => self
                .standing
                .ready()
                .and_then(|()| Err("policies and trust roots are not loaded".to_owned())),
        }
    }
}

impl Engine {
    async fn reply(self: Arc<Self>, call: Call, purpose: Purpose) -> Reply {
        let patience = self.limits.patience(call.timeout);
        let begun = call.received.elapsed();
        let left = patience.saturating_sub(begun);
        let now = Instant::now();
        let until = now.checked_add(left).unwrap_or(now);
        let question = match read(call.body).await {
            Ok(question) => Arc::new(question),
            Err(reply) => return reply,
        };
        let answer = self.answer(&question, until, purpose).await;
        self.told(&question, &answer, begun.saturating_add(now.elapsed()));
        answer.reply(&question.uid)
    }

    async fn answer(&self, question: &Arc<Question>, until: Instant, purpose: Purpose) -> Answer {
        match self.images(question, until, purpose).await {
            Ok(answer) => answer,
            Err(stopped) => *stopped,
        }
    }

    async fn images(
        &self,
        question: &Arc<Question>,
        until: Instant,
        purpose: Purpose,
    ) -> Result<Answer, Stopped> {
        if !writes_a_workload(question) {
            return Ok(allowed());
        }
        let state = self.current.get();
        if state.is_none() && !is_ours(question) {
            return Err(not_ready());
        }
        let (state, workload) = match self.looked_at(question, state, until).await? {
            Looked::Answered(answer) => return Ok(answer),
            Looked::Workload(state, workload) => (state, workload),
        };
        let mut common = self.common(&state, question, &workload, until).await?;
        if purpose == Purpose::Mutate {
            common.tags = Tags::AsPinned;
        }
        let mut places: BTreeMap<&str, Vec<&ImageUse>> = BTreeMap::new();
        for image in &workload.images {
            places.entry(&image.reference).or_default().push(image);
        }
        let decisions = join_all(places.keys().map(|written| self.image(written, &common))).await;
        let decided: Vec<(Vec<&ImageUse>, ImageDecision)> =
            places.into_values().zip(decisions).collect();
        Ok(match purpose {
            Purpose::Validate => validated(&workload, &decided),
            Purpose::Mutate => mutated(question, &decided),
        })
    }

    /// What all images of the request have in common: labels, exceptions, credentials.
    async fn common(
        &self,
        state: &Arc<State>,
        question: &Question,
        workload: &Workload,
        until: Instant,
    ) -> Result<Common, Stopped> {
        let namespace = question.namespace.as_str();
        let started = std::time::Instant::now();
        let labels = if state.policies.needs_namespace_labels().is_some() && !namespace.is_empty() {
            in_time(self.cluster.namespace_labels(namespace), until).await?
        } else {
            BTreeMap::new()
        };
        let pods = &workload.pods;
        let account = pods.service_account.as_deref();
        let secrets = self
            .cluster
            .pull_secrets(namespace, account, &pods.pull_secrets);
        let secrets = in_time(secrets, until).await?;
        let metrics = match question.dry_run {
            DryRun::Yes => &self.unread,
            DryRun::No => &self.metrics,
        };
        metrics.took(Stage::Labels, started.elapsed());
        Ok(Common {
            discovery: self.discovery(state, secrets),
            exceptions: state.exceptions_digest(namespace),
            target: Target {
                namespace: namespace.to_owned(),
                namespace_labels: labels,
                object_labels: workload.labels.clone(),
            },
            dry_run: question.dry_run,
            tags: Tags::AsWritten,
            owner: Arc::from(namespace),
            metrics: Arc::clone(metrics),
            now: (self.clock)(),
            until,
            state: Arc::clone(state),
        })
    }

    /// Counts and writes down what was answered. A request that is only tried leaves nothing behind.
    fn told(&self, question: &Question, answer: &Answer, took: Duration) {
        if question.dry_run == DryRun::Yes {
            return;
        }
        let refusal = match answer {
            Answer::Allowed(_) => None,
            Answer::Denied(denied) => Some(denied),
        };
        let code = refusal.and_then(|denied| denied.code);
        let decided = match answer {
            Answer::Allowed(allowed) if allowed.warnings.is_empty() => Decided::Admitted,
            Answer::Allowed(_) => Decided::AdmittedWithWarnings,
            Answer::Denied(_) => Decided::Denied,
        };
        self.metrics
            .decided(question.operation.name(), decided, code);
        self.metrics.took(Stage::Total, took);
        if let Some(denied) = refusal {
            tracing::info!(
                event = "denied",
                operation = question.operation.name(),
                kind = %show(&question.kind.kind),
                namespace = %show(&question.namespace),
                name = %show(&question.name),
                code = code.map(Code::name),
                message = %denied.message,
            );
        }
    }
}

async fn read(body: hyper::body::Bytes) -> Result<Question, Reply> {
    let parsed = if body.len() > INLINE_BYTES {
        tokio::task::spawn_blocking(move || Question::read(&body)).await
    } else {
        Ok(Question::read(&body))
    };
    match parsed {
        Ok(Ok(question)) => Ok(question),
        Ok(Err(error)) => Err(error.reply()),
        Err(_) => Err(Answer::denied("the review could not be read: a bug in sovverify").reply("")),
    }
}

async fn in_time<T>(
    lookup: BoxFuture<'_, Result<T, LookupError>>,
    until: Instant,
) -> Result<T, Stopped> {
    let code = Code::AdmissionLookupFailed;
    match timeout_at(until, lookup).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(stopped(code, error.what(), &error.found(), error.hint())),
        Err(_) => {
            let found = "no answer of the API server in time";
            Err(stopped(code, "labels and pull secrets", found, None))
        }
    }
}

fn validated(workload: &Workload, decided: &[(Vec<&ImageUse>, ImageDecision)]) -> Answer {
    let mut refused = Vec::new();
    let mut code = None;
    let (mut warnings, mut notes) = (Vec::new(), Vec::new());
    for field in &workload.unknown {
        let unknown = Code::WorkloadUnknownImageField;
        code = code.or(Some(unknown));
        let expected = "only fields whose images are judged";
        let found = format!("`{}` with `{}`", show(&field.path), show(&field.value));
        let hint = Some("name the field in `workloads` of the configuration");
        refused.push(message::parts(unknown, expected, &found, hint));
    }
    warnings.extend(workload.deferred.iter().take(MAX_DEFERRED).map(deferred));
    for (places, image) in decided {
        // A remembered remark is about a digest. Which image it is about is known here.
        let named = |remark: &String| format!("{}: {remark}", image_at(places));
        warnings.extend(image.judged.warnings.iter().map(named));
        notes.extend(image.judged.notes.iter().map(named));
        let Some(refusal) = image.refusal() else {
            continue;
        };
        let sentence = refused_image(places, image);
        match image.weight {
            Weight::Denies => {
                let rank = |code: Option<Code>| code.map(Code::rank);
                if rank(code) < rank(Some(refusal.code)) {
                    code = Some(refusal.code);
                }
                refused.push(sentence);
            }
            Weight::Warns => warnings.push(sentence),
            Weight::Notes => notes.push(sentence),
        }
    }
    let annotations = annotations(decided, &notes);
    if refused.is_empty() {
        return Answer::Allowed(Allowed {
            warnings,
            annotations,
            patch: None,
        });
    }
    let more = refused.len().saturating_sub(MAX_REFUSED);
    refused.truncate(MAX_REFUSED);
    let mut message = refused.join("; ");
    if more > 0 {
        message = format!("{message}; and {more} more");
    }
    Answer::Denied(Denied {
        message,
        code,
        warnings,
        annotations,
    })
}

/// An image that is only known in the pod, and judged there.
fn deferred(image: &Deferred) -> String {
    let found = match image.value.as_str() {
        "" => format!("none at `{}`", show(&image.path)),
        value => format!("`{}` at `{}`", show(value), show(&image.path)),
    };
    let hint = Some("it is judged in the pod that is made of this");
    message::parts(image.code(), "an image reference", &found, hint)
}

/// `image X (spec.containers[0].image) is refused: …`.
fn refused_image(places: &[&ImageUse], image: &ImageDecision) -> String {
    let sentence = image.refusal().map_or("", |refusal| &refusal.sentence);
    format!("{} is refused: {sentence}", image_at(places))
}

/// `image X (spec.containers[0].image and 2 more)`.
fn image_at(places: &[&ImageUse]) -> String {
    let first = places.first();
    let reference = first
        .map(|place| show(&place.reference))
        .unwrap_or_default();
    let path = first.map(|place| show(&place.path)).unwrap_or_default();
    let more = match places.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("image `{reference}` ({path}{more})")
}

/// What the API server's audit log keeps: which digests were decided under which policies.
fn annotations(
    decided: &[(Vec<&ImageUse>, ImageDecision)],
    notes: &[String],
) -> BTreeMap<&'static str, String> {
    let mut images = Vec::new();
    let mut policies = BTreeSet::new();
    for (places, image) in decided {
        let reference = places.first().map_or("", |place| place.reference.as_str());
        let digest = image.digest.as_ref();
        let digest = digest.map_or_else(|| "unresolved".to_owned(), ToString::to_string);
        let decision = match image.judged.decision {
            Decision::Admit => "admit",
            Decision::Deny => "deny",
        };
        images.push(format!("{} {digest} {decision}", show(reference)));
        policies.extend(image.judged.basis.iter().map(String::as_str));
    }
    let joined = |list: &[&str]| {
        let text = list.join("; ");
        match sovverify::report::escape::shorten(&text, MAX_ANNOTATION) {
            Cow::Borrowed(_) => text,
            Cow::Owned(shortened) => shortened,
        }
    };
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let policies: Vec<&str> = policies.into_iter().collect();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    [
        ("images", joined(&images)),
        ("policies", joined(&policies)),
        ("findings", joined(&notes)),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .collect()
}

/// Tags of a pod are pinned to what was admitted, when it is made: a running container would be started anew for
/// another spelling of its image. A refusal is left to the validating endpoint, which is asked last and sees what
/// others changed.
fn mutated(question: &Question, decided: &[(Vec<&ImageUse>, ImageDecision)]) -> Answer {
    let is_new = question.operation == Operation::Create && question.sub_resource.is_none();
    let is_pod = is_pod(question) && is_new;
    let pins: Vec<Pin> = decided
        .iter()
        .filter(|(_, image)| is_pod && image.judged.decision == Decision::Admit)
        .filter_map(|(places, image)| Some((places, image.digest.clone()?)))
        .flat_map(|(places, digest)| {
            places.iter().map(move |place| Pin {
                path: place.path.clone(),
                written: place.reference.clone(),
                digest: digest.clone(),
            })
        })
        .filter(|pin| !pin.written.contains('@'))
        .collect();
    Answer::Allowed(Allowed {
        patch: pin::patch(&pins),
        ..Allowed::default()
    })
}

pub(super) fn allowed() -> Answer {
    Answer::Allowed(Allowed::default())
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed, so that results stay small"
)]
fn not_ready() -> Stopped {
    let hint = Some("`/readyz` and the log say what is missing");
    let expected = "policies and trust roots";
    stopped(Code::AdmissionNotReady, expected, "none loaded yet", hint)
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed, so that results stay small"
)]
pub(super) fn stopped(code: Code, expected: &str, found: &str, hint: Option<&str>) -> Stopped {
    Box::new(Answer::Denied(Denied {
        message: message::parts(code, expected, found, hint),
        code: Some(code),
        warnings: Vec::new(),
        annotations: BTreeMap::new(),
    }))
}
