//! What the watches have seen: every object of ours, within bounds.
//!
//! **Invariant**: an object that is too much is still known by its name, so that it denies what it may be
//! about; it is never simply absent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::core::DynamicObject;
use serde_json::Value;
use tokio::sync::Notify;

use super::kind::{Key, Kind};
use crate::cluster::watching::Follower;

/// Bytes of one object's `spec` as JSON. An inline trusted root has some 50 KiB, and the definitions let no
/// text of more than 512 KiB through.
pub(super) const MAX_OBJECT_BYTES: usize = 640 * 1024;
/// Bytes of all objects of one namespace, whose authors must not use up what others need.
const MAX_NAMESPACE_BYTES: usize = 640 * 1024;
/// Bytes of all objects in namespaces together: half of what there is, so that no number of tenants keeps a
/// document of the whole cluster out. A namespace that has n bytes may have more only while as many are left.
const MAX_NAMESPACED_BYTES: usize = 4 * 1024 * 1024;
/// Bytes that each object counts for beside its text: its name, and what is kept about it.
const OBJECT_BYTES: usize = 1024;
/// Bytes of all objects. Parsed, with the lines that complaints quote, each takes some ten times that.
const MAX_TOTAL_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a status that is compared with what it should be; ours is smaller.
const MAX_STATUS_BYTES: usize = 64 * 1024;

/// An object as it was last seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Object {
    /// Tells it from one of the same name that was deleted before.
    pub(super) uid: String,
    /// Counts the changes of its `spec`.
    pub(super) generation: i64,
    /// Its `spec`.
    pub(super) spec: Spec,
    /// What its status says.
    pub(super) status: Arc<Value>,
}

impl Object {
    /// Whether `other` is the same version of the same object, whatever their statuses say.
    pub(super) fn is_version_of(&self, other: &Self) -> bool {
        self.uid == other.uid && self.generation == other.generation && self.spec == other.spec
    }
}

/// The `spec` of an object, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spec {
    /// The whole of it.
    Whole(Arc<str>),
    /// It is beyond a bound.
    Beyond(Bound),
}

/// A bound that an object is beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Object,
    Namespace,
    Total,
}

impl Bound {
    /// The bound in words.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Object => format!("at most {MAX_OBJECT_BYTES} bytes in one object"),
            Self::Namespace => {
                format!("at most {MAX_NAMESPACE_BYTES} bytes in all objects of one namespace")
            }
            Self::Total => format!("at most {MAX_TOTAL_BYTES} bytes in all objects"),
        }
    }
}

/// Every object, and how the watches are.
#[derive(Debug, Default)]
pub(super) struct Objects {
    inner: Mutex<Inner>,
    changed: Notify,
    room: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    known: Room,
    /// By kind: the list that is being read.
    coming: BTreeMap<Kind, Vec<(Key, Object)>>,
    watches: BTreeMap<Kind, Watch>,
    /// Kinds whose objects may find room now that they did not find before.
    stale: BTreeSet<Kind>,
}

/// How one watch is.
#[derive(Debug)]
enum Watch {
    /// Everything is followed.
    Followed,
    /// Followed once, and lost since then.
    Lost(Instant, String),
    /// There has been no list yet.
    Never(String),
}

/// Objects within bounds.
#[derive(Debug, Default)]
struct Room {
    objects: BTreeMap<Key, Object>,
    total: usize,
    /// The part of it that is in namespaces.
    namespaced: usize,
    namespaces: BTreeMap<String, usize>,
}

impl Room {
    /// Takes an object, or what names it where there is no room.
    fn insert(&mut self, key: Key, mut object: Object) {
        self.remove(&key);
        if let Some(bytes) = size(&object) {
            if let Some(bound) = self.beyond(&key, bytes) {
                object.spec = Spec::Beyond(bound);
            } else {
                self.total += bytes;
                if let Some(namespace) = &key.namespace {
                    self.namespaced += bytes;
                    let used = self.namespaces.entry(namespace.clone()).or_default();
                    *used += bytes;
                }
            }
        }
        self.objects.insert(key, object);
    }

