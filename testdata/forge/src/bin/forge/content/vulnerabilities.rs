//! What is known to be wrong with the image.

use serde_json::{Value, json};
use sovverify_forge::{Descriptor, Layout};

use super::{Case, Policy, Workshop, image, policy};

const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
const VEX: &str = "https://openvex.dev/ns/v0.2.0";
const SPDX: &str = "https://spdx.dev/Document";

/// A scan by Trivy that found one vulnerability of this severity.
fn scan(severity: &str, finished: &str) -> Value {
    json!({
        "invocation": { "parameters": [], "uri": "", "event_id": "", "builder.id": "" },
        "scanner": {
            "uri": "pkg:generic/trivy@0.60.0",
            "version": "0.60.0",
            "db": { "uri": "", "version": "2", "lastUpdate": finished },
            "result": {
                "SchemaVersion": 2,
                "ArtifactName": "registry.forge.example/acme/app",
                "Results": [{
                    "Target": "app",
                    "Type": "npm",
                    "Vulnerabilities": [{
                        "VulnerabilityID": "CVE-2026-1000",
                        "PkgName": "left-pad",
                        "PkgIdentifier": { "PURL": "pkg:npm/left-pad@1.3.0" },
                        "InstalledVersion": "1.3.0",
                        "FixedVersion": "1.3.1",
                        "Severity": severity,
                    }],
                }],
            },
        },
        "metadata": { "scanStartedOn": finished, "scanFinishedOn": finished },
    })
}

/// An OpenVEX document with one statement about the image.
fn vex(image: &Descriptor, status: &str) -> Value {
    let hex = image.digest.trim_start_matches("sha256:");
    let mut statement = json!({
        "vulnerability": { "name": "CVE-2026-1000" },
        "products": [{
            "@id": format!("pkg:oci/app@sha256%3A{hex}"),
            "subcomponents": [{ "@id": "pkg:npm/left-pad@1.3.0" }],
        }],
        "status": status,
        "timestamp": "2026-03-02T11:03:51Z",
    });
    if status == "not_affected" {
        statement["justification"] = json!("vulnerable_code_not_in_execute_path");
    } else {
        statement["action_statement"] = json!("update to 1.3.1");
    }
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("https://acme.example/vex/{status}"),
        "author": "Acme",
        "timestamp": "2026-03-02T11:03:51Z",
        "version": 1,
        "statements": [statement],
    })
}

const FRESH: &str = "2026-03-02T11:00:00Z";

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = scans(workshop);
    cases.extend(statements(workshop));
    cases.extend(lookups(workshop));
    cases
}

fn scans(workshop: &Workshop) -> Vec<Case> {
    let rule = |rest: &str| {
        format!("    - name: scanned\n      vulnerabilities: {{ by: [release]{rest} }}\n")
    };
    let case = |name: &str, about: &str, rest: &str, predicate: Value| {
        workshop.saying((name, about), &rule(rest), SCAN, predicate)
    };
    vec![
        case(
            "honest/scan",
            "One vulnerability of medium severity, which is tolerated.",
            ", maxSeverity: medium, maxAge: 7d",
            scan("MEDIUM", FRESH),
        ),
        case(
            "vulnerability/found",
            "One vulnerability of high severity, and medium is tolerated.",
            ", maxSeverity: medium",
            scan("HIGH", FRESH),
        )
        .denied("vulnerability/found"),
        case(
            "vulnerability/scan-too-old",
            "The signature is fresh, and the scan behind it is a month old.",
            ", maxSeverity: medium, maxAge: 7d",
            scan("LOW", "2026-02-01T00:00:00Z"),
        )
        .denied("vulnerability/scan-too-old"),
        case(
            "vulnerability/malformed",
            "The result has a shape that no scanner writes.",
            ", maxSeverity: critical",
            json!({ "scanner": { "uri": "x", "version": "1", "db": {}, "result": { "critical": 0 } }, "metadata": {} }),
        )
        .denied("vulnerability/malformed"),
    ]
}

