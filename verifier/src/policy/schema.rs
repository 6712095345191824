//! JSON Schema of the documents, generated from the types that read them.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use super::document::configuration::ConfigurationSpec;
use super::document::image_policy::ImagePolicySpec;
use super::document::trust_root::TrustRootSpec;
use super::document::{API_VERSION, KINDS, Metadata};
use crate::claim::exception::{ExceptionMetadata, ExceptionSpec};

/// The kind that is no document among the others: it counts as the predicate of a signed statement.
const EXCEPTION: &str = "PolicyException";

/// The schema of any document: whichever kind it says it is.
pub fn schema() -> Value {
    let mut generator = generator();
    let kinds: Vec<Value> = KINDS
        .into_iter()
        .chain([EXCEPTION])
        .map(|kind| document(kind, &mut generator))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sovverify documents",
        "oneOf": kinds,
        "$defs": generator.take_definitions(true),
    })
}

/// The schema of each kind by itself, by the kind's name.
pub fn schemas() -> BTreeMap<&'static str, Value> {
    let each = |kind: &'static str| {
        let mut generator = generator();
        let mut schema = document(kind, &mut generator);
        if let Some(map) = schema.as_object_mut() {
            let dialect = "https://json-schema.org/draft/2020-12/schema";
            map.insert("$schema".to_owned(), dialect.into());
            let definitions = generator.take_definitions(true);
            map.insert("$defs".to_owned(), definitions.into());
        }
        (kind, schema)
    };
    KINDS.into_iter().chain([EXCEPTION]).map(each).collect()
}

pub(super) fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

/// The envelope of `kind` around its `spec`.
fn document(kind: &'static str, generator: &mut SchemaGenerator) -> Value {
    let spec = match kind {
        "TrustRoot" => reference::<TrustRootSpec>(generator),
        "Configuration" => reference::<ConfigurationSpec>(generator),
        EXCEPTION => reference::<ExceptionSpec>(generator),
        _ => reference::<ImagePolicySpec>(generator),
    };
    let metadata = match kind {
        EXCEPTION => reference::<ExceptionMetadata>(generator),
        _ => reference::<Metadata>(generator),
    };
    json!({
        "title": kind,
        "type": "object",
        "properties": {
            "apiVersion": { "const": API_VERSION },
            "kind": { "const": kind },
            "metadata": metadata,
            "spec": spec,
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
    })
}

fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}
