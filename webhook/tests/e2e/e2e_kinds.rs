//! Kinds of other projects: a preset knows where they hold images.

use serde_json::{Value, json};

use crate::support::objects::{Place, pod_spec};
use crate::support::patience::until;
use crate::support::stage::{Scene, Stage};

/// A kind like that of Argo Rollouts: what matters here is its name and that it takes any object.
const ROLLOUTS: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: rollouts.argoproj.io }
spec:
  group: argoproj.io
  scope: Namespaced
  names: { kind: Rollout, plural: rollouts, singular: rollout }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
      subresources: { status: {} }
";

/// A rollout with this `spec` of its pod.
fn rollout(name: &str, pod_spec: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": { "name": name },
        "spec": { "replicas": 0, "template": { "spec": pod_spec } },
    })
}

#[test]
fn a_kind_of_another_project_is_judged_where_its_preset_is_on() {
    let Some(stage) = Stage::get() else { return };
    let settings = stage
        .settings()
        .configured("  workloads: { presets: [argo-rollouts] }\n");
    let scene = Scene::ungated(stage, "rollouts", settings);
    scene.kubectl.apply(ROLLOUTS);
    let mut gate = stage.gate.clone();
    let rules = gate["webhooks"][0]["rules"].as_array_mut().unwrap();
    rules.push(json!({
        "apiGroups": ["argoproj.io"], "apiVersions": ["v1alpha1"],
        "operations": ["CREATE", "UPDATE"], "resources": ["rollouts"], "scope": "Namespaced",
    }));
    scene.close_by(&gate);
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    let path = format!(
        "/apis/argoproj.io/v1alpha1/namespaces/{}/rollouts",
        scene.name
    );
    until("the kind to be served", || {
        scene.api.get(&path).is_ok().then_some(())
    });
    for place in Place::ALL {
        let name = format!("{place:?}").to_lowercase();
        let object = rollout(&name, &pod_spec(&good, place, &bad));
        let message = scene.api.create(&path, &object).refused();
        let field = format!("spec.template.spec.{}", place.path());
        for part in [&bad, &field, "[missing: signature/missing]"] {
            assert!(message.contains(part), "{place:?}: no {part} in: {message}");
        }
        let object = rollout(&name, &pod_spec(&good, place, &good));
        scene.api.create(&path, &object).ok();
    }
}
