use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::PartialObjectMeta;
use serde_json::json;

use super::api::{Answer, FakeApi};
use crate::cluster::api::within;
use crate::cluster::namespaces::Namespaces;
use crate::cluster::watching::Follower as _;
use crate::cluster::{Cluster as _, KubeCluster, LookupError, NAME_LABEL, NoAccess, PullSecrets};

fn namespace(name: &str, labels: &[(&str, &str)]) -> PartialObjectMeta<Namespace> {
    let labels = labels
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    PartialObjectMeta {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(labels.collect()),
            ..ObjectMeta::default()
        },
        ..PartialObjectMeta::default()
    }
}

fn complete(namespaces: &Namespaces, list: &[(&str, &str)]) {
    namespaces.begin();
    for (name, env) in list {
        namespaces.listed(namespace(name, &[("env", env)]));
    }
    namespaces.complete();
}

fn stored(name: &str, env: &str) -> serde_json::Value {
    json!({"metadata": {"name": name, "labels": {"env": env}}})
}

#[tokio::test]
async fn a_namespace_of_the_watch_is_not_asked_for() {
    let api = FakeApi::default();
    let namespaces = Namespaces::new();
    complete(&namespaces, &[("shop", "production")]);
    let labels = namespaces.labels(&api.client(), "shop").await.unwrap();
    assert_eq!(labels["env"], "production");
    assert!(api.asked().is_empty());
}

#[tokio::test]
async fn a_namespace_that_the_watch_has_not_seen_is_asked_for() {
    let api = FakeApi::default().with("/api/v1/namespaces/new", &stored("new", "test"));
    let namespaces = Namespaces::new();
    complete(&namespaces, &[]);
    let labels = namespaces.labels(&api.client(), "new").await.unwrap();
    assert_eq!(labels["env"], "test");
    assert_eq!(api.asked(), ["/api/v1/namespaces/new"]);
}

#[tokio::test]
async fn a_lost_watch_is_not_believed() {
    let api = FakeApi::default().with("/api/v1/namespaces/shop", &stored("shop", "production"));
    let namespaces = Namespaces::new();
    complete(&namespaces, &[("shop", "test")]);
    namespaces.lost("connection refused");
    let labels = namespaces.labels(&api.client(), "shop").await.unwrap();
    assert_eq!(labels["env"], "production");
    // A list that has only begun is no answer either.
    namespaces.begin();
    namespaces.labels(&api.client(), "shop").await.unwrap();
    assert_eq!(api.asked().len(), 2);
    namespaces.listed(namespace("shop", &[("env", "production")]));
    namespaces.complete();
    namespaces.labels(&api.client(), "shop").await.unwrap();
    assert_eq!(api.asked().len(), 2);
}

#[tokio::test]
async fn changes_and_deletions_are_followed() {
    let api = FakeApi::default();
    let namespaces = Namespaces::new();
    complete(&namespaces, &[("shop", "test"), ("old", "test")]);
    namespaces.applied(namespace("shop", &[("env", "production")]));
    namespaces.deleted(namespace("old", &[]));
    let labels = namespaces.labels(&api.client(), "shop").await.unwrap();
    assert_eq!(labels["env"], "production");
    let error = namespaces.labels(&api.client(), "old").await.unwrap_err();
    assert!(matches!(error, LookupError::Missing { .. }), "{error}");
    assert_eq!(error.code(), sovverify::Code::AdmissionLookupFailed);
}

#[tokio::test]
async fn the_label_with_the_name_holds_the_name_whatever_was_stored() {
    let forged = json!({"metadata": {"name": "evil", "labels": {NAME_LABEL: "kube-system"}}});
    let api = FakeApi::default().with("/api/v1/namespaces/evil", &forged);
    let namespaces = Namespaces::new();
    let asked = namespaces.labels(&api.client(), "evil").await.unwrap();
    assert_eq!(asked[NAME_LABEL], "evil");
    namespaces.begin();
    namespaces.listed(namespace("evil", &[(NAME_LABEL, "kube-system")]));
    namespaces.complete();
    let kept = namespaces.labels(&api.client(), "evil").await.unwrap();
    assert_eq!(kept[NAME_LABEL], "evil");
    let without_access = NoAccess.namespace_labels("evil").await.unwrap();
    assert_eq!(without_access[NAME_LABEL], "evil");
}

#[tokio::test]
async fn no_failure_is_an_answer_without_labels() {
    let api = FakeApi::default()
        .refusing("/api/v1/namespaces/forbidden", 403, "no\u{1b}[31m")
        .refusing("/api/v1/namespaces/broken", 500, "etcd")
        .with("/api/v1/namespaces/other", &stored("shop", "test"))
        .with("/api/v1/namespaces/strange", &json!({"items": []}))
        .answer(
            "/api/v1/namespaces/large",
            Answer::Object(200, "x".repeat(5 << 20)),
        );
    let cluster = KubeCluster::new(api.client(), PullSecrets::Ignored);
    let found = |name: &'static str| {
        let look_up = cluster.namespace_labels(name);
        async { look_up.await.unwrap_err().to_string() }
    };
    assert_eq!(
        found("forbidden").await,
        "expected permission to read the labels of the namespace `forbidden`, found: status 403: no\\u{1b}[31m"
    );
    assert!(found("broken").await.ends_with("found: status 500: etcd"));
    assert!(found("other").await.ends_with("found another namespace"));
    assert!(
        found("strange")
            .await
            .ends_with("found an answer of another shape")
    );
    assert!(
        found("large")
            .await
            .starts_with("expected at most 4194304 bytes")
    );
    assert!(found("none").await.ends_with("found none"));
    let asked = api.asked().len();
    assert!(found("../secrets").await.ends_with("found none"));
    assert_eq!(api.asked().len(), asked);
}

#[tokio::test]
async fn labels_beyond_the_bound_are_asked_for_and_never_cut() {
    let api = FakeApi::default().with("/api/v1/namespaces/huge", &stored("huge", "production"));
    let namespaces = Namespaces::new();
    let huge = "x".repeat(9 << 20);
    complete(&namespaces, &[("shop", "test")]);
    namespaces.applied(namespace("huge", &[("env", &huge)]));
    let labels = namespaces.labels(&api.client(), "huge").await.unwrap();
    assert_eq!(labels["env"], "production");
    // One that grew is not answered with what it was.
    namespaces.applied(namespace("shop", &[("env", &huge)]));
    assert!(namespaces.labels(&api.client(), "shop").await.is_err());
    assert_eq!(api.asked().len(), 2);
}

#[tokio::test]
async fn a_look_up_ends_in_time() {
    let api = FakeApi::default().answer("/api/v1/namespaces/slow", Answer::Never);
    let namespaces = Namespaces::new();
    let client = api.client();
    let look_up = namespaces.labels(&client, "slow");
    let error = within(Duration::from_millis(1), "labels", look_up).await;
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "expected labels from the API server, found: no answer within 1 ms"
    );
}
