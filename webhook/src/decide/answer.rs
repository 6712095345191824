//! The whole request: every image of its object decided at once, and one answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use sovverify::Code;
use sovverify::policy::Target;
use sovverify::report::escape::show;
use sovverify::workload::{ImageUse, PodFacts, Workload};
use tokio::time::{Instant, timeout_at};

use super::image::{Common, ImageDecision, Tags};
use super::object::{Looked, Seen, Stopped};
use super::outcome::{mutated, validated};
use super::{Engine, Pinning, message};
use crate::cluster::LookupError;
use crate::metrics::{Decided, Stage};
use crate::review::{Allowed, Answer, Denied, DryRun, MAX_WARNINGS, Question};
use crate::server::{Admit, Call, Reply};
use crate::state::State;

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
        let Seen { question, looked } = match self.see(call.body, until).await {
            Ok(seen) => seen,
            Err(reply) => return reply,
        };
        let answer = match looked {
            Ok(Looked::Answered(answer)) => answer,
            Ok(Looked::Workload(state, workload)) => {
                let decided = self
                    .images(&question, (state, workload), until, purpose)
                    .await;
                decided.unwrap_or_else(|stopped| *stopped)
            }
            Err(stopped) => *stopped,
        };
        // What this endpoint leaves the other one judges, so that one decision is told once.
        let is_left = purpose == Purpose::Mutate && matches!(answer, Answer::Allowed(_));
        if !is_left {
            self.told(&question, &answer, begun.saturating_add(now.elapsed()));
        }
        answer.reply(&question.uid)
    }

    async fn images(
        &self,
        question: &Question,
        (state, mut workload): (Arc<State>, Workload),
        until: Instant,
        purpose: Purpose,
    ) -> Result<Answer, Stopped> {
        let labels = std::mem::take(&mut workload.labels);
        let pods = &workload.pods;
        let mut common = self.common(&state, question, pods, until).await?;
        common.target.object_labels = labels;
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
        pods: &PodFacts,
        until: Instant,
    ) -> Result<Common, Stopped> {
        let namespace = question.namespace.as_str();
        let started = std::time::Instant::now();
        let labels = if state.policies.needs_namespace_labels().is_some() && !namespace.is_empty() {
            in_time(self.cluster.namespace_labels(namespace), until).await?
        } else {
            BTreeMap::new()
        };
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
                object_labels: BTreeMap::new(),
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

    /// Counts what was answered, and writes bad news down. A request that is only tried leaves nothing behind.
    fn told(&self, question: &Question, answer: &Answer, took: Duration) {
        if question.dry_run == DryRun::Yes {
            return;
        }
        let (decided, code) = match answer {
            Answer::Allowed(allowed) if allowed.warnings.is_empty() => (Decided::Admitted, None),
            Answer::Allowed(allowed) => (Decided::AdmittedWithWarnings, allowed.code),
            Answer::Denied(denied) => (Decided::Denied, denied.code),
        };
        self.metrics
            .decided(question.operation.name(), decided, code);
        self.metrics.took(Stage::Total, took);
        let (event, message) = match answer {
            Answer::Allowed(allowed) if allowed.warnings.is_empty() => return,
            Answer::Allowed(allowed) => ("warned", Cow::Owned(first(&allowed.warnings))),
            Answer::Denied(denied) => ("denied", Cow::Borrowed(denied.message.as_str())),
        };
        let Some(left_out) = self.lines.take(std::time::Instant::now()) else {
            return;
        };
        tracing::info!(
            event,
            left_out = (left_out > 0).then_some(left_out),
            operation = question.operation.name(),
            kind = %show(&question.kind.kind),
            namespace = %show(&question.namespace),
            name = %show(&question.name),
            code = code.map(Code::name),
            %message,
        );
    }
}

/// As many warnings as one answer has.
fn first(warnings: &[String]) -> String {
    let most = warnings.len().min(MAX_WARNINGS);
    warnings.get(..most).unwrap_or_default().join("; ")
}

async fn in_time<T>(
    lookup: BoxFuture<'_, Result<T, LookupError>>,
    until: Instant,
) -> Result<T, Stopped> {
    match timeout_at(until, lookup).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            let (what, found) = (error.what(), error.found());
            Err(stopped(error.code(), what, &found, error.hint()))
        }
        Err(_) => {
            let code = Code::AdmissionLookupFailed;
            let found = "no answer of the API server in time";
            Err(stopped(code, "labels and pull secrets", found, None))
        }
    }
}

pub(super) fn allowed() -> Answer {
    Answer::Allowed(Allowed::default())
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed, so that results stay small"
)]
pub(super) fn not_ready() -> Stopped {
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
