//! Signed notes and checkpoints (C2SP `signed-note`, `tlog-checkpoint`, `tlog-cosignature`).

use jiff::Timestamp;

use crate::encoding::{base64, sha256};
use crate::keys::{Key, KeyKind};
use crate::tree::Tree;

/// The body of a checkpoint: origin, size and root of a tree.
pub(crate) fn checkpoint_body(origin: &str, tree: &Tree) -> String {
    format!("{origin}\n{}\n{}\n", tree.size(), base64(&tree.root()))
}

/// One signature line under a note.
pub(crate) fn signature_line(name: &str, key_id: &[u8], signature: &[u8]) -> String {
    let blob = [&key_id[..4], signature].concat();
    format!("\u{2014} {name} {}\n", base64(&blob))
}

/// The identifier of an Ed25519 key under a name (C2SP `signed-note`, "Signature types").
/// `algorithm` is 1 for notes and 4 for cosignatures.
pub(crate) fn ed25519_key_id(name: &str, algorithm: u8, key: &Key) -> [u8; 32] {
    let mut input = name.as_bytes().to_vec();
    input.extend_from_slice(&[b'\n', algorithm]);
    input.extend(key.raw_public());
    sha256(&input)
}

/// A witness that has seen a log grow and cosigns its checkpoints.
#[derive(Clone)]
pub struct Witness {
    /// The name in signature lines.
    pub name: String,
    /// The witness's Ed25519 key.
    pub key: Key,
}

impl Witness {
    /// A new witness.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: Key::generate(KeyKind::Ed25519),
        }
    }

    /// The signature line of this witness under a checkpoint seen `at`.
    pub(crate) fn cosign(&self, body: &str, at: Timestamp) -> String {
        let seconds = u64::try_from(at.as_second()).unwrap();
        let message = format!("cosignature/v1\ntime {seconds}\n{body}");
        let signature = self.key.sign(message.as_bytes());
        let timed = [&seconds.to_be_bytes()[..], &signature].concat();
        let key_id = ed25519_key_id(&self.name, 4, &self.key);
        signature_line(&self.name, &key_id, &timed)
    }
}
