//! What is demanded, compiled.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matcher::Matcher;
use super::predicate::Types;
use super::rule::Rule;
use super::rule::vex::VexRule;
use crate::claim::Content;
use crate::verdict::Position;
use crate::verify::ClaimedKind;

/// One demand.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    pub(super) name: String,
    pub(super) on: On,
    pub(super) kind: Kind,
    /// Names of signers.
    pub(super) by: Vec<String>,
    pub(super) at_least: usize,
    pub(super) position: Option<Position>,
}

/// Where the evidence must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// On the index, or on every selected platform.
    Any,
    /// On the index itself, or the single manifest.
    Index,
    /// On every selected platform.
    Platform,
}

impl On {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Index => "index",
            Self::Platform => "platform",
        }
    }
}

/// What kind of evidence, and what its content must say.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A signature on the image, with these annotations.
    Signature {
        annotations: BTreeMap<String, Matcher>,
        rules: Vec<Rule>,
    },
    /// An attestation of one of these predicate types.
    Attestation { types: Types, rules: Vec<Rule> },
}

impl Kind {
    /// Whether `content` is evidence of this kind at all, whatever it says.
    pub(super) fn covers(&self, content: &Content) -> bool {
        match (self, content) {
            (Self::Signature { .. }, content) => content.is_signature(),
            (Self::Attestation { types, .. }, Content::Statement(statement)) => {
                types.contain(&statement.predicate_type)
            }
            (Self::Attestation { .. }, _) => false,
        }
    }

    /// Whether a rejected piece of evidence might have been of this kind.
    pub(super) fn might_be(&self, claimed: &ClaimedKind) -> bool {
        match (self, claimed) {
            (_, ClaimedKind::Unknown) | (Self::Signature { .. }, ClaimedKind::Signature) => true,
            (Self::Attestation { types, .. }, ClaimedKind::Attestation(found)) => {
                types.contain(found)
            }
            (Self::Signature { .. }, ClaimedKind::Attestation(_))
            | (Self::Attestation { .. }, ClaimedKind::Signature) => false,
        }
    }

    /// What the content must say.
    pub(super) fn rules(&self) -> &[Rule] {
        match self {
            Self::Signature { rules, .. } | Self::Attestation { rules, .. } => rules,
        }
    }

    /// The rule about whose VEX statements count, where there is one.
    pub(super) fn vex(&self) -> Option<&VexRule> {
        self.rules().iter().find_map(|rule| match rule {
            Rule::Scan(rule) => rule.tolerance.vex.as_ref(),
            Rule::Lookup(rule) => rule.tolerance.vex.as_ref(),
            _ => None,
        })
    }

    /// The first annotation that is not as wanted: its name and what was wanted.
    pub(super) fn annotation_mismatch(&self, content: &Content) -> Option<(&str, &Matcher)> {
        let Self::Signature { annotations, .. } = self else {
            return None;
        };
        let found = |name: &str| match content {
            Content::SimpleSigning(payload) => payload.optional.get(name),
            Content::Artifact | Content::Statement(_) => None,
        };
        annotations
            .iter()
            .find(|(name, wanted)| !found(name).is_some_and(|value| wanted.matches(value)))
            .map(|(name, wanted)| (name.as_str(), wanted))
    }

    /// Whether SBOMs are wanted, and nothing else.
    pub(super) fn is_sbom(&self) -> bool {
        matches!(self, Self::Attestation { types, .. } if types.are_sboms())
    }

    /// The kind in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Signature { .. } => "a signature".to_owned(),
            Self::Attestation { types, .. } => types.words.clone(),
        }
    }
}

impl Requirement {
    /// The requirement as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        let mut kind = match &self.kind {
            Kind::Signature { annotations, .. } => {
                let annotations: BTreeMap<&str, Value> = annotations
                    .iter()
                    .map(|(name, matcher)| (name.as_str(), matcher.canonical()))
                    .collect();
                json!({ "signature": { "annotations": annotations } })
            }
            Kind::Attestation { types, .. } => {
                json!({ "attestation": { "types": types.canonical() } })
            }
        };
        let rules: Vec<Value> = self.kind.rules().iter().map(Rule::canonical).collect();
        if let (Value::Object(kind), false) = (&mut kind, rules.is_empty()) {
            kind.insert("rules".to_owned(), rules.into());
        }
        let mut by = self.by.clone();
        by.sort();
        json!({
            "name": self.name,
            "on": self.on.name(),
            "kind": kind,
            "by": by,
            "atLeast": self.at_least,
        })
    }
}
