//! Provenance: how an artifact was built, from what, and by whom.
//!
//! One view of SLSA provenance v0.1, v0.2 and v1 (slsa.dev `provenance/v0.1`, `provenance/v0.2` and
//! `spec/v1.0/provenance`; 1.1 and 1.2 keep the predicate type of v1). Where a producer names the
//! source is its own convention: [`Provenance::source`] is read by the conventions of the producers
//! that [`Provenance::build_type`] names, and is absent wherever they leave it open.

mod limits;
mod matching;
mod source;
mod uri;
mod v0;
mod v1;
mod version;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::code::Code;
use crate::content::ContentError;

pub use limits::{MAX_BUILDER_VERSIONS, MAX_DEPENDENCIES, MAX_DIGESTS, MAX_TEXT};
pub use matching::{builder_matches, is_release_tag, source_forms, source_matches};
pub use version::{VersionedTag, VersionedTagError};

/// The predicate type of SLSA provenance v0.1, which Google Cloud Build still writes.
pub const PROVENANCE_V0_1: &str = "https://slsa.dev/provenance/v0.1";
/// The predicate type of SLSA provenance v0.2.
pub const PROVENANCE_V0_2: &str = "https://slsa.dev/provenance/v0.2";
/// The predicate type of SLSA provenance v1, whatever its minor version.
pub const PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";

/// SLSA provenance, read and not judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The version of the predicate.
    pub version: Version,
    /// Who built (`builder.id`); absent where it is empty, as `BuildKit` without a name leaves it.
    pub builder_id: Option<Box<str>>,
    /// The versions of the builder's parts (`runDetails.builder.version`).
    pub builder_version: BTreeMap<String, String>,
    /// How the build was done, and so how all parameters are to be read (`buildType`).
    pub build_type: Box<str>,
    /// The source that was built.
    pub source: Option<Source>,
    /// The source from which the build was started, where the producer names it in a place of its
    /// own. An honest build agrees with itself: whoever trusts one must compare both.
    pub trigger: Option<Source>,
    /// The branch from which a tag was pushed or released, as the event of the build says.
    pub base_branch: Option<Box<str>>,
    /// What was run: the workflow's path, the name of the job, the build's configuration.
    pub entry_point: Option<Box<str>>,
    /// What the outside gave to the build. v1: `externalParameters`. v0.2: an object with the
    /// members `configSource` and `parameters` of `invocation`, and `inputs` of the event that
    /// started the workflow by hand. v0.1: an object with `arguments` of `recipe`.
    pub external_parameters: Value,
    /// What the builder itself gave: `internalParameters`, or `environment` before v1.
    pub internal_parameters: Value,
    /// What went into the build: `resolvedDependencies`, or `materials` before v1.
    pub dependencies: Vec<Dependency>,
    /// The name of this run.
    pub invocation_id: Option<Box<str>>,
    /// When the build began.
    pub started: Option<Timestamp>,
    /// When the build ended.
    pub finished: Option<Timestamp>,
    /// What the builder claims to have listed in full (before v1).
    pub completeness: Option<Completeness>,
    /// Whether the builder claims that a second run gives the same bytes (before v1).
    pub reproducible: Option<bool>,
}

/// A version of the provenance predicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// v0.1.
    V0_1,
    /// v0.2.
    V0_2,
    /// v1, with any minor version.
    #[default]
    V1,
}

/// A source as provenance names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The repository, as written, without reference and directory.
    pub uri: Box<str>,
    /// Digests by algorithm, as written: `sha1` and `gitCommit` are names of commits.
    pub digests: BTreeMap<String, String>,
    /// The reference: `refs/heads/main`, `refs/tags/v1`, a bare name or a commit.
    pub reference: Option<Box<str>>,
    /// Where it is named.
    pub kind: SourceKind,
}

/// The place where provenance names a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SourceKind {
    /// The build's configuration: `configSource`, or the workflow that ran.
    #[default]
    Configuration,
    /// A parameter that names the source.
    Parameter,
    /// An entry of the list of dependencies or materials.
    Dependency,
    /// What the client told the builder about a directory that it sent (`BuildKit`'s `vcs`): nobody
    /// checked it, so it is shown and never believed.
    Client,
}

/// Something that went into the build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// Its address, as written.
    pub uri: Option<Box<str>>,
    /// Digests by algorithm, as written.
    pub digests: BTreeMap<String, String>,
    /// Its name among the dependencies.
    pub name: Option<Box<str>>,
}

/// What a builder claims to have listed in full (v0.2 `metadata.completeness`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Completeness {
    /// All parameters.
    pub parameters: bool,
    /// The whole environment.
    pub environment: bool,
    /// All materials.
    pub materials: bool,
}

impl Provenance {
    /// Whether `predicate_type` is one that [`Provenance::read`] reads.
    pub fn is_type(predicate_type: &str) -> bool {
        Version::of(predicate_type).is_some()
    }

