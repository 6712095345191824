//! Every bound of the server. Hitting one is an answer or a closed connection, never a hang.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const SECOND: Duration = Duration::from_secs(1);

/// Bounds of listeners, connections and bodies.
///
/// The defaults are for one process beside a handful of API servers, in some 64 MiB of memory. Tests
/// shorten times; nothing else has a reason to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at once. Ten API servers with some connections each, probes and a scraper stay below
    /// 100; with registry connections and files it fits into 1024 descriptors, the smallest limit that is
    /// usual. Beyond it, whoever has not asked anything yet is dropped for whoever comes.
    pub connections: usize,
    /// Time of one TLS handshake: four round trips across continents, on a busy machine.
    pub handshake_time: Duration,
    /// Time from the first byte of a request's head to its end, and from the handshake to the first
    /// request: a head fits into one packet.
    pub header_time: Duration,
    /// Bytes of a request's head. The API server sends some 300, with tracing headers 600.
    pub header_bytes: usize,
    /// Header fields of a request. The API server sends eight.
    pub header_fields: usize,
    /// Bytes of one body. The API server takes objects of 3 MiB, and a review holds the old one too; what
    /// JSON adds by escaping is for honest objects much less than the rest.
    pub body_bytes: usize,
    /// Time between two pieces of a body: a sender that is alive needs milliseconds.
    pub body_idle_time: Duration,
    /// Time of a whole body: 8 MiB at 7 Mbit/s, and the longest that a caller waits by default.
    pub body_time: Duration,
    /// The first bytes of each body are counted apart, so that large bodies never keep small ones waiting.
    /// A review of a pod has 2 to 20 KiB.
    pub small_body_bytes: usize,
    /// Bytes of the small parts of all bodies in memory at once: some thousand usual reviews.
    pub small_bodies_bytes: usize,
    /// Bytes of the large parts of all bodies in memory at once: two of the largest, and room for one more.
    pub large_bodies_bytes: usize,
    /// Reviews that are worked on at once. A cached one takes microseconds, and one that waits for a
    /// registry is kept here in some 20 KiB.
    pub reviews: usize,
    /// What a caller waits who does not say it: the API server's own default.
    pub default_timeout: Duration,
    /// What a caller waits at most, whatever it says: the API server allows no more.
    pub max_timeout: Duration,
    /// What is kept of a caller's time for the way back: a denial in time counts, one too late does not.
    pub answer_margin: Duration,
    /// HTTP/2 streams of one connection at once; what is more waits at the caller. Go's client opens another
    /// connection.
    pub streams: u32,
    /// HTTP/2 streams that a caller may open and take back before they were looked at (rapid reset,
    /// CVE-2023-44487); then the connection ends.
    pub pending_resets: usize,
    /// HTTP/2 streams that a caller may make us reset (CVE-2025-8671); then the connection ends.
    pub error_resets: usize,
    /// Bytes that one HTTP/2 stream may send before they are read: the protocol's own default.
    pub stream_window: u32,
    /// Bytes that all streams of one connection may send before they are read. What all connections could
    /// make the process hold is this times their number: 64 MiB.
    pub connection_window: u32,
    /// Time after which an HTTP/2 peer is asked whether it is still there.
    pub ping_interval: Duration,
    /// Time within which it has to say so, also where its machine is busy.
    pub ping_timeout: Duration,
    /// Time without a request after which a connection is closed in good order. Go's clients close idle
    /// connections after 90 seconds, so that theirs never meet ours.
    pub idle_time: Duration,
    /// Age after which an HTTP/2 connection is told to go, in good order: callers spread anew over
    /// replicas, and look at the certificate again.
    pub connection_age: Duration,
    /// Time that a connection has to end once it was told to go, and to take an answer: the longest
    /// review and a slow network.
    pub goodbye_time: Duration,
    /// Scrapes of metrics at once: one of them is some 100 KiB of text.
    pub scrapes: usize,
    /// Time for which a process that was told to end still accepts connections: endpoints and proxies
    /// need seconds to learn that it is gone.
    pub drain_delay: Duration,
    /// Time that is then left for what has begun: below the 30 seconds after which Kubernetes kills,
    /// together with the delay.
    pub drain_time: Duration,
    /// Time between two looks at certificate files. Kubernetes itself takes up to a minute to renew a
    /// mounted secret.
    pub reload_interval: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            handshake_time: 5 * SECOND,
            header_time: 5 * SECOND,
            header_bytes: 16 * KIB,
            header_fields: 64,
            body_bytes: 8 * MIB,
            body_idle_time: 3 * SECOND,
            body_time: 10 * SECOND,
            small_body_bytes: 64 * KIB,
            small_bodies_bytes: 16 * MIB,
            large_bodies_bytes: 20 * MIB,
            reviews: 512,
            default_timeout: 10 * SECOND,
            max_timeout: 30 * SECOND,
            answer_margin: Duration::from_millis(100),
            streams: 128,
            pending_resets: 20,
            error_resets: 256,
            stream_window: 65_535,
            connection_window: 128 * 1024,
            ping_interval: 30 * SECOND,
            ping_timeout: 20 * SECOND,
            idle_time: 120 * SECOND,
            connection_age: 600 * SECOND,
            goodbye_time: 40 * SECOND,
            scrapes: 4,
            drain_delay: 5 * SECOND,
            drain_time: 20 * SECOND,
            reload_interval: 5 * SECOND,
        }
    }
}
