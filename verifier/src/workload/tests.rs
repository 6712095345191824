//! Which images objects hold.

#![expect(
    clippy::needless_pass_by_value,
    reason = "objects are written where they are used"
)]

mod bounds;
mod custom;
mod presets;
mod suspicious;

use serde_json::{Value, json};

use super::*;
use crate::code::Code;

fn extract(kind: &str, object: &Value) -> Result<Workload, WorkloadError> {
    let kind = GroupKind::new(group_of(object), kind);
    let found = WorkloadFields::built_in().extract(&kind, &Json::from(object));
    found.map(|workload| workload.expect("a kind that is known"))
}

fn group_of(object: &Value) -> String {
    let version = object["apiVersion"].as_str().unwrap_or("v1");
    version
        .split_once('/')
        .map_or("", |(group, _)| group)
        .to_owned()
}

fn pod(spec: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": spec })
}

fn deployment(spec: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "labels": { "of": "object" } },
        "spec": { "template": { "metadata": { "labels": { "of": "pod" } }, "spec": spec } },
    })
}

fn references(workload: &Workload) -> Vec<&str> {
    workload
        .images
        .iter()
        .map(|image| image.reference.as_str())
        .collect()
}

#[test]
fn every_image_of_a_pod_is_found_with_its_place() {
    let workload = extract(
        "Pod",
        &pod(json!({
            "containers": [{ "name": "a", "image": "a:1" }, { "name": "b", "image": "b:1" }],
            "initContainers": [{ "name": "i", "image": "i:1" }],
            "ephemeralContainers": [{ "name": "e", "image": "e:1" }],
            "volumes": [
                { "name": "v", "image": { "reference": "v:1", "pullPolicy": "Always" } },
                { "name": "w", "emptyDir": {} },
            ],
        })),
    )
    .unwrap();
    let found: Vec<_> = workload
        .images
        .iter()
        .map(|image| {
            (
                image.reference.as_str(),
                image.path.as_str(),
                image.name.as_deref().unwrap(),
                image.place,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("a:1", "spec.containers[0].image", "a", Place::Container),
            ("b:1", "spec.containers[1].image", "b", Place::Container),
            (
                "e:1",
                "spec.ephemeralContainers[0].image",
                "e",
                Place::EphemeralContainer
            ),
            (
                "i:1",
                "spec.initContainers[0].image",
                "i",
                Place::InitContainer
            ),
            (
                "v:1",
                "spec.volumes[0].image.reference",
                "v",
                Place::ImageVolume
            ),
        ]
    );
    assert_eq!(workload.unknown, []);
    assert_eq!(workload.deferred, []);
}

#[test]
fn a_pointer_leads_to_the_image_in_the_object() {
    let object = deployment(json!({ "containers": [{ "name": "a", "image": "a:1" }] }));
    let workload = extract("Deployment", &object).unwrap();
    for image in workload.images {
        let there = object.pointer(&image.pointer.unwrap()).unwrap();
        assert_eq!(there, image.reference.as_str());
    }
}

#[test]
fn the_labels_are_those_that_the_pods_will_have() {
    let object = deployment(json!({ "containers": [] }));
    assert_eq!(extract("Deployment", &object).unwrap().labels["of"], "pod");
    let mut pod = pod(json!({}));
    pod["metadata"]["labels"] = json!({ "of": "pod itself" });
    assert_eq!(extract("Pod", &pod).unwrap().labels["of"], "pod itself");
}

#[test]
fn a_container_without_an_image_is_an_error_in_a_pod_and_deferred_in_a_template() {
    for container in [
        json!({ "name": "a" }),
        json!({ "name": "a", "image": null }),
        json!({ "name": "a", "image": "" }),
        json!({ "name": "a", "image": " \t" }),
    ] {
        let spec = json!({ "containers": [container] });
        let error = extract("Pod", &pod(spec.clone())).unwrap_err();
        assert_eq!(error.code(), Code::WorkloadMalformed);
        assert_eq!(error.path(), Some("spec.containers[0].image"));
        let workload = extract("Deployment", &deployment(spec)).unwrap();
        assert_eq!(references(&workload), [""; 0]);
        assert_eq!(workload.deferred[0].reason, DeferredReason::Absent);
        assert_eq!(workload.deferred[0].code(), Code::WorkloadImageDeferred);
        assert_eq!(workload.deferred[0].name.as_deref(), Some("a"));
    }
}

#[test]
fn other_types_where_images_must_be_are_errors() {
    for spec in [
        json!({ "containers": "nginx" }),
        json!({ "containers": { "image": "nginx" } }),
        json!({ "containers": ["nginx"] }),
        json!({ "containers": [null] }),
        json!({ "containers": [["nginx"]] }),
        json!({ "containers": [{ "image": 1 }] }),
        json!({ "containers": [{ "image": ["nginx"] }] }),
        json!({ "containers": [{ "image": { "reference": "nginx" } }] }),
        json!({ "volumes": [{ "image": "nginx" }] }),
        json!({ "volumes": [{ "image": { "reference": {} } }] }),
        json!("nginx"),
        json!([]),
    ] {
        for (kind, object) in [
            ("Pod", pod(spec.clone())),
            ("Deployment", deployment(spec.clone())),
        ] {
            let error = extract(kind, &object).unwrap_err();
            assert_eq!(error.code(), Code::WorkloadMalformed, "{kind} {spec}");
        }
    }
}

#[test]
fn what_is_left_out_by_null_is_left_out() {
    let spec =
        json!({ "containers": null, "initContainers": null, "volumes": [{ "image": null }] });
    assert_eq!(references(&extract("Pod", &pod(spec)).unwrap()), [""; 0]);
    assert!(extract("Pod", &json!({ "kind": "Pod", "spec": null })).is_ok());
}

#[test]
fn an_object_that_is_none_or_of_another_kind_is_an_error() {
    for object in [Value::Null, json!("Pod"), json!([]), json!(1)] {
        let error = extract("Pod", &object).unwrap_err();
        assert_eq!(error.code(), Code::WorkloadMalformed);
    }
    let object = deployment(json!({ "containers": [{ "image": "nginx" }] }));
    let fields = WorkloadFields::built_in();
    for kind in [
        GroupKind::new("apps", "ReplicaSet"),
        GroupKind::new("extensions", "Deployment"),
    ] {
        assert_eq!(
            fields
                .extract(&kind, &Json::from(&object))
                .unwrap_err()
                .code(),
            Code::WorkloadMalformed
        );
    }
}

#[test]
fn a_kind_of_which_nothing_is_known_holds_no_images_as_far_as_we_are_told() {
    let kind = GroupKind::new("example.dev", "Thing");
    assert_eq!(
        WorkloadFields::built_in().extract(&kind, &Json::from(&json!({}))),
        Ok(None)
    );
}
