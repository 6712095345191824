//! Pull secrets, as the kubelet finds them.
//!
//! The kubelet takes the secrets that a pod names. The API server's `ServiceAccount` admission writes those
//! of the service account into a pod that names none, so a pod has one or the other, never both; a template
//! of a workload has not been through it yet. Of them the kubelet passes over what does not exist and what
//! has another type (`credentialprovider/secrets`, `kuberuntime`). It also passes over what it may not read;
//! here that is an error, because a verdict made without a credential would be told as if the image were not
//! there.
//!
//! **Invariant**: secrets are read by name, never listed, and only in the namespace of the workload. What was
//! read is kept for seconds and never printed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use kube::Client;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use sovverify_fetch::config::{NamedDocument, Secret};

use tokio::sync::Semaphore;

use super::api;
use super::error::LookupError;
use super::names::is_name;

/// Pull secrets of one pod; an honest pod names one or two, and no more are read of an object.
const MAX_SECRETS: usize = 64;
/// Bytes of all pull secrets of one pod together.
const MAX_BYTES: usize = 1024 * 1024;
/// How long secrets are kept: long enough for a rollout, short enough for a rotation.
pub(super) const KEPT: Duration = Duration::from_secs(10);
/// Bytes of all secrets that are kept.
const MAX_KEPT_BYTES: u64 = 4 * 1024 * 1024;
/// Sets of secrets that are expected at once.
const EXPECTED_SETS: usize = 256;
/// What a set costs beside its text.
const ENTRY_BYTES: usize = 256;
/// Secrets of one pod that are asked for at once.
const MAX_REQUESTS: usize = 8;
/// Pods whose secrets are asked for at once: each review may name others, and the API server has more to do.
const MAX_PODS: usize = 16;
/// The service account of pods that name none.
const DEFAULT_ACCOUNT: &str = "default";

/// Whose secrets: all pods that name the same ones share them.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    namespace: String,
    of: Of,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Of {
    Names(Vec<String>),
    Account(String),
}

