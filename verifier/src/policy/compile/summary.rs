//! Conditions on verification summaries.

use std::collections::BTreeMap;

use super::Compiler;
use super::rules::placed;
use crate::code::Code;
use crate::digest::Digest;
use crate::policy::decode::Spanned;
use crate::policy::document::rules::{AttestationRule, SummaryPolicy};
use crate::policy::matcher::Matcher;
use crate::policy::predicate::Types;
use crate::policy::rule::summary::SummaryRule;
use crate::policy::rule::{Placed, Rule};
use crate::policy::source::Mark;

impl Compiler<'_> {
    /// Conditions that only a verification summary can meet.
    pub(super) fn summary(
        &mut self,
        rule: &AttestationRule,
        types: &Types,
        mark: &Mark,
    ) -> Option<Vec<Rule>> {
        let mut positions = BTreeMap::new();
        let mut given = |field: &'static str, mark: Option<&Mark>| {
            positions.extend(mark.map(|mark| (field, mark.position())));
        };
        given("verifier", rule.verifier.as_ref().map(|m| &m.mark));
        given("resource", rule.resource.as_ref().map(|m| &m.mark));
        given("levels", rule.levels.as_ref().map(|m| &m.mark));
        given("policy", rule.policy.as_ref().map(|m| &m.mark));
        if !types.are_summaries() {
            if positions.is_empty() {
                return Some(Vec::new());
            }
            self.misplaced(&positions, mark, types, "verification-summary");
            return None;
        }
        let Some(verifier) = &rule.verifier else {
            let expected =
                "`verifier`: whoever may sign a summary may not speak for every verifier";
            self.invalid(
                mark,
                "a summary by any verifier",
                expected,
                "none".to_owned(),
            );
            return None;
        };
        let before = self.errors();
        let verifier = self.plain(Some(&verifier.value));
        let resource = self.placed_matcher(rule.resource.as_ref());
        let levels = rule.levels.iter().flat_map(|levels| &levels.value.items);
        let (policy, policy_digest) = self.other_policy(rule.policy.as_ref());
        if self.errors() != before {
            return None;
        }
        let compiled = SummaryRule {
            verifier: verifier?,
            resource,
            levels: levels.map(|level| level.value.clone()).collect(),
            policy,
            policy_digest,
        };
        let max_age = self.age(rule.max_age.as_ref(), Code::AttestationTooOld);
        let with_age = |summary: Box<Placed<SummaryRule>>| {
            Rule::Summary(Box::new(Placed {
                max_age: max_age.clone(),
                ..*summary
            }))
        };
        Some(vec![placed(compiled, positions, mark, with_age)])
    }

    /// The policy of the other verifier, by its address, its digest, or both.
    fn other_policy(
        &mut self,
        written: Option<&Spanned<SummaryPolicy>>,
    ) -> (Option<Matcher>, Option<Digest>) {
        let Some(written) = written else {
            return (None, None);
        };
        let SummaryPolicy { uri, digest } = &written.value;
        if uri.is_none() && digest.is_none() {
            let (message, expected) = ("an empty condition", "at least one of `uri` and `digest`");
            self.invalid(&written.mark, message, expected, "neither".to_owned());
        }
        let uri = self.plain(uri.as_ref());
        let Some(text) = digest else {
            return (uri, None);
        };
        let digest = text.value.parse().ok();
        if digest.is_none() {
            let (expected, found) = ("a digest as `sha256:HEX`", format!("`{}`", text.value));
            self.invalid(&text.mark, "not a digest", expected, found);
        }
        (uri, digest)
    }
}
