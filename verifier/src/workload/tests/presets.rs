//! The kinds of other projects, each with every place that holds an image.

use serde_json::{Value, json};

use crate::code::Code;
use crate::workload::{
    DeferredReason, GroupKind, Json, Preset, Workload, WorkloadError, WorkloadFields,
};

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

fn machine(name: &str) -> Value {
    json!({
        "domain": { "firmware": { "kernelBoot": { "container": {
            "image": format!("{name}-kernel"), "imagePullSecret": "kernel-secret", "kernelPath": "/k",
        } } } },
        "volumes": [
            { "name": "disk", "containerDisk": { "image": format!("{name}-disk"), "imagePullSecret": "disk-secret" } },
            { "name": "other", "cloudInitNoCloud": { "userData": "image: none" } },
        ],
    })
}

fn source(url: &str) -> Value {
    json!({ "registry": { "url": url, "pullMethod": "node" } })
}

#[test]
fn kubevirt() {
    let of_machine = ["m-disk", "m-kernel"];
    let version = "kubevirt.io/v1";
    let instance = object(version, "VirtualMachineInstance", machine("m"));
    assert_eq!(images(Preset::KubeVirt, &instance), of_machine);
    let workload = read(Preset::KubeVirt, &instance).unwrap();
    assert_eq!(workload.pods.pull_secrets, ["kernel-secret", "disk-secret"]);
    let replicas = object(
        version,
        "VirtualMachineInstanceReplicaSet",
        json!({
            "template": { "metadata": { "labels": { "of": "pods" } }, "spec": machine("m") },
        }),
    );
    assert_eq!(images(Preset::KubeVirt, &replicas), of_machine);
    let spec = json!({
        "template": { "metadata": { "labels": { "of": "pods" } }, "spec": machine("m") },
        "dataVolumeTemplates": [{ "metadata": { "name": "d" }, "spec": { "source": source("docker://quay.example/d:1") } }],
    });
    let machine = object(version, "VirtualMachine", spec.clone());
    let expected = ["m-disk", "m-kernel", "quay.example/d:1"];
    assert_eq!(images(Preset::KubeVirt, &machine), expected);
    assert_eq!(
        read(Preset::KubeVirt, &machine).unwrap().labels["of"],
        "pods"
    );
    let pool = object(
        "pool.kubevirt.io/v1beta1",
        "VirtualMachinePool",
        json!({
            "virtualMachineTemplate": { "spec": spec },
        }),
    );
    assert_eq!(images(Preset::KubeVirt, &pool), expected);
}

#[test]
fn disks_that_are_imported_from_a_registry() {
    let version = "cdi.kubevirt.io/v1beta1";
    let spec = json!({ "source": source("docker://quay.example/d:1") });
    for (kind, spec) in [
        ("DataVolume", spec.clone()),
        ("VolumeImportSource", spec.clone()),
        ("DataImportCron", json!({ "template": { "spec": spec } })),
    ] {
        let disk = object(version, kind, spec);
        assert_eq!(images(Preset::KubeVirt, &disk), ["quay.example/d:1"]);
        let workload = read(Preset::KubeVirt, &disk).unwrap();
        assert_eq!(workload.images[0].pointer, None);
    }
    let vddk =
        json!({ "source": { "vddk": { "url": "https://vcenter", "initImageURL": "vddk:1" } } });
    assert_eq!(
        images(Preset::KubeVirt, &object(version, "DataVolume", vddk)),
        ["vddk:1"]
    );
    for source in [
        json!({ "imageio": { "url": "https://ovirt.example", "diskId": "1" } }),
        json!({ "http": { "url": "https://example/fedora.qcow2" } }),
        json!({ "blank": {} }),
        json!({ "registry": null }),
    ] {
        let disk = object(version, "DataVolume", json!({ "source": source }));
        assert_eq!(images(Preset::KubeVirt, &disk), [""; 0]);
    }
}

#[test]
fn disks_whose_registry_leads_to_no_reference_are_refused() {
    for (registry, code) in [
        (
            json!({ "url": "oci-archive://x" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "docker://" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "DOCKER://x" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "imageStream": "s" }),
            Code::WorkloadUnsupportedReference,
        ),
        (
            json!({ "url": "docker://a", "imageStream": "s" }),
            Code::WorkloadUnsupportedReference,
        ),
        (json!({ "url": 1 }), Code::WorkloadMalformed),
        (json!({}), Code::WorkloadMalformed),
        (json!("docker://x"), Code::WorkloadMalformed),
    ] {
        let disk = object(
            "cdi.kubevirt.io/v1beta1",
            "DataVolume",
            json!({ "source": { "registry": registry } }),
        );
        assert_eq!(
            read(Preset::KubeVirt, &disk).unwrap_err().code(),
            code,
            "{registry}"
        );
    }
}

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

fn flux(spec: Value) -> Value {
    object("source.toolkit.fluxcd.io/v1", "OCIRepository", spec)
}

