//! The names of algorithms, as claims have them and as documents list them.

use std::collections::BTreeSet;

/// A kind of algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    Ed25519ph,
    MlDsa44,
    MlDsa65,
    MlDsa87,
    RsaPkcs1,
    RsaPss,
    /// An RSA key, which may sign with either padding.
    RsaKey,
    /// A hash alone: SHA-2 of at least 256 bits. There is no name for SHA-1, so nothing allows it.
    Sha2,
}

/// The name of a family that a list may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy) struct Listable(Family);

/// Every name that a list may hold, in order.
pub(in crate::policy) const NAMES: [&str; 10] = [
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "ed25519",
    "ed25519ph",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
    "rsa-pkcs1",
    "rsa-pss",
];

const LISTABLE: [Family; 10] = [
    Family::EcdsaP256,
    Family::EcdsaP384,
    Family::EcdsaP521,
    Family::Ed25519,
    Family::Ed25519ph,
    Family::MlDsa44,
    Family::MlDsa65,
    Family::MlDsa87,
    Family::RsaPkcs1,
    Family::RsaPss,
];

impl Listable {
    pub(in crate::policy) fn parse(name: &str) -> Option<Self> {
        let mut known = NAMES.into_iter().zip(LISTABLE);
        known
            .find(|(known, _)| *known == name)
            .map(|(_, family)| Self(family))
    }

    pub(in crate::policy) fn name(self) -> &'static str {
        let mut known = NAMES.into_iter().zip(LISTABLE);
        known
            .find(|(_, family)| *family == self.0)
            .map_or("", |(name, _)| name)
    }
}

/// An algorithm as claims name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) family: Family,
    /// The size of an RSA key; 0 elsewhere, where the family says it.
    pub(super) bits: u32,
}

impl Family {
    pub(super) const fn is_quantum_safe(self) -> bool {
        matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }
}

impl Named {
    /// Reads `ecdsa-p384-sha256`, `rsa-3072-pss-sha256`, `rsa-3072`, `ed25519`, `sha256`. A name
    /// with one word too many, or with another hash than SHA-2, is nothing that may count.
    pub(super) fn parse(algorithm: &str) -> Option<Self> {
        if is_hash(algorithm) {
            let family = Family::Sha2;
            return Some(Self { family, bits: 0 });
        }
        if let Some(rest) = algorithm.strip_prefix("rsa-") {
            return Self::rsa(rest);
        }
        let exact = Listable::parse(algorithm);
        let hashed = || {
            let (name, hash) = algorithm.rsplit_once('-')?;
            let named = Listable::parse(name)?;
            let takes_hash = matches!(
                named.0,
                Family::EcdsaP256 | Family::EcdsaP384 | Family::EcdsaP521
            );
            (takes_hash && is_hash(hash)).then_some(named)
        };
        let Listable(family) = exact.or_else(hashed)?;
        Some(Self { family, bits: 0 })
    }

    fn rsa(rest: &str) -> Option<Self> {
        let mut words = rest.split('-');
        let bits: u32 = words.next()?.parse().ok()?;
        let family = match (words.next(), words.next(), words.next()) {
            (None, None, None) => Family::RsaKey,
            (Some("pkcs1"), Some(hash), None) if is_hash(hash) => Family::RsaPkcs1,
            (Some("pss"), Some(hash), None) if is_hash(hash) => Family::RsaPss,
            _ => return None,
        };
        Some(Self { family, bits })
    }

    /// Whether a list with these names allows it. Lists are about signatures: they allow the keys
    /// that can make them, and every hash that is any good.
    pub(super) fn is_listed(self, names: &BTreeSet<Listable>) -> bool {
        let listed = |family| names.contains(&Listable(family));
        match self.family {
            Family::RsaKey => listed(Family::RsaPkcs1) || listed(Family::RsaPss),
            Family::Sha2 => true,
            family => listed(family),
        }
    }
}

fn is_hash(name: &str) -> bool {
    matches!(name, "sha256" | "sha384" | "sha512")
}
