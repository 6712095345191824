//! What the status of our objects says, and how often it is written; and what the definitions of our kinds
//! let through.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::api::{Answer, Api, Patch};
use crate::support::control_plane::ControlPlane;
use crate::support::install;
use crate::support::patience::until;
use crate::support::programs::Programs;
use crate::support::review;
use crate::support::stage::{Scene, Stage};
use crate::support::webhook::Settings;

const GROUP: &str = "/apis/policy.sovverify.dev/v1alpha1";
const APPLY: Patch = Patch::Apply;

/// A control plane with our definitions: policies of the whole cluster would be in the way of other
/// scenarios.
struct Cluster<'a> {
    stage: &'a Stage,
    plane: ControlPlane,
    api: Api,
}

impl<'a> Cluster<'a> {
    fn start(name: &str) -> Option<Self> {
        let stage = Stage::get()?;
        let plane = ControlPlane::start(Programs::find()?, &stage.folder(name));
        install::all_but_the_gate(&plane);
        let api = plane.admin();
        until("the definitions to be served", || {
            let served = [
                "clusterimagepolicies",
                "imagepolicies",
                "trustroots",
                "policyexceptions",
            ];
            let lists = served.map(|plural| api.get(&format!("{GROUP}/{plural}")).is_ok());
            lists.iter().all(|served| *served).then_some(())
        });
        Some(Self { stage, plane, api })
    }

    /// A webhook that has the rights that are shipped, and no file with a policy.
    fn scene(&self, name: &'static str) -> Scene<'a> {
        let account = install::token(&self.plane, name);
        let registry = self.stage.registry.address();
        let settings = Settings::default()
            .registries(&[registry])
            .in_cluster(&account);
        let scene = Scene::ungated_on(self.stage, &self.plane, name, settings);
        scene.close();
        scene
    }

    /// An object of YAML. Without the label of a scenario it goes past every webhook.
    fn object(&self, text: &str) -> Value {
        // Also of what is no such object: who refuses it is what is asked about here.
        let arguments = [
            "create",
            "--dry-run=client",
            "--validate=false",
            "--output=json",
            "-f",
            "-",
        ];
        let output = self.plane.kubectl().run_with(&arguments, text);
        assert!(output.success, "{output}");
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// Stores an object.
    fn apply(&self, path: &str, object: &Value) -> Answer {
        let path = format!("{path}?fieldManager=author&force=true");
        self.api.patch(&path, APPLY, object)
    }

    /// Waits until the object says this of itself, and returns what it says.
    fn says(&self, path: &str, status: &str, reason: &str) -> String {
        until(&format!("{path} to say {reason}"), || {
            let object = self.api.get(path).ok();
            let generation = &object["metadata"]["generation"];
            let condition = &object["status"]["conditions"][0];
            let of_now = condition["observedGeneration"] == *generation;
            let said = condition["status"] == status && condition["reason"] == reason;
            let message = condition["message"].as_str().unwrap_or_default();
            (of_now && said).then(|| message.to_owned())
        })
    }
}

fn policy_path(name: &str) -> String {
    format!("{GROUP}/clusterimagepolicies/{name}")
}

#[test]
fn a_status_is_written_once_and_the_api_server_may_go_and_come_back() {
    let Some(mut cluster) = Cluster::start("statuses") else {
        return;
    };
    let scene = cluster.scene("statuses");
    let account = install::token(&cluster.plane, "second");
    let address = cluster.stage.registry.address();
    let settings = Settings::default()
        .registries(&[address])
        .in_cluster(&account);
    let second = Scene::ungated_on(cluster.stage, &cluster.plane, "second", settings);
    let images = format!("{address}/**");
    let path = policy_path("production");
    let policy = cluster.object(&cluster.stage.policy("production", &images, ""));
    cluster.apply(&path, &policy).ok();
    cluster.says(&path, "True", "Accepted");
    let root = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: { name: root }\n\
                spec: { sigstore: { instance: public-good }, expires: 2020-01-01T00:00:00Z }\n";
    let root_path = format!("{GROUP}/trustroots/root");
    cluster.apply(&root_path, &cluster.object(root)).ok();
    cluster.says(&root_path, "True", "Accepted");
    let conditions = cluster.api.get(&root_path).ok()["status"]["conditions"].clone();
    assert_eq!(conditions[1]["type"], "TrustValid");
    assert_eq!(
        (&conditions[1]["status"], &conditions[1]["reason"]),
        (&json!("False"), &json!("Expired"))
    );
    // Two replicas agree: what is written is written once or twice, and then rests.
    let writes = || {
        let of = |scene: &Scene<'_>| {
            scene
                .webhook
                .metric("sovverify_webhook_status_writes_total", "")
        };
        of(&scene) + of(&second)
    };
    assert!(writes() <= 4.0, "{}", writes());
    let version = cluster.api.get(&path).ok()["metadata"]["resourceVersion"].clone();

    // What the watches showed still counts, and they follow again.
    cluster.plane.restart_api_server();
    cluster.api.delete(&root_path).ok();
    cluster
        .apply(&policy_path("later"), &{
            let mut later = policy.clone();
            later["metadata"]["name"] = "later".into();
            later
        })
        .ok();
    cluster.says(&policy_path("later"), "True", "Accepted");
    assert_eq!(
        cluster.api.get(&path).ok()["metadata"]["resourceVersion"],
        version
    );
    scene.try_pod(&cluster.stage.at(&cluster.stage.good)).ok();
}

/// The objects of a table in `testdata/crd`.
fn table(folder: &str) -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/crd");
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let named = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    };
    files.iter().map(named).collect()
}

