//! SLSA provenance v1 (slsa.dev `spec/v1.0/provenance`, schema).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::limits::{self, MAX_BUILDER_VERSIONS, MAX_DEPENDENCIES};
use super::source::{self, Stated};
use super::{Dependency, Provenance, Version};
use crate::code::Code;
use crate::content::ContentError;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    #[serde(default)]
    external_parameters: Value,
    #[serde(default)]
    internal_parameters: Value,
    resolved_dependencies: Option<Vec<Descriptor>>,
}

/// A resource descriptor (in-toto attestation framework, `spec/v1/resource_descriptor.md`).
#[derive(serde::Deserialize)]
pub(super) struct Descriptor {
    pub(super) uri: Option<String>,
    pub(super) digest: Option<BTreeMap<String, String>>,
    pub(super) name: Option<String>,
}

#[derive(serde::Deserialize)]
struct RunDetails {
    builder: Builder,
    metadata: Option<Metadata>,
}

#[derive(serde::Deserialize)]
struct Builder {
    id: String,
    version: Option<BTreeMap<String, String>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    // BuildKit and GitLab write the abbreviation in capitals.
    #[serde(alias = "invocationID")]
    invocation_id: Option<String>,
    started_on: Option<Timestamp>,
    finished_on: Option<Timestamp>,
    #[serde(rename = "buildkit_metadata")]
    build_kit: Option<BuildKitMetadata>,
}

/// What `BuildKit` adds (moby/buildkit, `docs/attestations/slsa-definitions.md`).
#[derive(serde::Deserialize)]
pub(super) struct BuildKitMetadata {
    vcs: Option<BTreeMap<String, String>>,
}

impl BuildKitMetadata {
    /// The repository that the client named.
    pub(super) fn source(self) -> Option<super::Source> {
        let mut vcs = self.vcs?;
        let uri = vcs.remove("source").filter(|uri| !uri.is_empty())?;
        let revision = vcs.remove("revision");
        Some(source::client(&uri, revision))
    }
}

/// Reads a predicate whose shape is known to be that of v1.
pub(super) fn read(predicate: &str) -> Result<Provenance, ContentError> {
    let raw: Predicate =
        crate::json::read(predicate.as_bytes(), Code::AttestationPredicateMalformed)?;
    let (definition, run) = (raw.build_definition, raw.run_details);
    let builder_version = run.builder.version.unwrap_or_default();
    let place = "/runDetails/builder/version";
    let found = builder_version.len();
    limits::count(place, "parts of a builder", MAX_BUILDER_VERSIONS, found)?;
    let metadata = run.metadata.unwrap_or_default();
    let invocation = "/runDetails/metadata/invocationId";
    let provenance = Provenance {
        version: Version::V1,
        builder_id: limits::present("/runDetails/builder/id", Some(run.builder.id))?,
        builder_version,
        build_type: limits::text("/buildDefinition/buildType", definition.build_type)?,
        external_parameters: definition.external_parameters,
        internal_parameters: definition.internal_parameters,
        dependencies: dependencies(
            "/buildDefinition/resolvedDependencies",
            definition.resolved_dependencies,
        )?,
        invocation_id: limits::present(invocation, metadata.invocation_id)?,
        started: metadata.started_on,
        finished: metadata.finished_on,
        ..Provenance::default()
    };
    let stated = Stated {
        client: metadata.build_kit.and_then(BuildKitMetadata::source),
        ..Stated::default()
    };
    Ok(source::fill(provenance, stated))
}

/// The dependencies at `place`, bounded.
pub(super) fn dependencies(
    place: &str,
    found: Option<Vec<Descriptor>>,
) -> Result<Vec<Dependency>, ContentError> {
    let found = found.unwrap_or_default();
    limits::count(place, "dependencies", MAX_DEPENDENCIES, found.len())?;
    let one = |(number, descriptor): (usize, Descriptor)| {
        let place = format!("{place}/{number}");
        Ok(Dependency {
            uri: limits::present(&place, descriptor.uri)?,
            digests: limits::digests(&place, descriptor.digest)?,
            name: limits::present(&place, descriptor.name)?,
        })
    };
    found.into_iter().enumerate().map(one).collect()
}
