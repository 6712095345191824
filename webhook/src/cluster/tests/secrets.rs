use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sovverify_fetch::config::NamedDocument;

use super::api::FakeApi;
use crate::cluster::secrets::Secrets;
use crate::cluster::{Cluster as _, KubeCluster, LookupError, PullSecrets};

const SECRETS: &str = "/api/v1/namespaces/team/secrets";
const ACCOUNTS: &str = "/api/v1/namespaces/team/serviceaccounts";
const PASSWORD: &str = "hunter2";

fn json_document(host: &str) -> String {
    json!({"auths": {host: {"username": "u", "password": PASSWORD}}}).to_string()
}

fn secret(kind: &str, key: &str, content: &str) -> Value {
    json!({"type": kind, "data": {key: STANDARD.encode(content)}})
}

fn docker_json(host: &str) -> Value {
    let document = json_document(host);
    secret(
        "kubernetes.io/dockerconfigjson",
        ".dockerconfigjson",
        &document,
    )
}

fn account(names: &[&str]) -> Value {
    let names: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"imagePullSecrets": names})
}

async fn of_pod(
    api: &FakeApi,
    account: Option<&str>,
    named: &[&str],
) -> Result<Vec<NamedDocument>, LookupError> {
    let cluster = KubeCluster::new(api.client(), PullSecrets::Read);
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    cluster.pull_secrets("team", account, &named).await
}

