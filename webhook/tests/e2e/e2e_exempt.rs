//! The namespaces that the webhook is not asked about, and the rights that it has: both are what is shipped,
//! and no more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::control_plane::ControlPlane;
use crate::support::install::{self, NAMESPACE};
use crate::support::kubectl::Kubectl;
use crate::support::objects::pod;
use crate::support::patience::until;
use crate::support::programs::Programs;
use crate::support::stage::Stage;

const IMAGE: &str = "registry.example/sovverify-webhook";
const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const GATE: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sovverify-webhook";
/// The one that pins tags, asked before it.
const PINS: &str =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/sovverify-webhook";

/// A copy of what is shipped, in which an operator has put a certificate and an overlay.
struct Installation {
    folder: PathBuf,
    kubectl: Kubectl,
}

impl Installation {
    fn new(stage: &Stage, plane: &ControlPlane) -> Self {
        let folder = stage.folder("deploy");
        let copied = Command::new("cp")
            .args(["-r", "--"])
            .arg(install::folder())
            .arg(&folder)
            .status();
        assert!(copied.unwrap().success());
        let folder = folder.join("kustomize");
        let identity = plane.authority.server("sovverify-webhook");
        let overlay = folder.join("overlays/own-certificate");
        fs::copy(&identity.certificate, overlay.join("tls.crt")).unwrap();
        fs::copy(&identity.key, overlay.join("tls.key")).unwrap();
        fs::write(overlay.join("ca.crt"), &plane.authority.pem).unwrap();
        Self {
            folder,
            kubectl: plane.kubectl(),
        }
    }

    /// Writes an overlay, and returns what it renders to.
    fn overlay(&self, name: &str, text: &str) -> String {
        let folder = self.folder.join("overlays").join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("kustomization.yaml"), text).unwrap();
        self.render(&folder)
    }

    fn render(&self, folder: &Path) -> String {
        let output = self
            .kubectl
            .run(&["kustomize", &folder.display().to_string()]);
        assert!(output.success, "{output}");
        output.stdout
    }
}

/// An overlay as docs/operations/install.md has it, with every part.
fn everything() -> String {
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../own-certificate]
components: [../../components/pull-secrets, ../../components/exempt-namespaces, ../../components/pin-tags]
images:
  - {{ name: sovverify-webhook, newName: {IMAGE}, digest: \"{DIGEST}\" }}
patches:
  - patch: |-
      apiVersion: v1
      kind: ConfigMap
      metadata: {{ name: sovverify-exempt-namespaces, namespace: {NAMESPACE} }}
      data:
        {NAMESPACE}: |
          {IMAGE}@
        kube-system: |
          registry.k8s.io/
"
    )
}

/// Whether a pod would be created, and what is said where it is not.
fn tried(api: &Api, namespace: &str, image: &str) -> Result<(), String> {
    let mut object = pod("tried", image);
    object["spec"]["securityContext"] = json!({
        "runAsNonRoot": true, "runAsUser": 1, "seccompProfile": { "type": "RuntimeDefault" },
    });
    object["spec"]["containers"][0]["securityContext"] =
        json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } });
    let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
    let answer = api.create(&path, &object);
    if answer.is_ok() {
        Ok(())
    } else {
        Err(answer.message().to_owned())
    }
}

#[test]
fn namespaces_that_are_exempt_run_what_their_list_says_while_nobody_answers() {
    let Some(stage) = Stage::get() else { return };
    let plane = ControlPlane::start(Programs::find().unwrap(), &stage.folder("install"));
    let (api, kubectl) = (plane.admin(), plane.kubectl());
    let installation = Installation::new(stage, &plane);
    let base = installation.render(&installation.folder.join("base"));
    assert!(base.contains("kind: CustomResourceDefinition"));
    let text = installation.overlay("everything", &everything());
    assert!(text.contains(&format!("image: {IMAGE}@{DIGEST}")), "{text}");
    assert!(text.contains("- --pull-secrets"), "{text}");
    assert!(text.contains("- --mutate"), "{text}");
    // Both webhooks of the gate, and the one that pins.
    assert_eq!(text.matches("caBundle: ").count(), 3, "{text}");

    // First everything but the gate, then the gate, as the page says.
    let rest = [
        "apply",
        "--validate=strict",
        "-l",
        "app.kubernetes.io/component!=gate",
        "-f",
        "-",
    ];
    until("everything but the gate to be taken", || {
        // Objects of a namespace that was made a moment ago may come too early.
        kubectl.run_with(&rest, &text).success.then_some(())
    });
    assert_eq!(api.get(GATE).status, 404);
    until("two pods of the webhook", || {
        let pods = api
            .get(&format!("/api/v1/namespaces/{NAMESPACE}/pods"))
            .ok();
        let pods = pods["items"].as_array().unwrap().clone();
        let ours = pods
            .iter()
            .filter(|pod| pod["spec"]["containers"][0]["image"] == format!("{IMAGE}@{DIGEST}"));
        (ours.count() == 2).then_some(())
    });
    until("the gate to be taken", || {
        let output = kubectl.run_with(&["apply", "--validate=strict", "-f", "-"], &text);
        output.success.then_some(())
    });
    let gate = api.get(GATE).ok();
    for hook in gate["webhooks"].as_array().unwrap() {
        assert_eq!(hook["failurePolicy"], "Fail");
        assert_eq!(hook["sideEffects"], "None");
        assert!(hook["clientConfig"]["caBundle"].is_string());
        assert_eq!(hook["objectSelector"], json!({}));
    }

    // Nobody answers. No workload starts, and no policy is stored...
    until("the gate to be closed", || {
        let refused = tried(&api, "default", "registry.k8s.io/pause:3.10").err()?;
        refused.contains("failed calling webhook").then_some(())
    });
    let policy = stage.policy("late", "**", "");
    let stored = kubectl.run_with(&["apply", "-f", "-"], &policy);
    assert!(stored.stderr.contains("failed calling webhook"), "{stored}");
    // ...but what must start before the webhook can does, and nothing else in its place.
    let ours = format!("{IMAGE}@{DIGEST}");
    until("the list of exempt namespaces to count", || {
        tried(&api, "kube-system", "docker.io/evil")
            .is_err()
            .then_some(())
    });
    assert_eq!(tried(&api, NAMESPACE, &ours), Ok(()));
    assert_eq!(
        tried(&api, "kube-system", "registry.k8s.io/pause:3.10"),
        Ok(())
    );
    for (namespace, image) in [
        (NAMESPACE, format!("{IMAGE}:latest")),
        (NAMESPACE, format!("evil.example/x@{DIGEST}")),
        ("kube-system", "registry.k8s.io.evil.example/x".to_owned()),
    ] {
        let message = tried(&api, namespace, &image).unwrap_err();
        assert!(message.contains(&format!("found `{image}`")), "{message}");
    }
    no_debug_container(&api, &format!("evil.example/x@{DIGEST}"));
    // The way out, for whoever administers the cluster.
    api.delete(GATE).ok();
    api.delete(PINS).ok();
    until("the gate to be open", || {
        tried(&api, "default", "docker.io/any").ok()
    });
}