/// Where an object is.
fn path_of(object: &Value) -> String {
    let name = object["metadata"]["name"].as_str().unwrap();
    let plural = match object["kind"].as_str().unwrap() {
        "ClusterImagePolicy" => "clusterimagepolicies",
        "ImagePolicy" => "imagepolicies",
        "TrustRoot" => "trustroots",
        kind => {
            assert_eq!(kind, "PolicyException");
            "policyexceptions"
        }
    };
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{GROUP}/namespaces/{namespace}/{plural}/{name}"),
        None => format!("{GROUP}/{plural}/{name}"),
    }
}

#[test]
fn what_the_definitions_let_through_is_refused_by_the_webhook_and_what_is_honest_is_accepted() {
    let Some(cluster) = Cluster::start("tables") else {
        return;
    };
    let scene = cluster.scene("tables");
    let root = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\n\
                metadata: { name: public-good }\nspec: { sigstore: { instance: public-good } }\n";
    let root = cluster.object(root);
    cluster.apply(&path_of(&root), &root).ok();
    cluster.says(&path_of(&root), "True", "Accepted");
    let ask = |object: &Value| {
        let review = review::of_object(object);
        let answer = scene.ask(&review).ok();
        let response = &answer["response"];
        let message = response["status"]["message"].as_str().unwrap_or_default();
        (response["allowed"] == true, message.to_owned())
    };
    for (name, text) in table("good") {
        let object = cluster.object(&text);
        if let Some(namespace) = object["metadata"]["namespace"].as_str() {
            let found = cluster.api.get(&format!("/api/v1/namespaces/{namespace}"));
            if !found.is_ok() {
                scene.namespace(namespace, &BTreeMap::new());
            }
        }
        let (allowed, message) = ask(&object);
        assert!(allowed, "{name}: {message}");
        cluster.apply(&path_of(&object), &object).ok();
        let path = path_of(&object);
        until(&format!("{name} to be accepted"), || {
            let object = cluster.api.get(&path).ok();
            (object["status"]["conditions"][0]["status"] == "True").then_some(())
        });
        cluster.api.delete(&path).ok();
    }
    for (name, text) in table("bad") {
        let object = cluster.object(&text);
        let path = path_of(&object);
        let (collection, _) = path.rsplit_once('/').unwrap();
        let answer = cluster.api.create(collection, &object);
        assert!((400..500).contains(&answer.status), "{name}: {answer:?}");
        let (allowed, message) = ask(&object);
        assert!(!allowed, "{name}: {message}");
    }
    for (name, text) in table("status") {
        let object = cluster.object(&text);
        let path = path_of(&object);
        cluster.apply(&path, &object).ok();
        until(&format!("{name} to be refused"), || {
            let object = cluster.api.get(&path).ok();
            (object["status"]["conditions"][0]["status"] == "False").then_some(())
        });
        cluster.api.delete(&path).ok();
        // A trust root that is not there may come a moment later.
        let (allowed, message) = ask(&object);
        assert_eq!(
            allowed,
            name == "trust-root-that-is-not-there",
            "{name}: {message}"
        );
    }
}
