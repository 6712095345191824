//! Algorithms by name, for signatures, certificates and keys: what reports show and policies judge.
//!
//! A name is the family with the size of an RSA key and the hash where there is one:
//! `ecdsa-p384-sha256`, `rsa-3072-pss-sha256`, `ed25519`; for a bare key `ecdsa-p384`, `rsa-3072`.

use std::collections::BTreeSet;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Reader, SliceReader, Tag, TagNumber, Tagged};
use sigstore_crypto::{SigningScheme, VerificationKey};
use x509_cert::Certificate;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::key;

/// An algorithm, and where a claim rests on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlgorithmUse {
    /// The name of the algorithm, for example `ecdsa-p384-sha256`.
    pub algorithm: String,
    /// Where it was used, in words: ``key of certificate `CN=intermediate` ``.
    pub place: String,
}

const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// The name of a hash.
pub(crate) fn hash(oid: ObjectIdentifier) -> String {
    match oid {
        SHA1 => "sha1".to_owned(),
        SHA256 => "sha256".to_owned(),
        SHA384 => "sha384".to_owned(),
        SHA512 => "sha512".to_owned(),
        other => unnamed(other),
    }
}

/// What has no name here; no profile and no list allows it.
fn unnamed(oid: ObjectIdentifier) -> String {
    format!("oid-{oid}")
}

/// The name of a key, from its `SubjectPublicKeyInfo` (DER).
fn key_name(spki: &[u8]) -> String {
    key::strength(spki).unwrap_or_else(|| "unknown".to_owned())
}

/// The name of a scheme, with the size of the key where it is RSA.
pub(crate) fn scheme(scheme: SigningScheme, rsa_bits: Option<usize>) -> String {
    let name = scheme.name().to_ascii_lowercase().replace('_', "-");
    match rsa_bits {
        Some(bits) => name.replacen("rsa", &format!("rsa-{bits}"), 1),
        None => name,
    }
}

/// The name of what a log's key signs with.
pub(crate) fn of_key(key: &VerificationKey) -> String {
    // In a key of another kind this finds no RSA modulus.
    scheme(key.scheme(), key::rsa_bits(key.as_bytes()).ok())
}

/// The name of a signature on a certificate by a key of this name.
fn on_certificate(algorithm: &AlgorithmIdentifierOwned, key: &str) -> String {
    match algorithm.oid {
        ECDSA_SHA256 => format!("{key}-sha256"),
        ECDSA_SHA384 => format!("{key}-sha384"),
        ECDSA_SHA512 => format!("{key}-sha512"),
        RSA_SHA256 => format!("{key}-pkcs1-sha256"),
        RSA_SHA384 => format!("{key}-pkcs1-sha384"),
        RSA_SHA512 => format!("{key}-pkcs1-sha512"),
        RSA_PSS => format!("{key}-pss-{}", pss_hash(algorithm)),
        // Ed25519 and ML-DSA: one identifier for key and signature (RFC 8410, section 3; RFC 9881).
        oid => key::bare(oid).map_or_else(|| unnamed(oid), |known| known.name().to_owned()),
    }
}

/// `hashAlgorithm` of `RSASSA-PSS-params`, SHA-1 where it is left out (RFC 4055, section 3.1).
fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> String {
    const HASH_FIELD: Tag = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber::N0,
    };
    let parameters = algorithm.parameters.as_ref();
    let fields = parameters.and_then(|parameters| elements(parameters.value()));
    let found = fields.as_deref().and_then(<[AnyRef<'_>]>::first).copied();
    match found.filter(|field| field.tag() == HASH_FIELD) {
        None => "sha1".to_owned(),
        Some(field) => elements(field.value())
            .and_then(|inside| identified(*inside.first()?))
            .map_or_else(|| "unknown".to_owned(), hash),
    }
}

/// The values inside a constructed value (DER), in order.
pub(crate) fn elements(value: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(value).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(found)
}

/// The identifier in an `AlgorithmIdentifier` (RFC 5280, section 4.1.1.2).
pub(crate) fn identified(algorithm: AnyRef<'_>) -> Option<ObjectIdentifier> {
    let inside = elements(algorithm.value())?;
    inside.first()?.decode_as().ok()
}

/// One certificate of a path, or the authority that the path ends at.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What it is, in words.
    place: String,
    /// The name of its key.
    key: String,
    /// The signature on it; none where nothing rests on one.
    signature: Option<AlgorithmIdentifierOwned>,
}

impl Link {
    /// A certificate that is known by its subject; one that cannot be read is nothing that a
    /// profile or a list allows.
    pub(crate) fn certificate(der: &[u8]) -> Self {
        match Certificate::from_der(der) {
            Ok(certificate) => {
                let subject = &certificate.tbs_certificate.subject;
                Self::named(format!("certificate `{subject}`"), &certificate)
            }
            Err(_) => Self {
                place: "a certificate that cannot be read".to_owned(),
                key: "unknown".to_owned(),
                signature: None,
            },
        }
    }

    /// A certificate under a name of ours.
    pub(crate) fn named(place: String, certificate: &Certificate) -> Self {
        let spki = certificate.tbs_certificate.subject_public_key_info.to_der();
        Self {
            place,
            key: spki.map_or_else(|_| "unknown".to_owned(), |spki| key_name(&spki)),
            signature: Some(certificate.signature_algorithm.clone()),
        }
    }

    /// The same certificate as the end of a path, which is a key and a name: nothing rests on the
    /// signature on it (RFC 5280, section 6.1.1, d).
    pub(crate) fn ending_path(self) -> Self {
        Self {
            signature: None,
            ..self
        }
    }

    /// The name of its key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

/// Every key and every signature along a path, the leaf first.
pub(crate) fn along<'a>(path: impl IntoIterator<Item = &'a Link>) -> BTreeSet<AlgorithmUse> {
    let mut uses = BTreeSet::new();
    let mut below: Option<&Link> = None;
    for link in path {
        if let Some((below, signature)) =
            below.and_then(|below| Some((below, below.signature.as_ref()?)))
        {
            uses.insert(AlgorithmUse {
                algorithm: on_certificate(signature, &link.key),
                place: format!("signature on {}", below.place),
            });
        }
        uses.insert(AlgorithmUse {
            algorithm: link.key.clone(),
            place: format!("key of {}", link.place),
        });
        below = Some(link);
    }
    uses
}
