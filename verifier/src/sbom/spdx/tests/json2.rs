//! SPDX 2 in JSON.

mod breaks;

use serde_json::{Value, json};

use super::*;
use crate::sbom::model::{ComponentKind, Encoding, Standing};

/// A sound document with two packages, a file and a snippet.
fn sound() -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": "acme-image", "documentNamespace": "https://acme.example/sbom/1",
        "creationInfo": {
            "created": "2026-03-02T11:04:05Z",
            "creators": ["Tool: maker-1.0", "Organization: ACME (sbom@acme.example)", "Person: Jane ()"],
        },
        "externalDocumentRefs": [{
            "externalDocumentId": "DocumentRef-base", "spdxDocument": "https://acme.example/base",
            "checksum": {"algorithm": "SHA1", "checksumValue": "a".repeat(40)},
        }],
        "packages": [
            {
                "SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1.0",
                "downloadLocation": "git+https://acme.example/app.git@v1",
                "homepage": "https://acme.example/app", "packageFileName": "app.tar",
                "supplier": "Organization: ACME (info@acme.example)", "originator": "NOASSERTION",
                "licenseDeclared": "MIT OR Apache-2.0", "licenseConcluded": "NOASSERTION",
                "primaryPackagePurpose": "CONTAINER", "hasFiles": ["SPDXRef-file"],
                "builtDate": "2026-01-01T00:00:00Z", "releaseDate": "2026-01-02T00:00:00Z",
                "checksums": [
                    {"algorithm": "SHA256", "checksumValue": "AB".repeat(32)},
                    {"algorithm": "SHA3-256", "checksumValue": "cd".repeat(32)},
                ],
                "externalRefs": [
                    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:oci/app"},
                    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*"},
                    {"referenceCategory": "PERSISTENT-ID", "referenceType": "swh", "referenceLocator": "swh:1:cnt:94a9"},
                    {"referenceCategory": "PERSISTENT-ID", "referenceType": "gitoid", "referenceLocator": "gitoid:blob:sha1:00"},
                    {"referenceCategory": "SECURITY", "referenceType": "advisory", "referenceLocator": "https://acme.example/advisories"},
                    {"referenceCategory": "OTHER", "referenceType": "https://acme.example/#place", "referenceLocator": "app/1"},
                ],
            },
            {"SPDXID": "SPDXRef-lib", "name": "lib", "downloadLocation": "NOASSERTION", "licenseConcluded": "NONE"},
        ],
        "files": [{
            "SPDXID": "SPDXRef-file", "fileName": "./bin/app", "fileTypes": ["BINARY"],
            "checksums": [{"algorithm": "SHA1", "checksumValue": "b".repeat(40)}],
            "licenseConcluded": "MIT", "licenseInfoInFiles": ["MIT", "NOASSERTION"],
        }],
        "snippets": [{
            "SPDXID": "SPDXRef-snippet", "name": "part", "snippetFromFile": "SPDXRef-file",
            "ranges": [{"startPointer": {"reference": "SPDXRef-file", "offset": 1}, "endPointer": {"reference": "SPDXRef-file", "offset": 2}}],
        }],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "extractedText": "free"}],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-lib"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-file"},
            {"spdxElementId": "SPDXRef-lib", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NONE"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DESCENDANT_OF", "relatedSpdxElement": "DocumentRef-base:SPDXRef-base"},
        ],
    })
}

/// The sound document with one place changed; `null` removes the member.
fn with(pointer: &str, value: Value) -> String {
    let mut document = sound();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => {
            members.remove(name).unwrap();
        }
        (Value::Object(members), value) => {
            members.insert(name.to_owned(), value);
        }
        (Value::Array(items), value) => {
            let index: usize = name.parse().unwrap();
            if index == items.len() {
                items.push(value);
            } else {
                items[index] = value;
            }
        }
        (other, _) => panic!("{other}"),
    }
    document.to_string()
}

