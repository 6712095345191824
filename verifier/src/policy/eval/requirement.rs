//! One requirement: enough distinct signers in one of the places where it may be met.

use std::collections::{BTreeMap, BTreeSet};

use super::acceptance::{self, Refusal};
use super::place::Evidence;
use super::reason::{self, Reason};
use super::vex::VexDocuments;
use super::{World, matching};
use crate::code::Code;
use crate::digest::Digest;
use crate::image::{PinnedImage, PlatformManifest};
use crate::policy::requirement::{On, Requirement};
use crate::policy::rule::{Facts, Judged, Remark};
use crate::policy::set::{Policy, PolicySet};
use crate::policy::signer::SignerRule;
use crate::verdict::{Finding, RequirementVerdict};

/// The requirement and what it needs to be judged.
pub(super) struct Case<'a> {
    pub(super) set: &'a PolicySet,
    pub(super) requirement: &'a Requirement,
    pub(super) signers: Vec<&'a SignerRule>,
    /// Those whose VEX statements count.
    pub(super) vex: Vec<&'a SignerRule>,
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) world: &'a World,
}

/// What one place has to offer.
#[derive(Clone)]
struct Tally {
    /// Positions of the accepted claims in the appraisal.
    by: Vec<usize>,
    /// Why it is not enough; absent where it is.
    finding: Option<Finding>,
    /// What the rules say beside that, of claims that count and of those that do not.
    notes: Vec<Remark>,
}

