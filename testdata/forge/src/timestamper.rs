//! A timestamp authority (RFC 3161) that says when it saw a signature.

use jiff::Timestamp;

use crate::authority::{Authority, Request};
use crate::clock::Window;
use crate::der;
use crate::encoding::{Hash, random, sha256};
use crate::keys::{Key, KeyKind};
use crate::x509::{Certificate, Identity, Usage};

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const SHA384: &str = "2.16.840.1.101.3.4.2.2";
const SHA512: &str = "2.16.840.1.101.3.4.2.3";

/// How a token names the certificate that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateReference {
    /// `ESSCertIDv2` with SHA-256 (RFC 5816).
    V2,
    /// `ESSCertID` with SHA-1 (RFC 3161 as first published).
    V1,
}

/// The hash in the imprint of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imprint {
    /// The hash of the token's signature.
    Same,
    /// SHA-1, which nobody should take any more.
    Sha1,
}

/// A timestamp authority.
#[derive(Clone)]
pub struct Timestamper {
    /// Its root and intermediate.
    pub authority: Authority,
    /// The leaf that signs tokens.
    pub leaf: Certificate,
    /// The hash of tokens' signatures, and of the imprint.
    pub hash: Hash,
    /// The hash of what is stamped.
    pub imprint: Imprint,
    /// How tokens name the leaf.
    pub reference: CertificateReference,
    /// The content type among what tokens sign; left out where there is none.
    pub content_type: Option<&'static str>,
    /// The version of `TSTInfo`.
    pub version: u8,
    serial: Vec<u8>,
    key: Key,
}

impl Timestamper {
    /// An authority whose certificates are valid for `validity`.
    pub fn new(organisation: &str, validity: Window) -> Self {
        let kind = KeyKind::EcdsaP384;
        let authority = Authority::new(organisation, Usage::TimeStamping, kind, validity);
        Self::under(authority, &Key::generate(KeyKind::EcdsaP256))
    }

    /// A timestamper with this key, certified by `authority` for as long as that is valid.
    pub fn under(authority: Authority, key: &Key) -> Self {
        let validity = authority.validity;
        let request = Request {
            identity: Identity {
                names: Vec::new(),
                extensions: std::collections::BTreeMap::new(),
                common_name: Some("timestamping".to_owned()),
            },
            validity,
            usage: Usage::TimeStamping,
            spki: None,
        };
        let (leaf, serial) = authority.issue_numbered(key, &request);
        Self {
            authority,
            leaf,
            hash: Hash::Sha256,
            imprint: Imprint::Same,
            reference: CertificateReference::V2,
            content_type: Some(TST_INFO),
            version: 1,
            serial,
            key: key.clone(),
        }
    }

    /// Leaf, intermediate and root, as `trusted_root.json` wants them.
    pub fn chain(&self) -> Vec<Certificate> {
        let mut chain = vec![self.leaf.clone()];
        chain.extend(self.authority.chain());
        chain
    }

    /// A response (`TimeStampResp`) that saw `signature` at `time`.
    pub fn stamp(&self, signature: &[u8], time: Timestamp) -> Vec<u8> {
        let info = self.info(signature, time);
        let granted = der::seq(&[der::uint(&[0])]);
        der::seq(&[granted, self.signed_data(&info, time)])
    }

    fn info(&self, signature: &[u8], time: Timestamp) -> Vec<u8> {
        let (algorithm, hash) = match self.imprint {
            Imprint::Same => (hash_algorithm(self.hash), self.hash.of(signature)),
            Imprint::Sha1 => (der::algorithm("1.3.14.3.2.26"), sha1(signature)),
        };
        let imprint = der::seq(&[algorithm, der::octets(&hash)]);
        der::seq(&[
            der::uint(&[self.version]),
            der::oid("1.3.6.1.4.1.57264.2"),
            imprint,
            der::uint(&random::<16>()),
            der::generalized_time(time),
            der::seq(&[der::uint(&[1])]), // accuracy: one second
        ])
    }

    fn signed_data(&self, info: &[u8], time: Timestamp) -> Vec<u8> {
        let digest_algorithm = hash_algorithm(self.hash);
        let attributes = self.signed_attributes(info, time);
        let signature = self.signing_key().sign(&der::set(&attributes));
        let signer = der::seq(&[
            der::uint(&[1]),
            der::seq(&[
                self.authority.issuing_name().to_vec(),
                der::uint(&self.serial),
            ]),
            digest_algorithm.clone(),
            der::explicit(0, &der::sorted(&attributes)),
            self.signing_key().signature_algorithm(),
            der::octets(&signature),
        ]);
        let content = der::seq(&[der::oid(TST_INFO), der::explicit(0, &der::octets(info))]);
        let signed_data = der::seq(&[
            der::uint(&[3]),
            der::set(&[digest_algorithm]),
            content,
            der::set(&[signer]),
        ]);
        der::seq(&[der::oid(SIGNED_DATA), der::explicit(0, &signed_data)])
    }

    /// The signed attributes (RFC 5652, section 5.3; RFC 5816, section 2.2.1).
    fn signed_attributes(&self, info: &[u8], time: Timestamp) -> Vec<Vec<u8>> {
        let attribute =
            |dotted: &str, value: Vec<u8>| der::seq(&[der::oid(dotted), der::set(&[value])]);
        let (dotted, certificate_hash) = match self.reference {
            CertificateReference::V2 => (
                "1.2.840.113549.1.9.16.2.47",
                sha256(&self.leaf.der).to_vec(),
            ),
            CertificateReference::V1 => ("1.2.840.113549.1.9.16.2.12", sha1(&self.leaf.der)),
        };
        let directory_name = der::explicit(4, self.authority.issuing_name());
        let issuer_serial = der::seq(&[der::seq(&[directory_name]), der::uint(&self.serial)]);
        let id = der::seq(&[der::octets(&certificate_hash), issuer_serial]);
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.5", der::time(time)),
            attribute("1.2.840.113549.1.9.4", der::octets(&self.hash.of(info))),
            attribute(dotted, der::seq(&[der::seq(&[id])])),
        ];
        if let Some(content_type) = self.content_type {
            attributes.push(attribute("1.2.840.113549.1.9.3", der::oid(content_type)));
        }
        attributes
    }

    fn signing_key(&self) -> Key {
        self.key
            .clone()
            .signing_as(crate::keys::Scheme::Ecdsa(self.hash))
    }
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    let hash = aws_lc_rs::digest::digest(algorithm, bytes);
    hash.as_ref().to_vec()
}

fn hash_algorithm(hash: Hash) -> Vec<u8> {
    der::algorithm(match hash {
        Hash::Sha256 => SHA256,
        Hash::Sha384 => SHA384,
        Hash::Sha512 => SHA512,
    })
}
