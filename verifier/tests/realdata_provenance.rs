//! Provenance and verification summaries made by others, read in place: every predicate is read and
//! agrees with what the manifest knows, and the expectations of slsa-verifier's own tests hold.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so. Signatures are not
//! verified here: `verifier/fetch/tests/realdata.rs` does that.

#![expect(
    clippy::disallowed_methods,
    reason = "the data lies on disk, and only the test knows"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]
#![expect(
    clippy::print_stdout,
    reason = "the table of counts is part of the result"
)]

#[path = "realdata_provenance/cases.rs"]
mod cases;
#[path = "realdata_provenance/corpus.rs"]
mod corpus;
#[path = "realdata_provenance/reading.rs"]
mod reading;

use corpus::Corpus;

#[test]
fn every_predicate_is_read_and_agrees_with_the_manifest() {
    if let Some(corpus) = Corpus::load() {
        reading::run(&corpus);
    }
}

#[test]
fn the_expectations_of_slsa_verifier_hold_row_by_row() {
    if let Some(corpus) = Corpus::load() {
        cases::run(&corpus);
    }
}