/// Secrets, and until when they are taken for true.
#[derive(Clone)]
struct Kept {
    secrets: Arc<[NamedDocument]>,
    bytes: usize,
    until: Instant,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Kept> for Bytes {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        let names = match &key.of {
            Of::Names(names) => names.iter().map(String::len).sum(),
            Of::Account(name) => name.len(),
        };
        let bytes = ENTRY_BYTES + key.namespace.len() + names + kept.bytes;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Pull secrets, kept for seconds.
pub(super) struct Secrets {
    cache: Cache<Key, Kept, Bytes>,
    kept: Duration,
    pods: Semaphore,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    /// Secrets that are read again after `kept`.
    pub(super) fn new(kept: Duration) -> Self {
        Self {
            cache: Cache::with_weighter(EXPECTED_SETS, MAX_KEPT_BYTES, Bytes),
            kept,
            pods: Semaphore::new(MAX_PODS),
        }
    }

    /// The pull secrets of a pod, read at most once at a time.
    pub(super) async fn of_pod(
        &self,
        client: &Client,
        namespace: &str,
        account: Option<&str>,
        named: &[String],
    ) -> Result<Vec<NamedDocument>, LookupError> {
        let what = format!("the pull secrets of a pod in `{}`", shown(namespace));
        if !is_name(namespace) {
            return Err(LookupError::Missing { what });
        }
        if named.len() > MAX_SECRETS {
            return Err(too_many(&what));
        }
        let key = key(namespace, account, named);
        loop {
            match self.cache.get_value_or_guard_async(&key).await {
                Ok(kept) if Instant::now() < kept.until => return Ok(kept.secrets.to_vec()),
                Ok(old) => {
                    self.cache.remove_if(&key, |kept| kept.until == old.until);
                }
                Err(guard) => {
                    // Never closed; without a permit the work is only less bounded.
                    let _permit = self.pods.acquire().await.ok();
                    let kept = read(client, &key, &what, self.kept).await?;
                    // The guard's place may have been taken away; the answer is good all the same.
                    let _ = guard.insert(kept.clone());
                    return Ok(kept.secrets.to_vec());
                }
            }
        }
    }
}

/// What a pod that names pull secrets and a service account is given.
fn key(namespace: &str, account: Option<&str>, named: &[String]) -> Key {
    let of = if named.is_empty() {
        let account = account.filter(|name| !name.is_empty());
        Of::Account(account.unwrap_or(DEFAULT_ACCOUNT).to_owned())
    } else {
        // What cannot be a name names nothing, to the kubelet too.
        Of::Names(named.iter().filter(|name| is_name(name)).cloned().collect())
    };
    Key {
        namespace: namespace.to_owned(),
        of,
    }
}

async fn read(client: &Client, key: &Key, what: &str, kept: Duration) -> Result<Kept, LookupError> {
    let of_account;
    let names = match &key.of {
        Of::Names(names) => names,
        Of::Account(account) => {
            of_account = account_secrets(client, &key.namespace, account).await?;
            &of_account
        }
    };
    // Boxed, because the compiler cannot prove that these closures are general enough otherwise.
    let look_ups: Vec<BoxFuture<'_, Result<Option<NamedDocument>, LookupError>>> = names
        .iter()
        .map(|name| named_secret(client, &key.namespace, name).boxed())
        .collect();
    let looked_up = futures_util::stream::iter(look_ups).buffered(MAX_REQUESTS);
    let mut looked_up = std::pin::pin!(looked_up);
    let (mut secrets, mut bytes) = (Vec::new(), 0);
    while let Some(secret) = looked_up.next().await {
        let Some(document) = secret? else { continue };
        bytes += document.content.expose().len();
        if bytes > MAX_BYTES {
            return Err(LookupError::TooLarge {
                what: what.to_owned(),
                limit: MAX_BYTES,
                unit: "bytes",
            });
        }
        secrets.push(document);
    }
    Ok(Kept {
        secrets: secrets.into(),
        bytes,
        until: Instant::now() + kept,
    })
}

/// The secret `name` with the name by which messages call it.
async fn named_secret(
    client: &Client,
    namespace: &str,
    name: &str,
) -> Result<Option<NamedDocument>, LookupError> {
    let document = secret(client, namespace, name).await?;
    Ok(document.map(|document| NamedDocument {
        source: format!("secret {namespace}/{name}"),
        content: Secret::new(document),
    }))
}

/// What is read of a service account.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceAccount {
    #[serde(default)]
    image_pull_secrets: Option<Vec<Reference>>,
}

#[derive(serde::Deserialize)]
struct Reference {
    #[serde(default)]
    name: String,
}

/// The names of the pull secrets of a service account; none where there is no such account: the pod
/// itself will be refused for that.
async fn account_secrets(
    client: &Client,
    namespace: &str,
    account: &str,
) -> Result<Vec<String>, LookupError> {
    if !is_name(account) {
        return Ok(Vec::new());
    }
    let what = format!("the service account `{account}` of `{namespace}`");
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}");
    let object: Option<ServiceAccount> = api::get(client, &path, &what).await?;
    let references = object.and_then(|object| object.image_pull_secrets);
    let references = references.unwrap_or_default();
    if references.len() > MAX_SECRETS {
        return Err(too_many(&what));
    }
    let names = references.into_iter().map(|reference| reference.name);
    Ok(names.filter(|name| is_name(name)).collect())
}

/// What is read of a secret. Not `Debug`.
#[derive(serde::Deserialize)]
struct Object {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

/// The secret `name` as a document in docker's format; nothing where the kubelet passes over it.
async fn secret(
    client: &Client,
    namespace: &str,
    name: &str,
) -> Result<Option<String>, LookupError> {
    let what = format!("the pull secret `{name}` of `{namespace}`");
    let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
    let Some(object) = api::get::<Object>(client, &path, &what).await? else {
        return Ok(None);
    };
    document(object, &what)
}

fn document(object: Object, what: &str) -> Result<Option<String>, LookupError> {
    // `k8s.io/api/core/v1`: SecretTypeDockerConfigJson and SecretTypeDockercfg with their keys.
    let key = match object.kind.as_str() {
        "kubernetes.io/dockerconfigjson" => ".dockerconfigjson",
        "kubernetes.io/dockercfg" => ".dockercfg",
        _ => return Ok(None),
    };
    let data = object.data.unwrap_or_default();
    let Some(encoded) = data.get(key).filter(|encoded| !encoded.is_empty()) else {
        return Ok(None);
    };
    let unreadable = || LookupError::malformed(what, "content that is no JSON object");
    let bytes = STANDARD.decode(encoded).map_err(|_| unreadable())?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable())?;
    // The oldest format is the `auths` of the newer one, without anything around it.
    serde_json::from_str::<Map<String, Value>>(&text).map_err(|_| unreadable())?;
    Ok(Some(if key == ".dockercfg" {
        format!("{{\"auths\":{text}}}")
    } else {
        text
    }))
}

fn too_many(what: &str) -> LookupError {
    LookupError::TooLarge {
        what: what.to_owned(),
        limit: MAX_SECRETS,
        unit: "pull secrets",
    }
}

fn shown(name: &str) -> String {
    sovverify::report::escape::show(name)
}
