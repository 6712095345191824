//! Tasks and pipelines of Tekton.

use super::*;
use crate::workload::DeferredReason;

fn task(name: &str) -> Value {
    json!({
        "steps": [{ "name": "s", "image": format!("{name}-step") }],
        "sidecars": [{ "name": "d", "image": format!("{name}-sidecar") }],
        "stepTemplate": { "image": format!("{name}-all"), "imagePullPolicy": "Always" },
        "volumes": [{ "name": "v", "image": { "reference": format!("{name}-volume") } }],
    })
}

fn of_task(name: &str) -> Vec<String> {
    ["all", "sidecar", "step", "volume"]
        .map(|part| format!("{name}-{part}"))
        .to_vec()
}

#[test]
fn tekton() {
    let version = "tekton.dev/v1";
    for kind in ["Task", "ClusterTask"] {
        assert_eq!(
            images(Preset::Tekton, &object(version, kind, task("t"))),
            of_task("t")
        );
    }
    let action = object(
        "tekton.dev/v1beta1",
        "StepAction",
        json!({ "image": "action" }),
    );
    assert_eq!(images(Preset::Tekton, &action), ["action"]);
    let run = object(
        version,
        "TaskRun",
        json!({
            "taskSpec": task("t"),
            "serviceAccountName": "runner",
            "podTemplate": { "imagePullSecrets": [{ "name": "secret" }], "volumes": [{ "image": { "reference": "volume" } }] },
        }),
    );
    assert_eq!(
        images(Preset::Tekton, &run),
        [of_task("t"), vec!["volume".to_owned()]].concat()
    );
    let pods = read(Preset::Tekton, &run).unwrap().pods;
    assert_eq!(pods.service_account.as_deref(), Some("runner"));
    assert_eq!(pods.pull_secrets, ["secret"]);
}

#[test]
fn pipelines_of_tekton() {
    let version = "tekton.dev/v1";
    let inner = json!({ "tasks": [{ "name": "i", "taskSpec": task("i") }] });
    let pipeline = json!({
        "tasks": [
            { "name": "a", "taskSpec": task("a") },
            { "name": "b", "taskRef": { "name": "b", "bundle": "bundle" } },
            { "name": "c", "pipelineSpec": inner },
        ],
        "finally": [{ "name": "f", "taskSpec": task("f") }],
    });
    let expected = [
        of_task("a"),
        vec!["bundle".to_owned()],
        of_task("f"),
        of_task("i"),
    ]
    .concat();
    assert_eq!(
        images(
            Preset::Tekton,
            &object(version, "Pipeline", pipeline.clone())
        ),
        expected
    );
    let run = object(
        version,
        "PipelineRun",
        json!({
            "pipelineSpec": pipeline,
            "taskRunTemplate": { "serviceAccountName": "builder" },
        }),
    );
    assert_eq!(images(Preset::Tekton, &run), expected);
    let pods = read(Preset::Tekton, &run).unwrap().pods;
    assert_eq!(pods.service_account.as_deref(), Some("builder"));
}

#[test]
fn what_a_task_only_knows_later_is_deferred_to_its_pods() {
    let task = object(
        "tekton.dev/v1",
        "Task",
        json!({ "steps": [
        { "name": "a", "image": "$(params.image)" },
        { "name": "b", "ref": { "name": "action" } },
        { "name": "c", "image": "fixed:1" },
    ] }),
    );
    let workload = read(Preset::Tekton, &task).unwrap();
    assert_eq!(workload.images.len(), 1);
    let reasons: Vec<_> = workload
        .deferred
        .iter()
        .map(|deferred| deferred.reason)
        .collect();
    assert_eq!(
        reasons,
        [DeferredReason::Placeholder, DeferredReason::Absent]
    );
    assert_eq!(workload.deferred[0].value, "$(params.image)");
}
