//! What a signature may be anchored in: the authorities of a trust root, or one public key.

use std::sync::Arc;

use super::{PublicKey, TrustRoot};

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

/// Every anchor that an appraisal tries, each once.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
}

impl TrustStore {
    /// Adds `anchor` unless an equal one is there, and returns its number.
    pub fn add(&mut self, anchor: Anchor) -> AnchorId {
        let found = self.anchors.iter().position(|known| known.same(&anchor));
        AnchorId(found.unwrap_or_else(|| {
            self.anchors.push(anchor);
            self.anchors.len() - 1
        }))
    }

    /// The anchor with this number.
    pub fn get(&self, id: AnchorId) -> Option<&Anchor> {
        self.anchors.get(id.0)
    }

    /// Every anchor with its number.
    pub fn iter(&self) -> impl Iterator<Item = (AnchorId, &Anchor)> {
        self.anchors
            .iter()
            .enumerate()
            .map(|(number, anchor)| (AnchorId(number), anchor))
    }

    /// Whether there is nothing to trust.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}
