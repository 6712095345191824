//! Breaks of the schema, one at a time.

use super::*;

/// Changes to the sound document, each of which is one break of the schema.
#[expect(clippy::too_many_lines, reason = "a table")]
fn breaks() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let long = "f".repeat(63);
    vec![
        ("/dataLicense", Value::Null, "/dataLicense", "nothing"),
        ("/dataLicense", "MIT".into(), "/dataLicense", "MIT"),
        ("/dataLicense", 1.into(), "/dataLicense", "a number"),
        (
            "/SPDXID",
            "SPDXRef-Document".into(),
            "/SPDXID",
            "SPDXRef-Document",
        ),
        ("/SPDXID", Value::Null, "/SPDXID", "nothing"),
        ("/name", Value::Null, "/name", "nothing"),
        ("/name", json!(["a"]), "/name", "an array"),
        (
            "/documentNamespace",
            Value::Null,
            "/documentNamespace",
            "nothing",
        ),
        (
            "/documentNamespace",
            "acme".into(),
            "/documentNamespace",
            "acme",
        ),
        (
            "/documentNamespace",
            "https://a.example/#b".into(),
            "/documentNamespace",
            "https://a.example/#b",
        ),
        ("/creationInfo", Value::Null, "/creationInfo", "nothing"),
        ("/creationInfo", "now".into(), "/creationInfo", "a string"),
        (
            "/creationInfo/created",
            Value::Null,
            "/creationInfo/created",
            "nothing",
        ),
        (
            "/creationInfo/created",
            "2026-03-02".into(),
            "/creationInfo/created",
            "2026-03-02",
        ),
        (
            "/creationInfo/created",
            "2026-03-02T11:04:05+01:00".into(),
            "/creationInfo/created",
            "2026-03-02T11:04:05+01:00",
        ),
        (
            "/creationInfo/created",
            "2026-13-02T11:04:05Z".into(),
            "/creationInfo/created",
            "2026-13-02T11:04:05Z",
        ),
        (
            "/creationInfo/creators",
            json!([]),
            "/creationInfo/creators",
            "none",
        ),
        (
            "/creationInfo/creators",
            "me".into(),
            "/creationInfo/creators",
            "a string",
        ),
        (
            "/creationInfo/creators/0",
            "me".into(),
            "/creationInfo/creators/0",
            "me",
        ),
        (
            "/creationInfo/creators/0",
            json!({}),
            "/creationInfo/creators/0",
            "an object",
        ),
        (
            "/externalDocumentRefs/1",
            json!({
                "externalDocumentId": "other", "spdxDocument": "https://acme.example/other",
                "checksum": {"algorithm": "MD5", "checksumValue": "0".repeat(32)},
            }),
            "/externalDocumentRefs/1/externalDocumentId",
            "other",
        ),
        (
            "/externalDocumentRefs/0/checksum",
            Value::Null,
            "/externalDocumentRefs/0/checksum",
            "nothing",
        ),
        (
            "/externalDocumentRefs/0/spdxDocument",
            Value::Null,
            "/externalDocumentRefs/0/spdxDocument",
            "nothing",
        ),
        ("/packages/2", "lib".into(), "/packages/2", "a string"),
        (
            "/packages/1/name",
            Value::Null,
            "/packages/1/name",
            "nothing",
        ),
        (
            "/packages/1/downloadLocation",
            Value::Null,
            "/packages/1/downloadLocation",
            "nothing",
        ),
        (
            "/packages/1/versionInfo",
            3.into(),
            "/packages/1/versionInfo",
            "a number",
        ),
        (
            "/packages/0/supplier",
            "ACME".into(),
            "/packages/0/supplier",
            "ACME",
        ),
        (
            "/packages/0/originator",
            "Tool: x".into(),
            "/packages/0/originator",
            "Tool: x",
        ),
        (
            "/packages/0/primaryPackagePurpose",
            "IMAGE".into(),
            "/packages/0/primaryPackagePurpose",
            "IMAGE",
        ),
        (
            "/packages/0/releaseDate",
            "soon".into(),
            "/packages/0/releaseDate",
            "soon",
        ),
        (
            "/packages/0/checksums/0/algorithm",
            "SHA-256".into(),
            "/packages/0/checksums/0",
            "SHA-256",
        ),
        (
            "/packages/0/checksums/0/checksumValue",
            long.as_str().into(),
            "/packages/0/checksums/0",
            "f",
        ),
        (
            "/packages/0/checksums/0/checksumValue",
            "xy".repeat(32).into(),
            "/packages/0/checksums/0",
            "xy",
        ),
        (
            "/packages/0/checksums/0",
            true.into(),
            "/packages/0/checksums/0",
            "a boolean",
        ),
        (
            "/packages/0/externalRefs/0/referenceCategory",
            "PURL".into(),
            "/packages/0/externalRefs/0",
            "PURL",
        ),
        (
            "/packages/0/externalRefs/0/referenceLocator",
            Value::Null,
            "/packages/0/externalRefs/0",
            "nothing",
        ),
        (
            "/packages/0/hasFiles/1",
            "SPDXRef-lost".into(),
            "/packages/0/hasFiles/1",
            "SPDXRef-lost",
        ),
        (
            "/files/0/fileName",
            Value::Null,
            "/files/0/fileName",
            "nothing",
        ),
        (
            "/files/0/fileTypes/0",
            "ELF".into(),
            "/files/0/fileTypes/0",
            "ELF",
        ),
        (
            "/snippets/0/ranges",
            json!([]),
            "/snippets/0/ranges",
            "none",
        ),
        (
            "/snippets/0/snippetFromFile",
            "SPDXRef-lost".into(),
            "/snippets/0/snippetFromFile",
            "SPDXRef-lost",
        ),
        (
            "/hasExtractedLicensingInfos/0/licenseId",
            "Free".into(),
            "/hasExtractedLicensingInfos/0/licenseId",
            "Free",
        ),
        (
            "/hasExtractedLicensingInfos/0/extractedText",
            Value::Null,
            "/hasExtractedLicensingInfos/0/extractedText",
            "nothing",
        ),
        (
            "/documentDescribes",
            json!(["SPDXRef-lost"]),
            "/documentDescribes/0",
            "SPDXRef-lost",
        ),
        (
            "/relationships/1/relationshipType",
            "NEEDS".into(),
            "/relationships/1/relationshipType",
            "NEEDS",
        ),
        (
            "/relationships/1/relatedSpdxElement",
            "SPDXRef-lost".into(),
            "/relationships/1/relatedSpdxElement",
            "SPDXRef-lost",
        ),
        (
            "/relationships/1/relatedSpdxElement",
            "DocumentRef-lost:SPDXRef-x".into(),
            "/relationships/1/relatedSpdxElement",
            "DocumentRef-lost:SPDXRef-x",
        ),
        (
            "/relationships/1/spdxElementId",
            "NONE".into(),
            "/relationships/1/spdxElementId",
            "NONE",
        ),
        (
            "/relationships/1/spdxElementId",
            Value::Null,
            "/relationships/1/spdxElementId",
            "nothing",
        ),
        ("/relationships", json!({}), "/relationships", "an object"),
    ]
}

#[test]
fn each_break_is_one_violation_at_its_place_and_the_rest_is_still_read() {
    for (pointer, value, place, found) in breaks() {
        let text = with(pointer, value.clone());
        let sbom = read(&text);
        assert_eq!(
            sbom.violations.len(),
            1,
            "{pointer} {value}: {:?}",
            sbom.violations
        );
        let violation = &sbom.violations[0];
        assert_eq!(&*violation.place, place, "{pointer} {value}");
        assert!(
            violation.found.starts_with(found),
            "{pointer}: {}",
            violation.found
        );
        assert_eq!(
            component(&sbom, "app").version.as_deref(),
            Some("1.0"),
            "{pointer}"
        );
    }
}
