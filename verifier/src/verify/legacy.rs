//! Legacy cosign forms: signature, certificate, log entry and timestamp in layer annotations
//! (cosign `specs/SIGNATURE_SPEC.md`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use sigstore_types::{DerCertificate, DsseEnvelope, SignatureBytes, TimestampToken};

use super::bundle::certificates;
use super::material::{EntryKind, LogEntry, Material, SignedContent, SignerMaterial, Source};
use super::rejected::{Checked, Rejected};
use crate::code::Code;
use crate::digest::Digest;
use crate::limits::Limits;
use crate::trust::material::pem_certificates;

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const CHAIN: &str = "dev.sigstore.cosign/chain";
const BUNDLE: &str = "dev.sigstore.cosign/bundle";
const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

type Annotations = BTreeMap<String, String>;

/// A simple-signing payload with its annotations.
pub(super) fn signature(
    payload: &[u8],
    annotations: &Annotations,
    limits: &Limits,
) -> Checked<Material> {
    bounded("payload bytes", limits.payload_bytes, payload.len())?;
    let encoded = annotations
        .get(SIGNATURE)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            Rejected::new(
                Code::BundleMalformed,
                format!("annotation `{SIGNATURE}`"),
                "none",
            )
        })?;
    let signature = SignatureBytes::new(base64(SIGNATURE, encoded)?);
    material(
        SignedContent::Message {
            signature,
            declared: None,
        },
        annotations,
        limits,
    )
}

/// A DSSE envelope with its annotations.
pub(super) fn attestation(
    envelope: &[u8],
    annotations: &Annotations,
    limits: &Limits,
) -> Checked<Material> {
    bounded("payload bytes", limits.payload_bytes, envelope.len())?;
    let bytes_digest = Some(Digest::sha256(envelope));
    let envelope: DsseEnvelope = crate::json::from_slice(envelope).map_err(|error| {
        Rejected::new(
            Code::BundleMalformed,
            "a DSSE envelope with one signature",
            error.to_string(),
        )
    })?;
    material(
        SignedContent::Envelope {
            envelope,
            bytes_digest,
        },
        annotations,
        limits,
    )
}

fn material(
    content: SignedContent,
    annotations: &Annotations,
    limits: &Limits,
) -> Checked<Material> {
    for (name, value) in annotations {
        bounded(
            "bytes of one annotation",
            limits.manifest_bytes,
            name.len() + value.len(),
        )?;
    }
    Ok(Material {
        content,
        signer: signer(annotations, limits)?,
        entries: present(annotations, BUNDLE)
            .map(log_entry)
            .transpose()?
            .into_iter()
            .collect(),
        timestamps: present(annotations, TIMESTAMP)
            .map(timestamp)
            .transpose()?
            .into_iter()
            .collect(),
        source: Source::Legacy,
    })
}

fn bounded(what: &str, limit: usize, found: usize) -> Checked<()> {
    if found > limit {
        Err(Rejected::limit(what, limit, found))
    } else {
        Ok(())
    }
}

