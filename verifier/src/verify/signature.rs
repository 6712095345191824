//! The signature itself. The algorithm comes from the key and the trust root, never from the
//! evidence; where a key leaves a choice of hash or padding, only strong ones are tried.

mod ed25519ph;

use sigstore_crypto::{SigningScheme, VerificationKey};
use sigstore_types::{DerPublicKey, DsseEnvelope, SignatureBytes};

use super::artifact::Hashed;
use super::certificate::Certified;
use super::material::{Material, SignedContent};
use super::rejected::{Checked, Rejected};
use crate::code::Code;
use crate::digest::{Digest, DigestAlgorithm};
use crate::trust::{self, Anchor, KeyAlgorithm, KeyHash, PublicKey};

/// A way in which a key can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// One that sigstore-crypto verifies.
    Sigstore(SigningScheme),
    /// ECDSA on P-521, which it does not.
    P521(KeyHash),
    /// ECDSA on P-256 or P-384 with SHA-512, which it does not either.
    EcdsaSha512(KeyAlgorithm),
    /// Ed25519ph (RFC 8032, section 5.1).
    Ed25519ph,
}

/// A key that may vouch for evidence: one that an operator holds, or one that an authority
/// certified at every proven time. No other key can be handed to [`verify`].
pub(super) struct TrustedKey(PublicKey);

impl TrustedKey {
    /// The key of an anchor that is one.
    pub(super) fn held(anchor: &Anchor) -> Option<Self> {
        match anchor {
            Anchor::Key { key, .. } => Some(Self(key.as_ref().clone())),
            Anchor::Certificates(_) => None,
        }
    }

    /// The key in a certificate that was verified.
    pub(super) fn certified(certificate: &Certified) -> Self {
        Self(certificate.key().clone())
    }

    pub(super) const fn key(&self) -> &PublicKey {
        &self.0
    }
}

/// A signature that was verified, and the only way to what it covers.
pub(super) struct VerifiedSignature<'a> {
    material: &'a Material,
    artifact: &'a Hashed<'a>,
    algorithm: String,
}

impl<'a> VerifiedSignature<'a> {
    /// The name of the algorithm, for example `ecdsa-p256-sha256`.
    pub(super) fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The envelope whose payload was signed.
    pub(super) const fn envelope(&self) -> Option<&'a DsseEnvelope> {
        match &self.material.content {
            SignedContent::Envelope { envelope, .. } => Some(envelope),
            SignedContent::Message { .. } => None,
        }
    }

    /// The message that was signed, where its bytes are at hand.
    pub(super) const fn message(&self) -> Option<&'a [u8]> {
        match &self.material.content {
            SignedContent::Message { .. } => self.artifact.bytes(),
            SignedContent::Envelope { .. } => None,
        }
    }
}

/// Verifies the signature of `material` with `key`.
pub(super) fn verify<'a>(
    material: &'a Material,
    key: &TrustedKey,
    artifact: &'a Hashed<'a>,
) -> Checked<VerifiedSignature<'a>> {
    let algorithm = algorithm_of(material, key.key(), artifact)?;
    Ok(VerifiedSignature {
        material,
        artifact,
        algorithm,
    })
}

/// The algorithm under which the signature verifies.
fn algorithm_of(material: &Material, key: &PublicKey, artifact: &Hashed<'_>) -> Checked<String> {
    match &material.content {
        SignedContent::Envelope { envelope, .. } => {
            let pae = envelope.pae();
            try_schemes(key, None, &Message::Whole(&pae), &envelope.signature.sig)
        }
        SignedContent::Message {
            signature,
            declared,
        } => {
            if let Some(declared) = declared {
                declared_is_ours(declared, artifact)?;
            }
            let hint = declared.as_ref().map(Digest::algorithm);
            try_schemes(key, hint, &Message::Hashed(artifact), signature)
        }
    }
}

fn declared_is_ours(declared: &Digest, artifact: &Hashed<'_>) -> Checked<()> {
    match artifact.digest(declared.algorithm()) {
        Some(ours) if ours == declared => Ok(()),
        Some(ours) => Err(Rejected::new(
            Code::SubjectMismatch,
            ours.to_string(),
            declared.to_string(),
        )),
        None => Err(Rejected::new(
            Code::SubjectMismatch,
            format!(
                "the artifact itself, or its {} digest",
                declared.algorithm().name()
            ),
            artifact.name().to_string(),
        )),
    }
}

