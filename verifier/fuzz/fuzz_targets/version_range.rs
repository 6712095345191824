//! Versions and their ranges: no text panics, and every order is antisymmetric. The version is what
//! stands behind the last space.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::package::{Scheme, VersionRange};

const TYPES: [&str; 15] = [
    "semver", "npm", "cargo", "golang", "deb", "rpm", "apk", "pypi", "maven", "gem", "nuget",
    "composer", "pub", "alpm", "generic",
];

fuzz_target!(|text: &str| {
    let (range, version) = text.rsplit_once(' ').unwrap_or((text, text));
    for kind in TYPES {
        let scheme = Scheme::of_vers_type(kind);
        let there = scheme.compare(range, version);
        let back = scheme.compare(version, range);
        assert_eq!(there, back.map(std::cmp::Ordering::reverse));
        let _ = VersionRange::parse(range, scheme).map(|range| range.contains(version));
        let vers = format!("vers:{kind}/{range}");
        let _ = vers
            .parse::<VersionRange>()
            .map(|range| range.contains(version));
    }
});
