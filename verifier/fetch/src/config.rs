//! What discovery may do and with what: every switch is an argument, nothing is read from the
//! environment unless the configuration says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use sovverify::ImageName;
pub use sovverify::policy::TokenUse;

use crate::limits::FetchLimits;
use crate::observe::Observed;

/// The configuration of discovery.
#[derive(Clone, Debug, Default)]
pub struct FetchConfig {
    /// Every bound.
    pub limits: FetchLimits,
    /// Whether sockets may be opened.
    pub network: Network,
    /// Where to connect for a name; the identity of the image stays the name that was written.
    pub mirrors: Vec<Mirror>,
    /// Repositories in which evidence is kept apart from the images, like cosign's
    /// `COSIGN_REPOSITORY`; they are searched beside the image's own repository.
    pub signature_repositories: Vec<SignatureRepository>,
    /// Registries, as host or `host:port`, that are asked over plain HTTP. Only these, whatever
    /// their address or port.
    pub insecure_registries: BTreeSet<String>,
    /// Which registries may be asked at all.
    pub allowed_registries: AllowedRegistries,
    /// Which registries may be on this machine.
    pub local_registries: LocalRegistries,
    /// Which certificate authorities vouch for registries.
    pub authorities: Authorities,
    /// Which proxy is used.
    pub proxy: Proxy,
    /// Who hears of requests, for metrics.
    pub observer: Observed,
    /// Where credentials come from.
    pub credentials: CredentialSources,
    /// Token services that belong to a registry although they are on another host: registry to
    /// token service, both as host or `host:port`. The well-known pairs are built in.
    pub token_services: BTreeMap<String, BTreeSet<String>>,
}

impl FetchConfig {
    /// The configuration for a process that asks for images which others name: no registry is on this
    /// machine unless it is listed, and no program is run to obtain a credential.
    #[must_use]
    pub fn for_tenants(mut self) -> Self {
        if self.local_registries == LocalRegistries::Every {
            self.local_registries = LocalRegistries::Only(BTreeSet::new());
        }
        self.credentials.helper_directories.clear();
        self
    }
}

/// Whether sockets may be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Network {
    /// Registries are asked.
    #[default]
    Online,
    /// A registry location is an error before any socket is opened.
    Offline,
}

/// Which registries may be asked at all, whoever names them.
///
/// Mirrors and signature repositories are no exception: what is asked counts, not what was written.
/// Places to which an allowed registry redirects are not registries, and need no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllowedRegistries {
    /// Every one that has an address of a registry.
    #[default]
    Every,
    /// These: `host` or `host:port`; `*.example` stands for every host below `example`, with the port
    /// that is written.
    Only(BTreeSet<String>),
}

/// Which registries may be on this machine: at a loopback address, however it is spelled, or at a
/// name that leads to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalRegistries {
    /// Every one that the caller names: the caller is the user of this machine.
    #[default]
    Every,
    /// These, as `host` or `host:port`: others name the images.
    Only(BTreeSet<String>),
}

/// A rewrite of names: `from` and everything below it is fetched from `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// A registry, or a registry with the beginning of a repository path, in canonical spelling:
    /// `docker.io`, `docker.io/library`, `registry.example/apps`.
    pub from: String,
    /// What stands in its place: `mirror.example:5000/hub`.
    pub to: String,
}

/// A repository in which evidence is kept apart from images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRepository {
    /// The images that it is about: a beginning of their names, as in [`Mirror::from`]; all images
    /// when absent.
    pub images: Option<String>,
    /// The repository that holds the evidence.
    pub repository: ImageName,
}

/// Which certificate authorities vouch for registries.
///
/// None are built in: which authorities are trusted is the operator's decision, and a list inside
/// the binary could be neither read nor shortened by them. Where there is no system store (an
/// image made from scratch), the authorities are given as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorities {
    /// Those of the system's store, and these PEM certificates.
    SystemAnd(Vec<String>),
    /// These PEM certificates and no others.
    Only(Vec<String>),
}

impl Default for Authorities {
    fn default() -> Self {
        Self::SystemAnd(Vec::new())
    }
}

/// Which proxy is used. Its URL may hold a password, so it is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// None, whatever the environment says.
    #[default]
    None,
    /// The one that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name.
    FromEnvironment,
    /// This one.
    Explicit {
        /// The proxy for every request: `http://proxy.example:3128`.
        url: String,
        /// Hosts that are asked directly, as in `NO_PROXY`: comma-separated.
        except: String,
    },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::FromEnvironment => "FromEnvironment",
            Self::Explicit { .. } => "Explicit(…)",
        })
    }
}

/// Where credentials come from, strongest first.
///
/// Where several belong to one repository they are tried in this order until the registry accepts
/// one; a credential that the caller already holds is the only one that is tried.
#[derive(Clone, Debug, Default)]
pub struct CredentialSources {
    /// Credentials that the caller already holds.
    pub explicit: Vec<ExplicitCredential>,
    /// Pull secrets, read as the kubelet reads them: every entry that fits is tried, the most
    /// specific first; hosts may have wildcards (`*.registry.example`); helpers are never run.
    pub documents: Vec<NamedDocument>,
    /// Tokens of the workload, which the platform writes into files and replaces from time to time.
    pub tokens: Vec<TokenCredential>,
    /// Files in the format of docker's and podman's `config.json`/`auth.json`, read as docker reads
    /// them: the most specific entry of each counts, and helpers are run. They are read again after
    /// a while, because in a cluster they are replaced while we run.
    pub files: Vec<CredentialFile>,
    /// Directories in which credential helpers (`docker-credential-NAME`) are looked up, the first
    /// that has it wins; relative directories are skipped. Helpers are not run when this is empty.
    pub helper_directories: Vec<PathBuf>,
}

/// One credential for one registry or part of it.
#[derive(Clone, Debug)]
pub struct ExplicitCredential {
    /// The registry it belongs to, or a beginning of names below it: `registry.example`,
    /// `registry.example:5000/team`. Matched by whole host and whole path components only.
    pub scope: String,
    /// The user name.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// A token of the workload in a file. It is read whenever a registry asks who we are, so it is never
/// older than the file; what was obtained with it is forgotten when the file changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCredential {
    /// The registry it belongs to, or a beginning of names below it, as in [`ExplicitCredential`].
    pub scope: String,
    /// The file.
    pub file: PathBuf,
    /// What the registry takes it for. Origins are `https://host[:port]`; plain HTTP only where
    /// [`FetchConfig::insecure_registries`] names the host.
    pub usage: TokenUse,
}

/// A document in the format of docker's `config.json`, for example the `.dockerconfigjson` of a
/// pull secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDocument {
    /// Where it comes from, for people: `secret team-a/pull`.
    pub source: String,
    /// The document.
    pub content: Secret,
}

/// A credential file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialFile {
    /// It was named by the user: it must exist.
    Required(PathBuf),
    /// It is a place where such a file often is.
    IfPresent(PathBuf),
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever sends it or tells it apart from others.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let config = FetchConfig {
            proxy: Proxy::Explicit {
                url: "http://me:hunter2@proxy.example:3128".into(),
                except: String::new(),
            },
            credentials: CredentialSources {
                explicit: vec![ExplicitCredential {
                    scope: "registry.example".into(),
                    username: "me".into(),
                    password: Secret::new("hunter2"),
                }],
                documents: vec![NamedDocument {
                    source: "secret team-a/pull".into(),
                    content: Secret::new("{\"auths\":{\"hunter2\":{}}}"),
                }],
                ..CredentialSources::default()
            },
            ..FetchConfig::default()
        };
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
