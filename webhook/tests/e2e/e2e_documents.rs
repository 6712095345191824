//! Policies as resources: written by kubectl, obeyed at once, answered with a status; a broken one is refused
//! before it is stored, and where it was stored, it makes nothing kinder.

use std::collections::BTreeMap;

use serde_json::json;
use sovverify_testbed::kit::Kit;

use crate::support::api::Patch;
use crate::support::control_plane::ControlPlane;
use crate::support::install;
use crate::support::objects::pod;
use crate::support::patience::until;
use crate::support::programs::Programs;
use crate::support::stage::{Scene, Stage};
use crate::support::webhook::Settings;

/// Where policies are.
const POLICIES: &str = "/apis/policy.sovverify.dev/v1alpha1/clusterimagepolicies";

/// A scene whose policies are resources, for images below `<registry>/<name>/`.
fn scene<'a>(stage: &'a Stage, name: &'static str) -> Scene<'a> {
    let settings = Settings::default().registries(&[stage.registry.address()]);
    let settings = settings.in_cluster(&stage.service_account(name));
    Scene::open(stage, name, settings)
}

/// The policy of a scene.
fn policy(scene: &Scene<'_>, more: &str) -> String {
    let images = format!("{}/{}/**", scene.stage.registry.address(), scene.name);
    scene.labelled(&scene.stage.policy(scene.name, &images, more))
}

/// The same with a key that no rule of a schema sees to be none.
fn damaged(policy: &str) -> String {
    policy.replacen("          M", "          AAAA", 1)
}

/// The status of a condition of a resource, with its reason and its message.
fn condition(scene: &Scene<'_>, path: &str, kind: &str) -> Option<(String, String)> {
    let resource = scene.api.get(path).ok();
    let conditions = resource["status"]["conditions"].as_array()?;
    let found = conditions
        .iter()
        .find(|condition| condition["type"] == kind)?;
    let observed = found["observedGeneration"] == resource["metadata"]["generation"];
    let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
    observed.then(|| (text("status"), text("message")))
}

