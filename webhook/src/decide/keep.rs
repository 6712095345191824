//! Keeps the file of admissions current.

use std::sync::Arc;
use std::time::Duration;

use super::persist::Store;
use super::{Cache, Clock};
use crate::metrics::{Metrics, Save, Success};

/// Remembered verdicts, and the file in which they survive a restart.
#[derive(Clone)]
pub struct Keeper {
    cache: Arc<Cache>,
    store: Option<Arc<Store>>,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Keeper {
    /// Fills `cache` from `store`, where there is one. A file that cannot be used costs time, and
    /// nothing else: it is said aloud, and replaced.
    pub fn open(
        cache: Arc<Cache>,
        store: Option<Store>,
        metrics: Arc<Metrics>,
        clock: Clock,
    ) -> Self {
        let keeper = Self {
            cache,
            store: store.map(Arc::new),
            metrics,
            clock,
        };
        if let Some(store) = &keeper.store {
            match store.load(&keeper.cache, (keeper.clock)()) {
                Ok(verdicts) => {
                    keeper.metrics.cache_persisted(Save::Read, Success::Yes);
                    tracing::info!(verdicts, "verdicts of an earlier run are remembered");
                }
                Err(error) => {
                    keeper.metrics.cache_persisted(Save::Read, Success::No);
                    tracing::warn!(%error, "verdicts of an earlier run are not used");
                }
            }
        }
        keeper
    }

    /// Writes what changed every `interval`, and counts what there is, until the future is dropped.
    pub async fn follow(self, interval: Duration) {
        let mut written = self.cache.changes();
        loop {
            tokio::time::sleep(interval).await;
            let entries = u64::try_from(self.cache.len()).unwrap_or(u64::MAX);
            self.metrics.cache_holds(entries, self.cache.bytes());
            let changes = self.cache.changes();
            if changes != written {
                self.clone().save().await;
                written = changes;
            }
        }
    }

    /// Writes everything now.
    pub async fn save(self) {
        let Some(store) = self.store.clone() else {
            return;
        };
        let saved = tokio::task::spawn_blocking(move || {
            let saved = store.save(&self.cache, (self.clock)());
            (saved, self.metrics)
        });
        match saved.await {
            Ok((Ok(_), metrics)) => metrics.cache_persisted(Save::Write, Success::Yes),
            Ok((Err(error), metrics)) => {
                metrics.cache_persisted(Save::Write, Success::No);
                tracing::warn!(%error, "verdicts are not saved");
            }
            // The panic itself has been reported by the hook.
            Err(_) => {}
        }
    }
}
