//! Selectors of labels.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Compiler;
use crate::code::Code;
use crate::policy::configuration::{Configuration, Unmatched};
use crate::policy::decode::Spanned;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::image_policy::{LabelExpression, LabelOperator, LabelSelector};
use crate::policy::selector::{Condition, Operator, Selector, is_key, is_value};
use crate::policy::set::{Policy, Scope};
use crate::policy::source::Mark;

impl Compiler<'_> {
    pub(super) fn selector(&mut self, written: &Spanned<LabelSelector>) -> Option<Selector> {
        let before = self.errors();
        let mut conditions = Vec::new();
        let LabelSelector {
            match_labels,
            match_expressions,
        } = &written.value;
        for (key, value) in match_labels.iter().flat_map(|map| &map.entries) {
            self.label_key(key);
            self.label_value(value);
            conditions.push(Condition {
                key: key.value.clone(),
                operator: Operator::In([value.value.clone()].into()),
                position: key.mark.position(),
            });
        }
        for expression in match_expressions.iter().flat_map(|list| &list.items) {
            conditions.extend(self.label_condition(&expression.value));
        }
        (self.errors() == before).then(|| Selector {
            conditions,
            canonical: canonical(&written.value),
            position: written.mark.position(),
        })
    }

    fn label_condition(&mut self, written: &LabelExpression) -> Option<Condition> {
        let LabelExpression {
            key,
            operator,
            values,
        } = written;
        self.label_key(key);
        let items = values.iter().flat_map(|values| &values.value.items);
        for value in items.clone() {
            self.label_value(value);
        }
        let values_given = items.map(|value| value.value.clone()).collect();
        let word = name(operator.value);
        let operator = match (operator.value, values) {
            (LabelOperator::In, Some(_)) => Operator::In(values_given),
            (LabelOperator::NotIn, Some(_)) => Operator::NotIn(values_given),
            (LabelOperator::Exists, None) => Operator::Exists,
            (LabelOperator::DoesNotExist, None) => Operator::DoesNotExist,
            (LabelOperator::In | LabelOperator::NotIn, None) => {
                let message = format!("`{word}` without values");
                let expected = format!("`values` beside `operator: {word}`");
                self.invalid(&operator.mark, &message, &expected, "none".to_owned());
                return None;
            }
            (LabelOperator::Exists | LabelOperator::DoesNotExist, Some(values)) => {
                let message = format!("`{word}` with values");
                let expected = format!("no `values` beside `operator: {word}`");
                let found = values.value.items.len().to_string();
                self.invalid(&values.mark, &message, &expected, found);
                return None;
            }
        };
        Some(Condition {
            key: key.value.clone(),
            operator,
            position: key.mark.position(),
        })
    }

    /// A key that no label can have would select nothing, or everything, for ever.
    fn label_key(&mut self, key: &Spanned<String>) {
        if !is_key(&key.value) {
            let expected = "a name of at most 63 letters, digits, `-`, `_` and `.`, and before it perhaps a DNS name and `/`";
            self.unusable_label(&key.mark, "no label has this key", expected, &key.value);
        }
    }

    fn label_value(&mut self, value: &Spanned<String>) {
        if !is_value(&value.value) {
            let expected = "at most 63 letters, digits, `-`, `_` and `.`, of which the first and last are letters or digits";
            let message = "no label has this value";
            self.unusable_label(&value.mark, message, expected, &value.value);
        }
    }

    fn unusable_label(&mut self, mark: &Mark, message: &str, expected: &str, found: &str) {
        self.invalid(mark, message, expected, format!("`{found}`"));
    }
}

/// Selectors of pods that whoever writes the pod can evade, and be admitted all the same: where another
/// policy of the cluster may match instead, or nothing needs to. Of a policy that stands alone, leaving
/// a label off leads to a denial.
pub(super) fn evadable(policies: &[Policy], configuration: &Configuration) -> Vec<Diagnostic> {
    let in_cluster = |policy: &&Policy| *policy.scope() == Scope::Cluster;
    let alone = policies.iter().filter(in_cluster).count() == 1
        && configuration.unmatched == Unmatched::Deny;
    let warned = policies
        .iter()
        .filter(|policy| !(alone && in_cluster(policy)));
    let selectors = warned.filter_map(|policy| policy.parts.reach.objects.as_ref());
    selectors
        .map(|selector| {
            let message = "whoever writes the pod chooses whether this policy is about it";
            let position = selector.position.clone();
            Diagnostic::warning(Code::PolicyEvadableSelector, position, message)
                .expected("another policy for these images that is at least as strict")
                .hint("select by `namespaces`, whose labels they cannot write, or leave `objects` out")
        })
        .collect()
}

/// The selector as a part of the policy's identity.
fn canonical(selector: &LabelSelector) -> Value {
    let labels: BTreeMap<&str, &str> = selector
        .match_labels
        .iter()
        .flat_map(|map| &map.entries)
        .map(|(name, value)| (name.value.as_str(), value.value.as_str()))
        .collect();
    let expressions: Vec<Value> = selector
        .match_expressions
        .iter()
        .flat_map(|list| &list.items)
        .map(|expression| {
            let LabelExpression {
                key,
                operator,
                values,
            } = &expression.value;
            let values: Option<Vec<&String>> = values
                .as_ref()
                .map(|list| list.value.items.iter().map(|item| &item.value).collect());
            json!({ "key": key.value, "operator": name(operator.value), "values": values })
        })
        .collect();
    json!({ "matchLabels": labels, "matchExpressions": expressions })
}

const fn name(operator: LabelOperator) -> &'static str {
    match operator {
        LabelOperator::In => "In",
        LabelOperator::NotIn => "NotIn",
        LabelOperator::Exists => "Exists",
        LabelOperator::DoesNotExist => "DoesNotExist",
    }
}
