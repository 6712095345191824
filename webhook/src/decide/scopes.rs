//! Whose credentials a registry is asked with: connections are shared, credentials and tokens never.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sovverify_fetch::config::{CredentialSources, NamedDocument};
use sovverify_fetch::{Discovery, ScopeId, ScopeKey};

use super::Engine;
use super::limits::DecideLimits;
use crate::state::State;

/// Discoveries by the set of pull secrets that they use.
#[derive(Debug)]
pub(super) struct Scopes {
    kept: Mutex<BTreeMap<ScopeId, Scope>>,
    most: usize,
    lifetime: Duration,
}

#[derive(Debug)]
struct Scope {
    discovery: Arc<Discovery>,
    since: Instant,
}

impl Scopes {
    pub(super) fn new(limits: &DecideLimits) -> Self {
        Self {
            kept: Mutex::default(),
            most: limits.scopes,
            lifetime: limits.scope_lifetime,
        }
    }

    /// The discovery under `id`, made by `make` where there is none that is young enough.
    fn get(&self, id: ScopeId, now: Instant, make: impl FnOnce() -> Discovery) -> Arc<Discovery> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let young = |scope: &Scope| now.saturating_duration_since(scope.since) < self.lifetime;
        if let Some(scope) = kept.get(&id).filter(|scope| young(scope)) {
            return Arc::clone(&scope.discovery);
        }
        let discovery = Arc::new(make());
        kept.retain(|_, scope| young(scope));
        if kept.len() >= self.most {
            let oldest = kept.iter().min_by_key(|(_, scope)| scope.since);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                kept.remove(&oldest);
            }
        }
        kept.insert(
            id,
            Scope {
                discovery: Arc::clone(&discovery),
                since: now,
            },
        );
        discovery
    }
}

/// Names a set of pull secrets under a state; nobody without `key` can test a guess.
fn secrets_id(key: &ScopeKey, generation: u64, secrets: &[NamedDocument]) -> ScopeId {
    let secrets = secrets.iter();
    let texts = secrets.map(|secret| secret.content.expose().as_bytes());
    key.name(std::iter::once(generation.to_be_bytes().as_slice()).chain(texts))
}

impl Engine {
    /// The discovery that asks registries with these pull secrets; the process's own where there are
    /// none.
    pub(super) fn discovery(&self, state: &State, secrets: Vec<NamedDocument>) -> Arc<Discovery> {
        if secrets.is_empty() {
            return Arc::clone(&state.discovery);
        }
        let id = secrets_id(&self.secret, state.generation, &secrets);
        self.scopes.get(id, Instant::now(), || {
            state.discovery.scoped(CredentialSources {
                documents: secrets,
                ..CredentialSources::default()
            })
        })
    }
}
