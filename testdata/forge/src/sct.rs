//! A certificate transparency log that promises to publish certificates (RFC 6962).

use jiff::Timestamp;

use crate::der;
use crate::encoding::{Hash, sha256};
use crate::keys::{Key, KeyKind, Scheme};
use crate::x509::{Template, extension};

/// A CT log. It keeps no tree: verifiers of embedded SCTs never ask for one.
#[derive(Clone)]
pub struct CtLog {
    /// The log's key, ECDSA P-256 unless it is replaced.
    pub key: Key,
}

impl CtLog {
    /// A new log.
    pub fn new() -> Self {
        Self {
            key: Key::generate(KeyKind::EcdsaP256),
        }
    }

    /// The extension that embeds the log's promise for `precertificate`, which `issuer` will sign.
    pub(crate) fn promise(
        &self,
        precertificate: &Template,
        issuer: &Key,
        at: Timestamp,
    ) -> Vec<u8> {
        let millis = u64::try_from(at.as_millisecond()).unwrap().to_be_bytes();
        let signature = self.key.sign(&signed_bytes(precertificate, issuer, millis));
        let mut sct = vec![0];
        sct.extend_from_slice(&self.key.fingerprint());
        sct.extend_from_slice(&millis);
        sct.extend_from_slice(&[0, 0]); // no SCT extensions
        sct.extend_from_slice(&self.scheme());
        sct.extend(with_u16_length(&signature));
        sct_list(&with_u16_length(&with_u16_length(&sct)))
    }

    /// `HashAlgorithm` and `SignatureAlgorithm` (RFC 5246, section 7.4.1.4.1).
    fn scheme(&self) -> [u8; 2] {
        let hash = match self.key.scheme().hash() {
            Hash::Sha256 => 4,
            Hash::Sha384 => 5,
            Hash::Sha512 => 6,
        };
        match self.key.scheme() {
            Scheme::RsaPkcs1(_) => [hash, 1],
            Scheme::Ecdsa(_) => [hash, 3],
            other => panic!("no SCT is signed as {other:?} here"),
        }
    }
}

impl Default for CtLog {
    fn default() -> Self {
        Self::new()
    }
}

/// What the log signs: a `precert_entry` (RFC 6962, section 3.2).
fn signed_bytes(precertificate: &Template, issuer: &Key, millis: [u8; 8]) -> Vec<u8> {
    let tbs = precertificate.tbs(issuer);
    let length = u32::try_from(tbs.len()).unwrap().to_be_bytes();
    let mut out = vec![0, 0]; // version 1, certificate_timestamp
    out.extend_from_slice(&millis);
    out.extend_from_slice(&[0, 1]); // precert_entry
    out.extend_from_slice(&sha256(issuer.spki()));
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&tbs);
    out.extend_from_slice(&[0, 0]); // no extensions
    out
}

/// The extension that embeds a list of promises (section 3.3), whatever its bytes are.
pub(crate) fn sct_list(list: &[u8]) -> Vec<u8> {
    extension("1.3.6.1.4.1.11129.2.4.2", &der::octets(list))
}

fn with_u16_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[..], bytes].concat()
}
