//! Sigstore bundles (protobuf-specs `Bundle`, v0.1 to v0.3): guards first, then the parser.

mod outline;

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
use outline::Outline;

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
    let outline: Outline = crate::json::from_slice(bytes).map_err(malformed)?;
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
    crate::json::from_slice(bytes).or_else(|error| {
        if !error.to_string().contains("invalid type: null") {
            return Err(error);
        }
        let Strict(value) = crate::json::from_slice(bytes)?;
        crate::json::objects(value)
    })
}

fn within(what: &str, limit: usize, found: usize) -> Checked<()> {
    if found > limit {
        Err(Rejected::limit(what, limit, found))
    } else {
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

/// Characters of outside text in a rejection.
const KEPT: usize = 200;

/// Outside text in a rejection is bounded; the renderer escapes it.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= KEPT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(KEPT).collect();
    format!("{kept}… ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_up_to_what_is_kept_of_it() {
        let whole = "é".repeat(KEPT);
        assert_eq!(shorten(&whole), whole);
        assert_eq!(
            shorten(&format!("{whole}x")),
            format!("{whole}… ({} bytes)", 2 * KEPT + 1)
        );
    }
}
