//! Claims: what verified evidence says, in types.
//!
//! A [`Claim`] proves nothing by itself; only [`Verified<Claim>`](crate::verify::Verified) does.

mod algorithms;
mod document;
pub mod exception;
mod fulcio;
pub mod provenance;
mod signer;
mod statement;
pub mod summary;

use jiff::Timestamp;

pub use algorithms::AlgorithmsUsed;
pub use fulcio::FulcioExtension;
pub use signer::{AlternativeName, CertificateIdentity, KeyIdentity, Signer};
pub use statement::{SimpleSigning, Statement, StatementError, Subject};

use crate::digest::Digest;
use crate::evidence::Origin;
use crate::trust::{AnchorId, Danger};

/// One piece of evidence after every check: who signed what, when, and who vouches for it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The manifest or artifact that the evidence is bound to.
    pub subject: Digest,
    /// Where the evidence was found.
    pub origin: Origin,
    /// The anchor under which it was verified.
    pub anchor: AnchorId,
    /// Who signed.
    pub signer: Signer,
    /// What was signed.
    pub content: Content,
    /// Every proven time, earliest first.
    pub times: Vec<VerifiedTime>,
    /// Every verified log entry.
    pub logs: Vec<VerifiedLogEntry>,
    /// The cryptography that all of this rests on.
    pub algorithms: AlgorithmsUsed,
    /// Every weakening under which this was accepted.
    pub dangers: Vec<Danger>,
}

/// What a signature covers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content {
    /// The artifact itself, by its digest (a message signature).
    Artifact,
    /// A simple-signing payload (legacy cosign signature).
    SimpleSigning(SimpleSigning),
    /// An in-toto statement.
    Statement(Statement),
}

/// The predicate type with which cosign 3 signs an image.
pub const COSIGN_SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

impl Content {
    /// Whether this is a plain signature on the image, not an attestation about it.
    pub fn is_signature(&self) -> bool {
        match self {
            Self::Artifact | Self::SimpleSigning(_) => true,
            Self::Statement(statement) => statement.predicate_type == COSIGN_SIGN_PREDICATE,
        }
    }

    /// The predicate type, for attestations.
    pub fn predicate_type(&self) -> Option<&str> {
        match self {
            Self::Statement(statement) => Some(&statement.predicate_type),
            Self::Artifact | Self::SimpleSigning(_) => None,
        }
    }
}

/// A proven time and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerifiedTime {
    /// The time.
    pub time: Timestamp,
    /// Who vouches for it.
    pub source: TimeSource,
}

/// Who vouches for a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TimeSource {
    /// The integrated time of a log, under its verified signed entry timestamp.
    Log {
        /// The log's base URL as the trust root names it.
        log: String,
    },
    /// An RFC 3161 timestamp authority.
    TimestampAuthority {
        /// The authority's name as the trust root names it.
        authority: String,
    },
}

/// A log entry that was verified and bound to the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLogEntry {
    /// The log's base URL as the trust root names it.
    pub log: String,
    /// SHA-256 of the log's public key: the log's real identity, whatever it calls itself.
    pub log_key: Digest,
    /// The index of the entry in the log.
    pub index: u64,
    /// The kind of entry, for example `hashedrekord/0.0.1`.
    pub kind: String,
    /// Whether inclusion was proven under a checkpoint, or only promised.
    pub inclusion: InclusionEvidence,
}

/// How strongly inclusion in a log is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InclusionEvidence {
    /// The log promised inclusion (signed entry timestamp) and nothing proves that it happened.
    Promised,
    /// A Merkle proof leads to a checkpoint that the log signed.
    Proven,
}
