//! Sigstore bundles (protobuf-specs `Bundle`, v0.1 to v0.3): guards first, then the parser.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sigstore_types::bundle::{KindVersion, TransparencyLogEntry, VerificationMaterialContent};
use sigstore_types::{Bundle, DerCertificate, HashAlgorithm, SignatureContent};

use super::material::{
    EntryKind, InclusionProof, LogEntry, Material, SignedContent, SignerMaterial, Source,
};
use super::rejected::{Checked, Rejected};
use crate::code::Code;
use crate::digest::{Digest, DigestAlgorithm};
use crate::json::Strict;
use crate::limits::Limits;

/// The outline of a bundle. Reading it costs no cryptography, counts everything that would, and
/// refuses duplicate fields and two things where there may be one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    media_type: Option<String>,
    verification_material: Option<MaterialOutline>,
    message_signature: Option<IgnoredAny>,
    dsse_envelope: Option<EnvelopeOutline>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MaterialOutline {
    certificate: Option<IgnoredAny>,
    x509_certificate_chain: Option<ChainOutline>,
    public_key: Option<IgnoredAny>,
    tlog_entries: Option<Vec<EntryOutline>>,
    timestamp_verification_data: Option<TimestampOutline>,
}

#[derive(Deserialize)]
struct ChainOutline {
    certificates: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryOutline {
    inclusion_proof: Option<ProofOutline>,
}

#[derive(Deserialize)]
struct ProofOutline {
    hashes: Option<Vec<IgnoredAny>>,
    checkpoint: Option<CheckpointOutline>,
}

#[derive(Deserialize)]
struct CheckpointOutline {
    envelope: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimestampOutline {
    rfc3161_timestamps: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct EnvelopeOutline {
    signatures: Option<Vec<IgnoredAny>>,
}

/// Reads a bundle after every guard.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Checked<Material> {
    within("bundle bytes", limits.bundle_bytes, bytes.len())?;
    let malformed = |error: serde_json::Error| {
        Rejected::new(
            Code::BundleMalformed,
            "a Sigstore bundle (JSON)",
            error.to_string(),
        )
    };
    let outline: Outline = serde_json::from_slice(bytes).map_err(malformed)?;
    outline.check(limits)?;
    let bundle = parse(bytes).map_err(|error| {
        let text = error.to_string();
        let code = if text.contains("unsupported") {
            Code::BundleUnsupported
        } else {
            Code::BundleMalformed
        };
        Rejected::new(code, "a supported Sigstore bundle", text)
    })?;
    material(bundle, limits)
}

/// Most bundles carry no `null` and are read in one pass.
fn parse(bytes: &[u8]) -> Result<Bundle, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        if !error.to_string().contains("invalid type: null") {
            return Err(error);
        }
        let Strict(value) = serde_json::from_slice(bytes)?;
        serde_json::from_value(value)
    })
}

fn within(what: &str, limit: usize, found: usize) -> Checked<()> {
    if found > limit {
        Err(Rejected::limit(what, limit, found))
    } else {
        Ok(())
    }
}

