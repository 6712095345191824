//! What an administrator installs for the webhook, from the files that are shipped.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::api::Api;
use super::control_plane::ControlPlane;
use super::gate::wait_for_namespace;
use super::kubectl::Kubectl;

/// The namespace of the webhook.
pub(crate) const NAMESPACE: &str = "sovverify-system";

/// The folder of what is shipped.
pub(crate) fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("deploy/kustomize")
}

/// The shipped documents of a folder, as kustomize makes them.
pub(crate) fn documents(kubectl: &Kubectl, folder: &Path) -> Vec<String> {
    let output = kubectl.run(&["kustomize", folder.to_str().unwrap()]);
    assert!(output.success, "{output}");
    output.stdout.split("\n---\n").map(str::to_owned).collect()
}

/// Whether a document is of this kind.
pub(crate) fn is_kind(document: &str, kind: &str) -> bool {
    document.lines().any(|line| line == format!("kind: {kind}"))
}

/// Makes the webhook's service account with the rights that are shipped, and everything else of the base but
/// the gate and the pods behind it.
pub(crate) fn all_but_the_gate(plane: &ControlPlane) {
    let kubectl = plane.kubectl();
    let rights = std::fs::read_to_string(folder().join("components/pull-secrets/rbac.yaml"));
    let mut documents = documents(&kubectl, &folder().join("base"));
    documents.retain(|document| {
        let left_out = ["ValidatingWebhookConfiguration", "Deployment"];
        !left_out.iter().any(|kind| is_kind(document, kind))
    });
    documents.push(rights.unwrap());
    // The namespace is first: kustomize sorts.
    kubectl.apply(&documents.join("\n---\n"));
    wait_for_namespace(&plane.admin(), NAMESPACE);
}

/// The configuration of somebody who is the webhook's service account.
pub(crate) fn token(plane: &ControlPlane, name: &str) -> PathBuf {
    let account = "sovverify-webhook";
    let output = plane
        .kubectl()
        .run(&["create", "token", account, "-n", NAMESPACE]);
    assert!(output.success, "{output}");
    plane.configuration_with_token(name, output.stdout.trim())
}

/// Lets the webhook read one secret.
pub(crate) fn let_read_secret(api: &Api, namespace: &str, secret: &str) {
    let group = "/apis/rbac.authorization.k8s.io/v1";
    let name = "sovverify-pull-secrets";
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": { "name": name },
        "rules": [{
            "apiGroups": [""], "resources": ["secrets"], "resourceNames": [secret],
            "verbs": ["get"],
        }],
    });
    let path = format!("{group}/namespaces/{namespace}/roles");
    api.create(&path, &role).ok();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name },
        "subjects": [{
            "kind": "ServiceAccount", "name": "sovverify-webhook", "namespace": NAMESPACE,
        }],
    });
    let path = format!("{group}/namespaces/{namespace}/rolebindings");
    api.create(&path, &binding).ok();
}
