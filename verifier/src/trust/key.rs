//! Public keys that an operator holds as files.

use der::Decode;
use der::asn1::UintRef;
use jiff::Timestamp;
use sigstore_types::DerPublicKey;
use x509_cert::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::digest::Digest;

/// RSA modulus bits that are accepted: below 2048 is breakable, above 8192 is a denial of service.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

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

impl KeyHash {
    /// The name in documents and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
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
    #[error("expected {}: {detail}", self.expected())]
    NotPem {
        /// What the parser said.
        detail: String,
    },
    /// The key's algorithm or size is not supported.
    #[error("expected {}: {detail}", self.expected())]
    Unsupported {
        /// What the parser said.
        detail: String,
    },
}

impl KeyError {
    /// What was expected.
    pub const fn expected(&self) -> &'static str {
        match self {
            Self::NotPem { .. } => "one PEM block `PUBLIC KEY` (SubjectPublicKeyInfo)",
            Self::Unsupported { .. } => {
                "ECDSA P-256/P-384/P-521, RSA of 2048 to 8192 bits, Ed25519 or ML-DSA"
            }
        }
    }

    /// What was found.
    pub fn found(&self) -> &str {
        match self {
            Self::NotPem { detail } | Self::Unsupported { detail } => detail,
        }
    }
}

/// A public key, parsed once; its algorithm comes from the key, never from the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    spki: DerPublicKey,
    raw: Vec<u8>,
    algorithm: KeyAlgorithm,
    rsa_bits: Option<usize>,
    hash: Option<KeyHash>,
    valid_for: Option<(Option<Timestamp>, Option<Timestamp>)>,
    fingerprint: Digest,
}

/// The key of a PEM text that holds nothing else: of two keys one would be passed over in silence.
pub(super) fn only_key(pem: &str) -> Result<DerPublicKey, KeyError> {
    let blocks = pem.matches("-----BEGIN ").count();
    let detail = match blocks {
        0 => Some("no PEM block".to_owned()),
        1 => None,
        more => Some(format!("{more} blocks")),
    };
    if let Some(detail) = detail {
        return Err(KeyError::NotPem { detail });
    }
    DerPublicKey::from_pem(pem.trim()).map_err(|error| KeyError::NotPem {
        detail: error.to_string(),
    })
}

impl PublicKey {
    /// Parses a PEM `PUBLIC KEY`. `hash` is the hash under which the key signs; `None` is the
    /// default of the key's algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the text is no PEM public key, or one of an unsupported algorithm.
    pub fn from_pem(pem: &str, hash: Option<KeyHash>) -> Result<Self, KeyError> {
        let spki = only_key(pem)?;
        Self::from_spki(spki.as_bytes(), hash)
    }

    /// Parses a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the bytes are no public key, or one of an unsupported algorithm.
    pub fn from_spki(der: &[u8], hash: Option<KeyHash>) -> Result<Self, KeyError> {
        let unsupported = |detail: String| KeyError::Unsupported { detail };
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|error| KeyError::NotPem {
            detail: error.to_string(),
        })?;
        let algorithm = algorithm_of(&info).map_err(unsupported)?;
        let raw = info.subject_public_key.raw_bytes().to_vec();
        if raw.first() != Some(&UNCOMPRESSED) && is_ecdsa(algorithm) {
            // One key, one spelling: fingerprints and log entries name the bytes of the key.
            let detail = "an elliptic curve point in compressed form; convert it to uncompressed";
            return Err(unsupported(detail.to_owned()));
        }
        let rsa_bits = match algorithm {
            KeyAlgorithm::Rsa => Some(rsa_bits(&raw).map_err(unsupported)?),
            _ => None,
        };
        let fingerprint = Digest::sha256(der);
        let spki = DerPublicKey::from_bytes(der);
        Ok(Self {
            spki,
            raw,
            algorithm,
            rsa_bits,
            hash,
            valid_for: None,
            fingerprint,
        })
    }

    /// The same key, trusted only for signatures whose every verified time lies in the window.
    pub fn valid_for(mut self, start: Option<Timestamp>, end: Option<Timestamp>) -> Self {
        self.valid_for = Some((start, end));
        self
    }

    /// Whether `time` lies in the key's window; a key without window is valid at any time.
    pub fn is_valid_at(&self, time: Timestamp) -> bool {
        self.valid_for.is_none_or(|(start, end)| {
            start.is_none_or(|start| start <= time) && end.is_none_or(|end| time <= end)
        })
    }

    /// Whether the key has a window, so that its signatures need a proven time.
    pub const fn has_window(&self) -> bool {
        self.valid_for.is_some()
    }

    /// The algorithm of the key.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Bits of the modulus, for RSA keys.
    pub const fn rsa_bits(&self) -> Option<usize> {
        self.rsa_bits
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

    /// The bare key inside the `SubjectPublicKeyInfo`.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }
}

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");

/// The first byte of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

const fn is_ecdsa(algorithm: KeyAlgorithm) -> bool {
    matches!(
        algorithm,
        KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 | KeyAlgorithm::EcdsaP521
    )
}

