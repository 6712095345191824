//! Bytes of a VEX document: whatever they are, reading them ends, and deciding with them too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::package::PackageUrl;
use sovverify::vex::{Decision, ImageProduct, Statements, Suppressible, VexStatement, read};
use sovverify::vulnerability::Finding;

/// Statements of one document that are asked about; each is asked about all the others.
const ASKED: usize = 16;

fuzz_target!(|data: &[u8]| {
    let Ok(document) = read(data) else {
        return;
    };
    let statements = Statements::new([&document]);
    for statement in document.statements.iter().take(ASKED) {
        let finding = Finding {
            id: statement.vulnerability.clone(),
            ..Finding::default()
        };
        let (image, component) = about(statement);
        let allowed = Suppressible::default();
        for component in [None, component.as_ref()] {
            match statements.decide(&finding, &image, component, &allowed) {
                Decision::Open => {}
                Decision::Suppressed { by } => assert!(by.status.can_suppress()),
                Decision::Conflict { suppressing, .. } => {
                    assert!(suppressing.status.can_suppress());
                }
            }
        }
        // An image that no name of the statement means is no product of it.
        let stranger = ImageProduct::default();
        let decision = statements.decide(&finding, &stranger, None, &allowed);
        assert!(!matches!(decision, Decision::Suppressed { .. }));
    }
});

/// The image and the component that a statement names first.
fn about(statement: &VexStatement) -> (ImageProduct, Option<PackageUrl>) {
    let product = statement.products.first();
    let parsed = |purl: &str| purl.parse::<PackageUrl>().ok();
    let purls = product.map_or(Vec::new(), |product| {
        product
            .identifiers
            .purls
            .iter()
            .filter_map(|purl| parsed(purl))
            .collect()
    });
    let component = product
        .and_then(|product| product.subcomponents.first())
        .and_then(|component| component.purls.iter().find_map(|purl| parsed(purl)));
    let image = ImageProduct {
        purls,
        ..ImageProduct::default()
    };
    (image, component)
}
