//! Rules on attestations: conditions on provenance, on summaries, in CEL, and on age.

use std::collections::BTreeMap;

use super::Compiler;
use super::requirement::{Demand, names};
use crate::code::Code;
use crate::policy::decode::{List, Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::common::TextMatch;
use crate::policy::document::rules::{AttestationRule, Condition};
use crate::policy::document::trust_root::Span;
use crate::policy::matcher::Matcher;
use crate::policy::predicate::Types;
use crate::policy::requirement::Kind;
use crate::policy::rule::{ConditionRule, KindRule, MaxAge, Placed, Rule, Variable};
use crate::policy::signer::SignerRule;
use crate::policy::source::Mark;
use crate::verdict::Position;

/// The signers of a policy: those that are named, and of them those that could be compiled.
pub(super) struct Signers<'a> {
    pub(super) known: &'a [&'a str],
    pub(super) rules: &'a BTreeMap<String, SignerRule>,
}

impl Compiler<'_> {
    pub(super) fn attestation(
        &mut self,
        rule: &AttestationRule,
        mark: &Mark,
        signers: &Signers<'_>,
    ) -> Option<Demand> {
        let types = self.predicate(&rule.predicate);
        let at_least = self.threshold(&rule.by, rule.at_least.as_ref(), signers);
        let types = types?;
        let kind = KindRule::of(&types, Some(mark.position()));
        let mut rules: Vec<Rule> = kind.map(Rule::Kind).into_iter().collect();
        rules.extend(self.max_age(rule.max_age.as_ref(), Code::AttestationTooOld));
        let provenance = self.provenance(rule, &types, mark);
        let summary = self.summary(rule, &types, mark);
        let mut variables = vec![Variable::Statement, Variable::Predicate];
        if types.are_sboms() {
            variables.push(Variable::Sbom);
        }
        if types.are_scans() {
            variables.push(Variable::Vulnerabilities);
        }
        // Every complaint is made before the first one ends it.
        let conditions = self.conditions(rule.cel.as_ref(), &variables);
        rules.extend(provenance?);
        rules.extend(summary?);
        rules.extend(conditions?);
        Some(Demand {
            kind: Kind::Attestation { types, rules },
            by: names(&rule.by),
            at_least: at_least?,
        })
    }

    pub(super) fn predicate(&mut self, written: &Spanned<String>) -> Option<Types> {
        if let Some(types) = Types::named(&written.value) {
            return Some(types);
        }
        let known = Types::names();
        let message = format!("unknown predicate type `{}`", written.value);
        let mut complaint =
            Diagnostic::error(Code::PolicyInvalid, written.mark.position(), message)
                .expected(format!("a URI, or {}", one_of(&known)));
        if let Some(near) = nearest(&written.value, &known) {
            complaint = complaint.hint(format!("did you mean `{near}`?"));
        }
        self.report(complaint);
        None
    }

    pub(super) fn max_age(&mut self, written: Option<&Spanned<Span>>, code: Code) -> Option<Rule> {
        self.age(written, code).map(Rule::MaxAge)
    }

    /// The oldest that something may be, said of it with `code`.
    pub(super) fn age(&mut self, written: Option<&Spanned<Span>>, code: Code) -> Option<MaxAge> {
        let span = written?;
        if span.value.0.is_zero() {
            let found = "no time at all, which nothing meets".to_owned();
            self.invalid(
                &span.mark,
                "a bound that nothing meets",
                "some time, as `30d`",
                found,
            );
            return None;
        }
        Some(MaxAge {
            longest: span.value.0,
            code,
            position: Some(span.mark.position()),
        })
    }

    /// Compiles conditions in CEL; `variables` are those that exist beside the common ones.
    pub(super) fn conditions(
        &mut self,
        written: Option<&List<Condition>>,
        variables: &[Variable],
    ) -> Option<Vec<Rule>> {
        let mut rules = Vec::new();
        let mut whole = true;
        for condition in written.iter().flat_map(|list| &list.items) {
            self.count_pattern(&condition.expression.mark)?;
            let text = &condition.expression;
            match ConditionRule::compile(&text.value, condition.message.clone(), variables) {
                Ok(mut rule) => {
                    rule.position = Some(text.mark.position());
                    rules.push(Rule::Condition(Box::new(rule)));
                }
                Err(error) => {
                    whole = false;
                    let place = format!("line {}, column {}", error.line, error.column);
                    let mut complaint =
                        Diagnostic::error(error.code, text.mark.position(), error.message)
                            .expected(error.expected)
                            .found(error.found);
                    complaint = complaint.hint(format!("it is at {place} of the expression"));
                    self.report(complaint);
                }
            }
        }
        whole.then_some(rules)
    }

    /// Conditions on something that this type of predicate does not have.
    pub(super) fn misplaced(
        &mut self,
        positions: &BTreeMap<&'static str, Position>,
        mark: &Mark,
        types: &Types,
        wanted: &str,
    ) {
        let fields: Vec<&str> = positions.keys().copied().collect();
        let message = format!("`{}` is no {wanted}", types.written);
        let position = positions.values().next().cloned();
        self.report(
            Diagnostic::error(
                Code::PolicyInvalid,
                position.unwrap_or_else(|| mark.position()),
                message,
            )
            .expected(format!("`type: {wanted}` beside {}", one_of(&fields)))
            .found(format!("`{}`", types.written)),
        );
    }

    pub(super) fn placed_matcher(
        &mut self,
        written: Option<&Spanned<TextMatch>>,
    ) -> Option<Matcher> {
        self.plain(written.map(|written| &written.value))
    }

    pub(super) fn plain(&mut self, written: Option<&TextMatch>) -> Option<Matcher> {
        self.matcher(written?).map(|matcher| matcher.value)
    }
}

/// A rule on a predicate, with the lines of its conditions.
pub(super) fn placed<R>(
    rule: R,
    positions: BTreeMap<&'static str, Position>,
    mark: &Mark,
    wrap: impl Fn(Box<Placed<R>>) -> Rule,
) -> Rule {
    let position = Some(mark.position());
    wrap(Box::new(Placed {
        rule,
        positions,
        max_age: None,
        position,
    }))
}
