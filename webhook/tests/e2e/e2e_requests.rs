//! How objects come and go: each way in is judged, each way out is open.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::api::Patch;
use crate::support::gate::{self, SCENARIO};
use crate::support::objects::{Kind, Place, pod, pod_spec};
use crate::support::patience::until;
use crate::support::stage::{Scene, Stage};

#[test]
fn a_changed_image_is_judged_however_the_change_is_sent() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "changes", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    let other = stage.at(&stage.signed("apps/other"));
    scene.pod("app", &good).ok();
    let path = format!("{}/app", scene.pods());
    let apply = format!("{path}?fieldManager=e2e&force=true");
    let containers = |image: &str| {
        let mut containers = scene.api.get(&path).ok()["spec"]["containers"].take();
        containers[0]["image"] = image.into();
        json!({ "spec": { "containers": containers } })
    };
    // In turns, so that each of them is a change.
    for (from, to) in [(&good, &other), (&other, &good)] {
        for kind in [Patch::Strategic, Patch::Merge, Patch::Json, Patch::Apply] {
            let path = if kind == Patch::Apply { &apply } else { &path };
            let send = |image: &str| {
                let change = match kind {
                    Patch::Strategic | Patch::Merge => containers(image),
                    Patch::Json => json!([
                        { "op": "replace", "path": "/spec/containers/0/image", "value": image },
                    ]),
                    Patch::Apply => pod("app", image),
                };
                scene.api.patch(path, kind, &change)
            };
            let message = send(&bad).refused();
            assert!(message.contains(&bad), "{kind:?}: {message}");
            let changed = send(to).ok();
            assert_eq!(changed["spec"]["containers"][0]["image"], **to, "{kind:?}");
            send(from).ok();
        }
        let mut whole = scene.api.get(&path).ok();
        whole["spec"]["containers"][0]["image"] = bad.as_str().into();
        scene.api.replace(&path, &whole).refused();
        whole["spec"]["containers"][0]["image"] = to.as_str().into();
        scene.api.replace(&path, &whole).ok();
    }
}

#[test]
fn what_was_there_before_the_policy_cannot_be_changed_and_can_always_go() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::ungated(stage, "before", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    for (name, image) in [("good", &good), ("bad", &bad), ("held", &bad)] {
        scene.pod(name, image).ok();
    }
    let held = format!("{}/held", scene.pods());
    let finalizer = |list: Value| json!({ "metadata": { "finalizers": list } });
    let kept = finalizer(json!(["e2e.sovverify.dev/held"]));
    scene.api.patch(&held, Patch::Merge, &kept).ok();
    scene.close();
    let label = json!({ "metadata": { "labels": { "a": "b" } } });
    let path = |name: &str| format!("{}/{name}", scene.pods());
    // The image is what it was: that is no verdict about it.
    scene.api.patch(&path("good"), Patch::Merge, &label).ok();
    let message = scene
        .api
        .patch(&path("bad"), Patch::Merge, &label)
        .refused();
    assert!(
        message.contains("[missing: signature/missing]"),
        "{message}"
    );
    scene.api.delete(&path("bad")).ok();
    // What is going may be let go, and nothing else may be done to it meanwhile.
    scene.api.delete(&held).ok();
    let other =
        json!({ "spec": { "containers": [{ "name": "app", "image": format!("{bad}0") }] } });
    assert!(!scene.api.patch(&held, Patch::Strategic, &other).is_ok());
    scene
        .api
        .patch(&held, Patch::Merge, &finalizer(Value::Null))
        .ok();
    until("the pod to be gone", || {
        let status = scene.api.get(&held).status;
        (status == 404).then_some(())
    });
}

#[test]
fn sub_resources_that_bring_no_image_are_let_through_and_ask_no_registry() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::ungated(stage, "parts", stage.settings());
    let bad = stage.at(&stage.bad);
    scene.pod("app", &bad).ok();
    let deployment = &Kind::ALL[4];
    assert_eq!(deployment.name, "Deployment");
    let object = deployment.object("app", &pod_spec(&bad, Place::Container, &bad));
    let deployments = deployment.path(scene.name);
    scene.api.create(&deployments, &object).ok();
    // Its controller has done what it does before we count.
    let path = format!("{deployments}/app");
    until("the controller", || {
        let status = scene.api.get(&path).ok()["status"].take();
        (status["observedGeneration"] == 1).then_some(())
    });
    // Wider than the shipped rules: whoever asks about everything is answered rightly all the same.
    let mut wide = stage.gate.clone();
    wide["webhooks"][0]["rules"] = json!([{
        "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"],
        "resources": ["pods", "pods/*", "deployments", "deployments/*"], "scope": "Namespaced",
    }]);
    scene.close_by(&wide);
    let status = json!({ "status": { "message": "said by e2e" } });
    let path = format!("{}/app/status", scene.pods());
    scene.api.patch(&path, Patch::Merge, &status).ok();
    // There is no node, and the answer says so: nobody objected before that.
    let arguments = ["exec", "app", "-n", scene.name, "--", "true"];
    let output = scene.kubectl.run(&arguments);
    let expected = "does not have a host assigned";
    assert!(output.stderr.contains(expected), "{output}");
    let path = format!("{}/app", scene.pods());
    scene.api.delete(&path).ok();
    for operation in ["connect", "delete", "update"] {
        let label = format!("operation=\"{operation}\"");
        let name = "sovverify_webhook_decisions_total";
        let asked = scene.webhook.metric(name, &label);
        assert!(asked > 0.0, "{operation}\n{}", scene.webhook.metrics());
    }
    let name = "sovverify_webhook_registry_requests_total";
    assert!(scene.webhook.metric(name, "") < 1.0);
    // Its controller then makes pods, and they are judged.
    let scale = json!({ "spec": { "replicas": 3 } });
    let path = format!("{deployments}/app/scale");
    let scaled = scene.api.patch(&path, Patch::Merge, &scale).ok();
    assert_eq!(scaled["spec"]["replicas"], 3);
    scene.api.delete(&format!("{deployments}/app")).ok();
}

