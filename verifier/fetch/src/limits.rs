//! Every bound of discovery, each with its unit and its reason.
//!
//! Hitting a bound is `limit/exceeded` (or `registry/timeout` for time), never a hang and never a
//! silent cut: what could not be read becomes a gap of the evidence set.

use std::time::Duration;

/// Bounds on what discovery reads, how often it asks, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Bytes of one manifest or index. The distribution specification suggests 4 MiB.
    pub manifest_bytes: u64,
    /// Bytes of one blob of evidence. The largest real ones are SBOMs of some 16 MB.
    pub evidence_bytes: u64,
    /// Bytes of all content read for one image, so that many pieces that are each within their
    /// bound cannot fill the memory together.
    pub total_bytes: u64,
    /// Bytes of content that all images of one `Discovery` and of what was scoped from it hold at once,
    /// until their evidence is judged: many images that are each within their bound cannot fill the
    /// memory together.
    pub held_bytes: u64,
    /// Bytes of the `index.json` of a layout: an evidence store lists thousands of manifests.
    pub layout_index_bytes: u64,
    /// Entries of the `index.json` of a layout: each is read once to find its subject.
    pub layout_entries: usize,
    /// Bytes of all manifests of a layout read, and not kept, to find their subjects.
    pub layout_scan_bytes: u64,
    /// Members of one OCI archive: an image of 127 layers in 64 platforms has some 8 500.
    pub archive_entries: usize,
    /// Bytes of one member's name in an OCI archive; a sha512 blob needs 141.
    pub archive_name_bytes: u64,
    /// Bytes of one extended header (PAX) in an OCI archive.
    pub archive_header_bytes: u64,
    /// Referrers of one manifest: real images carry below twenty, an attacker ten thousand.
    pub referrers: usize,
    /// Pages of one list of referrers.
    pub referrer_pages: usize,
    /// Layers of one manifest that carries evidence: a `.sig` tag collects one per signature.
    pub evidence_layers: usize,
    /// Pieces of evidence of one image; as many as the verification core appraises.
    pub evidence: usize,
    /// Platforms of one index for which evidence is looked up.
    pub platforms: usize,
    /// Redirects followed for one request: registries use one, or two behind a proxy.
    pub redirects: usize,
    /// Times that one request is sent when the registry is busy or drops the connection.
    pub attempts: u32,
    /// Wait before the second attempt; doubles with each further one, half of it at random.
    pub retry_wait: Duration,
    /// Longest wait between two attempts that the registry may ask for with `Retry-After`.
    pub retry_wait_longest: Duration,
    /// Time to open a connection, TLS included.
    pub connect_time: Duration,
    /// Time without a single byte from the registry.
    pub idle_time: Duration,
    /// Time for everything about one image, retries included.
    pub total_time: Duration,
    /// Requests in flight at once to one registry: four are asked about each manifest, so this is one
    /// round trip for an index of three platforms. A registry that throttles gets fewer.
    pub concurrent_requests: usize,
    /// Requests in flight at once to all registries together: sixteen of them may be slow and keep
    /// all of theirs, and the others are still asked.
    pub concurrent_requests_total: usize,
    /// Bytes of one answer of a token service.
    pub token_bytes: u64,
    /// Bytes of an answer without use to us (an error page) that are read only to keep the
    /// connection.
    pub discarded_bytes: u64,
    /// Bytes of one credential file.
    pub credential_bytes: u64,
    /// Time that a credential helper may take; some ask a cloud service.
    pub helper_time: Duration,
    /// Bytes that a credential helper may answer.
    pub helper_bytes: u64,
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 * MIB,
            evidence_bytes: 32 * MIB,
            total_bytes: 256 * MIB,
            held_bytes: 2_048 * MIB,
            layout_index_bytes: 16 * MIB,
            layout_entries: 10_000,
            layout_scan_bytes: 1024 * MIB,
            archive_entries: 65_536,
            archive_name_bytes: KIB,
            archive_header_bytes: 64 * KIB,
            referrers: 256,
            referrer_pages: 32,
            evidence_layers: 256,
            evidence: 256,
            platforms: 64,
            redirects: 5,
            attempts: 4,
            retry_wait: Duration::from_millis(200),
            retry_wait_longest: Duration::from_secs(20),
            connect_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(10),
            total_time: Duration::from_mins(1),
            concurrent_requests: 16,
            concurrent_requests_total: 256,
            token_bytes: 256 * KIB,
            discarded_bytes: 64 * KIB,
            credential_bytes: MIB,
            helper_time: Duration::from_secs(10),
            helper_bytes: 64 * KIB,
        }
    }
}
