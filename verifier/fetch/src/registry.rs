//! Registries by the OCI distribution specification 1.1.
//!
//! Read [`repository`] first (what is asked), then `ask` (how one question is asked until there is an
//! answer), `client` (how a request goes out), `traffic` (how many at once), `auth` (who we are), `redirect`, `links` and `address` (where we do not go), `body` (how much we read).

use std::collections::BTreeSet;
use std::sync::Arc;

use sovverify::image::PinnedImage;
use sovverify::{ImageName, ImageReference};
use url::Url;

use crate::budget::Budget;
use crate::config::{CredentialSources, FetchConfig, LocalRegistries};
use crate::error::{Failure, FetchError, HostKind};
use crate::store::{Backend, Store};

mod address;
mod allowed;
mod ask;
mod auth;
mod body;
mod challenge;
mod client;
mod credentials;
mod exchange;
mod helper;
mod links;
mod redirect;
mod repository;
mod retry;
mod scope;
mod tls;
mod token;
mod traffic;
mod transport;

pub(crate) use repository::Repository;

use allowed::Allowed;
use client::Core;
use credentials::Choices;
use scope::Scope;

/// Docker Hub's registry is not at the host of its names.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// What mirrors and signature repositories must be where the configuration names the registries.
const MAY_BE_ASKED: &str = "one of the registries that may be asked (`registries.allow`)";

/// All registries, with what they share.
#[derive(Clone, Debug)]
pub(crate) struct Registries {
    core: Arc<Core>,
    names: Arc<Names>,
}

/// Where else images and evidence are.
#[derive(Debug)]
struct Names {
    allowed: Allowed,
    mirrors: Vec<(Scope, String)>,
    signatures: Vec<(Option<Scope>, ImageName)>,
}

/// The repositories in which an image and its evidence are.
#[derive(Debug)]
pub(crate) struct Repositories {
    image: Repository,
    evidence: Vec<Repository>,
}

/// Where a repository is asked for.
#[derive(Clone, Debug)]
struct Endpoint {
    /// Scheme, host and port.
    origin: Url,
    /// Host and port as credentials and configuration know them.
    registry: String,
    repository: String,
    /// The name by which people know it: that of the image, also behind a mirror.
    place: String,
}

impl Registries {
    /// Whether every document of credentials can be read. Blocks.
    pub(crate) fn check_credentials(config: &FetchConfig) -> Result<(), FetchError> {
        credentials::check(&config.credentials, &config.limits)
    }

    pub(crate) fn new(config: Arc<FetchConfig>) -> Result<Self, FetchError> {
        tls::certificates(&config.authorities)?;
        let allowed = Allowed::new(&config.allowed_registries)?;
        let names = Names::new(&config, allowed)?;
        hosts("insecureRegistries", &config.insecure_registries)?;
        if let LocalRegistries::Only(local) = &config.local_registries {
            hosts("registries.local", local)?;
        }
        let registries = Self {
            core: Arc::new(Core::new(config)),
            names: Arc::new(names),
        };
        // What the operator wrote in two places must not contradict itself only when somebody asks.
        for (_, repository) in &registries.names.signatures {
            let asked = registries.endpoint(repository);
            if asked.is_err_and(|error| matches!(error.failure(), Failure::NotAllowed { .. })) {
                let (field, expected) = ("signatureRepositories", MAY_BE_ASKED);
                return Err(invalid(field, expected, &repository.to_string()));
            }
        }
        Ok(registries)
    }

    /// The same with the credentials of a tenant before our own.
    pub(crate) fn scoped(&self, sources: CredentialSources) -> Self {
        Self {
            core: Arc::new(self.core.scoped(sources)),
            names: Arc::clone(&self.names),
        }
    }

    /// The credentials with which the image `name` and its evidence are asked for.
    pub(crate) async fn choices(&self, name: &ImageName) -> Result<Choices, FetchError> {
        let mut all = Choices::default();
        for name in std::iter::once(name).chain(self.evidence_of(name)) {
            let target = self.target(name)?;
            let (registry, repository) = (target.registry(), target.repository());
            all.add(self.core.choices(registry, repository).await?);
        }
        Ok(all)
    }

