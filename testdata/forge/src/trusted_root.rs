//! `trusted_root.json`: what verifiers start from.

use serde_json::{Value, json};

use crate::clock::Window;
use crate::encoding::base64;
use crate::keys::Key;
use crate::x509::Certificate;

/// A certificate or timestamp authority in a trusted root.
#[derive(Clone)]
pub struct TrustedAuthority {
    /// The organisation.
    pub organisation: String,
    /// The chain, root last.
    pub chain: Vec<Certificate>,
    /// When it may be used.
    pub validity: Window,
}

/// A log in a trusted root.
#[derive(Clone)]
pub struct TrustedLog {
    /// The host name.
    pub host: String,
    /// The key.
    pub key: Key,
    /// The identifier: SHA-256 of the key, or the C2SP identifier under Rekor v2.
    pub id: [u8; 32],
    /// When it may be used.
    pub validity: Window,
}

/// A trusted root.
#[derive(Clone, Default)]
pub struct TrustedRoot {
    /// Certificate authorities.
    pub certificate_authorities: Vec<TrustedAuthority>,
    /// Transparency logs.
    pub logs: Vec<TrustedLog>,
    /// Certificate transparency logs.
    pub ct_logs: Vec<TrustedLog>,
    /// Timestamp authorities.
    pub timestamp_authorities: Vec<TrustedAuthority>,
}

impl TrustedRoot {
    /// The document.
    pub fn json(&self) -> Value {
        let authorities = |list: &[TrustedAuthority]| -> Vec<Value> {
            list.iter().map(TrustedAuthority::json).collect()
        };
        let logs =
            |list: &[TrustedLog]| -> Vec<Value> { list.iter().map(TrustedLog::json).collect() };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": logs(&self.logs),
            "certificateAuthorities": authorities(&self.certificate_authorities),
            "ctlogs": logs(&self.ct_logs),
            "timestampAuthorities": authorities(&self.timestamp_authorities),
        })
    }

    /// The document as text.
    pub fn text(&self) -> String {
        format!("{:#}\n", self.json())
    }
}

impl TrustedAuthority {
    fn json(&self) -> Value {
        let chain: Vec<Value> = self
            .chain
            .iter()
            .map(|certificate| json!({ "rawBytes": base64(&certificate.der) }))
            .collect();
        let host = self.organisation.replace(' ', "-").to_lowercase();
        json!({
            "subject": { "organization": self.organisation, "commonName": "root" },
            "uri": format!("https://{host}"),
            "certChain": { "certificates": chain },
            "validFor": valid_for(self.validity),
        })
    }
}

impl TrustedLog {
    fn json(&self) -> Value {
        json!({
            "baseUrl": format!("https://{}", self.host),
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": base64(self.key.spki()),
                "keyDetails": self.key.details(),
                "validFor": valid_for(self.validity),
            },
            "logId": { "keyId": base64(&self.id) },
        })
    }
}

fn valid_for(window: Window) -> Value {
    json!({ "start": window.start.to_string(), "end": window.end.to_string() })
}
