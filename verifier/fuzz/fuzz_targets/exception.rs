//! Any bytes as a signed exception: what is read names images, requirements and reasons.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::Digest;
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
    assert_eq!(exception.digest, Digest::sha256(document));
});
