//! One signature check is computed once, however many verifiers ask for it.
//!
//! Both verifiers check mostly the same signatures. While one piece of evidence is judged, a
//! signature that was found good is remembered with its scheme, key and message, and forgotten right
//! after: nothing is shared between pieces of evidence, images or tenants.

use std::cell::RefCell;

use sigstore_crypto::provider::HashContext;
use sigstore_crypto::{CryptoProvider, SigningScheme, aws_lc_provider, install_default_provider};
use sigstore_types::HashAlgorithm;

/// Signatures remembered at once; one piece of evidence has at most some thirty.
const MAX_REMEMBERED: usize = 128;
/// Bytes of one message that is remembered as it is, which is faster to compare than to hash. A
/// longer one is remembered by its SHA-256.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

thread_local! {
    static GOOD: RefCell<Option<Vec<Good>>> = const { RefCell::new(None) };
}

/// A signature that was found good.
struct Good {
    mode: Mode,
    scheme: SigningScheme,
    key: Box<[u8]>,
    message: Message,
    signature: Box<[u8]>,
}

/// What the scheme takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The message.
    Raw,
    /// Its digest.
    Prehashed,
}

enum Message {
    Whole(Box<[u8]>),
    Hashed([u8; 32]),
}

/// Runs `work` with a fresh memory of good signatures, on this thread only.
pub(in crate::verify) fn scope<T>(work: impl FnOnce() -> T) -> T {
    // An earlier provider stays: then nothing is remembered, and all else is the same.
    let _ = install_default_provider(&Memoising);
    let forget = Forget;
    GOOD.with_borrow_mut(|good| *good = Some(Vec::new()));
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
        once(Mode::Raw, scheme, [key, data, signature], || {
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
        once(Mode::Prehashed, scheme, [key, digest, signature], || {
            backend.verify_prehashed(scheme, key, digest, signature)
        })
    }
}

/// Only good signatures are remembered: a bad one ends the work anyway.
fn once(
    mode: Mode,
    scheme: SigningScheme,
    parts: [&[u8]; 3],
    verify: impl FnOnce() -> sigstore_crypto::Result<()>,
) -> sigstore_crypto::Result<()> {
    let known = GOOD.with_borrow(|good| {
        let mut good = good.iter().flatten();
        good.any(|good| good.is(mode, scheme, parts))
    });
    if known {
        return Ok(());
    }
    verify()?;
    GOOD.with_borrow_mut(|good| {
        if let Some(good) = good.as_mut().filter(|good| good.len() < MAX_REMEMBERED) {
            good.push(Good::new(mode, scheme, parts));
        }
    });
    Ok(())
}

impl Good {
    fn new(mode: Mode, scheme: SigningScheme, [key, message, signature]: [&[u8]; 3]) -> Self {
        Self {
            mode,
            scheme,
            key: key.into(),
            message: if message.len() <= MAX_MESSAGE_BYTES {
                Message::Whole(message.into())
            } else {
                Message::Hashed(aws_lc_provider().sha256(message))
            },
            signature: signature.into(),
        }
    }

    fn is(&self, mode: Mode, scheme: SigningScheme, [key, message, signature]: [&[u8]; 3]) -> bool {
        // The signature differs most often.
        *self.signature == *signature
            && self.mode == mode
            && self.scheme == scheme
            && *self.key == *key
            && match &self.message {
                Message::Whole(whole) => **whole == *message,
                Message::Hashed(hash) => {
                    message.len() > MAX_MESSAGE_BYTES && aws_lc_provider().sha256(message) == *hash
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_signature_is_verified_once_within_a_scope_and_again_after_it() {
        let mut calls = 0;
        let mut ask = || {
            once(
                Mode::Raw,
                SigningScheme::Ed25519,
                [b"k", b"d", b"s"],
                || {
                    calls += 1;
                    Ok(())
                },
            )
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
            assert!(once(Mode::Raw, SigningScheme::Ed25519, [b"k", b"d", b"s"], bad).is_err());
            assert!(once(Mode::Raw, SigningScheme::Ed25519, [b"k", b"d", b"s"], bad).is_err());
        });
    }

    #[test]
    fn nothing_but_the_same_signature_by_the_same_key_over_the_same_message_is_known() {
        let long = vec![1; MAX_MESSAGE_BYTES + 1];
        let other = [&long[..MAX_MESSAGE_BYTES], &[2]].concat();
        let (raw, ed, p256) = (
            Mode::Raw,
            SigningScheme::Ed25519,
            SigningScheme::EcdsaP256Sha256,
        );
        for message in [b"d".as_slice(), &long, &long[..MAX_MESSAGE_BYTES]] {
            scope(|| {
                let known = |mode, scheme, parts| {
                    let asked = once(mode, scheme, parts, || {
                        Err(sigstore_crypto::Error::Verification("asked".into()))
                    });
                    asked.is_ok()
                };
                once(raw, ed, [b"k", message, b"s"], || Ok(())).unwrap();
                assert!(known(raw, ed, [b"k", message, b"s"]));
                assert!(!known(Mode::Prehashed, ed, [b"k", message, b"s"]));
                assert!(!known(raw, p256, [b"k", message, b"s"]));
                assert!(!known(raw, ed, [b"l", message, b"s"]));
                assert!(!known(raw, ed, [b"k", message, b"t"]));
                assert!(!known(raw, ed, [b"k", &other, b"s"]));
                let hash = aws_lc_provider().sha256(message);
                assert!(!known(raw, ed, [b"k", &hash, b"s"]));
            });
        }
    }

    #[test]
    fn as_many_signatures_are_remembered_as_there_may_be() {
        let ask = |number: usize| {
            let (signature, mut asked) = (number.to_be_bytes(), false);
            let parts = [b"k".as_slice(), b"d", &signature];
            once(Mode::Raw, SigningScheme::Ed25519, parts, || {
                asked = true;
                Ok(())
            })
            .unwrap();
            asked
        };
        scope(|| {
            assert!((0..=MAX_REMEMBERED).all(ask));
            assert!(!ask(MAX_REMEMBERED - 1) && ask(MAX_REMEMBERED));
        });
    }
}
