//! Every piece of evidence under every anchor: what is verified, what is refused and why.

use super::artifact::{Artifact, Hashed};
use super::checks::{self, Case, Proven, SignedForm};
use super::material::{Material, SignedContent, SignerMaterial};
use super::rejected::{Checked, Rejected};
use super::second_opinion::memo;
use super::subject::Subjects;
use super::{ClaimedKind, Rejection, Unsigned, Verified, bundle, legacy};
use crate::claim::{COSIGN_SIGN_PREDICATE, Claim, Statement};
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::{Evidence, Form, Origin};
use crate::image::PinnedImage;
use crate::limits::Limits;
use crate::time::VerificationTime;
use crate::trust::{Anchor, AnchorId, TrustStore};

type Judged = (Vec<Verified<Claim>>, Vec<Rejection>, Vec<Unsigned>);

/// Judges all evidence of one image.
pub(super) fn judge(
    image: &PinnedImage,
    evidence: &[Evidence],
    trust: &TrustStore,
    time: VerificationTime,
    limits: &Limits,
) -> Judged {
    let mut judge = Judge {
        belonging: belonging(image, limits),
        root: image,
        trust,
        time,
        limits,
        verified: Vec::new(),
        rejected: Vec::new(),
        unsigned: Vec::new(),
    };
    for (number, piece) in evidence.iter().enumerate() {
        if number < limits.evidence {
            judge.piece(piece);
        } else {
            let rejected = Rejected::limit("pieces of evidence", limits.evidence, evidence.len());
            judge.reject(piece, None, rejected);
        }
    }
    (judge.verified, judge.rejected, judge.unsigned)
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
    root: &'a PinnedImage,
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
        let (form, artifact) = match &piece.form {
            Form::CosignSignature { payload, .. } => {
                (SignedForm::SimpleSigning, Artifact::Bytes(payload))
            }
            _ => (SignedForm::Artifact, Artifact::Digest(&piece.subject)),
        };
        let artifact = Hashed::new(artifact);
        let case = Case {
            material,
            artifact: &artifact,
            form,
            subjects: Subjects {
                attached: &piece.subject,
                others: &self.belonging,
                bytes: Some((self.root.digest(), self.root.bytes())),
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

pub(super) fn claim(proven: Proven, origin: &Origin, anchor: AnchorId) -> Claim {
    Claim {
        subject: proven.about,
        origin: origin.clone(),
        anchor,
        signer: proven.signer,
        content: proven.content,
        times: proven.times,
        logs: proven.logged.entries,
        algorithms: proven.algorithms,
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
pub(super) fn claimed_kind(material: &Material, limits: &Limits) -> ClaimedKind {
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
