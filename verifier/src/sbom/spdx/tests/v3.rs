//! SPDX 3 in JSON-LD.

use serde_json::{Value, json};

use super::*;
use crate::sbom::model::{ComponentKind, Encoding, Standing};

const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
fn element(class: &str, name: &str, members: Value) -> Value {
    let mut element = json!({
        "type": class, "spdxId": format!("https://acme.example/{name}"), "creationInfo": "_:creation",
    });
    for (name, value) in members.as_object().unwrap() {
        element[name] = value.clone();
    }
    element
}

fn relation(name: &str, kind: &str, from: &str, to: &[&str]) -> Value {
    let iri = |name: &&str| format!("https://acme.example/{name}");
    let to: Vec<String> = to.iter().map(iri).collect();
    element(
        "Relationship",
        name,
        json!({"relationshipType": kind, "from": iri(&from), "to": to}),
    )
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn sound() -> Vec<Value> {
    vec![
        json!({
            "type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1",
            "created": "2026-03-02T11:04:05Z", "createdBy": ["https://acme.example/jane"],
            "createdUsing": ["https://acme.example/tool"],
        }),
        element(
            "SpdxDocument",
            "doc",
            json!({
                "name": "acme-image", "rootElement": ["https://acme.example/sbom"],
                "profileConformance": ["core", "software"],
                "import": [{"type": "ExternalMap", "externalSpdxId": "https://else.example/base"}],
            }),
        ),
        element(
            "software_Sbom",
            "sbom",
            json!({
                "rootElement": ["https://acme.example/app"], "software_sbomType": ["build"],
            }),
        ),
        element(
            "Person",
            "jane",
            json!({
                "name": "Jane",
                "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "email", "identifier": "jane@acme.example"}],
            }),
        ),
        element("Tool", "tool", json!({"name": "maker-1.0"})),
        element("Organization", "acme", json!({"name": "ACME"})),
        element(
            "software_Package",
            "app",
            json!({
                "name": "app", "software_packageVersion": "1.0", "software_primaryPurpose": "container",
                "software_downloadLocation": "https://acme.example/app.tar",
                "software_homePage": "https://acme.example/", "software_packageUrl": "pkg:oci/app",
                "suppliedBy": "https://acme.example/acme", "originatedBy": ["https://acme.example/jane"],
                "releaseTime": "2026-01-02T00:00:00Z",
                "verifiedUsing": [
                    {"type": "Hash", "algorithm": "sha256", "hashValue": "ab".repeat(32)},
                    {"type": "PackageVerificationCode", "algorithm": "sha1", "hashValue": "cd".repeat(20)},
                    "_:hash",
                ],
                "externalIdentifier": [
                    {"type": "ExternalIdentifier", "externalIdentifierType": "packageUrl", "identifier": "pkg:oci/app"},
                    {"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*"},
                    {"type": "ExternalIdentifier", "externalIdentifierType": "swhid", "identifier": "swh:1:cnt:94a9"},
                ],
                "externalRef": [{"type": "ExternalRef", "externalRefType": "securityAdvisory", "locator": ["https://acme.example/a", "https://acme.example/b"]}],
            }),
        ),
        json!({"type": "Hash", "@id": "_:hash", "algorithm": "blake2b256", "hashValue": "ef".repeat(32)}),
        element("software_Package", "lib", json!({"name": "lib"})),
        element(
            "software_File",
            "file",
            json!({
                "name": "app.tar",
                "verifiedUsing": [{"type": "Hash", "algorithm": "sha512", "hashValue": "12".repeat(64)}],
            }),
        ),
        element(
            "software_Snippet",
            "snippet",
            json!({"software_snippetFromFile": "https://acme.example/file"}),
        ),
        element(
            "simplelicensing_LicenseExpression",
            "mit",
            json!({"simplelicensing_licenseExpression": "MIT"}),
        ),
        relation("r1", "dependsOn", "app", &["lib"]),
        relation("r2", "contains", "app", &["file"]),
        relation("r3", "hasDeclaredLicense", "app", &["mit"]),
        relation("r4", "hasDistributionArtifact", "app", &["file"]),
        element(
            "LifecycleScopedRelationship",
            "r5",
            json!({
                "relationshipType": "dependsOn", "scope": "build", "completeness": "complete",
                "from": "https://acme.example/lib", "to": ["https://spdx.org/rdf/3.0.1/terms/Core/NoneElement"],
            }),
        ),
        element(
            "Relationship",
            "r6",
            json!({
                "relationshipType": "hasConcludedLicense", "from": "https://acme.example/lib",
                "to": ["https://spdx.org/licenses/Apache-2.0"],
            }),
        ),
        element(
            "Relationship",
            "r7",
            json!({
                "relationshipType": "descendantOf", "from": "https://acme.example/app", "to": ["https://else.example/base"],
            }),
        ),
        element("security_Vulnerability", "cve", json!({"name": "CVE-1"})),
        element(
            "security_VexAffectedVulnAssessmentRelationship",
            "vex",
            json!({
                "relationshipType": "affects", "from": "https://acme.example/cve", "to": ["https://acme.example/app"],
            }),
        ),
    ]
}

fn text(graph: &[Value]) -> String {
    json!({"@context": CONTEXT, "@graph": graph}).to_string()
}

/// The sound graph with more elements.
fn and(more: Vec<Value>) -> Sbom {
    let mut graph = sound();
    graph.extend(more);
    read(&text(&graph))
}

#[test]
fn a_sound_document_says_everything() {
    let sbom = read(&text(&sound()));
    assert_eq!(violations(&sbom), []);
    assert_eq!(
        (&*sbom.format.version, sbom.format.encoding),
        ("3.0.1", Encoding::JsonLd)
    );
    assert_eq!(sbom.name.as_deref(), Some("acme-image"));
    assert_eq!(sbom.identifier.as_deref(), Some("https://acme.example/doc"));
    assert_eq!(sbom.created.unwrap().to_string(), "2026-03-02T11:04:05Z");
    assert_eq!(texts(&sbom.authors[0].emails), ["jane@acme.example"]);
    assert_eq!(
        (texts(&sbom.tools), texts(&sbom.phases)),
        (vec!["maker-1.0"], vec!["build"])
    );
    assert_eq!(subjects(&sbom), ["app"]);
    assert_eq!(
        relations(&sbom),
        [
            "app.tar has ",
            "app needs lib",
            "app has app.tar",
            "app other app.tar"
        ]
    );
    assert_eq!(
        (sbom.complete.as_slice(), sbom.states_completeness),
        (&[1][..], true)
    );
    assert_eq!(sbom.vulnerabilities, 1);
}

#[test]
fn a_package_says_everything() {
    let sbom = read(&text(&sound()));
    let app = component(&sbom, "app");
    assert_eq!(
        (app.kind, &*app.place),
        (ComponentKind::Container, "/@graph/6")
    );
    assert_eq!(app.version.as_deref(), Some("1.0"));
    assert_eq!(
        (texts(&app.purls), app.cpes.len()),
        (vec!["pkg:oci/app"], 1)
    );
    assert_eq!(texts(&app.identifiers), ["swhid:swh:1:cnt:94a9"]);
    let kinds: Vec<&str> = app.links.iter().map(|link| &*link.kind).collect();
    assert_eq!(
        kinds,
        ["distribution", "website", "advisories", "advisories"]
    );
    let hashes: Vec<&str> = app.hashes.iter().map(|hash| &*hash.algorithm).collect();
    assert_eq!(hashes, ["sha256", "blake2b-256", "sha512"]);
    assert_eq!(texts(&app.file_names), ["app.tar"]);
    assert_eq!(app.supplier.as_ref().unwrap().name.as_deref(), Some("ACME"));
    assert_eq!(app.creators[0].name.as_deref(), Some("Jane"));
    assert_eq!(app.dated.unwrap().to_string(), "2026-01-02T00:00:00Z");
    assert_eq!(
        (&*app.licenses[0].text, app.licenses[0].standing),
        ("MIT", Standing::Declared)
    );
    let lib = component(&sbom, "lib");
    assert_eq!(
        (&*lib.licenses[0].text, lib.licenses[0].standing),
        ("Apache-2.0", Standing::Concluded)
    );
    assert!(lib.supplier.is_none() && lib.dated.is_none());
}

#[test]
fn the_order_of_elements_does_not_matter() {
    let mut graph = sound();
    graph.reverse();
    let sbom = read(&text(&graph));
    assert_eq!(violations(&sbom), []);
    assert_eq!(
        component(&sbom, "app")
            .supplier
            .as_ref()
            .unwrap()
            .name
            .as_deref(),
        Some("ACME")
    );
    assert_eq!(sbom.relationships.len(), 4);
}

#[test]
fn classes_may_be_written_as_iris_of_spdx() {
    let graph = text(&sound())
        .replace(
            "\"software_Package\"",
            "\"https://spdx.org/rdf/3.0.1/terms/Software/Package\"",
        )
        .replace(
            "\"Relationship\"",
            "\"https://spdx.org/rdf/3.0.1/terms/Core/Relationship\"",
        );
    let sbom = read(&graph);
    assert_eq!(violations(&sbom), []);
    assert_eq!((sbom.components.len(), sbom.relationships.len()), (4, 4));
}

#[test]
fn elements_may_be_written_where_they_are_used() {
    let document = json!({
        "@context": CONTEXT, "type": "software_Sbom", "spdxId": "https://acme.example/sbom",
        "creationInfo": {
            "type": "CreationInfo", "specVersion": "3.0.1", "created": "2026-03-02T11:04:05Z",
            "createdBy": [{"type": "Person", "spdxId": "https://acme.example/jane", "creationInfo": "_:c", "name": "Jane"}],
        },
        "rootElement": ["https://acme.example/app"],
        "element": [
            {"type": "software_Package", "spdxId": "https://acme.example/app", "creationInfo": "_:c", "name": "app"},
            {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-03-02T11:04:05Z", "createdBy": ["https://acme.example/jane"]},
        ],
    });
    let sbom = read(&document.to_string());
    assert_eq!(violations(&sbom), []);
    assert_eq!(subjects(&sbom), ["app"]);
    assert_eq!(&*component(&sbom, "app").place, "/element/0");
    assert_eq!(sbom.authors[0].name.as_deref(), Some("Jane"));
    assert!(sbom.created.is_some());
}

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

#[test]
fn one_relationship_that_is_incomplete_makes_the_component_so() {
    let mut incomplete = relation("r8", "hasStaticLink", "lib", &["app"]);
    incomplete["completeness"] = "incomplete".into();
    let sbom = and(vec![incomplete]);
    assert!(sbom.complete.is_empty() && sbom.states_completeness);
}

#[test]
fn elements_keep_the_order_of_the_document() {
    let package = |name: &str| element("software_Package", name, json!({"name": name}));
    let document = json!({
        "@context": CONTEXT, "type": "Bom", "spdxId": "https://acme.example/bom", "creationInfo": "_:creation",
        "element": [package("a"), package("b"), package("c")],
    });
    let sbom = read(&document.to_string());
    let names: Vec<&str> = sbom.components.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(violations(&sbom), [("/creationInfo", "_:creation")]);
}
