//! Which credentials belong to a repository, in the order in which they are tried.
//!
//! Written here and not taken from `docker_credential`: that crate reads its own environment,
//! knows no scopes below a host, runs helpers without bound of time or output, and finds them by
//! the system's search, which on some systems begins in the working directory.
//!
//! **Invariant**: what one tenant gave is kept in that tenant's keyring and in no other.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::hmac;
use sovverify::Digest;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::helper;
use super::scope::Scope;
use crate::budget::{count, worker_lost};
use crate::config::{CredentialFile, CredentialSources, TokenCredential};
use crate::error::{Failure, FetchError};
use crate::limits::FetchLimits;

pub(super) use candidate::{Candidate, Credential};
use document::{Dialect, Document};
use file::Absent;
pub(super) use token_file::{Exchanged, Stamp, TokenSource};

mod candidate;
mod document;
mod file;
mod token_file;

/// How long files of credentials are believed to be what they were: mounted secrets are replaced
/// while we run, and a registry must not be asked with yesterday's for long.
const FRESH: Duration = Duration::from_secs(10);

/// Credentials that one repository may have: each that does not work costs up to two requests.
const MAX_CANDIDATES: usize = 32;

/// Sources of credentials, a tenant's before the process's own.
#[derive(Clone, Debug)]
pub(super) struct Keyring {
    layers: Vec<Arc<Layer>>,
    /// Equal for keyrings with equal sources; empty for that of the process itself.
    id: String,
}

#[derive(Debug)]
struct Layer {
    sources: CredentialSources,
    /// Made once: what was obtained in exchange for a token outlives a reading of files.
    tokens: OnceLock<Result<Vec<Arc<TokenSource>>, FetchError>>,
    /// What was read last: found without waiting by everybody who asks at the same moment.
    read: RwLock<Option<Read>>,
    /// Held by whoever reads.
    reading: Mutex<()>,
}

/// What was read, and when.
type Read = (Instant, Result<Arc<Credentials>, FetchError>);

/// Everything that was configured, after reading.
#[derive(Debug)]
struct Credentials {
    explicit: Vec<(Scope, Credential)>,
    secrets: Vec<Document>,
    tokens: Vec<Arc<TokenSource>>,
    files: Vec<Document>,
}

/// A candidate, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    candidate: Candidate,
    layer: Arc<Layer>,
}

/// What is tried for an image and its evidence, repository by repository.
#[derive(Debug, Default)]
pub(crate) struct Choices(Vec<Vec<Choice>>);

impl Keyring {
    pub(super) fn new(sources: CredentialSources) -> Self {
        Self {
            layers: vec![Arc::new(Layer::new(sources))],
            id: String::new(),
        }
    }

    /// A keyring in which `sources` come before those of this one.
    pub(super) fn with(&self, sources: CredentialSources) -> Self {
        let CredentialSources {
            explicit,
            documents,
            tokens,
            files,
            helper_directories: _,
        } = &sources;
        if explicit.is_empty() && documents.is_empty() && tokens.is_empty() && files.is_empty() {
            return self.clone();
        }
        let id = identity(&self.id, &sources);
        let mut layers = vec![Arc::new(Layer::new(sources))];
        layers.extend(self.layers.iter().map(Arc::clone));
        Self { layers, id }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The credentials of a repository, in the order in which they are tried.
    pub(super) async fn choices(
        &self,
        registry: &str,
        repository: &str,
        limits: &FetchLimits,
    ) -> Result<Vec<Choice>, FetchError> {
        let name = format!("{registry}/{repository}");
        let mut choices = Vec::new();
        for layer in &self.layers {
            let credentials = layer.credentials(limits).await?;
            let (found, only) = credentials.candidates(registry, &name)?;
            for candidate in found {
                let layer = Arc::clone(layer);
                choices.push(Choice { candidate, layer });
            }
            if only == Only::These {
                break;
            }
        }
        if choices.len() > MAX_CANDIDATES {
            let detail = format!("they are {}, of at most {MAX_CANDIDATES}", choices.len());
            return Err(unusable(&format!("all sources for `{name}`"), &detail));
        }
        Ok(choices)
    }
}

impl Choice {
    pub(super) const fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// What the helper says; it may have nothing.
    pub(super) async fn helper(
        &self,
        program: &str,
        server: &str,
        limits: &FetchLimits,
    ) -> Result<Option<Credential>, FetchError> {
        helper::ask(program, server, &self.layer.sources, limits).await
    }
}

impl Choices {
    pub(super) fn add(&mut self, of_one: Vec<Choice>) {
        self.0.push(of_one);
    }

    /// Whether nothing would be tried anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// Adds the canonical form.
    pub(crate) fn add_to(&self, hash: &mut hmac::Context) {
        for of_one in &self.0 {
            hash.update(&count(of_one.len()).to_be_bytes());
            for choice in of_one {
                choice.candidate.add_to(hash);
            }
        }
    }
}

impl Layer {
    fn new(sources: CredentialSources) -> Self {
        Self {
            sources,
            tokens: OnceLock::new(),
            read: RwLock::new(None),
            reading: Mutex::new(()),
        }
    }

