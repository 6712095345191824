//! Why evidence does not count, and which reason leads.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::finding;
use super::hint;
use super::requirement::Case;
use crate::claim::{CertificateIdentity, Claim, Content, Signer};
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::Gap;
use crate::policy::decode::one_of;
use crate::policy::requirement::Kind;
use crate::policy::rule::Remark;
use crate::policy::set::PolicySet;
use crate::policy::signer::{Holder, Mismatch, SignerRule};
use crate::time::VerificationTime;
use crate::verdict::{Finding, Position};
use crate::verify::{ClaimedKind, Rejection};

/// Rejections listed under one finding; the rest is counted.
const MAX_BECAUSE: usize = 32;

/// Why a signer of the policy does not accept a verified claim.
pub(super) struct Refusal {
    code: Code,
    expected: String,
    found: String,
    position: Option<Position>,
}

impl From<Remark> for Refusal {
    fn from(remark: Remark) -> Self {
        Self {
            code: remark.code,
            expected: remark.expected,
            found: remark.found,
            position: remark.position,
        }
    }
}

impl Refusal {
    pub(super) fn rank(&self) -> u8 {
        self.code.rank()
    }
}

/// Why one piece of evidence does not count, and the line that says so.
pub(super) struct Reason {
    rejection: Rejection,
    position: Option<Position>,
    /// When the evidence was signed, as far as that is proven: the newest is shown first.
    time: Option<Timestamp>,
    /// Whose claim it is about, where there is one, and the place of the remark among those on it.
    part: Option<(String, usize)>,
}

/// Whether `signer` accepts `claim`, every constraint on this one claim.
pub(super) fn accepts(
    case: &Case<'_>,
    signer: &SignerRule,
    claim: &Claim,
) -> Result<(), Box<Refusal>> {
    let wanted = || (untrusted(&case.requirement.kind), describe(case));
    made_by((case.set, case.evidence.time), signer, claim, wanted)?;
    if let Some((name, wanted)) = case.requirement.kind.annotation_mismatch(&claim.content) {
        let position = case.requirement.position.as_ref();
        return Err(Box::new(Refusal {
            code: Code::SignatureAnnotationMismatch,
            expected: format!("annotation `{name}`: {}", wanted.describe()),
            found: annotation(claim, name),
            position: position.or(signer.position.as_ref()).cloned(),
        }));
    }
    Ok(())
}

/// Whether `claim` was made by `signer`.
pub(super) fn is_made_by(
    set: &PolicySet,
    signer: &SignerRule,
    claim: &Claim,
    time: VerificationTime,
) -> bool {
    made_by((set, time), signer, claim, || {
        (Code::SignatureUntrusted, String::new())
    })
    .is_ok()
}

/// Whether `claim` was made by `signer`; `wanted` says what is missing where somebody else made it.
fn made_by(
    (set, time): (&PolicySet, VerificationTime),
    signer: &SignerRule,
    claim: &Claim,
    wanted: impl Fn() -> (Code, String),
) -> Result<(), Box<Refusal>> {
    let refuse = |(code, expected): (Code, String), found: String, position: Option<&Position>| {
        Err(Box::new(Refusal {
            code,
            expected,
            found,
            position: position.or(signer.position.as_ref()).cloned(),
        }))
    };
    if claim.anchor != signer.anchor {
        return refuse(wanted(), signed(claim), None);
    }
    match (&signer.holder, &claim.signer) {
        (Holder::Key { fingerprint, .. }, Signer::Key(key)) if *fingerprint == key.fingerprint => {}
        (Holder::Certificate(rule), Signer::Certificate(identity)) => {
            if let Some(mismatch) = rule.mismatch(identity) {
                return Err(Box::new(mismatched(&mismatch, identity, claim)));
            }
        }
        _ => return refuse(wanted(), signed(claim), None),
    }
    let root = signer.root.as_ref().and_then(|name| set.roots.get(name));
    if let Some(root) = root
        && let Some(no) = root.algorithms.forbidden(claim, time)
    {
        return refuse((no.code, no.expected), no.found, root.position.as_ref());
    }
    Ok(())
}

