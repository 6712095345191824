//! A decision that does what its request says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper::body::Bytes;
use serde_json::{Value, json};
use sovverify_webhook::server::{Admit, Call, Reply};
use tokio::sync::Semaphore;

/// A decision that does what `request.name` says.
pub(crate) struct Answers {
    pub(crate) asked: AtomicUsize,
    pub(crate) finished: AtomicUsize,
    pub(crate) unready: AtomicUsize,
    /// Requests named `wait` take one permit each.
    pub(crate) go: Arc<Semaphore>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            asked: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            unready: AtomicUsize::new(0),
            go: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Admit for Answers {
    fn validate(self: Arc<Self>, call: Call) -> BoxFuture<'static, Reply> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let review: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let request = &review["request"];
        let what = request["name"].as_str().unwrap_or_default().to_owned();
        let uid = request["uid"].as_str().unwrap_or_default().to_owned();
        assert_ne!(what, "panic-at-once", "wanted by the test");
        async move {
            match what.as_str() {
                "hang" => std::future::pending().await,
                "panic" => panic!("wanted by the test"),
                "wait" => self.go.acquire().await.unwrap().forget(),
                _ => {}
            }
            self.finished.fetch_add(1, Ordering::SeqCst);
            let status = match what.as_str() {
                "redirect" => 302,
                "continue" => 100,
                "nonsense" => 7,
                _ => 200,
            };
            reply(status, &uid, &format!("{:?}", call.timeout))
        }
        .boxed()
    }

    fn mutate(self: Arc<Self>, call: Call) -> Option<BoxFuture<'static, Reply>> {
        let review: Value = serde_json::from_slice(&call.body).ok()?;
        let on = review["request"]["name"] == "mutate";
        on.then(|| self.validate(call))
    }

    fn ready(&self) -> Result<(), String> {
        match self.unready.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err("no policy\n\u{1b}[2Jis loaded".to_owned()),
        }
    }
}

fn reply(status: u16, uid: &str, note: &str) -> Reply {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": { "uid": uid, "allowed": true, "warnings": [note] },
    });
    Reply {
        status,
        body: Bytes::from(review.to_string()),
    }
}
