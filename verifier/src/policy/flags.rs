//! A policy for one signer from command-line flags, with cosign's names and without a document.
//!
//! What the flags mean, where cosign leaves it open or where we differ on purpose:
//!
//! - `--certificate-identity-regexp` and `--certificate-oidc-issuer-regexp` match the **whole** text,
//!   where cosign looks for a part of it; a pattern that was meant as a prefix must end in `.*`.
//! - `--key` without `--trusted-root` is the key alone: no log, no time, and no socket but the
//!   registry's; every report says so. With `--trusted-root`, its logs and times are demanded too, and
//!   `--insecure-ignore-tlog` drops the log.
//! - An identity without `--trusted-root` is judged by the embedded public-good trust root, which is
//!   never refreshed behind anybody's back.
//! - `--type` asks for an attestation of that type, and no longer for a signature.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::algorithms::Algorithms;
use super::compile::loose;
use super::configuration::Configuration;
use super::decode::{nearest, one_of};
use super::diagnostic::Diagnostic;
use super::document::common::MatchKind;
use super::glob::PatternError;
use super::matcher::Matcher;
use super::predicate::Types;
use super::reach::Reach;
use super::requirement::{Kind, On, Requirement};
use super::root::Root;
use super::rule::{KindRule, Rule};
use super::set::{Policy, PolicyParts, PolicySet, Scope};
use super::signer::{CertificateRule, Holder, IdentityMatcher, Placed, SignerRule};
use crate::code::Code;
use crate::trust::{
    Anchor, Instance, KeyError, KeyHash, PublicKey, Sct, TrustError, TrustRoot, TrustRootOptions,
    TrustStore,
};
use crate::verdict::{Mode, Position};

/// The name of the policy, its signer and its trust root in reports.
const NAME: &str = "command-line";

/// The flags, with the files that they name already read.
#[derive(Clone, Debug, Default)]
pub struct FlagPolicy {
    /// The content of `--key`: a PEM public key.
    pub key: Option<String>,
    /// The hash under which the key signs, where it is not the default of its algorithm.
    pub key_hash: Option<KeyHash>,
    /// `--certificate-identity` or `--certificate-identity-regexp`.
    pub identity: Option<FlagMatch>,
    /// `--certificate-oidc-issuer` or `--certificate-oidc-issuer-regexp`.
    pub issuer: Option<FlagMatch>,
    /// Whose logs, times and authorities count.
    pub trust: FlagTrust,
    /// Whether a log is asked for.
    pub log: FlagLog,
    /// Whether an SCT is asked for.
    pub sct: FlagSct,
    /// `--type`: a predicate type URI or one of the short names.
    pub predicate_type: Option<String>,
}

/// A text or a regular expression; always compared with the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagMatch {
    /// Equal, byte for byte.
    Exact(String),
    /// A regular expression that the whole text must match.
    Regexp(String),
}

/// Whose logs, times and authorities count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagTrust {
    /// Nothing was given: the embedded public-good trust root for an identity, none for a key.
    #[default]
    Unspecified,
    /// The content of `--trusted-root`.
    TrustedRoot(String),
    /// An embedded instance.
    Embedded(Instance),
}

/// Whether a log is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagLog {
    /// As the trust root demands.
    #[default]
    Required,
    /// `--insecure-ignore-tlog`: nobody can notice a misused key.
    DangerIgnored,
}

/// Whether an SCT is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagSct {
    /// As the trust root demands.
    #[default]
    Required,
    /// `--insecure-ignore-sct`: a certificate issued in secret stays unnoticed.
    DangerIgnored,
}

