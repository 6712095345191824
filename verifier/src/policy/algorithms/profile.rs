//! Profiles: what standards say about algorithms, as data.
//!
//! A use without a row is forbidden. Among several rows for one family the one with the largest key
//! size that the key reaches counts. `docs/policy/algorithms.md` has the same rows as tables; a test
//! compares them.

use jiff::civil::{Date, date};

use super::Role;
use super::name::{Family, Named};

/// A named set of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) enum Profile {
    /// Everything that is implemented, in every role.
    Default,
    /// Signatures that FIPS 186-5 and FIPS 204 approve; operators ask for them by the name of the
    /// module standard.
    Fips140_3,
    /// BSI TR-02102-1, version 2026-01.
    BsiTr02102_1_2026_01,
}

/// What a profile says about a family, from a key size up.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) family: Family,
    /// Bits of an RSA key, at least; 0 elsewhere.
    pub(super) bits: u32,
    pub(super) roles: &'static [Role],
    /// The first day of a deprecation.
    pub(super) deprecated: Option<Date>,
    /// Whether a quantum-safe signature on the same artefact lifts the deprecation.
    pub(super) alone_only: bool,
    /// The first day on which nothing may be signed with it any more.
    pub(super) forbidden: Option<Date>,
    /// Document and section.
    pub(super) source: &'static str,
}

impl Profile {
    /// The name in documents.
    pub(in crate::policy) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Fips140_3 => "fips-140-3",
            Self::BsiTr02102_1_2026_01 => "bsi-tr-02102-1-2026-01",
        }
    }

    pub(super) const fn rows(self) -> &'static [Row] {
        match self {
            Self::Default => &[],
            Self::Fips140_3 => FIPS,
            Self::BsiTr02102_1_2026_01 => BSI,
        }
    }
}

impl Row {
    /// The row of `rows` that decides about `named` in `role`.
    pub(super) fn of(rows: &'static [Self], role: Role, named: Named) -> Option<&'static Self> {
        rows.iter()
            .filter(|row| row.family == named.family && row.roles.contains(&role))
            .filter(|row| row.bits <= named.bits)
            .max_by_key(|row| row.bits)
    }
}

const EVERYWHERE: &[Role] = &[
    Role::Signature,
    Role::Certificate,
    Role::Log,
    Role::Timestamp,
];

/// A row without dates.
const fn allowed(family: Family, bits: u32, source: &'static str) -> Row {
    Row {
        family,
        bits,
        roles: EVERYWHERE,
        deprecated: None,
        alone_only: false,
        forbidden: None,
        source,
    }
}

/// 112 bits of security: acceptable for signing through 2030, for verifying "legacy use" from 2031
/// (NIST SP 800-57 Part 1 Rev. 5, tables 2 and 4).
const fn until_2030(family: Family) -> Row {
    const FROM_2031: Option<Date> = Some(date(2031, 1, 1));
    Row {
        deprecated: FROM_2031,
        forbidden: FROM_2031,
        ..allowed(family, 2048, "NIST SP 800-57 Part 1 Rev. 5, table 4")
    }
}

const FIPS: &[Row] = &[
    allowed(Family::EcdsaP256, 0, "FIPS 186-5, section 6"),
    allowed(Family::EcdsaP384, 0, "FIPS 186-5, section 6"),
    allowed(Family::EcdsaP521, 0, "FIPS 186-5, section 6"),
    allowed(Family::Ed25519, 0, "FIPS 186-5, section 7"),
    allowed(Family::Ed25519ph, 0, "FIPS 186-5, section 7"),
    until_2030(Family::RsaPkcs1),
    until_2030(Family::RsaPss),
    until_2030(Family::RsaKey),
    allowed(Family::RsaPkcs1, 3072, "FIPS 186-5, section 5"),
    allowed(Family::RsaPss, 3072, "FIPS 186-5, section 5"),
    allowed(Family::RsaKey, 3072, "FIPS 186-5, section 5"),
    allowed(Family::MlDsa44, 0, "FIPS 204, section 4"),
    allowed(Family::MlDsa65, 0, "FIPS 204, section 4"),
    allowed(Family::MlDsa87, 0, "FIPS 204, section 4"),
    allowed(Family::Sha2, 0, "FIPS 180-4"),
];

/// A classical algorithm: alone only until the end of 2035.
const fn until_2035(family: Family, bits: u32) -> Row {
    Row {
        deprecated: Some(date(2036, 1, 1)),
        alone_only: true,
        ..allowed(
            family,
            bits,
            "BSI TR-02102-1 (2026-01), sections 2.1 and 5.3",
        )
    }
}

/// Smallest RSA key, in bits.
const BSI_RSA_BITS: u32 = 3000;

/// PKCS#1 v1.5, Ed25519 and ML-DSA-44 have no row; the documentation says why for each.
const BSI: &[Row] = &[
    until_2035(Family::EcdsaP256, 0),
    until_2035(Family::EcdsaP384, 0),
    until_2035(Family::EcdsaP521, 0),
    until_2035(Family::RsaPss, BSI_RSA_BITS),
    until_2035(Family::RsaKey, BSI_RSA_BITS),
    allowed(
        Family::MlDsa65,
        0,
        "BSI TR-02102-1 (2026-01), section 5.3.4",
    ),
    allowed(
        Family::MlDsa87,
        0,
        "BSI TR-02102-1 (2026-01), section 5.3.4",
    ),
    allowed(Family::Sha2, 0, "BSI TR-02102-1 (2026-01), section 4"),
];
