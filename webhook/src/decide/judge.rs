//! One image, verified: its evidence discovered, appraised and held against the policies.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sovverify::policy::{Selection, Target};
use sovverify::{
    Class, Code, Decision, Digest, Evidence, EvidenceSet, ImageReference, VerificationTime,
};
use sovverify::{Verdict, appraise};
use sovverify_fetch::{Discovery, FetchError, Hold, Location, Request, Resolved};

use super::cache::Entry;
use super::flight::Wanted;
use super::judged::Judged;
use super::key::Key;
use super::limits::DecideLimits;
use super::message;
use super::places::Places;
use crate::metrics::{Metrics, Stage};
use crate::state::State;

/// Steps in which the end of an admission is searched: to the millisecond, for a lifetime of days.
const STEPS: u32 = 32;

/// Bytes of a manifest that is kept for an image that waits for its turn: thousands may wait. A usual one has
/// some 2 KiB, and what is larger is asked for again.
const MAX_KEPT_MANIFEST: usize = 16 * 1024;

/// What a tag stood for, and what was already read for it: whoever is first takes that.
#[derive(Clone, Debug)]
pub(super) struct Pinned {
    pub(super) digest: Digest,
    resolved: Arc<Mutex<Option<Resolved>>>,
}

impl Pinned {
    pub(super) fn new(resolved: Resolved) -> Self {
        let digest = resolved.image().digest().clone();
        let small = resolved.image().bytes().len() <= MAX_KEPT_MANIFEST;
        Self {
            digest,
            resolved: Arc::new(Mutex::new(small.then_some(resolved))),
        }
    }

    fn take(&self) -> Option<Resolved> {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        resolved.take()
    }
}

/// Everything that the verification of one image needs.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) state: Arc<State>,
    pub(super) discovery: Arc<Discovery>,
    /// The image, by digest.
    pub(super) reference: ImageReference,
    /// The reference as it is judged.
    pub(super) written: String,
    pub(super) pinned: Option<Pinned>,
    pub(super) target: Target,
    pub(super) metrics: Arc<Metrics>,
}

/// What works for all images: places, and workers for cryptography.
#[derive(Debug)]
pub(super) struct Workshop {
    /// Places for tags that are looked up.
    pub(super) tags: Places,
    /// Places for images whose evidence is in memory.
    pub(super) images: Places,
    /// Places for work that keeps a core busy.
    pub(super) cores: Places,
    limits: DecideLimits,
}

impl Workshop {
    pub(super) fn new(limits: DecideLimits) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            tags: Places::new(limits.resolutions),
            images: Places::new(limits.verifications),
            cores: Places::new(cores),
            limits,
        }
    }

    /// Verifies one image, as of the moment at which its turn comes.
    pub(super) async fn verify(
        &self,
        case: Case,
        (key, wanted): (Key, Wanted),
        clock: impl FnOnce() -> Timestamp,
    ) -> Entry {
        let _place = self.images.take(key, &wanted).await;
        let _running = case.metrics.verification();
        let (now, started) = (clock(), std::time::Instant::now());
        let evidence = discovered(&case).await;
        case.metrics.took(Stage::Evidence, started.elapsed());
        let (evidence, hold) = match evidence {
            Ok(held) => held,
            Err(error) => return Entry::new(Arc::new(unfetched(&error)), now, &self.limits),
        };
        let _core = self.cores.take(key, &wanted).await;
        let limits = self.limits;
        let judged = tokio::task::spawn_blocking(move || {
            let started = std::time::Instant::now();
            let entry = judge(&case, evidence, now, &limits);
            drop(hold);
            case.metrics.took(Stage::Appraise, started.elapsed());
            entry
        });
        match judged.await {
            Ok(entry) => entry,
            // The panic itself has been reported by the hook.
            Err(_) => Entry::new(Arc::new(lost()), now, &limits),
        }
    }
}

/// A denial because a worker was lost to a bug.
pub(super) fn lost() -> Judged {
    let code = Code::SystemFailed;
    let found = "a worker that was lost to a bug in sovverify";
    let hint = Some("report it as described in SECURITY.md");
    Judged::refused(code, message::parts(code, "a verdict", found, hint))
}

