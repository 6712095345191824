//! What only the API server knows: labels of namespaces, pull secrets.
//!
//! ```text
//! Cluster ── NoAccess      mounted files only: a namespace has its name, and nothing else is known
//!        └── KubeCluster ── namespaces   a cache fed by a watch, and a GET where it cannot be relied on
//!                        └── secrets     GET by name, never listed, kept for seconds; off by default
//! ```
//!
//! **Invariant**: a look-up that failed is an error and never an empty answer: whoever cannot read
//! labels does not know which policies apply, and denies. No credential is printed, whatever goes wrong.

mod access;
pub(crate) mod api;
mod connect;
mod error;
mod names;
mod namespaces;
mod secrets;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod watching;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use sovverify_fetch::config::NamedDocument;

pub use access::{KubeCluster, NoAccess, PullSecrets};
pub use connect::{ConnectError, connect};
pub use error::LookupError;

/// The label that the API server itself puts on each namespace; it holds the name.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The look-ups that a decision needs.
pub trait Cluster: Send + Sync + 'static {
    /// The labels of a namespace. [`NAME_LABEL`] always holds its name, whatever was stored.
    fn namespace_labels<'a>(
        &'a self,
        namespace: &'a str,
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, LookupError>>;

    /// The pull secrets of pods in `namespace`, in the order in which the kubelet tries them: those that
    /// the pod names; only where it names none, those of its service account (`default` where none is
    /// named). Each is a document in docker's `config.json` format. Nothing where reading secrets is not
    /// configured.
    fn pull_secrets<'a>(
        &'a self,
        namespace: &'a str,
        service_account: Option<&'a str>,
        named: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<NamedDocument>, LookupError>>;
}
