//! Who signed.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::FulcioExtension;
use crate::digest::Digest;

/// The signer of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signer {
    /// The holder of a certificate.
    Certificate(Box<CertificateIdentity>),
    /// The holder of a public key that we know.
    Key(KeyIdentity),
}

impl Signer {
    /// What tells two signers apart: the identity, never the short-lived key or certificate.
    pub fn distinct_name(&self) -> String {
        match self {
            Self::Certificate(identity) => identity.distinct_name(),
            Self::Key(key) => format!("key {}", key.fingerprint),
        }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(identity) => identity.fmt(f),
            Self::Key(key) => write!(f, "key {}", key.fingerprint),
        }
    }
}

/// The identity in a verified certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateIdentity {
    /// The OIDC issuer that vouched for the identity; absent in an own PKI.
    pub issuer: Option<String>,
    /// Every subject alternative name, in order.
    pub alternative_names: Vec<AlternativeName>,
    /// The subject's distinguished name (RFC 4514), often empty under Fulcio.
    pub subject: String,
    /// Every Fulcio extension.
    pub extensions: BTreeMap<FulcioExtension, String>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// SHA-256 of the certificate.
    pub fingerprint: Digest,
}

impl CertificateIdentity {
    fn distinct_name(&self) -> String {
        let names: Vec<String> = self
            .alternative_names
            .iter()
            .map(ToString::to_string)
            .collect();
        format!(
            "{}|{}|{}",
            self.issuer.as_deref().unwrap_or_default(),
            names.join(","),
            self.subject
        )
    }
}

impl fmt::Display for CertificateIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.alternative_names.first() {
            Some(name) => f.write_str(name.value())?,
            None => f.write_str(&self.subject)?,
        }
        self.issuer
            .as_ref()
            .map_or(Ok(()), |issuer| write!(f, " (issuer {issuer})"))
    }
}

/// A subject alternative name (RFC 5280, section 4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AlternativeName {
    /// An e-mail address.
    Email(String),
    /// A URI.
    Uri(String),
    /// A DNS name.
    Dns(String),
    /// Fulcio's user name (otherName 1.3.6.1.4.1.57264.1.7).
    OtherName(String),
}

impl AlternativeName {
    /// The name itself.
    pub fn value(&self) -> &str {
        match self {
            Self::Email(value) | Self::Uri(value) | Self::Dns(value) | Self::OtherName(value) => {
                value
            }
        }
    }

    /// The type of name as it is written in policies and reports.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Uri(_) => "uri",
            Self::Dns(_) => "dns",
            Self::OtherName(_) => "otherName",
        }
    }
}

impl fmt::Display for AlternativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.value())
    }
}

/// A public key that we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyIdentity {
    /// SHA-256 of the key's `SubjectPublicKeyInfo`.
    pub fingerprint: Digest,
    /// The algorithm, for example `ecdsa-p256`.
    pub algorithm: String,
}
