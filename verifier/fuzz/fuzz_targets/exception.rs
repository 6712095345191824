//! Any bytes as a signed exception: what is read names images, requirements and reasons.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::claim::exception::PolicyException;

fuzz_target!(|document: &[u8]| {
    let Ok(exception) = PolicyException::read(document) else {
        return;
    };
    assert!(!exception.images.is_empty());
    assert!(!exception.requirements.is_empty());
    let names = exception.requirements.iter().chain(&exception.policies);
    assert!(names.into_iter().all(|name| !name.contains('*')));
    let texts = [&exception.name, &exception.reason, &exception.ticket];
    assert!(texts.iter().all(|text| !text.trim().is_empty()));
    // However a tool spaces it, it is the same exception.
    let value: Value = serde_json::from_slice(document).expect("what was read is JSON");
    for spelling in [value.to_string(), format!("{value:#}")] {
        match PolicyException::read(spelling.as_bytes()) {
            Ok(same) => assert_eq!(same.digest, exception.digest),
            Err(error) => assert!(spelling.len() > document.len(), "{error}"),
        }
    }
});
