use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use sovverify::ImageName;
use sovverify::policy::Target;
use tempfile::TempDir;

use super::*;
use crate::cluster::tests::api::FakeApi;

const TRUST: &str = "
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: { name: root }
spec: { sigstore: { instance: public-good } }
";

fn policy(images: &str, signer: &str, selector: &str) -> String {
    format!(
        "
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: [\"{images}\"]{selector} }}
  signers:
    release:
      keyless: {{ issuer: https://ci.example, identity: {{ exact: https://ci.example/a }} }}
      trustRoot: root
  require:
    - {{ name: signed, signature: {{ by: [{signer}] }} }}
"
    )
}

fn good(images: &str) -> String {
    policy(images, "release", "")
}

/// A source that is being followed.
struct Followed {
    current: Arc<Current>,
    standing: Arc<Standing>,
    metrics: Arc<Metrics>,
    _task: JoinSet<()>,
}

impl Followed {
    fn new(paths: Paths, client: Option<Client>) -> Self {
        let (current, metrics) = (Arc::<Current>::default(), Arc::<Metrics>::default());
        let source = Source::new(paths, client, Arc::clone(&metrics));
        let source = source.looking_every(Duration::from_millis(2));
        let standing = source.standing();
        let mut task = JoinSet::new();
        task.spawn(source.follow(Arc::clone(&current)));
        Self {
            current,
            standing,
            metrics,
            _task: task,
        }
    }

    fn in_folder(folder: &Path) -> Self {
        let paths = Paths {
            policies: vec![folder.to_owned()],
            ..Paths::default()
        };
        Self::new(paths, None)
    }

    /// The policies that are asked about an image.
    fn asked(&self, image: &str) -> Option<Vec<String>> {
        let name: ImageName = image.parse().unwrap();
        let target = Target::default();
        let state = self.current.get()?;
        let matching = state.policies.matching(&name, Some(&target));
        Some(
            matching
                .policies()
                .iter()
                .map(|policy| policy.name())
                .collect(),
        )
    }

    /// Waits until `what` holds.
    async fn until(&self, what: impl Fn(&Self) -> bool) {
        let seen = async {
            while !what(self) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), seen).await;
        let told = (self.standing.ready(), self.standing.concerns());
        assert!(waited.is_ok(), "{told:?}");
    }
}

fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.yaml"), text).unwrap();
    fs::write(folder.path().join("trust.yaml"), TRUST).unwrap();
    folder
}

fn rewrite(folder: &TempDir, text: &str) {
    fs::write(folder.path().join("policy.yaml"), text).unwrap();
}

#[tokio::test]
async fn a_broken_file_never_replaces_a_good_one_and_a_mended_one_does() {
    let folder = folder(&good("a.example/**"));
    let followed = Followed::in_folder(folder.path());
    followed.until(|f| f.standing.ready().is_ok()).await;
    assert_eq!(followed.asked("a.example/app").unwrap(), ["production"]);
    assert_eq!(followed.standing.concerns(), [""; 0]);

    rewrite(&folder, &policy("b.example/**", "nobody", ""));
    followed.until(|f| !f.standing.concerns().is_empty()).await;
    let concern = &followed.standing.concerns()[0];
    assert!(
        concern.contains("policy.yaml: policy/invalid at line 12: "),
        "{concern}"
    );
    assert!(concern.contains("line: `- { name: signed"), "{concern}");
    assert!(followed.standing.ready().is_ok());
    assert_eq!(followed.asked("a.example/app").unwrap(), ["production"]);
    assert_eq!(followed.asked("b.example/app").unwrap(), [""; 0]);
    let text = followed.metrics.text();
    assert!(
        text.contains("sovverify_webhook_mounted_documents_stale 1\n"),
        "{text}"
    );

    rewrite(&folder, &good("b.example/**"));
    followed
        .until(|f| f.asked("b.example/app").unwrap() == ["production"])
        .await;
    assert_eq!(followed.asked("a.example/app").unwrap(), [""; 0]);
    assert_eq!(followed.standing.concerns(), [""; 0]);
    let text = followed.metrics.text();
    assert!(
        text.contains("sovverify_webhook_mounted_documents_stale 0\n"),
        "{text}"
    );

    fs::remove_dir_all(folder.path()).unwrap();
    followed.until(|f| !f.standing.concerns().is_empty()).await;
    assert_eq!(followed.asked("b.example/app").unwrap(), ["production"]);
}

#[tokio::test]
async fn what_is_broken_from_the_beginning_is_not_ready_and_says_why() {
    let folder = folder(&policy("a.example/**", "nobody", ""));
    let followed = Followed::in_folder(folder.path());
    let says = |f: &Followed| f.standing.ready().is_err_and(|why| why.contains("line 12"));
    followed.until(says).await;
    assert!(followed.current.get().is_none());
    rewrite(&folder, &good("a.example/**"));
    followed.until(|f| f.standing.ready().is_ok()).await;
}

#[tokio::test]
async fn without_access_labels_of_namespaces_but_the_name_are_refused() {
    let selector = ", namespaces: { matchLabels: { env: production } }";
    let folder = folder(&policy("a.example/**", "release", selector));
    let followed = Followed::in_folder(folder.path());
    let says = |f: &Followed| {
        f.standing.ready().is_err_and(|why| {
            why.contains("policy.yaml: policy/invalid at line 6: a policy selects")
        })
    };
    followed.until(says).await;
    let by_name = ", namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } }";
    rewrite(&folder, &policy("a.example/**", "release", by_name));
    followed.until(|f| f.standing.ready().is_ok()).await;
}

#[tokio::test]
async fn without_access_some_policy_is_needed() {
    let folder = folder(TRUST);
    fs::remove_file(folder.path().join("policy.yaml")).unwrap();
    let followed = Followed::in_folder(folder.path());
    let says = |f: &Followed| {
        f.standing
            .ready()
            .is_err_and(|why| why.contains("no policy"))
    };
    followed.until(says).await;
    let followed = Followed::new(Paths::default(), None);
    followed.until(says).await;
}

#[tokio::test]
async fn a_volume_that_is_replaced_as_a_whole_is_taken_as_a_whole() {
    let volume = tempfile::tempdir().unwrap();
    let path = volume.path();
    for (version, images) in [("..1", "a.example/**"), ("..2", "b.example/**")] {
        fs::create_dir(path.join(version)).unwrap();
        fs::write(path.join(version).join("policy.yaml"), good(images)).unwrap();
        fs::write(path.join(version).join("trust.yaml"), TRUST).unwrap();
    }
    symlink("..1", path.join("..data")).unwrap();
    for name in ["policy.yaml", "trust.yaml"] {
        symlink(format!("..data/{name}"), path.join(name)).unwrap();
    }
    let followed = Followed::in_folder(path);
    followed.until(|f| f.asked("a.example/app").is_some()).await;
    symlink("..2", path.join("..tmp")).unwrap();
    fs::rename(path.join("..tmp"), path.join("..data")).unwrap();
    followed
        .until(|f| f.asked("b.example/app").unwrap() == ["production"])
        .await;
}

#[tokio::test]
async fn a_file_that_a_document_names_is_looked_at_too() {
    let key = include_str!("../../../../policies/keys/custodian-ada.pub");
    let text = "
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: { name: production }
spec:
  match: { images: [\"a.example/**\"] }
  signers: { ada: { key: { file: keys/ada.pub }, trustRoot: none } }
  require: [{ name: signed, signature: { by: [ada] } }]
";
    let folder = folder(text);
    fs::create_dir(folder.path().join("keys")).unwrap();
    fs::write(folder.path().join("keys/ada.pub"), key).unwrap();
    let followed = Followed::in_folder(folder.path());
    followed.until(|f| f.standing.ready().is_ok()).await;
    fs::write(folder.path().join("keys/ada.pub"), "no key").unwrap();
    followed.until(|f| !f.standing.concerns().is_empty()).await;
    assert_eq!(followed.asked("a.example/app").unwrap(), ["production"]);
    fs::write(folder.path().join("keys/ada.pub"), key).unwrap();
    followed.until(|f| f.standing.concerns().is_empty()).await;
}

const API: &str = "/apis/policy.sovverify.dev/v1alpha1";

fn list(items: &[Value]) -> Value {
    json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": items})
}

fn object(name: &str, spec: &Value) -> Value {
    json!({"metadata": {"name": name, "uid": name, "generation": 2, "resourceVersion": "5"}, "spec": spec})
}

fn policy_object(signer: &str) -> Value {
    let spec = json!({
        "match": {"images": ["a.example/**"]},
        "signers": {"release": {
            "keyless": {"issuer": "https://ci.example", "identity": {"exact": "https://ci.example/a"}},
            "trustRoot": "root",
        }},
        "require": [{"name": "signed", "signature": {"by": [signer]}}],
    });
    object("production", &spec)
}

fn api(policies: &[Value]) -> FakeApi {
    let root = object("root", &json!({"sigstore": {"instance": "public-good"}}));
    FakeApi::default()
        .with(&format!("{API}/trustroots"), &list(&[root]))
        .with(&format!("{API}/imagepolicies"), &list(&[]))
        .with(&format!("{API}/policyexceptions"), &list(&[]))
        .with(&format!("{API}/clusterimagepolicies"), &list(policies))
}

fn condition(status: &Value) -> (&Value, &Value) {
    let condition = &status["status"]["conditions"][0];
    (&condition["status"], &condition["reason"])
}

#[tokio::test]
async fn objects_are_loaded_and_hear_what_became_of_them() {
    let api = api(&[policy_object("release")]);
    let status = format!("{API}/clusterimagepolicies/production/status");
    let api = api.with(&status, &json!({}));
    let followed = Followed::new(Paths::default(), Some(api.client()));
    followed.until(|f| f.standing.ready().is_ok()).await;
    assert_eq!(followed.asked("a.example/app").unwrap(), ["production"]);
    followed.until(|_| !api.patched(&status).is_empty()).await;
    let written = &api.patched(&status)[0];
    assert_eq!(condition(written), (&json!("True"), &json!("Accepted")));
    assert_eq!(written["status"]["observedGeneration"], 2);
    assert_eq!(written["metadata"]["uid"], "production");
    // It is not shown as written, and still not written again.
    let before = followed.current.get().unwrap().generation;
    followed
        .until(|f| {
            f.metrics
                .text()
                .contains("status_writes_total{success=\"success\"}")
        })
        .await;
    tokio::task::yield_now().await;
    assert_eq!(api.patched(&status).len(), 1);
    assert_eq!(followed.current.get().unwrap().generation, before);
}

#[tokio::test]
async fn a_broken_object_is_ready_with_a_concern_and_a_status() {
    let api = api(&[policy_object("nobody")]);
    let followed = Followed::new(Paths::default(), Some(api.client()));
    followed.until(|f| f.standing.ready().is_ok()).await;
    let concerns = followed.standing.concerns();
    assert_eq!(concerns, ["objects that are broken, see their status: 1"]);
    let status = format!("{API}/clusterimagepolicies/production/status");
    followed.until(|_| !api.patched(&status).is_empty()).await;
    let written = &api.patched(&status)[0];
    assert_eq!(
        condition(written),
        (&json!("False"), &json!("PolicyInvalid"))
    );
}

#[tokio::test]
async fn before_every_list_is_complete_nothing_is_decided() {
    let api = api(&[policy_object("release")]);
    let missing = format!("{API}/imagepolicies");
    let api = api.refusing(
        &missing,
        404,
        "the server could not find the requested resource",
    );
    let followed = Followed::new(Paths::default(), Some(api.client()));
    let says = |f: &Followed| {
        f.standing
            .ready()
            .is_err_and(|why| why.contains("imagepolicies: list: status 404"))
    };
    followed.until(says).await;
    assert!(followed.current.get().is_none());
    // Installed a moment later.
    let _api = api.with(&missing, &list(&[]));
    followed.until(|f| f.standing.ready().is_ok()).await;
}

#[tokio::test]
async fn no_policy_at_all_is_ready_and_denies() {
    let api = api(&[]);
    let followed = Followed::new(Paths::default(), Some(api.client()));
    followed.until(|f| f.standing.ready().is_ok()).await;
    assert_eq!(followed.asked("a.example/app").unwrap(), [""; 0]);
    let state = followed.current.get().unwrap();
    let name: ImageName = "a.example/app".parse().unwrap();
    assert_eq!(
        state
            .policies
            .matching(&name, Some(&Target::default()))
            .refusals()
            .len(),
        1
    );
}
