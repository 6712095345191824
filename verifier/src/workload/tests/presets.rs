//! The kinds of other projects, each with every place that holds an image.

mod argo;
mod flux;
mod kruise;
mod kubevirt;
mod tekton;

use serde_json::{Value, json};

use crate::workload::{GroupKind, Json, Preset, Workload, WorkloadError, WorkloadFields};

fn read(preset: Preset, object: &Value) -> Result<Workload, WorkloadError> {
    let fields = WorkloadFields::with(&[preset], &[]);
    let (group, _) = object["apiVersion"]
        .as_str()
        .unwrap()
        .split_once('/')
        .unwrap();
    let kind = GroupKind::new(group, object["kind"].as_str().unwrap());
    let workload = fields.extract(&kind, &Json::from(object))?;
    Ok(workload.expect("a kind of the preset"))
}

fn object(version: &str, kind: &str, spec: Value) -> Value {
    json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "x" }, "spec": spec })
}

/// Every image of `object`, in order; nothing may be unknown or deferred.
fn images(preset: Preset, object: &Value) -> Vec<String> {
    let workload = read(preset, object).unwrap_or_else(|error| panic!("{object}: {error}"));
    assert_eq!(workload.unknown, [], "{object}");
    assert_eq!(workload.deferred, [], "{object}");
    let references = workload.images.into_iter().map(|image| image.reference);
    let mut references: Vec<String> = references.collect();
    references.sort();
    references
}

/// A pod's specification with one image of each kind: `{name}-c`, `-i`, `-e`, `-v`.
fn pod(name: &str) -> Value {
    json!({
        "serviceAccountName": format!("{name}-account"),
        "imagePullSecrets": [{ "name": format!("{name}-secret") }],
        "containers": [{ "name": "c", "image": format!("{name}-c"), "imagePullPolicy": "Always" }],
        "initContainers": [{ "name": "i", "image": format!("{name}-i") }],
        "ephemeralContainers": [{ "name": "e", "image": format!("{name}-e") }],
        "volumes": [{ "name": "v", "image": { "reference": format!("{name}-v") } }],
    })
}

fn template(name: &str) -> Value {
    json!({ "metadata": { "labels": { "of": name }, "annotations": { "image": "x" } }, "spec": pod(name) })
}

fn of_pod(name: &str) -> Vec<String> {
    ["c", "e", "i", "v"]
        .map(|end| format!("{name}-{end}"))
        .to_vec()
}

#[test]
fn a_placeholder_is_one_only_in_the_language_of_the_kind() {
    for text in ["{{image}}", "$(params.image)"] {
        let object = object(
            "serving.knative.dev/v1",
            "Service",
            json!({
                "template": { "spec": { "containers": [{ "image": text }] } },
            }),
        );
        assert_eq!(images(Preset::Knative, &object), [text]);
    }
}

#[test]
fn knative() {
    let version = "serving.knative.dev/v1";
    for kind in ["Service", "Configuration"] {
        let service = object(version, kind, json!({ "template": template("k") }));
        assert_eq!(images(Preset::Knative, &service), of_pod("k"));
    }
    let revision = object(version, "Revision", pod("k"));
    assert_eq!(images(Preset::Knative, &revision), of_pod("k"));
}

#[test]
fn every_preset_has_kinds_that_only_it_knows() {
    let built_in = WorkloadFields::built_in().kinds().count();
    let mut all = 0;
    for preset in Preset::ALL {
        let kinds = WorkloadFields::with(&[*preset], &[]).kinds().count() - built_in;
        assert!(kinds > 0, "{preset:?}");
        all += kinds;
    }
    assert_eq!(
        WorkloadFields::with(Preset::ALL, &[]).kinds().count(),
        built_in + all
    );
}
