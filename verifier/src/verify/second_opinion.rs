//! The second opinion: the borrowed verifier of the Sigstore family judges the same evidence, and
//! what it refuses is refused.
//!
//! Ours alone decides on what it does not speak: keys without log and time, an own PKI without
//! times, P-521 and Ed25519ph, log entries of kind `intoto` 0.0.1. A new release of the family is a
//! change to this file.

pub(super) mod memo;

use sigstore_types::bundle::{
    CertificateContent, InclusionPromise, KindVersion, LogId, MessageSignature, Rfc3161Timestamp,
    TimestampVerificationData, TransparencyLogEntry, VerificationMaterial,
    VerificationMaterialContent, X509Certificate,
};
use sigstore_types::{
    Artifact as BorrowedArtifact, ArtifactDigest, Bundle, CanonicalizedBody, DerPublicKey,
    HashAlgorithm, LogIndex, LogKeyId, MediaType, SignatureContent, SignedTimestamp,
};
use sigstore_verify::{Error, PublicKeyVerificationPolicy, VerificationPolicy};

use super::artifact::Artifact;
use super::bundle::shorten;
use super::checks::Case;
use super::material::{EntryKind, LogEntry, Material, SignedContent, SignerMaterial, Source};
use super::rejected::{Checked, Rejected};
use super::transparency::names_sha256;
use crate::code::Code;
use crate::digest::{Digest, DigestAlgorithm};
use crate::trust::{KeyAlgorithm, PublicKey, Sct, TrustRoot};

/// Asks the borrowed verifier, where it speaks the form of the evidence.
///
/// `about` is what a statement was found to be about: it may be attached to an index, and be about one of its
/// manifests. `algorithm` is the one that verified: the borrowed verifier derives it from key and declared
/// digest alone, and does not speak another.
pub(super) fn agrees(
    case: &Case<'_>,
    about: &Digest,
    key: &PublicKey,
    algorithm: &str,
    root: &TrustRoot,
) -> Checked<()> {
    if !speaks(case, key, root) || !same_scheme(case.material, key, algorithm) {
        return Ok(());
    }
    let converted;
    let bundle = match &case.material.source {
        Source::Bundle(bundle) => bundle.as_ref(),
        Source::Legacy => match convert(case.material) {
            Some(bundle) => {
                converted = bundle;
                &converted
            }
            None => return Ok(()),
        },
    };
    let artifact = artifact(case, about, algorithm)?;
    match verify(bundle, &artifact, key, case.material, root) {
        Ok(()) | Err(Error::UnsupportedArtifact(_) | Error::UnsupportedBundle(_)) => Ok(()),
        Err(error) => Err(Rejected::new(
            Code::BundleSecondOpinion,
            "the independent verifier to agree",
            shorten(&error.to_string()),
        )),
    }
}

/// Whether the borrowed verifier speaks this form at all.
fn speaks(case: &Case<'_>, key: &PublicKey, root: &TrustRoot) -> bool {
    let material = case.material;
    let requirements = root.requirements();
    let has_key = !matches!(key.algorithm(), KeyAlgorithm::EcdsaP521);
    let default_hash = key.hash().is_none();
    let has_time = !material.timestamps.is_empty()
        || material.entries.iter().any(|entry| entry.promise.is_some());
    let evidence = has_time || !material.entries.is_empty();
    let kinds = material
        .entries
        .iter()
        .all(|entry| entry.kind != EntryKind::IntotoV001 && names_sha256(entry));
    // It always reads entries and timestamps, also those that the trust root does not ask for.
    let logs = material.entries.is_empty() || !root.material().logs.is_empty();
    let stamps = material.timestamps.is_empty() || !root.material().timestampers.is_empty();
    let proofs = material.source.is_legacy()
        || material.entries.iter().all(|entry| entry.proof.is_some())
        || requirements.logs == 0;
    let whole_time = has_time || matches!(material.signer, SignerMaterial::PublicKey);
    let whole_message = material.content.is_envelope()
        || case.artifact.bytes().is_some()
        || !matches!(
            key.algorithm(),
            KeyAlgorithm::Ed25519
                | KeyAlgorithm::MlDsa44
                | KeyAlgorithm::MlDsa65
                | KeyAlgorithm::MlDsa87
        );
    has_key
        && default_hash
        && evidence
        && kinds
        && logs
        && stamps
        && proofs
        && whole_time
        && whole_message
}

fn same_scheme(material: &Material, key: &PublicKey, algorithm: &str) -> bool {
    let declared = match &material.content {
        SignedContent::Message {
            declared: Some(declared),
            ..
        } => declared.algorithm().name(),
        _ => match key.algorithm() {
            KeyAlgorithm::EcdsaP384 => "sha384",
            _ => "sha256",
        },
    };
    match key.algorithm() {
        KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => algorithm.ends_with(declared),
        KeyAlgorithm::Rsa => algorithm.ends_with(&format!("pkcs1-{declared}")),
        _ => algorithm == key.algorithm().name(),
    }
}

