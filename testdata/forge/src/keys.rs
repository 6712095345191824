//! Signing keys of every kind that a verifier must know.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, PqdsaKeyPair, RsaEncoding, RsaKeyPair,
};

use crate::der;
use crate::encoding::{Hash, base64, random, sha256};

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 3072 bits.
    Rsa3072,
    /// RSA, 4096 bits.
    Rsa4096,
    /// Ed25519.
    Ed25519,
    /// ML-DSA-44 (FIPS 204).
    MlDsa44,
    /// ML-DSA-65 (FIPS 204).
    MlDsa65,
    /// ML-DSA-87 (FIPS 204).
    MlDsa87,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::EcdsaP256,
        Self::EcdsaP384,
        Self::EcdsaP521,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// How a key of this kind signs unless told otherwise.
    pub const fn default_scheme(self) -> Scheme {
        match self {
            Self::EcdsaP256 => Scheme::Ecdsa(Hash::Sha256),
            Self::EcdsaP384 => Scheme::Ecdsa(Hash::Sha384),
            Self::EcdsaP521 => Scheme::Ecdsa(Hash::Sha512),
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => Scheme::RsaPkcs1(Hash::Sha256),
            Self::Ed25519 => Scheme::Ed25519,
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => Scheme::MlDsa,
        }
    }
}

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA, signature in DER.
    Ecdsa(Hash),
    /// RSA with PKCS#1 v1.5 padding.
    RsaPkcs1(Hash),
    /// RSA with PSS padding, salt as long as the hash.
    RsaPss(Hash),
    /// Ed25519 over the message.
    Ed25519,
    /// Ed25519ph: over SHA-512 of the message (RFC 8032, section 5.1).
    Ed25519Ph,
    /// ML-DSA with an empty context.
    MlDsa,
}

impl Scheme {
    /// The hash that a log or bundle announces for signatures of this scheme.
    pub const fn hash(self) -> Hash {
        match self {
            Self::Ecdsa(hash) | Self::RsaPkcs1(hash) | Self::RsaPss(hash) => hash,
            Self::Ed25519 => Hash::Sha256,
            Self::Ed25519Ph | Self::MlDsa => Hash::Sha512,
        }
    }
}

enum Secret {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519 {
        seed: [u8; 32],
        pair: Ed25519KeyPair,
    },
    MlDsa(PqdsaKeyPair),
}

/// A signing key. The private half never leaves the process.
#[derive(Clone)]
pub struct Key {
    kind: KeyKind,
    scheme: Scheme,
    spki: Arc<Vec<u8>>,
    secret: Arc<Secret>,
}

