//! Real evidence made by others, read in place, with the verdicts that its manifest expects.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::indexing_slicing,
    reason = "JSON values are indexed without panic"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]
#![expect(
    clippy::print_stdout,
    reason = "the table of counts is part of the result"
)]

#[path = "realdata/bundles.rs"]
mod bundles;
#[path = "realdata/certificates.rs"]
mod certificates;
#[path = "realdata/coverage.rs"]
mod coverage;
#[path = "realdata/crypto.rs"]
mod crypto;
#[path = "realdata/der.rs"]
mod der;
#[path = "realdata/images.rs"]
mod images;
#[path = "realdata/json.rs"]
mod json;
#[path = "realdata/layouts.rs"]
mod layouts;
#[path = "realdata/logs.rs"]
mod logs;
#[path = "realdata/made.rs"]
mod made;
#[path = "realdata/manifest.rs"]
mod manifest;
#[path = "realdata/outcome.rs"]
mod outcome;
#[path = "realdata/provenance.rs"]
mod provenance;
#[path = "realdata/timestamps.rs"]
mod timestamps;
#[path = "realdata/trust.rs"]
mod trust;

use manifest::Manifest;
use outcome::Outcomes;

/// Image families that we claim; Notary and OpenPGP signatures come later.
const IMAGES: [&str; 5] = [
    "images/slsa-github-generator/",
    "images/private-sigstore/",
    "images/containers-image/dir-",
    "images/connaisseur/",
    "images/cosign-v3-referrers/",
];

#[test]
fn every_claimed_row_gets_its_expected_verdict() {
    let Some(manifest) = Manifest::load() else {
        return;
    };
    let mut outcomes = Outcomes::default();
    for row in manifest.rows("conformance/") {
        bundles::conformance(&manifest, row, &mut outcomes);
    }
    for row in manifest
        .rows("bundles/")
        .chain(manifest.rows("images/bundles/"))
    {
        bundles::bundle(&manifest, row, &mut outcomes);
    }
    for row in IMAGES.iter().flat_map(|prefix| manifest.rows(prefix)) {
        images::image(&manifest, row, &mut outcomes);
    }
    provenance::run(&manifest, &mut outcomes);
    crypto::run(&manifest, &mut outcomes);
    timestamps::run(&manifest, &mut outcomes);
    logs::run(&manifest, &mut outcomes);
    certificates::run(&manifest, &mut outcomes);
    json::run(&manifest, &mut outcomes);
    layouts::run(&manifest, &mut outcomes);
    trust::run(&manifest, &mut outcomes);
    outcomes.print();
    coverage::check(&manifest, &outcomes);
    outcomes.assert_expected();
}