/// The words for a certificate that is not as the rule wants it.
fn mismatched(mismatch: &Mismatch<'_>, identity: &CertificateIdentity, claim: &Claim) -> Refusal {
    let (code, expected, position, found) = match mismatch {
        Mismatch::Issuer(wanted) => (
            Code::CertificateIssuerMismatch,
            format!("issuer {}", wanted.value.describe()),
            &wanted.position,
            identity.issuer.as_ref().map(|issuer| format!("`{issuer}`")),
        ),
        Mismatch::Identity(wanted) => {
            let names = identity.alternative_names.iter();
            let names: Vec<String> = names.map(|name| format!("`{}`", name.value())).collect();
            (
                Code::CertificateIdentityMismatch,
                format!("identity {}", wanted.value.describe()),
                &wanted.position,
                (!names.is_empty()).then(|| names.join(", ")),
            )
        }
        Mismatch::Subject(wanted) => (
            Code::CertificateIdentityMismatch,
            format!("subject {}", wanted.value.describe()),
            &wanted.position,
            Some(format!("`{}`", identity.subject)),
        ),
        Mismatch::Claim(extension, wanted) => (
            Code::CertificateClaimMismatch,
            format!("claim `{}`: {}", extension.name(), wanted.value.describe()),
            &wanted.position,
            identity
                .extensions
                .get(extension)
                .map(|found| format!("`{found}`")),
        ),
    };
    let found = found.unwrap_or_else(|| "nothing of that kind in the certificate".to_owned());
    Refusal {
        code,
        expected,
        found: format!("{found}, {}", when(claim)),
        position: position.clone(),
    }
}

/// When something was signed, as far as that is proven.
fn when(claim: &Claim) -> String {
    claim.times.first().map_or_else(
        || "signed at an unproven time".to_owned(),
        |time| format!("signed {}", time.time),
    )
}

fn signed(claim: &Claim) -> String {
    format!("`{}`, {}", claim.signer, when(claim))
}

fn annotation(claim: &Claim, name: &str) -> String {
    match &claim.content {
        Content::SimpleSigning(payload) => payload.optional.get(name).map_or_else(
            || "no such annotation".to_owned(),
            |value| format!("`{value}`"),
        ),
        Content::Artifact | Content::Statement(_) => {
            "a signature of a form that carries no annotations".to_owned()
        }
    }
}

const fn untrusted(kind: &Kind) -> Code {
    match kind {
        Kind::Signature { .. } => Code::SignatureUntrusted,
        Kind::Attestation { .. } => Code::AttestationUntrusted,
    }
}

/// What the requirement wants, in words.
fn describe(case: &Case<'_>) -> String {
    let names: Vec<&str> = case.requirement.by.iter().map(String::as_str).collect();
    format!("{} by {}", case.requirement.kind.describe(), one_of(&names))
}

/// A verified claim that no signer of the requirement accepts.
pub(super) fn of_claim(
    case: &Case<'_>,
    claim: &Claim,
    (number, refusal): (usize, Option<Refusal>),
) -> Reason {
    let refusal = refusal.unwrap_or_else(|| Refusal {
        code: untrusted(&case.requirement.kind),
        expected: describe(case),
        found: signed(claim),
        position: None,
    });
    let claims_to_be = match claim.content.predicate_type() {
        _ if claim.content.is_signature() => ClaimedKind::Signature,
        Some(predicate) => ClaimedKind::Attestation(predicate.to_owned()),
        None => ClaimedKind::Unknown,
    };
    Reason {
        rejection: Rejection {
            code: refusal.code,
            subject: claim.subject.clone(),
            origin: claim.origin.clone(),
            anchor: Some(claim.anchor),
            expected: refusal.expected,
            found: refusal.found,
            claims_to_be,
        },
        position: refusal.position,
        time: claim.times.first().map(|time| time.time),
        part: Some((claim.signer.to_string(), number)),
    }
}

