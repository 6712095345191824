//! A cluster that says what a test wants.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sovverify_fetch::config::{NamedDocument, Secret};
use sovverify_webhook::cluster::{Cluster, LookupError};

/// A cluster that says what a test wants.
#[derive(Default)]
pub(crate) struct FakeCluster {
    pub(crate) labels: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
    pub(crate) secrets: Mutex<BTreeMap<String, String>>,
    /// Why nothing can be read of a namespace that is not in `labels`.
    pub(crate) labels_fail: Mutex<Option<LookupError>>,
    /// Why no secret can be read.
    pub(crate) secrets_fail: Mutex<Option<LookupError>>,
    /// Whether nothing is ever answered.
    pub(crate) is_silent: AtomicBool,
}

impl Cluster for FakeCluster {
    fn namespace_labels<'a>(
        &'a self,
        namespace: &'a str,
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, LookupError>> {
        if self.is_silent.load(Ordering::SeqCst) {
            return std::future::pending().boxed();
        }
        let found = self.labels.lock().unwrap().get(namespace).cloned();
        let found = found.ok_or_else(|| {
            let why = self.labels_fail.lock().unwrap().clone();
            why.unwrap_or_else(|| LookupError::Unavailable {
                what: "the labels of a namespace".to_owned(),
                detail: "status 500".to_owned(),
            })
        });
        std::future::ready(found).boxed()
    }

    fn pull_secrets<'a>(
        &'a self,
        namespace: &'a str,
        _: Option<&'a str>,
        named: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<NamedDocument>, LookupError>> {
        if let Some(why) = self.secrets_fail.lock().unwrap().clone() {
            return std::future::ready(Err(why)).boxed();
        }
        let secrets = self.secrets.lock().unwrap();
        let found = named
            .iter()
            .filter_map(|name| {
                let source = format!("secret {namespace}/{name}");
                let text = secrets.get(&format!("{namespace}/{name}"))?;
                let content = Secret::new(text.clone());
                Some(NamedDocument { source, content })
            })
            .collect();
        std::future::ready(Ok(found)).boxed()
    }
}
