//! Kubernetes objects that hold images.

use serde_json::{Value, json};

/// Where in a pod an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Container,
    InitContainer,
    ImageVolume,
}

impl Place {
    /// All that an object can be created with.
    pub(crate) const ALL: [Self; 3] = [Self::Container, Self::InitContainer, Self::ImageVolume];

    /// The path in a pod's `spec`, as a refusal names it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Container => "containers[0].image",
            Self::InitContainer => "initContainers[0].image",
            Self::ImageVolume => "volumes[0].image.reference",
        }
    }
}

/// The `spec` of a pod with `good` as its container, and `image` at `place`.
pub(crate) fn pod_spec(good: &str, place: Place, image: &str) -> Value {
    let mut spec = json!({ "containers": [{ "name": "app", "image": good }] });
    match place {
        Place::Container => spec["containers"][0]["image"] = image.into(),
        Place::InitContainer => {
            spec["initContainers"] = json!([{ "name": "first", "image": image }]);
        }
        Place::ImageVolume => {
            spec["volumes"] = json!([{ "name": "data", "image": { "reference": image } }]);
        }
    }
    spec
}

/// A pod with one container.
pub(crate) fn pod(name: &str, image: &str) -> Value {
    let spec = pod_spec(image, Place::Container, image);
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name }, "spec": spec })
}

/// A kind of workload: how its objects look, and where they are.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    api_version: &'static str,
    resource: &'static str,
    /// The path to the `spec` of its pod.
    pub(crate) pod: &'static str,
    make: fn(Value) -> Value,
}

impl Kind {
    /// Every kind that the shipped rules name.
    pub(crate) const ALL: [Self; 9] = [
        Self {
            name: "Pod",
            api_version: "v1",
            resource: "pods",
            pod: "spec",
            make: |template| json!({ "spec": template["spec"] }),
        },
        Self {
            name: "PodTemplate",
            api_version: "v1",
            resource: "podtemplates",
            pod: "template.spec",
            make: |template| json!({ "template": template }),
        },
        Self {
            name: "ReplicationController",
            api_version: "v1",
            resource: "replicationcontrollers",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "replicas": 0, "template": template } }),
        },
        Self {
            name: "ReplicaSet",
            api_version: "apps/v1",
            resource: "replicasets",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "replicas": 0, "selector": selector(), "template": template } }),
        },
        Self {
            name: "Deployment",
            api_version: "apps/v1",
            resource: "deployments",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "replicas": 0, "selector": selector(), "template": template } }),
        },
        Self {
            name: "StatefulSet",
            api_version: "apps/v1",
            resource: "statefulsets",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "replicas": 0, "serviceName": "x", "selector": selector(), "template": template } }),
        },
        Self {
            name: "DaemonSet",
            api_version: "apps/v1",
            resource: "daemonsets",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "selector": selector(), "template": template } }),
        },
        Self {
            name: "Job",
            api_version: "batch/v1",
            resource: "jobs",
            pod: "spec.template.spec",
            make: |template| json!({ "spec": { "suspend": true, "template": once(template) } }),
        },
        Self {
            name: "CronJob",
            api_version: "batch/v1",
            resource: "cronjobs",
            pod: "spec.jobTemplate.spec.template.spec",
            make: |template| {
                let job = json!({ "spec": { "template": once(template) } });
                json!({ "spec": { "schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": job } })
            },
        },
    ];

    /// Where objects of it are in a namespace.
    pub(crate) fn path(&self, namespace: &str) -> String {
        let root = if self.api_version == "v1" {
            "api"
        } else {
            "apis"
        };
        let (version, resource) = (self.api_version, self.resource);
        format!("/{root}/{version}/namespaces/{namespace}/{resource}")
    }

    /// An object with this `spec` of its pod.
    pub(crate) fn object(&self, name: &str, pod_spec: &Value) -> Value {
        let template = json!({ "metadata": { "labels": { "app": "x" } }, "spec": pod_spec });
        let mut object = (self.make)(template);
        object["apiVersion"] = self.api_version.into();
        object["kind"] = self.name.into();
        object["metadata"] = json!({ "name": name });
        object
    }
}

fn selector() -> Value {
    json!({ "matchLabels": { "app": "x" } })
}

/// Jobs end; their pods may not be restarted for ever.
fn once(mut template: Value) -> Value {
    template["spec"]["restartPolicy"] = "Never".into();
    template
}
