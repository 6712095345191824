//! Reviews as the API server sends them, and its answers.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Bytes;
use serde_json::{Value, json};
use sovverify_webhook::decide::Engine;
use sovverify_webhook::server::{Admit as _, Call, Reply};

/// An answer as the API server sees it.
#[derive(Debug)]
pub(crate) struct Answered(pub(crate) Value);

impl Answered {
    pub(crate) fn of(reply: &Reply) -> Self {
        Self(serde_json::from_slice(&reply.body).unwrap())
    }

    pub(crate) fn allowed(&self) -> bool {
        self.0["response"]["allowed"].as_bool().unwrap()
    }

    pub(crate) fn message(&self) -> &str {
        self.0["response"]["status"]["message"]
            .as_str()
            .unwrap_or("")
    }

    pub(crate) fn warnings(&self) -> String {
        self.0["response"]["warnings"].to_string()
    }

    /// Fails unless it is a denial with this code.
    #[track_caller]
    pub(crate) fn is_denied(&self, code: &str) {
        assert!(!self.allowed() && self.message().contains(code), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn is_allowed(&self) {
        assert!(self.allowed(), "{self:?}");
    }
}

pub(crate) async fn ask(engine: &Arc<Engine>, review: &Value) -> Answered {
    let reply = Arc::clone(engine).validate(call(review)).await;
    Answered::of(&reply)
}

pub(crate) fn call(review: &Value) -> Call {
    Call {
        body: Bytes::from(review.to_string()),
        received: Instant::now(),
        timeout: None,
    }
}

/// A review of a pod that is created with these images.
pub(crate) fn review(images: &[&str]) -> Value {
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(number, image)| json!({ "name": format!("c{number}"), "image": image }))
        .collect();
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u",
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "resource": { "group": "", "version": "v1", "resource": "pods" },
            "name": "p", "namespace": "team", "operation": "CREATE",
            "userInfo": {},
            "object": {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": "p", "namespace": "team" },
                "spec": { "containers": containers },
            },
        },
    })
}

/// The review of an object of another kind.
pub(crate) fn review_of((group, kind): (&str, &str), object: &Value) -> Value {
    changed(&review(&[]), |request| {
        request["kind"] = json!({ "group": group, "version": "v1", "kind": kind });
        request["resource"] = json!({ "group": group, "version": "v1", "resource": "objects" });
        request["object"] = object.clone();
    })
}

/// A review in which something of the request is another.
pub(crate) fn changed(review: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut review = review.clone();
    change(&mut review["request"]);
    review
}
