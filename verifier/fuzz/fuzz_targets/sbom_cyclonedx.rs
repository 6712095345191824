//! Any bytes, read as an SBOM of whatever format they look like, and as CycloneDX vulnerabilities.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    let sbom = sovverify::sbom::read(document);
    let listed = sovverify::sbom::cyclonedx::vulnerability::vulnerabilities(document);
    if let (Ok(sbom), Ok(listed)) = (sbom, listed)
        && sbom.format.family == sovverify::sbom::Family::CycloneDx
    {
        assert_eq!(sbom.vulnerabilities, listed.len());
    }
});
