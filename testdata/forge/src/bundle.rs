//! Sigstore bundles, every version, with every field open to lies.

use serde_json::{Value, json};

use crate::encoding::base64;
use crate::entry::LogEntry;
use crate::envelope::Content;
use crate::x509::Certificate;

/// The version of a bundle, by its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 0.1: a promise of inclusion is enough.
    V01,
    /// 0.2: a proof of inclusion.
    V02,
    /// 0.3: a proof of inclusion and a single certificate.
    V03,
    /// 0.3 in the older spelling of its media type.
    V03Parameter,
}

impl Version {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V01 => "application/vnd.dev.sigstore.bundle+json;version=0.1",
            Self::V02 => "application/vnd.dev.sigstore.bundle+json;version=0.2",
            Self::V03 => "application/vnd.dev.sigstore.bundle.v0.3+json",
            Self::V03Parameter => "application/vnd.dev.sigstore.bundle+json;version=0.3",
        }
    }
}

/// What a bundle says its signature is verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// One certificate (`certificate`).
    Certificate(Certificate),
    /// A chain, leaf first (`x509CertificateChain`).
    Chain(Vec<Certificate>),
    /// A hint at a public key (`publicKey`).
    PublicKey(String),
}

/// A Sigstore bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The media type, which nothing signs.
    pub media_type: String,
    /// The verification material.
    pub material: Material,
    /// The log entries.
    pub entries: Vec<LogEntry>,
    /// RFC 3161 responses.
    pub timestamps: Vec<Vec<u8>>,
    /// The signature and what it is over.
    pub content: Content,
}

impl Bundle {
    /// The bundle as JSON.
    pub fn json(&self) -> Value {
        let mut material = match &self.material {
            Material::Certificate(leaf) => {
                json!({ "certificate": { "rawBytes": base64(&leaf.der) } })
            }
            Material::Chain(chain) => {
                let chain: Vec<Value> = chain
                    .iter()
                    .map(|certificate| json!({ "rawBytes": base64(&certificate.der) }))
                    .collect();
                json!({ "x509CertificateChain": { "certificates": chain } })
            }
            Material::PublicKey(hint) => json!({ "publicKey": { "hint": hint } }),
        };
        let entries: Vec<Value> = self.entries.iter().map(LogEntry::json).collect();
        material["tlogEntries"] = json!(entries);
        if !self.timestamps.is_empty() {
            let timestamps: Vec<Value> = self
                .timestamps
                .iter()
                .map(|response| json!({ "signedTimestamp": base64(response) }))
                .collect();
            material["timestampVerificationData"] = json!({ "rfc3161Timestamps": timestamps });
        }
        let mut out = json!({
            "mediaType": self.media_type,
            "verificationMaterial": material,
        });
        match &self.content {
            Content::Message {
                hash,
                digest,
                signature,
            } => {
                out["messageSignature"] = json!({
                    "messageDigest": {
                        "algorithm": hash.protobuf_name(),
                        "digest": base64(digest),
                    },
                    "signature": base64(signature),
                });
            }
            Content::Dsse(envelope) => out["dsseEnvelope"] = envelope.json(),
        }
        out
    }

    /// The bundle as the bytes that are published.
    pub fn bytes(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// The leaf certificate, where there is one.
    pub fn leaf(&self) -> Option<&Certificate> {
        match &self.material {
            Material::Certificate(leaf) => Some(leaf),
            Material::Chain(chain) => chain.first(),
            Material::PublicKey(_) => None,
        }
    }
}
