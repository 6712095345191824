//! Documents in the format of docker's `config.json`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::candidate::{Candidate, Credential};
use super::unusable;
use crate::config::Secret;
use crate::error::FetchError;
use crate::registry::scope::{Scope, ScopePattern};

/// The name by which credential helpers know Docker Hub.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://index.docker.io/v1/");

/// Who reads documents of this format, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// docker and podman: the most specific entry counts, helpers are run.
    Docker,
    /// The kubelet (`pkg/credentialprovider/keyring.go`): every entry that fits is tried, hosts may
    /// have wildcards, there are no helpers. Unlike there, paths are compared by whole components.
    Kubelet,
}

/// One document, after parsing.
#[derive(Debug)]
pub(super) struct Document {
    source: String,
    dialect: Dialect,
    entries: Vec<(ScopePattern, Entry)>,
    helpers: Vec<(Scope, String)>,
    store: Option<String>,
}

#[derive(Default, serde::Deserialize)]
struct RawDocument {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default, rename = "credHelpers")]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default, rename = "credsStore")]
    creds_store: Option<String>,
}

#[derive(Clone, Default, serde::Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(alias = "identityToken")]
    identitytoken: Option<String>,
    #[serde(alias = "registryToken")]
    registrytoken: Option<String>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry(…)")
    }
}

impl Document {
    pub(super) fn parse(
        bytes: &[u8],
        source: String,
        dialect: Dialect,
    ) -> Result<Self, FetchError> {
        let raw: RawDocument = serde_json::from_slice(bytes).map_err(|error| {
            // The parser's own message may repeat a value of the file.
            let detail = format!(
                "it is not of the expected form at line {}, column {}",
                error.line(),
                error.column()
            );
            unusable(&source, &detail)
        })?;
        let pattern = |key: &str| match dialect {
            Dialect::Docker => Scope::parse(key).map(Into::into),
            Dialect::Kubelet => ScopePattern::parse(key),
        };
        // Keys that name no registry (old notations) match nothing.
        let entries = raw
            .auths
            .into_iter()
            .filter_map(|(key, entry)| Some((pattern(&key)?, entry)))
            .collect();
        let (helpers, store) = match dialect {
            Dialect::Docker => (raw.cred_helpers, raw.creds_store),
            Dialect::Kubelet => (BTreeMap::new(), None),
        };
        let helpers = helpers
            .into_iter()
            .filter_map(|(key, program)| Some((Scope::parse(&key)?, program)))
            .collect();
        Ok(Self {
            source,
            dialect,
            entries,
            helpers,
            store: store.filter(|program| !program.is_empty()),
        })
    }

    /// Adds what may be tried for the repository `name` (`registry/repository`) at `registry`.
    pub(super) fn candidates(
        &self,
        registry: &str,
        name: &str,
        found: &mut Vec<Candidate>,
    ) -> Result<(), FetchError> {
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .filter(|(pattern, _)| pattern.holds(name))
            .collect();
        entries.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.rank()));
        if self.dialect == Dialect::Kubelet {
            for (_, entry) in entries {
                found.extend(entry.credential(&self.source)?.map(Candidate::Ready));
            }
            return Ok(());
        }
        let entry = entries.first();
        let helper = self
            .helpers
            .iter()
            .filter(|(scope, _)| scope.rest_of(name).is_some())
            .max_by_key(|(scope, _)| scope.length());
        // The more specific one counts; a helper for the same scope wins, as docker has it.
        let helper_first = match (helper, entry) {
            (Some((helper, _)), Some((entry, _))) => helper.length() >= entry.length(),
            (helper, _) => helper.is_some(),
        };
        let ask = |program: &String, server: &str| Candidate::Helper {
            program: program.clone(),
            server: server.to_owned(),
        };
        if let (Some((scope, program)), true) = (helper, helper_first) {
            found.push(ask(program, scope.as_str()));
            return Ok(());
        }
        let credential = match entry {
            Some((_, entry)) => entry.credential(&self.source)?,
            None => None,
        };
        if let Some(credential) = credential {
            found.push(Candidate::Ready(credential));
        } else if let Some(program) = &self.store {
            let server = if registry == DOCKER_HUB.0 {
                DOCKER_HUB.1
            } else {
                registry
            };
            found.push(ask(program, server));
        }
        Ok(())
    }
}

impl Entry {
    fn credential(&self, source: &str) -> Result<Option<Credential>, FetchError> {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        if let Some(token) = text(&self.identitytoken) {
            return Ok(Some(Credential::Identity(Secret::new(token))));
        }
        if let Some(token) = text(&self.registrytoken) {
            return Ok(Some(Credential::Access(Secret::new(token))));
        }
        if let Some(auth) = text(&self.auth) {
            let decoded = STANDARD.decode(auth.trim()).ok();
            let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
            let Some((username, password)) = pair else {
                let detail = "`auth` is not the base64 form of `user:password`";
                return Err(unusable(source, detail));
            };
            return Ok(Some(Credential::Password {
                username: username.to_owned(),
                // Old versions of docker padded the password with zero bytes.
                password: Secret::new(password.trim_end_matches('\0')),
            }));
        }
        Ok(text(&self.username)
            .zip(text(&self.password))
            .map(|(username, password)| Credential::Password {
                username,
                password: Secret::new(password),
            }))
    }
}
