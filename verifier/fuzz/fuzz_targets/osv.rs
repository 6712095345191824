//! Bytes of an entry of the vulnerability database, and versions against it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::sbom::{Component, Sbom};
use sovverify::vulnerability::osv::DatabaseBuilder;

fuzz_target!(|input: (&[u8], &str)| {
    let (entry, purl) = input;
    let mut builder = DatabaseBuilder::new();
    if builder.add("entry.json", entry).is_err() {
        return;
    }
    let component = Component {
        purls: vec![purl.into()],
        ..Component::default()
    };
    let sbom = Sbom {
        components: vec![component],
        ..Sbom::default()
    };
    let _ = builder.build().matches(&sbom);
});
