//! Licenses that are put together from several elements.

use super::*;

#[test]
fn licenses_are_written_out_from_their_elements() {
    let iri = |name: &str| format!("https://acme.example/{name}");
    let sbom = and(vec![
        element(
            "expandedlicensing_DisjunctiveLicenseSet",
            "any",
            json!({
                "expandedlicensing_member": ["https://spdx.org/licenses/MIT", iri("later"), iri("with")],
            }),
        ),
        element(
            "expandedlicensing_OrLaterOperator",
            "later",
            json!({
                "expandedlicensing_subjectLicense": "https://spdx.org/licenses/GPL-2.0",
            }),
        ),
        element(
            "expandedlicensing_WithAdditionOperator",
            "with",
            json!({
                "expandedlicensing_subjectExtendableLicense": "https://spdx.org/licenses/GPL-3.0-only",
                "expandedlicensing_subjectAddition": "https://spdx.org/licenses/GCC-exception-3.1",
            }),
        ),
        element(
            "expandedlicensing_CustomLicense",
            "own",
            json!({
                "name": "ACME license", "simplelicensing_licenseText": "free",
            }),
        ),
        relation("l1", "hasConcludedLicense", "app", &["any"]),
        relation("l2", "hasConcludedLicense", "file", &["own"]),
        element(
            "Relationship",
            "l3",
            json!({
                "relationshipType": "hasDeclaredLicense", "from": iri("lib"),
                "to": ["https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"],
            }),
        ),
    ]);
    assert_eq!(violations(&sbom), []);
    let app = &component(&sbom, "app").licenses;
    assert_eq!(
        &*app[1].text,
        "(MIT OR GPL-2.0+ OR GPL-3.0-only WITH GCC-exception-3.1)"
    );
    let own = &component(&sbom, "app.tar").licenses[0];
    assert_eq!((&*own.text, own.is_expression), ("ACME license", false));
    assert_eq!(component(&sbom, "lib").licenses.len(), 1);
}

#[test]
fn licenses_in_a_circle_are_a_violation() {
    let set = |name: &str, other: &str| {
        let members = [
            "https://spdx.org/licenses/MIT".to_owned(),
            format!("https://acme.example/{other}"),
        ];
        element(
            "expandedlicensing_ConjunctiveLicenseSet",
            name,
            json!({"expandedlicensing_member": members}),
        )
    };
    let sbom = and(vec![
        set("a", "b"),
        set("b", "a"),
        relation("l", "hasDeclaredLicense", "lib", &["a"]),
    ]);
    assert_eq!(violations(&sbom), [("/@graph/21", "a circle")]);
}
