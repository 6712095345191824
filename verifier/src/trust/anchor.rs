//! What a signature may be anchored in: the authorities of a trust root, or one public key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{PublicKey, TrustRoot};
use crate::digest::Digest;

/// Where a chain of trust may end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Anchor {
    /// Certificates that chain to an authority of this trust root: Fulcio, or an own PKI.
    Certificates(Arc<TrustRoot>),
    /// One public key; its log entries and timestamps are judged by the trust root, and without
    /// one the key alone decides.
    Key {
        /// The key.
        key: Arc<PublicKey>,
        /// The trust root for logs and times; `None` is "key only, no log", and said aloud.
        root: Option<Arc<TrustRoot>>,
    },
}

impl Anchor {
    /// The trust root, where there is one.
    pub const fn root(&self) -> Option<&Arc<TrustRoot>> {
        match self {
            Self::Certificates(root) => Some(root),
            Self::Key { root, .. } => root.as_ref(),
        }
    }

    /// What equal anchors have in common.
    fn likeness(&self) -> Likeness {
        let key = match self {
            Self::Certificates(_) => None,
            Self::Key { key, .. } => Some(key.fingerprint().clone()),
        };
        (key, self.root().map(|root| root.digest().clone()))
    }

    fn same(&self, other: &Self) -> bool {
        let root = |anchor: &Self| {
            anchor
                .root()
                .map(|root| (root.name().to_owned(), root.digest().clone()))
        };
        match (self, other) {
            (Self::Certificates(_), Self::Certificates(_)) => root(self) == root(other),
            (Self::Key { key: a, .. }, Self::Key { key: b, .. }) => {
                a == b && root(self) == root(other)
            }
            _ => false,
        }
    }
}

/// The number of an anchor within its [`TrustStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnchorId(usize);

/// The key and the trust root of an anchor, by their digests.
type Likeness = (Option<Digest>, Option<Digest>);

/// Every anchor that an appraisal tries, each once.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: BTreeMap<AnchorId, Anchor>,
    /// Where an equal one may be: many hands add keys, and each is looked up.
    known: BTreeMap<Likeness, Vec<AnchorId>>,
    /// The number of the next one; none is used twice, whatever is left out.
    next: usize,
}

impl TrustStore {
    /// Adds `anchor` unless an equal one is there, and returns its number.
    pub fn add(&mut self, anchor: Anchor) -> AnchorId {
        let alike = self.known.entry(anchor.likeness()).or_default();
        let same = |id: &&AnchorId| self.anchors.get(id).is_some_and(|a| a.same(&anchor));
        if let Some(id) = alike.iter().find(same) {
            return *id;
        }
        let id = AnchorId(self.next);
        self.next = self.next.saturating_add(1);
        alike.push(id);
        self.anchors.insert(id, anchor);
        id
    }

    /// The anchor with this number.
    pub fn get(&self, id: AnchorId) -> Option<&Anchor> {
        self.anchors.get(&id)
    }

    /// Every anchor with its number.
    pub fn iter(&self) -> impl Iterator<Item = (AnchorId, &Anchor)> {
        self.anchors.iter().map(|(id, anchor)| (*id, anchor))
    }

    /// The same store with the anchors `ids` alone, under their own numbers.
    #[must_use]
    pub fn only(&self, ids: &BTreeSet<AnchorId>) -> Self {
        let mut store = Self {
            next: self.next,
            ..Self::default()
        };
        for (id, anchor) in self.anchors.iter().filter(|(id, _)| ids.contains(id)) {
            store.known.entry(anchor.likeness()).or_default().push(*id);
            store.anchors.insert(*id, anchor.clone());
        }
        store
    }

    /// Whether there is nothing to trust.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}