/// A denial because the image could not be had.
pub(super) fn unfetched(error: &FetchError) -> Judged {
    let (code, hint) = (error.code(), error.hint());
    let hint = match code {
        // Nobody logs in to a cluster.
        Code::RegistryUnauthorized => {
            Some("name a pull secret for this repository in `imagePullSecrets`")
        }
        _ => hint.as_deref(),
    };
    let sentence = message::parts(code, &error.expected(), &error.found(), hint);
    Judged::refused(code, sentence)
}

async fn discovered(case: &Case) -> Result<(EvidenceSet, Hold), FetchError> {
    let resolved = if let Some(resolved) = case.pinned.as_ref().and_then(Pinned::take) {
        resolved
    } else {
        let location = Location::Registry(case.reference.clone());
        case.discovery
            .resolve(&location, &Request::default())
            .await?
    };
    Ok(resolved.held_evidence().await)
}

/// Appraises and evaluates; blocks.
fn judge(case: &Case, mut evidence: EvidenceSet, now: Timestamp, limits: &DecideLimits) -> Entry {
    // It may have been fetched by digest, or for another tag: it is judged as it is written here.
    evidence.image = evidence.image.written_as(case.written.clone());
    // An outage behind which evidence may be hidden ends soon, whatever the verdict is now.
    let outage = evidence
        .gaps
        .iter()
        .any(|gap| gap.code.class() == Class::Transient);
    for given in case.state.exceptions_in(&case.target.namespace) {
        evidence.evidence.push(Evidence {
            subject: evidence.image.digest().clone(),
            ..given.evidence.clone()
        });
    }
    let verdict = verdict_at(case, evidence.clone(), now);
    let judged = Arc::new(message::judged(&verdict));
    let mut entry = Entry::new(judged, now, limits);
    if outage {
        let soon = now.saturating_add(limits.transient_lifetime).unwrap_or(now);
        entry.until = entry.until.min(soon);
    } else if verdict.decision == Decision::Admit {
        entry.until = end_of(case, &evidence, (now, entry.until));
    }
    entry
}

fn verdict_at(case: &Case, evidence: EvidenceSet, now: Timestamp) -> Verdict {
    let state = &case.state;
    let time = VerificationTime::at(now);
    // What other policies trust is tried on none of this evidence.
    let name = case.reference.name();
    let trust = state
        .policies
        .matching(name, Some(&case.target))
        .trust_store();
    let appraisal = appraise(evidence, &trust, time, &state.limits);
    let selection = Selection {
        target: Some(case.target.clone()),
        ..Selection::default()
    };
    state.policies.evaluate(&appraisal, &selection)
}

/// The first moment at which the same evidence does not admit any more. Trust roots and exceptions expire and
/// evidence gets too old while a verdict is remembered; the core is asked about that moment, instead
/// of knowing here which rules look at the time.
fn end_of(case: &Case, evidence: &EvidenceSet, (now, until): (Timestamp, Timestamp)) -> Timestamp {
    let admits = |at: Timestamp| verdict_at(case, evidence.clone(), at).decision == Decision::Admit;
    if admits(until) {
        return until;
    }
    let (mut good, mut bad) = (now, until);
    // Mostly it is a trust root that expires, and that moment is known: two looks instead of thirty.
    let policies = &case.state.policies;
    let matching = policies.matching(case.reference.name(), Some(&case.target));
    if let Some(expires) = matching.trust_expires(now).filter(|at| *at < until) {
        let before = Timestamp::from_millisecond(expires.as_millisecond().saturating_sub(1));
        if let Ok(before) = before
            && before > now
            && admits(before)
        {
            good = before;
        }
        if !admits(expires) {
            bad = expires;
        }
    }
    for _ in 0..STEPS {
        let middle = good.as_millisecond().midpoint(bad.as_millisecond());
        let Ok(middle) = Timestamp::from_millisecond(middle) else {
            break;
        };
        if middle <= good || middle >= bad {
            break;
        }
        if admits(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    bad
}
