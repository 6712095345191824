//! Reviews as the API server sends them, sent by us: as many as we want.

use serde_json::{Value, json};

/// A review of a new object of ours.
pub(crate) fn of_object(object: &Value) -> Value {
    let kind = json!({
        "group": "policy.sovverify.dev", "version": "v1alpha1", "kind": object["kind"],
    });
    let mut review = of_pod("", object);
    let request = &mut review["request"];
    request["kind"] = kind.clone();
    request["requestKind"] = kind;
    request["namespace"] = object["metadata"]["namespace"].clone();
    review
}

/// A review of a new pod.
pub(crate) fn of_pod(namespace: &str, pod: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "resource": { "group": "", "version": "v1", "resource": "pods" },
            "requestKind": { "group": "", "version": "v1", "kind": "Pod" },
            "requestResource": { "group": "", "version": "v1", "resource": "pods" },
            "name": pod["metadata"]["name"],
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": { "username": "e2e", "groups": ["system:authenticated"] },
            "object": pod,
            "oldObject": null,
            "dryRun": false,
            "options": { "kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1" },
        },
    })
}
