//! Verification: the only place where proof is made.
//!
//! [`appraise`] runs every check on every piece of evidence and cannot fail: bad evidence becomes a
//! [`Rejection`], which is news about the evidence and not about us.

mod artifact;
mod bundle;
mod certificate;
mod checks;
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

use checks::{Case, Proven};
use material::{Material, SignedContent, SignerMaterial};
use rejected::{Checked, Rejected};
use second_opinion::memo;
use subject::Subjects;

use crate::claim::{COSIGN_SIGN_PREDICATE, Claim, Statement};
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::{Evidence, EvidenceSet, Form, Gap, Origin, OriginKind};
use crate::image::PinnedImage;
use crate::limits::Limits;
use crate::time::VerificationTime;
use crate::trust::{Anchor, AnchorId, TrustStore};

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
    let mut judge = Judge {
        belonging: belonging(&evidence.image, limits),
        trust,
        time,
        limits,
        verified: Vec::new(),
        rejected: Vec::new(),
        unsigned: Vec::new(),
    };
    for (number, piece) in evidence.evidence.iter().enumerate() {
        if number < limits.evidence {
            judge.piece(piece);
        } else {
            let found = evidence.evidence.len();
            judge.reject(
                piece,
                None,
                Rejected::limit("pieces of evidence", limits.evidence, found),
            );
        }
    }
    Appraisal {
        image: evidence.image,
        time,
        verified: judge.verified,
        rejected: judge.rejected,
        unsigned: judge.unsigned,
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
    let bytes = match artifact {
        Artifact::Bytes(bytes) => Some(*bytes),
        Artifact::Digest(_) => None,
    };
    let case = Case {
        material: &material,
        artifact: *artifact,
        payload: None,
        subjects: Subjects {
            attached: &name,
            others: &[],
            bytes,
        },
        anchor: found,
        time,
        limits,
    };
    memo::scope(|| checks::run(&case))
        .map(|proven| Verified::assertion(claim(proven, &origin, anchor)))
        .map_err(|rejected| rejection(claimed, rejected))
}

/// Every digest that belongs to the image: itself, and the manifests of its index.
fn belonging(image: &PinnedImage, limits: &Limits) -> Vec<Digest> {
    let mut digests = vec![image.digest().clone()];
    digests.extend(
        image
            .platforms()
            .into_iter()
            .take(limits.platforms)
            .map(|entry| entry.digest),
    );
    digests.dedup();
    digests
}

/// Judges one image's evidence, piece by piece.
struct Judge<'a> {
    belonging: Vec<Digest>,
    trust: &'a TrustStore,
    time: VerificationTime,
    limits: &'a Limits,
    verified: Vec<Verified<Claim>>,
    rejected: Vec<Rejection>,
    unsigned: Vec<Unsigned>,
}