impl Outline {
    fn check(&self, limits: &Limits) -> Checked<()> {
        let expected = "a media type of Sigstore bundle v0.1, v0.2 or v0.3";
        match self.media_type.as_deref() {
            None => {
                return Err(Rejected::new(
                    Code::BundleUnsupported,
                    expected,
                    "no mediaType",
                ));
            }
            Some(found) if found.parse::<sigstore_types::MediaType>().is_err() => {
                return Err(Rejected::new(
                    Code::BundleUnsupported,
                    expected,
                    shorten(found),
                ));
            }
            Some(_) => {}
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

impl MaterialOutline {
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

fn material(bundle: Bundle, limits: &Limits) -> Checked<Material> {
    let content = match &bundle.content {
        SignatureContent::MessageSignature(message) => SignedContent::Message {
            signature: message.signature.clone(),
            declared: message
                .message_digest
                .as_ref()
                .map(declared_digest)
                .transpose()?,
        },
        SignatureContent::DsseEnvelope(envelope) => {
            within(
                "payload bytes",
                limits.payload_bytes,
                envelope.payload.len(),
            )?;
            SignedContent::Envelope {
                envelope: envelope.clone(),
                bytes_digest: None,
            }
        }
        _ => return Err(unsupported("message signature or DSSE envelope")),
    };
    let signer = match &bundle.verification_material.content {
        VerificationMaterialContent::Certificate(certificate) => {
            certificates(std::iter::once(&certificate.raw_bytes), limits)?
        }
        VerificationMaterialContent::X509CertificateChain {
            certificates: chain,
        } => certificates(
            chain.iter().map(|certificate| &certificate.raw_bytes),
            limits,
        )?,
        VerificationMaterialContent::PublicKey(_) => SignerMaterial::PublicKey,
        _ => return Err(unsupported("certificate or public key")),
    };
    let entries = &bundle.verification_material.tlog_entries;
    let entries = entries.iter().map(log_entry).collect::<Checked<Vec<_>>>()?;
    let timestamps = bundle
        .verification_material
        .timestamp_verification_data
        .rfc3161_timestamps
        .iter();
    let timestamps = timestamps
        .map(|timestamp| timestamp.signed_timestamp.clone())
        .collect();
    Ok(Material {
        content,
        signer,
        entries,
        timestamps,
        source: Source::Bundle(Box::new(bundle)),
    })
}

pub(super) fn certificates<'a>(
    mut chain: impl Iterator<Item = &'a DerCertificate>,
    limits: &Limits,
) -> Checked<SignerMaterial> {
    let Some(leaf) = chain.next().cloned() else {
        return Err(Rejected::new(
            Code::BundleMalformed,
            "at least one certificate",
            "none",
        ));
    };
    let intermediates: Vec<DerCertificate> = chain.cloned().collect();
    within(
        "certificates in one chain",
        limits.chain_certificates,
        intermediates.len() + 1,
    )?;
    for certificate in std::iter::once(&leaf).chain(&intermediates) {
        within(
            "bytes of one certificate",
            limits.certificate_bytes,
            certificate.len(),
        )?;
    }
    Ok(SignerMaterial::Certificate {
        leaf,
        intermediates,
    })
}

fn declared_digest(declared: &sigstore_types::bundle::MessageDigest) -> Checked<Digest> {
    let algorithm = match declared.algorithm {
        HashAlgorithm::Sha2256 => DigestAlgorithm::Sha256,
        HashAlgorithm::Sha2384 => DigestAlgorithm::Sha384,
        HashAlgorithm::Sha2512 => DigestAlgorithm::Sha512,
        _ => {
            return Err(unsupported(
                "message digest of SHA2-256, SHA2-384 or SHA2-512",
            ));
        }
    };
    let text = format!(
        "{}:{}",
        algorithm.name(),
        hex::encode(declared.digest.as_bytes())
    );
    text.parse().map_err(|error: crate::digest::DigestError| {
        Rejected::new(
            Code::BundleMalformed,
            "a message digest of the right length",
            error.to_string(),
        )
    })
}

fn log_entry(entry: &TransparencyLogEntry) -> Checked<LogEntry> {
    let kind = match entry.kind_version {
        KindVersion::HashedRekordV001 => EntryKind::HashedRekordV001,
        KindVersion::HashedRekordV002 => EntryKind::HashedRekordV002,
        KindVersion::DsseV001 => EntryKind::DsseV001,
        KindVersion::IntotoV002 => EntryKind::IntotoV002,
        _ => {
            return Err(unsupported(
                "log entry of kind hashedrekord, dsse or intoto",
            ));
        }
    };
    let promise = entry.inclusion_promise.as_ref();
    Ok(LogEntry {
        kind,
        log_id: entry.log_id.key_id.as_bytes().to_vec(),
        index: entry.log_index.get(),
        integrated_time: entry.integrated_time,
        promise: promise.map(|promise| {
            sigstore_types::SignatureBytes::from_bytes(promise.signed_entry_timestamp.as_bytes())
        }),
        proof: entry.inclusion_proof.as_ref().map(|proof| InclusionProof {
            index: proof.log_index.get(),
            tree_size: proof.tree_size,
            root_hash: proof.root_hash,
            hashes: proof.hashes.clone(),
            checkpoint: proof.checkpoint.envelope().to_owned(),
        }),
        body: entry.canonicalized_body.as_bytes().to_vec(),
    })
}

fn unsupported(expected: &str) -> Rejected {
    Rejected::new(Code::BundleUnsupported, expected, "something newer")
}

/// Outside text in a rejection is bounded; the renderer escapes it.
pub(super) fn shorten(text: &str) -> String {
    const KEPT: usize = 200;
    if text.chars().count() <= KEPT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(KEPT).collect();
    format!("{kept}… ({} bytes)", text.len())
}
