//! Evidence in one shape, whatever its form: what was signed, by what, and what vouches for it.

use jiff::Timestamp;
use sigstore_types::{DerCertificate, DsseEnvelope, SignatureBytes, TimestampToken};

use crate::digest::Digest;

/// One signature with everything that came with it; nothing in it is verified.
pub(super) struct Material {
    pub(super) content: SignedContent,
    pub(super) signer: SignerMaterial,
    pub(super) entries: Vec<LogEntry>,
    pub(super) timestamps: Vec<TimestampToken>,
    pub(super) source: Source,
}

/// Where the material came from, as far as a check depends on it.
pub(super) enum Source {
    /// A Sigstore bundle, which can carry an inclusion proof for every log entry.
    Bundle(Box<sigstore_types::Bundle>),
    /// Legacy cosign annotations, which can carry no more than a promise.
    Legacy,
}

impl Source {
    /// Bundles of v0.2 and later carry an inclusion proof for every entry, by specification.
    pub(super) fn must_have_proof(&self) -> bool {
        match self {
            Self::Bundle(bundle) => bundle.media_type != sigstore_types::MediaType::Bundle0_1,
            Self::Legacy => false,
        }
    }

    pub(super) const fn is_legacy(&self) -> bool {
        matches!(self, Self::Legacy)
    }
}

/// What was signed.
pub(super) enum SignedContent {
    /// The artifact itself.
    Message {
        signature: SignatureBytes,
        /// The digest that the bundle declares for the artifact.
        declared: Option<Digest>,
    },
    /// A DSSE envelope.
    Envelope {
        envelope: DsseEnvelope,
        /// SHA-256 of the envelope's own bytes where they were published as such; log entries of
        /// kind `intoto` 0.0.1 and `dsse` 0.0.1 name it.
        bytes_digest: Option<Digest>,
    },
}

impl SignedContent {
    /// The signature bytes: what timestamps and log entries are about.
    pub(super) const fn signature(&self) -> &SignatureBytes {
        match self {
            Self::Message { signature, .. } => signature,
            Self::Envelope { envelope, .. } => &envelope.signature.sig,
        }
    }
}

/// What the signature claims to be made with.
pub(super) enum SignerMaterial {
    /// A certificate, leaf first.
    Certificate {
        leaf: DerCertificate,
        intermediates: Vec<DerCertificate>,
    },
    /// A public key that the verifier must already hold.
    PublicKey,
}

/// The kinds of log entry that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    HashedRekordV001,
    HashedRekordV002,
    DsseV001,
    IntotoV001,
    IntotoV002,
}

impl EntryKind {
    const ALL: [Self; 5] = [
        Self::HashedRekordV001,
        Self::HashedRekordV002,
        Self::DsseV001,
        Self::IntotoV001,
        Self::IntotoV002,
    ];

    pub(super) fn from_parts(kind: &str, version: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.kind() == kind && known.version() == version)
    }

    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::HashedRekordV001 | Self::HashedRekordV002 => "hashedrekord",
            Self::DsseV001 => "dsse",
            Self::IntotoV001 | Self::IntotoV002 => "intoto",
        }
    }

    pub(super) const fn version(self) -> &'static str {
        match self {
            Self::HashedRekordV001 | Self::DsseV001 | Self::IntotoV001 => "0.0.1",
            Self::HashedRekordV002 | Self::IntotoV002 => "0.0.2",
        }
    }

    /// Rekor v2 has no signed entry timestamp and no integrated time.
    pub(super) const fn is_rekor_v2(self) -> bool {
        matches!(self, Self::HashedRekordV002)
    }
}

/// One transparency log entry.
pub(super) struct LogEntry {
    pub(super) kind: EntryKind,
    /// The log's identifier as the entry claims it.
    pub(super) log_id: Vec<u8>,
    pub(super) index: u64,
    pub(super) integrated_time: Option<Timestamp>,
    /// The signed entry timestamp.
    pub(super) promise: Option<SignatureBytes>,
    pub(super) proof: Option<InclusionProof>,
    /// The canonicalized body, the leaf of the log's tree.
    pub(super) body: Vec<u8>,
}

/// A Merkle inclusion proof (RFC 6962, section 2.1.1) under a checkpoint.
pub(super) struct InclusionProof {
    pub(super) index: u64,
    pub(super) tree_size: u64,
    pub(super) root_hash: sigstore_types::Sha256Hash,
    pub(super) hashes: Vec<sigstore_types::Sha256Hash>,
    /// The checkpoint note, as text.
    pub(super) checkpoint: String,
}
