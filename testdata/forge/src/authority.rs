//! Certificate authorities: one that works like Fulcio, and own PKIs.

use crate::clock::Window;
use crate::keys::{Key, KeyKind, Scheme};
use crate::sct::{CtLog, sct_list};
use crate::x509::{
    Certificate, Identity, Template, Usage, authority_extensions, distinguished_name,
    leaf_extensions, serial,
};

/// A root and an intermediate that issues leaves.
#[derive(Clone)]
pub struct Authority {
    /// The organisation in every name.
    pub organisation: String,
    /// When root and intermediate are valid.
    pub validity: Window,
    /// The self-signed root.
    pub root: Certificate,
    /// The intermediate that issues.
    pub intermediate: Certificate,
    issuing_name: Vec<u8>,
    issuing_key: Key,
}

/// What an authority is asked to issue.
#[derive(Clone)]
pub struct Request {
    /// For whom.
    pub identity: Identity,
    /// For how long.
    pub validity: Window,
    /// What for.
    pub usage: Usage,
    /// Another public key than the signer's, where the certificate is to lie about it.
    pub spki: Option<Vec<u8>>,
}

impl Authority {
    /// An authority whose leaves may be used for `usage`, with keys of `kind`.
    pub fn new(organisation: &str, usage: Usage, kind: KeyKind, validity: Window) -> Self {
        Self::signing_as(organisation, usage, (kind, kind.default_scheme()), validity)
    }

    /// An authority with keys of a kind that sign in a way of their own.
    pub fn signing_as(
        organisation: &str,
        usage: Usage,
        (kind, scheme): (KeyKind, Scheme),
        validity: Window,
    ) -> Self {
        let root_key = Key::generate(kind).signing_as(scheme);
        let root_name = distinguished_name(Some(organisation), Some("root"));
        let root = Template {
            serial: serial(),
            issuer: root_name.clone(),
            subject: root_name.clone(),
            validity,
            spki: root_key.spki().to_vec(),
            extensions: authority_extensions(root_key.spki(), root_key.spki(), Some(1), None),
        };
        let issuing_key = Key::generate(kind).signing_as(scheme);
        let issuing_name = distinguished_name(Some(organisation), Some("intermediate"));
        let (spki, issuer_spki) = (issuing_key.spki(), root_key.spki());
        let intermediate = Template {
            serial: serial(),
            issuer: root_name,
            subject: issuing_name.clone(),
            validity,
            spki: spki.to_vec(),
            extensions: authority_extensions(spki, issuer_spki, Some(0), Some(usage)),
        };
        Self {
            organisation: organisation.to_owned(),
            validity,
            root: root.sign(&root_key),
            intermediate: intermediate.sign(&root_key),
            issuing_name,
            issuing_key,
        }
    }

    /// An authority for code signing with the keys that Fulcio has.
    pub fn fulcio(organisation: &str, validity: Window) -> Self {
        Self::new(
            organisation,
            Usage::CodeSigning,
            KeyKind::EcdsaP384,
            validity,
        )
    }

    /// A leaf for `key`, without any SCT.
    pub fn issue(&self, key: &Key, request: &Request) -> Certificate {
        self.template(key, request).sign(&self.issuing_key)
    }

    /// A leaf for `key` without any SCT, and its serial number.
    pub(crate) fn issue_numbered(&self, key: &Key, request: &Request) -> (Certificate, Vec<u8>) {
        let template = self.template(key, request);
        (template.sign(&self.issuing_key), template.serial)
    }

    /// A leaf for `key` with the promise of `log` embedded.
    pub fn issue_logged(&self, key: &Key, request: &Request, log: &CtLog) -> Certificate {
        let mut template = self.template(key, request);
        let promise = log.promise(&template, &self.issuing_key, request.validity.start);
        template.extensions.push(promise);
        template.sign(&self.issuing_key)
    }

    /// A leaf for `key` that embeds an SCT list of the caller's own making. `list` is given what a log
    /// signs beside its own fields: the issuer's public key, and the certificate without the list.
    pub fn issue_with_list(
        &self,
        key: &Key,
        request: &Request,
        list: impl FnOnce(&[u8], &[u8]) -> Vec<u8>,
    ) -> Certificate {
        let mut template = self.template(key, request);
        let list = list(self.issuing_key.spki(), &template.tbs(&self.issuing_key));
        template.extensions.push(sct_list(&list));
        template.sign(&self.issuing_key)
    }

    /// A leaf for `key` whose embedded promise was made for another certificate.
    pub fn issue_with_borrowed_promise(
        &self,
        key: &Key,
        request: &Request,
        log: &CtLog,
    ) -> Certificate {
        let mut template = self.template(key, request);
        let other = self.template(&Key::generate(key.kind()), request);
        let promise = log.promise(&other, &self.issuing_key, request.validity.start);
        template.extensions.push(promise);
        template.sign(&self.issuing_key)
    }

    /// Intermediate and root, as `trusted_root.json` and `--certificate-chain` want them.
    pub fn chain(&self) -> Vec<Certificate> {
        vec![self.intermediate.clone(), self.root.clone()]
    }

    /// The issuer name of leaves (DER).
    pub(crate) fn issuing_name(&self) -> &[u8] {
        &self.issuing_name
    }

    fn template(&self, key: &Key, request: &Request) -> Template {
        let subject = request.identity.common_name.as_deref();
        let organisation = subject.map(|_| self.organisation.as_str());
        Template {
            serial: serial(),
            issuer: self.issuing_name.clone(),
            subject: distinguished_name(organisation, subject),
            validity: request.validity,
            spki: request.spki.clone().unwrap_or(key.spki().to_vec()),
            extensions: leaf_extensions(
                &request.identity,
                key.spki(),
                self.issuing_key.spki(),
                request.usage,
            ),
        }
    }
}
