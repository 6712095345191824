//! Row 61: no kind that the API server knows has a field for an image that we do not read.
//!
//! Of each kind in its `OpenAPI` documents an object is made in which every field has a value. A later
//! Kubernetes with a new field fails here, before it fails at anybody's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sovverify::workload::{GroupKind, Json, WorkloadFields};

use crate::support::api::Api;
use crate::support::stage::Stage;

/// The ends of pointers that are called after an image and name none, in the kinds that we read.
const NO_IMAGES: [&str; 4] = [
    "/imagePullPolicy",
    "/image/pullPolicy",
    // A block device.
    "/rbd/image",
    "/imagePullSecrets/0/name",
];

/// The same, in the kinds of which we read nothing.
const ELSEWHERE: [(&str, &str); 3] = [
    // Block devices.
    ("PersistentVolume", "/spec/rbd/image"),
    (
        "VolumeAttachment",
        "/spec/source/inlineVolumeSpec/rbd/image",
    ),
    // For pods that use the account, and judged with them.
    ("ServiceAccount", "/imagePullSecrets/0/name"),
];

/// Kinds of ours that no API server of today knows any more.
const GONE: [&str; 4] = [
    "EphemeralContainers",
    "DaemonSet.extensions",
    "Deployment.extensions",
    "ReplicaSet.extensions",
];

/// An object in which everything that `schema` allows has a value; `open` are the schemas around it.
fn full(schemas: &Value, schema: &Value, open: &mut Vec<String>) -> Value {
    let reference = schema
        .get("$ref")
        .or_else(|| schema.pointer("/allOf/0/$ref"));
    if let Some(reference) = reference.and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap().to_owned();
        // Schemas of schemas hold themselves.
        if open.contains(&name) {
            return Value::Null;
        }
        let schema = schemas.get(&name).unwrap_or_else(|| panic!("no {name}"));
        open.push(name);
        let value = full(schemas, schema, open);
        open.pop();
        return value;
    }
    let more = schema
        .get("additionalProperties")
        .filter(|more| more.is_object());
    match schema["type"].as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let mut members: Map<String, Value> = properties
                .map(|(name, schema)| (name.clone(), full(schemas, schema, open)))
                .collect();
            if let Some(more) = more {
                members.insert("any".to_owned(), full(schemas, more, open));
            }
            Value::Object(members)
        }
        Some("array") => json!([full(schemas, &schema["items"], open)]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("string") => json!("text"),
        // A number or a text; anything.
        _ => json!("either"),
    }
}

/// The pointers of all texts below something called after an image. Nothing here knows our tables.
fn called_after_images(value: &Value, pointer: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                called_after_images(value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                called_after_images(value, &format!("{pointer}/{number}"), found);
            }
        }
        Value::String(_) if pointer.to_lowercase().contains("image") => {
            found.insert(pointer.to_owned());
        }
        _ => {}
    }
}

/// An object of every kind that the API server knows by itself, but for lists, which nobody admits.
fn objects(api: &Api) -> BTreeMap<(GroupKind, String), Value> {
    let mut objects = BTreeMap::new();
    let index = api.get("/openapi/v3").ok();
    for (_, place) in index["paths"].as_object().unwrap() {
        let document = api.get(place["serverRelativeURL"].as_str().unwrap()).ok();
        let schemas = &document["components"]["schemas"];
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array();
            for kind in kinds.into_iter().flatten() {
                let text = |part: &str| kind[part].as_str().unwrap().to_owned();
                let (group, version) = (text("group"), text("version"));
                if text("kind").ends_with("List") {
                    continue;
                }
                let mut object = full(schemas, schema, &mut vec![name.clone()]);
                object["kind"] = json!(text("kind"));
                object["apiVersion"] = json!(match group.as_str() {
                    "" => version.clone(),
                    group => format!("{group}/{version}"),
                });
                objects.insert((GroupKind::new(group, text("kind")), version), object);
            }
        }
    }
    // Without what other scenarios defined, before this or meanwhile: ours, and kinds of other projects.
    let defined = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let defined = api.get(defined).ok();
    for definition in defined["items"].as_array().unwrap() {
        let group = definition["spec"]["group"].as_str().unwrap();
        objects.retain(|(kind, _), _| kind.group != group);
    }
    objects
}

#[test]
fn no_kind_of_the_api_server_has_an_image_that_we_do_not_read() {
    let Some(stage) = Stage::get() else { return };
    let fields = WorkloadFields::built_in();
    let mut met: BTreeSet<String> = GONE.iter().map(ToString::to_string).collect();
    let mut wrong = Vec::new();
    let objects = objects(&stage.plane.admin());
    for ((kind, version), object) in &objects {
        let mut called = BTreeSet::new();
        called_after_images(object, "", &mut called);
        called.retain(|pointer| {
            !pointer.starts_with("/status/") && !pointer.starts_with("/metadata/")
        });
        let Some(workload) = fields.extract(kind, &Json::from(object)).unwrap() else {
            called.retain(|pointer| !ELSEWHERE.contains(&(kind.kind.as_str(), pointer)));
            wrong.extend(
                called
                    .iter()
                    .map(|pointer| format!("{kind} {version} {pointer}")),
            );
            continue;
        };
        met.insert(kind.to_string());
        let read = workload
            .images
            .into_iter()
            .filter_map(|image| image.pointer);
        let read: BTreeSet<String> = read.collect();
        let is_one = |pointer: &&String| !NO_IMAGES.iter().any(|end| pointer.ends_with(end));
        let images: BTreeSet<String> = called.iter().filter(is_one).cloned().collect();
        assert_eq!(read.len(), 4, "{kind} {version}: {read:?}");
        if read != images || !workload.unknown.is_empty() || !workload.deferred.is_empty() {
            wrong.push(format!("{kind} {version}: {images:?}, read {read:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ours: BTreeSet<String> = fields.kinds().map(ToString::to_string).collect();
    assert_eq!(met, ours);
    println!(
        "{} kinds of the API server, {} of them with images",
        objects.len(),
        met.len() - GONE.len()
    );
    assert!(objects.len() > 80, "{} kinds", objects.len());
}
