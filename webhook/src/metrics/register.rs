//! Which metrics there are: the names, and what they say.

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::labels::{
    ByAnswer, ByLimit, ByListener, ByReason, ByRegistryAnswer, ByReload, ByRetry, BySave, ByStage,
    BySuccess, CacheAnswer, HandshakeFailure, Limit, Listener, RegistryAnswer, Reloaded,
    RetryReason, Save, Stage, Success,
};

impl Metrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        self.register_decisions(registry);
        self.register_cache(registry);
        self.register_documents(registry);
        self.register_server(registry);
    }

    fn register_decisions(&self, registry: &mut Registry) {
        registry.register(
            "decisions",
            "Answered reviews by operation, decision, and class and code of the leading bad news",
            self.decisions.clone(),
        );
        registry.register_with_unit(
            "stage_duration",
            "Time of one stage of a review; total is from the head of the request to its answer",
            Unit::Seconds,
            self.stages.clone(),
        );
        registry.register(
            "verifications_running",
            "Verifications that run now",
            self.running.clone(),
        );
        registry.register(
            "verifications_joined",
            "Requests that waited for a verification which had begun for another request",
            self.joined.clone(),
        );
        registry.register(
            "verifications_background",
            "Verifications that ended after their request had been answered",
            self.background.clone(),
        );
        registry.register(
            "registry_requests",
            "Requests to registries by the class of the answer",
            self.registry_requests.clone(),
        );
        registry.register(
            "registry_retries",
            "Requests to registries that were sent again, by the reason",
            self.registry_retries.clone(),
        );
    }

    fn register_cache(&self, registry: &mut Registry) {
        registry.register(
            "cache_lookups",
            "Look-ups in the cache of verdicts: a verdict that admits, one that denies, none",
            self.lookups.clone(),
        );
        registry.register(
            "cache_entries",
            "Verdicts in the cache",
            self.cache_entries.clone(),
        );
        registry.register_with_unit(
            "cache_size",
            "Memory of the verdicts in the cache",
            Unit::Bytes,
            self.cache_bytes.clone(),
        );
        registry.register(
            "cache_evictions",
            "Verdicts that made room for others",
            self.cache_evictions.clone(),
        );
        registry.register(
            "cache_saves",
            "Writes and reads of the file that keeps the cache over a restart",
            self.cache_saves.clone(),
        );
    }

    fn register_documents(&self, registry: &mut Registry) {
        registry.register(
            "reloads",
            "Documents and certificates that changed and were read again; a failed one keeps what was",
            self.reloads.clone(),
        );
        registry.register("policies", "Policies that count now", self.policies.clone());
        registry.register(
            "trust_roots",
            "Trust roots that count now",
            self.trust_roots.clone(),
        );
        registry.register_with_unit(
            "trust_root_expiry_timestamp",
            "When the first of the trust roots ends, since 1970; +Inf where none does",
            Unit::Seconds,
            self.trust_expiry.clone(),
        );
        registry.register(
            "mounted_documents_stale",
            "1 while the mounted documents are broken and the last good ones count",
            self.mounted_stale.clone(),
        );
        registry.register(
            "objects_refused",
            "Objects of the cluster that are broken now; their status says why",
            self.objects_refused.clone(),
        );
        registry.register_with_unit(
            "watches_lost",
            "For how long a watch of policies, trust roots or exceptions has been lost; 0 while all are followed",
            Unit::Seconds,
            self.watches_lost.clone(),
        );
        registry.register(
            "status_writes",
            "Writes of the status of objects",
            self.status_writes.clone(),
        );
        registry.register_with_unit(
            "certificate_start_timestamp",
            "When the server's own certificate began to be valid, since 1970",
            Unit::Seconds,
            self.certificate_start.clone(),
        );
        registry.register_with_unit(
            "certificate_expiry_timestamp",
            "When the server's own certificate ends, since 1970",
            Unit::Seconds,
            self.certificate_expiry.clone(),
        );
        registry.register(
            "build",
            "The version of the program",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
    }

    fn register_server(&self, registry: &mut Registry) {
        registry.register(
            "connections",
            "Connections that are open now",
            self.connections.clone(),
        );
        registry.register(
            "connections_accepted",
            "Connections that were accepted",
            self.connections_accepted.clone(),
        );
        registry.register(
            "tls_handshakes_failed",
            "TLS handshakes that did not come to their end, by the reason",
            self.handshakes_failed.clone(),
        );
        registry.register(
            "requests",
            "Answered HTTP requests by route and class of the status",
            self.requests.clone(),
        );
        registry.register(
            "requests_in_flight",
            "Reviews that are worked on now",
            self.in_flight.clone(),
        );
        registry.register(
            "requests_refused",
            "Connections and requests that were refused because a bound was reached",
            self.refused.clone(),
        );
        registry.register(
            "requests_abandoned",
            "Reviews whose caller went away before the answer",
            self.abandoned.clone(),
        );
        registry.register(
            "panics",
            "Failures of the program itself; the request that met one was denied",
            self.panics.clone(),
        );
    }

    /// Series whose labels are known begin at zero: a rate over a series that did not exist before its
    /// first increment misses it.
    pub(super) fn begin_at_nothing(&self) {
        for &stage in Stage::ALL {
            drop(self.stages.get_or_create(&ByStage { stage }));
        }
        for &answer in CacheAnswer::ALL {
            drop(self.lookups.get_or_create(&ByAnswer { answer }));
        }
        for &answer in RegistryAnswer::ALL {
            let labels = ByRegistryAnswer { answer };
            drop(self.registry_requests.get_or_create(&labels));
        }
        for &reason in RetryReason::ALL {
            drop(self.registry_retries.get_or_create(&ByRetry { reason }));
        }
        for &limit in Limit::ALL {
            drop(self.refused.get_or_create(&ByLimit { limit }));
        }
        for &reason in HandshakeFailure::ALL {
            drop(self.handshakes_failed.get_or_create(&ByReason { reason }));
        }
        for &success in Success::ALL {
            drop(self.background.get_or_create(&BySuccess { success }));
            drop(self.status_writes.get_or_create(&BySuccess { success }));
            for &what in Reloaded::ALL {
                drop(self.reloads.get_or_create(&ByReload { what, success }));
            }
            for &save in Save::ALL {
                drop(self.cache_saves.get_or_create(&BySave { save, success }));
            }
        }
        for &listener in Listener::ALL {
            drop(self.connections.get_or_create(&ByListener { listener }));
        }
        self.trust_expiry.set(f64::INFINITY);
    }
}
