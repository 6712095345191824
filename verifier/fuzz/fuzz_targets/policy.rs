//! Any text as a file of policy documents: complaints or policies, never a panic, and the same twice.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use sovverify::policy::{Documents, Source};

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
            match documents.compile(&none) {
                Err(complaints) => assert!(complaints.iter().next().is_some()),
                Ok(set) => assert!(!set.policies().is_empty()),
            }
        }
    }
});
