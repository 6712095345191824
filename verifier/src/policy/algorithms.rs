//! Which algorithms may sign artefacts under a trust root.
//!
//! The rule is about the signature on the artefact. Certificates, log checkpoints and timestamps are
//! made by the authorities of the trust root with what they use, and are chosen with it.

use std::collections::BTreeSet;

/// The names that a list may hold.
pub(super) const NAMES: [&str; 10] = [
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

/// BSI TR-02102-1 (version 2026-01), section 5: RSA keys of at least 3000 bits.
const BSI_RSA_BITS: u32 = 3000;

/// The algorithms that may sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithms {
    /// All that are implemented.
    #[default]
    Default,
    /// Those that FIPS 186-5 and FIPS 204 approve; the name of the module standard, FIPS 140-3, is how
    /// operators ask for them.
    Fips140_3,
    /// Those that BSI TR-02102-1, version 2026-01, recommends: ECDSA on curves of at least 250 bits,
    /// RSASSA-PSS with at least 3000 bits, ML-DSA-65 and ML-DSA-87.
    BsiTr02102_1_2026_01,
    /// Those that are listed.
    Listed(BTreeSet<String>),
}

impl Algorithms {
    /// Whether a signature by `algorithm` (as [`Claim`](crate::Claim) names it) may count.
    pub fn allow(&self, algorithm: &str) -> bool {
        let Some((family, rsa_bits)) = family(algorithm) else {
            return matches!(self, Self::Default);
        };
        match self {
            Self::Default => true,
            Self::Fips140_3 => rsa_bits.is_none_or(|bits| bits >= 2048),
            Self::BsiTr02102_1_2026_01 => match family {
                "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "ml-dsa-65" | "ml-dsa-87" => true,
                "rsa-pss" => rsa_bits.is_some_and(|bits| bits >= BSI_RSA_BITS),
                _ => false,
            },
            Self::Listed(names) => names.contains(family),
        }
    }

    /// The rule in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Listed(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
            Self::Default => "any implemented algorithm".to_owned(),
            Self::Fips140_3 => "an algorithm of `fips-140-3`".to_owned(),
            Self::BsiTr02102_1_2026_01 => "an algorithm of `bsi-tr-02102-1-2026-01`".to_owned(),
        }
    }

    /// The rule as it is written in documents.
    pub(super) fn canonical(&self) -> serde_json::Value {
        match self {
            Self::Default => "default".into(),
            Self::Fips140_3 => "fips-140-3".into(),
            Self::BsiTr02102_1_2026_01 => "bsi-tr-02102-1-2026-01".into(),
            Self::Listed(names) => names.iter().cloned().collect(),
        }
    }
}

/// The family of an algorithm as claims name it (`ecdsa-p384-sha256`, `rsa-3072-pss-sha256`), and
/// the size of an RSA key.
fn family(algorithm: &str) -> Option<(&'static str, Option<u32>)> {
    if let Some(rest) = algorithm.strip_prefix("rsa-") {
        let (bits, padding) = rest.split_once('-')?;
        let padding = padding.split('-').next()?;
        let family = match padding {
            "pkcs1" => "rsa-pkcs1",
            "pss" => "rsa-pss",
            _ => return None,
        };
        return Some((family, Some(bits.parse().ok()?)));
    }
    let of = |name: &str| {
        let rest = algorithm.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    NAMES
        .into_iter()
        .find(|name| of(name))
        .map(|name| (name, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_allows_what_its_standard_does() {
        for (algorithm, fips, bsi) in [
            ("ecdsa-p256-sha256", true, true),
            ("ecdsa-p384-sha256", true, true),
            ("ecdsa-p521-sha512", true, true),
            ("rsa-2048-pkcs1-sha256", true, false),
            ("rsa-4096-pkcs1-sha256", true, false),
            ("rsa-2048-pss-sha256", true, false),
            ("rsa-3072-pss-sha256", true, true),
            ("ed25519", true, false),
            ("ed25519ph", true, false),
            ("ml-dsa-44", true, false),
            ("ml-dsa-65", true, true),
            ("unheard-of", false, false),
            ("rsa-x-pss", false, false),
            ("ecdsa-p2567", false, false),
        ] {
            assert_eq!(Algorithms::Fips140_3.allow(algorithm), fips, "{algorithm}");
            let allowed = Algorithms::BsiTr02102_1_2026_01.allow(algorithm);
            assert_eq!(allowed, bsi, "{algorithm}");
            assert!(Algorithms::Default.allow(algorithm));
        }
        let listed = Algorithms::Listed(["ed25519".to_owned()].into());
        assert!(listed.allow("ed25519"));
        assert!(!listed.allow("ed25519ph"));
        assert!(!listed.allow("ecdsa-p256-sha256"));
    }
}
