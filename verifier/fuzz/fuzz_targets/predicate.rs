//! Predicates of provenance and verification summaries: whatever was signed, reading it ends, and
//! what is read can be asked about.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::claim::provenance::{
    PROVENANCE_V0_1, PROVENANCE_V0_2, PROVENANCE_V1, Provenance, source_forms,
};
use sovverify::claim::summary::{SUMMARY_V0_2, SUMMARY_V1, VerificationSummary};

fuzz_target!(|predicate: &str| {
    for kind in [PROVENANCE_V0_1, PROVENANCE_V0_2, PROVENANCE_V1] {
        let Ok(provenance) = Provenance::read(kind, predicate) else {
            continue;
        };
        let _ = (
            provenance.reference(),
            provenance.branch(),
            provenance.tag(),
            provenance.is_from("https://github.com/acme/app"),
            provenance.is_built_by("https://github.com/acme/builder@v1.2.3"),
        );
        for source in provenance.sources() {
            // One spelling of a repository is its own spelling.
            for form in source_forms(&source.uri) {
                assert_eq!(source_forms(&form), source_forms(&source.uri));
            }
        }
    }
    for kind in [SUMMARY_V0_2, SUMMARY_V1] {
        let _ = VerificationSummary::read(kind, predicate);
    }
});
