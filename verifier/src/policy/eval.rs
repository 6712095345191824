//! The verdict: every matching policy is asked, and all that enforce must admit.
//!
//! **Invariant**: more bad evidence never changes a decision, and less evidence never turns a denial
//! into an admission; there are property tests for both. One thing differs by its nature: a trusted VEX
//! statement that contradicts another one counts only as long as it is there.

mod acceptance;
mod artifact;
mod deprecation;
mod exception;
mod hint;
mod matching;
mod place;
mod reason;
mod requirement;
mod tag;
mod vex;

use std::collections::{BTreeMap, BTreeSet};

pub use artifact::ArtifactVerdict;

use super::configuration::Unmatched;
use super::matching::Matching;
use super::platforms::{self, Selection};
use super::rule::{Contents, ImageFacts};
use super::set::{Policy, PolicySet};
use crate::claim::Claim;
use crate::code::Code;
use crate::time::VerificationTime;
use crate::trust::Danger;
use crate::verdict::{
    Decision, Finding, Mode, NamedDigest, PolicyVerdict, RequirementVerdict, Verdict,
};
use crate::verify::{Appraisal, Verified};
use place::Evidence;

/// What one verdict is about, and what was already read for it.
pub(super) struct World {
    image: ImageFacts,
    time: VerificationTime,
    contents: Contents,
}

impl PolicySet {
    /// Answers whether the image of `appraisal` may run. `selection` narrows the platforms that are
    /// judged, and says where in a cluster the image is to run.
    ///
    /// All matching policies that enforce must admit. A namespaced policy can only tighten: where no
    /// policy of the cluster matches, the configuration's answer for unmatched images stands. A policy
    /// that cannot be used denies whatever it may be about.
    pub fn evaluate(&self, appraisal: &Appraisal, selection: &Selection) -> Verdict {
        let evidence = Evidence::of(appraisal);
        let world = World {
            image: ImageFacts::of_image(&appraisal.image),
            time: appraisal.time,
            contents: Contents::default(),
        };
        let asked = self.matching_image(&appraisal.image, selection.target.as_ref());
        let matching = asked.policies();
        let policies: Vec<PolicyVerdict> = matching
            .iter()
            .map(|policy| self.judge(policy, appraisal, (&evidence, &world), selection))
            .collect();
        let findings = asked.refusals();
        let mut warnings = Vec::new();
        let policies = self.with_exceptions(matching, policies, (&evidence, &world), &mut warnings);
        warnings.extend(self.unmatched_admitted(&asked));
        warnings.extend(not_enforced(matching));
        warnings.extend(tag::warnings(matching, &appraisal.image));
        warnings.extend(self.expiring(matching, appraisal));
        warnings.extend(self.deprecated(matching, &policies, &appraisal.verified, appraisal.time));
        let denies = |policy: &PolicyVerdict| {
            policy.mode == Mode::Enforce && policy.decision == Decision::Deny
        };
        let refused = !findings.is_empty() || policies.iter().any(denies);
        let dangers = self.dangers(matching, &policies, &appraisal.verified);
        Verdict {
            image: appraisal.image.clone(),
            time: appraisal.time.timestamp(),
            decision: if refused {
                Decision::Deny
            } else {
                Decision::Admit
            },
            findings,
            policies,
            warnings,
            dangers,
            trust_roots: self.used_roots(matching),
        }
    }

    /// The warning that stands in the place of a denial where the configuration says so.
    fn unmatched_admitted(&self, asked: &Matching<'_>) -> Option<Finding> {
        if self.configuration.unmatched != Unmatched::DangerAdmit {
            return None;
        }
        asked.no_match().map(|finding| Finding {
            code: Code::PolicyUnmatchedAdmitted,
            hint: Some("the configuration says `unmatched: admit`".to_owned()),
            ..finding
        })
    }

