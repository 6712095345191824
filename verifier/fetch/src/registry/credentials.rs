//! Which credential belongs to a registry: from the caller, credential files and helpers.
//!
//! Written here and not taken from `docker_credential`: that crate reads its own environment,
//! knows no scopes below a host, runs helpers without bound of time or output, and finds them by
//! the system's search, which on some systems begins in the working directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::helper;
use super::scope::Scope;
use crate::budget::count;
use crate::config::{CredentialFile, CredentialSources, Secret};
use crate::error::{Failure, FetchError};
use crate::limits::FetchLimits;

/// The name by which credential helpers know Docker Hub.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://index.docker.io/v1/");

/// What is sent to prove who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// User name and password.
    Password { username: String, password: Secret },
    /// A token that a token service exchanges for an access token.
    Identity(Secret),
    /// An access token for the registry itself.
    Access(Secret),
}

/// Everything that was configured, read once.
#[derive(Debug)]
pub(super) struct Credentials {
    explicit: Vec<(Scope, Credential)>,
    documents: Vec<Document>,
}

/// One credential file, after parsing.
#[derive(Debug)]
struct Document {
    source: String,
    entries: Vec<(Scope, Entry)>,
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

impl Credentials {
    /// Reads every source. Blocks.
    pub(super) fn load(
        sources: &CredentialSources,
        limits: &FetchLimits,
    ) -> Result<Self, FetchError> {
        let mut explicit = Vec::new();
        for credential in &sources.explicit {
            let Some(scope) = Scope::parse(&credential.scope) else {
                let found = "a text that is neither host nor repository".to_owned();
                let expected = "a registry or a beginning of a repository's name";
                let field = "credentials.explicit.scope";
                let failure = Failure::Config {
                    field,
                    expected,
                    found,
                };
                return Err(FetchError::new("configuration", failure));
            };
            let username = credential.username.clone();
            let password = credential.password.clone();
            explicit.push((scope, Credential::Password { username, password }));
        }
        let mut documents = Vec::new();
        for file in &sources.files {
            let (CredentialFile::Required(path) | CredentialFile::IfPresent(path)) = file;
            let source = format!("`{}`", path.display());
            let may_be_absent = matches!(file, CredentialFile::IfPresent(_));
            if let Some(bytes) = read(path, &source, may_be_absent, limits)? {
                documents.push(Document::parse(&bytes, source)?);
            }
        }
        for document in &sources.documents {
            let source = "a given document".to_owned();
            documents.push(Document::parse(document.expose().as_bytes(), source)?);
        }
        Ok(Self {
            explicit,
            documents,
        })
    }

    /// The credential for the repository `name` (`registry/repository`) at `registry`.
    pub(super) async fn find(
        &self,
        registry: &str,
        name: &str,
        sources: &CredentialSources,
        limits: &FetchLimits,
    ) -> Result<Option<Credential>, FetchError> {
        if let Some((_, credential)) = most_specific(&self.explicit, name) {
            return Ok(Some(credential.clone()));
        }
        for document in &self.documents {
            let helper = most_specific(&document.helpers, name);
            let entry = most_specific(&document.entries, name);
            // The more specific one counts; a helper for the same scope wins, as docker has it.
            let helper_first = match (&helper, &entry) {
                (Some((helper, _)), Some((entry, _))) => helper.length() >= entry.length(),
                (helper, _) => helper.is_some(),
            };
            if let (Some((scope, program)), true) = (helper, helper_first) {
                return helper::ask(program, scope.as_str(), sources, limits).await;
            }
            let credential = match entry {
                Some((_, entry)) => entry.credential(&document.source)?,
                None => None,
            };
            if credential.is_some() {
                return Ok(credential);
            }
            if let Some(program) = &document.store {
                let server = if registry == DOCKER_HUB.0 {
                    DOCKER_HUB.1
                } else {
                    registry
                };
                let credential = helper::ask(program, server, sources, limits).await?;
                if credential.is_some() {
                    return Ok(credential);
                }
            }
        }
        Ok(None)
    }
}

impl Document {
    fn parse(bytes: &[u8], source: String) -> Result<Self, FetchError> {
        let raw: RawDocument = serde_json::from_slice(bytes).map_err(|error| {
            // The parser's own message may repeat a value of the file.
            let detail = format!(
                "it is not of the expected form at line {}, column {}",
                error.line(),
                error.column()
            );
            unusable(&source, &detail)
        })?;
        // Keys that name no registry (old notations, wildcards) match nothing.
        let entries = raw
            .auths
            .into_iter()
            .filter_map(|(key, entry)| Some((Scope::parse(&key)?, entry)))
            .collect();
        let helpers = raw
            .cred_helpers
            .into_iter()
            .filter_map(|(key, program)| Some((Scope::parse(&key)?, program)))
            .collect();
        Ok(Self {
            source,
            entries,
            helpers,
            store: raw.creds_store.filter(|program| !program.is_empty()),
        })
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

fn most_specific<'a, T>(entries: &'a [(Scope, T)], name: &str) -> Option<(&'a Scope, &'a T)> {
    entries
        .iter()
        .filter(|(scope, _)| scope.rest_of(name).is_some())
        .max_by_key(|(scope, _)| scope.length())
        .map(|(scope, value)| (scope, value))
}

fn read(
    path: &Path,
    source: &str,
    may_be_absent: bool,
    limits: &FetchLimits,
) -> Result<Option<Vec<u8>>, FetchError> {
    let failed = |error: std::io::Error| unusable(source, &error.to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && may_be_absent => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    let bound = limits.credential_bytes;
    file.take(bound.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if count(bytes.len()) > bound {
        return Err(unusable(
            source,
            "it is larger than the bound `credential_bytes`",
        ));
    }
    Ok(Some(bytes))
}

pub(super) fn unusable(source: &str, detail: &str) -> FetchError {
    FetchError::new(
        source,
        Failure::Credentials {
            source_name: source.to_owned(),
            detail: detail.to_owned(),
        },
    )
}

#[cfg(test)]
mod tests;
