//! Bytes of a VEX document: whatever they are, reading them ends, and deciding with them too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::vex::{ImageProduct, Statements, Suppressible, read};
use sovverify::vulnerability::Finding;

fuzz_target!(|data: &[u8]| {
    let Ok(document) = read(data) else {
        return;
    };
    let statements = Statements::new([&document]);
    let image = ImageProduct::default();
    for statement in document.statements.iter().take(16) {
        let finding = Finding {
            id: statement.vulnerability.clone(),
            ..Finding::default()
        };
        statements.decide(&finding, &image, None, &Suppressible::default());
    }
});
