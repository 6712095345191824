//! What a signature is said to be over.

use std::cell::OnceCell;

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
    /// The digest by which reports name the artifact.
    pub fn name(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::sha256(bytes),
            Self::Digest(digest) => (*digest).clone(),
        }
    }
}

/// An artifact that is hashed when somebody asks, and once by each algorithm.
#[derive(Debug)]
pub(super) struct Hashed<'a> {
    artifact: Artifact<'a>,
    sha256: OnceCell<Digest>,
    sha384: OnceCell<Digest>,
    sha512: OnceCell<Digest>,
}

impl<'a> Hashed<'a> {
    pub(super) const fn new(artifact: Artifact<'a>) -> Self {
        Self {
            artifact,
            sha256: OnceCell::new(),
            sha384: OnceCell::new(),
            sha512: OnceCell::new(),
        }
    }

    pub(super) const fn artifact(&self) -> Artifact<'a> {
        self.artifact
    }

    /// The bytes, where they are at hand.
    pub(super) const fn bytes(&self) -> Option<&'a [u8]> {
        match self.artifact {
            Artifact::Bytes(bytes) => Some(bytes),
            Artifact::Digest(_) => None,
        }
    }

    /// As [`Artifact::digest`].
    pub(super) fn digest(&self, algorithm: DigestAlgorithm) -> Option<&Digest> {
        let bytes = match self.artifact {
            Artifact::Bytes(bytes) => bytes,
            Artifact::Digest(digest) => return Some(digest).filter(|d| d.algorithm() == algorithm),
        };
        let place = match algorithm {
            DigestAlgorithm::Sha256 => &self.sha256,
            DigestAlgorithm::Sha384 => &self.sha384,
            DigestAlgorithm::Sha512 => &self.sha512,
        };
        Some(place.get_or_init(|| algorithm.digest(bytes)))
    }

    /// As [`Artifact::name`].
    pub(super) fn name(&self) -> &Digest {
        match self.artifact {
            Artifact::Bytes(bytes) => self.sha256.get_or_init(|| Digest::sha256(bytes)),
            Artifact::Digest(digest) => digest,
        }
    }
}
