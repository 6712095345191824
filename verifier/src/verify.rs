//! Verification: the only place where proof is made.
//!
//! [`appraise`] runs every check on every piece of evidence and cannot fail: bad evidence becomes a
//! [`Rejection`], which is news about the evidence and not about us.

mod artifact;
mod bundle;
mod certificate;
mod checks;
mod judge;
mod legacy;
mod material;
mod rejected;
mod second_opinion;
mod signature;
mod subject;
mod timestamp;
mod transparency;
mod verified;

pub use artifact::Artifact;
pub use verified::Verified;

use artifact::Hashed;
use checks::{Case, SignedForm};
use judge::{claim, claimed_kind};
use rejected::Rejected;
use second_opinion::memo;
use subject::Subjects;

use crate::claim::Claim;
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::{EvidenceSet, Gap, Origin, OriginKind};
use crate::image::PinnedImage;
use crate::limits::Limits;
use crate::time::VerificationTime;
use crate::trust::{AnchorId, TrustStore};

/// All evidence about one image after all checks.
#[derive(Clone, Debug)]
pub struct Appraisal {
    /// The image.
    pub image: PinnedImage,
    /// The time the appraisal is about.
    pub time: VerificationTime,
    /// What was verified.
    pub verified: Vec<Verified<Claim>>,
    /// What failed a check, one entry for each piece of evidence and anchor.
    pub rejected: Vec<Rejection>,
    /// What carries no signature of its own.
    pub unsigned: Vec<Unsigned>,
    /// What discovery could not read.
    pub gaps: Vec<Gap>,
}

/// One piece of evidence that failed one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Which check, by code.
    pub code: Code,
    /// The manifest to which the evidence is attached.
    pub subject: Digest,
    /// Where the evidence was found.
    pub origin: Origin,
    /// The anchor against which it was tried, where the check depends on one.
    pub anchor: Option<AnchorId>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether the evidence is a signature or an attestation, and of which predicate type, as far
    /// as it claims; unverified.
    pub claims_to_be: ClaimedKind,
}

/// What a rejected piece of evidence claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimedKind {
    /// A signature on the image.
    Signature,
    /// An attestation with this predicate type.
    Attestation(String),
    /// It cannot be read that far.
    Unknown,
}

/// Evidence that is not signed: it is shown, and it satisfies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The manifest to which it is attached.
    pub subject: Digest,
    /// Where it was found.
    pub origin: Origin,
    /// What it announces itself as: a media type, predicate type or artifact type.
    pub announced: String,
}

/// Runs every check on every piece of evidence, under every anchor of `trust`, as of `time`.
///
/// The order of evidence never changes what is verified; nothing here can fail.
pub fn appraise(
    evidence: EvidenceSet,
    trust: &TrustStore,
    time: VerificationTime,
    limits: &Limits,
) -> Appraisal {
    let image = evidence.image;
    let (verified, rejected, unsigned) =
        judge::judge(&image, &evidence.evidence, trust, time, limits);
    Appraisal {
        image,
        time,
        verified,
        rejected,
        unsigned,
        gaps: evidence.gaps,
    }
}

/// Verifies one artifact that is no image, with one Sigstore bundle, under one anchor.
///
/// # Errors
///
/// The [`Rejection`] of the first check that failed.
pub fn verify_bundle(
    bundle: &[u8],
    artifact: &Artifact<'_>,
    trust: &TrustStore,
    anchor: AnchorId,
    time: VerificationTime,
    limits: &Limits,
) -> Result<Verified<Claim>, Box<Rejection>> {
    let artifact = Hashed::new(*artifact);
    let name = artifact.name();
    let origin = Origin {
        kind: OriginKind::File,
        place: "bundle".to_owned(),
        manifest: None,
        blob: Digest::sha256(bundle),
    };
    let rejection = |claims_to_be: ClaimedKind, rejected: Rejected| {
        Box::new(Rejection {
            code: rejected.code,
            subject: name.clone(),
            origin: origin.clone(),
            anchor: Some(anchor),
            expected: rejected.expected,
            found: rejected.found,
            claims_to_be,
        })
    };
    let material = bundle::read(bundle, limits)
        .map_err(|rejected| rejection(ClaimedKind::Unknown, rejected))?;
    let claimed = claimed_kind(&material, limits);
    let Some(found) = trust.get(anchor) else {
        let rejected = Rejected::new(
            Code::TrustMalformed,
            "an anchor of this trust store",
            "none",
        );
        return Err(rejection(claimed, rejected));
    };
    let case = Case {
        material: &material,
        artifact: &artifact,
        form: SignedForm::Artifact,
        subjects: Subjects {
            attached: name,
            others: &[],
            bytes: artifact.bytes().map(|bytes| (name, bytes)),
        },
        anchor: found,
        time,
        limits,
    };
    memo::scope(|| checks::run(&case))
        .map(|proven| Verified::assertion(claim(proven, &origin, anchor)))
        .map_err(|rejected| rejection(claimed, rejected))
}
