//! From the core's types to the frozen ones. Every order that reaches a report is made here:
//! the order in which discovery found evidence never changes a byte.

use super::{
    Anchor, ArtifactKind, ArtifactReport, Decision, ExitClass, Finding, Gap, PlatformManifest,
    Policy, Position, Problem, Rejected, Requirement, Unsigned, UsedException,
};
use crate::claim::Claim;
use crate::code::Code;
use crate::digest::Digest;
use crate::image::PinnedImage;
use crate::policy::ArtifactVerdict;
use crate::trust::{self, TrustStore};
use crate::verdict;
use crate::verify::{Appraisal, Rejection, Verified};

mod evidence;
mod trusted;

/// What a result is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// A resolved image.
    Image(&'a PinnedImage),
    /// Any bytes, by the name under which the user gave them.
    Blob {
        /// The file name or digest as the user wrote it.
        reference: &'a str,
        /// The digest of the bytes.
        digest: &'a Digest,
    },
    /// A reference that could not be resolved.
    Unresolved(&'a str),
}

impl ArtifactReport {
    /// The result of a verdict, with everything that it rests on.
    pub fn judged(
        subject: &Subject<'_>,
        verdict: &verdict::Verdict,
        appraisal: &Appraisal,
        store: &TrustStore,
    ) -> Self {
        let (report, positions) = inspected(subject, appraisal, store);
        Self {
            findings: findings(&verdict.findings, store),
            warnings: findings(&verdict.warnings, store),
            dangers: trusted::dangers(verdict.dangers.iter().copied()),
            policies: verdict
                .policies
                .iter()
                .map(|p| policy(p, &positions, store))
                .collect(),
            ..report.decided(verdict.decision)
        }
    }

    /// The result of a verdict on an artifact that is no image.
    pub fn judged_artifact(
        subject: &Subject<'_>,
        verdict: &ArtifactVerdict,
        (verified, rejections): (&[Verified<Claim>], &[Rejection]),
        store: &TrustStore,
    ) -> Self {
        let (report, positions) = listed(subject, verified, rejections, store);
        let policies = verdict.policies.iter();
        Self {
            policies: policies.map(|p| policy(p, &positions, store)).collect(),
            warnings: findings(&verdict.warnings, store),
            dangers: trusted::dangers(verdict.dangers.iter().copied()),
            ..report.decided(verdict.decision)
        }
    }

    /// The result of an appraisal alone: evidence listed and verified, nothing judged.
    pub fn inspected(subject: &Subject<'_>, appraisal: &Appraisal, store: &TrustStore) -> Self {
        inspected(subject, appraisal, store).0
    }

    /// The result where `problem` left nothing to appraise.
    ///
    /// Content that is provably wrong denies ([`ExitClass::Denied`]); what could not be read leaves
    /// the question open.
    pub fn failed(subject: &Subject<'_>, exit_class: ExitClass, problem: Problem) -> Self {
        Self {
            decision: (exit_class == ExitClass::Denied).then_some(Decision::Deny),
            exit_class,
            error: Some(problem),
            ..empty(subject)
        }
    }
}

impl ArtifactReport {
    fn decided(self, decision: verdict::Decision) -> Self {
        Self {
            decision: Some(decision.into()),
            exit_class: match decision {
                verdict::Decision::Admit => ExitClass::Admitted,
                verdict::Decision::Deny => ExitClass::Denied,
            },
            ..self
        }
    }
}

impl Problem {
    /// A problem with this code at `place`, in the words of the table of codes.
    pub fn at(code: Code, place: &str) -> Self {
        Self::new(code, format!("{place}: {}", sentence(code)))
    }

    /// A problem with this code; the rest is for the caller to fill in.
    pub fn new(code: Code, message: String) -> Self {
        Self {
            code: code.name().to_owned(),
            class: code.class().name().to_owned(),
            message,
            expected: None,
            found: None,
            position: None,
            hint: None,
        }
    }
}

fn empty(subject: &Subject<'_>) -> ArtifactReport {
    let (reference, name, digest, kind, platforms) = match subject {
        Subject::Image(image) => (
            image.reference(),
            image.name().map(ToString::to_string),
            Some(image.digest().to_string()),
            Some(if image.is_index() {
                ArtifactKind::Index
            } else {
                ArtifactKind::Manifest
            }),
            image.platforms(),
        ),
        Subject::Blob { reference, digest } => (
            *reference,
            None,
            Some(digest.to_string()),
            Some(ArtifactKind::Blob),
            Vec::new(),
        ),
        Subject::Unresolved(reference) => (*reference, None, None, None, Vec::new()),
    };
    ArtifactReport {
        reference: reference.to_owned(),
        name,
        digest,
        kind,
        platforms: platforms
            .iter()
            .map(|entry| PlatformManifest {
                digest: entry.digest.to_string(),
                platform: entry.platform.as_ref().map(ToString::to_string),
            })
            .collect(),
        decision: None,
        exit_class: ExitClass::Inspected,
        error: None,
        findings: Vec::new(),
        warnings: Vec::new(),
        policies: Vec::new(),
        trust_roots: Vec::new(),
        keys: Vec::new(),
        dangers: Vec::new(),
        evidence: Vec::new(),
        rejected: Vec::new(),
        unsigned: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The report, and for each position in the appraisal's `verified` the one in the report.
fn inspected(
    subject: &Subject<'_>,
    appraisal: &Appraisal,
    store: &TrustStore,
) -> (ArtifactReport, Vec<usize>) {
    let mut unsigned: Vec<Unsigned> = appraisal.unsigned.iter().map(Unsigned::from).collect();
    unsigned.sort_by_cached_key(|u| (u.subject.clone(), evidence::place(&u.origin)));
    let mut gaps: Vec<Gap> = appraisal.gaps.iter().map(Gap::from).collect();
    gaps.sort_by_cached_key(|gap| (gap.code.clone(), gap.place.clone(), gap.found.clone()));
    let (report, positions) = listed(subject, &appraisal.verified, &appraisal.rejected, store);
    let report = ArtifactReport {
        unsigned,
        gaps,
        ..report
    };
    (report, positions)
}

fn listed(
    subject: &Subject<'_>,
    verified: &[Verified<Claim>],
    rejections: &[Rejection],
    store: &TrustStore,
) -> (ArtifactReport, Vec<usize>) {
    let (evidence, positions) = evidence::verified(verified, store);
    let report = ArtifactReport {
        trust_roots: trusted::roots(store),
        keys: trusted::keys(store),
        dangers: trusted::dangers(trusted::in_force(store, verified)),
        evidence,
        rejected: rejected(rejections, store),
        ..empty(subject)
    };
    (report, positions)
}

fn policy(policy: &verdict::PolicyVerdict, positions: &[usize], store: &TrustStore) -> Policy {
    Policy {
        name: policy.name.clone(),
        digest: policy.digest.to_string(),
        mode: policy.mode.name().to_owned(),
        decision: policy.decision.into(),
        findings: findings(&policy.findings, store),
        requirements: policy
            .requirements
            .iter()
            .map(|requirement| Requirement {
                name: requirement.name.clone(),
                satisfied: requirement.satisfied,
                by: moved(&requirement.by, positions),
                findings: findings(&requirement.findings, store),
                notes: findings(&requirement.notes, store),
                exception: requirement.exception.as_ref().map(|used| UsedException {
                    name: used.name.clone(),
                    digest: used.digest.to_string(),
                    reason: used.reason.clone(),
                    ticket: used.ticket.clone(),
                    not_after: used.not_after.to_string(),
                    by: moved(&used.by, positions),
                }),
            })
            .collect(),
    }
}

/// Positions in the appraisal as positions in the report.
fn moved(by: &[usize], positions: &[usize]) -> Vec<usize> {
    let new = by
        .iter()
        .filter_map(|position| positions.get(*position).copied());
    let mut new: Vec<usize> = new.collect();
    new.sort_unstable();
    new
}

fn findings(findings: &[verdict::Finding], store: &TrustStore) -> Vec<Finding> {
    findings
        .iter()
        .map(|finding| Finding {
            code: finding.code.name().to_owned(),
            class: finding.code.class().name().to_owned(),
            subject: finding.subject.as_ref().map(ToString::to_string),
            message: sentence(finding.code),
            expected: finding.expected.clone(),
            found: finding.found.clone(),
            position: finding.position.as_ref().map(Position::from),
            hint: finding.hint.clone(),
            because: because(&finding.because, store),
            omitted: finding.omitted,
        })
        .collect()
}

/// The code's summary in the house's form: lower case but for abbreviations, no final full stop.
pub(super) fn sentence(code: Code) -> String {
    let summary = code.summary();
    let summary = summary.strip_suffix('.').unwrap_or(summary);
    let mut characters = summary.chars();
    if summary.chars().nth(1).is_some_and(char::is_uppercase) {
        return summary.to_owned();
    }
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}

/// Most specific first; ties by place, so that the order of discovery does not show.
fn rejected(rejections: &[Rejection], store: &TrustStore) -> Vec<Rejected> {
    let mut ordered: Vec<(u8, Rejected)> = rejections
        .iter()
        .map(|rejection| {
            (
                rejection.code.rank(),
                evidence::rejected(rejection, anchor(rejection.anchor, store)),
            )
        })
        .collect();
    ordered.sort_by_cached_key(|(rank, r)| {
        (
            u8::MAX - rank,
            r.code.clone(),
            r.subject.clone(),
            evidence::place(&r.origin),
            r.anchor
                .as_ref()
                .map(|a| (a.trust_root.clone(), a.key.clone())),
            r.expected.clone(),
            r.found.clone(),
        )
    });
    ordered.into_iter().map(|(_, rejected)| rejected).collect()
}

/// Rejections in the order of the finding, which knows more of them than they say themselves.
fn because(rejections: &[Rejection], store: &TrustStore) -> Vec<Rejected> {
    let shown = |rejection| evidence::rejected(rejection, anchor(rejection.anchor, store));
    rejections.iter().map(shown).collect()
}

fn anchor(id: Option<trust::AnchorId>, store: &TrustStore) -> Option<Anchor> {
    store.get(id?).map(trusted::anchor)
}

impl From<verdict::Decision> for Decision {
    fn from(decision: verdict::Decision) -> Self {
        match decision {
            verdict::Decision::Admit => Self::Admit,
            verdict::Decision::Deny => Self::Deny,
        }
    }
}

impl From<&verdict::Position> for Position {
    fn from(position: &verdict::Position) -> Self {
        Self {
            file: position.file.clone(),
            line: position.line,
            column: position.column,
            length: position.length,
            source: position.source.clone(),
            source_column: position.source_column,
        }
    }
}
