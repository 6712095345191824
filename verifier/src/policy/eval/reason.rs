//! Why evidence does not count, and which reason leads.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::acceptance::{Refusal, signed};
use super::finding;
use super::hint;
use super::requirement::Case;
use crate::claim::Claim;
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::Gap;
use crate::policy::decode::one_of;
use crate::policy::requirement::Kind;
use crate::verdict::{Finding, Position};
use crate::verify::{ClaimedKind, Rejection};

/// Rejections listed under one finding; the rest is counted.
pub(super) const MAX_BECAUSE: usize = 32;

/// Why one piece of evidence does not count, and the line that says so.
pub(super) struct Reason {
    rejection: Rejection,
    position: Option<Position>,
    /// When the evidence was signed, as far as that is proven: the newest is shown first.
    time: Option<Timestamp>,
    /// Whose claim it is about, where there is one, and the place of the remark among those on it.
    part: Option<(String, usize)>,
}

pub(super) const fn untrusted(kind: &Kind) -> Code {
    match kind {
        Kind::Signature { .. } => Code::SignatureUntrusted,
        Kind::Attestation { .. } => Code::AttestationUntrusted,
    }
}

/// What the requirement wants, in words.
pub(super) fn describe(case: &Case<'_>) -> String {
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