impl Key {
    /// A new random key.
    pub fn generate(kind: KeyKind) -> Self {
        let secret = match kind {
            KeyKind::EcdsaP256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::EcdsaP384 => ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyKind::EcdsaP521 => ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
            KeyKind::Rsa2048 => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            KeyKind::Rsa3072 => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).unwrap()),
            KeyKind::Rsa4096 => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa4096).unwrap()),
            KeyKind::Ed25519 => {
                let seed = random::<32>();
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
                Secret::Ed25519 { seed, pair }
            }
            KeyKind::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            KeyKind::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            KeyKind::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
        };
        let spki = secret.spki();
        Self {
            kind,
            scheme: kind.default_scheme(),
            spki: Arc::new(spki),
            secret: Arc::new(secret),
        }
    }

    /// The same key, signing in another way.
    pub fn signing_as(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The kind of the key.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// How the key signs.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `SubjectPublicKeyInfo` (DER).
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// `SubjectPublicKeyInfo` (PEM).
    pub fn public_pem(&self) -> String {
        der::pem("PUBLIC KEY", &self.spki)
    }

    /// The raw public key inside the `SubjectPublicKeyInfo`, for Ed25519 the 32 bytes.
    pub fn raw_public(&self) -> Vec<u8> {
        match &*self.secret {
            Secret::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Secret::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Secret::Ed25519 { pair, .. } => pair.public_key().as_ref().to_vec(),
            Secret::MlDsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.spki)
    }

    /// The hint that cosign writes into bundles: the fingerprint in base64.
    pub fn hint(&self) -> String {
        base64(&self.fingerprint())
    }

    /// The name of the key and its scheme in Sigstore's protobuf formats (`PublicKeyDetails`).
    pub fn details(&self) -> String {
        let bits = match self.kind {
            KeyKind::Rsa3072 => 3072,
            KeyKind::Rsa4096 => 4096,
            _ => 2048,
        };
        let number = |hash: Hash| hash.name().trim_start_matches("sha").to_owned();
        match self.scheme {
            Scheme::Ecdsa(hash) => {
                let curve = match self.kind {
                    KeyKind::EcdsaP384 => "P384",
                    KeyKind::EcdsaP521 => "P521",
                    _ => "P256",
                };
                format!("PKIX_ECDSA_{curve}_SHA_{}", number(hash))
            }
            Scheme::RsaPkcs1(hash) => format!("PKIX_RSA_PKCS1V15_{bits}_SHA{}", number(hash)),
            Scheme::RsaPss(hash) => format!("PKIX_RSA_PSS_{bits}_SHA{}", number(hash)),
            Scheme::Ed25519 => "PKIX_ED25519".to_owned(),
            Scheme::Ed25519Ph => "PKIX_ED25519_PH".to_owned(),
            Scheme::MlDsa => match self.kind {
                KeyKind::MlDsa44 => "ML_DSA_44".to_owned(),
                KeyKind::MlDsa65 => "ML_DSA_65".to_owned(),
                _ => "ML_DSA_87".to_owned(),
            },
        }
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match (&*self.secret, self.scheme) {
            (Secret::Ecdsa(pair), Scheme::Ecdsa(hash)) => {
                let native = self.kind.default_scheme().hash();
                sign_ecdsa(pair, native, &hash.of(message))
            }
            (Secret::Rsa(pair), Scheme::RsaPkcs1(hash)) => {
                let encoding: &'static dyn RsaEncoding = match hash {
                    Hash::Sha256 => &signature::RSA_PKCS1_SHA256,
                    Hash::Sha384 => &signature::RSA_PKCS1_SHA384,
                    Hash::Sha512 => &signature::RSA_PKCS1_SHA512,
                };
                rsa(pair, encoding, message)
            }
            (Secret::Rsa(pair), Scheme::RsaPss(hash)) => {
                let encoding: &'static dyn RsaEncoding = match hash {
                    Hash::Sha256 => &signature::RSA_PSS_SHA256,
                    Hash::Sha384 => &signature::RSA_PSS_SHA384,
                    Hash::Sha512 => &signature::RSA_PSS_SHA512,
                };
                rsa(pair, encoding, message)
            }
            (Secret::Ed25519 { pair, .. }, Scheme::Ed25519) => pair.sign(message).as_ref().to_vec(),
            (Secret::Ed25519 { seed, .. }, Scheme::Ed25519Ph) => {
                use sha2::Digest;
                let prehash = sha2::Sha512::new_with_prefix(message);
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                key.sign_prehashed(prehash, None).unwrap().to_vec()
            }
            (Secret::MlDsa(pair), Scheme::MlDsa) => {
                let mut out = vec![0; pair.algorithm().signature_len()];
                let length = pair.sign(message, &mut out).unwrap();
                out.truncate(length);
                out
            }
            (_, scheme) => panic!("a {:?} key cannot sign as {scheme:?}", self.kind),
        }
    }

    /// The `AlgorithmIdentifier` of this key's signatures in X.509 and CMS.
    pub(crate) fn signature_algorithm(&self) -> Vec<u8> {
        match self.scheme {
            Scheme::Ecdsa(Hash::Sha256) => der::algorithm("1.2.840.10045.4.3.2"),
            Scheme::Ecdsa(Hash::Sha384) => der::algorithm("1.2.840.10045.4.3.3"),
            Scheme::Ecdsa(Hash::Sha512) => der::algorithm("1.2.840.10045.4.3.4"),
            Scheme::RsaPkcs1(Hash::Sha256) => rsa_algorithm("1.2.840.113549.1.1.11"),
            Scheme::RsaPkcs1(Hash::Sha384) => rsa_algorithm("1.2.840.113549.1.1.12"),
            Scheme::RsaPkcs1(Hash::Sha512) => rsa_algorithm("1.2.840.113549.1.1.13"),
            Scheme::RsaPss(hash) => pss_algorithm(hash),
            Scheme::Ed25519 => der::algorithm("1.3.101.112"),
            Scheme::MlDsa => der::algorithm(match self.kind {
                KeyKind::MlDsa44 => "2.16.840.1.101.3.4.3.17",
                KeyKind::MlDsa65 => "2.16.840.1.101.3.4.3.18",
                _ => "2.16.840.1.101.3.4.3.19",
            }),
            other @ Scheme::Ed25519Ph => panic!("no certificate is signed as {other:?} here"),
        }
    }
}

