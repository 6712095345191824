//! The verdict on an artifact that is no image: it has no name that a policy could match, and no
//! platforms, so whoever asks has chosen the policies.

use super::place::Evidence;
use super::{World, concluded, requirement};
use crate::claim::Claim;
use crate::digest::Digest;
use crate::policy::rule::{Contents, ImageFacts};
use crate::policy::set::{Policy, PolicySet};
use crate::time::VerificationTime;
use crate::trust::Danger;
use crate::verdict::{Decision, Finding, Mode, PolicyVerdict};
use crate::verify::{Rejection, Verified};

/// The answer for one artifact.
#[derive(Clone, Debug)]
pub struct ArtifactVerdict {
    /// The answer.
    pub decision: Decision,
    /// What each policy said, in order of name.
    pub policies: Vec<PolicyVerdict>,
    /// What an operator should hear although it denies nothing.
    pub warnings: Vec<Finding>,
    /// Every weakening that a policy or the evidence it relies on was judged under.
    pub dangers: Vec<Danger>,
}

impl PolicySet {
    /// Answers whether every policy of this set admits `artifact`, by what was `verified` about it
    /// and what was `rejected`, as of `time`.
    pub fn evaluate_artifact(
        &self,
        artifact: &Digest,
        verified: &[Verified<Claim>],
        rejected: &[Rejection],
        time: VerificationTime,
    ) -> ArtifactVerdict {
        let evidence = Evidence::listed(verified, rejected, time);
        let world = World {
            image: ImageFacts::of_artifact(artifact),
            time,
            contents: Contents::default(),
        };
        let asked: Vec<&Policy> = self.list.iter().collect();
        let policies: Vec<PolicyVerdict> = asked
            .iter()
            .map(|policy| self.judge_artifact(policy, artifact, (&evidence, &world)))
            .collect();
        let enforced = policies
            .iter()
            .filter(|policy| policy.mode == Mode::Enforce);
        let admits = enforced.clone().count() > 0
            && enforced
                .clone()
                .all(|policy| policy.decision == Decision::Admit);
        let dangers = self.dangers(&asked, &policies, verified);
        ArtifactVerdict {
            decision: if admits {
                Decision::Admit
            } else {
                Decision::Deny
            },
            warnings: self.deprecated(&asked, &policies, verified, time),
            policies,
            dangers,
        }
    }

    fn judge_artifact(
        &self,
        policy: &Policy,
        artifact: &Digest,
        (evidence, world): (&Evidence<'_>, &World),
    ) -> PolicyVerdict {
        let findings = self.expired(policy, world.time);
        let requirements: Vec<_> = policy
            .parts
            .requirements
            .iter()
            .map(|rule| {
                requirement::judge_artifact(self, policy, rule, artifact, (evidence, world))
            })
            .collect();
        concluded(policy, findings, requirements)
    }
}
