//! Any text as a profile, and what it makes of a small document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::sbom::{self, profile::Profile};

const DOCUMENT: &[u8] = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library","name":"a","version":"1"}]}"#;

fuzz_target!(|text: &str| {
    if let Ok(profile) = Profile::parse(text) {
        let sbom = sbom::read(DOCUMENT).expect("a document that is always read");
        let outcome = profile.check(&sbom);
        assert_eq!(outcome.conforms(), outcome.required == 0);
        assert!(profile.rules().count() > 0);
    }
});