impl Judge<'_> {
    fn piece(&mut self, piece: &Evidence) {
        let material = match &piece.form {
            Form::Bundle(bytes) => bundle::read(bytes, self.limits),
            Form::CosignSignature {
                payload,
                annotations,
            } => legacy::signature(payload, annotations, self.limits),
            Form::CosignAttestation {
                envelope,
                annotations,
            } => legacy::attestation(envelope, annotations, self.limits),
            Form::UnsignedSbom {
                media_type: announced,
                ..
            }
            | Form::IndexStatement {
                predicate_type: announced,
                ..
            }
            | Form::Other {
                artifact_type: announced,
            } => {
                let (subject, origin) = (piece.subject.clone(), piece.origin.clone());
                self.unsigned.push(Unsigned {
                    subject,
                    origin,
                    announced: announced.clone(),
                });
                return;
            }
        };
        match material {
            Ok(material) => self.material(piece, &material),
            Err(rejected) => self.reject(piece, None, rejected),
        }
    }

    /// Tries every anchor. A key that fits makes the refusals of the others uninteresting; when
    /// none fits, each says why.
    fn material(&mut self, piece: &Evidence, material: &Material) {
        let before = self.verified.len();
        let mut refused = Vec::new();
        for (id, anchor) in self
            .trust
            .iter()
            .filter(|(_, anchor)| applies(anchor, material))
        {
            match self.under(piece, material, anchor) {
                Ok(proven) => {
                    self.verified
                        .push(Verified::assertion(claim(proven, &piece.origin, id)));
                }
                Err(rejected) => refused.push((id, rejected)),
            }
        }
        if refused.is_empty() && self.verified.len() == before {
            let rejected = not_anchored(material);
            self.reject_as(
                piece,
                None,
                rejected,
                claimed_kind_of(piece, material, self.limits),
            );
        }
        if self.verified.len() == before
            || matches!(material.signer, SignerMaterial::Certificate { .. })
        {
            for (id, rejected) in refused {
                let claimed = claimed_kind_of(piece, material, self.limits);
                self.reject_as(piece, Some(id), rejected, claimed);
            }
        }
    }

    fn under(&self, piece: &Evidence, material: &Material, anchor: &Anchor) -> Checked<Proven> {
        let payload = match &piece.form {
            Form::CosignSignature { payload, .. } => Some(payload.as_slice()),
            _ => None,
        };
        let case = Case {
            material,
            artifact: payload.map_or(Artifact::Digest(&piece.subject), Artifact::Bytes),
            payload,
            subjects: Subjects {
                attached: &piece.subject,
                others: &self.belonging,
                bytes: None,
            },
            anchor,
            time: self.time,
            limits: self.limits,
        };
        memo::scope(|| checks::run(&case))
    }

    fn reject(&mut self, piece: &Evidence, anchor: Option<AnchorId>, rejected: Rejected) {
        let claimed = match piece.form {
            Form::CosignSignature { .. } => ClaimedKind::Signature,
            _ => ClaimedKind::Unknown,
        };
        self.reject_as(piece, anchor, rejected, claimed);
    }

    fn reject_as(
        &mut self,
        piece: &Evidence,
        anchor: Option<AnchorId>,
        rejected: Rejected,
        claims_to_be: ClaimedKind,
    ) {
        self.rejected.push(Rejection {
            code: rejected.code,
            subject: piece.subject.clone(),
            origin: piece.origin.clone(),
            anchor,
            expected: rejected.expected,
            found: rejected.found,
            claims_to_be,
        });
    }
}

/// A certificate is a matter for authorities, and a bare signature one for keys.
const fn applies(anchor: &Anchor, material: &Material) -> bool {
    matches!(
        (anchor, &material.signer),
        (Anchor::Certificates(_), SignerMaterial::Certificate { .. })
            | (Anchor::Key { .. }, SignerMaterial::PublicKey)
    )
}

fn not_anchored(material: &Material) -> Rejected {
    match material.signer {
        SignerMaterial::Certificate { .. } => Rejected::new(
            Code::CertificateUntrusted,
            "a trust root with certificate authorities",
            "evidence made with a certificate, and only keys to judge it by",
        ),
        SignerMaterial::PublicKey => Rejected::new(
            Code::KeyMismatch,
            "a public key to judge it by",
            "evidence made with a key, and only certificate authorities to judge it by",
        ),
    }
}

fn claim(proven: Proven, origin: &Origin, anchor: AnchorId) -> Claim {
    Claim {
        subject: proven.about,
        origin: origin.clone(),
        anchor,
        signer: proven.signer,
        content: proven.content,
        times: proven.times,
        logs: proven.logged.entries,
        algorithm: proven.algorithm,
        dangers: proven.dangers,
    }
}

fn claimed_kind_of(piece: &Evidence, material: &Material, limits: &Limits) -> ClaimedKind {
    match piece.form {
        Form::CosignSignature { .. } => ClaimedKind::Signature,
        _ => claimed_kind(material, limits),
    }
}

/// What unverified evidence says it is; good for a message, never for a decision.
fn claimed_kind(material: &Material, limits: &Limits) -> ClaimedKind {
    let SignedContent::Envelope { envelope, .. } = &material.content else {
        return ClaimedKind::Signature;
    };
    match Statement::parse(envelope.payload.as_bytes(), limits) {
        Ok(statement) if statement.predicate_type == COSIGN_SIGN_PREDICATE => {
            ClaimedKind::Signature
        }
        Ok(statement) => ClaimedKind::Attestation(statement.predicate_type),
        Err(_) => ClaimedKind::Unknown,
    }
}
