//! Rollouts and workflows of Argo.

use super::*;
use crate::workload::DeferredReason;

#[test]
fn argo_rollouts() {
    let version = "argoproj.io/v1alpha1";
    let rollout = object(
        version,
        "Rollout",
        json!({
            "template": template("r"),
            "strategy": { "canary": { "steps": [{ "setWeight": 20 }] } },
        }),
    );
    assert_eq!(images(Preset::ArgoRollouts, &rollout), of_pod("r"));
    let experiment = object(
        version,
        "Experiment",
        json!({
            "templates": [{ "name": "a", "template": template("a") }, { "name": "b", "template": template("b") }],
        }),
    );
    let expected = [of_pod("a"), of_pod("b")].concat();
    assert_eq!(images(Preset::ArgoRollouts, &experiment), expected);
    for kind in ["AnalysisTemplate", "ClusterAnalysisTemplate", "AnalysisRun"] {
        let analysis = object(
            version,
            kind,
            json!({ "metrics": [
            { "name": "m", "provider": { "job": { "metadata": {}, "spec": { "template": template("j") } } } },
            { "name": "w", "provider": { "web": { "jsonBody": { "image": "of the receiver" } } } },
        ] }),
        );
        assert_eq!(images(Preset::ArgoRollouts, &analysis), of_pod("j"));
    }
}

#[test]
fn a_rollout_of_a_deployment_leaves_the_images_to_it() {
    let rollout = object(
        "argoproj.io/v1alpha1",
        "Rollout",
        json!({
            "workloadRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "d" },
        }),
    );
    assert_eq!(images(Preset::ArgoRollouts, &rollout), [""; 0]);
}

fn argo_template(name: &str) -> Value {
    let image = |part: &str| json!({ "name": part, "image": format!("{name}-{part}") });
    json!({
        "name": name,
        "serviceAccountName": format!("{name}-account"),
        "container": image("container"),
        "script": { "image": format!("{name}-script"), "source": "image: none" },
        "containerSet": { "containers": [image("set")] },
        "sidecars": [image("sidecar")],
        "initContainers": [image("init")],
        "volumes": [{ "name": "v", "image": { "reference": format!("{name}-volume") } }],
    })
}

fn of_argo_template(name: &str) -> Vec<String> {
    let parts = ["container", "init", "script", "set", "sidecar", "volume"];
    parts.map(|part| format!("{name}-{part}")).to_vec()
}

#[test]
fn argo_workflows() {
    let mut steps = argo_template("b");
    steps["steps"] = json!([[{ "name": "s", "inline": argo_template("c") }]]);
    let mut nested = argo_template("d");
    nested["dag"] = json!({ "tasks": [{ "name": "t", "inline": steps }] });
    let spec = json!({
        "serviceAccountName": "account",
        "imagePullSecrets": [{ "name": "secret" }],
        "templates": [argo_template("a"), nested],
        "templateDefaults": argo_template("e"),
        "volumes": [{ "name": "v", "image": { "reference": "volume" } }],
        "arguments": { "parameters": [{ "name": "image", "value": "busybox" }] },
    });
    let mut expected: Vec<String> = ["a", "b", "c", "d", "e"].map(of_argo_template).concat();
    expected.push("volume".to_owned());
    expected.sort();
    let version = "argoproj.io/v1alpha1";
    for kind in ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"] {
        let workflow = object(version, kind, spec.clone());
        assert_eq!(images(Preset::ArgoWorkflows, &workflow), expected);
        let pods = read(Preset::ArgoWorkflows, &workflow).unwrap().pods;
        assert_eq!(pods.pull_secrets, ["secret"]);
        // The workflow's own account is met first: its name sorts before `templates`.
        assert_eq!(pods.service_account.as_deref(), Some("account"));
        assert_eq!(pods.further_service_accounts.len(), 5);
    }
    let cron = object(
        version,
        "CronWorkflow",
        json!({ "schedule": "* * * * *", "workflowSpec": spec }),
    );
    assert_eq!(images(Preset::ArgoWorkflows, &cron), expected);
    let tasks = object(
        version,
        "WorkflowTaskSet",
        json!({ "tasks": { "node-1": argo_template("n") } }),
    );
    assert_eq!(images(Preset::ArgoWorkflows, &tasks), of_argo_template("n"));
}

#[test]
fn what_a_workflow_only_knows_later_is_deferred_to_its_pods() {
    let workflow = object(
        "argoproj.io/v1alpha1",
        "Workflow",
        json!({
            "podSpecPatch": "containers: [{name: main, image: evil}]",
            "templates": [
                { "name": "a", "container": { "image": "{{inputs.parameters.image}}" } },
                { "name": "b", "script": { "image": "registry.example/b:{{=tag}}" }, "podSpecPatch": "{}" },
                { "name": "c", "container": { "command": ["x"] } },
            ],
            "artifactGC": { "podSpecPatch": "x" },
        }),
    );
    let workload = read(Preset::ArgoWorkflows, &workflow).unwrap();
    assert_eq!(workload.images, []);
    let deferred: Vec<_> = workload
        .deferred
        .iter()
        .map(|deferred| {
            (
                deferred.path.as_str(),
                deferred.name.as_deref(),
                deferred.reason,
            )
        })
        .collect();
    assert_eq!(
        deferred,
        [
            ("spec.artifactGC.podSpecPatch", None, DeferredReason::Patch),
            ("spec.podSpecPatch", None, DeferredReason::Patch),
            (
                "spec.templates[0].container.image",
                Some("a"),
                DeferredReason::Placeholder
            ),
            (
                "spec.templates[1].podSpecPatch",
                Some("b"),
                DeferredReason::Patch
            ),
            (
                "spec.templates[1].script.image",
                Some("b"),
                DeferredReason::Placeholder
            ),
            (
                "spec.templates[2].container.image",
                Some("c"),
                DeferredReason::Absent
            ),
        ]
    );
}
