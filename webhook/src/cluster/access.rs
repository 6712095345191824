//! The two ways to look something up: not at all, and from the API server.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use kube::Client;
use sovverify_fetch::config::NamedDocument;

use super::api::within;
use super::error::LookupError;
use super::namespaces::Namespaces;
use super::secrets::{self, Secrets};
use super::{Cluster, NAME_LABEL};

/// Time to read one namespace: a millisecond where all is well.
const NAMESPACE_TIME: Duration = Duration::from_secs(2);
/// Time to read a service account and its secrets.
const SECRETS_TIME: Duration = Duration::from_secs(3);

/// No access to the API server: policies come from mounted files.
///
/// Of a namespace its name is known, because the review says it. A policy that selects by other labels is
/// refused when it is loaded, so that nobody asks for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAccess;

impl Cluster for NoAccess {
    fn namespace_labels<'a>(
        &'a self,
        namespace: &'a str,
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, LookupError>> {
        let labels = BTreeMap::from([(NAME_LABEL.to_owned(), namespace.to_owned())]);
        std::future::ready(Ok(labels)).boxed()
    }

    fn pull_secrets<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<NamedDocument>, LookupError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }
}

/// Whether pull secrets are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PullSecrets {
    /// They are not: registries are asked with the process's own credentials.
    #[default]
    Ignored,
    /// They are, by name, in the namespace of the workload.
    Read,
}

/// Look-ups through the API server.
#[derive(Debug)]
pub struct KubeCluster {
    client: Quiet,
    namespaces: Namespaces,
    secrets: Option<Secrets>,
}

/// A client that can be printed: it says nothing.
struct Quiet(Client);

impl std::fmt::Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl KubeCluster {
    /// Look-ups through `client`.
    pub fn new(client: Client, pull_secrets: PullSecrets) -> Self {
        Self {
            client: Quiet(client),
            namespaces: Namespaces::new(),
            secrets: (pull_secrets == PullSecrets::Read).then(|| Secrets::new(secrets::KEPT)),
        }
    }

    /// Follows the namespaces until the future is dropped. Without it each look-up asks the API server.
    pub async fn follow(&self) {
        self.namespaces.follow(self.client.0.clone()).await;
    }
}

impl Cluster for KubeCluster {
    fn namespace_labels<'a>(
        &'a self,
        namespace: &'a str,
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, LookupError>> {
        let look_up = self.namespaces.labels(&self.client.0, namespace);
        within(NAMESPACE_TIME, "the labels of a namespace", look_up).boxed()
    }

    fn pull_secrets<'a>(
        &'a self,
        namespace: &'a str,
        service_account: Option<&'a str>,
        named: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<NamedDocument>, LookupError>> {
        let Some(secrets) = &self.secrets else {
            return std::future::ready(Ok(Vec::new())).boxed();
        };
        let look_up = secrets.of_pod(&self.client.0, namespace, service_account, named);
        within(SECRETS_TIME, "the pull secrets of a pod", look_up).boxed()
    }
}
