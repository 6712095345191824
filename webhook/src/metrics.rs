//! Numbers for Prometheus.
//!
//! **Invariant**: no label has a value that a tenant can choose: not an image, a namespace or a user. What
//! becomes a label is an enum, or text that the program itself contains, so that nobody outside can
//! make series, or write lines.

mod labels;
mod process;
mod register;
mod registry;

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sovverify::Code;

use labels::{
    ByAnswer, ByDecision, ByLimit, ByListener, ByReason, ByRegistryAnswer, ByReload, ByRequest,
    ByRetry, BySave, ByStage, BySuccess,
};
pub use labels::{
    CacheAnswer, Decided, HandshakeFailure, Limit, Listener, RegistryAnswer, Reloaded, RetryReason,
    Route, Save, Stage, Success,
};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What every name of ours begins with.
const PREFIX: &str = "sovverify_webhook";
/// Upper bounds of latencies in seconds: a cached verdict takes tens of microseconds, a cold one as long
/// as the registry, and nothing takes longer than a caller waits.
const LATENCIES: [f64; 17] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
];

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;
type FloatGauge = Gauge<f64, std::sync::atomic::AtomicU64>;

/// Every metric of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    decisions: Family<ByDecision, Counter>,
    stages: Histograms<ByStage>,
    lookups: Family<ByAnswer, Counter>,
    cache_entries: Gauge,
    cache_bytes: Gauge,
    cache_evictions: Counter,
    cache_saves: Family<BySave, Counter>,
    running: Gauge,
    joined: Counter,
    background: Family<BySuccess, Counter>,
    registry_requests: Family<ByRegistryAnswer, Counter>,
    registry_retries: Family<ByRetry, Counter>,
    reloads: Family<ByReload, Counter>,
    policies: Gauge,
    trust_roots: Gauge,
    trust_expiry: FloatGauge,
    mounted_stale: Gauge,
    objects_refused: Gauge,
    watches_lost: FloatGauge,
    status_writes: Family<BySuccess, Counter>,
    certificate_start: FloatGauge,
    certificate_expiry: FloatGauge,
    connections: Family<ByListener, Gauge>,
    connections_accepted: Family<ByListener, Counter>,
    handshakes_failed: Family<ByReason, Counter>,
    requests: Family<ByRequest, Counter>,
    in_flight: Gauge,
    refused: Family<ByLimit, Counter>,
    abandoned: Counter,
    panics: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let latency: fn() -> Histogram = || Histogram::new(LATENCIES);
        let mut metrics = Self {
            registry: Registry::default(),
            decisions: Family::default(),
            stages: Family::new_with_constructor(latency),
            lookups: Family::default(),
            cache_entries: Gauge::default(),
            cache_bytes: Gauge::default(),
            cache_evictions: Counter::default(),
            cache_saves: Family::default(),
            running: Gauge::default(),
            joined: Counter::default(),
            background: Family::default(),
            registry_requests: Family::default(),
            registry_retries: Family::default(),
            reloads: Family::default(),
            policies: Gauge::default(),
            trust_roots: Gauge::default(),
            trust_expiry: FloatGauge::default(),
            mounted_stale: Gauge::default(),
            objects_refused: Gauge::default(),
            watches_lost: FloatGauge::default(),
            status_writes: Family::default(),
            certificate_start: FloatGauge::default(),
            certificate_expiry: FloatGauge::default(),
            connections: Family::default(),
            connections_accepted: Family::default(),
            handshakes_failed: Family::default(),
            requests: Family::default(),
            in_flight: Gauge::default(),
            refused: Family::default(),
            abandoned: Counter::default(),
            panics: Counter::default(),
        };
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process::begun_now()));
        metrics.register(registry.sub_registry_with_prefix(PREFIX));
        metrics.begin_at_nothing();
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    /// Everything in the text form that Prometheus reads ([`MEDIA_TYPE`]).
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// A request was answered. `operation` is the request's, by its constant name; `code` is the one that
    /// leads the answer, where there is bad news.
    pub fn decided(&self, operation: &'static str, decision: Decided, code: Option<Code>) {
        let labels = ByDecision {
            operation,
            decision,
            class: code.map_or("none", |code| code.class().name()),
            code: code.map_or("none", Code::name),
        };
        self.decisions.get_or_create(&labels).inc();
    }

    /// A stage of a request took so long.
    pub fn took(&self, stage: Stage, time: Duration) {
        self.stages
            .get_or_create(&ByStage { stage })
            .observe(time.as_secs_f64());
    }

    /// The cache of verdicts was asked.
    pub fn cache_answered(&self, answer: CacheAnswer) {
        self.lookups.get_or_create(&ByAnswer { answer }).inc();
    }

    /// What the cache of verdicts holds.
    pub fn cache_holds(&self, entries: u64, bytes: u64) {
        self.cache_entries.set(signed(entries));
        self.cache_bytes.set(signed(bytes));
    }

    /// Verdicts made room for others.
    pub fn cache_evicted(&self, entries: u64) {
        self.cache_evictions.inc_by(entries);
    }

    /// The cache of verdicts was written to, or read from, its file.
    pub fn cache_persisted(&self, save: Save, success: Success) {
        self.cache_saves
            .get_or_create(&BySave { save, success })
            .inc();
    }

    /// A verification begins; it ends when the guard is dropped.
    pub fn verification(&self) -> Running {
        Running::begun(&self.running)
    }

    /// A request waits for a verification that had begun for another.
    pub fn joined(&self) {
        self.joined.inc();
    }

    /// A verification ended after whoever asked for it had been answered.
    pub fn finished_in_background(&self, success: Success) {
        self.background.get_or_create(&BySuccess { success }).inc();
    }

    /// A registry answered, or did not.
    pub fn registry_answered(&self, answer: RegistryAnswer) {
        let labels = ByRegistryAnswer { answer };
        self.registry_requests.get_or_create(&labels).inc();
    }

    /// A request to a registry is sent again.
    pub fn registry_retried(&self, reason: RetryReason) {
        self.registry_retries
            .get_or_create(&ByRetry { reason })
            .inc();
    }

    /// Documents or certificates changed and were read again.
    pub fn reloaded(&self, what: Reloaded, success: Success) {
        self.reloads
            .get_or_create(&ByReload { what, success })
            .inc();
    }

    /// The policies and trust roots that count now. `expiry` is when the first of the roots ends, in
    /// seconds since 1970; nothing where none ends.
    pub fn documents(&self, policies: u64, trust_roots: u64, expiry: Option<i64>) {
        self.policies.set(signed(policies));
        self.trust_roots.set(signed(trust_roots));
        self.trust_expiry.set(expiry.map_or(f64::INFINITY, seconds));
    }

    /// The mounted documents were read: the ones of now count, or the last good ones do.
    pub fn mounted(&self, success: Success) {
        self.mounted_stale.set(match success {
            Success::Yes => 0,
            Success::No => 1,
        });
    }

    /// How many objects are broken now.
    pub fn objects_refused(&self, objects: u64) {
        self.objects_refused.set(signed(objects));
    }

    /// For how long a watch has been lost; nothing where all are followed.
    pub fn watches_lost(&self, since: Duration) {
        self.watches_lost.set(since.as_secs_f64());
    }

    /// The status of an object was written.
    pub fn status_written(&self, success: Success) {
        self.status_writes
            .get_or_create(&BySuccess { success })
            .inc();
    }

    /// The server certificate that counts now, in seconds since 1970.
    pub fn certificate(&self, valid_from: i64, valid_until: i64) {
        self.certificate_start.set(seconds(valid_from));
        self.certificate_expiry.set(seconds(valid_until));
    }

    /// A connection was accepted; it ends when the guard is dropped.
    pub fn connection(&self, listener: Listener) -> Running {
        let labels = ByListener { listener };
        self.connections_accepted.get_or_create(&labels).inc();
        Running::begun(&self.connections.get_or_create(&labels))
    }

    /// A TLS handshake did not come to its end.
    pub fn handshake_failed(&self, reason: HandshakeFailure) {
        self.handshakes_failed
            .get_or_create(&ByReason { reason })
            .inc();
    }

    /// A request begins to be worked on; it ends when the guard is dropped.
    pub fn in_flight(&self) -> Running {
        Running::begun(&self.in_flight)
    }

    /// A request was answered with an HTTP status.
    pub fn answered(&self, route: Route, status: u16) {
        let status = match status {
            200..=299 => "2xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.requests
            .get_or_create(&ByRequest { route, status })
            .inc();
    }

    /// A connection or request was refused because a bound was reached.
    pub fn refused(&self, limit: Limit) {
        self.refused.get_or_create(&ByLimit { limit }).inc();
    }

    /// A caller went away before its answer.
    pub fn abandoned(&self) {
        self.abandoned.inc();
    }

    /// A part of the program failed, and the request that it worked on was denied.
    pub fn panicked(&self) {
        self.panics.inc();
    }
}

/// Something that is counted as long as it lasts.
#[derive(Debug)]
#[must_use = "what is counted ends when this is dropped"]
pub struct Running(Gauge);

impl Running {
    fn begun(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A count as a gauge keeps it.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Seconds since 1970 as a metric keeps them: exact until the year 285 428 751.
fn seconds(seconds: i64) -> f64 {
    let days = i32::try_from(seconds.div_euclid(86_400)).unwrap_or(i32::MAX);
    let rest = i32::try_from(seconds.rem_euclid(86_400)).unwrap_or_default();
    f64::from(days).mul_add(86_400.0, f64::from(rest))
}

#[cfg(test)]
mod tests;
