//! The kinds that are watched, and what an object of them is called.

use std::fmt;

use kube::core::{ApiResource, GroupVersionKind};
use sovverify::policy::API_VERSION;

/// The group of all kinds.
pub const GROUP: &str = "policy.sovverify.dev";
/// Their one version.
pub(super) const VERSION: &str = "v1alpha1";

/// A kind of document that is an object of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Whom policies start from.
    TrustRoot,
    /// A policy for the whole cluster.
    ClusterImagePolicy,
    /// A policy for one namespace, which can only tighten.
    ImagePolicy,
    /// A signed exception, which counts in its namespace.
    PolicyException,
}

impl Kind {
    /// Every kind, in the order in which documents are compiled.
    pub const ALL: [Self; 4] = [
        Self::TrustRoot,
        Self::ClusterImagePolicy,
        Self::ImagePolicy,
        Self::PolicyException,
    ];

    /// The name of the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TrustRoot => "TrustRoot",
            Self::ClusterImagePolicy => "ClusterImagePolicy",
            Self::ImagePolicy => "ImagePolicy",
            Self::PolicyException => "PolicyException",
        }
    }

    /// The name of its resource in paths.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::TrustRoot => "trustroots",
            Self::ClusterImagePolicy => "clusterimagepolicies",
            Self::ImagePolicy => "imagepolicies",
            Self::PolicyException => "policyexceptions",
        }
    }

    /// The kind with this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether its objects live in namespaces.
    pub const fn is_namespaced(self) -> bool {
        matches!(self, Self::ImagePolicy | Self::PolicyException)
    }

    pub(super) fn resource(self) -> ApiResource {
        let kind = GroupVersionKind::gvk(GROUP, VERSION, self.name());
        ApiResource::from_gvk_with_plural(&kind, self.plural())
    }
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, where its kind has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The path of the object, or of its `part` (`/status`).
    pub(super) fn path(&self, part: &str) -> String {
        let Self {
            kind,
            namespace,
            name,
        } = self;
        let plural = kind.plural();
        match namespace {
            Some(namespace) => {
                format!("/apis/{API_VERSION}/namespaces/{namespace}/{plural}/{name}{part}")
            }
            None => format!("/apis/{API_VERSION}/{plural}/{name}{part}"),
        }
    }
}

/// As `kubectl` writes it, with the namespace before the name: `imagepolicies/team-a/strict`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind.plural())?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_and_version_are_those_of_the_documents() {
        assert_eq!(API_VERSION, format!("{GROUP}/{VERSION}"));
    }

    #[test]
    fn an_object_is_where_kubernetes_has_it() {
        let key = Key {
            kind: Kind::ImagePolicy,
            namespace: Some("team-a".to_owned()),
            name: "strict".to_owned(),
        };
        assert_eq!(
            key.path("/status"),
            "/apis/policy.sovverify.dev/v1alpha1/namespaces/team-a/imagepolicies/strict/status"
        );
        assert_eq!(key.to_string(), "imagepolicies/team-a/strict");
        let key = Key {
            kind: Kind::TrustRoot,
            namespace: None,
            name: "public-good".to_owned(),
        };
        let path = "/apis/policy.sovverify.dev/v1alpha1/trustroots/public-good";
        assert_eq!(key.path(""), path);
        assert_eq!(key.to_string(), "trustroots/public-good");
        assert_eq!(Kind::of("TrustRoot"), Some(Kind::TrustRoot));
        assert_eq!(Kind::of("Configuration"), None);
    }
}
