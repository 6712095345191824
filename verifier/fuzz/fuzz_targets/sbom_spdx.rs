//! Any bytes, read as an SBOM: an error or an SBOM within its bounds, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::sbom::{limits, read};

fuzz_target!(|document: &[u8]| {
    let Ok(sbom) = read(document) else {
        return;
    };
    let count = sbom.components.len();
    assert!(count <= limits::MAX_COMPONENTS);
    assert!(sbom.relationships.len() <= limits::MAX_RELATIONSHIPS);
    assert!(sbom.violations.len() <= limits::MAX_VIOLATIONS);
    assert!(sbom.subjects.iter().all(|position| *position < count));
    assert!(sbom.complete.iter().all(|position| *position < count));
    let ends = sbom.relationships.iter().flat_map(|one| [one.from, one.to]);
    assert!(ends.into_iter().all(|position| position < count));
});
