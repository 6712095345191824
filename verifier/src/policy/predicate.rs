//! Predicate types: short names, families of versions, and what kind of document each promises.

/// The URIs that one short name, or one URI, stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Types {
    /// As it is written in the policy.
    pub(super) written: String,
    /// In words, for messages.
    pub(super) words: String,
    uris: Vec<String>,
}

/// A URI that also stands for itself with a version behind it: `https://cyclonedx.org/bom/v1.6`.
const VERSIONED: [&str; 3] = [SPDX, CYCLONEDX, OPENVEX];

/// SPDX documents.
pub(super) const SPDX: &str = "https://spdx.dev/Document";
/// CycloneDX documents.
pub(super) const CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// OpenVEX documents.
pub(super) const OPENVEX: &str = "https://openvex.dev/ns";
/// SLSA provenance, older.
pub(super) const SLSA_02: &str = "https://slsa.dev/provenance/v0.2";
/// SLSA provenance, current.
pub(super) const SLSA_1: &str = "https://slsa.dev/provenance/v1";
/// Scan results as cosign attests them.
const COSIGN_VULN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

/// The short names, as cosign's `--type` knows them and some more, each with what it stands for.
const NAMES: [(&str, &[&str]); 19] = [
    ("slsa-provenance", &[SLSA_02, SLSA_1]),
    ("slsaprovenance", &[SLSA_02, SLSA_1]),
    ("slsaprovenance02", &[SLSA_02]),
    ("slsaprovenance1", &[SLSA_1]),
    ("verification-summary", &SUMMARIES),
    ("vsa", &SUMMARIES),
    (
        "link",
        &[
            "https://in-toto.io/Link/v1",
            "https://in-toto.io/attestation/link/v0.3",
        ],
    ),
    ("spdx", &[SPDX]),
    ("spdxjson", &[SPDX]),
    ("cyclonedx", &[CYCLONEDX]),
    ("vuln", &[COSIGN_VULN]),
    ("vulns", &IN_TOTO_VULNS),
    ("openvex", &[OPENVEX]),
    ("csaf", &CSAF),
    ("release", &["https://in-toto.io/attestation/release/v0.1"]),
    (
        "test-result",
        &["https://in-toto.io/attestation/test-result/v0.1"],
    ),
    (
        "scai",
        &["https://in-toto.io/attestation/scai/attribute-report/v0.2"],
    ),
    (
        "policy-exception",
        &[crate::claim::exception::PREDICATE_TYPE],
    ),
    ("custom", &["https://cosign.sigstore.dev/attestation/v1"]),
];

const SUMMARIES: [&str; 2] = [
    "https://slsa.dev/verification_summary/v1",
    "https://slsa.dev/verification_summary/v0.2",
];
const IN_TOTO_VULNS: [&str; 2] = [
    "https://in-toto.io/attestation/vulns/v0.1",
    "https://in-toto.io/attestation/vulns/v0.2",
];
/// No body has registered a predicate type for CSAF; these are the addresses of its schemas.
pub(super) const CSAF: [&str; 2] = [
    "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    "https://docs.oasis-open.org/csaf/csaf/v2.1/csaf_json_schema.json",
];