#[test]
fn a_sound_document_says_everything() {
    for version in ["SPDX-2.2", "SPDX-2.3"] {
        let sbom = read(&with("/spdxVersion", version.into()));
        assert_eq!(violations(&sbom), [], "{version}");
        assert_eq!(format!("SPDX-{}", sbom.format.version), version);
    }
    let sbom = read(&sound().to_string());
    assert_eq!(sbom.format.encoding, Encoding::Json);
    assert_eq!(sbom.name.as_deref(), Some("acme-image"));
    assert_eq!(
        sbom.identifier.as_deref(),
        Some("https://acme.example/sbom/1")
    );
    assert_eq!(sbom.created.unwrap().to_string(), "2026-03-02T11:04:05Z");
    assert_eq!(sbom.created_text.as_deref(), Some("2026-03-02T11:04:05Z"));
    assert_eq!(texts(&sbom.tools), ["maker-1.0"]);
    assert_eq!(sbom.authors.len(), 2);
    assert_eq!(texts(&sbom.authors[0].emails), ["sbom@acme.example"]);
    assert_eq!(sbom.authors[1].name.as_deref(), Some("Jane"));
    assert_eq!(subjects(&sbom), ["app"]);
    assert_eq!(
        relations(&sbom),
        ["app needs lib", "app has ./bin/app", "./bin/app has part"]
    );
    assert_eq!(
        (sbom.complete.as_slice(), sbom.states_completeness),
        (&[1][..], true)
    );
}

#[test]
fn a_package_says_everything() {
    let sbom = read(&sound().to_string());
    let app = component(&sbom, "app");
    assert_eq!(
        (app.kind, &*app.place),
        (ComponentKind::Container, "/packages/0")
    );
    assert_eq!(app.reference.as_deref(), Some("SPDXRef-app"));
    assert_eq!(app.version.as_deref(), Some("1.0"));
    assert_eq!(texts(&app.purls), ["pkg:oci/app"]);
    assert_eq!(texts(&app.cpes), ["cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*"]);
    assert_eq!(
        texts(&app.identifiers),
        [
            "swhid:swh:1:cnt:94a9",
            "gitoid:gitoid:blob:sha1:00",
            "https://acme.example/#place:app/1"
        ]
    );
    let links: Vec<_> = app
        .links
        .iter()
        .map(|link| (&*link.kind, &*link.url))
        .collect();
    assert_eq!(
        links,
        [
            ("vcs", "git+https://acme.example/app.git@v1"),
            ("website", "https://acme.example/app"),
            ("advisories", "https://acme.example/advisories"),
        ]
    );
    let hashes: Vec<_> = app
        .hashes
        .iter()
        .map(|one| (&*one.algorithm, &one.value[..4]))
        .collect();
    assert_eq!(hashes, [("sha256", "abab"), ("sha3-256", "cdcd")]);
    let licenses: Vec<_> = app
        .licenses
        .iter()
        .map(|one| (&*one.text, one.standing))
        .collect();
    assert_eq!(licenses, [("MIT OR Apache-2.0", Standing::Declared)]);
    let supplier = app.supplier.as_ref().unwrap();
    assert_eq!(supplier.name.as_deref(), Some("ACME"));
    assert!(app.creators.is_empty());
    assert_eq!(texts(&app.file_names), ["app.tar"]);
    assert_eq!(app.dated.unwrap().to_string(), "2026-01-02T00:00:00Z");
    let lib = component(&sbom, "lib");
    assert!(lib.licenses.is_empty() && lib.links.is_empty() && lib.version.is_none());
    let file = component(&sbom, "./bin/app");
    assert_eq!(
        (file.kind, file.hashes.len(), file.licenses.len()),
        (ComponentKind::File, 1, 2)
    );
    assert_eq!(component(&sbom, "part").kind, ComponentKind::Other);
}

#[test]
fn identifiers_are_checked_and_belong_to_one_element() {
    let sbom = read(&with("/packages/1/SPDXID", "SPDXRef-l_b".into()));
    assert_eq!(sbom.violations[0].found.as_ref(), "SPDXRef-l_b");
    for taken in ["SPDXRef-app", "SPDXRef-file", "SPDXRef-DOCUMENT"] {
        let sbom = read(&with("/packages/1/SPDXID", taken.into()));
        let found = violations(&sbom);
        assert!(
            found.iter().any(|(_, found)| *found == taken),
            "{taken}: {found:?}"
        );
    }
}

