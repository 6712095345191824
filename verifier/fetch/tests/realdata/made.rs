//! Bundles and trust roots that are made around what others published: signatures without a bundle,
//! certificates without a signature, timestamps without either.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sovverify::trust::{Inclusion, Requirements, Sct, TrustRoot, TrustRootOptions};
use sovverify::verify::Artifact;
use sovverify::{Anchor, PublicKey};

use super::bundles;

/// Nothing but a signature, as with a key alone or an own authority without log and timestamps.
pub(crate) const BARE: Requirements = Requirements {
    logs: 0,
    timestamps: 0,
    sct: Sct::DangerNotRequired,
    inclusion: Inclusion::Proof,
};

/// A bundle with a signature and nothing about it, for a key that the verifier holds.
pub(crate) fn by_key(signature: &[u8]) -> Value {
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "publicKey": { "hint": "" }, "tlogEntries": [] },
        "messageSignature": { "signature": base64(signature) },
    })
}

/// A bundle whose signer is a chain of certificates, and whose signature is nothing: certificates are
/// judged before it.
pub(crate) fn by_chain(chain: &[Vec<u8>]) -> Value {
    let certificates: Vec<Value> = chain
        .iter()
        .map(|der| json!({ "rawBytes": base64(der) }))
        .collect();
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "verificationMaterial": {
            "x509CertificateChain": { "certificates": certificates },
            "tlogEntries": [],
        },
        "messageSignature": { "signature": base64(b"no signature") },
    })
}

/// A key that is trusted by itself.
pub(crate) fn key_alone(key: &Arc<PublicKey>) -> Anchor {
    Anchor::Key {
        key: Arc::clone(key),
        root: None,
    }
}

/// A trust root of this JSON.
pub(crate) fn root(json: &Value, requirements: Requirements) -> Result<Arc<TrustRoot>, String> {
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    TrustRoot::from_json("made", &json.to_string(), options)
        .map(Arc::new)
        .map_err(|error| format!("trust/malformed: {error}"))
}

/// A trust root with one list of authorities, each a chain of certificates.
pub(crate) fn authorities(list: &str, chains: &[Vec<Vec<u8>>]) -> Value {
    let authorities: Vec<Value> = chains
        .iter()
        .map(|chain| {
            let certificates: Vec<Value> = chain
                .iter()
                .map(|der| json!({ "rawBytes": base64(der) }))
                .collect();
            json!({ "uri": "", "certChain": { "certificates": certificates } })
        })
        .collect();
    json!({
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        list: authorities,
    })
}

/// The verdict on a bundle about `message`.
pub(crate) fn verdict(
    bundle: &Value,
    message: &[u8],
    anchor: Anchor,
    at: &str,
) -> Result<String, String> {
    let bytes = bundle.to_string().into_bytes();
    bundles::verify(&bytes, &Artifact::Bytes(message), anchor, at).map(|signer| signer.to_string())
}

/// A refusal by a later check than the one that is asked about: what is asked about was good. Any other
/// refusal stays one.
pub(crate) fn good_until(actual: Result<String, String>, later: &str) -> Result<String, String> {
    match actual {
        Err(why) if why.starts_with(later) => Ok(format!("good until {why}")),
        other => other,
    }
}

/// A refusal for one of these reasons; one for another reason is as wrong as none.
pub(crate) fn only_for(
    actual: Result<String, String>,
    is_reason: impl Fn(&str) -> bool,
) -> Result<String, String> {
    match actual {
        Err(why) if !is_reason(&why) => Ok(format!("refused for another reason: {why}")),
        other => other,
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn decode(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}
