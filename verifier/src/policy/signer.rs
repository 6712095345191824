//! Who may sign, compiled: each signer is one anchor and what its holder must be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matcher::Matcher;
use crate::claim::{AlternativeName, CertificateIdentity, FulcioExtension};
use crate::digest::Digest;
use crate::trust::AnchorId;
use crate::verdict::Position;

/// Someone who may sign.
#[derive(Clone, Debug)]
pub(super) struct SignerRule {
    pub(super) name: String,
    pub(super) anchor: AnchorId,
    pub(super) holder: Holder,
    /// The trust root by name; absent for a key alone.
    pub(super) root: Option<String>,
    pub(super) position: Option<Position>,
}

/// What the holder of the signing key must be.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// The holder of a certificate with these properties, all in one certificate.
    Certificate(Box<CertificateRule>),
    /// The holder of this key.
    Key {
        fingerprint: Digest,
        /// The hash that was configured, for the policy's identity.
        hash: Option<&'static str>,
    },
}

/// What a certificate must say.
#[derive(Clone, Debug, Default)]
pub(super) struct CertificateRule {
    pub(super) issuer: Option<Placed<Matcher>>,
    pub(super) identity: Option<Placed<IdentityMatcher>>,
    pub(super) subject: Option<Placed<Matcher>>,
    pub(super) claims: BTreeMap<FulcioExtension, Placed<Matcher>>,
}

/// Something with the line that it comes from, where there is a document.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) position: Option<Position>,
}

/// A matcher of subject alternative names.
#[derive(Clone, Debug)]
pub(super) struct IdentityMatcher {
    pub(super) matcher: Matcher,
    /// The one type of name that counts, as reports write it; any where absent.
    pub(super) name_type: Option<&'static str>,
}

impl IdentityMatcher {
    pub(super) fn matches(&self, name: &AlternativeName) -> bool {
        self.name_type.is_none_or(|kind| kind == name.kind()) && self.matcher.matches(name.value())
    }

    pub(super) fn describe(&self) -> String {
        match self.name_type {
            Some(kind) => format!("{} of type {kind}", self.matcher.describe()),
            None => self.matcher.describe(),
        }
    }
}

/// The first property of a certificate that is not as the rule wants it.
#[derive(Clone, Debug)]
pub(super) enum Mismatch<'a> {
    Issuer(&'a Placed<Matcher>),
    Identity(&'a Placed<IdentityMatcher>),
    Subject(&'a Placed<Matcher>),
    Claim(FulcioExtension, &'a Placed<Matcher>),
}

impl CertificateRule {
    /// The first mismatch, in the order issuer, identity, claims: the later it is, the closer the
    /// certificate came.
    pub(super) fn mismatch(&self, identity: &CertificateIdentity) -> Option<Mismatch<'_>> {
        if let Some(issuer) = &self.issuer {
            let found = identity.issuer.as_deref();
            if !found.is_some_and(|found| issuer.value.matches(found)) {
                return Some(Mismatch::Issuer(issuer));
            }
        }
        if let Some(wanted) = &self.identity {
            let mut names = identity.alternative_names.iter();
            if !names.any(|name| wanted.value.matches(name)) {
                return Some(Mismatch::Identity(wanted));
            }
        }
        if let Some(subject) = &self.subject
            && !subject.value.matches(&identity.subject)
        {
            return Some(Mismatch::Subject(subject));
        }
        let unmet = self.claims.iter().find(|(extension, wanted)| {
            let found = identity.extensions.get(extension);
            !found.is_some_and(|found| wanted.value.matches(found))
        });
        unmet.map(|(extension, wanted)| Mismatch::Claim(*extension, wanted))
    }
}

impl SignerRule {
    /// The signer as a part of the policy's identity; `root` is the trust root's digest.
    pub(super) fn canonical(&self, root: Option<&Digest>) -> Value {
        let root = self
            .root
            .as_ref()
            .zip(root)
            .map(|(name, digest)| json!({ "name": name, "digest": digest.to_string() }));
        let holder = match &self.holder {
            Holder::Key { fingerprint, hash } => {
                json!({ "key": { "fingerprint": fingerprint.to_string(), "hash": hash } })
            }
            Holder::Certificate(rule) => {
                let matcher = |placed: &Placed<Matcher>| placed.value.canonical();
                let claims: BTreeMap<&str, Value> = rule
                    .claims
                    .iter()
                    .map(|(extension, wanted)| (extension.name(), matcher(wanted)))
                    .collect();
                json!({ "certificate": {
                    "issuer": rule.issuer.as_ref().map(matcher),
                    "identity": rule.identity.as_ref().map(|identity| json!({
                        "match": identity.value.matcher.canonical(),
                        "type": identity.value.name_type,
                    })),
                    "subject": rule.subject.as_ref().map(matcher),
                    "claims": claims,
                } })
            }
        };
        json!({ "holder": holder, "trustRoot": root })
    }
}
