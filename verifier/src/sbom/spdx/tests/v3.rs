//! SPDX 3 in JSON-LD.

mod breaks;
mod licenses;

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
