//! The outline of a bundle: every field that the format has. Reading it costs no cryptography, counts
//! everything that would, and refuses what two readers could take for two things: fields that stand
//! twice, two things where there may be one, lists in place of objects, and numbers that are not
//! written as their digits.
//!
//! Fields that are not known are passed over: signers in use add their own (`rawBytes` beside the
//! hint of a key), and nothing is decided by what is not read.

#![expect(dead_code, reason = "that a field has the right form is what counts")]

use std::fmt;

use serde::de::{Error, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use sigstore_types::MediaType;

use super::{shorten, within};
use crate::code::Code;
use crate::limits::Limits;
use crate::verify::rejected::{Checked, Rejected};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outline {
    media_type: Option<String>,
    verification_material: Option<Material>,
    message_signature: Option<Message>,
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_digest: Option<MessageDigest>,
    signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct MessageDigest {
    algorithm: Option<IgnoredAny>,
    digest: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: Option<IgnoredAny>,
    payload_type: Option<IgnoredAny>,
    signatures: Option<Vec<Signature>>,
}

#[derive(Deserialize)]
struct Signature {
    sig: Option<IgnoredAny>,
    keyid: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    certificate: Option<Certificate>,
    x509_certificate_chain: Option<Chain>,
    public_key: Option<PublicKey>,
    tlog_entries: Option<Vec<Entry>>,
    timestamp_verification_data: Option<Timestamps>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    raw_bytes: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Option<Vec<Certificate>>,
}

#[derive(Deserialize)]
struct PublicKey {
    hint: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    log_index: Option<Decimal>,
    log_id: Option<LogId>,
    kind_version: Option<KindVersion>,
    integrated_time: Option<Decimal>,
    inclusion_promise: Option<Promise>,
    inclusion_proof: Option<Proof>,
    canonicalized_body: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogId {
    key_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct KindVersion {
    kind: Option<IgnoredAny>,
    version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Promise {
    signed_entry_timestamp: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    log_index: Option<Decimal>,
    root_hash: Option<IgnoredAny>,
    tree_size: Option<Decimal>,
    hashes: Option<Vec<IgnoredAny>>,
    checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize)]
struct Checkpoint {
    envelope: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timestamps {
    rfc3161_timestamps: Option<Vec<Timestamp>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timestamp {
    signed_timestamp: Option<IgnoredAny>,
}

/// An `int64` as protobuf writes it: a number, or its digits in a text, without `+`, spaces or
/// zeros before it.
struct Decimal;

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl Visitor<'_> for Decimal {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer in decimal digits")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self, E> {
        let number = text.parse::<i64>();
        if number.is_ok_and(|number| number.to_string() == text) {
            return Ok(self);
        }
        let found = shorten(text);
        Err(E::custom(format_args!(
            "expected an integer in decimal digits, found `{found}`"
        )))
    }
}

impl Outline {
    /// Holds what there is against the bounds, and against what the format allows.
    pub(super) fn check(&self, limits: &Limits) -> Checked<()> {
        let expected = "a media type of Sigstore bundle v0.1, v0.2 or v0.3";
        let Some(found) = self.media_type.as_deref() else {
            let code = Code::BundleUnsupported;
            return Err(Rejected::new(code, expected, "no mediaType"));
        };
        if found.parse::<MediaType>().is_err() {
            let code = Code::BundleUnsupported;
            return Err(Rejected::new(code, expected, shorten(found)));
        }
        if self.message_signature.is_some() == self.dsse_envelope.is_some() {
            let expected = "either messageSignature or dsseEnvelope";
            let found = if self.dsse_envelope.is_some() {
                "both"
            } else {
                "neither"
            };
            return Err(Rejected::new(Code::BundleMalformed, expected, found));
        }
        if let Some(envelope) = &self.dsse_envelope {
            let found = envelope.signatures.as_ref().map_or(0, Vec::len);
            if found != 1 {
                let expected = "exactly one signature in the DSSE envelope";
                return Err(Rejected::new(
                    Code::BundleMalformed,
                    expected,
                    found.to_string(),
                ));
            }
        }
        let Some(material) = &self.verification_material else {
            let expected = "verificationMaterial";
            return Err(Rejected::new(Code::BundleMalformed, expected, "none"));
        };
        material.check(limits)
    }
}

impl Material {
    fn check(&self, limits: &Limits) -> Checked<()> {
        let signers = [
            self.certificate.is_some(),
            self.x509_certificate_chain.is_some(),
            self.public_key.is_some(),
        ];
        let found = signers.iter().filter(|present| **present).count();
        if found != 1 {
            let expected = "one of certificate, x509CertificateChain and publicKey";
            return Err(Rejected::new(
                Code::BundleMalformed,
                expected,
                format!("{found} of them"),
            ));
        }
        if let Some(chain) = &self.x509_certificate_chain {
            let found = chain.certificates.as_ref().map_or(0, Vec::len);
            if found == 0 {
                let expected = "at least one certificate in the chain";
                return Err(Rejected::new(Code::BundleMalformed, expected, "none"));
            }
            within(
                "certificates in one chain",
                limits.chain_certificates,
                found,
            )?;
        }
        let timestamps = self.timestamp_verification_data.as_ref();
        let timestamps = timestamps.and_then(|data| data.rfc3161_timestamps.as_ref());
        within(
            "timestamps in one bundle",
            limits.timestamps,
            timestamps.map_or(0, Vec::len),
        )?;
        let entries = self.tlog_entries.as_deref().unwrap_or_default();
        within(
            "log entries in one bundle",
            limits.log_entries,
            entries.len(),
        )?;
        for proof in entries
            .iter()
            .filter_map(|entry| entry.inclusion_proof.as_ref())
        {
            let hashes = proof.hashes.as_ref().map_or(0, Vec::len);
            within("hashes in one inclusion proof", limits.proof_hashes, hashes)?;
            let envelope = proof
                .checkpoint
                .as_ref()
                .and_then(|note| note.envelope.as_ref());
            let bytes = envelope.map_or(0, String::len);
            within("bytes of one checkpoint", limits.checkpoint_bytes, bytes)?;
        }
        Ok(())
    }
}
