//! A transparency log that works like Rekor v2: checkpoints with cosignatures, no times.

use std::sync::Mutex;

use jiff::Timestamp;

use crate::encoding::random;
use crate::entry::{LogEntry, Proof};
use crate::keys::{Key, KeyKind};
use crate::note::{Witness, checkpoint_body, ed25519_key_id, signature_line};
use crate::tree::Tree;

/// Entries of other people that are in the tree before ours.
const OTHERS: usize = 21;

/// A log.
pub struct RekorV2 {
    /// The log's key, Ed25519.
    pub key: Key,
    /// The host name: origin of checkpoints and name in their signature lines.
    pub host: String,
    /// Witnesses that cosign each checkpoint.
    pub witnesses: Vec<Witness>,
    tree: Mutex<Tree>,
}

impl RekorV2 {
    /// A log without witnesses that already holds entries of others.
    pub fn new(host: &str) -> Self {
        let mut tree = Tree::default();
        for _ in 0..OTHERS {
            tree.append(&random::<32>());
        }
        Self {
            key: Key::generate(KeyKind::Ed25519),
            host: host.to_owned(),
            witnesses: Vec::new(),
            tree: Mutex::new(tree),
        }
    }

    /// The identifier of the log: the full C2SP key identifier.
    pub fn id(&self) -> [u8; 32] {
        ed25519_key_id(&self.host, 1, &self.key)
    }

    /// Takes an entry, and returns its proof.
    pub fn add(&self, kind: &str, version: &str, body: Vec<u8>, at: Timestamp) -> LogEntry {
        let mut tree = self.tree.lock().unwrap();
        let index = tree.append(&body);
        LogEntry {
            log_index: index,
            log_id: self.id(),
            kind: kind.to_owned(),
            version: version.to_owned(),
            integrated_time: None,
            promise: None,
            proof: Some(Proof {
                log_index: index,
                root: tree.root(),
                tree_size: tree.size(),
                hashes: tree.proof(index),
                checkpoint: self.checkpoint(&tree, at),
            }),
            body,
        }
    }

    fn checkpoint(&self, tree: &Tree, at: Timestamp) -> String {
        let body = checkpoint_body(&self.host, tree);
        let signature = self.key.sign(body.as_bytes());
        let mut out = format!(
            "{body}\n{}",
            signature_line(&self.host, &self.id(), &signature)
        );
        for witness in &self.witnesses {
            out += &witness.cosign(&body, at);
        }
        out
    }
}
