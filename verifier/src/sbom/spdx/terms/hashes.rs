//! Hash algorithms, and the values that they can have.

use crate::sbom::model::Hash;

/// How long the value of a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// Exactly so many hex digits.
    Hex(usize),
    /// As long as its maker wanted.
    Free,
}

/// One spelling and the length of an algorithm that SPDX 2 names (SPDX 2.3 §7.10, §8.4).
fn algorithm(name: &str) -> Option<(&'static str, Length)> {
    Some(match name {
        "ADLER32" => ("adler32", Length::Hex(8)),
        "MD2" => ("md2", Length::Hex(32)),
        "MD4" => ("md4", Length::Hex(32)),
        "MD5" => ("md5", Length::Hex(32)),
        "MD6" => ("md6", Length::Free),
        "SHA1" => ("sha1", Length::Hex(40)),
        "SHA224" => ("sha224", Length::Hex(56)),
        "SHA256" => ("sha256", Length::Hex(64)),
        "SHA384" => ("sha384", Length::Hex(96)),
        "SHA512" => ("sha512", Length::Hex(128)),
        "SHA3-256" => ("sha3-256", Length::Hex(64)),
        "SHA3-384" => ("sha3-384", Length::Hex(96)),
        "SHA3-512" => ("sha3-512", Length::Hex(128)),
        "BLAKE2b-256" => ("blake2b-256", Length::Hex(64)),
        "BLAKE2b-384" => ("blake2b-384", Length::Hex(96)),
        "BLAKE2b-512" => ("blake2b-512", Length::Hex(128)),
        "BLAKE3" => ("blake3", Length::Free),
        _ => return None,
    })
}

/// One spelling and the length of an algorithm that SPDX 3 names (`Core/HashAlgorithm`, 3.0.1).
fn algorithm3(name: &str) -> Option<(&'static str, Length)> {
    let two = match name {
        "sha3_224" => return Some(("sha3-224", Length::Hex(56))),
        "crystalsDilithium" => return Some(("crystals-dilithium", Length::Free)),
        "crystalsKyber" => return Some(("crystals-kyber", Length::Free)),
        "falcon" => return Some(("falcon", Length::Free)),
        "other" => return Some(("other", Length::Free)),
        "sha3_256" => "SHA3-256",
        "sha3_384" => "SHA3-384",
        "sha3_512" => "SHA3-512",
        "blake2b256" => "BLAKE2b-256",
        "blake2b384" => "BLAKE2b-384",
        "blake2b512" => "BLAKE2b-512",
        "adler32" => "ADLER32",
        "blake3" => "BLAKE3",
        "md2" => "MD2",
        "md4" => "MD4",
        "md5" => "MD5",
        "md6" => "MD6",
        "sha1" => "SHA1",
        "sha224" => "SHA224",
        "sha256" => "SHA256",
        "sha384" => "SHA384",
        "sha512" => "SHA512",
        _ => return None,
    };
    algorithm(two)
}

/// Why a hash is none.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sbom::spdx) enum NoHash {
    /// The algorithm is not one of the format's.
    Algorithm,
    /// The value is not hex of this many digits (0: of any length but none).
    Value(usize),
}

/// A hash as SPDX 2 writes it.
pub(in crate::sbom::spdx) fn hash(name: &str, value: &str) -> Result<Hash, NoHash> {
    checked(algorithm(name), value)
}

/// A hash as SPDX 3 writes it.
pub(in crate::sbom::spdx) fn hash3(name: &str, value: &str) -> Result<Hash, NoHash> {
    let found = algorithm3(name);
    if let Some((algorithm, Length::Free)) = found
        && !matches!(algorithm, "md6" | "blake3")
        && !value.is_empty()
    {
        // A value of an algorithm without a form of its own is kept as it is written.
        return Ok(Hash {
            algorithm: algorithm.into(),
            value: value.into(),
        });
    }
    checked(found, value)
}

fn checked(found: Option<(&'static str, Length)>, value: &str) -> Result<Hash, NoHash> {
    let (algorithm, length) = found.ok_or(NoHash::Algorithm)?;
    let is_hex = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (fits, digits) = match length {
        Length::Hex(digits) => (value.len() == digits, digits),
        Length::Free => (true, 0),
    };
    if !is_hex || !fits {
        return Err(NoHash::Value(digits));
    }
    Ok(Hash {
        algorithm: algorithm.into(),
        value: value.to_ascii_lowercase().into(),
    })
}