    /// The bound that `bytes` more would be beyond.
    fn beyond(&self, key: &Key, bytes: usize) -> Option<Bound> {
        if key.namespace.is_some() {
            let used = self.used(key) + bytes;
            if used > MAX_NAMESPACE_BYTES {
                return Some(Bound::Namespace);
            }
            if used > MAX_NAMESPACED_BYTES.saturating_sub(self.namespaced) {
                return Some(Bound::Total);
            }
        }
        (self.total + bytes > MAX_TOTAL_BYTES).then_some(Bound::Total)
    }

    fn remove(&mut self, key: &Key) -> Option<Object> {
        let object = self.objects.remove(key)?;
        let bytes = size(&object).unwrap_or_default();
        self.total = self.total.saturating_sub(bytes);
        if let Some(namespace) = &key.namespace {
            self.namespaced = self.namespaced.saturating_sub(bytes);
            match self.used(key).saturating_sub(bytes) {
                0 => drop(self.namespaces.remove(namespace)),
                left => drop(self.namespaces.insert(namespace.clone(), left)),
            }
        }
        Some(object)
    }

    /// Removes every object of `kind`.
    fn retain_other(&mut self, kind: Kind) {
        let of_kind = self.objects.keys().filter(|key| key.kind == kind);
        let of_kind: Vec<Key> = of_kind.cloned().collect();
        for key in &of_kind {
            self.remove(key);
        }
    }

    fn used(&self, key: &Key) -> usize {
        let namespace = key.namespace.as_ref();
        let used = namespace.and_then(|namespace| self.namespaces.get(namespace));
        used.copied().unwrap_or_default()
    }

    /// The kinds of which something had to be left out.
    fn left_out(&self) -> BTreeSet<Kind> {
        let stubs = self.objects.iter().filter(|(_, object)| {
            matches!(object.spec, Spec::Beyond(Bound::Namespace | Bound::Total))
        });
        stubs.map(|(key, _)| key.kind).collect()
    }
}

impl Inner {
    /// Changes what is known, and notices where that makes room for what was left out.
    fn change(&mut self, change: impl FnOnce(&mut Room)) {
        let before = self.known.total;
        change(&mut self.known);
        if self.known.total < before {
            self.stale.append(&mut self.known.left_out());
        }
    }
}

/// What an object counts for; nothing where it is beyond a bound.
fn size(object: &Object) -> Option<usize> {
    match &object.spec {
        Spec::Whole(text) => Some(text.len() + OBJECT_BYTES),
        Spec::Beyond(_) => None,
    }
}

impl Objects {
    /// Every object; nothing before each kind has been listed once.
    pub(super) fn snapshot(&self) -> Option<BTreeMap<Key, Object>> {
        let inner = self.lock();
        let listed = |kind| {
            let watch = inner.watches.get(kind);
            watch.is_some_and(|watch| !matches!(watch, Watch::Never(_)))
        };
        Kind::ALL
            .iter()
            .all(listed)
            .then(|| inner.known.objects.clone())
    }

    /// One object.
    pub(super) fn get(&self, key: &Key) -> Option<Object> {
        self.lock().known.objects.get(key).cloned()
    }

    /// Waits until something changes.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What keeps the first lists from being complete, in one line.
    pub(super) fn missing(&self) -> Option<String> {
        let inner = self.lock();
        Kind::ALL
            .iter()
            .find_map(|kind| match inner.watches.get(kind) {
                Some(Watch::Followed | Watch::Lost(..)) => None,
                Some(Watch::Never(why)) => Some(format!("{}: {why}", kind.plural())),
                None => Some(format!("{} are being listed", kind.plural())),
            })
    }

    /// For how long the longest lost watch has been lost, and why. What it showed may be old.
    pub(super) fn lost(&self) -> Option<(Duration, String)> {
        let inner = self.lock();
        let lost = inner
            .watches
            .iter()
            .filter_map(|(kind, watch)| match watch {
                Watch::Lost(since, why) => {
                    Some((since.elapsed(), format!("{}: {why}", kind.plural())))
                }
                Watch::Followed | Watch::Never(_) => None,
            });
        lost.max_by_key(|(since, _)| *since)
    }