#[test]
fn all_relationship_types_point_from_the_one_that_needs_or_contains() {
    let cases = [
        ("DEPENDENCY_OF", "lib needs app"),
        ("BUILD_DEPENDENCY_OF", "lib needs app"),
        ("DEV_DEPENDENCY_OF", "lib needs app"),
        ("OPTIONAL_DEPENDENCY_OF", "lib needs app"),
        ("PROVIDED_DEPENDENCY_OF", "lib needs app"),
        ("TEST_DEPENDENCY_OF", "lib needs app"),
        ("RUNTIME_DEPENDENCY_OF", "lib needs app"),
        ("PREREQUISITE_FOR", "lib needs app"),
        ("DYNAMIC_LINK", "app needs lib"),
        ("STATIC_LINK", "app needs lib"),
        ("HAS_PREREQUISITE", "app needs lib"),
        ("CONTAINS", "app has lib"),
        ("CONTAINED_BY", "lib has app"),
        ("PACKAGE_OF", "lib has app"),
        ("OPTIONAL_COMPONENT_OF", "lib has app"),
        ("GENERATED_FROM", "app other lib"),
        ("DESCRIBES", "app other lib"),
        ("OTHER", "app other lib"),
    ];
    for (kind, expected) in cases {
        let sbom = read(&with("/relationships/1/relationshipType", kind.into()));
        assert_eq!(violations(&sbom), [], "{kind}");
        assert_eq!(relations(&sbom)[0], expected, "{kind}");
        assert_eq!(subjects(&sbom), ["app"], "{kind}");
    }
}

#[test]
fn the_subject_may_be_stated_in_three_ways() {
    let described_by = json!({"spdxElementId": "SPDXRef-lib", "relationshipType": "DESCRIBED_BY", "relatedSpdxElement": "SPDXRef-DOCUMENT"});
    assert_eq!(
        subjects(&read(&with("/relationships/0", described_by))),
        ["lib"]
    );
    let listed = json!(["SPDXRef-lib", "SPDXRef-app", "SPDXRef-lib"]);
    assert_eq!(
        subjects(&read(&with("/documentDescribes", listed))),
        ["app", "lib"]
    );
    let mut document = sound();
    document["relationships"] = json!([]);
    assert!(read(&document.to_string()).subjects.is_empty());
    document["packages"].as_array_mut().unwrap().pop();
    assert_eq!(subjects(&read(&document.to_string())), ["app"]);
}

#[test]
fn completeness_is_stated_by_none_and_noassertion_and_by_nothing_else() {
    let sbom = read(&with(
        "/relationships/3/relatedSpdxElement",
        "NOASSERTION".into(),
    ));
    assert_eq!((sbom.complete.len(), sbom.states_completeness), (0, true));
    let sbom = read(&with(
        "/relationships/3/relatedSpdxElement",
        "SPDXRef-app".into(),
    ));
    assert_eq!((sbom.complete.len(), sbom.states_completeness), (0, false));
    let sbom = read(&with(
        "/relationships/3/relationshipType",
        "CONTAINS".into(),
    ));
    assert_eq!((sbom.complete.len(), sbom.states_completeness), (0, true));
}

#[test]
fn escapes_and_unknown_members_do_no_harm() {
    let text = with("/packages/1/x-ours", json!({"deep": [1, {"a": null}]}));
    let text = text.replace("\"lib\"", r#""l\u0069b""#);
    let sbom = read(&text);
    assert_eq!(violations(&sbom), []);
    assert_eq!(&*component(&sbom, "lib").name, "lib");
}

#[test]
fn fractions_of_seconds_are_times() {
    let sbom = read(&with(
        "/creationInfo/created",
        "2026-03-02T11:04:05.25Z".into(),
    ));
    assert_eq!(violations(&sbom), []);
    assert_eq!(sbom.created.unwrap().to_string(), "2026-03-02T11:04:05.25Z");
}
