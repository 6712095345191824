//! Signed payloads: in-toto statements with the document that each carries, and simple-signing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::claim::exception::PolicyException;
use sovverify::claim::{SimpleSigning, Statement};
use sovverify::{Digest, Limits, sbom, vex};

fuzz_target!(|payload: &[u8]| {
    let limits = Limits::default();
    if let Ok(statement) = Statement::parse(payload, &limits) {
        assert!((1..=limits.subjects).contains(&statement.subjects.len()));
        let _ = statement.is_about(&Digest::sha256(b"image"));
        if let Ok(document) = statement.document() {
            assert!(document.len() <= payload.len());
            let _ = sbom::read(&document);
            let _ = vex::read(&document);
            let _ = PolicyException::read(&document);
        }
    }
    let _ = SimpleSigning::parse(payload);
});
