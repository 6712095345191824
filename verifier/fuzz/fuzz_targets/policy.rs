//! Any text as a file of policy documents: complaints or policies, never a panic, and the same twice.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use sovverify::Code;
use sovverify::policy::{Broken, Documents, Source};

fuzz_target!(|text: &str| {
    let source = Source {
        file: "policy.yaml".to_owned(),
        text: text.to_owned(),
    };
    match Documents::parse(&[source]) {
        Err(complaints) => assert!(complaints.iter().next().is_some()),
        Ok(documents) => {
            let none = BTreeMap::new();
            let _ = (documents.file_requests(), documents.database_requests());
            let lenient = documents.compile_lenient(&none, &BTreeMap::new());
            match (documents.compile(&none), lenient) {
                (Err(complaints), Ok(lenient)) => {
                    assert!(!complaints.first().one_line().contains('\n'));
                    // Several namespaces may have more patterns together than one set of files.
                    let mut codes = complaints.iter().map(|complaint| complaint.code);
                    let bounded = codes.any(|code| code == Code::LimitExceeded);
                    let denies = !lenient.broken.is_empty() || !documents.has_policies();
                    assert!(denies || bounded);
                }
                (Err(_), Err(_)) => {}
                (Ok(set), lenient) => {
                    assert!(!set.policies().is_empty());
                    // A namespace may be beyond its own bounds where the whole is not.
                    let lenient = lenient.expect("what compiles as a whole compiles in parts");
                    let bounded = |broken: &Broken| broken.namespace.is_some();
                    assert!(lenient.broken.iter().all(bounded));
                    if lenient.broken.is_empty() {
                        assert_eq!(lenient.policies.digest(), set.digest());
                    }
                }
            }
        }
    }
});
