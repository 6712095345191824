//! One image reference of one request: from its text to a verdict.

use std::sync::Arc;

use jiff::Timestamp;
use sovverify::policy::{Matching, Target};
use sovverify::verdict::Mode;
use sovverify::{Class, Code, Decision, Digest, ImageReference};
use sovverify_fetch::{Discovery, FetchError, Location, Request, ScopeId};
use tokio::time::Instant;

use super::Engine;
use super::flight::{First, TooMuch, Waited};
use super::judge::{self, Case, Pinned};
use super::judged::{Judged, Refusal};
use super::key::{Key, Parts};
use super::message;
use crate::metrics::{CacheAnswer, Metrics, Stage, Success};
use crate::review::DryRun;
use crate::state::State;

/// What all images of one request have in common.
pub(super) struct Common {
    pub(super) state: Arc<State>,
    pub(super) discovery: Arc<Discovery>,
    pub(super) target: Target,
    pub(super) exceptions: Digest,
    pub(super) dry_run: DryRun,
    pub(super) tags: Tags,
    /// The namespace, for which places are given.
    pub(super) owner: Arc<str>,
    /// Numbers; a request that is only tried changes none that anybody reads.
    pub(super) metrics: Arc<Metrics>,
    pub(super) now: Timestamp,
    /// When the answer must be there.
    pub(super) until: Instant,
}

/// How references by tag are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// As they are written.
    AsWritten,
    /// As they will be written once the digest stands beside the tag.
    AsPinned,
}

/// The answer about one reference.
#[derive(Clone, Debug)]
pub(super) struct ImageDecision {
    /// The verdict.
    pub(super) judged: Arc<Judged>,
    /// The digest that it is about, where the reference could be resolved.
    pub(super) digest: Option<Digest>,
    /// Whether a denial counts: not where every policy that matches only observes.
    pub(super) weight: Weight,
}

/// What a denial does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It denies.
    Denies,
    /// It warns.
    Warns,
    /// It is written down.
    Notes,
}

impl Engine {
    /// Decides about the image that `written` names.
    pub(super) async fn image(&self, written: &str, common: &Common) -> ImageDecision {
        let reference: ImageReference = match written.parse() {
            Ok(reference) => reference,
            Err(error) => {
                let expected = "an image reference such as `registry.example/app@sha256:…`";
                let found = ToString::to_string(&error);
                return decided(refused(Code::ImageReferenceMalformed, expected, &found));
            }
        };
        let policies = &common.state.policies;
        let matching = policies.matching(reference.name(), Some(&common.target));
        if let Some(judged) = message::refusals(&matching.refusals()) {
            return decided(judged);
        }
        if matching.is_empty() {
            return unmatched(&reference);
        }
        let weight = weight(&matching);
        let outcome = self.matched(&reference, written, &matching, common).await;
        let (judged, digest) = outcome.unwrap_or_else(|refusal| (refusal, None));
        ImageDecision {
            judged,
            digest,
            weight,
        }
    }

    async fn matched(
        &self,
        reference: &ImageReference,
        written: &str,
        matching: &Matching<'_>,
        common: &Common,
    ) -> Result<(Arc<Judged>, Option<Digest>), Arc<Judged>> {
        let scope = common
            .discovery
            .credential_scope(reference.name(), &self.secret)
            .await
            .map_err(|error| unfetched(&error))?;
        let (digest, pinned) = if let Some(digest) = reference.digest() {
            (digest.clone(), None)
        } else {
            let pinned = self.resolve(reference, written, scope, common).await?;
            (pinned.digest.clone(), Some(pinned))
        };
        let written = match (common.tags, &pinned) {
            (Tags::AsPinned, Some(pinned)) => format!("{written}@{}", pinned.digest),
            _ => written.to_owned(),
        };
        let policies = matching.identity();
        let key = Key::of(&Parts {
            name: reference.name(),
            digest: &digest,
            policies: &policies,
            exceptions: &common.exceptions,
            scope,
            written: matching.asks_how_it_is_written().then_some(&written),
        });
        if let Some(judged) = self.cache.get(&key, common.now) {
            common.metrics.cache_answered(match judged.decision {
                Decision::Admit => CacheAnswer::Hit,
                Decision::Deny => CacheAnswer::NegativeHit,
            });
            return Ok((judged, Some(digest)));
        }
        common.metrics.cache_answered(CacheAnswer::Miss);
        let case = Case {
            state: Arc::clone(&common.state),
            discovery: Arc::clone(&common.discovery),
            reference: reference.pinned_to(digest.clone()),
            written,
            pinned,
            target: common.target.clone(),
            metrics: Arc::clone(&common.metrics),
        };
        let judged = self.verify(key, case, common).await?;
        Ok((judged, Some(digest)))
    }