/// A container that is put into a running pod of the webhook is an image like any other.
fn no_debug_container(api: &Api, image: &str) {
    let pods = api
        .get(&format!("/api/v1/namespaces/{NAMESPACE}/pods"))
        .ok();
    let name = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{name}");
    let mut object = api.get(&path).ok();
    object["spec"]["ephemeralContainers"] = json!([{
        "name": "debug", "image": image,
        "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
            "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" },
        },
    }]);
    let answer = api.replace(&format!("{path}/ephemeralcontainers"), &object);
    assert!(
        answer.message().contains(&format!("found `{image}`")),
        "{answer:?}"
    );
    // Anything else of the pod may change.
    let mut object = api.get(&path).ok();
    object["metadata"]["annotations"]["note"] = "x".into();
    api.replace(&path, &object).ok();
}

#[test]
fn the_rights_that_are_shipped_are_enough_and_no_more() {
    let Some(stage) = Stage::get() else { return };
    stage.service_account("rights");
    let api = stage.plane.admin();
    let can = |verb: &str, resource: &str| {
        let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {
                "user": format!("system:serviceaccount:{NAMESPACE}:sovverify-webhook"),
                "groups": ["system:serviceaccounts", "system:authenticated"],
                "resourceAttributes": {
                    "verb": verb, "group": group, "resource": resource, "subresource": part,
                },
            },
        });
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        api.create(path, &review).ok()["status"]["allowed"] == true
    };
    let kinds = [
        "clusterimagepolicies",
        "imagepolicies",
        "trustroots",
        "policyexceptions",
    ];
    for kind in kinds.map(|kind| format!("{kind}.policy.sovverify.dev")) {
        for verb in ["get", "list", "watch"] {
            assert!(can(verb, &kind), "{verb} {kind}");
        }
        assert!(can("patch", &format!("{kind}/status")), "{kind}");
        for verb in ["create", "update", "patch", "delete"] {
            assert!(!can(verb, &kind), "{verb} {kind}");
        }
    }
    assert!(can("watch", "namespaces"));
    assert!(can("get", "serviceaccounts"));
    for (verb, resource) in [
        ("get", "secrets"),
        ("list", "secrets"),
        ("watch", "secrets"),
        ("list", "serviceaccounts"),
        ("get", "pods"),
        ("create", "pods"),
        ("get", "configmaps"),
        ("patch", "namespaces"),
        (
            "patch",
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
        ),
        ("impersonate", "users"),
    ] {
        assert!(!can(verb, resource), "{verb} {resource}");
    }
}

/// A document is no document of ours only because its rights say so: what is shipped names each kind.
#[test]
fn the_gate_asks_about_every_kind_that_is_watched() {
    let Some(stage) = Stage::get() else { return };
    let hooks: &Value = &stage.gate["webhooks"];
    let resources = |hook: &Value| -> Vec<String> {
        let rules = hook["rules"].as_array().unwrap().iter();
        let names = rules.flat_map(|rule| rule["resources"].as_array().unwrap());
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let workloads = resources(&hooks[0]);
    for name in [
        "pods",
        "pods/ephemeralcontainers",
        "deployments",
        "cronjobs",
    ] {
        assert!(workloads.contains(&name.to_owned()), "{name}");
    }
    let documents = resources(&hooks[1]);
    for kind in sovverify_webhook::source::Kind::ALL {
        assert!(documents.contains(&kind.plural().to_owned()), "{kind:?}");
    }
}