#[test]
fn flux_composes_the_reference_of_several_fields() {
    let url = "oci://registry.example:5000/manifests/app";
    for (reference, expected) in [
        (json!(null), "registry.example:5000/manifests/app"),
        (json!({}), "registry.example:5000/manifests/app"),
        (
            json!({ "tag": "1.2" }),
            "registry.example:5000/manifests/app:1.2",
        ),
        (
            json!({ "tag": "", "semver": "" }),
            "registry.example:5000/manifests/app",
        ),
        (
            json!({ "digest": "sha256:0a" }),
            "registry.example:5000/manifests/app@sha256:0a",
        ),
        (
            json!({ "digest": "sha256:0a", "semver": ">1", "tag": "1.2" }),
            "registry.example:5000/manifests/app@sha256:0a",
        ),
    ] {
        let repository = flux(json!({
            "url": url, "ref": reference, "secretRef": { "name": "secret" }, "serviceAccountName": "account",
        }));
        assert_eq!(images(Preset::Flux, &repository), [expected]);
        let workload = read(Preset::Flux, &repository).unwrap();
        assert_eq!(workload.images[0].path, "spec.url");
        assert_eq!(workload.pods.pull_secrets, ["secret"]);
        assert_eq!(workload.pods.service_account.as_deref(), Some("account"));
    }
}

#[test]
fn flux_references_that_we_cannot_follow_are_refused() {
    let url = "oci://registry.example/app";
    for (spec, code, path) in [
        (
            json!({ "url": url, "ref": { "semver": ">=1.0", "tag": "1.2" } }),
            Code::WorkloadUnsupportedReference,
            "spec.ref.semver",
        ),
        (
            json!({ "url": "oci://registry.example/app:1" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (
            json!({ "url": "oci://registry.example/app@sha256:0a" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (
            json!({ "url": "https://registry.example/app" }),
            Code::WorkloadUnsupportedReference,
            "spec.url",
        ),
        (json!({}), Code::WorkloadMalformed, "spec.url"),
        (json!({ "url": ["x"] }), Code::WorkloadMalformed, "spec.url"),
        (
            json!({ "url": url, "ref": "1.2" }),
            Code::WorkloadMalformed,
            "spec.ref",
        ),
        (
            json!({ "url": url, "ref": { "tag": 1 } }),
            Code::WorkloadMalformed,
            "spec.ref.tag",
        ),
        (
            json!("oci://registry.example/app"),
            Code::WorkloadMalformed,
            "spec",
        ),
    ] {
        let error = read(Preset::Flux, &flux(spec.clone())).unwrap_err();
        assert_eq!((error.code(), error.path()), (code, Some(path)), "{spec}");
    }
}

#[test]
fn kruise() {
    let version = "apps.kruise.io/v1alpha1";
    for kind in ["CloneSet", "StatefulSet", "DaemonSet", "BroadcastJob"] {
        let set = object(version, kind, json!({ "template": template("k") }));
        assert_eq!(images(Preset::Kruise, &set), of_pod("k"));
    }
    for job in ["jobTemplate", "broadcastJobTemplate"] {
        let cron = object(
            version,
            "AdvancedCronJob",
            json!({ "template": { job: { "spec": { "template": template("k") } } } }),
        );
        assert_eq!(images(Preset::Kruise, &cron), of_pod("k"));
    }
    let cron = object(
        version,
        "AdvancedCronJob",
        json!({ "template": { "imageListPullJobTemplate": { "spec": { "images": ["a", "b"] } } } }),
    );
    assert_eq!(images(Preset::Kruise, &cron), ["a", "b"]);
    let mut sidecars = pod("k");
    sidecars["containers"][0]["upgradeStrategy"] = json!({ "hotUpgradeEmptyImage": "empty:1" });
    let set = object(version, "SidecarSet", sidecars);
    assert_eq!(
        images(Preset::Kruise, &set),
        [vec!["empty:1".to_owned()], of_pod("k")].concat()
    );
    let job = object(
        version,
        "EphemeralJob",
        json!({ "template": { "ephemeralContainers": [{ "name": "e", "image": "e" }] } }),
    );
    assert_eq!(images(Preset::Kruise, &job), ["e"]);
    let job = object(
        version,
        "ImagePullJob",
        json!({ "image": "a", "pullSecrets": ["s"], "pullPolicy": {} }),
    );
    assert_eq!(images(Preset::Kruise, &job), ["a"]);
    assert_eq!(read(Preset::Kruise, &job).unwrap().pods.pull_secrets, ["s"]);
    let job = object(version, "ImageListPullJob", json!({ "images": ["a", "b"] }));
    assert_eq!(images(Preset::Kruise, &job), ["a", "b"]);
}

#[test]
fn patches_of_kruise_are_read_like_pods() {
    let version = "apps.kruise.io/v1alpha1";
    for kind in [
        "statefulSetTemplate",
        "advancedStatefulSetTemplate",
        "cloneSetTemplate",
        "deploymentTemplate",
    ] {
        let united = object(
            version,
            "UnitedDeployment",
            json!({
                "template": { kind: { "spec": { "template": template("a") } } },
                "topology": { "subsets": [
                    { "name": "x", "patch": { "spec": { "containers": [{ "name": "c", "image": "b" }] } } },
                    { "name": "y", "patch": { "spec": { "template": { "spec": { "containers": [{ "name": "c", "image": "d" }] } } } } },
                ] },
            }),
        );
        let expected = [of_pod("a"), vec!["b".to_owned(), "d".to_owned()]].concat();
        assert_eq!(images(Preset::Kruise, &united), expected);
    }
    let spread = object(
        version,
        "WorkloadSpread",
        json!({
            "subsets": [{ "name": "x", "patch": { "metadata": { "annotations": {} }, "spec": { "containers": [{ "name": "c", "image": "b" }] } } }],
        }),
    );
    assert_eq!(images(Preset::Kruise, &spread), ["b"]);
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