impl Secret {
    fn spki(&self) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ed25519 { pair, .. } => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::MlDsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }
}

fn ecdsa(algorithm: &'static signature::EcdsaSigningAlgorithm) -> Secret {
    Secret::Ecdsa(EcdsaKeyPair::generate(algorithm).unwrap())
}

/// Signs a hash of any length. The library signs only hashes of the curve's own length, but FIPS
/// 186-5, section 6.4.1, reads a hash as a number from its leftmost bits: cutting a longer one, or
/// padding a shorter one with leading zeros, gives the same number.
fn sign_ecdsa(pair: &EcdsaKeyPair, native: Hash, hash: &[u8]) -> Vec<u8> {
    let algorithm = hash_algorithm(native);
    let length = algorithm.output_len();
    let mut fitted = vec![0; length.saturating_sub(hash.len())];
    fitted.extend_from_slice(&hash[..hash.len().min(length)]);
    let digest = aws_lc_rs::digest::Digest::import_less_safe(&fitted, algorithm).unwrap();
    pair.sign_digest(&digest).unwrap().as_ref().to_vec()
}

fn ml_dsa(algorithm: &'static signature::PqdsaSigningAlgorithm) -> Secret {
    Secret::MlDsa(PqdsaKeyPair::generate(algorithm).unwrap())
}

fn rsa(pair: &RsaKeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut out = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut out)
        .unwrap();
    out
}

fn rsa_algorithm(dotted: &str) -> Vec<u8> {
    der::seq(&[der::oid(dotted), der::null()])
}

/// `RSASSA-PSS-params` with one hash for all and a salt as long as it (RFC 4055, section 3.1).
fn pss_algorithm(hash: Hash) -> Vec<u8> {
    let (dotted, length) = match hash {
        Hash::Sha256 => ("2.16.840.1.101.3.4.2.1", 32),
        Hash::Sha384 => ("2.16.840.1.101.3.4.2.2", 48),
        Hash::Sha512 => ("2.16.840.1.101.3.4.2.3", 64),
    };
    let hash = rsa_algorithm(dotted);
    let mask = der::seq(&[der::oid("1.2.840.113549.1.1.8"), hash.clone()]);
    let parameters = der::seq(&[
        der::explicit(0, &hash),
        der::explicit(1, &mask),
        der::explicit(2, &der::uint(&[length])),
    ]);
    der::seq(&[der::oid("1.2.840.113549.1.1.10"), parameters])
}

const fn hash_algorithm(hash: Hash) -> &'static aws_lc_rs::digest::Algorithm {
    match hash {
        Hash::Sha256 => &aws_lc_rs::digest::SHA256,
        Hash::Sha384 => &aws_lc_rs::digest::SHA384,
        Hash::Sha512 => &aws_lc_rs::digest::SHA512,
    }
}
