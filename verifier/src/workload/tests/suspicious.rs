//! Fields that look like an image in a kind that is known.

use serde_json::{Value, json};

use super::{extract, pod};
use crate::code::Code;
use crate::workload::{MAX_SHOWN, MAX_UNKNOWN, UnknownField};

/// The unknown fields of a pod with `spec`.
fn unknown(spec: Value) -> Vec<UnknownField> {
    extract("Pod", &pod(spec)).unwrap().unknown
}

fn paths(spec: Value) -> Vec<String> {
    unknown(spec).into_iter().map(|field| field.path).collect()
}

#[test]
fn a_field_that_holds_an_image_and_that_we_do_not_know_is_found() {
    for (spec, path) in [
        (json!({ "debugImage": "x" }), "spec.debugImage"),
        (json!({ "imageRef": "x" }), "spec.imageRef"),
        (json!({ "IMAGE": "x" }), "spec.IMAGE"),
        (json!({ "base-image": "x" }), "spec.base-image"),
        (json!({ "images": ["x"] }), "spec.images[0]"),
        (json!({ "images": [["x"]] }), "spec.images[0][0]"),
        (
            json!({ "images": [{ "name": "x" }] }),
            "spec.images[0].name",
        ),
        (
            json!({ "imageSource": { "reference": "x" } }),
            "spec.imageSource.reference",
        ),
        (
            json!({ "imageSource": { "repository": "x" } }),
            "spec.imageSource.repository",
        ),
        (
            json!({ "imageSource": { "url": ["x"] } }),
            "spec.imageSource.url[0]",
        ),
        (
            json!({ "more": { "deep": [{ "image": "x" }] } }),
            "spec.more.deep[0].image",
        ),
        (
            json!({ "sidecarContainers": [{ "image": "x" }] }),
            "spec.sidecarContainers[0].image",
        ),
        (
            json!({ "containers": [{ "image": "a", "fallbackImage": "x" }] }),
            "spec.containers[0].fallbackImage",
        ),
        (
            json!({ "volumes": [{ "iscsi": { "image": "x" } }] }),
            "spec.volumes[0].iscsi.image",
        ),
        (
            json!({ "volumes": [{ "image": { "reference": "a", "ref": "x" } }] }),
            "spec.volumes[0].image.ref",
        ),
    ] {
        let expected = UnknownField {
            path: path.to_owned(),
            value: "x".to_owned(),
        };
        assert_eq!(expected.code(), Code::WorkloadUnknownImageField);
        assert_eq!(unknown(spec.clone()), [expected], "{spec}");
    }
    let at_the_root = json!({ "kind": "Pod", "image": "x", "spec": {} });
    assert_eq!(extract("Pod", &at_the_root).unwrap().unknown.len(), 1);
}

#[test]
fn what_is_called_an_image_and_is_none_is_known() {
    assert_eq!(
        paths(json!({
            "imagePullSecrets": [{ "name": "s" }],
            "nodeSelector": { "node-image": "x" },
            "containers": [{ "image": "a", "imagePullPolicy": "Always", "volumeDevices": [{ "name": "image" }] }],
            "volumes": [
                { "rbd": { "image": "device", "pool": "rbd" } },
                { "csi": { "volumeAttributes": { "image": "x" } } },
                { "flexVolume": { "options": { "image": "x" } } },
            ],
            "hasImage": true,
            "imageCount": 3,
            "emptyImage": "",
            "blankImage": " ",
            "noImage": null,
        })),
        [""; 0]
    );
}

#[test]
fn nothing_is_read_of_metadata_and_status() {
    let mut object = pod(json!({ "containers": [{ "image": "a" }] }));
    object["metadata"] = json!({
        "annotations": { "image": "x", "kubernetes.io/config.mirror": "forged" },
        "managedFields": [{ "fieldsV1": { "f:image": "x" } }],
    });
    object["status"] = json!({ "containerStatuses": [{ "image": "x", "imageID": "x" }] });
    let workload = extract("Pod", &object).unwrap();
    assert_eq!(workload.images.len(), 1);
    assert_eq!(workload.unknown, []);
}

#[test]
fn a_forged_mirror_annotation_or_a_node_name_changes_nothing() {
    let spec = json!({ "containers": [{ "image": "a" }] });
    let plain = extract("Pod", &pod(spec.clone())).unwrap();
    let mut forged = pod(spec);
    forged["metadata"]["annotations"] =
        json!({ "kubernetes.io/config.mirror": "x", "kubernetes.io/config.source": "file" });
    forged["spec"]["nodeName"] = json!("node-1");
    assert_eq!(extract("Pod", &forged).unwrap(), plain);
}

#[test]
fn values_and_paths_of_unknown_fields_are_bounded() {
    let shown = |length: usize| {
        unknown(json!({ "imageX": "v".repeat(length) }))
            .remove(0)
            .value
    };
    assert_eq!(shown(MAX_SHOWN), "v".repeat(MAX_SHOWN));
    assert!(shown(MAX_SHOWN + 1).contains("[..."));
    let name = format!("image{}", "n".repeat(5_000));
    let many: serde_json::Map<String, Value> = (0..100)
        .map(|number| (format!("{name}{number}"), json!("v".repeat(5_000))))
        .collect();
    let unknown = unknown(Value::Object(many));
    assert_eq!(unknown.len(), MAX_UNKNOWN);
    let few = |count: usize| {
        let fields = (0..count).map(|number| (format!("image{number}"), json!("v")));
        self::unknown(Value::Object(fields.collect())).len()
    };
    assert_eq!(few(MAX_UNKNOWN), MAX_UNKNOWN);
    assert_eq!(few(MAX_UNKNOWN + 1), MAX_UNKNOWN);
    for field in unknown {
        assert!(field.path.chars().count() < MAX_SHOWN + 40);
        assert!(field.value.chars().count() < MAX_SHOWN + 40);
    }
}