#[test]
fn an_image_that_another_webhook_puts_in_afterwards_is_judged() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "later", stage.settings());
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    // A policy of the API server that mutates: it comes after what the user sent, and before us.
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicy",
        "metadata": { "name": "e2e-later" },
        "spec": {
            "failurePolicy": "Fail", "reinvocationPolicy": "IfNeeded",
            "matchConstraints": {
                "namespaceSelector": { "matchLabels": { (SCENARIO): scene.name } },
                "resourceRules": [{
                    "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                    "resources": ["pods"],
                }],
            },
            "matchConditions": [{
                "name": "asked-for",
                "expression": "object.metadata.name.startsWith('swapped')",
            }],
            "mutations": [{
                "patchType": "JSONPatch",
                "jsonPatch": { "expression": format!(
                    "[JSONPatch{{op: 'replace', path: '/spec/containers/0/image', value: '{bad}'}}]"
                ) },
            }],
        },
    });
    let group = "/apis/admissionregistration.k8s.io/v1";
    let policies = format!("{group}/mutatingadmissionpolicies");
    scene.api.create(&policies, &policy).ok();
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicyBinding",
        "metadata": { "name": "e2e-later" },
        "spec": { "policyName": "e2e-later" },
    });
    let bindings = format!("{group}/mutatingadmissionpolicybindings");
    scene.api.create(&bindings, &binding).ok();
    let message = until("the other policy to be obeyed", || {
        let path = format!("{}?dryRun=All", scene.pods());
        let answer = scene.api.create(&path, &pod("swapped", &good));
        (!answer.is_ok()).then(|| answer.refused())
    });
    assert!(message.contains(&bad), "{message}");
    scene
        .api
        .create(&scene.pods(), &pod("swapped", &good))
        .refused();
    scene.pod("honest", &good).ok();
}

#[test]
fn a_request_that_is_only_tried_leaves_nothing_behind() {
    let Some(stage) = Stage::get() else { return };
    let folder = stage.folder("dry-cache");
    let file = folder.join("verdicts");
    let settings = stage
        .settings()
        .flag(format!("--cache-file={}", file.display()));
    let scene = Scene::open(stage, "tried", settings);
    let (good, bad) = (stage.at(&stage.good), stage.at(&stage.bad));
    let counted = |scene: &Scene<'_>| -> BTreeMap<String, String> {
        // Not what was looked up, asked for and waited for: that work is done for a trial as well.
        let names = ["decisions", "cache_entries", "cache_size", "cache_saves"];
        let names = names.map(|name| format!("sovverify_webhook_{name}"));
        let kept = |line: &&str| names.iter().any(|name| line.starts_with(name));
        let text = scene.webhook.metrics();
        let lines = text.lines().filter(kept);
        lines
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let before = counted(&scene);
    scene.try_pod(&good).ok();
    scene.try_pod(&bad).refused();
    let deployment = &Kind::ALL[4];
    let object = deployment.object("app", &pod_spec(&bad, Place::Container, &bad));
    let arguments = ["apply", "--dry-run=server", "-n", scene.name, "-f", "-"];
    let output = scene.kubectl.run_with(&arguments, &object.to_string());
    assert!(output.stderr.contains(&bad), "{output}");
    assert_eq!(counted(&scene), before);
    let asked = format!("/api/v1/namespaces/{}/events", scene.name);
    assert_eq!(scene.api.get(&asked).ok()["items"], json!([]));
    assert!(!file.exists());
    // The same, meant.
    scene.pod("app", &good).ok();
    assert_ne!(counted(&scene), before);
}

#[test]
fn a_review_of_another_version_is_refused_with_what_to_write() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::ungated(stage, "version", stage.settings());
    let review = json!({
        "apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview",
        "request": { "uid": "1", "operation": "CREATE" },
    });
    let answer = scene.ask(&review);
    assert_eq!(answer.body["response"]["allowed"], false, "{answer:?}");
    let message = answer.body["response"]["status"]["message"].as_str();
    let expected = "admissionReviewVersions: [v1]";
    assert!(
        message.is_some_and(|text| text.contains(expected)),
        "{answer:?}"
    );
    // The API server still speaks it, where it is told to.
    let mut old = gate::shipped(&scene.kubectl);
    for hook in old["webhooks"].as_array_mut().unwrap() {
        hook["admissionReviewVersions"] = json!(["v1beta1"]);
    }
    scene.close_by(&old);
    let message = scene.pod("app", &stage.at(&stage.good)).refused();
    assert!(message.contains(expected), "{message}");
}
