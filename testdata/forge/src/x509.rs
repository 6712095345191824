//! X.509 certificates (RFC 5280), written field by field.

use std::collections::BTreeMap;

use crate::clock::Window;
use crate::der;
use crate::encoding::{random, sha256};
use crate::keys::Key;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The bytes.
    pub der: Vec<u8>,
}

impl Certificate {
    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        der::pem("CERTIFICATE", &self.der)
    }
}

/// A subject alternative name (RFC 5280, section 4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A URI, as workflows have.
    Uri(String),
    /// An e-mail address, as people have.
    Email(String),
    /// A DNS name.
    Dns(String),
    /// Fulcio's user name (otherName 1.3.6.1.4.1.57264.1.7).
    Other(String),
}

/// What a certificate may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Code signing: what signers need.
    CodeSigning,
    /// Time stamping, critical and alone (RFC 3161, section 2.3).
    TimeStamping,
    /// TLS servers: the wrong one for signers.
    ServerAuth,
}

impl Usage {
    const fn oid(self) -> &'static str {
        match self {
            Self::CodeSigning => "1.3.6.1.5.5.7.3.3",
            Self::TimeStamping => "1.3.6.1.5.5.7.3.8",
            Self::ServerAuth => "1.3.6.1.5.5.7.3.1",
        }
    }
}

/// Who a certificate says its holder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Subject alternative names.
    pub names: Vec<Name>,
    /// Fulcio extensions by the last component of their object identifier.
    pub extensions: BTreeMap<u8, String>,
    /// The subject's common name; Fulcio leaves it empty.
    pub common_name: Option<String>,
}

/// The identity of the release workflow.
pub const RELEASE_WORKFLOW: &str =
    "https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
/// The issuer of workflow identities.
pub const WORKFLOW_ISSUER: &str = "https://token.ci.forge.example";
/// The issuer of people's identities.
pub const PEOPLE_ISSUER: &str = "https://login.forge.example";
/// The repository that releases are built from.
pub const REPOSITORY: &str = "https://git.forge.example/acme/app";

impl Identity {
    /// The release workflow with every Fulcio extension of a CI provider.
    pub fn release_workflow() -> Self {
        Self::workflow("release.yml", "refs/tags/v1.0.0")
    }

    /// A workflow of the same repository.
    pub fn workflow(file: &str, git_ref: &str) -> Self {
        let commit = "6e8b7c0d5a4f39281706f5e4d3c2b1a098765432";
        let workflow =
            format!("https://ci.forge.example/acme/app/.github/workflows/{file}@{git_ref}");
        let pairs: [(u8, &str); 22] = [
            (1, WORKFLOW_ISSUER),
            (2, "push"),
            (3, commit),
            (4, "Release"),
            (5, "acme/app"),
            (6, git_ref),
            (8, WORKFLOW_ISSUER),
            (9, &workflow),
            (10, commit),
            (11, "forge-hosted"),
            (12, REPOSITORY),
            (13, commit),
            (14, git_ref),
            (15, "4711"),
            (16, "https://git.forge.example/acme"),
            (17, "42"),
            (18, &workflow),
            (19, commit),
            (20, "push"),
            (21, "https://ci.forge.example/acme/app/runs/1001/attempts/1"),
            (22, "public"),
            (24, "repo:acme/app:ref:refs/tags/v1.0.0"),
        ];
        Self {
            extensions: pairs
                .map(|(number, value)| (number, value.to_owned()))
                .into(),
            names: vec![Name::Uri(workflow.clone())],
            common_name: None,
        }
    }

    /// A person.
    pub fn person(email: &str) -> Self {
        Self::named(Name::Email(email.to_owned()), PEOPLE_ISSUER)
    }

    /// Any name under an issuer, with no other claim.
    pub fn named(name: Name, issuer: &str) -> Self {
        Self {
            names: vec![name],
            extensions: [(1, issuer.to_owned()), (8, issuer.to_owned())].into(),
            common_name: None,
        }
    }

    /// The holder of a certificate in an own PKI: a subject and a name, no issuer.
    pub fn own_pki(common_name: &str, name: Name) -> Self {
        Self {
            names: vec![name],
            extensions: BTreeMap::new(),
            common_name: Some(common_name.to_owned()),
        }
    }

    /// The same identity with one Fulcio extension more or other.
    pub fn with_extension(mut self, number: u8, value: &str) -> Self {
        self.extensions.insert(number, value.to_owned());
        self
    }
}