impl Case<'_> {
    /// The finding about a place where there is not enough.
    pub(super) fn finding(
        &self,
        subject: &Digest,
        count: usize,
        accepted: &BTreeSet<String>,
        by: &[usize],
        mut reasons: Vec<Reason>,
    ) -> Finding {
        reasons.extend(self.rejections(subject, by));
        reasons.sort_by(|a, b| order(a).cmp(&order(b)));
        let base = self.base(subject, count, accepted);
        let gap = self.gap();
        // Evidence may be hidden behind a gap: an outage must not look like a missing signature.
        let gap_rank = gap.map(|gap| gap.code.rank().max(base.code.rank().saturating_add(1)));
        let reason_rank = reasons.first().map(|reason| reason.rejection.code.rank());
        let base_rank = base.code.rank();
        let mut finding = match (gap, reasons.first()) {
            (Some(gap), _) if gap_rank >= reason_rank && gap_rank >= Some(base_rank) => Finding {
                hint: Some("try again; evidence may be hidden there".to_owned()),
                ..finding(
                    gap.code,
                    gap.expected.clone(),
                    format!("{} ({})", gap.found, gap.place),
                )
            },
            (_, Some(reason)) if reason_rank > Some(base_rank) => Finding {
                position: reason.position.clone(),
                hint: hint::of(reason.rejection.code),
                ..finding(
                    reason.rejection.code,
                    reason.rejection.expected.clone(),
                    reason.rejection.found.clone(),
                )
            },
            _ => base,
        };
        if let Some(gap) = gap.filter(|gap| gap.code != finding.code) {
            let note = format!("`{}` could not be read ({})", gap.place, gap.code);
            finding.hint = Some(match finding.hint {
                Some(hint) => format!("{hint}; {note}"),
                None => note,
            });
        }
        finding.subject = Some(subject.clone());
        finding.position = finding
            .position
            .or_else(|| self.requirement.position.clone());
        finding.omitted = reasons.len().saturating_sub(MAX_BECAUSE);
        let because = reasons.into_iter().take(MAX_BECAUSE);
        finding.because = because.map(|reason| reason.rejection).collect();
        finding
    }

    /// The rejections that might have counted here.
    fn rejections(&self, subject: &Digest, by: &[usize]) -> Vec<Reason> {
        let claims = self.evidence.claims;
        let accepted: BTreeSet<&Digest> = by
            .iter()
            .filter_map(|index| claims.get(*index).map(|claim| &claim.origin.blob))
            .collect();
        let relevant = |rejection: &&Rejection| {
            let anchored = rejection.anchor.is_none_or(|anchor| {
                let mut signers = self.signers.iter();
                signers.any(|signer| signer.anchor == anchor)
            });
            // Evidence that one signer accepts was of course not made by the others.
            let noise = matches!(
                rejection.code,
                Code::KeyMismatch | Code::CertificateUntrusted
            ) && accepted.contains(&rejection.origin.blob);
            anchored && !noise && self.requirement.kind.might_be(&rejection.claims_to_be)
        };
        let rejected = self.evidence.rejected(subject).filter(relevant);
        rejected
            .map(|rejection| Reason {
                rejection: rejection.clone(),
                position: None,
                time: None,
                part: None,
            })
            .collect()
    }

    /// The most specific gap.
    fn gap(&self) -> Option<&Gap> {
        let gaps = self.evidence.gaps.iter();
        gaps.min_by_key(|gap| {
            (
                Reverse(gap.code.rank()),
                gap.code.name(),
                &gap.place,
                &gap.found,
            )
        })
    }

    /// The news where no evidence says more.
    fn base(&self, subject: &Digest, count: usize, accepted: &BTreeSet<String>) -> Finding {
        let kind = &self.requirement.kind;
        if count > 0 {
            let code = match kind {
                Kind::Signature { .. } => Code::SignatureThreshold,
                Kind::Attestation { .. } => Code::AttestationThreshold,
            };
            let names: Vec<&str> = self.requirement.by.iter().map(String::as_str).collect();
            let names = names.join("`, `");
            let needed = self.requirement.at_least;
            let list: Vec<&str> = accepted.iter().map(String::as_str).collect();
            return Finding {
                hint: hint::of(code),
                ..finding(
                    code,
                    format!("{needed} distinct signers of `{names}`"),
                    format!("{count}: {}", list.join("; ")),
                )
            };
        }
        let code = match kind {
            Kind::Signature { .. } => Code::SignatureMissing,
            Kind::Attestation { .. } => Code::AttestationMissing,
        };
        if let Some(unsigned) = kind
            .is_sbom()
            .then(|| self.evidence.unsigned_sbom(subject))
            .flatten()
        {
            let found = format!(
                "`{}` in {}, unsigned",
                unsigned.announced, unsigned.origin.place
            );
            return Finding {
                hint: hint::of(Code::SbomUnsigned),
                ..finding(Code::SbomUnsigned, describe(self), found)
            };
        }
        Finding {
            hint: hint::of(code),
            ..finding(code, describe(self), self.whatever_else(subject))
        }
    }

    /// What is there instead, for an operator who signed something else.
    fn whatever_else(&self, subject: &Digest) -> String {
        let claims = self.evidence.verified(subject);
        let others: BTreeSet<String> = claims
            .map(|(_, claim)| match claim.content.predicate_type() {
                Some(predicate) if !claim.content.is_signature() => {
                    format!("an attestation `{predicate}`")
                }
                _ => "a signature".to_owned(),
            })
            .collect();
        if others.is_empty() {
            return "none".to_owned();
        }
        let others: Vec<String> = others.into_iter().collect();
        format!("none, but {}", others.join(", "))
    }
}

/// Most specific first, then the newest; the same whatever the order of evidence. What one claim is
/// refused for stays in the order of its rule.
fn order(reason: &Reason) -> impl Ord + '_ {
    let (rejection, part) = (&reason.rejection, reason.part.as_ref());
    let words = part.is_none();
    (
        Reverse(rejection.code.rank()),
        rejection.code.name(),
        Reverse(reason.time),
        &rejection.origin.place,
        &rejection.origin.blob,
        rejection.anchor,
        part,
        words.then_some((&rejection.expected, &rejection.found)),
    )
}
