//! Look-ups at their bounds: as much as there may be is read, and one more is an error; as many at once
//! as there may be, and the next one waits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::api::{Answer, FakeApi};
use crate::cluster::namespaces::Namespaces;
use crate::cluster::secrets::Secrets;
use crate::cluster::{Cluster as _, KubeCluster, PullSecrets};

/// Long enough for one more request, if there were one.
const MOMENT: Duration = Duration::from_millis(50);

/// How many requests there are in the end of all that never get an answer; waits until there are `count`.
async fn asked<T>(api: &FakeApi, work: impl Future<Output = T>, count: usize) -> usize {
    let watched = async {
        while api.asked().len() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(MOMENT).await;
    };
    let patience = Duration::from_secs(20);
    tokio::select! {
        _ = work => panic!("nobody answers"),
        () = watched => {}
        () = tokio::time::sleep(patience) => {}
    }
    api.asked().len()
}

#[tokio::test]
async fn an_answer_and_what_it_says_are_taken_up_to_their_bounds() {
    const ANSWER: usize = 4 * 1024 * 1024;
    const MESSAGE: usize = 300;
    let object = json!({"metadata": {"name": "a"}}).to_string();
    let padded = |bytes: usize| format!("{object}{}", " ".repeat(bytes - object.len()));
    let namespaces = Namespaces::new();
    for (bytes, is_read) in [(ANSWER, true), (ANSWER + 1, false)] {
        let answer = Answer::Object(200, padded(bytes));
        let api = FakeApi::default().answer("/api/v1/namespaces/a", answer);
        let found = namespaces.labels(&api.client(), "a").await;
        assert_eq!(found.is_ok(), is_read, "{bytes}");
    }
    for (length, is_whole) in [(MESSAGE, true), (MESSAGE + 1, false)] {
        let said = "é".repeat(length);
        let api = FakeApi::default().refusing("/api/v1/namespaces/a", 500, &said);
        let error = namespaces.labels(&api.client(), "a").await.unwrap_err();
        assert_eq!(error.to_string().contains(&said), is_whole, "{error}");
    }
}

#[tokio::test]
async fn as_many_namespaces_are_asked_for_at_once_as_there_may_be() {
    const REQUESTS: usize = 16;
    let paths = (0..REQUESTS + 5).map(|number| format!("/api/v1/namespaces/n{number}"));
    let api = paths.fold(FakeApi::default(), |api, path| {
        api.answer(&path, Answer::Never)
    });
    let (client, namespaces) = (api.client(), Namespaces::new());
    let names: Vec<String> = (0..REQUESTS + 5)
        .map(|number| format!("n{number}"))
        .collect();
    let all = join_all(names.iter().map(|name| namespaces.labels(&client, name)));
    assert_eq!(asked(&api, all, REQUESTS).await, REQUESTS);
}

/// A pull secret whose document has so many bytes.
fn secret(bytes: usize) -> Value {
    let document = json!({ "auths": {} }).to_string();
    let padded = format!("{document}{}", " ".repeat(bytes - document.len()));
    let content = STANDARD.encode(padded);
    json!({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": content}})
}

fn path(pod: usize, name: usize) -> String {
    format!("/api/v1/namespaces/team-{pod}/secrets/s{name}")
}

#[tokio::test]
async fn the_secrets_of_a_pod_are_read_up_to_their_bytes() {
    const BYTES: usize = 1024 * 1024;
    let names = ["s0", "s1"].map(ToOwned::to_owned);
    for (bytes, is_read) in [(BYTES, true), (BYTES + 1, false)] {
        let api = FakeApi::default()
            .with(&path(0, 0), &secret(bytes / 2))
            .with(&path(0, 1), &secret(bytes - bytes / 2));
        let cluster = KubeCluster::new(api.client(), PullSecrets::Read);
        let found = cluster.pull_secrets("team-0", None, &names).await;
        assert_eq!(found.is_ok(), is_read, "{bytes}");
    }
}

#[tokio::test]
async fn as_many_pods_and_secrets_are_asked_for_at_once_as_there_may_be() {
    const PODS: usize = 16;
    const REQUESTS: usize = 8;
    let places = (0..PODS + 3).flat_map(|pod| (0..REQUESTS + 3).map(move |name| path(pod, name)));
    let api = places.fold(FakeApi::default(), |api, path| {
        api.answer(&path, Answer::Never)
    });
    let (client, secrets) = (api.client(), Secrets::new(Duration::ZERO));
    let names: Vec<String> = (0..REQUESTS + 3).map(|name| format!("s{name}")).collect();
    let pods: Vec<String> = (0..PODS + 3).map(|pod| format!("team-{pod}")).collect();
    let all = pods
        .iter()
        .map(|pod| secrets.of_pod(&client, pod, None, &names));
    let most = PODS * REQUESTS;
    assert_eq!(asked(&api, join_all(all), most).await, most);
    let of_one = api
        .asked()
        .iter()
        .filter(|path| path.contains("/team-0/"))
        .count();
    assert_eq!(of_one, REQUESTS);
}
