//! Every bound of the verification core, each with its unit and its reason.
//!
//! Hitting a bound is a [`Code`](crate::Code) of class `limit`, never a hang and never a silent cut.

/// Bounds on evidence, checked before the work that they bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one Sigstore bundle. The largest real ones carry SBOMs of some 16 MB; a signature
    /// alone is below 20 KiB.
    pub bundle_bytes: usize,
    /// Bytes of one DSSE payload or simple-signing payload.
    pub payload_bytes: usize,
    /// Bytes of one manifest or index. The distribution specification suggests 4 MiB.
    pub manifest_bytes: usize,
    /// Log entries in one bundle. Real bundles carry one; each costs up to three signatures.
    pub log_entries: usize,
    /// RFC 3161 timestamps in one bundle. Real bundles carry at most two.
    pub timestamps: usize,
    /// Certificates in one chain, leaf included.
    pub chain_certificates: usize,
    /// Bytes of one certificate.
    pub certificate_bytes: usize,
    /// Hashes in one inclusion proof: a tree of 2^64 leaves needs 64.
    pub proof_hashes: usize,
    /// Bytes of one checkpoint note.
    pub checkpoint_bytes: usize,
    /// Subjects of one statement.
    pub subjects: usize,
    /// Nesting of one JSON document (`serde_json` stops at 128).
    pub json_depth: usize,
    /// Pieces of evidence appraised for one image; more is a rejection of the rest.
    pub evidence: usize,
    /// Platform manifests of one index.
    pub platforms: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bundle_bytes: 32 * 1024 * 1024,
            payload_bytes: 24 * 1024 * 1024,
            manifest_bytes: 4 * 1024 * 1024,
            log_entries: 4,
            timestamps: 4,
            chain_certificates: 8,
            certificate_bytes: 64 * 1024,
            proof_hashes: 64,
            checkpoint_bytes: 16 * 1024,
            subjects: 1024,
            json_depth: 128,
            evidence: 256,
            platforms: 64,
        }
    }
}
