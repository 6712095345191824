//! Any bytes as an SBOM, held against every profile and rule.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::package::{LicenseSet, PackagePattern};
use sovverify::sbom::profile::{MAX_SHORTFALLS, Profile};
use sovverify::sbom::rule::{Coverage, HashRule, LicenseRule, PackageRule, subject_is};
use sovverify::{Digest, sbom};

fuzz_target!(|bytes: &[u8]| {
    let Ok(sbom) = sbom::read(bytes) else {
        return;
    };
    for profile in Profile::NAMES.into_iter().filter_map(Profile::named) {
        let outcome = profile.check(&sbom);
        assert!(outcome.shortfalls.len() <= 2 * MAX_SHORTFALLS * (outcome.fields.len() + 1));
        assert!(!sbom.components.is_empty() || !outcome.conforms());
    }
    let pattern = |text| PackagePattern::parse(text).expect("a pattern");
    let packages = PackageRule {
        deny: vec![pattern("pkg:npm/event-stream@3.3.6")],
        allow: Some(vec![pattern("pkg:npm/**")]),
    };
    let _ = packages.check(&sbom);
    let licenses = LicenseRule {
        deny: LicenseSet::parse(&["AGPL-3.0-only"]).ok(),
        allow: LicenseSet::parse(&["MIT"]).ok(),
    };
    let _ = licenses.check(&sbom);
    let _ = HashRule {
        algorithms: vec!["sha256".into()],
    }
    .check(&sbom);
    let _ = Coverage {
        purl: Some(100),
        ..Coverage::default()
    }
    .check(&sbom);
    let _ = subject_is(&sbom, &[Digest::sha256(b"image")]);
});
