//! Every check on one signature under one anchor, in order: log, time, certificate at that time,
//! signature, entry, subject, thresholds, second opinion. Each uses what the one before proved.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::artifact::Hashed;
use super::certificate;
use super::material::{Material, SignedContent, SignerMaterial};
use super::rejected::{Checked, Rejected};
use super::signature::TrustedKey;
use super::subject::{self, Subjects};
use super::timestamp::{self, Stamped, Timed};
use super::transparency::{self, Logged};
use super::{second_opinion, signature};
use crate::claim::{AlgorithmsUsed, Content, InclusionEvidence, KeyIdentity, Signer, VerifiedTime};
use crate::code::Code;
use crate::digest::Digest;
use crate::limits::Limits;
use crate::time::VerificationTime;
use crate::trust::{AlgorithmUse, Anchor, Danger, Inclusion, PublicKey, Sct, TrustRoot};

/// One signature, and what it is to be checked against.
pub(super) struct Case<'a> {
    pub(super) material: &'a Material,
    /// What a message signature is over.
    pub(super) artifact: &'a Hashed<'a>,
    /// How what is signed names the image.
    pub(super) form: SignedForm,
    pub(super) subjects: Subjects<'a>,
    pub(super) anchor: &'a Anchor,
    pub(super) time: VerificationTime,
    pub(super) limits: &'a Limits,
}

/// How signed bytes name what they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignedForm {
    /// The artifact is signed itself, or named by a statement.
    Artifact,
    /// The artifact is a simple-signing payload, which names the image.
    SimpleSigning,
}

/// What passed every check.
pub(super) struct Proven {
    pub(super) signer: Signer,
    pub(super) content: Content,
    pub(super) about: Digest,
    pub(super) logged: Logged,
    pub(super) times: Vec<VerifiedTime>,
    pub(super) algorithms: AlgorithmsUsed,
    pub(super) dangers: Vec<Danger>,
}

/// Runs every check.
pub(super) fn run(case: &Case<'_>) -> Checked<Proven> {
    let root = case.anchor.root().map(AsRef::as_ref);
    if let Some(root) = root {
        not_expired(root, case.time)?;
    }
    let logged = logs(case.material, root)?;
    let stamped = timestamps(case.material, root)?;
    let times = times(&logged, &stamped.times, case.time)?;
    let (signer, key, path) = signer(case, &times, root)?;
    let signature = signature::verify(case.material, &key, case.artifact)?;
    if !logged.entries.is_empty() {
        transparency::bind(case.material, key.key(), case.artifact)?;
    }
    let (content, about) = match case.form {
        SignedForm::SimpleSigning => subject::simple_signing(&signature, &case.subjects)?,
        SignedForm::Artifact => subject::statement(&signature, &case.subjects, case.limits)?,
    };
    if let Some(root) = root {
        inclusion(&logged, case.material, root)?;
        windows(&logged, &times)?;
        thresholds(&logged, &stamped.times, root)?;
        second_opinion::agrees(case, &about, key.key(), signature.algorithm(), root)?;
    }
    let dangers = dangers(&logged, &times, &signer, root);
    let algorithms = AlgorithmsUsed {
        signature: signature.algorithm().to_owned(),
        certificates: path.certificates,
        logs: logged.algorithms.iter().cloned().chain(path.sct).collect(),
        timestamps: stamped.algorithms,
    };
    Ok(Proven {
        signer,
        content,
        about,
        logged,
        times,
        algorithms,
        dangers,
    })
}

fn not_expired(root: &TrustRoot, time: VerificationTime) -> Checked<()> {
    match root.expires() {
        Some(expires) if expires <= time.timestamp() => Err(Rejected::new(
            Code::TrustExpired,
            format!("trust root `{}` to be valid at {time}", root.name()),
            format!("it expired at {expires}"),
        )),
        _ => Ok(()),
    }
}

/// Without a log that we know, and without asking for one, entries say nothing and are not read.
fn logs(material: &Material, root: Option<&TrustRoot>) -> Checked<Logged> {
    match root {
        Some(root) if root.requirements().logs > 0 || !root.material().logs.is_empty() => {
            transparency::verify(material, root)
        }
        _ => Ok(Logged::default()),
    }
}

