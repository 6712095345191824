//! One sentence for whoever is refused: image, rule, what was expected, what was found, class and code.
//!
//! **Invariant**: everything that comes from outside is escaped, and bounded.

use sovverify::report::escape::{escape, shorten, show};
use sovverify::verdict::{Finding, Mode, PolicyVerdict, Position};
use sovverify::{Code, Decision, Verdict};

use super::judged::{Judged, Refusal, lead};

/// Characters of one part of a sentence: an identity or a URL, and not a document.
const MAX_PART: usize = 300;
/// Findings of one policy that become warnings or notes; the command line shows all.
const MAX_FINDINGS: usize = 4;

/// The verdict as it is answered and remembered.
pub(super) fn judged(verdict: &Verdict) -> Judged {
    let news = verdict.warnings.iter();
    let news = news.filter(|finding| finding.code != Code::PolicyNotEnforced);
    let mut leads = None;
    news.clone()
        .for_each(|finding| lead(&mut leads, finding.code));
    let mut warnings: Vec<String> = news.map(remark).collect();
    let mut notes = Vec::new();
    for policy in &verdict.policies {
        if policy.mode != Mode::Enforce {
            findings(policy).for_each(|(_, finding)| lead(&mut leads, finding.code));
        }
        let found = findings(policy).map(|(rule, finding)| sentence(Some(policy), rule, finding));
        match policy.mode {
            Mode::Enforce => {}
            Mode::Warn => warnings.extend(found.take(MAX_FINDINGS)),
            _ => notes.extend(found.take(MAX_FINDINGS)),
        }
        let used = policy.requirements.iter().filter_map(|requirement| {
            let exception = requirement.exception.as_ref()?;
            Some(format!(
                "rule `{}` of policy `{}` is excused by the exception `{}` until {} [{}]",
                part(&requirement.name),
                part(&policy.name),
                part(&exception.name),
                exception.not_after,
                Code::ExceptionUsed
            ))
        });
        warnings.extend(used);
    }
    // The core reports a used exception as a warning of its own; one line is enough.
    warnings.dedup();
    Judged {
        decision: verdict.decision,
        refusal: (verdict.decision == Decision::Deny).then(|| refusal(verdict)),
        warnings,
        notes,
        remark: leads,
        basis: basis(verdict),
    }
}

/// What the verdict rests on: `name sha256:…` of each policy and of each trust root.
fn basis(verdict: &Verdict) -> Vec<String> {
    let policies = verdict.policies.iter();
    let policies = policies.map(|policy| (&policy.name, &policy.digest));
    let roots = verdict.trust_roots.iter();
    let roots = roots.map(|root| (&root.name, &root.digest));
    let named = policies.chain(roots);
    named
        .map(|(name, digest)| format!("{} {digest}", show(name)))
        .collect()
}

/// A denial that no evidence could change, so that nobody is asked for any.
pub(super) fn refusals(findings: &[Finding]) -> Option<Judged> {
    let lead = findings
        .iter()
        .rev()
        .max_by_key(|finding| finding.code.rank())?;
    Some(Judged::refused(lead.code, sentence(None, None, lead)))
}

/// Why a verdict denies: the most specific finding that does, and how many more there are.
fn refusal(verdict: &Verdict) -> Refusal {
    let own = verdict.findings.iter().map(|finding| (None, None, finding));
    let enforced = verdict
        .policies
        .iter()
        .filter(|policy| policy.mode == Mode::Enforce && policy.decision == Decision::Deny)
        .flat_map(|policy| {
            findings(policy).map(move |(rule, finding)| (Some(policy), rule, finding))
        });
    let all: Vec<_> = own.chain(enforced).collect();
    // The first of the highest rank: `max_by_key` would take the last one.
    let lead = all
        .iter()
        .rev()
        .max_by_key(|(_, _, finding)| finding.code.rank());
    let Some((policy, rule, finding)) = lead else {
        return Refusal {
            code: Code::PolicyNoMatch,
            sentence: "it is denied without a finding, which is a bug in sovverify".to_owned(),
        };
    };
    let mut text = sentence(*policy, *rule, finding);
    if let more @ 1.. = all.len().saturating_sub(1) {
        text = format!("{text} (and {more} more)");
    }
    Refusal {
        code: finding.code,
        sentence: text,
    }
}

/// The findings of one policy, each with its rule where it has one.
fn findings(policy: &PolicyVerdict) -> impl Iterator<Item = (Option<&str>, &Finding)> {
    let own = policy.findings.iter().map(|finding| (None, finding));
    let rules = policy
        .requirements
        .iter()
        .filter(|requirement| !requirement.satisfied && requirement.exception.is_none())
        .flat_map(|requirement| {
            let name = requirement.name.as_str();
            requirement.findings.iter().map(move |f| (Some(name), f))
        });
    own.chain(rules)
}

/// A finding as one sentence.
fn sentence(policy: Option<&PolicyVerdict>, rule: Option<&str>, finding: &Finding) -> String {
    let whose = match (policy, rule) {
        (Some(policy), Some(rule)) => {
            format!("rule `{}` of policy `{}`", part(rule), part(&policy.name))
        }
        (Some(policy), None) => format!("policy `{}`", part(&policy.name)),
        (None, _) => String::new(),
    };
    let place = finding.position.as_ref().map(at).unwrap_or_default();
    let lead = format!("{whose}{place}");
    let separator = if lead.is_empty() { "" } else { ": " };
    format!("{}{separator}{}", lead.trim_start(), remark(finding))
}

/// What was expected and found, what to do, class and code.
fn remark(finding: &Finding) -> String {
    parts(
        finding.code,
        &finding.expected,
        &finding.found,
        finding.hint.as_deref(),
    )
}

/// The second half of every refusal.
pub(super) fn parts(code: Code, expected: &str, found: &str, hint: Option<&str>) -> String {
    let hint = hint
        .map(|hint| format!("; {}", part(hint)))
        .unwrap_or_default();
    let (expected, found) = (part(expected), part(found));
    format!("expected {expected}, found {found}{hint}{}", named(code))
}

/// The same where an error says itself what was expected and found.
pub(super) fn said(code: Code, text: &str) -> String {
    format!("{}{}", escape(&shorten(text, 2 * MAX_PART)), named(code))
}

/// Class and code, at the end of every refusal.
fn named(code: Code) -> String {
    format!(" [{}: {code}]", code.class())
}

fn at(position: &Position) -> String {
    format!(" ({}:{})", part(&position.file), position.line)
}

/// Outside text, on one line and bounded.
pub(super) fn part(text: &str) -> String {
    escape(&shorten(text, MAX_PART)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_sentence_is_whole_up_to_its_bound() {
        let whole = "é".repeat(MAX_PART);
        assert_eq!(part(&whole), whole);
        assert!(part(&format!("{whole}x")).contains("characters...]"));
    }
}