    /// Asks one policy.
    fn judge(
        &self,
        policy: &Policy,
        appraisal: &Appraisal,
        (evidence, world): (&Evidence<'_>, &World),
        selection: &Selection,
    ) -> PolicyVerdict {
        let limit = self.configuration.limits.platforms;
        let image = &appraisal.image;
        let places = platforms::select(image, policy.platforms(), selection, limit);
        let mut findings: Vec<Finding> = places
            .problems
            .into_iter()
            .map(|problem| Finding {
                hint: Some("see `platforms` of the policy, and `--platform`".to_owned()),
                ..finding(problem.code, problem.expected, problem.found)
            })
            .collect();
        findings.extend(tag::finding(policy, image));
        findings.extend(self.expired(policy, appraisal.time));
        for finding in &mut findings {
            finding.position = finding
                .position
                .take()
                .or_else(|| policy.position().cloned());
        }
        let requirements: Vec<_> = policy
            .parts
            .requirements
            .iter()
            .map(|requirement| {
                let places = (image, places.manifests.as_slice());
                requirement::judge(self, policy, requirement, places, (evidence, world))
            })
            .collect();
        concluded(policy, findings, requirements)
    }

    pub(super) fn root_names<'a>(
        policies: impl IntoIterator<Item = &'a Policy>,
    ) -> BTreeSet<&'a str> {
        let signers = policies.into_iter().flat_map(Policy::used_signers);
        signers
            .filter_map(|signer| signer.root.as_deref())
            .collect()
    }

    fn used_roots(&self, policies: &[&Policy]) -> Vec<NamedDigest> {
        let names = Self::root_names(policies.iter().copied());
        let roots = names
            .into_iter()
            .filter_map(|name| Some((name, self.roots.get(name)?)));
        let digest = |(name, root): (&str, &super::root::Root)| NamedDigest {
            name: name.to_owned(),
            digest: root.digest.clone(),
        };
        roots.map(digest).collect()
    }

    /// One finding for each expired trust root that a signer of `policy` starts from.
    fn expired(&self, policy: &Policy, time: VerificationTime) -> Vec<Finding> {
        let names = Self::root_names([policy]);
        let roots = names
            .into_iter()
            .filter_map(|name| Some((name, self.roots.get(name)?)));
        roots
            .filter_map(|(name, root)| {
                let expires = root.trust.expires()?;
                let time = time.timestamp();
                (expires <= time).then(|| Finding {
                    position: root.position.clone(),
                    hint: Some("renew the trust root, or audit the past with `--at`".to_owned()),
                    ..finding(
                        Code::TrustExpired,
                        format!("trust root `{name}` to be valid at {time}"),
                        format!("it expired at {expires}"),
                    )
                })
            })
            .collect()
    }

    /// One warning for each trust root that is about to expire.
    fn expiring(&self, policies: &[&Policy], appraisal: &Appraisal) -> Vec<Finding> {
        let names = Self::root_names(policies.iter().copied());
        let roots = names
            .into_iter()
            .filter_map(|name| Some((name, self.roots.get(name)?)));
        roots
            .filter_map(|(name, root)| {
                let (expires, warn) = (root.trust.expires()?, root.warn_before?);
                let left = expires.duration_since(appraisal.time.timestamp());
                (left.is_positive() && left <= warn).then(|| Finding {
                    position: root.position.clone(),
                    hint: Some("renew the trust root before that".to_owned()),
                    ..finding(
                        Code::TrustExpiresSoon,
                        format!("trust root `{name}` to be valid for longer"),
                        format!("it expires at {expires}"),
                    )
                })
            })
            .collect()
    }

    /// Every weakening, whether the policy allows it or some evidence was accepted under it.
    fn dangers(
        &self,
        policies: &[&Policy],
        verdicts: &[PolicyVerdict],
        verified: &[Verified<Claim>],
    ) -> Vec<Danger> {
        let mut dangers = BTreeSet::new();
        for signer in policies.iter().flat_map(|policy| policy.used_signers()) {
            let is_key = matches!(signer.holder, super::signer::Holder::Key { .. });
            match signer.root.as_ref().and_then(|name| self.roots.get(name)) {
                None => dangers.extend([Danger::NoLog, Danger::NoTimestamp]),
                Some(root) => dangers.extend(
                    root.dangers()
                        .into_iter()
                        // A key has no certificate that could carry an SCT.
                        .filter(|danger| !(is_key && *danger == Danger::NoSct)),
                ),
            }
        }
        let used = verdicts
            .iter()
            .flat_map(|verdict| &verdict.requirements)
            .flat_map(|requirement| {
                let excused = requirement.exception.iter().flat_map(|used| &used.by);
                requirement.by.iter().chain(excused)
            })
            .filter_map(|index| verified.get(*index));
        dangers.extend(used.flat_map(|claim| claim.dangers.iter().copied()));
        dangers.into_iter().collect()
    }
}

/// What makes a policy admit, in one place: nothing against it, and every requirement of at least
/// one satisfied, or excused by a signed exception.
fn concluded(
    policy: &Policy,
    findings: Vec<Finding>,
    requirements: Vec<RequirementVerdict>,
) -> PolicyVerdict {
    let admits = findings.is_empty()
        && !requirements.is_empty()
        && requirements
            .iter()
            .all(|requirement| requirement.satisfied || requirement.exception.is_some());
    PolicyVerdict {
        name: policy.name(),
        digest: policy.digest().clone(),
        mode: policy.mode(),
        decision: if admits {
            Decision::Admit
        } else {
            Decision::Deny
        },
        findings,
        requirements,
    }
}

/// A finding without place, subject and rejections.
fn finding(code: Code, expected: String, found: String) -> Finding {
    Finding {
        code,
        subject: None,
        expected,
        found,
        position: None,
        hint: None,
        because: Vec::new(),
        omitted: 0,
    }
}

fn not_enforced(matching: &[&Policy]) -> Option<Finding> {
    let mut modes: BTreeMap<&str, usize> = BTreeMap::new();
    for policy in matching {
        *modes.entry(policy.mode().name()).or_default() += 1;
    }
    if matching.is_empty() || modes.contains_key(Mode::Enforce.name()) {
        return None;
    }
    let found: Vec<String> = modes
        .into_iter()
        .map(|(mode, count)| format!("{count} with `mode: {mode}`"))
        .collect();
    Some(Finding {
        hint: Some("set `mode: enforce` when the findings are clean".to_owned()),
        ..finding(
            Code::PolicyNotEnforced,
            "a matching policy with `mode: enforce`".to_owned(),
            found.join(", "),
        )
    })
}

#[cfg(test)]
mod tests;
