//! One signature check is computed once, however many verifiers ask for it.
//!
//! Both verifiers check mostly the same signatures. While one piece of evidence is judged, a
//! signature that was found good is remembered by the hash of scheme, key, message and signature,
//! and forgotten right after: nothing is shared between pieces of evidence, images or tenants.

use std::cell::RefCell;
use std::collections::BTreeSet;

use sigstore_crypto::provider::HashContext;
use sigstore_crypto::{CryptoProvider, SigningScheme, aws_lc_provider, install_default_provider};
use sigstore_types::HashAlgorithm;

/// Signatures remembered at once; one piece of evidence has at most some thirty.
const MAX_REMEMBERED: usize = 128;

thread_local! {
    static GOOD: RefCell<Option<BTreeSet<[u8; 32]>>> = const { RefCell::new(None) };
}

/// Runs `work` with a fresh memory of good signatures, on this thread only.
pub(in crate::verify) fn scope<T>(work: impl FnOnce() -> T) -> T {
    // An earlier provider stays: then nothing is remembered, and all else is the same.
    let _ = install_default_provider(&Memoising);
    let forget = Forget;
    GOOD.with_borrow_mut(|good| *good = Some(BTreeSet::new()));
    let result = work();
    drop(forget);
    result
}

/// Forgets also when `work` unwinds.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        GOOD.with_borrow_mut(|good| *good = None);
    }
}

#[derive(Debug)]
struct Memoising;

impl CryptoProvider for Memoising {
    fn hash(&self, algorithm: HashAlgorithm) -> sigstore_crypto::Result<Box<dyn HashContext>> {
        aws_lc_provider().hash(algorithm)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        aws_lc_provider().sha256(data)
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        aws_lc_provider().sha384(data)
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        aws_lc_provider().sha512(data)
    }

    fn verify_raw(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        data: &[u8],
        signature: &[u8],
    ) -> sigstore_crypto::Result<()> {
        let backend = aws_lc_provider();
        once(b"raw", scheme, [key, data, signature], || {
            backend.verify_raw(scheme, key, data, signature)
        })
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> sigstore_crypto::Result<()> {
        let backend = aws_lc_provider();
        once(b"pre", scheme, [key, digest, signature], || {
            backend.verify_prehashed(scheme, key, digest, signature)
        })
    }
}

/// Only good signatures are remembered: a bad one ends the work anyway.
fn once(
    mode: &[u8],
    scheme: SigningScheme,
    parts: [&[u8]; 3],
    verify: impl FnOnce() -> sigstore_crypto::Result<()>,
) -> sigstore_crypto::Result<()> {
    let remembering = GOOD.with_borrow(Option::is_some);
    if !remembering {
        return verify();
    }
    let name = name_of(mode, scheme, parts);
    if GOOD.with_borrow(|good| good.as_ref().is_some_and(|good| good.contains(&name))) {
        return Ok(());
    }
    verify()?;
    GOOD.with_borrow_mut(|good| {
        if let Some(good) = good.as_mut().filter(|good| good.len() < MAX_REMEMBERED) {
            good.insert(name);
        }
    });
    Ok(())
}

/// Lengths separate the parts, so that no two checks share a name.
fn name_of(mode: &[u8], scheme: SigningScheme, parts: [&[u8]; 3]) -> [u8; 32] {
    let mut context = sigstore_crypto::Sha256Hasher::new();
    context.update(mode);
    for part in [scheme.name().as_bytes()].into_iter().chain(parts) {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    *context.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_signature_is_verified_once_within_a_scope_and_again_after_it() {
        let mut calls = 0;
        let mut ask = || {
            once(b"raw", SigningScheme::Ed25519, [b"k", b"d", b"s"], || {
                calls += 1;
                Ok(())
            })
        };
        scope(|| {
            ask().unwrap();
            ask().unwrap();
        });
        scope(|| ask().unwrap());
        ask().unwrap();
        ask().unwrap();
        assert_eq!(calls, 4);
    }

    #[test]
    fn a_bad_signature_is_never_remembered() {
        let bad = || Err(sigstore_crypto::Error::Verification("bad".into()));
        scope(|| {
            assert!(once(b"raw", SigningScheme::Ed25519, [b"k", b"d", b"s"], bad).is_err());
            assert!(once(b"raw", SigningScheme::Ed25519, [b"k", b"d", b"s"], bad).is_err());
        });
    }

    #[test]
    fn the_parts_of_a_name_cannot_run_together() {
        let name = |parts| name_of(b"raw", SigningScheme::Ed25519, parts);
        assert_ne!(name([b"ab", b"c", b""]), name([b"a", b"bc", b""]));
        assert_ne!(name([b"", b"a", b"b"]), name([b"a", b"", b"b"]));
    }
}
