//! Package URLs and patterns of packages: no text panics, and the canonical form is stable.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::package::{PackagePattern, PackageUrl};

fuzz_target!(|text: &str| {
    let parsed = text.parse::<PackageUrl>();
    if let Ok(purl) = &parsed {
        let canonical = purl.to_string();
        let again: PackageUrl = canonical.parse().expect("the canonical form parses");
        assert_eq!(&again, purl);
    }
    if let (Ok(pattern), Ok(purl)) = (PackagePattern::parse(text), parsed) {
        let _ = pattern.matches(&purl);
    }
});
