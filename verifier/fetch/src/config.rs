//! What discovery may do and with what: every switch is an argument, nothing is read from the
//! environment unless the configuration says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use sovverify::ImageName;

use crate::limits::FetchLimits;

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
    /// Which certificate authorities vouch for registries.
    pub authorities: Authorities,
    /// Which proxy is used.
    pub proxy: Proxy,
    /// Where credentials come from.
    pub credentials: CredentialSources,
    /// Token services that belong to a registry although they are on another host: registry to
    /// token service, both as host or `host:port`. The well-known pairs are built in.
    pub token_services: BTreeMap<String, BTreeSet<String>>,
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

/// Which proxy is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// Where credentials come from, strongest first.
#[derive(Clone, Debug, Default)]
pub struct CredentialSources {
    /// Credentials that the caller already holds.
    pub explicit: Vec<ExplicitCredential>,
    /// Files in the format of docker's and podman's `config.json`/`auth.json`.
    pub files: Vec<CredentialFile>,
    /// Documents in the same format, for example the `.dockerconfigjson` of a pull secret.
    pub documents: Vec<Secret>,
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

    pub(crate) fn expose(&self) -> &str {
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
            credentials: CredentialSources {
                explicit: vec![ExplicitCredential {
                    scope: "registry.example".into(),
                    username: "me".into(),
                    password: Secret::new("hunter2"),
                }],
                documents: vec![Secret::new("{\"auths\":{\"hunter2\":{}}}")],
                ..CredentialSources::default()
            },
            ..FetchConfig::default()
        };
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
