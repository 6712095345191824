//! SLSA provenance v0.1 and v0.2 (slsa.dev `provenance/v0.1`, `provenance/v0.2`, schema).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::limits;
use super::source::{self, Stated};
use super::v1::{BuildKitMetadata, Descriptor, dependencies};
use super::{Completeness, Provenance, Source, SourceKind, Version};
use crate::code::Code;
use crate::content::ContentError;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    builder: Builder,
    #[serde(default)]
    build_type: String,
    invocation: Option<Invocation>,
    recipe: Option<Recipe>,
    metadata: Option<Metadata>,
    materials: Option<Vec<Descriptor>>,
}

#[derive(serde::Deserialize)]
struct Builder {
    id: String,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    config_source: Option<ConfigSource>,
    #[serde(default)]
    parameters: Value,
    #[serde(default)]
    environment: Value,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigSource {
    uri: Option<String>,
    digest: Option<BTreeMap<String, String>>,
    entry_point: Option<String>,
}

/// What v0.1 says in place of `buildType` and `invocation`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipe {
    #[serde(rename = "type")]
    kind: String,
    defined_in_material: Option<usize>,
    entry_point: Option<String>,
    #[serde(default)]
    arguments: Value,
    #[serde(default)]
    environment: Value,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    // slsa-github-generator writes the abbreviation in capitals.
    #[serde(alias = "buildInvocationID")]
    build_invocation_id: Option<String>,
    build_started_on: Option<Timestamp>,
    build_finished_on: Option<Timestamp>,
    completeness: Option<Completeness>,
    reproducible: Option<bool>,
    #[serde(rename = "https://mobyproject.org/buildkit@v1#metadata")]
    build_kit: Option<BuildKitMetadata>,
}

/// Reads a predicate of v0.2.
pub(super) fn read_v0_2(predicate: &str) -> Result<Provenance, ContentError> {
    let raw = raw(predicate)?;
    let invocation = raw.invocation.unwrap_or_default();
    let config = invocation.config_source.unwrap_or_default();
    let place = "/invocation/configSource";
    let digests = limits::digests(place, config.digest)?;
    let external = external(
        config.uri.as_deref(),
        &digests,
        config.entry_point.as_deref(),
        &invocation.parameters,
        &invocation.environment,
    );
    let uri = limits::present(place, config.uri)?;
    let configuration = uri.map(|uri| Source {
        digests,
        ..source::named(&uri, SourceKind::Configuration)
    });
    let part = Provenance {
        version: Version::V0_2,
        build_type: required("/buildType", raw.build_type)?,
        entry_point: limits::present(place, config.entry_point)?,
        external_parameters: external,
        internal_parameters: invocation.environment,
        ..Provenance::default()
    };
    let stated = Stated {
        configuration,
        ..Stated::default()
    };
    common(part, stated, raw.builder, raw.metadata, raw.materials)
}

/// Reads a predicate of v0.1.
pub(super) fn read_v0_1(predicate: &str) -> Result<Provenance, ContentError> {
    let raw = raw(predicate)?;
    let Some(recipe) = raw.recipe else {
        return Err(missing("/recipe"));
    };
    let part = Provenance {
        version: Version::V0_1,
        build_type: required("/recipe/type", recipe.kind)?,
        entry_point: limits::present("/recipe/entryPoint", recipe.entry_point)?,
        external_parameters: json!({ "arguments": recipe.arguments }),
        internal_parameters: recipe.environment,
        ..Provenance::default()
    };
    let stated = Stated {
        material: recipe.defined_in_material,
        ..Stated::default()
    };
    common(part, stated, raw.builder, raw.metadata, raw.materials)
}

fn raw(predicate: &str) -> Result<Predicate, ContentError> {
    crate::json::read(predicate.as_bytes(), Code::AttestationPredicateMalformed)
}

fn missing(place: &str) -> ContentError {
    let code = Code::AttestationPredicateMalformed;
    ContentError::new(code, place, "a text", "nothing")
}

fn required(place: &str, found: String) -> Result<Box<str>, ContentError> {
    if found.is_empty() {
        return Err(missing(place));
    }
    limits::text(place, found)
}

/// What both versions write alike.
fn common(
    part: Provenance,
    stated: Stated,
    builder: Builder,
    metadata: Option<Metadata>,
    materials: Option<Vec<Descriptor>>,
) -> Result<Provenance, ContentError> {
    let metadata = metadata.unwrap_or_default();
    let invocation = "/metadata/buildInvocationId";
    let provenance = Provenance {
        builder_id: limits::present("/builder/id", Some(builder.id))?,
        dependencies: dependencies("/materials", materials)?,
        invocation_id: limits::present(invocation, metadata.build_invocation_id)?,
        started: metadata.build_started_on,
        finished: metadata.build_finished_on,
        completeness: metadata.completeness,
        reproducible: metadata.reproducible,
        ..part
    };
    let stated = Stated {
        client: metadata.build_kit.and_then(BuildKitMetadata::source),
        ..stated
    };
    Ok(source::fill(provenance, stated))
}

/// The external parameters in one object. Inputs that a person gave to a workflow stand in the
/// event that slsa-github-generator records (slsa-verifier, `--build-workflow-input`).
fn external(
    uri: Option<&str>,
    digests: &BTreeMap<String, String>,
    entry_point: Option<&str>,
    parameters: &Value,
    environment: &Value,
) -> Value {
    let mut external = json!({
        "configSource": { "uri": uri, "digest": digests, "entryPoint": entry_point },
        "parameters": parameters,
    });
    if let Some(inputs) = source::workflow_inputs(environment)
        && let Some(members) = external.as_object_mut()
    {
        members.insert("inputs".to_owned(), inputs.clone());
    }
    external
}
