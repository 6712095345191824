//! Selectors of labels, with the semantics of Kubernetes: every condition must be met, and a label that
//! is not there meets `NotIn`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::verdict::Position;

/// The label that the API server itself puts on every namespace: its name.
pub(super) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Characters of a label's name, and of its value (Kubernetes, `validation.LabelValueMaxLength`).
const MAX_NAME: usize = 63;
/// Characters of the prefix of a label's key: a DNS name (RFC 1123).
const MAX_PREFIX: usize = 253;

/// A compiled selector; one without conditions selects everything.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    pub(super) conditions: Vec<Condition>,
    /// The selector as it was written, as a part of the policy's identity.
    pub(super) canonical: Value,
    /// Where it was written.
    pub(super) position: Position,
}

/// A condition on one label.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) key: String,
    pub(super) operator: Operator,
    pub(super) position: Position,
}

/// How the value of a label is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// The label is there, with one of these values.
    In(BTreeSet<String>),
    /// The label is not there, or has none of these values.
    NotIn(BTreeSet<String>),
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

impl Selector {
    /// Whether labels meet every condition; `value` looks one up.
    pub(super) fn selects<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.operator.is_met(value(&condition.key)))
    }

    /// The first condition on a label other than the one that the API server sets by itself.
    pub(super) fn asks_for_labels(&self) -> Option<&Position> {
        let mut conditions = self.conditions.iter();
        conditions
            .find(|condition| condition.key != NAME_LABEL)
            .map(|condition| &condition.position)
    }
}

impl Operator {
    fn is_met(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::In(values), Some(value)) => values.contains(value),
            (Self::NotIn(values), Some(value)) => !values.contains(value),
            (Self::In(_) | Self::Exists, None) | (Self::DoesNotExist, Some(_)) => false,
            (Self::Exists, Some(_)) | (Self::NotIn(_) | Self::DoesNotExist, None) => true,
        }
    }
}

/// Looks a label of a namespace up. Its name is known without asking anybody.
pub(super) fn of_namespace<'a>(
    namespace: &'a str,
    labels: &'a BTreeMap<String, String>,
) -> impl Fn(&str) -> Option<&'a str> {
    move |key| {
        if key == NAME_LABEL && !namespace.is_empty() {
            return Some(namespace);
        }
        labels.get(key).map(String::as_str)
    }
}

/// Whether `text` is the key of a label: a name, with a DNS name and `/` before it where somebody owns
/// it (Kubernetes, `IsQualifiedName`).
pub(super) fn is_key(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let is_prefix = |prefix: &str| {
        let of_label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        prefix.len() <= MAX_PREFIX
            && prefix
                .split('.')
                .all(|part| is_between(part.as_bytes(), of_label, |b| b == b'-'))
    };
    prefix.is_none_or(is_prefix) && !name.is_empty() && is_value(name)
}

/// Whether `text` is the value of a label (Kubernetes, `IsValidLabelValue`).
pub(super) fn is_value(text: &str) -> bool {
    text.is_empty()
        || (text.len() <= MAX_NAME
            && is_between(
                text.as_bytes(),
                |b| b.is_ascii_alphanumeric(),
                |b| matches!(b, b'-' | b'_' | b'.'),
            ))
}

/// Whether `text` begins and ends with `edge`, and holds nothing but `edge` and `inner`.
fn is_between(text: &[u8], edge: impl Fn(u8) -> bool, inner: impl Fn(u8) -> bool) -> bool {
    let at_edge = |b: Option<&u8>| b.is_some_and(|b| edge(*b));
    at_edge(text.first()) && at_edge(text.last()) && text.iter().all(|b| edge(*b) || inner(*b))
}

#[cfg(test)]
mod tests;
