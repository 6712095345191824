//! The shipped `ValidatingWebhookConfiguration`, with our address in place of the service's.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::api::{Answer, Api};
use super::install;
use super::kubectl::Kubectl;
use super::objects::pod;
use super::patience::until;
use super::stage::base64;

/// The label by which each scenario has a webhook of its own. Nothing else of the shipped rules is touched.
pub(crate) const SCENARIO: &str = "e2e.sovverify.dev/scenario";

/// What every policy refuses without asking anybody: it is no reference.
const NO_REFERENCE: &str = "NOT/a/Reference";

/// Where webhook configurations are.
const VALIDATING: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/// The shipped configuration.
pub(crate) fn shipped(kubectl: &Kubectl) -> Value {
    let file = install::folder().join("base/webhook.yaml");
    kubectl.to_json(&std::fs::read_to_string(file).unwrap())
}

/// Puts a webhook before the namespaces of a scenario.
pub(crate) fn close(
    api: &Api,
    configuration: &Value,
    authority: &str,
    webhook: SocketAddr,
    scenario: &str,
) {
    let mut gate = configuration.clone();
    gate["metadata"] = json!({ "name": format!("e2e-{scenario}") });
    for hook in gate["webhooks"].as_array_mut().unwrap() {
        let path = hook["clientConfig"]["service"]["path"].as_str().unwrap();
        let url = format!("https://{webhook}{path}");
        hook["clientConfig"] = json!({ "url": url, "caBundle": base64(authority) });
        let ours = json!({ "key": SCENARIO, "operator": "In", "values": [scenario] });
        if hook["namespaceSelector"]["matchExpressions"].is_array() {
            let expressions = &mut hook["namespaceSelector"]["matchExpressions"];
            expressions.as_array_mut().unwrap().push(ours);
        } else {
            // Objects of the whole cluster have no namespace to be told apart by.
            hook["objectSelector"] = json!({ "matchExpressions": [ours] });
        }
    }
    api.create(VALIDATING, &gate).ok();
}

/// Lets a webhook pin the tags of a scenario's pods.
pub(crate) fn pin(api: &Api, authority: &str, webhook: SocketAddr, scenario: &str) {
    let gate = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": { "name": format!("e2e-{scenario}") },
        "webhooks": [{
            "name": "pins.sovverify.dev",
            "admissionReviewVersions": ["v1"],
            "failurePolicy": "Fail", "sideEffects": "None", "timeoutSeconds": 10,
            "namespaceSelector": { "matchLabels": { (SCENARIO): scenario } },
            "rules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
                "resources": ["pods", "pods/ephemeralcontainers"],
            }],
            "clientConfig": {
                "url": format!("https://{webhook}/mutate"), "caBundle": base64(authority),
            },
        }],
    });
    api.create(MUTATING, &gate).ok();
}

/// Waits until the API server asks the webhook about pods of a namespace. Whether it does already is tried,
/// and stored nowhere, with what no policy can like.
pub(crate) fn wait_until_closed(api: &Api, namespace: &str) {
    wait_until(api, namespace, |answer| !answer.is_ok());
}

/// Tries a pod in a namespace until the answer, or something else, is as wanted.
pub(crate) fn wait_until(api: &Api, namespace: &str, wanted: impl Fn(&Answer) -> bool) {
    let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
    until("the API server to ask the webhook", || {
        let answer = api.create(&path, &pod("probe", NO_REFERENCE));
        wanted(&answer).then_some(())
    });
}

/// Waits until pods can be made in a namespace.
pub(crate) fn wait_for_namespace(api: &Api, namespace: &str) {
    let account = format!("/api/v1/namespaces/{namespace}/serviceaccounts/default");
    until("a service account", || {
        api.get(&account).is_ok().then_some(())
    });
}