    /// What the sources hold, read again when it may have changed.
    async fn credentials(
        self: &Arc<Self>,
        limits: &FetchLimits,
    ) -> Result<Arc<Credentials>, FetchError> {
        if let Some(credentials) = self.fresh() {
            return credentials;
        }
        let _reading = self.reading.lock().await;
        // Whoever was before us may have read all there is.
        if let Some(credentials) = self.fresh() {
            return credentials;
        }
        let tokens = self.tokens.get_or_init(|| {
            let tokens = self.sources.tokens.iter();
            let source = |token: &TokenCredential| {
                let scope = scope("credentials.tokens.registry", &token.scope)?;
                Ok(TokenSource::new(token, scope))
            };
            tokens.map(source).collect()
        });
        let (layer, tokens, limits) = (Arc::clone(self), tokens.clone()?, *limits);
        let work = move || Credentials::load(&layer.sources, tokens, &limits).map(Arc::new);
        let credentials = tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(worker_lost(&error, "credentials")));
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        *read = Some((Instant::now(), credentials.clone()));
        credentials
    }

    /// What was read last, where it need not be read again.
    fn fresh(&self) -> Option<Result<Arc<Credentials>, FetchError>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let (since, credentials) = read.as_ref()?;
        let is_fresh = self.sources.files.is_empty() || since.elapsed() < FRESH;
        is_fresh.then(|| credentials.clone())
    }
}

/// Whether weaker sources are looked at, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    /// No: the caller named the credential.
    These,
    /// Yes.
    AlsoOthers,
}

/// Reads every source once, to learn whether it can be read. Blocks.
pub(super) fn check(sources: &CredentialSources, limits: &FetchLimits) -> Result<(), FetchError> {
    Credentials::load(sources, Vec::new(), limits).map(drop)
}

impl Credentials {
    /// Reads every source. Blocks.
    fn load(
        sources: &CredentialSources,
        tokens: Vec<Arc<TokenSource>>,
        limits: &FetchLimits,
    ) -> Result<Self, FetchError> {
        let mut explicit = Vec::new();
        for credential in &sources.explicit {
            let scope = scope("credentials.explicit.scope", &credential.scope)?;
            let username = credential.username.clone();
            let password = credential.password.clone();
            explicit.push((scope, Credential::Password { username, password }));
        }
        let mut secrets = Vec::new();
        for document in &sources.documents {
            let (source, content) = (document.source.clone(), document.content.expose());
            if count(content.len()) > limits.credential_bytes {
                return Err(too_large(&source));
            }
            let dialect = Dialect::Kubelet;
            secrets.push(Document::parse(content.as_bytes(), source, dialect)?);
        }
        let mut files = Vec::new();
        for file in &sources.files {
            let (path, absent) = match file {
                CredentialFile::Required(path) => (path, Absent::IsAnError),
                CredentialFile::IfPresent(path) => (path, Absent::IsEmpty),
            };
            let source = format!("`{}`", path.display());
            if let Some(bytes) = file::read(path, &source, absent, limits)? {
                files.push(Document::parse(&bytes, source, Dialect::Docker)?);
            }
        }
        Ok(Self {
            explicit,
            secrets,
            tokens,
            files,
        })
    }

    /// What may be tried for the repository `name` (`registry/repository`) at `registry`.
    fn candidates(&self, registry: &str, name: &str) -> Result<(Vec<Candidate>, Only), FetchError> {
        let explicit = self
            .explicit
            .iter()
            .filter(|(scope, _)| scope.rest_of(name).is_some())
            .max_by_key(|(scope, _)| scope.length());
        if let Some((_, credential)) = explicit {
            return Ok((vec![Candidate::Ready(credential.clone())], Only::These));
        }
        let mut found = Vec::new();
        for document in &self.secrets {
            document.candidates(registry, name, &mut found)?;
        }
        let mut tokens: Vec<_> = self
            .tokens
            .iter()
            .filter(|token| token.scope.rest_of(name).is_some())
            .collect();
        tokens.sort_by_key(|token| std::cmp::Reverse(token.scope.length()));
        found.extend(tokens.into_iter().map(Arc::clone).map(Candidate::Token));
        for document in &self.files {
            document.candidates(registry, name, &mut found)?;
        }
        Ok((found, Only::AlsoOthers))
    }
}

fn scope(field: &'static str, text: &str) -> Result<Scope, FetchError> {
    Scope::parse(text).ok_or_else(|| {
        let found = "a text that is neither host nor repository".to_owned();
        let expected = "a registry or a beginning of a repository's name";
        let failure = Failure::Config {
            field,
            expected,
            found,
        };
        FetchError::new("configuration", failure)
    })
}

/// A name for sources that stand before those with the name `below`, without anything of them in it.
fn identity(below: &str, sources: &CredentialSources) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, below.as_bytes());
    let mut hash = hmac::Context::with_key(&key);
    let mut add = |text: &str| candidate::add(&mut hash, text.as_bytes());
    for credential in &sources.explicit {
        for part in [
            "explicit",
            &credential.scope,
            &credential.username,
            credential.password.expose(),
        ] {
            add(part);
        }
    }
    for document in &sources.documents {
        add("document");
        add(document.content.expose());
    }
    for token in &sources.tokens {
        candidate::add(&mut hash, format!("{token:?}").as_bytes());
    }
    for file in &sources.files {
        let (CredentialFile::Required(path) | CredentialFile::IfPresent(path)) = file;
        candidate::add(&mut hash, path.as_os_str().as_encoded_bytes());
    }
    for directory in &sources.helper_directories {
        candidate::add(&mut hash, directory.as_os_str().as_encoded_bytes());
    }
    Digest::sha256(hash.sign().as_ref()).to_string()
}

fn too_large(source: &str) -> FetchError {
    unusable(source, "it is larger than the bound `credential_bytes`")
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
