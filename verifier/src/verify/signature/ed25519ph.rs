//! Ed25519ph (RFC 8032, section 5.1), over a digest that is already computed.

use super::{Message, Outcome};
use crate::digest::{Digest, DigestAlgorithm};
use crate::trust::PublicKey;

/// What one attempt says.
pub(super) fn verify(key: &PublicKey, message: &Message<'_>, signature: &[u8]) -> Outcome {
    let digest = match message {
        Message::Whole(bytes) => Some(DigestAlgorithm::Sha512.digest(bytes)),
        Message::Hashed(artifact) => artifact.digest(DigestAlgorithm::Sha512).cloned(),
    };
    let Some(digest) = digest else {
        return Outcome::NeedsBytes;
    };
    let (Ok(key), Ok(signature)) = (
        <[u8; 32]>::try_from(key.raw()),
        <[u8; 64]>::try_from(signature),
    ) else {
        return Outcome::Invalid;
    };
    let signature = ed25519_dalek::Signature::from_bytes(&signature);
    ed25519_dalek::VerifyingKey::from_bytes(&key)
        .is_ok_and(|key| {
            key.verify_prehashed_strict(Prehashed::new(&digest), None, &signature)
                .is_ok()
        })
        .into()
}

/// A SHA-512 digest that is already computed, in the shape that ed25519-dalek asks for.
#[derive(Clone, Default)]
struct Prehashed(Vec<u8>);

impl Prehashed {
    fn new(digest: &Digest) -> Self {
        Self(digest.as_bytes().to_vec())
    }
}

impl sha2::digest::OutputSizeUser for Prehashed {
    type OutputSize = sha2::digest::consts::U64;
}

impl sha2::digest::HashMarker for Prehashed {}

impl sha2::digest::Update for Prehashed {
    /// Nothing is hashed twice: the digest is complete.
    fn update(&mut self, _: &[u8]) {}
}

impl sha2::digest::FixedOutput for Prehashed {
    fn finalize_into(self, out: &mut sha2::digest::Output<Self>) {
        for (place, byte) in out.iter_mut().zip(self.0) {
            *place = byte;
        }
    }
}
