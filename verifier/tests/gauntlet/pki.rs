//! Certificates and timestamps written field by field, for lies that the forge does not tell.
//!
//! Every key here is ECDSA on P-256, and every signature is over SHA-256.

use jiff::Timestamp;
use sovverify_forge::{Certificate, Key, Window, sha256};

/// Contents of object identifiers (DER).
pub(crate) mod oid {
    pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(crate) const NAMES: &[u8] = &[0x55, 0x1d, 0x11];
    pub(crate) const CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
    pub(crate) const PURPOSES: &[u8] = &[0x55, 0x1d, 0x25];
    pub(crate) const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
    pub(crate) const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
    pub(crate) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    pub(crate) const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
    pub(crate) const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
    pub(crate) const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
    pub(crate) const POLICY: &[u8] = &[0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 2];
}

/// One tag, length, value.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head[..], content].concat()
}

pub(crate) fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// SET OF, in the order of DER.
pub(crate) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &sorted(parts))
}

fn sorted(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    parts.concat()
}

/// INTEGER, unsigned.
pub(crate) fn uint(bytes: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    let sign = bytes.first().is_none_or(|first| *first >= 0x80);
    tlv(0x02, &[vec![0; usize::from(sign)], bytes].concat())
}

fn identifier(content: &[u8]) -> Vec<u8> {
    tlv(0x06, content)
}

fn algorithm(content: &[u8]) -> Vec<u8> {
    seq(&[identifier(content)])
}

fn octets(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

fn time(at: Timestamp) -> Vec<u8> {
    tlv(0x17, at.strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

/// A distinguished name of one common name.
pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let value = tlv(0x0c, common_name.as_bytes());
    let attribute = seq(&[identifier(oid::COMMON_NAME), value]);
    seq(&[set(&[attribute])])
}

/// An extension.
pub(crate) fn extension(kind: &[u8], critical: Option<()>, value: &[u8]) -> Vec<u8> {
    let critical = critical.map_or_else(Vec::new, |()| tlv(0x01, &[0xff]));
    seq(&[identifier(kind), critical, octets(value)])
}

/// What an authority says of itself.
pub(crate) fn authority() -> Vec<Vec<u8>> {
    let yes = tlv(0x01, &[0xff]);
    vec![
        extension(oid::KEY_USAGE, Some(()), &[3, 2, 1, 6]),
        extension(oid::CONSTRAINTS, Some(()), &seq(&[yes])),
    ]
}

/// What a certificate may be used for.
pub(crate) fn purposes(critical: Option<()>, purposes: &[&[u8]]) -> Vec<u8> {
    let purposes: Vec<Vec<u8>> = purposes.iter().map(|oid| identifier(oid)).collect();
    extension(oid::PURPOSES, critical, &seq(&purposes))
}

/// A subject alternative name: 1 for mail, 2 for DNS, 6 for a URI.
pub(crate) fn alternative_name(kind: u8, text: &str) -> Vec<u8> {
    let name = tlv(0x80 | kind, text.as_bytes());
    extension(oid::NAMES, None, &seq(&[name]))
}

/// Names of this type must be below `text`.
pub(crate) fn permitted(kind: u8, text: &str) -> Vec<u8> {
    let subtree = seq(&[tlv(0x80 | kind, text.as_bytes())]);
    let value = seq(&[tlv(0xa0, &subtree)]);
    extension(oid::NAME_CONSTRAINTS, Some(()), &value)
}

/// Who is certified, by whom, and what stands in the certificate.
#[derive(Clone)]
pub(crate) struct About<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) serial: u8,
    pub(crate) validity: Window,
    pub(crate) extensions: Vec<Vec<u8>>,
}

/// A certificate for `key`, signed by `by`.
pub(crate) fn certify(about: &About<'_>, key: &Key, by: &Key) -> Certificate {
    let validity = [about.validity.start, about.validity.end].map(time);
    let to_be_signed = seq(&[
        tlv(0xa0, &uint(&[2])),
        uint(&[about.serial]),
        algorithm(oid::ECDSA_SHA256),
        name(about.issuer),
        seq(&validity),
        name(about.subject),
        key.spki().to_vec(),
        tlv(0xa3, &seq(&about.extensions)),
    ]);
    let signature = [&[0], &by.sign(&to_be_signed)[..]].concat();
    let signature = tlv(0x03, &signature);
    let der = seq(&[to_be_signed, algorithm(oid::ECDSA_SHA256), signature]);
    Certificate { der }
}

/// What a token says: when something with this hash was seen.
pub(crate) fn info(hash: &[u8], at: Timestamp) -> Vec<u8> {
    let at = at.strftime("%Y%m%d%H%M%SZ").to_string();
    seq(&[
        uint(&[1]),
        identifier(oid::POLICY),
        seq(&[algorithm(oid::SHA256), octets(hash)]),
        uint(&[7]),
        tlv(0x18, at.as_bytes()),
    ])
}

/// Signed attributes over `info`, as they should be.
pub(crate) fn attributes(info: &[u8]) -> Vec<Vec<u8>> {
    let attribute = |kind: &[u8], value: Vec<u8>| seq(&[identifier(kind), set(&[value])]);
    vec![
        attribute(oid::CONTENT_TYPE, identifier(oid::TST_INFO)),
        attribute(oid::MESSAGE_DIGEST, octets(&sha256(info))),
    ]
}

/// A `SignerInfo` by the certificate of this issuer and number. Without attributes the signature is
/// over `info` itself.
pub(crate) fn signer(
    (issuer, serial): (&str, u8),
    key: &Key,
    attributes: Option<&[Vec<u8>]>,
    info: &[u8],
) -> Vec<u8> {
    let signed = attributes.map_or_else(|| info.to_vec(), set);
    let attributes = attributes.map_or_else(Vec::new, |list| tlv(0xa0, &sorted(list)));
    seq(&[
        uint(&[1]),
        seq(&[name(issuer), uint(&[serial])]),
        algorithm(oid::SHA256),
        attributes,
        algorithm(oid::ECDSA_SHA256),
        octets(&key.sign(&signed)),
    ])
}

/// A response with these signers, and a bag of certificates that nobody signed.
pub(crate) fn token(info: &[u8], signers: &[Vec<u8>], bag: &[Certificate]) -> Vec<u8> {
    let content = tlv(0xa0, &octets(info));
    let bag: Vec<u8> = bag.iter().flat_map(|one| one.der.clone()).collect();
    let bag = if bag.is_empty() { bag } else { tlv(0xa0, &bag) };
    let signed_data = seq(&[
        uint(&[3]),
        set(&[algorithm(oid::SHA256)]),
        seq(&[identifier(oid::TST_INFO), content]),
        bag,
        set(signers),
    ]);
    let token = seq(&[identifier(oid::SIGNED_DATA), tlv(0xa0, &signed_data)]);
    seq(&[seq(&[uint(&[0])]), token])
}