/// Why flags do not make a policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlagError {
    /// No flag says who may sign.
    #[error(
        "expected `--key`, or `--certificate-identity` with `--certificate-oidc-issuer`, or `--policy`; found none of them"
    )]
    NoSigner,
    /// A key and an identity were both given.
    #[error("expected either `--key` or `--certificate-identity`, found both")]
    TwoSigners,
    /// An identity is only as good as who vouches for it.
    #[error("expected `--certificate-oidc-issuer` beside the identity, found none")]
    NoIssuer,
    /// An issuer alone accepts everybody it knows.
    #[error("expected `--certificate-identity` beside the issuer, found none")]
    NoIdentity,
    /// A pattern is not one.
    #[error("expected {expected} in `--{flag}`: {found}")]
    Pattern {
        /// The flag.
        flag: &'static str,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The key is not usable.
    #[error("unusable `--key`: {0}")]
    Key(#[from] KeyError),
    /// The trusted root is not usable.
    #[error("unusable `--trusted-root`: {0}")]
    Trust(#[from] TrustError),
    /// The predicate type is not known.
    #[error("expected a URI or {known} in `--type`, found `{found}`")]
    Type {
        /// The short names.
        known: String,
        /// The text as given.
        found: String,
        /// The short name that is nearest to it, where one is near.
        near: Option<&'static str>,
    },
}

impl FlagError {
    /// The code of the error.
    pub const fn code(&self) -> Code {
        match self {
            Self::Key(KeyError::Unsupported { .. }) => Code::KeyUnsupported,
            Self::Trust(_) => Code::TrustMalformed,
            _ => Code::PolicyInvalid,
        }
    }
}

impl FlagPolicy {
    /// The policy: every image, one signer, one requirement.
    ///
    /// # Errors
    ///
    /// [`FlagError`] when the flags contradict each other, or one of them is not usable.
    pub fn compile(&self) -> Result<PolicySet, FlagError> {
        let mut roots = BTreeMap::new();
        let mut trust = TrustStore::default();
        let (anchor, holder) = match (&self.key, &self.identity, &self.issuer) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => return Err(FlagError::TwoSigners),
            (None, None, None) => return Err(FlagError::NoSigner),
            (None, Some(_), None) => return Err(FlagError::NoIssuer),
            (None, None, Some(_)) => return Err(FlagError::NoIdentity),
            (Some(pem), None, None) => self.key(pem)?,
            (None, Some(identity), Some(issuer)) => self.keyless(identity, issuer)?,
        };
        let root = anchor.root().map(|root| {
            roots.insert(NAME.to_owned(), described(Arc::clone(root)));
            NAME.to_owned()
        });
        let signer = SignerRule {
            name: NAME.to_owned(),
            anchor: trust.add(anchor),
            holder,
            root,
            position: None,
        };
        let parts = PolicyParts {
            name: NAME.to_owned(),
            mode: Mode::Enforce,
            reach: Reach::everything(Scope::Cluster),
            require_digest: None,
            platforms: Vec::new(),
            signers: [(NAME.to_owned(), signer)].into(),
            requirements: vec![self.requirement()?],
            exceptions: None,
            position: None,
        };
        let list = vec![Policy::new(parts, &roots)];
        let warnings = self.loose_patterns();
        Ok(PolicySet::new(
            (list, warnings),
            (trust, roots),
            Configuration::default(),
        ))
    }

    /// Gauntlet 87, as for documents: the flag itself is the line that is shown.
    fn loose_patterns(&self) -> Vec<Diagnostic> {
        let given = [
            (&self.identity, "--certificate-identity-regexp"),
            (&self.issuer, "--certificate-oidc-issuer-regexp"),
        ];
        let regexps = given
            .into_iter()
            .filter_map(|(written, flag)| match written {
                Some(FlagMatch::Regexp(text)) => Some((text, flag)),
                _ => None,
            });
        let loose = regexps.filter_map(|(text, flag)| {
            let matcher = Matcher::new(MatchKind::Regex, text).ok()?;
            let column = flag.len() + 2;
            loose(
                &matcher,
                Position {
                    file: "command line".to_owned(),
                    line: 1,
                    column,
                    length: text.chars().count(),
                    source: format!("{flag} {text}"),
                    source_column: column,
                },
            )
        });
        loose.collect()
    }

    fn key(&self, pem: &str) -> Result<(Anchor, Holder), FlagError> {
        let key = PublicKey::from_pem(pem, self.key_hash)?;
        let holder = Holder::Key {
            fingerprint: key.fingerprint().clone(),
            hash: self.key_hash.map(KeyHash::name),
        };
        let root = match self.trust {
            FlagTrust::Unspecified => None,
            _ => Some(self.root()?),
        };
        let key = Arc::new(key);
        Ok((Anchor::Key { key, root }, holder))
    }

    fn keyless(
        &self,
        identity: &FlagMatch,
        issuer: &FlagMatch,
    ) -> Result<(Anchor, Holder), FlagError> {
        let names = ["certificate-identity", "certificate-identity-regexp"];
        let identity = matcher(identity, names)?;
        let names = ["certificate-oidc-issuer", "certificate-oidc-issuer-regexp"];
        let issuer = matcher(issuer, names)?;
        let rule = CertificateRule {
            issuer: Some(unplaced(issuer)),
            identity: Some(unplaced(IdentityMatcher {
                matcher: identity,
                name_type: None,
            })),
            ..CertificateRule::default()
        };
        let holder = Holder::Certificate(Box::new(rule));
        Ok((Anchor::Certificates(self.root()?), holder))
    }

    fn root(&self) -> Result<Arc<TrustRoot>, FlagError> {
        let mut options = match self.trust {
            FlagTrust::Embedded(instance) => TrustRootOptions {
                requirements: super::compile::instance_requirements(instance),
                ..TrustRootOptions::default()
            },
            FlagTrust::Unspecified | FlagTrust::TrustedRoot(_) => TrustRootOptions::default(),
        };
        if self.log == FlagLog::DangerIgnored {
            options.requirements.logs = 0;
            if self.key.is_some() {
                // A key outlives every signature; without a log nothing else proves a time.
                options.requirements.timestamps = 0;
            }
        }
        if self.sct == FlagSct::DangerIgnored {
            options.requirements.sct = Sct::DangerNotRequired;
        }
        let root = match &self.trust {
            FlagTrust::TrustedRoot(json) => TrustRoot::from_json(NAME, json, options)?,
            FlagTrust::Embedded(instance) => TrustRoot::embedded(NAME, *instance, options)?,
            FlagTrust::Unspecified => TrustRoot::embedded(NAME, Instance::PublicGood, options)?,
        };
        Ok(Arc::new(root))
    }

    fn requirement(&self) -> Result<Requirement, FlagError> {
        let (name, kind) = match &self.predicate_type {
            None => {
                let (annotations, rules) = (BTreeMap::new(), Vec::new());
                ("signature", Kind::Signature { annotations, rules })
            }
            Some(written) => {
                let names = Types::names();
                let types = Types::named(written).ok_or_else(|| FlagError::Type {
                    known: one_of(&names),
                    found: written.clone(),
                    near: nearest(written, &names),
                })?;
                let rules = KindRule::of(&types, None)
                    .map(Rule::Kind)
                    .into_iter()
                    .collect();
                ("attestation", Kind::Attestation { types, rules })
            }
        };
        Ok(Requirement {
            name: name.to_owned(),
            on: On::Any,
            kind,
            by: vec![NAME.to_owned()],
            at_least: 1,
            position: None,
        })
    }
}

fn described(root: Arc<TrustRoot>) -> Root {
    Root {
        digest: root.digest().clone(),
        trust: root,
        warn_before: None,
        algorithms: Algorithms::default(),
        position: None,
    }
}

const fn unplaced<T>(value: T) -> Placed<T> {
    Placed {
        value,
        position: None,
    }
}

fn matcher(written: &FlagMatch, names: [&'static str; 2]) -> Result<Matcher, FlagError> {
    let [exact, regexp] = names;
    let (kind, text, flag) = match written {
        FlagMatch::Exact(text) => (MatchKind::Exact, text, exact),
        FlagMatch::Regexp(text) => (MatchKind::Regex, text, regexp),
    };
    Matcher::new(kind, text).map_err(
        |PatternError {
             message, expected, ..
         }| FlagError::Pattern {
            flag,
            expected,
            found: message,
        },
    )
}