    /// Reads the predicate of a statement whose predicate type is `predicate_type`.
    ///
    /// # Errors
    ///
    /// `attestation/predicate-mismatch` when the type is none of provenance, or when the predicate
    /// has the shape of another version; `attestation/predicate-malformed` when it has none;
    /// `limit/exceeded` when it lists more than anybody builds from.
    pub fn read(predicate_type: &str, predicate: &str) -> Result<Self, ContentError> {
        let Some(version) = Version::of(predicate_type) else {
            let known = format!("`{PROVENANCE_V1}`, `{PROVENANCE_V0_2}` or `{PROVENANCE_V0_1}`");
            return Err(ContentError::new(
                Code::AttestationPredicateMismatch,
                "/predicateType",
                known,
                format!("`{predicate_type}`"),
            ));
        };
        let shape: Shape =
            crate::json::read(predicate.as_bytes(), Code::AttestationPredicateMalformed)?;
        if let Some(other) = shape.version().filter(|other| *other != version) {
            return Err(ContentError::new(
                Code::AttestationPredicateMismatch,
                "",
                format!("provenance {}", version.name()),
                format!("the members of provenance {}", other.name()),
            ));
        }
        match version {
            Version::V0_1 => v0::read_v0_1(predicate),
            Version::V0_2 => v0::read_v0_2(predicate),
            Version::V1 => v1::read(predicate),
        }
    }

    /// Every place that names the source: the source itself first, then what started the build.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.source.iter().chain(&self.trigger)
    }

    /// The reference that was built, where every place that names one names the same.
    pub fn reference(&self) -> Option<&str> {
        let mut found = self.believed().filter_map(|s| s.reference.as_deref());
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// The branch that was built, or from which the tag that was built was pushed.
    pub fn branch(&self) -> Option<&str> {
        let reference = self.reference()?;
        match reference.strip_prefix("refs/heads/") {
            Some(branch) => Some(branch),
            None if reference.starts_with("refs/tags/") => self.base_branch.as_deref(),
            None => None,
        }
        .filter(|branch| !branch.is_empty())
    }

    /// The tag that was built.
    pub fn tag(&self) -> Option<&str> {
        self.reference()?
            .strip_prefix("refs/tags/")
            .filter(|tag| !tag.is_empty())
    }

    /// Whether every place that names the source names the repository `expected`, which may be
    /// written without scheme. See [`source_matches`].
    pub fn is_from(&self, expected: &str) -> bool {
        self.all_sources(|source| source_matches(expected, &source.uri))
    }

    /// Whether the source is named at all, by the builder itself, and `wanted` holds wherever it is.
    pub fn all_sources(&self, wanted: impl Fn(&Source) -> bool) -> bool {
        self.believed().next().is_some()
            && self
                .sources()
                .all(|s| s.kind != SourceKind::Client && wanted(s))
    }

    /// Whether the builder is `expected`. See [`builder_matches`].
    pub fn is_built_by(&self, expected: &str) -> bool {
        let id = self.builder_id.as_deref();
        id.is_some_and(|id| builder_matches(expected, id))
    }

    fn believed(&self) -> impl Iterator<Item = &Source> {
        self.sources().filter(|s| s.kind != SourceKind::Client)
    }
}

impl Version {
    /// The version as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V0_1 => "v0.1",
            Self::V0_2 => "v0.2",
            Self::V1 => "v1",
        }
    }

    fn of(predicate_type: &str) -> Option<Self> {
        match predicate_type {
            PROVENANCE_V0_1 => Some(Self::V0_1),
            PROVENANCE_V0_2 => Some(Self::V0_2),
            PROVENANCE_V1 => Some(Self::V1),
            _ => None,
        }
    }
}

impl Source {
    /// The branch, where the reference is one.
    pub fn branch(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix("refs/heads/")
    }

    /// The tag, where the reference is one.
    pub fn tag(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix("refs/tags/")
    }

    /// The commit, by its digest or as the reference.
    pub fn commit(&self) -> Option<&str> {
        let digest = ["gitCommit", "sha1"]
            .iter()
            .find_map(|name| self.digests.get(*name));
        let reference = self.reference.as_deref();
        digest
            .map(String::as_str)
            .or_else(|| reference.filter(|text| uri::is_commit(text)))
    }
}

/// The members by which the versions differ.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    build_definition: Option<serde::de::IgnoredAny>,
    run_details: Option<serde::de::IgnoredAny>,
    recipe: Option<serde::de::IgnoredAny>,
    build_type: Option<serde::de::IgnoredAny>,
    invocation: Option<serde::de::IgnoredAny>,
}

impl Shape {
    fn version(&self) -> Option<Version> {
        let v1 = self.build_definition.is_some() || self.run_details.is_some();
        let v0_1 = self.recipe.is_some();
        let v0_2 = self.build_type.is_some() || self.invocation.is_some();
        match (v1, v0_2, v0_1) {
            (true, false, false) => Some(Version::V1),
            (false, true, false) => Some(Version::V0_2),
            (false, false, true) => Some(Version::V0_1),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
