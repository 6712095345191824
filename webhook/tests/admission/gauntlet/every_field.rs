//! Row 61: an object in which every field of its kind has a value, as the authors of Kubernetes keep it.

use std::fs;

use serde_json::{Value, json};
use sovverify_forge::realdata;

use crate::world::{World, review_of};

/// Kinds whose objects are walked; each is a file.
const KINDS: [&str; 10] = [
    "apps.v1.DaemonSet",
    "apps.v1.Deployment",
    "apps.v1.ReplicaSet",
    "apps.v1.StatefulSet",
    "batch.v1.CronJob",
    "batch.v1.Job",
    "core.v1.Pod",
    "core.v1.PodTemplate",
    "core.v1.ReplicationController",
    // A copy of a template that is never run as such; what is made of it is a pod.
    "apps.v1.ControllerRevision",
];

/// The ends of paths that are called after an image and hold none.
const NO_IMAGES: [&str; 4] = [
    "/imagePullPolicy",
    "/image/pullPolicy",
    "/rbd/image",
    "/imagePullSecrets/0/name",
];

/// The pointers of all texts that stand below something called after an image. Nothing here knows the
/// tables of the program.
fn called_after_images(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut below = |name: &str, value: &Value| {
        called_after_images(value, &format!("{pointer}/{name}"), found);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| below(name, value)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(number, value)| below(&number.to_string(), value)),
        Value::String(_) if pointer.to_lowercase().contains("image") => {
            found.push(pointer.to_owned());
        }
        _ => {}
    }
}

#[tokio::test]
async fn gauntlet_061_every_field_of_a_full_object_that_is_called_after_an_image_is_judged() {
    let Some(folder) = realdata() else { return };
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    for file in KINDS {
        let path = folder.join(format!("k8s/api-roundtrip/{file}.json"));
        let full: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (group, kind) = (
            file.split('.').next().unwrap(),
            file.rsplit('.').next().unwrap(),
        );
        let group = if group == "core" { "" } else { group };
        let mut called = Vec::new();
        called_after_images(&full, "", &mut called);
        // What is known of running containers is written by the node and read by nobody here.
        called.retain(|pointer| !pointer.starts_with("/status"));
        let (no_images, images): (Vec<String>, Vec<String>) = called
            .into_iter()
            .partition(|pointer| NO_IMAGES.iter().any(|end| pointer.ends_with(end)));
        let mut honest = full;
        for pointer in &images {
            *honest.pointer_mut(pointer).unwrap() = json!(good);
        }
        let ask = |object: &Value| review_of((group, kind), object);
        world.thrice(&ask(&honest)).await.is_allowed();
        if kind == "ControllerRevision" {
            continue;
        }
        // Containers, init containers, ephemeral ones, and a volume.
        assert_eq!(images.len(), 4, "{file}: {images:?}");
        for pointer in &images {
            let mut lying = honest.clone();
            *lying.pointer_mut(pointer).unwrap() = json!(bad);
            let answered = world.thrice(&ask(&lying)).await;
            assert!(!answered.allowed(), "{file} {pointer}: {answered:?}");
        }
        assert!(no_images.len() >= NO_IMAGES.len(), "{file}: {no_images:?}");
        for pointer in &no_images {
            let mut harmless = honest.clone();
            *harmless.pointer_mut(pointer).unwrap() = json!(bad);
            world.ask(&ask(&harmless)).await.is_allowed();
        }
    }
}

#[tokio::test]
async fn gauntlet_061_a_field_that_only_a_later_kubernetes_has_is_refused_until_it_is_known() {
    let world = World::new();
    let good = world.pinned("team/good");
    for (place, field) in [
        ("/spec", "debugImage"),
        ("/spec", "checkpointImages"),
        ("/spec/containers/0", "imageRef"),
        ("/spec/containers/0", "kernelImage"),
    ] {
        let pod = |field: &str, image: &str| {
            let container = json!({ "name": "c", "image": good });
            let mut pod =
                json!({ "kind": "Pod", "metadata": {}, "spec": { "containers": [container] } });
            pod.pointer_mut(place).unwrap()[field] = json!(image);
            review_of(("", "Pod"), &pod)
        };
        // Whatever is in it, also what would be admitted elsewhere.
        for image in [&good, &world.tag("team/bad")] {
            let answered = world.thrice(&pod(field, image)).await;
            answered.is_denied("workload/unknown-image-field");
        }
        world.thrice(&pod("hostname", "image")).await.is_allowed();
    }
}
