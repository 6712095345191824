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

#[cfg(test)]
mod tests {
    use sovverify_fetch::config::FetchConfig;

    use super::*;

    #[test]
    fn scopes_are_kept_up_to_their_number_and_their_age() {
        let limits = DecideLimits {
            scopes: 2,
            ..DecideLimits::default()
        };
        let scopes = Scopes::new(&limits);
        let (key, start) = (ScopeKey::new(&[7; 32]), Instant::now());
        let made = |name: &str, at: Instant| {
            let mut is_made = false;
            scopes.get(key.name(std::iter::once(name.as_bytes())), at, || {
                is_made = true;
                Discovery::new(FetchConfig::default()).unwrap()
            });
            is_made
        };
        let second = |number: u32| start + Duration::from_secs(1) * number;
        assert!(made("a", start) && made("b", second(1)));
        assert!(!made("a", second(1)) && !made("b", second(1)));
        // The third one takes the place of the oldest.
        assert!(made("c", second(2)) && !made("b", second(2)) && made("a", second(2)));
        let end = second(2) + limits.scope_lifetime;
        assert!(!made(
            "a",
            end.checked_sub(Duration::from_millis(1)).unwrap()
        ));
        assert!(made("a", end));
    }
}
