//! Registries by the OCI distribution specification 1.1.
//!
//! Read [`repository`] first (what is asked), then `client` (how one request is made), `auth` (who
//! we are), `redirect`, `links` and `address` (where we do not go), `body` (how much we read).

use std::sync::Arc;

use sovverify::image::PinnedImage;
use sovverify::{ImageName, ImageReference};
use url::Url;

use crate::budget::Budget;
use crate::config::FetchConfig;
use crate::error::{Failure, FetchError};
use crate::store::{Backend, Store};

mod address;
mod auth;
mod body;
mod challenge;
mod client;
mod credentials;
mod helper;
mod links;
mod redirect;
mod repository;
mod retry;
mod scope;
mod tls;
mod token;
mod transport;

pub(crate) use repository::Repository;

use client::Core;
use scope::Scope;

/// Docker Hub's registry is not at the host of its names.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// All registries, with what they share.
#[derive(Debug)]
pub(crate) struct Registries {
    core: Arc<Core>,
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
    pub(crate) fn new(config: Arc<FetchConfig>) -> Result<Self, FetchError> {
        tls::certificates(&config.authorities)?;
        let scope = |field: &'static str, text: &str| {
            let expected = "a registry or a beginning of a repository's name";
            Scope::parse(text).ok_or_else(|| invalid(field, expected, text))
        };
        let mut mirrors = Vec::new();
        for mirror in &config.mirrors {
            let from = scope("mirrors.from", &mirror.from)?;
            let to = scope("mirrors.to", &mirror.to)?;
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
        for registry in &config.insecure_registries {
            let parsed = Scope::parse(registry);
            if parsed.as_ref().map(Scope::as_str) != Some(registry) {
                let expected = "a host, or a host with a port";
                return Err(invalid("insecureRegistries", expected, registry));
            }
        }
        Ok(Self {
            core: Arc::new(Core::new(config)),
            mirrors,
            signatures,
        })
    }

    /// Where the image `name` and its evidence are.
    pub(crate) fn repositories(&self, name: &ImageName) -> Result<Repositories, FetchError> {
        let text = name.to_string();
        let mut evidence = Vec::new();
        for (images, repository) in &self.signatures {
            let applies = images
                .as_ref()
                .is_none_or(|scope| scope.rest_of(&text).is_some());
            if applies && repository != name {
                evidence.push(self.repository(repository)?);
            }
        }
        Ok(Repositories {
            image: self.repository(name)?,
            evidence,
        })
    }

    fn repository(&self, name: &ImageName) -> Result<Repository, FetchError> {
        let endpoint = self.endpoint(name)?;
        Ok(Repository::new(Arc::clone(&self.core), endpoint))
    }

    fn endpoint(&self, name: &ImageName) -> Result<Endpoint, FetchError> {
        let place = name.to_string();
        let target = self.mirrored(&place)?.unwrap_or_else(|| name.clone());
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
            let reason = "no host at all";
            FetchError::new(
                &place,
                Failure::HostRefused {
                    host: registry.clone(),
                    reason,
                },
            )
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
mod tests {
    use super::*;
    use crate::config::{Mirror, SignatureRepository};

    fn registries(config: FetchConfig) -> Result<Registries, FetchError> {
        Registries::new(Arc::new(config))
    }

    fn mirror(from: &str, to: &str) -> Mirror {
        Mirror {
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn a_mirror_changes_where_we_connect_and_nothing_else() {
        let config = FetchConfig {
            mirrors: vec![
                mirror("docker.io", "mirror.example:5000/hub"),
                mirror("docker.io/library", "official.example"),
                mirror("registry.example/a/b", "mirror.example"),
            ],
            insecure_registries: ["mirror.example:5000".to_owned()].into(),
            ..FetchConfig::default()
        };
        let registries = registries(config).unwrap();
        for (name, expected) in [
            (
                "docker.io/team/app",
                "http://mirror.example:5000/ hub/team/app",
            ),
            ("nginx", "https://official.example/ nginx"),
            ("registry.example/a/b/c", "https://mirror.example/ c"),
            ("registry.example/a/bc", "https://registry.example/ a/bc"),
            ("localhost:5000/a", "https://localhost:5000/ a"),
        ] {
            let name: ImageName = name.parse().unwrap();
            let endpoint = registries.endpoint(&name).unwrap();
            assert_eq!(
                format!("{} {}", endpoint.origin, endpoint.repository),
                expected
            );
            assert_eq!(endpoint.place, name.to_string());
        }
        // A mirror that swallows the whole name leaves no repository to ask for.
        let whole: ImageName = "registry.example/a/b".parse().unwrap();
        assert_eq!(
            registries.endpoint(&whole).unwrap_err().code().name(),
            "registry/config-invalid"
        );
    }

    #[test]
    fn docker_hub_is_asked_at_its_registry() {
        let registries = registries(FetchConfig::default()).unwrap();
        let endpoint = registries.endpoint(&"nginx".parse().unwrap()).unwrap();
        assert_eq!(endpoint.origin.as_str(), "https://registry-1.docker.io/");
        assert_eq!(endpoint.registry, "docker.io");
    }

    #[test]
    fn signature_repositories_are_searched_for_the_images_they_are_about() {
        let config = FetchConfig {
            signature_repositories: vec![
                SignatureRepository {
                    images: Some("registry.example/apps".into()),
                    repository: "registry.example/signatures".parse().unwrap(),
                },
                SignatureRepository {
                    images: None,
                    repository: "registry.example/all".parse().unwrap(),
                },
            ],
            ..FetchConfig::default()
        };
        let registries = registries(config).unwrap();
        for (name, expected) in [
            ("registry.example/apps/a", 2),
            ("registry.example/appsy", 1),
            ("registry.example/all", 0),
        ] {
            let found = registries.repositories(&name.parse().unwrap()).unwrap();
            assert_eq!(found.evidence.len(), expected, "{name}");
        }
    }

    #[test]
    fn a_configuration_that_cannot_be_used_is_refused_at_once() {
        use crate::config::Authorities;
        let default = FetchConfig::default;
        for config in [
            FetchConfig {
                mirrors: vec![mirror("a", "b.example")],
                ..default()
            },
            FetchConfig {
                mirrors: vec![mirror("a.example", "https://")],
                ..default()
            },
            FetchConfig {
                insecure_registries: ["http://a.example".to_owned()].into(),
                ..default()
            },
            FetchConfig {
                insecure_registries: ["*".to_owned()].into(),
                ..default()
            },
            FetchConfig {
                authorities: Authorities::Only(vec!["no PEM".into()]),
                ..default()
            },
        ] {
            let error = registries(config).unwrap_err();
            assert_eq!(error.code().name(), "registry/config-invalid", "{error}");
        }
    }
}
