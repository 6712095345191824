//! An API server in memory: paths and answers, and a list of what was asked.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use hyper::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

/// Answers by path, each with its status; everything else is 404.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeApi {
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
    patched: Arc<Mutex<Vec<(String, Value)>>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Object(u16, String),
    Never,
}

impl FakeApi {
    pub(crate) fn with(self, path: &str, object: &Value) -> Self {
        self.answer(path, Answer::Object(200, object.to_string()))
    }

    pub(crate) fn refusing(self, path: &str, status: u16, message: &str) -> Self {
        let body =
            json!({"kind": "Status", "status": "Failure", "message": message, "code": status});
        self.answer(path, Answer::Object(status, body.to_string()))
    }

    pub(crate) fn answer(self, path: &str, answer: Answer) -> Self {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
        self
    }

    /// Everything that was asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Everything that was sent to a path, in order.
    pub(crate) fn patched(&self, path: &str) -> Vec<Value> {
        let patched = self.patched.lock().unwrap();
        let of_path = patched.iter().filter(|(at, _)| at == path);
        of_path.map(|(_, body)| body.clone()).collect()
    }

    pub(crate) fn client(&self) -> Client {
        let api = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let api = api.clone();
            async move { Ok::<_, Infallible>(api.respond(request).await) }
        });
        Client::new(service, "default")
    }

    async fn respond(self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        // Nothing ever happens after a list.
        if head
            .uri
            .query()
            .is_some_and(|query| query.contains("watch=true"))
        {
            return std::future::pending().await;
        }
        if head.method == Method::PATCH {
            let body = body.collect().await.unwrap().to_bytes();
            let body = serde_json::from_slice(&body).unwrap();
            self.patched.lock().unwrap().push((path.clone(), body));
        }
        self.asked.lock().unwrap().push(path.clone());
        let answer = self.answers.lock().unwrap().get(&path).cloned();
        let missing = Answer::Object(404, json!({"message": "not found"}).to_string());
        match answer.unwrap_or(missing) {
            Answer::Never => std::future::pending().await,
            Answer::Object(status, body) => Response::builder()
                .status(status)
                .body(Body::from(body.into_bytes()))
                .unwrap(),
        }
    }
}
