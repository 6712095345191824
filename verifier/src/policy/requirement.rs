//! What is demanded, compiled.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matcher::Matcher;
use crate::claim::{Content, Statement};
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

/// What kind of evidence.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A signature on the image, with these annotations.
    Signature {
        annotations: BTreeMap<String, Matcher>,
    },
    /// An attestation of one of these predicate types.
    Attestation { written: String, types: Vec<String> },
}

impl Kind {
    /// Whether `content` is evidence of this kind at all, whatever it says.
    pub(super) fn covers(&self, content: &Content) -> bool {
        match (self, content) {
            (Self::Signature { .. }, content) => content.is_signature(),
            (Self::Attestation { types, .. }, Content::Statement(statement)) => {
                self.wants(statement, types)
            }
            (Self::Attestation { .. }, _) => false,
        }
    }

    fn wants(&self, statement: &Statement, types: &[String]) -> bool {
        let _ = self;
        types.contains(&statement.predicate_type)
    }

    /// Whether a rejected piece of evidence might have been of this kind.
    pub(super) fn might_be(&self, claimed: &ClaimedKind) -> bool {
        match (self, claimed) {
            (_, ClaimedKind::Unknown) | (Self::Signature { .. }, ClaimedKind::Signature) => true,
            (Self::Attestation { types, .. }, ClaimedKind::Attestation(found)) => {
                types.contains(found)
            }
            (Self::Signature { .. }, ClaimedKind::Attestation(_))
            | (Self::Attestation { .. }, ClaimedKind::Signature) => false,
        }
    }

    /// The first annotation that is not as wanted: its name and what was wanted.
    pub(super) fn annotation_mismatch(&self, content: &Content) -> Option<(&str, &Matcher)> {
        let Self::Signature { annotations } = self else {
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

    /// The kind in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Signature { .. } => "a signature".to_owned(),
            Self::Attestation { written, .. } => format!("an attestation `{written}`"),
        }
    }
}

impl Requirement {
    /// The requirement as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        let kind = match &self.kind {
            Kind::Signature { annotations } => {
                let annotations: BTreeMap<&str, Value> = annotations
                    .iter()
                    .map(|(name, matcher)| (name.as_str(), matcher.canonical()))
                    .collect();
                json!({ "signature": { "annotations": annotations } })
            }
            Kind::Attestation { types, .. } => json!({ "attestation": { "types": types } }),
        };
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

/// The predicate types behind a short name, as cosign's `--type` knows them, and both versions of
/// SLSA provenance under one name.
pub(super) fn predicate_types(written: &str) -> Option<Vec<String>> {
    const SLSA_02: &str = "https://slsa.dev/provenance/v0.2";
    const SLSA_1: &str = "https://slsa.dev/provenance/v1";
    let types: &[&str] = match written {
        "slsa-provenance" | "slsaprovenance" => &[SLSA_02, SLSA_1],
        "slsaprovenance02" => &[SLSA_02],
        "slsaprovenance1" => &[SLSA_1],
        "link" => &["https://in-toto.io/Link/v1"],
        // cosign signs SPDX documents under the unversioned URI; the versioned ones are in use too.
        "spdx" | "spdxjson" => &[
            "https://spdx.dev/Document",
            "https://spdx.dev/Document/v2.3",
            "https://spdx.dev/Document/v2.2",
        ],
        "cyclonedx" => &["https://cyclonedx.org/bom"],
        "vuln" => &["https://cosign.sigstore.dev/attestation/vuln/v1"],
        "openvex" => &["https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"],
        "custom" => &["https://cosign.sigstore.dev/attestation/v1"],
        uri if uri.contains("://") => return Some(vec![uri.to_owned()]),
        _ => return None,
    };
    Some(types.iter().map(ToString::to_string).collect())
}

/// The short names of predicate types.
pub(super) const ALIASES: [&str; 11] = [
    "slsa-provenance",
    "slsaprovenance",
    "slsaprovenance02",
    "slsaprovenance1",
    "link",
    "spdx",
    "spdxjson",
    "cyclonedx",
    "vuln",
    "openvex",
    "custom",
];