fn statements(workshop: &Workshop) -> Vec<Case> {
    let rule = "    - name: scanned\n      vulnerabilities: { by: [release], maxSeverity: medium, vex: { by: [first] } }\n";
    let case = |name: &str, about: &str, said: &dyn Fn(&mut Layout, &Descriptor)| {
        Workshop::case((name, about), rule, |layout, image| {
            layout.attach_bundle(image, &workshop.attested(SCAN, image, scan("HIGH", FRESH)));
            said(layout, image);
        })
    };
    let first = |layout: &mut Layout, image: &Descriptor, document: Value| {
        layout.attach_bundle(
            image,
            &workshop.keyed(&workshop.first, VEX, image, document),
        );
    };
    vec![
        case(
            "vex/suppressed",
            "A trusted statement says that the image is not affected.",
            &|layout, image| first(layout, image, vex(image, "not_affected")),
        )
        .noted("vex/suppressed"),
        case(
            "vex/untrusted",
            "Somebody else says that the image is not affected.",
            &|layout, image| {
                let document = vex(image, "not_affected");
                layout.attach_bundle(image, &workshop.attested(VEX, image, document));
            },
        )
        .denied("vex/untrusted"),
        case(
            "vex/conflict",
            "Two trusted documents disagree, and the stricter one counts.",
            &|layout, image| {
                first(layout, image, vex(image, "not_affected"));
                first(layout, image, vex(image, "affected"));
            },
        )
        .denied("vex/conflict"),
        workshop
            .saying(
                ("vex/malformed", "What is attested as OpenVEX has no statements."),
                "    - name: vex\n      attestation: { type: openvex, by: [release] }\n",
                VEX,
                json!({ "@context": VEX, "@id": "x", "author": "Acme", "timestamp": FRESH, "version": 1 }),
            )
            .denied("vex/malformed"),
    ]
}

/// An SPDX document with one package, `purl` included where it has one.
fn sbom(purl: Option<&str>) -> Value {
    let references: Vec<Value> = purl
        .iter()
        .map(|purl| {
            json!({
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceLocator": purl,
                "referenceType": "purl",
            })
        })
        .collect();
    json!({
        "SPDXID": "SPDXRef-DOCUMENT",
        "creationInfo": { "created": FRESH, "creators": ["Organization: Acme"] },
        "dataLicense": "CC0-1.0",
        "documentNamespace": "https://git.forge.example/acme/app/sbom",
        "name": "app",
        "packages": [{
            "SPDXID": "SPDXRef-left-pad",
            "downloadLocation": "NOASSERTION",
            "externalRefs": references,
            "name": "left-pad",
            "versionInfo": "1.3.0",
        }],
        "relationships": [{
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-left-pad",
        }],
        "spdxVersion": "SPDX-2.3",
    })
}

/// An OSV record about left-pad, fixed in 1.3.1.
fn record() -> Value {
    json!({
        "schema_version": "1.6.0",
        "id": "GHSA-xxxx-xxxx-0001",
        "aliases": ["CVE-2026-1000"],
        "modified": "2026-03-02T00:00:00Z",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
        "affected": [{
            "package": { "ecosystem": "npm", "name": "left-pad" },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.3.1" }] }],
        }],
    })
}

fn lookups(workshop: &Workshop) -> Vec<Case> {
    let rule = |rest: &str| {
        format!(
            "    - name: looked-up\n      vulnerabilities: {{ database: osv, sbom: {{ by: [release] }}, maxSeverity: high{rest} }}\n"
        )
    };
    let case = |name: &str, about: &str, rest: &str, purl: Option<&str>, record: &str| {
        let (mut layout, image) = image();
        layout.attach_bundle(&image, &workshop.attested(SPDX, &image, sbom(purl)));
        let files = vec![("osv/npm/one.json".to_owned(), record.as_bytes().to_vec())];
        Case::new(name, about, Policy::Own(policy(&rule(rest)), files), layout)
    };
    let one = record().to_string();
    let fixed = Some("pkg:npm/left-pad@1.3.1");
    vec![
        case(
            "honest/lookup",
            "The package has the version in which the vulnerability is fixed.",
            ", maxAge: 7d",
            fixed,
            &one,
        ),
        case(
            "vulnerability/found-by-lookup",
            "The package has a version that the database calls vulnerable.",
            "",
            Some("pkg:npm/left-pad@1.3.0"),
            &one,
        )
        .denied("vulnerability/found"),
        case(
            "vulnerability/unassessed",
            "The package has no package URL, so nothing can be looked up.",
            "",
            None,
            &one,
        )
        .denied("vulnerability/unassessed"),
        case(
            "vulnerability/database-too-old",
            "Nobody refreshed the database for more than an hour.",
            ", maxAge: 1h",
            fixed,
            &one,
        )
        .denied("vulnerability/database-too-old"),
        case(
            "vulnerability/database-malformed",
            "A file in the database is no record.",
            "",
            fixed,
            "{}",
        )
        .fails("vulnerability/database-malformed"),
    ]
}
