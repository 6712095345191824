//! Any bytes as a manifest or an index, and as the name of an image.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::image::Document;
use sovverify::{Digest, ImageReference, PinnedImage};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = Document::parse(bytes, None) {
        let announced = document.media_type();
        assert!(Document::parse(bytes, Some(announced)).is_ok());
        assert!(Document::parse(bytes, Some("application/vnd.example")).is_err());
        let pin = |digest| PinnedImage::pin("x".to_owned(), None, digest, bytes, None);
        let _ = pin(Digest::sha256(bytes))
            .expect("its own digest")
            .platforms();
        assert!(pin(Digest::sha256(b"another manifest")).is_err());
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(reference) = text.parse::<ImageReference>() {
        let again: ImageReference = reference.to_string().parse().expect("a canonical name");
        // The tag that nobody wrote is written in the canonical form.
        assert_eq!(
            (again.name(), again.tag()),
            (reference.name(), reference.tag())
        );
        assert_eq!(again.to_string(), reference.to_string());
    }
});
