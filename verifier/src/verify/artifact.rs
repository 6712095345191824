//! What a signature is said to be over.

use crate::digest::{Digest, DigestAlgorithm};

/// An artifact: its bytes, or only a digest of them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Artifact<'a> {
    /// The bytes themselves.
    Bytes(&'a [u8]),
    /// A digest; the bytes are not at hand.
    Digest(&'a Digest),
}

impl Artifact<'_> {
    /// The artifact's digest by `algorithm`, where it can be known.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        match self {
            Self::Bytes(bytes) => Some(algorithm.digest(bytes)),
            Self::Digest(digest) if digest.algorithm() == algorithm => Some((*digest).clone()),
            Self::Digest(_) => None,
        }
    }

    /// The digest by which reports name the artifact.
    pub fn name(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::sha256(bytes),
            Self::Digest(digest) => (*digest).clone(),
        }
    }
}
