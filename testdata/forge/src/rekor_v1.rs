//! A transparency log that works like Rekor v1: promises, integrated times, proofs.

use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::json;

use crate::encoding::{base64, random};
use crate::entry::{LogEntry, Proof};
use crate::keys::{Key, KeyKind};
use crate::note::{checkpoint_body, signature_line};
use crate::tree::Tree;

/// Entries that earlier shards hold: the global index is ahead of the tree's by this.
const EARLIER_SHARDS: u64 = 4_163_431;

/// Entries of other people that are in the tree before ours.
const OTHERS: usize = 11;

/// A log.
pub struct RekorV1 {
    /// The log's key, ECDSA P-256.
    pub key: Key,
    /// The host name, which signs checkpoints.
    pub host: String,
    tree: Mutex<Tree>,
}

impl RekorV1 {
    /// A log that already holds entries of others.
    pub fn new(host: &str) -> Self {
        let mut tree = Tree::default();
        for _ in 0..OTHERS {
            tree.append(&random::<32>());
        }
        Self {
            key: Key::generate(KeyKind::EcdsaP256),
            host: host.to_owned(),
            tree: Mutex::new(tree),
        }
    }

    /// The identifier of the log: SHA-256 of its key.
    pub fn id(&self) -> [u8; 32] {
        self.key.fingerprint()
    }

    /// Takes an entry, and returns all the evidence there is for it.
    pub fn add(&self, kind: &str, version: &str, body: Vec<u8>, at: Timestamp) -> LogEntry {
        let mut tree = self.tree.lock().unwrap();
        let index = tree.append(&body);
        let mut entry = LogEntry {
            log_index: index + EARLIER_SHARDS,
            log_id: self.id(),
            kind: kind.to_owned(),
            version: version.to_owned(),
            integrated_time: Some(at.as_second()),
            promise: None,
            proof: Some(Proof {
                log_index: index,
                root: tree.root(),
                tree_size: tree.size(),
                hashes: tree.proof(index),
                checkpoint: self.checkpoint(&tree),
            }),
            body,
        };
        entry.promise = Some(self.key.sign(&promised_bytes(&entry)));
        entry
    }

    /// A checkpoint over `tree`, as this log signs it.
    pub(crate) fn checkpoint(&self, tree: &Tree) -> String {
        let body = checkpoint_body(&format!("{} - 1193050959916656506", self.host), tree);
        let signature = self.key.sign(body.as_bytes());
        let line = signature_line(&self.host, &self.id(), &signature);
        format!("{body}\n{line}")
    }

    /// A checkpoint of the tree as it is now.
    pub fn current_checkpoint(&self) -> String {
        self.checkpoint(&self.tree.lock().unwrap())
    }
}

/// What a signed entry timestamp covers: canonical JSON of these four.
fn promised_bytes(entry: &LogEntry) -> Vec<u8> {
    json!({
        "body": base64(&entry.body),
        "integratedTime": entry.integrated_time,
        "logID": hex::encode(entry.log_id),
        "logIndex": entry.log_index,
    })
    .to_string()
    .into_bytes()
}
