//! Text of a scan result, in every envelope.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::vulnerability::limits::MAX_FINDINGS;
use sovverify::vulnerability::scan::read;

fuzz_target!(|text: &str| {
    for predicate_type in [
        "https://cosign.sigstore.dev/attestation/vuln/v1",
        "https://in-toto.io/attestation/vulns/v0.2",
        "https://cyclonedx.org/bom",
    ] {
        // The result alone, and the whole predicate.
        let result = format!(r#"{{"scanner":{{"result":{text}}}}}"#);
        for predicate in [text, &result] {
            if let Ok(report) = read(predicate_type, predicate) {
                assert!(report.findings.len() <= MAX_FINDINGS);
                assert!(
                    report
                        .findings
                        .iter()
                        .all(|finding| !finding.label().is_empty())
                );
            }
        }
    }
});
