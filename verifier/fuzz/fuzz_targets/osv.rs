//! Bytes of an entry of the vulnerability database, and a component against it: the package URL is
//! the first line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::sbom::{Component, Sbom};
use sovverify::vulnerability::osv::DatabaseBuilder;

fuzz_target!(|input: &[u8]| {
    let mut halves = input.splitn(2, |byte| *byte == b'\n');
    let (Some(purl), Some(entry)) = (halves.next(), halves.next()) else {
        return;
    };
    let mut builder = DatabaseBuilder::new();
    if builder.add("entry.json", entry).is_err() {
        return;
    }
    let component = Component {
        purls: vec![String::from_utf8_lossy(purl).into()],
        ..Component::default()
    };
    let sbom = Sbom {
        components: vec![component],
        ..Sbom::default()
    };
    if let Ok(assessment) = builder.build().matches(&sbom) {
        assert!(assessment.findings.len() <= 1);
        let unassessed = assessment.unassessed.len() + assessment.more_unassessed;
        assert!(assessment.assessed + unassessed > 0);
    }
});