fn documents(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What was found, without where it came from.
fn contents(found: &[NamedDocument]) -> Vec<String> {
    let texts = found.iter().map(|document| document.content.expose());
    texts.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn a_pod_that_names_secrets_gets_these_in_order_and_not_those_of_its_account() {
    let api = FakeApi::default()
        .with(&format!("{SECRETS}/one"), &docker_json("one.example"))
        .with(&format!("{SECRETS}/two"), &docker_json("two.example"))
        .with(&format!("{SECRETS}/other"), &docker_json("other.example"))
        .with(&format!("{ACCOUNTS}/default"), &account(&["other"]));
    let expected = [json_document("two.example"), json_document("one.example")];
    let found = of_pod(&api, None, &["two", "one"]).await.unwrap();
    assert!(contents(&found) == documents(&[&expected[0], &expected[1]]));
    assert!(
        !api.asked()
            .iter()
            .any(|path| path.contains("serviceaccounts"))
    );
}

#[tokio::test]
async fn a_pod_that_names_none_gets_those_of_its_account() {
    let api = FakeApi::default()
        .with(&format!("{SECRETS}/one"), &docker_json("one.example"))
        .with(&format!("{SECRETS}/two"), &docker_json("two.example"))
        .with(&format!("{ACCOUNTS}/default"), &account(&["one"]))
        .with(&format!("{ACCOUNTS}/robot"), &account(&["two"]));
    let one = documents(&[&json_document("one.example")]);
    let two = documents(&[&json_document("two.example")]);
    assert!(contents(&of_pod(&api, None, &[]).await.unwrap()) == one);
    assert!(contents(&of_pod(&api, Some(""), &[]).await.unwrap()) == one);
    assert!(contents(&of_pod(&api, Some("robot"), &[]).await.unwrap()) == two);
    assert!(of_pod(&api, Some("nobody"), &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_oldest_format_becomes_the_newer_one() {
    let inner = json!({"old.example": {"auth": "dTpw"}}).to_string();
    let old = secret("kubernetes.io/dockercfg", ".dockercfg", &inner);
    let api = FakeApi::default().with(&format!("{SECRETS}/old"), &old);
    let expected = format!("{{\"auths\":{inner}}}");
    assert!(contents(&of_pod(&api, None, &["old"]).await.unwrap()) == documents(&[&expected]));
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_passed_over() {
    let document = json_document("one.example");
    let api = FakeApi::default()
        .with(
            &format!("{SECRETS}/opaque"),
            &secret("Opaque", ".dockerconfigjson", &document),
        )
        .with(
            &format!("{SECRETS}/crossed"),
            &secret("kubernetes.io/dockercfg", ".dockerconfigjson", &document),
        )
        .with(
            &format!("{SECRETS}/empty"),
            &json!({"type": "kubernetes.io/dockerconfigjson"}),
        )
        .with(&format!("{SECRETS}/one"), &docker_json("one.example"));
    let found = of_pod(&api, None, &["none", "opaque", "crossed", "empty", "one"]).await;
    assert!(contents(&found.unwrap()) == documents(&[&document]));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_says_nothing_of_its_content() {
    let broken = format!("{{\"auths\": {PASSWORD}");
    let shapeless = json!({"type": 1, "data": {"x": PASSWORD}});
    let api = FakeApi::default()
        .refusing(
            &format!("{SECRETS}/forbidden"),
            403,
            "secrets \"forbidden\" is forbidden",
        )
        .refusing(&format!("{SECRETS}/down"), 500, "etcd")
        .refusing(&format!("{ACCOUNTS}/forbidden"), 403, "no")
        .with(
            &format!("{SECRETS}/broken"),
            &secret(
                "kubernetes.io/dockerconfigjson",
                ".dockerconfigjson",
                &broken,
            ),
        )
        .with(
            &format!("{SECRETS}/list"),
            &secret("kubernetes.io/dockercfg", ".dockercfg", "[]"),
        )
        .with(
            &format!("{SECRETS}/binary"),
            &json!({"type": "kubernetes.io/dockercfg", "data": {".dockercfg": "*"}}),
        )
        .with(&format!("{SECRETS}/shapeless"), &shapeless);
    for name in ["forbidden", "down", "broken", "list", "binary", "shapeless"] {
        let error = of_pod(&api, None, &[name]).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains(PASSWORD), "{said}");
        assert!(
            said.contains(&format!("the pull secret `{name}` of `team`")),
            "{said}"
        );
    }
    let error = of_pod(&api, Some("forbidden"), &[]).await.unwrap_err();
    assert!(matches!(error, LookupError::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn a_name_never_leads_out_of_its_namespace() {
    let api = FakeApi::default();
    let evil = ["../../kube-system/secrets/admin", "a?x=", "", "A", "a/b"];
    assert!(of_pod(&api, None, &evil).await.unwrap().is_empty());
    assert!(api.asked().is_empty());
    let found = of_pod(&api, Some("../secrets/admin"), &[]).await;
    assert!(found.unwrap().is_empty());
    assert!(api.asked().is_empty());
}

#[tokio::test]
async fn too_much_is_an_error_and_never_cut() {
    let large = json!({"auths": {"a.example": {"auth": "x".repeat(600_000)}}}).to_string();
    let large = secret(
        "kubernetes.io/dockerconfigjson",
        ".dockerconfigjson",
        &large,
    );
    let api = FakeApi::default()
        .with(&format!("{SECRETS}/one"), &large)
        .with(&format!("{SECRETS}/two"), &large);
    assert_eq!(of_pod(&api, None, &["one"]).await.unwrap().len(), 1);
    let error = of_pod(&api, None, &["one", "two"]).await.unwrap_err();
    assert!(
        error.to_string().contains("at most 1048576 bytes"),
        "{error}"
    );
    let names: Vec<String> = (0..=64).map(|number| format!("s{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let small = names.iter().fold(FakeApi::default(), |api, name| {
        api.with(&format!("{SECRETS}/{name}"), &docker_json(name))
    });
    assert_eq!(of_pod(&small, None, &names[..64]).await.unwrap().len(), 64);
    let error = of_pod(&small, None, &names).await.unwrap_err();
    assert_eq!(error.code(), sovverify::Code::AdmissionLookupRefused);
    let many = vec!["one"; 65];
    let error = of_pod(&api, None, &many).await.unwrap_err();
    assert!(
        error.to_string().contains("at most 64 pull secrets"),
        "{error}"
    );
}

#[tokio::test]
async fn secrets_are_read_once_for_many_pods_and_never_for_another_namespace() {
    let api = FakeApi::default().with(&format!("{SECRETS}/one"), &docker_json("one.example"));
    let cluster = Arc::new(KubeCluster::new(api.client(), PullSecrets::Read));
    let named = Arc::new(["one".to_owned()]);
    let pods: Vec<_> = (0..100)
        .map(|_| {
            let (cluster, named) = (Arc::clone(&cluster), Arc::clone(&named));
            tokio::spawn(async move { cluster.pull_secrets("team", None, &*named).await })
        })
        .collect();
    for pod in pods {
        assert_eq!(pod.await.unwrap().unwrap().len(), 1);
    }
    assert_eq!(api.asked().len(), 1);
    let other = cluster.pull_secrets("other", None, &*named).await.unwrap();
    assert!(other.is_empty());
}

#[tokio::test]
async fn secrets_are_read_again_when_their_time_is_over() {
    let api = FakeApi::default().with(&format!("{SECRETS}/one"), &docker_json("one.example"));
    let (client, named) = (api.client(), ["one".to_owned()]);
    let secrets = Secrets::new(Duration::ZERO);
    for _ in 0..2 {
        let found = secrets.of_pod(&client, "team", None, &named).await.unwrap();
        assert_eq!(found.len(), 1);
    }
    assert_eq!(api.asked().len(), 2);
}

#[tokio::test]
async fn nothing_is_read_where_reading_secrets_is_not_configured() {
    let api = FakeApi::default().with(&format!("{SECRETS}/one"), &docker_json("one.example"));
    let cluster = KubeCluster::new(api.client(), PullSecrets::Ignored);
    let found = cluster
        .pull_secrets("team", None, &["one".to_owned()])
        .await;
    assert!(found.unwrap().is_empty());
    assert!(api.asked().is_empty());
}

#[tokio::test]
async fn nothing_that_holds_secrets_prints_them() {
    let api = FakeApi::default().with(&format!("{SECRETS}/one"), &docker_json("one.example"));
    let cluster = KubeCluster::new(api.client(), PullSecrets::Read);
    let found = cluster
        .pull_secrets("team", None, &["one".to_owned()])
        .await;
    let said = format!("{found:?} {cluster:?}");
    assert!(!said.contains(PASSWORD), "{said}");
}