/// Likewise for timestamps.
fn timestamps(material: &Material, root: Option<&TrustRoot>) -> Checked<Stamped> {
    match root {
        Some(root)
            if root.requirements().timestamps > 0 || !root.material().timestampers.is_empty() =>
        {
            timestamp::verify(material, root)
        }
        _ => Ok(Stamped::default()),
    }
}

/// Every proven time, earliest first; none may be later than the verification time.
fn times(logged: &Logged, stamped: &[Timed], at: VerificationTime) -> Checked<Vec<VerifiedTime>> {
    let proven = logged.times.iter().chain(stamped);
    let mut times: Vec<VerifiedTime> = proven.map(|timed| timed.time.clone()).collect();
    times.sort();
    match times.last() {
        Some(latest) if latest.time > at.timestamp() => Err(Rejected::new(
            Code::TimestampLaterThanVerification,
            format!("evidence of {at} or earlier"),
            format!("evidence of {}", latest.time),
        )),
        _ => Ok(times),
    }
}

/// What the certificates of a signer rest on; nothing where it has none.
#[derive(Default)]
struct PathAlgorithms {
    certificates: BTreeSet<AlgorithmUse>,
    sct: Option<AlgorithmUse>,
}

/// Who signed: a certificate verified at every proven time, or the anchor's key.
fn signer(
    case: &Case<'_>,
    times: &[VerifiedTime],
    root: Option<&TrustRoot>,
) -> Checked<(Signer, TrustedKey, PathAlgorithms)> {
    match (case.anchor, &case.material.signer, root) {
        (
            Anchor::Certificates(_),
            SignerMaterial::Certificate {
                leaf,
                intermediates,
            },
            Some(root),
        ) => {
            let presented = certificate::read(leaf)?;
            let moments = moments(times, root, case.time)?;
            let certified = certificate::verify(presented, leaf, intermediates, &moments, root)?;
            let key = TrustedKey::certified(&certified);
            let path = PathAlgorithms {
                certificates: certified.path().clone(),
                sct: certified.sct().cloned(),
            };
            let identity = Box::new(certified.into_identity());
            Ok((Signer::Certificate(identity), key, path))
        }
        (Anchor::Key { key, .. }, SignerMaterial::PublicKey, _) => {
            within_window(key, times)?;
            let identity = KeyIdentity {
                fingerprint: key.fingerprint().clone(),
                algorithm: key.algorithm().name().to_owned(),
            };
            let held =
                TrustedKey::held(case.anchor).ok_or_else(|| no_certificate(case.material))?;
            Ok((Signer::Key(identity), held, PathAlgorithms::default()))
        }
        (Anchor::Key { key, .. }, SignerMaterial::Certificate { .. }, _) => Err(Rejected::new(
            Code::KeyMismatch,
            format!("evidence made with key {}", key.fingerprint()),
            "evidence made with a certificate",
        )),
        (Anchor::Certificates(_), ..) => Err(no_certificate(case.material)),
    }
}

fn no_certificate(material: &Material) -> Rejected {
    let found = match material.signer {
        SignerMaterial::PublicKey => "evidence made with a public key",
        SignerMaterial::Certificate { .. } => "a certificate, and no trust root to judge it by",
    };
    Rejected::new(Code::KeyMismatch, "evidence made with a certificate", found)
}

/// The times at which a certificate must have been valid: all that are proven, or, where the trust
/// root asks for none and none is proven, the verification time.
fn moments(
    times: &[VerifiedTime],
    root: &TrustRoot,
    at: VerificationTime,
) -> Checked<Vec<Timestamp>> {
    if !times.is_empty() {
        return Ok(times.iter().map(|time| time.time).collect());
    }
    if root.requirements().timestamps == 0 {
        return Ok(vec![at.timestamp()]);
    }
    Err(Rejected::new(
        Code::TimestampMissing,
        "a log's signed entry timestamp or an RFC 3161 timestamp",
        "no proven time",
    ))
}