/// Judges `requirement` on the root and on `manifests`, as its `on` says.
pub(super) fn judge(
    set: &PolicySet,
    policy: &Policy,
    requirement: &Requirement,
    (image, manifests): (&PinnedImage, &[PlatformManifest]),
    (evidence, world): (&Evidence<'_>, &World),
) -> RequirementVerdict {
    let case = Case::of(set, policy, requirement, (evidence, world));
    let root = case.tally(image.digest());
    let platforms: Vec<Tally> = if image.is_index() {
        let entries = manifests.iter();
        entries.map(|entry| case.tally(&entry.digest)).collect()
    } else {
        // On a single manifest, root and platform coincide.
        vec![root.clone()]
    };
    let on_root = root.finding.is_none();
    let on_platforms = !platforms.is_empty() && platforms.iter().all(|p| p.finding.is_none());
    let (satisfied, by, notes) = match requirement.on {
        On::Any | On::Index if on_root => (true, root.by.clone(), root.notes.clone()),
        On::Any | On::Platform if on_platforms => (true, all(&platforms), all_notes(&platforms)),
        On::Index => (false, Vec::new(), root.notes.clone()),
        On::Platform => (false, Vec::new(), all_notes(&platforms)),
        On::Any => (
            false,
            Vec::new(),
            [root.notes.clone(), all_notes(&platforms)].concat(),
        ),
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
        notes: noted(notes),
        exception: None,
    }
}

/// Judges `requirement` on an artifact that has no platforms.
pub(super) fn judge_artifact(
    set: &PolicySet,
    policy: &Policy,
    requirement: &Requirement,
    artifact: &Digest,
    (evidence, world): (&Evidence<'_>, &World),
) -> RequirementVerdict {
    let tally = Case::of(set, policy, requirement, (evidence, world)).tally(artifact);
    let satisfied = tally.finding.is_none();
    RequirementVerdict {
        name: requirement.name.clone(),
        satisfied,
        by: if satisfied { tally.by } else { Vec::new() },
        findings: tally.finding.into_iter().collect(),
        notes: noted(tally.notes),
        exception: None,
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

fn all_notes(platforms: &[Tally]) -> Vec<Remark> {
    platforms
        .iter()
        .flat_map(|platform| platform.notes.iter().cloned())
        .collect()
}

/// Remarks as findings, each once, in an order that does not depend on that of evidence.
fn noted(notes: Vec<Remark>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = notes
        .into_iter()
        .map(|note| Finding {
            position: note.position,
            ..super::finding(note.code, note.expected, note.found)
        })
        .collect();
    findings.sort_by(|a, b| told(a).cmp(&told(b)));
    findings.dedup_by(|a, b| told(a) == told(b));
    findings
}

/// What tells two remarks apart, as text alone.
fn told(finding: &Finding) -> (&'static str, &str, &str) {
    (finding.code.name(), &finding.found, &finding.expected)
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
        (evidence, world): (&'a Evidence<'a>, &'a World),
    ) -> Self {
        let signers = &policy.parts.signers;
        let named = |names: &[String]| {
            let names = names.iter();
            names.filter_map(|name| signers.get(name)).collect()
        };
        Self {
            set,
            requirement,
            signers: named(&requirement.by),
            vex: named(requirement.kind.vex().map_or(&[], |rule| &rule.by)),
            evidence,
            world,
        }
    }

    /// Counts the distinct signers whose evidence is bound to `subject` and says what it must.
    fn tally(&self, subject: &Digest) -> Tally {
        let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let (mut by, mut reasons) = (Vec::new(), Vec::new());
        let mut omitted = 0_usize;
        let vex = VexDocuments::of(self, subject);
        let mut notes = vex.unreadable.clone();
        let claims = self.evidence.verified(subject);
        for (index, claim) in claims.filter(|(_, c)| self.requirement.kind.covers(&c.content)) {
            let (names, refusals) = self.signed_by(claim);
            if names.is_empty() {
                reasons.push(self.refused(claim, refusals));
                continue;
            }
            let judged = self.judged(&self.facts(index, claim, &vex));
            notes.extend(judged.notes.iter().cloned());
            if judged.is_met() {
                for name in names {
                    edges
                        .entry(name)
                        .or_default()
                        .insert(claim.signer.distinct_name());
                }
                by.push(index);
            } else {
                omitted = omitted.saturating_add(judged.omitted);
                let unmet = judged.unmet.into_iter().enumerate();
                reasons.extend(unmet.map(|(number, remark)| {
                    reason::of_claim(self, claim, (number, Some(remark.into())))
                }));
            }
        }
        let count = matching::distinct(&edges);
        let enough = count >= self.requirement.at_least && count > 0;
        let finding = (!enough).then(|| {
            let accepted: BTreeSet<String> = edges.into_values().flatten().collect();
            let mut finding = self.finding(subject, count, &accepted, &by, reasons);
            finding.omitted = finding.omitted.saturating_add(omitted);
            finding
        });
        Tally { by, finding, notes }
    }

    /// The names of the policy's signers that accept `claim`, and why the others do not.
    fn signed_by(&self, claim: &crate::Claim) -> (Vec<&'a str>, Vec<Refusal>) {
        let (mut names, mut refusals) = (Vec::new(), Vec::new());
        for signer in &self.signers {
            match acceptance::accepts(self, signer, claim) {
                Ok(()) => names.push(signer.name.as_str()),
                Err(refusal) => refusals.push(*refusal),
            }
        }
        (names, refusals)
    }

    pub(super) fn facts<'b>(
        &'b self,
        index: usize,
        claim: &'b crate::Claim,
        vex: &'b VexDocuments,
    ) -> Facts<'b> {
        let root = self
            .set
            .trust
            .get(claim.anchor)
            .and_then(|anchor| anchor.root());
        Facts {
            index,
            claim,
            time: self.world.time.timestamp(),
            image: &self.world.image,
            root: root.map(|root| root.name()),
            contents: &self.world.contents,
            vex: &vex.trusted,
            unheard_vex: &vex.unheard,
        }
    }

    /// What every rule of the requirement says about one claim.
    fn judged(&self, facts: &Facts<'_>) -> Judged {
        let mut judged = Judged::default();
        for rule in self.requirement.kind.rules() {
            rule.judge(facts, &mut judged);
        }
        judged
    }

    /// The refusal that came closest to acceptance speaks for the claim.
    fn refused(&self, claim: &crate::Claim, mut refusals: Vec<Refusal>) -> Reason {
        refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.rank()));
        reason::of_claim(self, claim, (0, refusals.into_iter().next()))
    }
}