    /// Asks the registry what a tag stands for: once for all who ask at the same moment, and anew for
    /// everybody who asks later.
    async fn resolve(
        &self,
        reference: &ImageReference,
        written: &str,
        scope: ScopeId,
        common: &Common,
    ) -> Result<Pinned, Arc<Judged>> {
        let started = std::time::Instant::now();
        let discovery = Arc::clone(&common.discovery);
        let location = Location::Registry(reference.clone());
        let (workshop, key) = (Arc::clone(&self.workshop), Key::of_tag(written, scope));
        let ticket = self
            .tags
            .join_or_begin(key, &common.owner, |wanted| async move {
                let _place = workshop.tags.take(key, &wanted).await;
                let resolved = discovery.resolve(&location, &Request::default()).await;
                resolved.map(Pinned::new).map_err(|error| unfetched(&error))
            })
            .map_err(too_much)?;
        if ticket.first == First::Joined {
            self.workshop.tags.vouch(key, &common.owner);
            common.metrics.joined();
        }
        let waited = ticket.wait(common.until).await;
        common.metrics.took(Stage::Resolve, started.elapsed());
        match waited {
            Waited::Done(pinned) => pinned,
            Waited::TooEarly => Err(too_early("the digest that the tag stands for")),
            Waited::Lost => Err(Arc::new(judge::lost())),
        }
    }

    /// Verifies under `key`, or joins whoever does. A request that is only tried remembers nothing.
    async fn verify(
        &self,
        key: Key,
        case: Case,
        common: &Common,
    ) -> Result<Arc<Judged>, Arc<Judged>> {
        let (workshop, cache) = (Arc::clone(&self.workshop), Arc::clone(&self.cache));
        let (now, until, dry_run) = (common.now, common.until, common.dry_run);
        let clock = Arc::clone(&self.clock);
        let flight = match dry_run {
            DryRun::Yes => key.tried(),
            DryRun::No => key,
        };
        let work = |wanted| async move {
            // Whoever was before us may have ended between our look and our turn.
            if let Some(judged) = cache.get(&key, now) {
                return judged;
            }
            let metrics = Arc::clone(&case.metrics);
            // The work may have waited: it is judged by the time at which it begins.
            let begun = || clock().max(now);
            let entry = workshop.verify(case, (flight, wanted), begun).await;
            let judged = Arc::clone(&entry.judged);
            if dry_run == DryRun::No {
                cache.insert(key, entry);
            }
            if until < Instant::now() {
                let decided = judged.class() != Some(Class::Transient);
                let success = if decided { Success::Yes } else { Success::No };
                metrics.finished_in_background(success);
            }
            judged
        };
        let ticket = self.verdicts.join_or_begin(flight, &common.owner, work);
        let ticket = ticket.map_err(too_much)?;
        if ticket.first == First::Joined {
            self.workshop.images.vouch(flight, &common.owner);
            self.workshop.cores.vouch(flight, &common.owner);
            common.metrics.joined();
        }
        match ticket.wait(common.until).await {
            Waited::Done(judged) => Ok(judged),
            Waited::TooEarly => Err(too_early("a verdict")),
            Waited::Lost => Err(Arc::new(judge::lost())),
        }
    }
}

/// What a denial under these policies does.
fn weight(matching: &Matching<'_>) -> Weight {
    let mut weight = Weight::Notes;
    for policy in matching.policies() {
        match policy.mode() {
            Mode::Audit => {}
            Mode::Warn => weight = Weight::Warns,
            _ => return Weight::Denies,
        }
    }
    weight
}

/// Admitted because no policy is about it and the configuration says that this is enough: nobody needs to be
/// asked, least of all a host that nobody but the author of the object has named.
fn unmatched(reference: &ImageReference) -> ImageDecision {
    let code = Code::PolicyUnmatchedAdmitted;
    let expected = format!("a policy that matches `{}`", reference.name());
    let hint = Some("the configuration says `unmatched: admit`");
    let mut judged = Judged::admitted();
    judged.remark = Some(code);
    judged
        .warnings
        .push(message::parts(code, &expected, "none", hint));
    ImageDecision {
        judged: Arc::new(judged),
        digest: reference.digest().cloned(),
        weight: Weight::Notes,
    }
}

fn decided(judged: Judged) -> ImageDecision {
    ImageDecision {
        judged: Arc::new(judged),
        digest: None,
        weight: Weight::Denies,
    }
}

fn refused(code: Code, expected: &str, found: &str) -> Judged {
    Judged::refused(code, message::parts(code, expected, found, None))
}

fn unfetched(error: &FetchError) -> Arc<Judged> {
    Arc::new(judge::unfetched(error))
}

fn too_early(what: &str) -> Arc<Judged> {
    let code = Code::AdmissionTimeout;
    let expected = format!("{what} before the API server stops waiting");
    let hint = Some("it goes on: try again in a moment");
    let sentence = message::parts(code, &expected, "none yet", hint);
    Arc::new(Judged::refused(code, sentence))
}

fn too_much(_: TooMuch) -> Arc<Judged> {
    let code = Code::AdmissionOverloaded;
    let hint = Some("try again in a moment");
    let expected = "a place among the images that are being verified";
    let sentence = message::parts(code, expected, "none free", hint);
    Arc::new(Judged::refused(code, sentence))
}

impl ImageDecision {
    /// The refusal, where this is a denial.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.judged.refusal.as_ref()
    }
}