fn within_window(key: &PublicKey, times: &[VerifiedTime]) -> Checked<()> {
    if !key.has_window() {
        return Ok(());
    }
    let outside = times.iter().find(|time| !key.is_valid_at(time.time));
    let found = match (times.is_empty(), outside) {
        (true, _) => "no proven time".to_owned(),
        (false, Some(time)) => time.time.to_string(),
        (false, None) => return Ok(()),
    };
    let expected = format!(
        "a proven time within the window of key {}",
        key.fingerprint()
    );
    Err(Rejected::new(Code::KeyOutsideValidity, expected, found))
}

/// Nothing signs a bundle's version: without this, stripping the proof off and calling the bundle
/// v0.1 would pass.
fn inclusion(logged: &Logged, material: &Material, root: &TrustRoot) -> Checked<()> {
    let promise_is_enough = match root.requirements().inclusion {
        Inclusion::Proof => false,
        Inclusion::ProofUnlessLegacy => material.source.is_legacy(),
        // From v0.2 on the format itself demands the proof.
        Inclusion::DangerPromiseAlone => !material.source.must_have_proof(),
    };
    let promised = logged
        .entries
        .iter()
        .find(|entry| entry.inclusion == InclusionEvidence::Promised);
    match promised {
        Some(entry) if !promise_is_enough => Err(Rejected::new(
            Code::TransparencyProofMissing,
            format!("an inclusion proof under a checkpoint of `{}`", entry.log),
            "only a signed entry timestamp, which is a promise",
        )),
        _ => Ok(()),
    }
}

/// A log's key vouches only for what happened within its window.
fn windows(logged: &Logged, times: &[VerifiedTime]) -> Checked<()> {
    for (entry, window) in logged.entries.iter().zip(&logged.windows) {
        let outside = times
            .iter()
            .find(|time| !window.is_none_or(|window| window.contains(time.time)));
        if let Some(time) = outside {
            return Err(Rejected::new(
                Code::TransparencyTimeInvalid,
                format!("a time within the window of log `{}`", entry.log),
                time.time.to_string(),
            ));
        }
    }
    Ok(())
}

/// Distinct logs and distinct sources of time: two entries of one log count once, whatever the
/// log calls itself (CVE-2026-49834).
fn thresholds(logged: &Logged, stamped: &[Timed], root: &TrustRoot) -> Checked<()> {
    let required = root.requirements();
    let logs: BTreeSet<&Digest> = logged.entries.iter().map(|entry| &entry.log_key).collect();
    if logs.len() < required.logs {
        return Err(Rejected::new(
            Code::TransparencyMissing,
            format!("entries in at least {} distinct logs", required.logs),
            format!("entries in {}", logs.len()),
        ));
    }
    let sources: BTreeSet<&Digest> = logged
        .times
        .iter()
        .chain(stamped)
        .map(|timed| &timed.by)
        .collect();
    if sources.len() < required.timestamps {
        return Err(Rejected::new(
            Code::TimestampMissing,
            format!(
                "times from at least {} distinct sources",
                required.timestamps
            ),
            format!("times from {}", sources.len()),
        ));
    }
    Ok(())
}

fn dangers(
    logged: &Logged,
    times: &[VerifiedTime],
    signer: &Signer,
    root: Option<&TrustRoot>,
) -> Vec<Danger> {
    let promised = logged
        .entries
        .iter()
        .any(|entry| entry.inclusion == InclusionEvidence::Promised);
    let no_sct = matches!(signer, Signer::Certificate(_))
        && root.is_none_or(|root| root.requirements().sct != Sct::Required);
    [
        (logged.entries.is_empty(), Danger::NoLog),
        (times.is_empty(), Danger::NoTimestamp),
        (no_sct, Danger::NoSct),
        (promised, Danger::PromiseAlone),
    ]
    .into_iter()
    .filter_map(|(present, danger)| present.then_some(danger))
    .collect()
}

impl SignedContent {
    /// Whether this is a DSSE envelope.
    pub(super) const fn is_envelope(&self) -> bool {
        matches!(self, Self::Envelope { .. })
    }
}
