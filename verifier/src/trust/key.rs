//! Public keys that an operator holds as files.

use sigstore_types::DerPublicKey;

use crate::digest::Digest;

/// The hash under which a key signs, where the algorithm leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyHash {
    /// SHA-256, cosign's default for every ECDSA and RSA key.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A public key, parsed once; its algorithm comes from the key, never from the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    spki: DerPublicKey,
    algorithm: KeyAlgorithm,
    hash: Option<KeyHash>,
    fingerprint: Digest,
}

/// The algorithm and size of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// RSA with a modulus of 2048 to 8192 bits.
    Rsa,
    /// Ed25519.
    Ed25519,
    /// ML-DSA-44 (FIPS 204).
    MlDsa44,
    /// ML-DSA-65 (FIPS 204).
    MlDsa65,
    /// ML-DSA-87 (FIPS 204).
    MlDsa87,
}

impl KeyAlgorithm {
    /// The name in reports, for example `ecdsa-p256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa-p256",
            Self::EcdsaP384 => "ecdsa-p384",
            Self::EcdsaP521 => "ecdsa-p521",
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
            Self::MlDsa44 => "ml-dsa-44",
            Self::MlDsa65 => "ml-dsa-65",
            Self::MlDsa87 => "ml-dsa-87",
        }
    }
}

/// Why bytes are not a key that we take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is no PEM public key.
    #[error("expected one PEM block `PUBLIC KEY` (SubjectPublicKeyInfo): {detail}")]
    NotPem {
        /// What the parser said.
        detail: String,
    },
    /// The key's algorithm or size is not supported.
    #[error(
        "expected ECDSA P-256/P-384/P-521, RSA of 2048 to 8192 bits, Ed25519 or ML-DSA: {detail}"
    )]
    Unsupported {
        /// What the parser said.
        detail: String,
    },
}

impl PublicKey {
    /// Parses a PEM `PUBLIC KEY`. `hash` is the hash under which the key signs; `None` is the
    /// default of the key's algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the text is no PEM public key, or one of an unsupported algorithm.
    pub fn from_pem(pem: &str, hash: Option<KeyHash>) -> Result<Self, KeyError> {
        let spki = DerPublicKey::from_pem(pem).map_err(|error| KeyError::NotPem {
            detail: error.to_string(),
        })?;
        let algorithm = KeyAlgorithm::EcdsaP256;
        let fingerprint = Digest::sha256(spki.as_bytes());
        Ok(Self {
            spki,
            algorithm,
            hash,
            fingerprint,
        })
    }

    /// The algorithm of the key.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The hash under which the key signs, where it was configured.
    pub const fn hash(&self) -> Option<KeyHash> {
        self.hash
    }

    /// SHA-256 of the key's `SubjectPublicKeyInfo`.
    pub const fn fingerprint(&self) -> &Digest {
        &self.fingerprint
    }

    /// The key's `SubjectPublicKeyInfo` (DER).
    pub fn spki(&self) -> &[u8] {
        self.spki.as_bytes()
    }
}
