//! DSSE envelopes, and what a signature in a bundle can be made over.

use serde_json::{Value, json};

use crate::encoding::{Hash, base64};
use crate::keys::Key;
use crate::x509::Certificate;

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// A DSSE envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The payload type, covered by the signatures.
    pub payload_type: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// Signatures, each with its key identifier, which nothing covers.
    pub signatures: Vec<(String, Vec<u8>)>,
}

impl Envelope {
    /// An envelope that `key` signs.
    pub fn signed(payload_type: &str, payload: &[u8], key: &Key) -> Self {
        let mut envelope = Self {
            payload_type: payload_type.to_owned(),
            payload: payload.to_vec(),
            signatures: Vec::new(),
        };
        let signature = key.sign(&envelope.pae());
        envelope.signatures.push((String::new(), signature));
        envelope
    }

    /// The pre-authentication encoding: the bytes that are signed (DSSE `protocol.md`).
    pub fn pae(&self) -> Vec<u8> {
        let (kind, payload) = (&self.payload_type, &self.payload);
        let mut out = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
        out.extend_from_slice(payload);
        out
    }

    /// The envelope as JSON.
    pub fn json(&self) -> Value {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|(keyid, sig)| json!({ "keyid": keyid, "sig": base64(sig) }))
            .collect();
        json!({
            "payload": base64(&self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        })
    }
}

/// What was signed, with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A signature over bytes that are not in the bundle.
    Message {
        /// The hash of `digest`.
        hash: Hash,
        /// The digest of the bytes.
        digest: Vec<u8>,
        /// The signature over the bytes.
        signature: Vec<u8>,
    },
    /// A signature over a DSSE envelope.
    Dsse(Envelope),
}

impl Content {
    /// The first signature.
    pub fn signature(&self) -> &[u8] {
        match self {
            Self::Message { signature, .. } => signature,
            Self::Dsse(envelope) => envelope
                .signatures
                .first()
                .map_or(&[], |(_, signature)| signature),
        }
    }
}

/// What a signature is verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verifier {
    /// A certificate, with the rest of its chain where the form carries one.
    Certificate(Certificate),
    /// A public key (`SubjectPublicKeyInfo`).
    Key(Vec<u8>),
}

impl Verifier {
    /// The verifier as PEM.
    pub fn pem(&self) -> String {
        match self {
            Self::Certificate(certificate) => certificate.pem(),
            Self::Key(spki) => crate::der::pem("PUBLIC KEY", spki),
        }
    }
}
