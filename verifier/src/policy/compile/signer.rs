//! Signers: one anchor each, and what its holder must be.

use std::sync::Arc;

use super::Compiler;
use crate::claim::FulcioExtension;
use crate::code::Code;
use crate::policy::decode::{Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::Document;
use crate::policy::document::common::{IdentityMatch, NameType, TextMatch};
use crate::policy::document::image_policy::{Certificate, HashWord, Key, Keyless, Signer};
use crate::policy::document::trust_root::TrustRootSpec;
use crate::policy::root::Root;
use crate::policy::signer::{CertificateRule, Holder, IdentityMatcher, Placed, SignerRule};
use crate::trust::{Anchor, KeyError, KeyHash, PublicKey, TrustRoot};

/// The trust root that a signer names.
enum Named {
    /// `none`: the key alone decides.
    Nothing,
    /// This one.
    Root(String, Arc<TrustRoot>),
}

impl Compiler<'_> {
    pub(super) fn signer(
        &mut self,
        name: &Spanned<String>,
        signer: &Signer,
        documents: &[Document<TrustRootSpec>],
    ) -> Option<SignerRule> {
        let root = self.named_root(name, signer, documents);
        let (anchor, holder, root) = match (&signer.keyless, &signer.key, &signer.certificate) {
            (Some(keyless), None, None) => {
                let rule = self.keyless(keyless);
                let (root_name, root) = self.needs_root(name, root?)?;
                self.keyless_needs_time(name, &root);
                let holder = Holder::Certificate(Box::new(rule?));
                (Anchor::Certificates(root), holder, Some(root_name))
            }
            (None, Some(key), None) => {
                let (key, holder) = self.key(key, name)?;
                let (root_name, root) = match root? {
                    Named::Nothing => (None, None),
                    Named::Root(name, root) => (Some(name), Some(root)),
                };
                let key = Arc::new(key);
                (Anchor::Key { key, root }, holder, root_name)
            }
            (None, None, Some(certificate)) => {
                let rule = self.certificate(certificate);
                let (root_name, root) = self.needs_root(name, root?)?;
                let holder = Holder::Certificate(Box::new(rule?));
                (Anchor::Certificates(root), holder, Some(root_name))
            }
            (None, None, None) => {
                let expected = "exactly one of `keyless`, `key` and `certificate`";
                let found = "none of them".to_owned();
                self.invalid(&name.mark, "a signer without a kind", expected, found);
                return None;
            }
            _ => {
                let expected = "exactly one of `keyless`, `key` and `certificate`";
                let found = "more than one of them".to_owned();
                self.invalid(&name.mark, "a signer of two kinds", expected, found);
                return None;
            }
        };
        Some(SignerRule {
            name: name.value.clone(),
            anchor: self.trust.add(anchor),
            holder,
            root,
            position: Some(name.mark.position()),
        })
    }

    /// The trust root by name. A document that exists and was complained about is not complained
    /// about again.
    fn named_root(
        &mut self,
        name: &Spanned<String>,
        signer: &Signer,
        documents: &[Document<TrustRootSpec>],
    ) -> Option<Named> {
        let Some(written) = &signer.trust_root else {
            let message = format!("the signer `{}` has no `trustRoot`", name.value);
            self.report(
                Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                    .expected("the name of a `TrustRoot`; for a key also `none`")
                    .hint("`trustRoot: none` lets a key alone decide, without any log or time"),
            );
            return None;
        };
        if written.value == "none" {
            return Some(Named::Nothing);
        }
        if let Some(Root { trust: root, .. }) = self.roots.get(&written.value) {
            return Some(Named::Root(written.value.clone(), Arc::clone(root)));
        }
        let known: Vec<&str> = documents
            .iter()
            .map(|document| document.metadata.name.value.as_str())
            .collect();
        if let Some(problem) = self.broken_roots.get(&written.value) {
            let found = problem.one_line();
            let message = format!("the trust root `{}` cannot be used", written.value);
            let expected = "a `TrustRoot` without complaints";
            self.invalid(&written.mark, &message, expected, found);
        } else if !known.contains(&written.value.as_str()) {
            let message = format!("unknown trust root `{}`", written.value);
            let mut complaint =
                Diagnostic::error(Code::PolicyInvalid, written.mark.position(), message)
                    .expected("the name of a `TrustRoot` in these documents")
                    .found(if known.is_empty() {
                        "no `TrustRoot` at all".to_owned()
                    } else {
                        one_of(&known)
                    });
            if let Some(near) = nearest(&written.value, &known) {
                complaint = complaint.hint(format!("did you mean `{near}`?"));
            }
            self.report(complaint);
        }
        None
    }

    fn needs_root(
        &mut self,
        name: &Spanned<String>,
        named: Named,
    ) -> Option<(String, Arc<TrustRoot>)> {
        match named {
            Named::Root(root_name, root) => Some((root_name, root)),
            Named::Nothing => {
                let message = "a certificate without authorities";
                let expected = "the name of a `TrustRoot`; only a `key` can do with `none`";
                self.invalid(&name.mark, message, expected, "`none`".to_owned());
                None
            }
        }
    }

    /// Fulcio's certificates live ten minutes: without a proven time every one has expired.
    fn keyless_needs_time(&mut self, name: &Spanned<String>, root: &TrustRoot) {
        if root.requirements().timestamps == 0 {
            let message = format!(
                "keyless signer `{}` under a trust root that asks for no time",
                name.value
            );
            let expected = "`timestamp: 1` or more in the trust root";
            let found = format!("`timestamp: 0` in trust root `{}`", root.name());
            self.invalid(&name.mark, &message, expected, found);
        }
    }

    fn keyless(&mut self, keyless: &Keyless) -> Option<CertificateRule> {
        let issuer = self.matcher(&keyless.issuer);
        let identity = self.identity(&keyless.identity);
        let mut rule = CertificateRule::default();
        let entries = keyless.claims.iter().flat_map(|claims| &claims.entries);
        for (name, wanted) in entries {
            if let (Some(extension), Some(matcher)) = (self.claim(name), self.matcher(wanted)) {
                rule.claims.insert(extension, matcher);
            }
        }
        rule.issuer = Some(issuer?);
        rule.identity = Some(identity?);
        Some(rule)
    }

    fn claim(&mut self, name: &Spanned<String>) -> Option<FulcioExtension> {
        let extension = FulcioExtension::from_name(&name.value);
        if extension.is_none() {
            let known: Vec<&str> = FulcioExtension::ALL.iter().map(|e| e.name()).collect();
            let message = format!("unknown claim `{}`", name.value);
            let mut complaint =
                Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                    .expected(one_of(&known));
            if let Some(near) = nearest(&name.value, &known) {
                complaint = complaint.hint(format!("did you mean `{near}`?"));
            }
            self.report(complaint);
        }
        extension
    }

    fn certificate(&mut self, certificate: &Spanned<Certificate>) -> Option<CertificateRule> {
        let Certificate { subject, identity } = &certificate.value;
        if subject.is_none() && identity.is_none() {
            let message = "a certificate signer that anybody in the PKI is";
            let expected = "`subject`, `identity` or both";
            self.invalid(&certificate.mark, message, expected, "neither".to_owned());
            return None;
        }
        let mut rule = CertificateRule::default();
        let mut whole = true;
        if let Some(written) = subject {
            rule.subject = self.matcher(written);
            whole &= rule.subject.is_some();
        }
        if let Some(written) = identity {
            rule.identity = self.identity(written);
            whole &= rule.identity.is_some();
        }
        whole.then_some(rule)
    }

    fn identity(&mut self, written: &IdentityMatch) -> Option<Placed<IdentityMatcher>> {
        let text: &TextMatch = &written.0;
        let matcher = self.matcher(text)?;
        let name_type = text.name_type.map(|name_type| match name_type {
            NameType::Email => "email",
            NameType::Uri => "uri",
            NameType::Dns => "dns",
            NameType::OtherName => "otherName",
        });
        Some(Placed {
            value: IdentityMatcher {
                matcher: matcher.value,
                name_type,
            },
            position: matcher.position,
        })
    }

    fn key(&mut self, key: &Key, name: &Spanned<String>) -> Option<(PublicKey, Holder)> {
        let text = self.content(&key.content(), &name.mark)?;
        let hash = key.hash.map(|hash| match hash {
            HashWord::Sha256 => KeyHash::Sha256,
            HashWord::Sha384 => KeyHash::Sha384,
            HashWord::Sha512 => KeyHash::Sha512,
        });
        match PublicKey::from_pem(&text.value, hash) {
            Ok(public) => {
                let fingerprint = public.fingerprint().clone();
                let hash = hash.map(KeyHash::name);
                Some((public, Holder::Key { fingerprint, hash }))
            }
            Err(error) => {
                let code = match error {
                    KeyError::Unsupported { .. } => Code::KeyUnsupported,
                    _ => Code::PolicyInvalid,
                };
                let message = "unusable public key";
                self.report(
                    Diagnostic::error(code, text.mark.position(), message)
                        .expected(error.expected())
                        .found(error.found()),
                );
                None
            }
        }
    }
}
