//! Signed exceptions: which of them count for a policy, and why the others do not.
//!
//! **Invariant**: an exception excuses a requirement that is not met; it never makes evidence count,
//! and every verdict that rests on one says so in its warnings.

mod refused;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::place::Evidence;
use super::{World, acceptance, concluded, finding, hint, matching};
use crate::claim::exception::{PREDICATE_TYPE, PolicyException};
use crate::claim::{Claim, Content};
use crate::code::Code;
use crate::content::shortened;
use crate::digest::Digest;
use crate::policy::decode::one_of;
use crate::policy::exception::ExceptionRule;
use crate::policy::set::{Policy, PolicySet};
use crate::time::VerificationTime;
use crate::verdict::{Decision, Finding, PolicyVerdict, UsedException};
use refused::Carried;

/// One exception with everybody who signed it.
struct Candidate<'a> {
    exception: PolicyException,
    claims: Vec<(usize, &'a Claim)>,
}

impl<'a> Candidate<'a> {
    fn carried(&self) -> Carried {
        Carried::of(self.claims.iter().map(|(_, claim)| claim.origin.kind))
    }

    /// The claims at the positions `by`.
    fn made_by(&self, by: &[usize]) -> impl Iterator<Item = &(usize, &'a Claim)> {
        let claims = self.claims.iter();
        claims.filter(|(index, _)| by.contains(index))
    }
}