/// A certificate before it is signed.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) validity: Window,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Template {
    /// `TBSCertificate` for signing by `key`.
    pub(crate) fn tbs(&self, key: &Key) -> Vec<u8> {
        der::seq(&[
            der::explicit(0, &der::uint(&[2])),
            der::uint(&self.serial),
            key.signature_algorithm(),
            self.issuer.clone(),
            der::seq(&[der::time(self.validity.start), der::time(self.validity.end)]),
            self.subject.clone(),
            self.spki.clone(),
            der::explicit(3, &der::seq(&self.extensions)),
        ])
    }

    /// The certificate, signed by `key`.
    pub(crate) fn sign(&self, key: &Key) -> Certificate {
        let tbs = self.tbs(key);
        let signature = key.sign(&tbs);
        let der = der::seq(&[tbs, key.signature_algorithm(), der::bits(&signature)]);
        Certificate { der }
    }
}

/// A random serial number of 20 bytes, positive.
pub(crate) fn serial() -> Vec<u8> {
    let mut serial = random::<20>();
    serial[0] = (serial[0] & 0x3f) | 0x40;
    serial.to_vec()
}

/// A distinguished name of organisation and common name; both may be absent.
pub(crate) fn distinguished_name(organisation: Option<&str>, common_name: Option<&str>) -> Vec<u8> {
    let attribute = |dotted: &str, value: &str| {
        let printable = der::tlv(0x13, value.as_bytes());
        der::set(&[der::seq(&[der::oid(dotted), printable])])
    };
    let mut parts = Vec::new();
    parts.extend(organisation.map(|value| attribute("2.5.4.10", value)));
    parts.extend(common_name.map(|value| attribute("2.5.4.3", value)));
    der::seq(&parts)
}

pub(crate) fn extension(dotted: &str, value: &[u8]) -> Vec<u8> {
    der::seq(&[der::oid(dotted), der::octets(value)])
}

pub(crate) fn critical_extension(dotted: &str, value: &[u8]) -> Vec<u8> {
    der::seq(&[der::oid(dotted), der::yes(), der::octets(value)])
}

/// A key identifier (RFC 7093, section 2, method 1).
fn key_identifier(spki: &[u8]) -> Vec<u8> {
    sha256(spki)[..20].to_vec()
}

/// The extensions of an authority. `depth` bounds the authorities below it.
pub(crate) fn authority_extensions(
    spki: &[u8],
    issuer_spki: &[u8],
    depth: Option<u8>,
    usage: Option<Usage>,
) -> Vec<Vec<u8>> {
    let mut constraints = vec![der::yes()];
    constraints.extend(depth.map(|depth| der::uint(&[depth])));
    let mut out = vec![
        critical_extension("2.5.29.15", &der::tlv(0x03, &[1, 0x06])),
        critical_extension("2.5.29.19", &der::seq(&constraints)),
    ];
    out.extend(usage.map(|usage| extension("2.5.29.37", &der::seq(&[der::oid(usage.oid())]))));
    out.extend(identifiers(spki, issuer_spki));
    out
}

/// The extensions of a leaf.
pub(crate) fn leaf_extensions(
    identity: &Identity,
    spki: &[u8],
    issuer_spki: &[u8],
    usage: Usage,
) -> Vec<Vec<u8>> {
    let purposes = der::seq(&[der::oid(usage.oid())]);
    let mut out = vec![critical_extension("2.5.29.15", &der::tlv(0x03, &[7, 0x80]))];
    out.push(match usage {
        Usage::TimeStamping => critical_extension("2.5.29.37", &purposes),
        Usage::CodeSigning | Usage::ServerAuth => extension("2.5.29.37", &purposes),
    });
    out.extend(identifiers(spki, issuer_spki));
    if !identity.names.is_empty() {
        let names: Vec<Vec<u8>> = identity.names.iter().map(general_name).collect();
        out.push(critical_extension("2.5.29.17", &der::seq(&names)));
    }
    for (number, value) in &identity.extensions {
        let dotted = format!("1.3.6.1.4.1.57264.1.{number}");
        // Fulcio wrote 1.1 to 1.6 as bare bytes, and everything later as UTF8String.
        let value = if *number <= 6 {
            value.as_bytes().to_vec()
        } else {
            der::utf8(value)
        };
        out.push(extension(&dotted, &value));
    }
    out
}

fn identifiers(spki: &[u8], issuer_spki: &[u8]) -> [Vec<u8>; 2] {
    let issuer = der::implicit(0, &key_identifier(issuer_spki));
    [
        extension("2.5.29.14", &der::octets(&key_identifier(spki))),
        extension("2.5.29.35", &der::seq(&[issuer])),
    ]
}

fn general_name(name: &Name) -> Vec<u8> {
    match name {
        Name::Email(value) => der::implicit(1, value.as_bytes()),
        Name::Dns(value) => der::implicit(2, value.as_bytes()),
        Name::Uri(value) => der::implicit(6, value.as_bytes()),
        Name::Other(value) => {
            let value = der::explicit(0, &der::utf8(value));
            der::tlv(0xa0, &[der::oid("1.3.6.1.4.1.57264.1.7"), value].concat())
        }
    }
}
