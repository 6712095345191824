//! Pull secrets: the registry is asked with what the workload may use, and what was found with one tenant's
//! secret is of no use to another.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovverify_testbed::cosign::{Cosign, Reach, Version};
use sovverify_testbed::image::Image;
use sovverify_testbed::registry::{Flavour, READER, Registry};

use crate::support::api::Patch;
use crate::support::install;
use crate::support::objects::{Kind, Place, pod, pod_spec};
use crate::support::stage::{Scene, Stage, base64};
use crate::support::webhook::Settings;

/// The name of every pull secret here.
const SECRET: &str = "registry-login";

/// Puts a pull secret into a namespace, and lets the webhook read it and nothing else there.
fn give(scene: &Scene<'_>, namespace: &str, registry: &str, password: &str) {
    let login = base64(&format!("{}:{password}", READER.0));
    let config = json!({ "auths": { registry: { "auth": login } } }).to_string();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": SECRET },
        "type": "kubernetes.io/dockerconfigjson",
        "data": { ".dockerconfigjson": base64(&config) },
    });
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    scene.api.create(&path, &secret).ok();
    install::let_read_secret(&scene.api, namespace, SECRET);
}

/// A pod that names the pull secret.
fn with_secret(name: &str, image: &str) -> Value {
    let mut pod = pod(name, image);
    pod["spec"]["imagePullSecrets"] = json!([{ "name": SECRET }]);
    pod
}

#[test]
fn a_verdict_that_one_tenants_secret_made_possible_serves_no_other_tenant() {
    let Some(stage) = Stage::get() else { return };
    let open = Registry::start(&stage.kit, Flavour::Plain);
    let guarded = Registry::guarded(&stage.kit, &open);
    let image = Image::push(&open, "private/app", "private");
    let cosign = Cosign::new(&stage.kit, Version::V2);
    cosign.sign(&stage.key, &image.at(open.address()), Reach::Index);
    let (host, image) = (guarded.address().to_string(), image.at(guarded.address()));
    let policy = stage.policy("production", &format!("{host}/**"), "");
    let settings = Settings::policy(policy)
        .registries(&[guarded.address()])
        .in_cluster(&stage.service_account("tenants"))
        .flag("--pull-secrets");
    let scene = Scene::open(stage, "tenants", settings);
    for name in ["tenant-a", "tenant-b", "tenant-c", "tenant-d", "tenant-e"] {
        scene.namespace(name, &BTreeMap::new());
    }
    let pods = |namespace: &str| format!("/api/v1/namespaces/{namespace}/pods");
    give(&scene, "tenant-a", &host, READER.1);
    give(&scene, "tenant-c", &host, "guessed");
    give(&scene, "tenant-d", &host, READER.1);

    // Whoever may pull it, may run it.
    let ours = scene
        .api
        .create(&pods("tenant-a"), &with_secret("app", &image));
    ours.ok();
    // Nobody else may, although the digest is known to be good: without a secret, with a wrong one, with
    // the name of one that does not exist there, or that we may not read.
    install::let_read_secret(&scene.api, "tenant-b", SECRET);
    for (namespace, object, code) in [
        ("tenant-a", pod("without", &image), "registry/unauthorized"),
        ("tenant-b", pod("app", &image), "registry/unauthorized"),
        (
            "tenant-b",
            with_secret("app", &image),
            "registry/unauthorized",
        ),
        (
            "tenant-c",
            with_secret("app", &image),
            "registry/unauthorized",
        ),
        (
            "tenant-e",
            with_secret("app", &image),
            "admission/lookup-refused",
        ),
    ] {
        let message = scene.api.create(&pods(namespace), &object).refused();
        println!("{namespace}: {message}");
        assert!(message.contains(code), "{namespace}: {message}");
    }
    // A secret of the service account counts for pods, into which the API server writes it, and for
    // templates, into which nobody does.
    let account = "/api/v1/namespaces/tenant-d/serviceaccounts/default";
    let secrets = json!({ "imagePullSecrets": [{ "name": SECRET }] });
    scene.api.patch(account, Patch::Merge, &secrets).ok();
    scene
        .api
        .create(&pods("tenant-d"), &pod("app", &image))
        .ok();
    let deployment = &Kind::ALL[4];
    let object = deployment.object("app", &pod_spec(&image, Place::Container, &image));
    scene.api.create(&deployment.path("tenant-d"), &object).ok();

    // What is secret stays secret.
    let login = base64(&format!("{}:{}", READER.0, READER.1));
    for (what, text) in [
        ("log", scene.webhook.process().log()),
        ("metrics", scene.webhook.metrics()),
    ] {
        for secret in [READER.1, login.as_str(), "guessed"] {
            assert!(!text.contains(secret), "`{secret}` in the {what}:\n{text}");
        }
    }
}