/// Waits until a pod is admitted, or is not.
fn until_admitted(scene: &Scene<'_>, image: &str, admitted: Admitted) {
    until("the policy to be obeyed", || {
        let answer = scene.try_pod(image);
        (answer.is_ok() == (admitted == Admitted::Yes)).then_some(())
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Admitted {
    Yes,
    No,
}

#[test]
fn a_policy_that_is_applied_is_accepted_obeyed_changed_and_removed() {
    let Some(stage) = Stage::get() else { return };
    let scene = scene(stage, "applied");
    let good = stage.at(&stage.signed("applied/good"));
    let message = scene.pod("early", &good).refused();
    assert!(message.contains("policy/no-match"), "{message}");
    scene.kubectl.apply(&policy(&scene, ""));
    until_admitted(&scene, &good, Admitted::Yes);
    let path = format!("{POLICIES}/applied");
    let accepted = until("a status", || condition(&scene, &path, "Accepted"));
    assert_eq!(accepted.0, "True", "{accepted:?}");
    // Stricter, by a patch.
    let strict = json!([{ "op": "add", "path": "/spec/require/-", "value": {
        "name": "provenance", "attestation": { "type": "slsa-provenance", "by": ["release"] },
    } }]);
    scene.api.patch(&path, Patch::Json, &strict).ok();
    until_admitted(&scene, &good, Admitted::No);
    let message = scene.pod("strict", &good).refused();
    assert!(message.contains("rule `provenance`"), "{message}");
    scene.api.delete(&path).ok();
    until("the policy to be gone", || {
        let message = scene.try_pod(&good).refused();
        message.contains("policy/no-match").then_some(())
    });
}

#[test]
fn a_broken_policy_is_refused_with_its_line_and_the_good_one_stays() {
    let Some(stage) = Stage::get() else { return };
    let scene = scene(stage, "refused");
    let good = stage.at(&stage.signed("refused/good"));
    let text = policy(&scene, "");
    scene.kubectl.apply(&text);
    until_admitted(&scene, &good, Admitted::Yes);
    // What the API server itself can see, and what only we can.
    for (what, broken) in [
        (
            "a field that does not exist",
            text.replace("require:", "requires:"),
        ),
        (
            "a mode that does not exist",
            text.replace("spec:\n", "spec:\n  mode: forgive\n"),
        ),
        (
            "two kinds of signer in one",
            text.replace(
                "      trustRoot: none\n",
                "      trustRoot: none\n      keyless: { issuer: a, identity: b }\n",
            ),
        ),
        (
            "a file, which is not there",
            text.replace("inline: |", "file: |"),
        ),
        (
            "a signer that nobody defined",
            text.replace("by: [release]", "by: [nobody]"),
        ),
        (
            "a key that is none",
            text.replace("BEGIN PUBLIC", "BEGIN PUBLISHED"),
        ),
        ("a damaged key", damaged(&text)),
    ] {
        assert_ne!(broken, text, "{what}");
        let output = scene.kubectl.run_with(&["apply", "-f", "-"], &broken);
        println!("{what}: {}", output.stderr);
        assert!(!output.success, "{what}: {output}");
        scene.pod("good", &good).ok();
        scene.api.delete(&format!("{}/good", scene.pods())).ok();
    }
}

#[test]
fn a_policy_that_was_broken_behind_our_back_is_reported_and_makes_nothing_kinder() {
    let Some(stage) = Stage::get() else { return };
    let (Some(programs), Some(kit)) = (Programs::find(), Kit::find()) else {
        return;
    };
    // A control plane of its own: on the other one there are webhooks that never saw the good version.
    let plane = ControlPlane::start(programs, kit.folder());
    install::all_but_the_gate(&plane);
    let settings = Settings::default().registries(&[stage.registry.address()]);
    let settings = settings.in_cluster(&install::token(&plane, "behind"));
    let mut scene = Scene::ungated_on(stage, &plane, "behind", settings);
    // Only workloads are asked about: whoever wrote the policies came before the gate.
    let mut gate = stage.gate.clone();
    gate["webhooks"].as_array_mut().unwrap().truncate(1);
    scene.close_by(&gate);
    let (good, other) = (stage.signed("behind/good"), stage.signed("behind-new/good"));
    let (good, other) = (stage.at(&good), stage.at(&other));
    let text = policy(&scene, "");
    scene.kubectl.apply(&text);
    until_admitted(&scene, &good, Admitted::Yes);
    scene.kubectl.apply(&damaged(&text));
    let path = format!("{POLICIES}/behind");
    let says = |scene: &Scene<'_>, expected: &str| {
        until("a status that says so", || {
            condition(scene, &path, "Accepted")
                .filter(|(status, message)| status == "False" && message.contains(expected))
        })
    };
    let (_, message) = says(&scene, "until it is mended, generation 1 counts");
    println!("{message}");
    let column = message.find(" at line ");
    assert!(
        message.contains("key.inline") && column.is_some(),
        "{message}"
    );
    scene.pod("still", &good).ok();
    // One that never was good denies what it is about.
    let images = format!("{}/behind-new/**", stage.registry.address());
    let never = stage.policy("behind-new", &images, "");
    scene.kubectl.apply(&damaged(&never));
    let message = until("the unusable policy to deny", || {
        let message = scene.try_pod(&other).refused();
        message
            .contains("[input: policy/unusable]")
            .then_some(message)
    });
    println!("{message}");
    // A webhook that never saw the good version cannot know it.
    scene.webhook.stop();
    scene.webhook.start_again();
    says(&scene, "is denied");
    let message = scene.pod("after", &good).refused();
    assert!(message.contains("[input: policy/unusable]"), "{message}");
    // Repaired.
    scene.kubectl.apply(&format!("{never}---\n{text}"));
    for image in [&other, &good] {
        until_admitted(&scene, image, Admitted::Yes);
    }
    until("a status that says so", || {
        condition(&scene, &path, "Accepted").filter(|found| found.0 == "True")
    });
}

#[test]
fn policies_of_a_namespace_tighten_there_and_nowhere_else_and_admit_nothing() {
    let Some(stage) = Stage::get() else { return };
    let scene = scene(stage, "tightens");
    scene.namespace("tightens-more", &BTreeMap::new());
    let good = stage.at(&stage.signed("tightens/good"));
    let unmatched = stage.at(&stage.signed("elsewhere/good"));
    scene.kubectl.apply(&policy(&scene, ""));
    until_admitted(&scene, &good, Admitted::Yes);
    let pods = "/api/v1/namespaces/tightens-more/pods";
    scene.api.create(pods, &pod("before", &good)).ok();
    let images = format!("{}/**", stage.registry.address());
    let own = stage.policy("own", &images, "");
    let own = own.replace("ClusterImagePolicy", "ImagePolicy");
    let own = own.replace("{ name: own }", "{ name: own, namespace: tightens-more }");
    let demand =
        "    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }\n";
    scene
        .kubectl
        .apply(&scene.labelled(&format!("{own}{demand}")));
    let message = until("the namespaced policy to be obeyed", || {
        let answer = scene
            .api
            .create(&format!("{pods}?dryRun=All"), &pod("x", &good));
        (!answer.is_ok()).then(|| answer.refused())
    });
    assert!(
        message.contains("rule `provenance` of policy `"),
        "{message}"
    );
    // In the other namespace nothing changed.
    scene.pod("good", &good).ok();
    // What no policy of the cluster matches is not admitted by one of a namespace.
    let own = "/apis/policy.sovverify.dev/v1alpha1/namespaces/tightens-more/imagepolicies/own";
    let kinder = json!([{ "op": "remove", "path": "/spec/require/1" }]);
    scene.api.patch(own, Patch::Json, &kinder).ok();
    until("the kinder policy", || {
        let answer = scene
            .api
            .create(&format!("{pods}?dryRun=All"), &pod("x", &good));
        answer.is_ok().then_some(())
    });
    let message = scene.api.create(pods, &pod("y", &unmatched)).refused();
    assert!(message.contains("policy/no-match"), "{message}");
}

#[test]
fn policies_are_selected_by_labels_of_namespaces_which_nobody_in_them_can_change() {
    let Some(stage) = Stage::get() else { return };
    let scene = scene(stage, "labels");
    let good = stage.at(&stage.signed("labels/good"));
    for (name, env) in [("labels-prod", "prod"), ("labels-test", "test")] {
        scene.namespace(name, &[("env", env)].into());
    }
    let everywhere = policy(&scene, "");
    let demand =
        "    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }\n";
    let strict = everywhere.replace("name: labels }", "name: labels-strict }");
    let strict = strict.replace(
        "  match: {",
        "  match: { namespaces: { matchLabels: { env: prod } },",
    );
    scene
        .kubectl
        .apply(&format!("{everywhere}---\n{strict}{demand}"));
    until_admitted(&scene, &good, Admitted::Yes);
    let asked = |namespace: &str| {
        let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
        scene.api.create(&path, &pod("x", &good))
    };
    until("the strict policy", || {
        (!asked("labels-prod").is_ok()).then_some(())
    });
    assert!(asked("labels-prod").refused().contains("rule `provenance`"));
    asked("labels-test").ok();
    // A label of the pod is no label of its namespace.
    let mut forged = pod("forged", &good);
    forged["metadata"]["labels"] = json!({ "env": "test" });
    let path = "/api/v1/namespaces/labels-prod/pods";
    scene.api.create(path, &forged).refused();
    // A namespace that becomes another one is judged as such.
    let change = json!({ "metadata": { "labels": { "env": "prod" } } });
    let namespace = "/api/v1/namespaces/labels-test";
    scene.api.patch(namespace, Patch::Merge, &change).ok();
    until("the new label", || {
        (!asked("labels-test").is_ok()).then_some(())
    });
}
