//! What is shipped asks this server, leaves no gap that somebody could set, and may do no more than it must
//! (rows 72, 73, 75, 82, 147 and 148 of the gauntlet).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sovverify_webhook::server::ServerLimits;

use crate::support::{Served, review};

/// Namespaces that are not asked about: what must start before the webhook can.
const EXEMPT: [&str; 2] = ["kube-system", "sovverify-system"];

/// Every document of every file that is shipped.
fn shipped() -> Vec<Value> {
    let mut documents = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kustomize")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                let of_file: Vec<Value> = serde_saphyr::from_multiple(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                documents.extend(of_file);
            }
        }
    }
    documents
}

/// The documents of these kinds.
fn of_kind(kinds: &[&str]) -> Vec<Value> {
    let is_one = |document: &Value| kinds.iter().any(|kind| document["kind"] == *kind);
    let found: Vec<Value> = shipped().into_iter().filter(is_one).collect();
    assert!(!found.is_empty(), "nothing of {kinds:?}");
    found
}

fn texts(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().into_iter().flatten();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Every webhook of every registration.
fn webhooks() -> Vec<Value> {
    let registrations = of_kind(&[
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ]);
    let webhooks = registrations
        .iter()
        .flat_map(|one| one["webhooks"].as_array().unwrap());
    webhooks.cloned().collect()
}

#[tokio::test]
async fn gauntlet_072_every_path_that_is_registered_is_served_and_no_other_one_admits() {
    let served = Served::with(ServerLimits::default()).await;
    let http = served.client().http();
    let service = |name: &Value, port: &Value| {
        of_kind(&["Service"]).into_iter().any(|service| {
            let ports = service["spec"]["ports"].as_array().unwrap();
            service["metadata"]["name"] == *name && ports.iter().any(|one| one["port"] == *port)
        })
    };
    for webhook in webhooks() {
        let client = &webhook["clientConfig"];
        assert_eq!(
            client["url"],
            Value::Null,
            "an address that nobody owns: {webhook}"
        );
        let service_of = &client["service"];
        assert!(
            service(&service_of["name"], &service_of["port"]),
            "{service_of}"
        );
        assert_eq!(service_of["namespace"], "sovverify-system");
        let path = service_of["path"].as_str().unwrap();
        let answered = http.post(path, review("mutate", 0)).await;
        assert_eq!(answered.status, 200, "{path}");
        // Whatever stands near it is nothing, and nothing is no yes.
        for near in [
            format!("{path}/"),
            format!("{path}/x"),
            format!("/{path}"),
            "/".to_owned(),
            path.to_uppercase(),
        ] {
            let answered = http.post(&near, review("mutate", 0)).await;
            assert!(
                !answered.admits() && answered.status != 200,
                "{near}: {answered:?}"
            );
        }
    }
}

#[test]
fn gauntlet_072_what_is_registered_fails_closed_and_names_every_kind_that_is_judged() {
    for webhook in webhooks() {
        let name = &webhook["name"];
        assert_eq!(webhook["failurePolicy"], "Fail", "{name}");
        assert_eq!(webhook["sideEffects"], "None", "{name}");
        assert_eq!(webhook["matchPolicy"], "Equivalent", "{name}");
        assert_eq!(webhook["admissionReviewVersions"], json!(["v1"]), "{name}");
        let patience = webhook["timeoutSeconds"].as_u64().unwrap();
        assert!((5..=30).contains(&patience), "{name}: {patience}");
        // A running pod is not pinned anew: that would start its containers again.
        let operations = match name.as_str() {
            Some("pins.sovverify.dev") => json!(["CREATE"]),
            _ => json!(["CREATE", "UPDATE"]),
        };
        for rule in webhook["rules"].as_array().unwrap() {
            assert_eq!(texts(&rule["operations"]), texts(&operations), "{name}");
        }
    }
    let workloads = webhooks();
    let workloads = workloads
        .iter()
        .find(|one| one["name"] == "workloads.sovverify.dev")
        .unwrap();
    let rules = workloads["rules"].as_array().unwrap();
    let named = |group: &str, resource: &str| {
        rules.iter().any(|rule| {
            texts(&rule["apiGroups"]).contains(group)
                && texts(&rule["resources"]).contains(resource)
        })
    };
    for (group, resource) in [
        ("", "pods"),
        ("", "pods/ephemeralcontainers"),
        ("", "podtemplates"),
        ("", "replicationcontrollers"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("batch", "jobs"),
        ("batch", "cronjobs"),
    ] {
        assert!(named(group, resource), "{group} {resource}");
    }
}

#[test]
fn gauntlet_075_nothing_that_a_tenant_can_set_exempts_an_object_or_a_namespace() {
    let exempt = json!([{
        "key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": EXEMPT,
    }]);
    for webhook in webhooks() {
        let name = &webhook["name"];
        assert_eq!(webhook["objectSelector"], Value::Null, "{name}");
        assert_eq!(webhook["matchConditions"], Value::Null, "{name}");
        let selector = &webhook["namespaceSelector"];
        // Documents of ours are asked about everywhere.
        if name != "documents.sovverify.dev" || !selector.is_null() {
            assert_eq!(*selector, json!({ "matchExpressions": exempt }), "{name}");
        }
    }
    // Where the webhook is not asked, the API server itself holds images against a list.
    for policy in of_kind(&["ValidatingAdmissionPolicy"]) {
        assert_eq!(policy["spec"]["failurePolicy"], "Fail");
        let selector = &policy["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"];
        assert_eq!(selector[0]["key"], "kubernetes.io/metadata.name");
        assert_eq!(texts(&selector[0]["values"]), texts(&json!(EXEMPT)));
        let rules = policy["spec"]["matchConstraints"]["resourceRules"].to_string();
        assert!(rules.contains("pods/ephemeralcontainers"), "{rules}");
    }
    // The namespace of the webhook is none in which a pod could become more than a pod.
    for namespace in of_kind(&["Namespace"]) {
        let labels = &namespace["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    }
}

#[test]
fn gauntlet_147_the_webhook_itself_may_read_little_and_write_nothing_but_status() {
    for role in of_kind(&["ClusterRole", "Role"]) {
        for rule in role["rules"].as_array().unwrap() {
            let (resources, verbs) = (texts(&rule["resources"]), texts(&rule["verbs"]));
            assert!(!rule.to_string().contains('*'), "{rule}");
            assert!(!resources.contains("secrets"), "{rule}");
            let writes = verbs
                .iter()
                .any(|verb| !matches!(verb.as_str(), "get" | "list" | "watch"));
            if writes {
                assert_eq!(verbs, texts(&json!(["patch"])), "{rule}");
                let status = |resource: &String| resource.ends_with("/status");
                assert!(resources.iter().all(status), "{rule}");
                assert_eq!(
                    texts(&rule["apiGroups"]),
                    texts(&json!(["policy.sovverify.dev"]))
                );
            }
        }
    }
}

#[test]
fn gauntlet_148_no_role_is_shipped_that_lets_a_tenant_write_what_the_webhook_reports() {
    for role in of_kind(&["ClusterRole", "Role"]) {
        let labels = role["metadata"]["labels"].to_string();
        assert!(!labels.contains("aggregate-to"), "{labels}");
    }
    for binding in of_kind(&["ClusterRoleBinding", "RoleBinding"]) {
        for subject in binding["subjects"].as_array().unwrap() {
            assert_eq!(subject["kind"], "ServiceAccount", "{binding}");
            assert_eq!(subject["name"], "sovverify-webhook", "{binding}");
            assert_eq!(subject["namespace"], "sovverify-system", "{binding}");
        }
    }
}

#[test]
fn gauntlet_073_the_network_of_the_webhook_is_closed_but_for_what_it_needs() {
    for policy in of_kind(&["NetworkPolicy"]) {
        let spec = &policy["spec"];
        assert_eq!(
            texts(&spec["policyTypes"]),
            texts(&json!(["Ingress", "Egress"]))
        );
        for rule in spec["ingress"].as_array().unwrap() {
            assert!(
                rule["ports"]
                    .as_array()
                    .is_some_and(|ports| !ports.is_empty()),
                "{rule}"
            );
        }
        for rule in spec["egress"].as_array().unwrap() {
            assert!(
                rule["ports"]
                    .as_array()
                    .is_some_and(|ports| !ports.is_empty()),
                "{rule}"
            );
            for place in rule["to"].as_array().into_iter().flatten() {
                let block = &place["ipBlock"];
                let except = texts(&block["except"]);
                let closed = match block["cidr"].as_str() {
                    Some("0.0.0.0/0") => "169.254.0.0/16",
                    Some("::/0") => "fe80::/10",
                    _ => continue,
                };
                assert!(except.contains(closed), "{block}");
            }
        }
    }
    for deployment in of_kind(&["Deployment"]) {
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(pod["hostNetwork"], Value::Null);
        // A host that a tenant named holds up no look-up for long.
        let options = pod["dnsConfig"]["options"].to_string();
        assert!(options.contains("\"timeout\"") && options.contains("\"attempts\""));
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        for container in pod["containers"].as_array().unwrap() {
            let context = &container["securityContext"];
            assert_eq!(context["readOnlyRootFilesystem"], true);
            assert_eq!(context["allowPrivilegeEscalation"], false);
            assert_eq!(context["capabilities"]["drop"], json!(["ALL"]));
        }
    }
}
