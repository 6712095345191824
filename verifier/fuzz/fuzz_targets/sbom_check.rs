//! Any bytes as an SBOM, held against every profile and rule.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sovverify::package::{LicenseSet, PackagePattern};
use sovverify::sbom::profile::{MAX_SHORTFALLS, Profile};
use sovverify::sbom::rule::{Coverage, HashRule, LicenseRule, PackageRule, subject_is};
use sovverify::{Digest, sbom};

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let named = Profile::NAMES.into_iter().filter_map(Profile::named);
    named.collect()
});

static PACKAGES: LazyLock<PackageRule> = LazyLock::new(|| {
    let pattern = |text| PackagePattern::parse(text).expect("a pattern");
    PackageRule {
        deny: vec![
            pattern("pkg:npm/event-stream@3.3.6"),
            pattern("pkg:deb/**@<2"),
        ],
        allow: Some(vec![pattern("pkg:npm/**")]),
    }
});

static LICENSES: LazyLock<LicenseRule> = LazyLock::new(|| LicenseRule {
    deny: Some(LicenseSet::parse(&["AGPL-3.0-only"]).expect("licenses")),
    allow: Some(LicenseSet::parse(&["MIT"]).expect("licenses")),
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(sbom) = sbom::read(bytes) else {
        return;
    };
    assert!(!PROFILES.is_empty());
    for profile in &*PROFILES {
        let outcome = profile.check(&sbom);
        assert!(outcome.shortfalls.len() <= 2 * MAX_SHORTFALLS * (outcome.fields.len() + 1));
        assert!(!sbom.components.is_empty() || !outcome.conforms());
    }
    let _ = PACKAGES.check(&sbom);
    let _ = LICENSES.check(&sbom);
    let hashes = HashRule {
        algorithms: vec!["sha256".into()],
    };
    let _ = hashes.check(&sbom);
    let coverage = Coverage {
        purl: Some(100),
        ..Coverage::default()
    };
    let _ = coverage.check(&sbom);
    let _ = subject_is(&sbom, &[Digest::sha256(b"image")]);
});
