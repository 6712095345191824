//! Every image of every workload: admitted when it is good, refused when it is not.

use serde_json::json;

use crate::support::api::Patch;
use crate::support::objects::{Kind, Place, pod_spec};
use crate::support::stage::{Scene, Stage};

#[test]
fn every_kind_is_admitted_with_good_images_and_refused_with_a_bad_one_at_any_place() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "kinds", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    for kind in &Kind::ALL {
        let path = kind.path(scene.name);
        for place in Place::ALL {
            let what = format!("{}, {place:?}", kind.name);
            let name = format!("{}-{place:?}", kind.name).to_lowercase();
            let object = kind.object(&name, &pod_spec(&good, place, &bad));
            let message = scene.api.create(&path, &object).refused();
            let field = format!("{}.{}", kind.pod, place.path());
            for part in [&bad, &field, "[missing: signature/missing]"] {
                assert!(message.contains(part), "{what}: no {part} in: {message}");
            }
            let object = kind.object(&name, &pod_spec(&good, place, &good));
            let answer = scene.api.create(&path, &object);
            assert!(answer.is_ok(), "{what}: {answer:?}");
        }
    }
}

#[test]
fn a_debug_container_is_judged_like_any_other() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "ephemeral", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    scene.pod("app", &good).ok();
    let debug = |image: &str| {
        let image = format!("--image={image}");
        let arguments = [
            "debug",
            "app",
            "-n",
            scene.name,
            "-c",
            "shell",
            "--attach=false",
        ];
        scene.kubectl.run(&[&arguments[..], &[&image]].concat())
    };
    let output = debug(&bad);
    assert!(!output.success, "{output}");
    let field = "spec.ephemeralContainers[0].image";
    for part in [&bad, field, "[missing: signature/missing]"] {
        assert!(output.stderr.contains(part), "no {part} in: {output}");
    }
    let output = debug(&good);
    assert!(output.success, "{output}");
    let pod = scene.api.get(&format!("{}/app", scene.pods())).ok();
    assert_eq!(pod["spec"]["ephemeralContainers"][0]["image"], json!(good));
    // A later one beside a good one is no different.
    let change = json!({ "spec": { "ephemeralContainers": [{ "name": "second", "image": bad }] } });
    let path = format!("{}/app/ephemeralcontainers", scene.pods());
    let message = scene.api.patch(&path, Patch::Strategic, &change).refused();
    assert!(message.contains("spec.ephemeralContainers["), "{message}");
}
