//! Content digests: the only names that survive below tag resolution.

use std::fmt;
use std::str::FromStr;

use sigstore_crypto::{sha256, sha384, sha512};

/// A registered digest algorithm of the OCI image specification, section "Digests".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// SHA-256, 64 hexadecimal digits.
    Sha256,
    /// SHA-384, 96 hexadecimal digits.
    Sha384,
    /// SHA-512, 128 hexadecimal digits.
    Sha512,
}

impl DigestAlgorithm {
    /// The name used before the colon, for example `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The number of lower-case hexadecimal digits that follow the colon.
    pub const fn hex_len(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }

    /// Digests `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let value = match self {
            Self::Sha256 => sha256(bytes).as_bytes().to_vec(),
            Self::Sha384 => sha384(bytes).as_bytes().to_vec(),
            Self::Sha512 => sha512(bytes).as_bytes().to_vec(),
        };
        Digest {
            algorithm: self,
            value: value.into_boxed_slice(),
        }
    }
}

/// A digest such as `sha256:9f86d0…`; always well-formed, always lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    value: Box<[u8]>,
}

impl Digest {
    /// The SHA-256 digest of `bytes`.
    pub fn sha256(bytes: &[u8]) -> Self {
        DigestAlgorithm::Sha256.digest(bytes)
    }

    /// The algorithm.
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The raw digest value.
    pub fn as_bytes(&self) -> &[u8] {
        &self.value
    }

    /// The lower-case hexadecimal digits after the colon.
    pub fn hex(&self) -> String {
        hex::encode(&self.value)
    }

    /// Whether `bytes` have this digest.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.algorithm.digest(bytes) == *self
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The longest value, of SHA-512, in digits.
        const MOST: usize = 128;
        let mut digits = [0; MOST];
        let digits = digits.get_mut(..self.algorithm.hex_len());
        let digits = digits.ok_or(fmt::Error)?;
        hex::encode_to_slice(&self.value, digits).map_err(|_| fmt::Error)?;
        f.write_str(self.algorithm.name())?;
        f.write_str(":")?;
        f.write_str(std::str::from_utf8(digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The text has no colon between algorithm and value.
    #[error("expected `algorithm:hex`, found no `:`")]
    NoSeparator,
    /// The algorithm is not one of the registered ones.
    #[error("expected sha256, sha384 or sha512, found algorithm `{found}`")]
    UnknownAlgorithm {
        /// The algorithm as written, shortened to 32 characters.
        found: String,
    },
    /// The value has the wrong number of digits for its algorithm.
    #[error("expected {expected} hexadecimal digits, found {found}")]
    Length {
        /// Digits the algorithm has.
        expected: usize,
        /// Characters found.
        found: usize,
    },
    /// The value contains something else than `0-9a-f`.
    #[error("expected lower-case hexadecimal digits only")]
    NotLowerHex,
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, value) = text.split_once(':').ok_or(DigestError::NoSeparator)?;
        let algorithm = match name {
            "sha256" => DigestAlgorithm::Sha256,
            "sha384" => DigestAlgorithm::Sha384,
            "sha512" => DigestAlgorithm::Sha512,
            other => {
                let found = other.chars().take(32).collect();
                return Err(DigestError::UnknownAlgorithm { found });
            }
        };
        if value.len() != algorithm.hex_len() {
            return Err(DigestError::Length {
                expected: algorithm.hex_len(),
                found: value.len(),
            });
        }
        let pairs = value.as_bytes().chunks_exact(2);
        let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
        let bytes = bytes.ok_or(DigestError::NotLowerHex)?;
        Ok(Self {
            algorithm,
            value: bytes.into_boxed_slice(),
        })
    }
}

/// The byte of two digits, which have one spelling: another one would be another name for the same content.
fn byte(pair: &[u8]) -> Option<u8> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_prints_as_it_was_read() {
        let digest = Digest::sha256(b"abc");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!(digest.matches(b"abc"));
        assert!(!digest.matches(b"abd"));
    }

    #[test]
    fn gauntlet_053_malformed_digests_are_refused_before_any_use() {
        // The table of CVE-2024-3727 and relatives: a digest is never a path.
        let hex64 = "a".repeat(64);
        for (text, expected) in [
            (String::new(), DigestError::NoSeparator),
            (
                ":".into(),
                DigestError::UnknownAlgorithm {
                    found: String::new(),
                },
            ),
            (
                "sha256:../../x".into(),
                DigestError::Length {
                    expected: 64,
                    found: 7,
                },
            ),
            (
                format!("sha512:{hex64}"),
                DigestError::Length {
                    expected: 128,
                    found: 64,
                },
            ),
            (
                format!("sha256:{}", hex64.to_uppercase()),
                DigestError::NotLowerHex,
            ),
            (
                format!("md5:{hex64}"),
                DigestError::UnknownAlgorithm {
                    found: "md5".into(),
                },
            ),
            (
                format!("sha256:{}é", "a".repeat(62)),
                DigestError::NotLowerHex,
            ),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(expected), "{text}");
        }
    }
}