impl PolicySet {
    /// Excuses what signed exceptions excuse, and says aloud which were used and which refused.
    pub(super) fn with_exceptions(
        &self,
        policies: &[&Policy],
        verdicts: Vec<PolicyVerdict>,
        (evidence, world): (&Evidence<'_>, &World),
        warnings: &mut Vec<Finding>,
    ) -> Vec<PolicyVerdict> {
        let candidates = candidates(evidence, warnings);
        // What counts under one trust root is of course refused under the others.
        let known: BTreeSet<&Digest> = candidates
            .iter()
            .flat_map(|candidate| candidate.claims.iter().map(|(_, claim)| &claim.origin.blob))
            .collect();
        let news = evidence.rejections.iter();
        let news = news.filter(|rejection| !known.contains(&rejection.origin.blob));
        let mut refusals = refused::rejected(news);
        let judged = policies.iter().zip(verdicts).map(|(policy, mut verdict)| {
            for candidate in &candidates {
                match self.counts(policy, candidate, world) {
                    Ok(by) => {
                        warnings.extend(pointless(policy, &candidate.exception));
                        excuse(&mut verdict, policy, (candidate, by), warnings);
                    }
                    Err(None) => {}
                    Err(Some(refusal)) => refusals.push((candidate.carried(), *refusal)),
                }
            }
            concluded(policy, verdict.findings, verdict.requirements)
        });
        let judged: Vec<PolicyVerdict> = judged.collect();
        let denied = judged.iter().any(|v| v.decision == Decision::Deny);
        let takes = policies.iter().any(|p| p.parts.exceptions.is_some());
        warnings.extend(refused::told(refusals, denied, takes));
        let told = |warning: &Finding| {
            let Finding {
                code,
                found,
                expected,
                ..
            } = warning;
            (code.name(), found.clone(), expected.clone())
        };
        warnings.sort_by_cached_key(told);
        warnings.dedup_by(|a, b| told(a) == told(b) && a.position == b.position);
        judged
    }

    /// The positions of the claims that carry `candidate`, where it counts for `policy`; else why it
    /// does not, unless it is about other policies.
    fn counts(
        &self,
        policy: &Policy,
        candidate: &Candidate<'_>,
        world: &World,
    ) -> Result<Vec<usize>, Option<Box<Finding>>> {
        let exception = &candidate.exception;
        if !exception.policies.is_empty() && !exception.policies.contains(&policy.name()) {
            return Err(None);
        }
        let refused = |code: Code, expected: String, found: String| {
            let rule = policy.parts.exceptions.as_ref();
            Some(Box::new(Finding {
                position: rule
                    .map_or(policy.position(), |rule| rule.position.as_ref())
                    .cloned(),
                hint: hint::of(code),
                ..finding(
                    code,
                    expected,
                    format!("exception `{}`: {found}", shortened(&exception.name)),
                )
            }))
        };
        if !exception.images.contains(world.image.digest()) {
            let expected = format!("an exception for {}", world.image.digest());
            let found = format!("one for {}", listed(exception.images.iter()));
            return Err(refused(Code::ExceptionOtherImage, expected, found));
        }
        let Some(rule) = &policy.parts.exceptions else {
            let expected = format!(
                "no exception from `{}`, which names no signers",
                policy.name()
            );
            return Err(refused(
                Code::ExceptionUntrusted,
                expected,
                signers(candidate.claims.iter()),
            ));
        };
        let by = self
            .signed((policy, rule), candidate, world.time)
            .map_err(|(code, expected, found)| refused(code, expected, found))?;
        let (code, expected, found) = match narrow(rule, (candidate, &by), world.time.timestamp()) {
            Ok(()) => return Ok(by),
            Err(refusal) => refusal,
        };
        Err(refused(code, expected, found))
    }

    /// Whether enough of the signers whom the policy names signed this very document.
    fn signed(
        &self,
        (policy, rule): (&Policy, &ExceptionRule),
        candidate: &Candidate<'_>,
        time: VerificationTime,
    ) -> Result<Vec<usize>, (Code, String, String)> {
        let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut by = BTreeSet::new();
        let named = rule
            .by
            .iter()
            .filter_map(|name| policy.parts.signers.get(name));
        for signer in named {
            for (index, claim) in &candidate.claims {
                if acceptance::is_made_by(self, signer, claim, time) {
                    let accepted = edges.entry(&signer.name).or_default();
                    accepted.insert(claim.signer.distinct_name());
                    by.insert(*index);
                }
            }
        }
        let whom = rule.by.join("`, `");
        let count = matching::distinct(&edges);
        if count == 0 {
            let expected = format!("an exception signed by `{whom}`");
            let found = signers(candidate.claims.iter());
            return Err((Code::ExceptionUntrusted, expected, found));
        }
        if count < rule.at_least {
            let expected = format!("{} distinct signers of `{whom}`", rule.at_least);
            let by: Vec<usize> = by.into_iter().collect();
            let found = format!("{count}: {}", signers(candidate.made_by(&by)));
            return Err((Code::ExceptionThreshold, expected, found));
        }
        Ok(by.into_iter().collect())
    }
}

/// Every exception that can be read, each once, in the order of its digest.
fn candidates<'a>(evidence: &Evidence<'a>, warnings: &mut Vec<Finding>) -> Vec<Candidate<'a>> {
    let mut known: BTreeMap<Digest, Candidate<'a>> = BTreeMap::new();
    for (index, claim) in evidence.claims.iter().enumerate() {
        let Content::Statement(statement) = &claim.content else {
            continue;
        };
        if statement.predicate_type != PREDICATE_TYPE {
            continue;
        }
        let read = statement
            .document()
            .and_then(|document| PolicyException::read(&document));
        match read {
            Ok(exception) => {
                let digest = exception.digest.clone();
                let candidate = known.entry(digest).or_insert_with(|| Candidate {
                    exception,
                    claims: Vec::new(),
                });
                candidate.claims.push((index, claim));
            }
            Err(error) => warnings.push(Finding {
                hint: hint::of(error.code),
                ..finding(
                    error.code,
                    error.expected,
                    format!(
                        "{} at {} in {}",
                        error.found, error.place, claim.origin.place
                    ),
                )
            }),
        }
    }
    known.into_values().collect()
}

