//! Algorithms on their way out: a warning for what admits, and never a reason to deny.

use std::collections::{BTreeMap, BTreeSet};

use super::finding;
use crate::claim::Claim;
use crate::code::Code;
use crate::digest::Digest;
use crate::policy::algorithms::{self, Algorithms, Deprecation, Role};
use crate::policy::set::{Policy, PolicySet};
use crate::time::VerificationTime;
use crate::trust::AnchorId;
use crate::verdict::{Finding, PolicyVerdict};
use crate::verify::Verified;

impl PolicySet {
    /// One warning for each deprecated algorithm that a satisfied requirement relies on, in order
    /// of trust root, role and algorithm. `verdicts` are those of `policies`, in the same order.
    pub(super) fn deprecated(
        &self,
        policies: &[&Policy],
        verdicts: &[PolicyVerdict],
        verified: &[Verified<Claim>],
        time: VerificationTime,
    ) -> Vec<Finding> {
        let mut found: BTreeSet<(&str, Deprecation)> = BTreeSet::new();
        for (policy, verdict) in policies.iter().zip(verdicts) {
            let roots = self.roots_of(policy);
            for requirement in &verdict.requirements {
                let by = requirement.by.iter();
                let claims: Vec<&Claim> = by.filter_map(|i| Some(&**verified.get(*i)?)).collect();
                found.extend(among(&claims, &roots, time));
            }
        }
        let warnings = found.into_iter();
        warnings
            .map(|(root, deprecation)| self.warning(root, &deprecation, time))
            .collect()
    }

    /// The trust root of each anchor that a signer of `policy` has; it is part of the anchor.
    fn roots_of(&self, policy: &Policy) -> BTreeMap<AnchorId, (&str, &Algorithms)> {
        let signers = policy.used_signers();
        let roots = signers.filter_map(|signer| {
            let (name, root) = self.roots.get_key_value(signer.root.as_deref()?)?;
            Some((signer.anchor, (name.as_str(), &root.algorithms)))
        });
        roots.collect()
    }

    fn warning(&self, root: &str, found: &Deprecation, time: VerificationTime) -> Finding {
        Finding {
            position: self.roots.get(root).and_then(|root| root.position.clone()),
            hint: super::hint::of(Code::KeyAlgorithmDeprecated),
            ..finding(
                Code::KeyAlgorithmDeprecated,
                format!(
                    "an algorithm that `{}` still recommends at {time} (trust root `{root}`, role `{}`)",
                    found.profile,
                    found.role.name()
                ),
                format!(
                    "{}, deprecated from {} ({})",
                    found.algorithm, found.since, found.source
                ),
            )
        }
    }
}

/// What is deprecated in the evidence of one requirement, with the trust root that says so.
fn among<'a>(
    claims: &[&Claim],
    roots: &BTreeMap<AnchorId, (&'a str, &Algorithms)>,
    time: VerificationTime,
) -> BTreeSet<(&'a str, Deprecation)> {
    let quantum_safe = claims
        .iter()
        .filter(|claim| algorithms::is_quantum_safe(claim));
    let covered: BTreeSet<&Digest> = quantum_safe.map(|claim| &claim.subject).collect();
    let mut found = BTreeSet::new();
    for claim in claims {
        let Some((name, rules)) = roots.get(&claim.anchor) else {
            continue;
        };
        let alone = !covered.contains(&claim.subject);
        let deprecations = rules.deprecations(claim, time).into_iter();
        let standing = deprecations
            .filter(|found| alone || !found.alone_only || found.role != Role::Signature);
        found.extend(standing.map(|deprecation| (*name, deprecation)));
    }
    found
}
