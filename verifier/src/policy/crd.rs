//! Definitions of custom resources, generated from the types that read the documents.
//!
//! The schema that Kubernetes takes is narrower than JSON Schema (it must be *structural*), and what it
//! cannot say is said in CEL. Whatever an API server admits by them is parsed and compiled all the same:
//! they only say no earlier, to whoever writes the document.
//!
//! **Invariant**: no rule here refuses what a file may say, but for what a cluster cannot do, which is to
//! read files.

mod bounds;
mod kind;
mod rules;
mod structural;
mod union;
mod yaml;

use serde_json::{Value, json};

use super::document::image_policy::ImagePolicySpec;
use super::document::trust_root::TrustRootSpec;
use super::schema;
use kind::Kind;
use structural::Structural;

/// The group of all kinds.
const GROUP: &str = "policy.sovverify.dev";
/// Their one version.
const VERSION: &str = "v1alpha1";

/// The `CustomResourceDefinition` of every kind that a cluster keeps, in order of name.
pub fn crds() -> Vec<Value> {
    Kind::ALL.into_iter().map(definition).collect()
}

/// The same as YAML, as `kubectl apply` takes it.
pub fn crds_yaml() -> String {
    let mut text =
        "# Generated from the types that read the documents, by `sovverify policy crds`.\n"
            .to_owned();
    for crd in crds() {
        text.push_str("---\n");
        text.push_str(&yaml::document(&crd));
    }
    text
}

fn definition(kind: Kind) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{}.{GROUP}", kind.plural()) },
        "spec": {
            "group": GROUP,
            "names": {
                "categories": ["sovverify"],
                "kind": kind.name(),
                "listKind": format!("{}List", kind.name()),
                "plural": kind.plural(),
                "singular": kind.name().to_ascii_lowercase(),
            },
            "scope": kind.scope(),
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "additionalPrinterColumns": kind.columns(),
                "schema": { "openAPIV3Schema": object(kind) },
            }],
        },
    })
}

/// The schema of the whole object.
fn object(kind: Kind) -> Value {
    let mut object = json!({
        "description": kind.description(),
        "type": "object",
        "properties": {
            "apiVersion": { "type": "string" },
            "kind": { "type": "string" },
            "metadata": { "type": "object" },
            "spec": spec(kind),
            "status": status(kind),
        },
        "required": ["spec"],
    });
    structural::add_rules(&mut object, rules::of_object(kind));
    object
}

fn spec(kind: Kind) -> Value {
    let mut generator = schema::generator();
    let name = match kind {
        Kind::ClusterImagePolicy | Kind::ImagePolicy => {
            generator.subschema_for::<ImagePolicySpec>();
            "ImagePolicySpec"
        }
        Kind::TrustRoot => {
            generator.subschema_for::<TrustRootSpec>();
            "TrustRootSpec"
        }
        Kind::PolicyException => return exception(),
    };
    let definitions = generator.take_definitions(true);
    let mut spec = Structural::new(&definitions).definition(name);
    structural::add_rules(&mut spec, rules::of_spec(kind));
    spec
}

/// An exception is signed as a whole: the cluster carries it, and its signature says what it says.
fn exception() -> Value {
    json!({
        "description": "A signed exception; it counts in its namespace.",
        "type": "object",
        "properties": {
            "signed": {
                "description": "The signed exception as text: a Sigstore bundle, or a DSSE envelope.",
                "type": "string",
                "minLength": 2,
                "maxLength": bounds::MAX_CONTENT,
            },
        },
        "required": ["signed"],
        "x-kubernetes-preserve-unknown-fields": true,
    })
}

/// What the webhook says about an object (Kubernetes API conventions: `metav1.Condition`).
fn status(kind: Kind) -> Value {
    let text = |description: &str, longest: usize| json!({ "description": description, "type": "string", "maxLength": longest });
    let time = |description: &str| json!({ "description": description, "type": "string", "format": "date-time" });
    let condition = json!({
        "type": "object",
        "properties": {
            "type": text("What the condition is about: `Accepted`, for one.", 316),
            "status": {
                "description": "Whether it holds.",
                "type": "string",
                "enum": ["True", "False", "Unknown"],
            },
            "reason": text("Why, in one word.", 1024),
            "message": text("Why, in a sentence: the code, the line, what was expected and found.", 32_768),
            "observedGeneration": {
                "description": "The version of the object that it is about.",
                "type": "integer",
                "format": "int64",
                "minimum": 0,
            },
            "lastTransitionTime": time("Since when."),
        },
        "required": ["type", "status", "reason", "message", "lastTransitionTime"],
    });
    let mut properties = json!({
        "conditions": {
            "description": "What is known about the object.",
            "type": "array",
            "items": condition,
            "maxItems": 16,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
        "observedGeneration": {
            "description": "The version of the object that the status is about.",
            "type": "integer",
            "format": "int64",
            "minimum": 0,
        },
        "digest": text("SHA-256 of what counts now, as reports name it.", 256),
    });
    if let (Kind::TrustRoot, Value::Object(properties)) = (kind, &mut properties) {
        properties.insert("expires".to_owned(), time("When it stops being usable."));
    }
    json!({
        "description": "What became of it; written by the webhook.",
        "type": "object",
        "properties": properties,
    })
}
