//! What controllers make of a template is judged again: the pod is always the last gate.

use serde_json::Value;

use crate::support::objects::{Kind, Place, pod_spec};
use crate::support::patience::until;
use crate::support::stage::{Scene, Stage};

#[test]
fn a_pod_that_a_replica_set_makes_is_refused_and_seen_as_failed_create() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::ungated(stage, "replicas", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    let deployment = &Kind::ALL[4];
    // Both are there before the policy, with their replica sets and pods.
    let deployments = deployment.path(scene.name);
    for (name, image) in [("good", &good), ("bad", &bad)] {
        let mut object = deployment.object(name, &pod_spec(image, Place::Container, image));
        object["spec"]["replicas"] = 1.into();
        for labels in [
            "/spec/selector/matchLabels/app",
            "/spec/template/metadata/labels/app",
        ] {
            *object.pointer_mut(labels).unwrap() = name.into();
        }
        scene.api.create(&deployments, &object).ok();
    }
    let pod_of = |app: &str| -> Option<String> {
        let path = format!("{}?labelSelector=app%3D{app}", scene.pods());
        let pods = scene.api.get(&path).ok();
        let alive = pods["items"].as_array()?.iter();
        let mut alive = alive.filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
        Some(alive.next()?["metadata"]["name"].as_str()?.to_owned())
    };
    let names = ["good", "bad"].map(|app| until("a pod", || pod_of(app)));
    scene.close();
    for name in &names {
        let path = format!("{}/{name}?gracePeriodSeconds=0", scene.pods());
        scene.api.delete(&path).ok();
    }
    let failed = until("an event of the replica set", || {
        event(&scene, "FailedCreate")
    });
    let message = failed["message"].as_str().unwrap();
    for part in [
        &bad,
        "rule `signed` of policy `production`",
        "[missing: signature/missing]",
    ] {
        assert!(message.contains(part), "no {part} in: {message}");
    }
    assert_eq!(failed["involvedObject"]["kind"], "ReplicaSet");
    assert_eq!(pod_of("bad"), None);
    let again = until("the good pod again", || pod_of("good"));
    assert_ne!(again, names[0]);
}

/// An event of this reason in the namespace of the scene.
fn event(scene: &Scene<'_>, reason: &str) -> Option<Value> {
    let name = scene.name;
    let path = format!("/api/v1/namespaces/{name}/events?fieldSelector=reason%3D{reason}");
    let events = scene.api.get(&path).ok();
    events["items"].as_array()?.first().cloned()
}

#[test]
fn a_job_whose_pod_is_refused_says_so() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::ungated(stage, "jobs", stage.settings());
    let bad = stage.at(&stage.bad);
    let job = Kind::ALL.iter().find(|kind| kind.name == "Job").unwrap();
    let object = job.object("app", &pod_spec(&bad, Place::Container, &bad));
    let path = job.path(scene.name);
    scene.api.create(&path, &object).ok();
    scene.close();
    // It was suspended. Waking it up is an update like any other.
    let wake = serde_json::json!({ "spec": { "suspend": false } });
    let path = format!("{path}/app");
    let message = scene
        .api
        .patch(&path, crate::support::api::Patch::Merge, &wake)
        .refused();
    assert!(
        message.contains("spec.template.spec.containers[0].image"),
        "{message}"
    );
}