fn try_schemes(
    key: &PublicKey,
    hint: Option<DigestAlgorithm>,
    message: &Message<'_>,
    signature: &SignatureBytes,
) -> Checked<String> {
    let expected = || {
        format!(
            "a signature by {} key {}",
            key.algorithm().name(),
            key.fingerprint()
        )
    };
    if signature.is_empty() {
        return Err(Rejected::new(
            Code::SignatureInvalid,
            expected(),
            "an empty signature",
        ));
    }
    let mut schemes = schemes(key);
    // A declared digest says which hash the signer used; it orders the attempts and no more.
    schemes.sort_by_key(|scheme| scheme.hash().map(algorithm) != hint);
    let mut unusable = None;
    for scheme in schemes {
        match scheme.verify(key, message, signature) {
            Outcome::Verified => return Ok(scheme.name(key)),
            Outcome::Invalid => {}
            Outcome::NeedsBytes => unusable = Some(scheme.name(key)),
        }
    }
    Err(match (unusable, message) {
        (Some(scheme), Message::Hashed(artifact)) => Rejected::new(
            Code::SignatureInvalid,
            format!("the artifact itself, which {scheme} signs whole"),
            format!("only its digest {}", artifact.name()),
        ),
        _ => Rejected::new(
            Code::SignatureInvalid,
            expected(),
            "a signature that does not verify",
        ),
    })
}

const fn algorithm(hash: KeyHash) -> DigestAlgorithm {
    match hash {
        KeyHash::Sha256 => DigestAlgorithm::Sha256,
        KeyHash::Sha384 => DigestAlgorithm::Sha384,
        KeyHash::Sha512 => DigestAlgorithm::Sha512,
    }
}

/// The ways in which `key` may have signed: one when its hash is configured, else the default of
/// Sigstore's algorithm registry and SHA-256, which cosign 2 uses for every key.
fn schemes(key: &PublicKey) -> Vec<Scheme> {
    use KeyHash::{Sha256, Sha384, Sha512};
    let hashes = |defaults: &[KeyHash]| {
        key.hash()
            .map_or_else(|| defaults.to_vec(), |hash| vec![hash])
    };
    let each = |defaults: &[KeyHash], scheme: fn(KeyHash) -> Scheme| {
        hashes(defaults).into_iter().map(scheme).collect::<Vec<_>>()
    };
    match key.algorithm() {
        KeyAlgorithm::EcdsaP256 => each(&[Sha256], p256),
        KeyAlgorithm::EcdsaP384 => each(&[Sha384, Sha256], p384),
        KeyAlgorithm::EcdsaP521 => each(&[Sha512, Sha256], Scheme::P521),
        KeyAlgorithm::Rsa => hashes(&[Sha256, Sha384, Sha512])
            .into_iter()
            .flat_map(rsa)
            .collect(),
        KeyAlgorithm::Ed25519 => vec![Scheme::Sigstore(SigningScheme::Ed25519), Scheme::Ed25519ph],
        KeyAlgorithm::MlDsa44 => vec![Scheme::Sigstore(SigningScheme::MlDsa44)],
        KeyAlgorithm::MlDsa65 => vec![Scheme::Sigstore(SigningScheme::MlDsa65)],
        KeyAlgorithm::MlDsa87 => vec![Scheme::Sigstore(SigningScheme::MlDsa87)],
    }
}

const fn p256(hash: KeyHash) -> Scheme {
    match hash {
        KeyHash::Sha256 => Scheme::Sigstore(SigningScheme::EcdsaP256Sha256),
        KeyHash::Sha384 => Scheme::Sigstore(SigningScheme::EcdsaP256Sha384),
        KeyHash::Sha512 => Scheme::EcdsaSha512(KeyAlgorithm::EcdsaP256),
    }
}

const fn p384(hash: KeyHash) -> Scheme {
    match hash {
        KeyHash::Sha256 => Scheme::Sigstore(SigningScheme::EcdsaP384Sha256),
        KeyHash::Sha384 => Scheme::Sigstore(SigningScheme::EcdsaP384Sha384),
        KeyHash::Sha512 => Scheme::EcdsaSha512(KeyAlgorithm::EcdsaP384),
    }
}

const fn rsa(hash: KeyHash) -> [Scheme; 2] {
    match hash {
        KeyHash::Sha256 => [
            Scheme::Sigstore(SigningScheme::RsaPkcs1Sha256),
            Scheme::Sigstore(SigningScheme::RsaPssSha256),
        ],
        KeyHash::Sha384 => [
            Scheme::Sigstore(SigningScheme::RsaPkcs1Sha384),
            Scheme::Sigstore(SigningScheme::RsaPssSha384),
        ],
        KeyHash::Sha512 => [
            Scheme::Sigstore(SigningScheme::RsaPkcs1Sha512),
            Scheme::Sigstore(SigningScheme::RsaPssSha512),
        ],
    }
}

/// What a signature is over, and how it is verified: the second verifier does it in the same way, so
/// that each signature is computed once.
enum Message<'a> {
    /// These bytes.
    Whole(&'a [u8]),
    /// The artifact, by its digest where the scheme hashes it.
    Hashed(&'a Hashed<'a>),
}

