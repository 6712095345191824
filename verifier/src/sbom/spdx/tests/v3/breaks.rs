//! Breaks of the schema, one at a time.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_break_is_a_violation_and_the_rest_is_still_read() {
    let app = "https://acme.example/app";
    let rel = |members: Value| element("Relationship", "new", members);
    let cases = [
        (json!("text"), "/@graph/21", "a string"),
        (
            json!({"spdxId": "https://acme.example/new"}),
            "/@graph/21/type",
            "nothing",
        ),
        (
            element("software_Package", "new", json!({})),
            "/@graph/21/name",
            "nothing",
        ),
        (
            json!({"type": "software_Package", "creationInfo": "_:creation", "name": "x"}),
            "/@graph/21/spdxId",
            "nothing",
        ),
        (
            json!({"type": "software_Package", "spdxId": "_:x", "creationInfo": "_:creation", "name": "x"}),
            "/@graph/21/spdxId",
            "_:x",
        ),
        (
            json!({"type": "software_Package", "spdxId": "https://acme.example/new", "name": "x"}),
            "/@graph/21/creationInfo",
            "nothing",
        ),
        (
            element("software_Package", "app", json!({"name": "x"})),
            "/@graph/21/spdxId",
            app,
        ),
        (
            element("software_Parcel", "new", json!({})),
            "/@graph/21/type",
            "software_Parcel",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "software_primaryPurpose": "image"}),
            ),
            "/@graph/21/software_primaryPurpose",
            "image",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "suppliedBy": "https://acme.example/lost"}),
            ),
            "/@graph/21/suppliedBy",
            "https://acme.example/lost",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "suppliedBy": app}),
            ),
            "/@graph/21",
            app,
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "builtTime": "2026-01-02T00:00:00.5Z"}),
            ),
            "/@graph/21/builtTime",
            "2026-01-02T00:00:00.5Z",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "verifiedUsing": [{"type": "Hash", "algorithm": "SHA256", "hashValue": "ab"}]}),
            ),
            "/@graph/21/verifiedUsing/0",
            "SHA256",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "ab"}]}),
            ),
            "/@graph/21/verifiedUsing/0",
            "ab",
        ),
        (
            element(
                "software_Package",
                "new",
                json!({"name": "x", "externalIdentifier": [{"externalIdentifierType": "purl", "identifier": "pkg:oci/x"}]}),
            ),
            "/@graph/21/externalIdentifier/0",
            "purl",
        ),
        (
            element("software_Snippet", "new", json!({})),
            "/@graph/21/software_snippetFromFile",
            "nothing",
        ),
        (
            rel(json!({"relationshipType": "dependsOn", "from": app})),
            "/@graph/21/to",
            "none",
        ),
        (
            rel(json!({"relationshipType": "dependsOn", "from": app, "to": app})),
            "/@graph/21/to",
            "a string",
        ),
        (
            rel(json!({"relationshipType": "dependsOn", "to": [app]})),
            "/@graph/21/from",
            "nothing",
        ),
        (
            rel(json!({"from": app, "to": [app]})),
            "/@graph/21/relationshipType",
            "nothing",
        ),
        (
            rel(json!({"relationshipType": "DEPENDS_ON", "from": app, "to": [app]})),
            "/@graph/21/relationshipType",
            "DEPENDS_ON",
        ),
        (
            rel(
                json!({"relationshipType": "contains", "from": app, "to": ["https://acme.example/lost"]}),
            ),
            "/@graph/21/to/0",
            "https://acme.example/lost",
        ),
        (
            rel(json!({"relationshipType": "contains", "from": app, "to": [7]})),
            "/@graph/21/to/0",
            "a number",
        ),
        (
            rel(
                json!({"relationshipType": "contains", "completeness": "yes", "from": app, "to": [app]}),
            ),
            "/@graph/21/completeness",
            "yes",
        ),
        (
            json!({"type": "CreationInfo", "@id": "_:b", "specVersion": "2.3", "created": "2026-03-02T11:04:05Z", "createdBy": ["https://acme.example/jane"]}),
            "/@graph/21/specVersion",
            "2.3",
        ),
        (
            json!({"type": "CreationInfo", "@id": "_:b", "specVersion": "3.0.1", "created": "2026-03-02T11:04:05Z", "createdBy": []}),
            "/@graph/21/createdBy",
            "none",
        ),
        (
            element(
                "software_Sbom",
                "new",
                json!({"software_sbomType": ["made"]}),
            ),
            "/@graph/21/software_sbomType",
            "made",
        ),
        (
            element("simplelicensing_LicenseExpression", "new", json!({})),
            "/@graph/21/simplelicensing_licenseExpression",
            "nothing",
        ),
        (
            element(
                "expandedlicensing_ConjunctiveLicenseSet",
                "new",
                json!({"expandedlicensing_member": ["https://acme.example/mit"]}),
            ),
            "/@graph/21/expandedlicensing_member",
            "1",
        ),
    ];
    for (extra, place, found) in cases {
        let sbom = and(vec![extra.clone()]);
        assert!(
            violations(&sbom).contains(&(place, found)),
            "{extra}: {:?}",
            sbom.violations
        );
        assert!(component(&sbom, "app").supplier.is_some(), "{extra}");
    }
    assert_eq!(violations(&read(&text(&sound()))), []);
}
