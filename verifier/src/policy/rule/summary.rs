//! What a policy demands of a verification summary.

use serde_json::{Value, json};

use super::provenance::Unmet;
use crate::claim::summary::{Outcome, Resource, VerificationSummary};
use crate::code::Code;
use crate::content::shortened;
use crate::digest::Digest;
use crate::policy::matcher::Matcher;

/// Levels that one message lists.
const LISTED: usize = 8;

/// Conditions on a summary; each that is there must hold, and the verification must have passed.
///
/// Anybody can write any verifier's name: that the signer may speak for it is what the rule's
/// signers say (SLSA v1.0, `verification_summary`, "How to verify", steps 1 and 3).
#[derive(Clone, Debug)]
pub(in crate::policy) struct SummaryRule {
    pub(in crate::policy) verifier: Matcher,
    pub(in crate::policy) resource: Option<Matcher>,
    /// Each must be covered by some verified level.
    pub(in crate::policy) levels: Vec<String>,
    pub(in crate::policy) policy: Option<Matcher>,
    pub(in crate::policy) policy_digest: Option<Digest>,
}

impl SummaryRule {
    /// Every condition that `summary` does not meet.
    pub(in crate::policy) fn check(&self, summary: &VerificationSummary) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        if !self.verifier.matches(&summary.verifier) {
            unmet.push(Unmet {
                code: Code::SummaryVerifierMismatch,
                expected: self.verifier.describe(),
                found: quoted(&summary.verifier),
                field: "verifier",
            });
        }
        if summary.outcome != Outcome::Passed {
            unmet.push(Unmet {
                code: Code::SummaryFailed,
                expected: format!("`{}`", Outcome::Passed),
                found: format!("`{}`", summary.outcome),
                field: "verifier",
            });
        }
        if let Some(wanted) = &self.resource
            && !wanted.matches(&summary.resource)
        {
            unmet.push(Unmet {
                code: Code::SummaryResourceMismatch,
                expected: wanted.describe(),
                found: quoted(&summary.resource),
                field: "resource",
            });
        }
        let verified = &summary.verified_levels;
        let missing = |wanted: &&String| !verified.iter().any(|level| covers(level, wanted));
        unmet.extend(self.levels.iter().filter(missing).map(|wanted| Unmet {
            code: Code::SummaryLevelTooLow,
            expected: quoted(wanted),
            found: describe_levels(verified),
            field: "levels",
        }));
        unmet.extend(self.check_policy(&summary.policy));
        unmet
    }

    fn check_policy(&self, found: &Resource) -> Vec<Unmet> {
        let unmet = |expected, found| Unmet {
            code: Code::SummaryPolicyMismatch,
            expected,
            found,
            field: "policy",
        };
        let uri = found.uri.as_deref();
        let by_uri = self
            .policy
            .as_ref()
            .filter(|wanted| !uri.is_some_and(|uri| wanted.matches(uri)));
        let by_uri = by_uri.map(|wanted| {
            let found = uri.map_or_else(|| "no address".to_owned(), quoted);
            unmet(wanted.describe(), found)
        });
        let by_digest = self.policy_digest.as_ref().and_then(|wanted| {
            let name = wanted.algorithm().name();
            let hex = found.digests.get(name);
            let same = hex.is_some_and(|hex| *hex == wanted.hex());
            let found = hex.map_or_else(|| format!("no `{name}`"), |hex| quoted(hex));
            (!same).then(|| unmet(format!("`{wanted}`"), found))
        });
        by_uri.into_iter().chain(by_digest).collect()
    }

    /// The rule as a part of the policy's identity.
    pub(in crate::policy) fn canonical(&self) -> Value {
        json!({
            "verifier": self.verifier.canonical(),
            "resource": self.resource.as_ref().map(Matcher::canonical),
            "levels": self.levels,
            "policy": self.policy.as_ref().map(Matcher::canonical),
            "policyDigest": self.policy_digest.as_ref().map(ToString::to_string),
        })
    }
}

/// Whether the verified level `found` covers the level `wanted`. Levels of one SLSA track include
/// those below them (SLSA v1.0, `verification_summary`, `verifiedLevels`); any other level is only
/// itself.
fn covers(found: &str, wanted: &str) -> bool {
    match (track(found), track(wanted)) {
        (Some((track, level)), Some((other, least))) => track == other && level >= least,
        _ => found == wanted,
    }
}

/// The track and the level in `SLSA_BUILD_LEVEL_3` or `SLSA_SOURCE_LEVEL_2`.
fn track(level: &str) -> Option<(&'static str, u8)> {
    let (track, rest) = ["BUILD", "SOURCE"].into_iter().find_map(|track| {
        let rest = level.strip_prefix("SLSA_")?.strip_prefix(track)?;
        Some((track, rest.strip_prefix("_LEVEL_")?))
    })?;
    match rest.as_bytes() {
        [digit @ b'0'..=b'9'] => Some((track, digit - b'0')),
        _ => None,
    }
}

fn describe_levels(levels: &[Box<str>]) -> String {
    if levels.is_empty() {
        return "no level".to_owned();
    }
    let mut listed: Vec<String> = levels
        .iter()
        .take(LISTED)
        .map(|level| quoted(level))
        .collect();
    if let Some(more) = levels.len().checked_sub(LISTED).filter(|more| *more > 0) {
        listed.push(format!("{more} more"));
    }
    listed.join(", ")
}

fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

#[cfg(test)]
mod tests;