    /// Where the image `name` and its evidence are.
    pub(crate) fn repositories(&self, name: &ImageName) -> Result<Repositories, FetchError> {
        let evidence = self.evidence_of(name);
        Ok(Repositories {
            image: self.repository(name)?,
            evidence: evidence
                .map(|name| self.repository(name))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The further repositories that hold evidence about the image `name`.
    fn evidence_of(&self, name: &ImageName) -> impl Iterator<Item = &ImageName> {
        let text = name.to_string();
        self.names
            .signatures
            .iter()
            .filter(move |(images, _)| {
                let images = images.as_ref();
                images.is_none_or(|scope| scope.rest_of(&text).is_some())
            })
            .map(|(_, repository)| repository)
            .filter(move |repository| *repository != name)
    }

    fn repository(&self, name: &ImageName) -> Result<Repository, FetchError> {
        let endpoint = self.endpoint(name)?;
        Ok(Repository::new(Arc::clone(&self.core), endpoint))
    }

    /// The name under which the image `name` is asked for: its own, or that of a mirror.
    fn target(&self, name: &ImageName) -> Result<ImageName, FetchError> {
        let place = name.to_string();
        let target = self.mirrored(&place)?.unwrap_or_else(|| name.clone());
        match self.names.allowed.refusal(target.registry()) {
            Some(failure) => Err(FetchError::new(&place, failure)),
            None => Ok(target),
        }
    }

    fn endpoint(&self, name: &ImageName) -> Result<Endpoint, FetchError> {
        let place = name.to_string();
        let target = self.target(name)?;
        let registry = target.registry().to_owned();
        let host = match registry.as_str() {
            host if host == DOCKER_HUB.0 => DOCKER_HUB.1,
            host => host,
        };
        let scheme = if self.core.is_insecure(&registry) {
            "http"
        } else {
            "https"
        };
        let origin = Url::parse(&format!("{scheme}://{host}/")).map_err(|_| {
            let (host, kind) = (registry.clone(), HostKind::None);
            FetchError::new(&place, Failure::HostRefused { host, kind })
        })?;
        Ok(Endpoint {
            origin,
            registry,
            repository: target.repository().to_owned(),
            place,
        })
    }

    /// The name under which a mirror has `name`, where there is one.
    fn mirrored(&self, name: &str) -> Result<Option<ImageName>, FetchError> {
        let found = self
            .names
            .mirrors
            .iter()
            .find_map(|(from, to)| Some((to, from.rest_of(name)?)));
        let Some((to, rest)) = found else {
            return Ok(None);
        };
        let target = format!("{to}{rest}");
        // A target that reads as another name would send us to another registry.
        let parsed = target
            .parse()
            .ok()
            .filter(|parsed: &ImageName| parsed.to_string() == target)
            .ok_or_else(|| {
                let expected = "the beginning of a repository's name";
                invalid("mirrors.to", expected, &target)
            })?;
        Ok(Some(parsed))
    }
}

impl Names {
    fn new(config: &FetchConfig, allowed: Allowed) -> Result<Self, FetchError> {
        let scope = |field: &'static str, text: &str| {
            let expected = "a registry or a beginning of a repository's name";
            Scope::parse(text).ok_or_else(|| invalid(field, expected, text))
        };
        let mut mirrors = Vec::new();
        for mirror in &config.mirrors {
            let from = scope("mirrors.from", &mirror.from)?;
            let to = scope("mirrors.to", &mirror.to)?;
            if allowed.refusal(to.host()).is_some() {
                return Err(invalid("mirrors.to", MAY_BE_ASKED, &mirror.to));
            }
            mirrors.push((from, to.as_str().to_owned()));
        }
        // The most specific first; the order of writing decides between equals.
        mirrors.sort_by_key(|(from, _)| std::cmp::Reverse(from.length()));
        let mut signatures = Vec::new();
        for entry in &config.signature_repositories {
            let images = entry.images.as_deref();
            let images = images
                .map(|text| scope("signatureRepositories.images", text))
                .transpose()?;
            signatures.push((images, entry.repository.clone()));
        }
        Ok(Self {
            allowed,
            mirrors,
            signatures,
        })
    }
}

/// Whether every text is a host in its one spelling.
fn hosts(field: &'static str, hosts: &BTreeSet<String>) -> Result<(), FetchError> {
    for host in hosts {
        let parsed = Scope::parse(host);
        if parsed.as_ref().map(Scope::as_str) != Some(host) {
            return Err(invalid(field, "a host, or a host with a port", host));
        }
    }
    Ok(())
}

impl Repositories {
    /// Resolves the reference, once, and opens the stores in which evidence is looked for.
    pub(crate) async fn resolve(
        self,
        reference: &ImageReference,
        budget: &Arc<Budget>,
    ) -> Result<(PinnedImage, Vec<Store>), FetchError> {
        let root = self
            .image
            .root(reference.tag(), reference.digest(), budget)
            .await?;
        let (text, name) = (reference.to_string(), reference.name().clone());
        let announced = root.media_type.as_deref();
        let image = PinnedImage::pin(
            text.clone(),
            Some(name),
            root.digest,
            &root.bytes,
            announced,
        )
        .map_err(|error| FetchError::new(text, Failure::from(error)))?;
        let stores = std::iter::once(self.image)
            .chain(self.evidence)
            .map(|repository| Store::new(Backend::Registry(repository), Arc::clone(budget)))
            .collect();
        Ok((image, stores))
    }
}

fn invalid(field: &'static str, expected: &'static str, found: &str) -> FetchError {
    let found = format!("`{found}`");
    let failure = Failure::Config {
        field,
        expected,
        found,
    };
    FetchError::new("configuration", failure)
}

#[cfg(test)]
mod tests;
