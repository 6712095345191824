//! Labels of namespaces: kept by a watch, asked for where the watch cannot be relied on.
//!
//! The API server matches the `namespaceSelector` of a webhook in the same way: by a cache that a watch
//! feeds, and by a read where the namespace is not in it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use kube::api::{Api, PartialObjectMeta};
use tokio::sync::Semaphore;

use super::NAME_LABEL;
use super::api;
use super::error::LookupError;
use super::names::is_name;
use super::watching::{self, Follower};

/// Bytes of all labels that are kept: ten thousand namespaces with some ten labels each. What does not
/// fit is asked for each time.
const MAX_KEPT_BYTES: usize = 8 * 1024 * 1024;
/// What one namespace costs beside its text: two maps' nodes.
const ENTRY_BYTES: usize = 128;
/// Namespaces in one answer: metadata alone, a few kilobytes each, 256 KiB at the very worst.
const PAGE: u32 = 100;
/// Namespaces asked for at once: while the watch is lost, each review asks.
const MAX_REQUESTS: usize = 16;

/// Labels by name.
pub(super) type Labels = BTreeMap<String, String>;

/// The labels of all namespaces.
#[derive(Debug)]
pub(super) struct Namespaces {
    kept: Mutex<Kept>,
    requests: Semaphore,
}

#[derive(Debug, Default)]
struct Kept {
    /// What counts, and whether it can be relied on.
    labels: Room,
    current: Currency,
    /// The list that is being read.
    coming: Room,
    /// Why the watch is lost, as it was told.
    lost: Option<String>,
}

/// Whether the watch is being followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Currency {
    #[default]
    Unknown,
    Current,
}

/// Labels within a bound.
#[derive(Debug, Default)]
struct Room {
    labels: BTreeMap<String, Labels>,
    bytes: usize,
}

impl Room {
    fn insert(&mut self, name: String, labels: Labels) {
        self.remove(&name);
        let bytes = size(&name, &labels);
        if self.bytes + bytes <= MAX_KEPT_BYTES {
            self.bytes += bytes;
            self.labels.insert(name, labels);
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(labels) = self.labels.remove(name) {
            self.bytes = self.bytes.saturating_sub(size(name, &labels));
        }
    }
}

fn size(name: &str, labels: &Labels) -> usize {
    let texts = labels.iter().map(|(key, value)| key.len() + value.len());
    ENTRY_BYTES * (1 + labels.len()) + name.len() + texts.sum::<usize>()
}

/// What is read of a namespace.
#[derive(serde::Deserialize)]
struct Object {
    metadata: Metadata,
}

#[derive(serde::Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    labels: Option<Labels>,
}

impl Namespaces {
    pub(super) fn new() -> Self {
        Self {
            kept: Mutex::default(),
            requests: Semaphore::new(MAX_REQUESTS),
        }
    }

    /// Follows the namespaces until the future is dropped.
    pub(super) async fn follow(&self, client: Client) {
        let api: Api<PartialObjectMeta<Namespace>> = Api::all(client);
        watching::watch(api, PAGE, self).await;
    }

    /// The labels of the namespace `name`.
    pub(super) async fn labels(&self, client: &Client, name: &str) -> Result<Labels, LookupError> {
        let mut labels = match self.kept(name) {
            Some(labels) => labels,
            None => self.ask(client, name).await?,
        };
        // Whatever an API server or something before it stored: selectors by name rely on it.
        labels.insert(NAME_LABEL.to_owned(), name.to_owned());
        Ok(labels)
    }

    fn kept(&self, name: &str) -> Option<Labels> {
        let kept = self.lock();
        (kept.current == Currency::Current)
            .then(|| kept.labels.labels.get(name).cloned())
            .flatten()
    }

    async fn ask(&self, client: &Client, name: &str) -> Result<Labels, LookupError> {
        let what = format!("the labels of the namespace `{}`", shown(name));
        if !is_name(name) {
            return Err(LookupError::Missing { what });
        }
        let _permit = self
            .requests
            .acquire()
            .await
            .map_err(|error| LookupError::unavailable(&what, error.to_string()))?;
        let path = format!("/api/v1/namespaces/{name}");
        let object: Option<Object> = api::get(client, &path, &what).await?;
        let Some(Object { metadata }) = object else {
            return Err(LookupError::Missing { what });
        };
        if metadata.name != name {
            return Err(LookupError::malformed(&what, "another namespace"));
        }
        Ok(metadata.labels.unwrap_or_default())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing that holds the lock can panic half-way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower<PartialObjectMeta<Namespace>> for Namespaces {
    fn begin(&self) {
        self.lock().coming = Room::default();
    }

    fn listed(&self, object: PartialObjectMeta<Namespace>) {
        if let Some((name, labels)) = named(object) {
            self.lock().coming.insert(name, labels);
        }
    }

    fn complete(&self) {
        let mut kept = self.lock();
        kept.labels = std::mem::take(&mut kept.coming);
        kept.current = Currency::Current;
        if kept.lost.take().is_some() {
            tracing::info!(event = "watch followed again", kind = "Namespace");
        }
    }

    fn applied(&self, object: PartialObjectMeta<Namespace>) {
        if let Some((name, labels)) = named(object) {
            self.lock().labels.insert(name, labels);
        }
    }

    fn deleted(&self, object: PartialObjectMeta<Namespace>) {
        if let Some(name) = object.metadata.name {
            self.lock().labels.remove(&name);
        }
    }

    fn lost(&self, why: &str) {
        let mut kept = self.lock();
        kept.current = Currency::Unknown;
        if kept.lost.as_deref() != Some(why) {
            kept.lost = Some(why.to_owned());
            tracing::warn!(
                event = "watch lost",
                kind = "Namespace",
                reason = why,
                "the API server is asked for each namespace until it is back"
            );
        }
    }
}

fn named(object: PartialObjectMeta<Namespace>) -> Option<(String, Labels)> {
    let metadata = object.metadata;
    Some((metadata.name?, metadata.labels.unwrap_or_default()))
}

fn shown(name: &str) -> String {
    sovverify::report::escape::show(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_kept_to_the_last_byte_of_their_room() {
        let kept = |bytes: usize| {
            let mut room = Room::default();
            let fixed = 2 * ENTRY_BYTES + "n".len() + "env".len();
            let labels = Labels::from([("env".to_owned(), "x".repeat(bytes - fixed))]);
            room.insert("n".to_owned(), labels);
            (room.labels.len(), room.bytes)
        };
        assert_eq!(kept(MAX_KEPT_BYTES), (1, MAX_KEPT_BYTES));
        assert_eq!(kept(MAX_KEPT_BYTES + 1), (0, 0));
    }
}