fn present<'a>(annotations: &'a Annotations, name: &str) -> Option<&'a str> {
    annotations
        .get(name)
        .map(String::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn base64(what: &str, text: &str) -> Checked<Vec<u8>> {
    STANDARD.decode(text.trim()).map_err(|error| {
        Rejected::new(
            Code::BundleMalformed,
            format!("base64 in `{what}`"),
            error.to_string(),
        )
    })
}

fn signer(annotations: &Annotations, limits: &Limits) -> Checked<SignerMaterial> {
    let pem = |name: &str| -> Checked<Vec<DerCertificate>> {
        let Some(text) = present(annotations, name) else {
            return Ok(Vec::new());
        };
        let certificates = pem_certificates(text).map_err(|error| {
            Rejected::new(
                Code::CertificateMalformed,
                format!("PEM certificates in `{name}`"),
                error,
            )
        })?;
        Ok(certificates.into_iter().map(DerCertificate::new).collect())
    };
    let leaf = pem(CERTIFICATE)?;
    match leaf.as_slice() {
        [] => Ok(SignerMaterial::PublicKey),
        [_] => certificates(leaf.iter().chain(&pem(CHAIN)?), limits),
        more => Err(Rejected::new(
            Code::CertificateMalformed,
            format!("one certificate in `{CERTIFICATE}`"),
            more.len().to_string(),
        )),
    }
}

/// cosign's `RekorBundle`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RekorBundle {
    signed_entry_timestamp: String,
    payload: RekorPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RekorPayload {
    body: String,
    integrated_time: i64,
    log_index: u64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// What a body says about its own kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BodyKind {
    kind: String,
    api_version: String,
}

fn log_entry(text: &str) -> Checked<LogEntry> {
    let malformed = |expected: &str, found: String| {
        Rejected::new(Code::TransparencyEntryMalformed, expected, found)
    };
    let bundle: RekorBundle = crate::json::from_str(text)
        .map_err(|error| malformed("a Rekor bundle (JSON)", error.to_string()))?;
    let body = base64(BUNDLE, &bundle.payload.body)?;
    let kind: BodyKind = crate::json::from_slice(&body)
        .map_err(|error| malformed("a Rekor entry body (JSON)", error.to_string()))?;
    let integrated_time = Timestamp::from_second(bundle.payload.integrated_time)
        .map_err(|error| malformed("an integrated time in seconds", error.to_string()))?;
    Ok(LogEntry {
        kind: EntryKind::from_parts(&kind.kind, &kind.api_version).ok_or_else(|| {
            let found = format!("{}/{}", kind.kind, kind.api_version);
            malformed(
                "an entry of kind hashedrekord, dsse or intoto",
                super::bundle::shorten(&found),
            )
        })?,
        log_id: hex::decode(&bundle.payload.log_id)
            .map_err(|error| malformed("a log id in hexadecimal", error.to_string()))?,
        index: bundle.payload.log_index,
        integrated_time: Some(integrated_time),
        promise: Some(SignatureBytes::new(base64(
            BUNDLE,
            &bundle.signed_entry_timestamp,
        )?)),
        proof: None,
        body,
    })
}

/// cosign's `RFC3161Timestamp`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LegacyTimestamp {
    #[serde(rename = "SignedRFC3161Timestamp")]
    signed_timestamp: String,
}

fn timestamp(text: &str) -> Checked<TimestampToken> {
    let parsed: LegacyTimestamp = crate::json::from_str(text).map_err(|error| {
        Rejected::new(
            Code::TimestampInvalid,
            "an RFC 3161 timestamp annotation",
            error.to_string(),
        )
    })?;
    Ok(TimestampToken::new(base64(
        TIMESTAMP,
        &parsed.signed_timestamp,
    )?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(more: Option<(&str, String)>) -> Annotations {
        let more = more.map(|(name, text)| (name.to_owned(), text));
        std::iter::once((SIGNATURE.to_owned(), "AAAA".to_owned()))
            .chain(more)
            .collect()
    }

    #[test]
    fn a_payload_is_taken_up_to_its_bound() {
        let limits = Limits::default();
        let payload = vec![b' '; limits.payload_bytes + 1];
        let (within, annotations) = (&payload[1..], annotations(None));
        assert!(signature(within, &annotations, &limits).is_ok());
        let refused = signature(&payload, &annotations, &limits).map(|_| ());
        assert_eq!(refused.unwrap_err().code, Code::LimitExceeded);
        // Of an attestation it is the envelope that counts.
        let envelope = br#"{"payloadType":"x","payload":"AAAA","signatures":[{"sig":"AAAA"}]}"#;
        for (more, expected) in [(0, None), (1, Some(Code::LimitExceeded))] {
            let limits = Limits {
                payload_bytes: envelope.len() - more,
                ..limits
            };
            let refused = attestation(envelope, &annotations, &limits).err();
            assert_eq!(refused.map(|no| no.code), expected);
        }
    }

    #[test]
    fn an_annotation_is_taken_up_to_its_bound() {
        let limits = Limits::default();
        for (more, expected) in [(0, None), (1, Some(Code::LimitExceeded))] {
            let text = "x".repeat(limits.manifest_bytes - "name".len() + more);
            let refused = signature(b"{}", &annotations(Some(("name", text))), &limits).err();
            assert_eq!(refused.map(|no| no.code), expected);
        }
    }
}
