//! Log entries: the bodies as each kind of log writes them, and what a bundle carries about them.

use serde_json::{Value, json};

use crate::encoding::{Hash, base64};
use crate::envelope::{Content, Envelope, Verifier};
use crate::keys::Key;

/// The kind and version of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Rekor v1 `hashedrekord` 0.0.1: message signatures.
    HashedRekord001,
    /// Rekor v1 `dsse` 0.0.1: what today's clients make for envelopes.
    Dsse001,
    /// Rekor v1 `intoto` 0.0.1: what cosign made for envelopes until 2.2.
    Intoto001,
    /// Rekor v1 `intoto` 0.0.2: what sigstore-js makes for envelopes.
    Intoto002,
    /// Rekor v2 `hashedrekord` 0.0.2: everything.
    HashedRekord002,
}

impl EntryKind {
    /// The kind as it is written.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::HashedRekord001 | Self::HashedRekord002 => "hashedrekord",
            Self::Dsse001 => "dsse",
            Self::Intoto001 | Self::Intoto002 => "intoto",
        }
    }

    /// The version as it is written.
    pub const fn version(self) -> &'static str {
        match self {
            Self::HashedRekord001 | Self::Dsse001 | Self::Intoto001 => "0.0.1",
            Self::Intoto002 | Self::HashedRekord002 => "0.0.2",
        }
    }

    /// The canonical body of an entry: JSON with sorted keys and no space (RFC 8785).
    pub fn body(self, content: &Content, verifier: &Verifier, key: &Key) -> Vec<u8> {
        let spec = match (self, content) {
            (Self::HashedRekord001, Content::Message { .. }) => hashedrekord_001(content, verifier),
            (Self::Dsse001, Content::Dsse(envelope)) => dsse_001(envelope, verifier),
            (Self::Intoto001, Content::Dsse(envelope)) => intoto_001(envelope, verifier),
            (Self::Intoto002, Content::Dsse(envelope)) => intoto_002(envelope, verifier),
            (Self::HashedRekord002, _) => hashedrekord_002(content, verifier, key),
            (kind, _) => panic!("a {kind:?} entry cannot be about this content"),
        };
        // Keys are written in order, so that the bytes do not depend on the JSON library.
        json!({ "apiVersion": self.version(), "kind": self.kind(), "spec": spec })
            .to_string()
            .into_bytes()
    }
}

fn hash_value(hash: Hash, digest: &[u8]) -> Value {
    json!({ "algorithm": hash.name(), "value": hex::encode(digest) })
}

fn sha256_value(data: &[u8]) -> Value {
    hash_value(Hash::Sha256, &Hash::Sha256.of(data))
}

fn pem(verifier: &Verifier) -> String {
    base64(verifier.pem().as_bytes())
}

fn hashedrekord_001(content: &Content, verifier: &Verifier) -> Value {
    let Content::Message {
        hash,
        digest,
        signature,
    } = content
    else {
        panic!("hashedrekord 0.0.1 is about messages");
    };
    json!({
        "data": { "hash": hash_value(*hash, digest) },
        "signature": {
            "content": base64(signature),
            "publicKey": { "content": pem(verifier) },
        },
    })
}

fn dsse_001(envelope: &Envelope, verifier: &Verifier) -> Value {
    let signatures: Vec<Value> = envelope
        .signatures
        .iter()
        .map(|(_, sig)| json!({ "signature": base64(sig), "verifier": pem(verifier) }))
        .collect();
    json!({
        "envelopeHash": sha256_value(envelope.json().to_string().as_bytes()),
        "payloadHash": sha256_value(&envelope.payload),
        "signatures": signatures,
    })
}

fn intoto_001(envelope: &Envelope, verifier: &Verifier) -> Value {
    json!({
        "content": {
            "hash": sha256_value(envelope.json().to_string().as_bytes()),
            "payloadHash": sha256_value(&envelope.payload),
        },
        "publicKey": pem(verifier),
    })
}

fn intoto_002(envelope: &Envelope, verifier: &Verifier) -> Value {
    let signatures: Vec<Value> = envelope
        .signatures
        .iter()
        // This kind wraps the signature in base64 twice.
        .map(
            |(_, sig)| json!({ "publicKey": pem(verifier), "sig": base64(base64(sig).as_bytes()) }),
        )
        .collect();
    json!({
        "content": {
            "envelope": { "payloadType": envelope.payload_type, "signatures": signatures },
            "hash": sha256_value(envelope.json().to_string().as_bytes()),
            "payloadHash": sha256_value(&envelope.payload),
        },
    })
}

fn hashedrekord_002(content: &Content, verifier: &Verifier, key: &Key) -> Value {
    let (hash, digest) = match content {
        Content::Message { hash, digest, .. } => (*hash, digest.clone()),
        Content::Dsse(envelope) => {
            let hash = key.scheme().hash();
            (hash, hash.of(&envelope.pae()))
        }
    };
    let verifier = match verifier {
        Verifier::Certificate(certificate) => json!({
            "keyDetails": key.details(),
            "x509Certificate": { "rawBytes": base64(&certificate.der) },
        }),
        Verifier::Key(spki) => json!({
            "keyDetails": key.details(),
            "publicKey": { "rawBytes": base64(spki) },
        }),
    };
    json!({
        "hashedRekordV002": {
            "data": { "algorithm": hash.protobuf_name(), "digest": base64(&digest) },
            "signature": { "content": base64(content.signature()), "verifier": verifier },
        },
    })
}

/// What a bundle carries about one log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The index over all shards of the log.
    pub log_index: u64,
    /// The identifier of the log.
    pub log_id: [u8; 32],
    /// The kind.
    pub kind: String,
    /// The version.
    pub version: String,
    /// When Rekor v1 says it took the entry; covered by the promise only.
    pub integrated_time: Option<i64>,
    /// The promise of inclusion: a signed entry timestamp (SET).
    pub promise: Option<Vec<u8>>,
    /// The proof of inclusion.
    pub proof: Option<Proof>,
    /// The canonical body.
    pub body: Vec<u8>,
}

/// A proof of inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The index within the shard.
    pub log_index: u64,
    /// The root that the path leads to.
    pub root: [u8; 32],
    /// The size of the tree.
    pub tree_size: u64,
    /// The path.
    pub hashes: Vec<[u8; 32]>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl LogEntry {
    /// The entry as a bundle carries it.
    pub fn json(&self) -> Value {
        let mut out = json!({
            "logIndex": self.log_index.to_string(),
            "logId": { "keyId": base64(&self.log_id) },
            "kindVersion": { "kind": self.kind, "version": self.version },
            "canonicalizedBody": base64(&self.body),
        });
        if let Some(time) = self.integrated_time {
            out["integratedTime"] = json!(time.to_string());
        }
        if let Some(promise) = &self.promise {
            out["inclusionPromise"] = json!({ "signedEntryTimestamp": base64(promise) });
        }
        if let Some(proof) = &self.proof {
            let hashes: Vec<String> = proof.hashes.iter().map(|hash| base64(hash)).collect();
            out["inclusionProof"] = json!({
                "logIndex": proof.log_index.to_string(),
                "rootHash": base64(&proof.root),
                "treeSize": proof.tree_size.to_string(),
                "hashes": hashes,
                "checkpoint": { "envelope": proof.checkpoint },
            });
        }
        out
    }
}
