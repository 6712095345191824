//! One requirement: enough distinct signers in one of the places where it may be met.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Evidence;
use super::reason::{self, Reason};
use super::{matching, reason::Refusal};
use crate::code::Code;
use crate::digest::Digest;
use crate::image::{PinnedImage, PlatformManifest};
use crate::policy::requirement::{On, Requirement};
use crate::policy::set::{Policy, PolicySet};
use crate::policy::signer::SignerRule;
use crate::verdict::{Finding, RequirementVerdict};

/// The requirement and what it needs to be judged.
pub(super) struct Case<'a> {
    pub(super) set: &'a PolicySet,
    pub(super) requirement: &'a Requirement,
    pub(super) signers: Vec<&'a SignerRule>,
    pub(super) evidence: &'a Evidence<'a>,
}

/// What one place has to offer.
struct Tally {
    /// Positions of the accepted claims in the appraisal.
    by: Vec<usize>,
    /// Why it is not enough; absent where it is.
    finding: Option<Finding>,
}

/// Judges `requirement` on the root and on `manifests`, as its `on` says.
pub(super) fn judge(
    set: &PolicySet,
    policy: &Policy,
    requirement: &Requirement,
    (image, manifests): (&PinnedImage, &[PlatformManifest]),
    evidence: &Evidence<'_>,
) -> RequirementVerdict {
    let case = Case::of(set, policy, requirement, evidence);
    let root = case.tally(image.digest());
    let platforms: Vec<Tally> = if image.is_index() {
        let entries = manifests.iter();
        entries.map(|entry| case.tally(&entry.digest)).collect()
    } else {
        // On a single manifest, root and platform coincide.
        vec![case.tally(image.digest())]
    };
    let on_root = root.finding.is_none();
    let on_platforms = !platforms.is_empty() && platforms.iter().all(|p| p.finding.is_none());
    let (satisfied, by) = match requirement.on {
        On::Any | On::Index if on_root => (true, root.by.clone()),
        On::Any | On::Platform if on_platforms => (true, all(&platforms)),
        On::Any | On::Index | On::Platform => (false, Vec::new()),
    };
    let findings = match requirement.on {
        _ if satisfied => Vec::new(),
        On::Index if on_platforms => with_hint(root.finding, ON_PLATFORMS),
        On::Index => root.finding.into_iter().collect(),
        On::Platform => {
            let findings = platforms.into_iter().filter_map(|p| p.finding);
            let hinted = |f| {
                if on_root {
                    with_hint(Some(f), ON_INDEX)
                } else {
                    vec![f]
                }
            };
            findings.flat_map(hinted).collect()
        }
        On::Any => nowhere(root.finding, platforms, image.is_index()),
    };
    RequirementVerdict {
        name: requirement.name.clone(),
        satisfied,
        by,
        findings: sorted(findings),
    }
}

/// Judges `requirement` on an artifact that has no platforms.
pub(super) fn judge_artifact(
    set: &PolicySet,
    policy: &Policy,
    requirement: &Requirement,
    artifact: &Digest,
    evidence: &Evidence<'_>,
) -> RequirementVerdict {
    let tally = Case::of(set, policy, requirement, evidence).tally(artifact);
    let satisfied = tally.finding.is_none();
    RequirementVerdict {
        name: requirement.name.clone(),
        satisfied,
        by: if satisfied { tally.by } else { Vec::new() },
        findings: tally.finding.into_iter().collect(),
    }
}

const ON_PLATFORMS: &str =
    "every selected platform has it: `on: platform` or `on: any` would take it";
const ON_INDEX: &str = "the index has it: `on: index` or `on: any` would take it";

fn all(platforms: &[Tally]) -> Vec<usize> {
    let all: BTreeSet<usize> = platforms
        .iter()
        .flat_map(|p| p.by.iter().copied())
        .collect();
    all.into_iter().collect()
}

fn with_hint(finding: Option<Finding>, hint: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = finding.into_iter().collect();
    for finding in &mut findings {
        finding.hint = Some(hint.to_owned());
    }
    findings
}

/// `on: any` met nowhere: the root's news, and those of the platforms where they say more than that
/// nothing is there.
fn nowhere(root: Option<Finding>, platforms: Vec<Tally>, is_index: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = root.into_iter().collect();
    if is_index {
        let some_met = platforms.iter().any(|platform| platform.finding.is_none());
        let news = platforms
            .into_iter()
            .filter_map(|platform| platform.finding);
        findings.extend(news.filter(|finding| some_met || !is_missing(finding.code)));
    }
    findings
}

fn is_missing(code: Code) -> bool {
    matches!(code, Code::SignatureMissing | Code::AttestationMissing)
}

/// Most specific first, the same whatever the order of evidence.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| {
            (
                std::cmp::Reverse(f.code.rank()),
                f.code.name(),
                f.subject.clone(),
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.found.cmp(&b.found))
    });
    findings
}

impl<'a> Case<'a> {
    fn of(
        set: &'a PolicySet,
        policy: &'a Policy,
        requirement: &'a Requirement,
        evidence: &'a Evidence<'a>,
    ) -> Self {
        let signers = &policy.parts.signers;
        let by = requirement.by.iter();
        Self {
            set,
            requirement,
            signers: by.filter_map(|name| signers.get(name)).collect(),
            evidence,
        }
    }

    /// Counts the distinct signers whose evidence is bound to `subject`.
    fn tally(&self, subject: &Digest) -> Tally {
        let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut by = Vec::new();
        let mut reasons = Vec::new();
        let claims = self.evidence.verified(subject);
        for (index, claim) in claims.filter(|(_, c)| self.requirement.kind.covers(&c.content)) {
            let mut refusals = Vec::new();
            for signer in &self.signers {
                match reason::accepts(self, signer, claim) {
                    Ok(()) => {
                        let names = edges.entry(&signer.name).or_default();
                        names.insert(claim.signer.distinct_name());
                        by.push(index);
                    }
                    Err(refusal) => refusals.push(*refusal),
                }
            }
            by.dedup();
            if by.last() != Some(&index) {
                reasons.push(self.refused(claim, refusals));
            }
        }
        let count = matching::distinct(&edges);
        let enough = count >= self.requirement.at_least && count > 0;
        let finding = (!enough).then(|| {
            let accepted: BTreeSet<String> = edges.into_values().flatten().collect();
            self.finding(subject, count, &accepted, &by, reasons)
        });
        Tally { by, finding }
    }

    /// The refusal that came closest to acceptance speaks for the claim.
    fn refused(&self, claim: &crate::Claim, mut refusals: Vec<Refusal>) -> Reason {
        refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.rank()));
        reason::of_claim(self, claim, refusals.into_iter().next())
    }
}