fn algorithm_of(info: &SubjectPublicKeyInfoRef<'_>) -> Result<KeyAlgorithm, String> {
    if info.subject_public_key.as_bytes().is_none() {
        return Err("the key's bit string has unused bits".to_owned());
    }
    let bare = |algorithm: KeyAlgorithm| match info.algorithm.parameters {
        None => Ok(algorithm),
        // RFC 8410, section 3, and RFC 9881, section 2: parameters must be absent.
        Some(_) => Err(format!("{} keys have no parameters", algorithm.name())),
    };
    match info.algorithm.oid {
        EC_PUBLIC_KEY => match info.algorithm.parameters_oid() {
            Ok(SECP256R1) => Ok(KeyAlgorithm::EcdsaP256),
            Ok(SECP384R1) => Ok(KeyAlgorithm::EcdsaP384),
            Ok(SECP521R1) => Ok(KeyAlgorithm::EcdsaP521),
            Ok(curve) => Err(format!("elliptic curve {curve}")),
            Err(_) => Err("elliptic curve without a name".to_owned()),
        },
        RSA_ENCRYPTION => Ok(KeyAlgorithm::Rsa),
        ED25519 => bare(KeyAlgorithm::Ed25519),
        ML_DSA_44 => bare(KeyAlgorithm::MlDsa44),
        ML_DSA_65 => bare(KeyAlgorithm::MlDsa65),
        ML_DSA_87 => bare(KeyAlgorithm::MlDsa87),
        other => Err(format!("algorithm {other}")),
    }
}

/// `RSAPublicKey` of RFC 8017, appendix A.1.1.
#[derive(der::Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

/// The name and size of a key, whether we take such keys or not.
pub(super) fn strength(spki: &[u8]) -> Option<String> {
    let info = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    let algorithm = algorithm_of(&info).ok()?;
    Some(match algorithm {
        KeyAlgorithm::Rsa => format!(
            "rsa-{}",
            rsa_bits(info.subject_public_key.raw_bytes()).ok()?
        ),
        other => other.name().to_owned(),
    })
}

/// The algorithm of an identifier that keys and signatures share.
pub(super) const fn bare(oid: ObjectIdentifier) -> Option<KeyAlgorithm> {
    match oid {
        ED25519 => Some(KeyAlgorithm::Ed25519),
        ML_DSA_44 => Some(KeyAlgorithm::MlDsa44),
        ML_DSA_65 => Some(KeyAlgorithm::MlDsa65),
        ML_DSA_87 => Some(KeyAlgorithm::MlDsa87),
        _ => None,
    }
}

/// Bits of the modulus of an `RSAPublicKey` (DER).
pub(super) fn rsa_bits(raw: &[u8]) -> Result<usize, String> {
    let key = RsaPublicKey::from_der(raw).map_err(|error| format!("RSA key: {error}"))?;
    if matches!(key.public_exponent.as_bytes(), [] | [0 | 1]) {
        return Err("RSA key with a trivial exponent".to_owned());
    }
    let modulus = key.modulus.as_bytes();
    let unused = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let bits = (modulus.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or(0));
    if RSA_BITS.contains(&bits) {
        Ok(bits)
    } else {
        Err(format!("RSA key of {bits} bits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4M25NDTMbDCpLsh9zJtoZOeD5l38\nfUpzTdK3JWjJGf1Gb75J0xooxS+n/gdN3ch6dUU9ZyRy75JQPvMBl/uEdA==\n-----END PUBLIC KEY-----\n";

    #[test]
    fn the_algorithm_comes_from_the_key() {
        let key = PublicKey::from_pem(P256, None).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP256);
        assert!(key.is_valid_at(Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let private = P256.replace("PUBLIC", "PRIVATE");
        let truncated: String = P256.lines().take(2).collect::<Vec<_>>().join("\n");
        for text in ["", "not a key", private.as_str(), truncated.as_str()] {
            assert!(PublicKey::from_pem(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn a_compressed_point_is_refused_with_what_to_do() {
        let whole = PublicKey::from_pem(P256, None).unwrap();
        let mut der =
            hex::decode("3039301306072a8648ce3d020106082a8648ce3d03010703220002").unwrap();
        der.extend(&whole.raw()[1..33]);
        let refused = PublicKey::from_spki(&der, None).unwrap_err().to_string();
        assert!(refused.contains("uncompressed"), "{refused}");
    }

    #[test]
    fn the_modulus_of_an_rsa_key_has_a_bound_on_either_side() {
        let of = |bits: usize| {
            let mut modulus = vec![0xff; bits.div_ceil(8)];
            modulus[0] >>= modulus.len() * 8 - bits;
            let length = |bytes: usize| {
                let [high, low] = u16::try_from(bytes).unwrap().to_be_bytes();
                [0x82, high, low]
            };
            // A number whose first bit is set needs a zero before it.
            let sign: &[u8] = if modulus[0] >= 0x80 { &[0] } else { &[] };
            let number = length(sign.len() + modulus.len());
            let numbers = [&[0x02], &number[..], sign, &modulus, &[2, 3, 1, 0, 1]].concat();
            let key = [&[0x30], &length(numbers.len())[..], &numbers].concat();
            rsa_bits(&key)
        };
        for bits in [*RSA_BITS.start(), 3072, *RSA_BITS.end()] {
            assert_eq!(of(bits), Ok(bits));
        }
        for bits in [RSA_BITS.start() - 1, RSA_BITS.end() + 1] {
            assert_eq!(of(bits), Err(format!("RSA key of {bits} bits")));
        }
    }

    #[test]
    fn a_window_bounds_the_times_at_which_a_key_is_trusted() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let key = PublicKey::from_pem(P256, None).unwrap();
        let key = key.valid_for(None, Some(at("2026-01-01T00:00:00Z")));
        assert!(key.is_valid_at(at("2026-01-01T00:00:00Z")));
        assert!(!key.is_valid_at(at("2026-01-01T00:00:01Z")));
    }
}