impl Types {
    /// The types behind a short name or a URI.
    pub(super) fn named(written: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(name, _)| *name == written);
        let uris: Vec<String> = match known {
            Some((_, uris)) => uris.iter().map(ToString::to_string).collect(),
            None if written.contains("://") => vec![written.to_owned()],
            None => return None,
        };
        Some(Self {
            written: written.to_owned(),
            words: format!("an attestation `{written}`"),
            uris,
        })
    }

    /// The short names.
    pub(super) fn names() -> Vec<&'static str> {
        NAMES.iter().map(|(name, _)| *name).collect()
    }

    /// Every way to write a type of which `is` holds: short names and URIs.
    pub(super) fn spelt(is: impl Fn(&Self) -> bool) -> Vec<&'static str> {
        let uris = NAMES.iter().flat_map(|(_, uris)| uris.iter().copied());
        let mut spelt: Vec<&str> = Self::names()
            .into_iter()
            .chain(uris)
            .filter(|text| Self::named(text).is_some_and(|types| is(&types)))
            .collect();
        spelt.sort_unstable();
        spelt.dedup();
        spelt
    }

    /// Every type of SBOMs.
    pub(super) fn sboms() -> Self {
        Self::all("a signed SBOM", &[SPDX, CYCLONEDX])
    }

    /// Every type of scan results. A CycloneDX document is one where it lists vulnerabilities.
    pub(super) fn scans() -> Self {
        let [old, new] = IN_TOTO_VULNS;
        let words = "an attested vulnerability scan";
        Self::all(words, &[COSIGN_VULN, old, new, CYCLONEDX])
    }

    /// Every type of VEX documents.
    pub(super) fn vex() -> Self {
        let [old, new] = CSAF;
        Self::all("a VEX document", &[OPENVEX, CYCLONEDX, old, new])
    }

    /// Takes `further` types as well.
    pub(super) fn add(&mut self, further: Self) {
        self.uris.extend(further.uris);
    }

    fn all(words: &str, uris: &[&str]) -> Self {
        Self {
            written: words.to_owned(),
            words: words.to_owned(),
            uris: uris.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether `predicate_type` is one of these.
    pub(super) fn contain(&self, predicate_type: &str) -> bool {
        self.uris.iter().any(|uri| is(uri, predicate_type))
    }

    /// Whether every type here is one of `others`.
    pub(super) fn are_all_of(&self, others: &[&str]) -> bool {
        self.uris.iter().all(|uri| others.contains(&uri.as_str()))
    }

    /// Whether all are SLSA provenance.
    pub(super) fn are_provenance(&self) -> bool {
        self.are_all_of(&[SLSA_02, SLSA_1])
    }

    /// Whether all are verification summaries.
    pub(super) fn are_summaries(&self) -> bool {
        self.are_all_of(&SUMMARIES)
    }

    /// Whether all are SBOMs.
    pub(super) fn are_sboms(&self) -> bool {
        self.uris
            .iter()
            .all(|uri| is(SPDX, uri) || is(CYCLONEDX, uri))
    }

    /// Whether all are OpenVEX documents, or all CSAF.
    pub(super) fn are_vex(&self) -> bool {
        self.uris.iter().all(|uri| is(OPENVEX, uri)) || self.are_all_of(&CSAF)
    }

    /// Whether all are scan results.
    pub(super) fn are_scans(&self) -> bool {
        let scans = Self::scans();
        self.uris.iter().all(|uri| scans.contain(uri))
    }

    /// The types as a part of a policy's identity.
    pub(super) fn canonical(&self) -> Vec<&str> {
        let mut uris: Vec<&str> = self.uris.iter().map(String::as_str).collect();
        uris.sort_unstable();
        uris.dedup();
        uris
    }
}

/// Whether `found` is `uri`, or a version of it where it comes in versions.
pub(super) fn is(uri: &str, found: &str) -> bool {
    let version = |rest: &str| {
        let digits = rest.strip_prefix("/v").unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    found == uri || (VERSIONED.contains(&uri) && found.strip_prefix(uri).is_some_and(version))
}

/// Whether a media type, artifact type or predicate type announces an SBOM.
pub(super) fn announces_sbom(announced: &str) -> bool {
    const MEDIA: [&str; 4] = [
        "application/spdx",
        "text/spdx",
        "application/vnd.cyclonedx",
        "application/vnd.syft",
    ];
    let sboms = Types::sboms();
    sboms.contain(announced) || MEDIA.iter().any(|prefix| announced.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_takes_its_versions_and_nothing_that_looks_like_one() {
        let types = Types::named("cyclonedx").unwrap();
        for (found, expected) in [
            ("https://cyclonedx.org/bom", true),
            ("https://cyclonedx.org/bom/v1.6", true),
            ("https://cyclonedx.org/bom/v", false),
            ("https://cyclonedx.org/bom/v1.6/x", false),
            ("https://cyclonedx.org/bom/", false),
            ("https://cyclonedx.org/bomber", false),
            ("https://cyclonedx.org/BOM", false),
        ] {
            assert_eq!(types.contain(found), expected, "{found}");
        }
        let exact = Types::named("https://slsa.dev/provenance/v1").unwrap();
        assert!(exact.contain("https://slsa.dev/provenance/v1"));
        assert!(!exact.contain("https://slsa.dev/provenance/v1/v1"));
        assert!(exact.are_provenance() && !exact.are_sboms());
        assert!(Types::named("slsa").is_none());
    }
}