/// Whether an exception stays within what the policy allows, and is still alive.
fn narrow(
    rule: &ExceptionRule,
    (candidate, by): (&Candidate<'_>, &[usize]),
    now: Timestamp,
) -> Result<(), (Code, String, String)> {
    let exception = &candidate.exception;
    let broad = |expected: String, found: String| Err((Code::ExceptionTooBroad, expected, found));
    let count = exception.images.len();
    if count > rule.max_images {
        return broad(
            format!("at most {} images", rule.max_images),
            count.to_string(),
        );
    }
    if let Some(allowed) = &rule.requirements {
        let beyond = exception
            .requirements
            .iter()
            .find(|name| !allowed.contains(*name));
        if let Some(beyond) = beyond {
            let expected = format!("only exceptions from {}", listed(allowed.iter()));
            return broad(expected, format!("one from `{beyond}`"));
        }
    }
    // By whom the policy names: a stranger who signs the document too changes nothing.
    let starts = candidate
        .made_by(by)
        .filter_map(|(_, claim)| claim.times.first());
    let start = starts.map(|time| time.time).min().unwrap_or(now);
    if exception.not_after.duration_since(start) > rule.max_validity {
        let latest = start
            .checked_add(rule.max_validity)
            .unwrap_or(Timestamp::MAX);
        return broad(
            format!("an end at {latest} or before"),
            format!("one at {}", exception.not_after),
        );
    }
    if exception.not_after < now {
        let expected = format!("one that is valid at {now}");
        let found = format!("it ended at {}", exception.not_after);
        return Err((Code::ExceptionExpired, expected, found));
    }
    Ok(())
}

/// An exception from a policy by its name, and from nothing that the policy asks for: whoever signed it
/// believes otherwise.
fn pointless(policy: &Policy, exception: &PolicyException) -> Option<Finding> {
    let asked: Vec<&str> = policy.requirement_names().collect();
    let named = &exception.requirements;
    if exception.policies.is_empty() || asked.iter().any(|name| named.contains(*name)) {
        return None;
    }
    let rule = policy.parts.exceptions.as_ref();
    let (name, what) = (shortened(&exception.name), listed(named.iter()));
    Some(Finding {
        position: rule.and_then(|rule| rule.position.clone()),
        hint: Some("name the requirements as the policy does, and have it signed again".to_owned()),
        ..finding(
            Code::ExceptionTooBroad,
            format!("a requirement of `{}`: {}", policy.name(), one_of(&asked)),
            format!("exception `{name}`: one from {what}"),
        )
    })
}

/// Excuses the unmet requirements that the exception names, and warns for each.
fn excuse(
    verdict: &mut PolicyVerdict,
    policy: &Policy,
    (candidate, by): (&Candidate<'_>, Vec<usize>),
    warnings: &mut Vec<Finding>,
) {
    let exception = &candidate.exception;
    for requirement in &mut verdict.requirements {
        let named = exception.requirements.contains(&requirement.name);
        if requirement.satisfied || requirement.exception.is_some() || !named {
            continue;
        }
        requirement.exception = Some(UsedException {
            name: exception.name.clone(),
            digest: exception.digest.clone(),
            reason: exception.reason.clone(),
            ticket: exception.ticket.clone(),
            not_after: exception.not_after,
            by: by.clone(),
        });
        let rule = policy.parts.exceptions.as_ref();
        warnings.push(Finding {
            position: rule.and_then(|rule| rule.position.clone()),
            hint: hint::of(Code::ExceptionUsed),
            ..finding(
                Code::ExceptionUsed,
                format!("requirement `{}` of `{}`", requirement.name, verdict.name),
                format!(
                    "exception `{}` until {} ({}: {}), signed by {}",
                    exception.name,
                    exception.not_after,
                    exception.ticket,
                    exception.reason,
                    signers(candidate.made_by(&by)),
                ),
            )
        });
    }
}

/// Who signed it, each once.
fn signers<'a>(claims: impl Iterator<Item = &'a (usize, &'a Claim)>) -> String {
    let names: BTreeSet<String> = claims.map(|(_, claim)| claim.signer.to_string()).collect();
    listed(names.iter())
}

/// Things that one message lists.
const SHOWN: usize = 3;

/// The first few of many, for messages.
fn listed<T: std::fmt::Display>(items: impl ExactSizeIterator<Item = T>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = items
        .take(SHOWN)
        .map(|item| format!("`{}`", shortened(&item.to_string())))
        .collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_lists_the_first_few_and_counts_the_others() {
        let items: Vec<usize> = (0..=SHOWN).collect();
        assert_eq!(listed(items[..SHOWN].iter()), "`0`, `1`, `2`");
        assert_eq!(listed(items.iter()), "`0`, `1`, `2`, and 1 more");
    }
}
