//! Verification summaries: what another verifier found, and under which policy.
//!
//! SLSA verification summary attestations v0.2 and v1 (slsa.dev `verification_summary/v0.2` and
//! `spec/v1.0/verification_summary`; 1.1 and 1.2 keep the predicate type of v1).

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::code::Code;
use crate::content::ContentError;

/// The predicate type of verification summaries v0.2.
pub const SUMMARY_V0_2: &str = "https://slsa.dev/verification_summary/v0.2";
/// The predicate type of verification summaries v1, whatever their minor version.
pub const SUMMARY_V1: &str = "https://slsa.dev/verification_summary/v1";

/// Attestations that one summary rests on: a verifier reads some ten of one artifact.
pub const MAX_INPUT_ATTESTATIONS: usize = 1_000;
/// Levels that one summary names: there are a handful of tracks, and the verifier's own.
pub const MAX_LEVELS: usize = 256;
/// Digests of one artifact, and parts of a verifier with a version of their own.
pub const MAX_NAMED: usize = 256;

/// A verification summary, read and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationSummary {
    /// Who verified (`verifier.id`).
    pub verifier: Box<str>,
    /// The versions of the verifier's parts.
    pub verifier_version: BTreeMap<String, String>,
    /// When it verified, as it says itself.
    pub time_verified: Option<Timestamp>,
    /// What it verified, by address.
    pub resource: Box<str>,
    /// The policy under which it verified.
    pub policy: Resource,
    /// The attestations that it read.
    pub input_attestations: Vec<Resource>,
    /// What it found.
    pub outcome: Outcome,
    /// The levels that it found, of SLSA or its own.
    pub verified_levels: Vec<Box<str>>,
    /// How many dependencies there are at each level.
    pub dependency_levels: BTreeMap<String, u64>,
    /// The version of SLSA by which it verified.
    pub slsa_version: Option<Box<str>>,
}

/// Something that a summary names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its address.
    pub uri: Option<Box<str>>,
    /// Digests by algorithm, as written.
    pub digests: BTreeMap<String, String>,
}

/// What a verifier found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// The artifact is as the policy wants it.
    Passed,
    /// It is not.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
        })
    }
}

/// Both versions: v0.2 writes some names in snake case, and calls the list of levels otherwise.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    verifier: RawVerifier,
    #[serde(alias = "time_verified")]
    time_verified: Option<Timestamp>,
    #[serde(alias = "resource_uri")]
    resource_uri: String,
    policy: RawResource,
    #[serde(alias = "input_attestations")]
    input_attestations: Option<Vec<RawResource>>,
    #[serde(alias = "verification_result")]
    verification_result: Outcome,
    #[serde(alias = "policy_level")]
    policy_level: Option<String>,
    #[serde(alias = "verified_levels")]
    verified_levels: Option<Vec<String>>,
    #[serde(alias = "dependency_levels")]
    dependency_levels: Option<BTreeMap<String, u64>>,
    slsa_version: Option<String>,
}

#[derive(serde::Deserialize)]
struct RawVerifier {
    id: String,
    version: Option<BTreeMap<String, String>>,
}

#[derive(serde::Deserialize)]
struct RawResource {
    uri: Option<String>,
    digest: Option<BTreeMap<String, String>>,
}

impl VerificationSummary {
    /// Whether `predicate_type` is one that [`VerificationSummary::read`] reads.
    pub fn is_type(predicate_type: &str) -> bool {
        matches!(predicate_type, SUMMARY_V0_2 | SUMMARY_V1)
    }

    /// Reads the predicate of a statement whose predicate type is `predicate_type`.
    ///
    /// # Errors
    ///
    /// `attestation/predicate-mismatch` when the type is none of summaries, or when the predicate is
    /// provenance; `attestation/predicate-malformed` when it has no summary's shape;
    /// `limit/exceeded` when it lists more than any verifier reads.
    pub fn read(predicate_type: &str, predicate: &str) -> Result<Self, ContentError> {
        if !Self::is_type(predicate_type) {
            return Err(ContentError::new(
                Code::AttestationPredicateMismatch,
                "/predicateType",
                format!("`{SUMMARY_V1}` or `{SUMMARY_V0_2}`"),
                format!("`{predicate_type}`"),
            ));
        }
        let code = Code::AttestationPredicateMalformed;
        let shape: Shape = crate::json::read(predicate.as_bytes(), code)?;
        if shape.is_provenance() {
            return Err(ContentError::new(
                Code::AttestationPredicateMismatch,
                "",
                "a verification summary",
                "the members of provenance",
            ));
        }
        let raw: Raw = crate::json::read(predicate.as_bytes(), code)?;
        raw.check()?;
        Ok(raw.into())
    }
}

/// The members by which a summary and provenance differ.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    verifier: Option<serde::de::IgnoredAny>,
    builder: Option<serde::de::IgnoredAny>,
    build_definition: Option<serde::de::IgnoredAny>,
}

impl Shape {
    fn is_provenance(&self) -> bool {
        self.verifier.is_none() && (self.builder.is_some() || self.build_definition.is_some())
    }
}

impl Raw {
    fn check(&self) -> Result<(), ContentError> {
        for (place, text) in [
            ("/verifier/id", &self.verifier.id),
            ("/resourceUri", &self.resource_uri),
        ] {
            if text.is_empty() {
                let code = Code::AttestationPredicateMalformed;
                return Err(ContentError::new(code, place, "a text", "an empty one"));
            }
        }
        let inputs = self.input_attestations.as_deref().unwrap_or_default();
        let count = |map: &Option<BTreeMap<String, String>>| map.as_ref().map_or(0, BTreeMap::len);
        let levels = self.verified_levels.as_ref().map_or(0, Vec::len);
        let dependencies = self.dependency_levels.as_ref().map_or(0, BTreeMap::len);
        let versions = count(&self.verifier.version);
        let digests = inputs
            .iter()
            .chain([&self.policy])
            .map(|r| count(&r.digest));
        for (place, what, limit, found) in [
            (
                "/inputAttestations",
                "attestations",
                MAX_INPUT_ATTESTATIONS,
                inputs.len(),
            ),
            ("/verifiedLevels", "levels", MAX_LEVELS, levels),
            ("/dependencyLevels", "levels", MAX_LEVELS, dependencies),
            ("/verifier/version", "parts", MAX_NAMED, versions),
            (
                "",
                "digests of one resource",
                MAX_NAMED,
                digests.max().unwrap_or(0),
            ),
        ] {
            if found > limit {
                return Err(ContentError::limit(place, what, limit, found));
            }
        }
        Ok(())
    }
}

impl From<Raw> for VerificationSummary {
    fn from(raw: Raw) -> Self {
        let levels = raw.verified_levels.unwrap_or_default();
        let inputs = raw.input_attestations.unwrap_or_default();
        Self {
            verifier: raw.verifier.id.into(),
            verifier_version: raw.verifier.version.unwrap_or_default(),
            time_verified: raw.time_verified,
            resource: raw.resource_uri.into(),
            policy: raw.policy.into(),
            input_attestations: inputs.into_iter().map(Into::into).collect(),
            outcome: raw.verification_result,
            verified_levels: raw
                .policy_level
                .into_iter()
                .chain(levels)
                .map(Into::into)
                .collect(),
            dependency_levels: raw.dependency_levels.unwrap_or_default(),
            slsa_version: raw.slsa_version.map(Into::into),
        }
    }
}

impl From<RawResource> for Resource {
    fn from(raw: RawResource) -> Self {
        Self {
            uri: raw.uri.filter(|uri| !uri.is_empty()).map(Into::into),
            digests: raw.digest.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