    /// The follower of one kind.
    pub(super) const fn of(&self, kind: Kind) -> OfKind<'_> {
        OfKind {
            objects: self,
            kind,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What follows the watch of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfKind<'a> {
    objects: &'a Objects,
    kind: Kind,
}

impl Follower<DynamicObject> for OfKind<'_> {
    fn begin(&self) {
        self.objects.lock().coming.insert(self.kind, Vec::new());
    }

    fn listed(&self, object: DynamicObject) {
        if let Some(entry) = taken(self.kind, object) {
            let mut inner = self.objects.lock();
            inner.coming.entry(self.kind).or_default().push(entry);
        }
    }

    fn complete(&self) {
        let mut inner = self.objects.lock();
        let coming = inner.coming.remove(&self.kind).unwrap_or_default();
        inner.known.retain_other(self.kind);
        for (key, object) in coming {
            inner.known.insert(key, object);
        }
        let before = inner.watches.insert(self.kind, Watch::Followed);
        drop(inner);
        if let Some(Watch::Lost(since, _)) = before {
            let seconds = since.elapsed().as_secs();
            tracing::info!(
                event = "watch followed again",
                kind = self.kind.name(),
                seconds
            );
        }
        self.objects.changed.notify_one();
    }

    fn applied(&self, object: DynamicObject) {
        if let Some((key, object)) = taken(self.kind, object) {
            self.change(|known| known.insert(key, object));
        }
    }

    fn deleted(&self, object: DynamicObject) {
        if let Some((key, _)) = taken(self.kind, object) {
            self.change(|known| drop(known.remove(&key)));
        }
    }

    fn lost(&self, why: &str) {
        let mut inner = self.objects.lock();
        let (watch, told) = match inner.watches.remove(&self.kind) {
            Some(Watch::Lost(since, before)) => (Watch::Lost(since, why.to_owned()), before == why),
            Some(Watch::Followed) => (Watch::Lost(Instant::now(), why.to_owned()), false),
            Some(Watch::Never(before)) => (Watch::Never(why.to_owned()), before == why),
            None => (Watch::Never(why.to_owned()), false),
        };
        inner.watches.insert(self.kind, watch);
        drop(inner);
        if !told {
            tracing::warn!(
                event = "watch lost",
                kind = self.kind.name(),
                reason = why,
                "what it showed still counts"
            );
        }
        self.objects.changed.notify_one();
    }

    async fn relist(&self) {
        loop {
            let room = self.objects.room.notified();
            if self.objects.lock().stale.remove(&self.kind) {
                return;
            }
            room.await;
        }
    }
}

impl OfKind<'_> {
    fn change(&self, change: impl FnOnce(&mut Room)) {
        self.objects.lock().change(change);
        self.objects.room.notify_waiters();
        self.objects.changed.notify_one();
    }
}

/// What is kept of an object. One without a name is none.
fn taken(kind: Kind, object: DynamicObject) -> Option<(Key, Object)> {
    let metadata = object.metadata;
    let key = Key {
        kind,
        namespace: metadata.namespace.filter(|_| kind.is_namespaced()),
        name: metadata.name?,
    };
    let part = |name: &str| object.data.get(name).cloned().unwrap_or_default();
    let spec = part("spec").to_string();
    let status = part("status");
    let status_size = status.to_string().len();
    let object = Object {
        uid: metadata.uid.unwrap_or_default(),
        generation: metadata.generation.unwrap_or_default(),
        spec: if spec.len() > MAX_OBJECT_BYTES {
            Spec::Beyond(Bound::Object)
        } else {
            Spec::Whole(spec.into())
        },
        // A status that is not ours is as good as none: it will be written anew.
        status: Arc::new(if status_size > MAX_STATUS_BYTES {
            Value::Null
        } else {
            status
        }),
    };
    Some((key, object))
}

#[cfg(test)]
mod tests;