/// What one attempt said.
enum Outcome {
    Verified,
    Invalid,
    /// The scheme signs the message whole, or hashes it another way than the digest at hand.
    NeedsBytes,
}

impl From<bool> for Outcome {
    fn from(verified: bool) -> Self {
        if verified {
            Self::Verified
        } else {
            Self::Invalid
        }
    }
}

impl Scheme {
    fn hash(self) -> Option<KeyHash> {
        match self {
            Self::Sigstore(scheme) => scheme.hash_algorithm().and_then(|hash| match hash {
                sigstore_types::HashAlgorithm::Sha2256 => Some(KeyHash::Sha256),
                sigstore_types::HashAlgorithm::Sha2384 => Some(KeyHash::Sha384),
                sigstore_types::HashAlgorithm::Sha2512 => Some(KeyHash::Sha512),
                _ => None,
            }),
            Self::P521(hash) => Some(hash),
            Self::EcdsaSha512(_) | Self::Ed25519ph => Some(KeyHash::Sha512),
        }
    }

    fn name(self, key: &PublicKey) -> String {
        match self {
            Self::Sigstore(scheme) => trust::algorithm::scheme(scheme, key.rsa_bits()),
            Self::P521(hash) => format!("ecdsa-p521-{}", hash.name()),
            Self::EcdsaSha512(curve) => format!("{}-sha512", curve.name()),
            Self::Ed25519ph => "ed25519ph".to_owned(),
        }
    }

    fn verify(self, key: &PublicKey, message: &Message<'_>, signature: &SignatureBytes) -> Outcome {
        match self {
            Self::Sigstore(scheme) => self.sigstore(scheme, key, message, signature),
            Self::P521(_) | Self::EcdsaSha512(_) => self.aws_lc(key, message, signature.as_bytes()),
            Self::Ed25519ph => ed25519ph::verify(key, message, signature.as_bytes()),
        }
    }

    fn sigstore(
        self,
        scheme: SigningScheme,
        key: &PublicKey,
        message: &Message<'_>,
        signature: &SignatureBytes,
    ) -> Outcome {
        let spki = DerPublicKey::from_bytes(key.spki());
        let Ok(verifier) = VerificationKey::from_spki_with_scheme(&spki, scheme) else {
            return Outcome::Invalid;
        };
        let artifact = match message {
            Message::Whole(bytes) => return verifier.verify(bytes, signature).is_ok().into(),
            Message::Hashed(artifact) => artifact,
        };
        let hash = self.hash().filter(|_| scheme.supports_prehashed());
        let digest = hash.and_then(|hash| artifact.digest(algorithm(hash)));
        match (digest, artifact.bytes()) {
            (Some(digest), _) => verifier
                .verify_prehashed(digest.as_bytes(), signature)
                .is_ok()
                .into(),
            (None, Some(bytes)) => verifier.verify(bytes, signature).is_ok().into(),
            (None, None) => Outcome::NeedsBytes,
        }
    }

    fn aws_lc(self, key: &PublicKey, message: &Message<'_>, signature: &[u8]) -> Outcome {
        use aws_lc_rs::{digest, signature as ecdsa};
        let (verification, hash): (&'static ecdsa::EcdsaVerificationAlgorithm, _) = match self {
            Self::P521(KeyHash::Sha256) => (&ecdsa::ECDSA_P521_SHA256_ASN1, &digest::SHA256),
            Self::P521(KeyHash::Sha384) => (&ecdsa::ECDSA_P521_SHA384_ASN1, &digest::SHA384),
            Self::P521(KeyHash::Sha512) => (&ecdsa::ECDSA_P521_SHA512_ASN1, &digest::SHA512),
            Self::EcdsaSha512(KeyAlgorithm::EcdsaP256) => {
                (&ecdsa::ECDSA_P256_SHA512_ASN1, &digest::SHA512)
            }
            Self::EcdsaSha512(_) => (&ecdsa::ECDSA_P384_SHA512_ASN1, &digest::SHA512),
            Self::Sigstore(_) | Self::Ed25519ph => return Outcome::Invalid,
        };
        let verifier = ecdsa::UnparsedPublicKey::new(verification, key.raw());
        let artifact = match message {
            Message::Whole(bytes) => return verifier.verify(bytes, signature).is_ok().into(),
            Message::Hashed(artifact) => artifact,
        };
        match self
            .hash()
            .and_then(|hash| artifact.digest(algorithm(hash)))
        {
            Some(ours) => digest::Digest::import_less_safe(ours.as_bytes(), hash)
                .is_ok_and(|ours| verifier.verify_digest(&ours, signature).is_ok())
                .into(),
            None => Outcome::NeedsBytes,
        }
    }
}