fn verify(
    bundle: &Bundle,
    artifact: &BorrowedArtifact<'_>,
    key: &PublicKey,
    material: &Material,
    root: &TrustRoot,
) -> Result<(), Error> {
    let verifier = &root.material().borrowed;
    match material.signer {
        SignerMaterial::Certificate { .. } => {
            let mut policy = VerificationPolicy::any_identity();
            if material.entries.is_empty() {
                policy = policy.skip_tlog_unsafe();
            }
            if root.requirements().sct != Sct::Required {
                policy = policy.skip_sct();
            }
            verifier
                .verify(artifact.clone(), bundle, &policy)
                .map(|_| ())
        }
        SignerMaterial::PublicKey => {
            let spki = DerPublicKey::from_bytes(key.spki());
            let mut policy = PublicKeyVerificationPolicy::new(spki);
            if material.entries.is_empty() {
                policy = policy.skip_tlog_unsafe();
            }
            verifier
                .verify(artifact.clone(), bundle, &policy)
                .map(|_| ())
        }
    }
}

fn artifact<'a>(case: &Case<'a>, about: &Digest, algorithm: &str) -> Checked<BorrowedArtifact<'a>> {
    let digest = match case.artifact.artifact() {
        // An envelope signs what it says, and what it is about may be another manifest of the image.
        Artifact::Digest(_) if case.material.content.is_envelope() => about,
        Artifact::Bytes(bytes) if !is_named_by_sha256(case.material, algorithm) => {
            return Ok(BorrowedArtifact::from_blob(bytes));
        }
        // Hashed already, and it asks for no other digest.
        Artifact::Bytes(_) => case.artifact.name(),
        Artifact::Digest(digest) => digest,
    };
    let algorithm = match digest.algorithm() {
        DigestAlgorithm::Sha256 => HashAlgorithm::Sha2256,
        DigestAlgorithm::Sha384 => HashAlgorithm::Sha2384,
        DigestAlgorithm::Sha512 => HashAlgorithm::Sha2512,
    };
    let digest = ArtifactDigest::new(algorithm, digest.as_bytes().to_vec())
        .map_err(|error| Rejected::new(Code::BundleSecondOpinion, "a digest", error.to_string()))?;
    Ok(BorrowedArtifact::from_digest(digest))
}

/// Whether SHA-256 is the only digest of the artifact that matters: it was signed, or the statement
/// that was verified is about it.
fn is_named_by_sha256(material: &Material, algorithm: &str) -> bool {
    match &material.content {
        SignedContent::Message { declared, .. } => {
            let declared = declared.as_ref().map(Digest::algorithm);
            algorithm.ends_with("-sha256") && declared.is_none_or(|d| d == DigestAlgorithm::Sha256)
        }
        SignedContent::Envelope { .. } => true,
    }
}

/// Legacy annotations as the v0.1 bundle that says the same.
fn convert(material: &Material) -> Option<Bundle> {
    let content = match &material.content {
        SignedContent::Message { signature, .. } => {
            SignatureContent::MessageSignature(MessageSignature::new(signature.clone()))
        }
        SignedContent::Envelope { envelope, .. } => {
            SignatureContent::DsseEnvelope(envelope.clone())
        }
    };
    let SignerMaterial::Certificate {
        leaf,
        intermediates,
    } = &material.signer
    else {
        return None;
    };
    let signer = if intermediates.is_empty() {
        VerificationMaterialContent::Certificate(CertificateContent::new(leaf.clone()))
    } else {
        let certificates = std::iter::once(leaf).chain(intermediates);
        let certificates = certificates.cloned().map(X509Certificate::new).collect();
        VerificationMaterialContent::X509CertificateChain { certificates }
    };
    let entries = material
        .entries
        .iter()
        .map(convert_entry)
        .collect::<Option<Vec<_>>>()?;
    let timestamps = material
        .timestamps
        .iter()
        .cloned()
        .map(Rfc3161Timestamp::new)
        .collect();
    // v0.1 asks for a promise; evidence that has only a timestamp has no older form to take.
    if entries.is_empty() {
        return None;
    }
    let verification = VerificationMaterial::new(signer)
        .with_tlog_entries(entries)
        .with_timestamp_verification_data(TimestampVerificationData::new(timestamps));
    Some(Bundle::new(MediaType::Bundle0_1, verification, content))
}

fn convert_entry(entry: &LogEntry) -> Option<TransparencyLogEntry> {
    let kind = match entry.kind {
        EntryKind::HashedRekordV001 => KindVersion::HashedRekordV001,
        EntryKind::HashedRekordV002 => KindVersion::HashedRekordV002,
        EntryKind::DsseV001 => KindVersion::DsseV001,
        EntryKind::IntotoV002 => KindVersion::IntotoV002,
        EntryKind::IntotoV001 => return None,
    };
    let promise = entry.promise.as_ref()?;
    let promise = InclusionPromise::new(SignedTimestamp::from_bytes(promise.as_bytes()));
    let log = LogId::new(LogKeyId::from_bytes(&entry.log_id));
    let body = CanonicalizedBody::from_bytes(&entry.body);
    let index = LogIndex::new(entry.index).ok()?;
    Some(
        TransparencyLogEntry::new(index, log, kind, body)
            .with_integrated_time(entry.integrated_time?)
            .with_inclusion_promise(promise),
    )
}

#[cfg(test)]
mod tests;
