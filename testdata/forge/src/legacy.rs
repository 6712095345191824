//! cosign's older forms: layers whose annotations carry signature, certificate, log entry and time.

use std::collections::BTreeMap;

use serde_json::json;

use crate::bundle::Bundle;
use crate::encoding::base64;
use crate::entry::LogEntry;
use crate::envelope::{Content, Envelope};
use crate::signing::Signing;
use crate::statement::{Statement, simple_signing};

/// The media type of simple-signing payloads.
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The media type of envelopes.
pub const DSSE_ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
/// The annotation with the signature.
pub const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The annotation with the leaf certificate.
pub const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
/// The annotation with the certificates above it.
pub const CHAIN: &str = "dev.sigstore.cosign/chain";
/// The annotation with the log entry and the promise for it.
pub const LOG_BUNDLE: &str = "dev.sigstore.cosign/bundle";
/// The annotation with an RFC 3161 response.
pub const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

/// One layer of a `.sig` or `.att` manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignLayer {
    /// The media type: of simple-signing payloads, or of envelopes.
    pub media_type: String,
    /// The payload or envelope.
    pub blob: Vec<u8>,
    /// The annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Signing<'_> {
    /// A cosign signature on the image with this digest.
    pub fn cosign_signature(&self, docker_reference: &str, digest: &str) -> CosignLayer {
        self.cosign_signature_over(&simple_signing(docker_reference, digest))
    }

    /// A cosign signature over any payload.
    pub fn cosign_signature_over(&self, payload: &[u8]) -> CosignLayer {
        self.cosign_layer(&self.message(payload), payload)
    }

    /// A cosign attestation.
    pub fn cosign_attestation(&self, statement: &Statement) -> CosignLayer {
        self.cosign_layer(&self.statement(statement), &[])
    }

    /// The layer that carries what `bundle` carries; `payload` is the message that was signed.
    pub fn cosign_layer(&self, bundle: &Bundle, payload: &[u8]) -> CosignLayer {
        let mut annotations = BTreeMap::new();
        let mut annotate = |name: &str, value: String| {
            annotations.insert(name.to_owned(), value);
        };
        let (media_type, blob) = match &bundle.content {
            Content::Message { signature, .. } => {
                annotate(SIGNATURE, base64(signature));
                (SIMPLE_SIGNING, payload.to_vec())
            }
            Content::Dsse(envelope) => {
                annotate(SIGNATURE, String::new());
                annotate("predicateType", predicate_type(envelope));
                (DSSE_ENVELOPE, envelope.json().to_string().into_bytes())
            }
        };
        if let Some(leaf) = bundle.leaf() {
            annotate(CERTIFICATE, leaf.pem());
            annotate(CHAIN, self.chain_pem().unwrap_or_default());
        }
        if let Some(entry) = bundle.entries.first() {
            annotate(LOG_BUNDLE, log_bundle(entry));
        }
        if let Some(response) = bundle.timestamps.first() {
            let response = json!({ "SignedRFC3161Timestamp": base64(response) });
            annotate(TIMESTAMP, response.to_string());
        }
        CosignLayer {
            media_type: media_type.to_owned(),
            blob,
            annotations,
        }
    }
}

/// The log annotation for `entry`.
pub fn log_bundle(entry: &LogEntry) -> String {
    json!({
        "Payload": {
            "body": base64(&entry.body),
            "integratedTime": entry.integrated_time,
            "logID": hex::encode(entry.log_id),
            "logIndex": entry.log_index,
        },
        "SignedEntryTimestamp": base64(entry.promise.as_deref().unwrap_or_default()),
    })
    .to_string()
}

fn predicate_type(envelope: &Envelope) -> String {
    let statement: serde_json::Value =
        serde_json::from_slice(&envelope.payload).unwrap_or_default();
    statement["predicateType"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
