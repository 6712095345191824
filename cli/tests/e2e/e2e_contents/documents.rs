//! What is attested: honest documents, and one change at a time.

use serde_json::{Value, json};

/// Who attests a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Builder,
    Scanner,
    Security,
}

/// A document as it is attested.
pub(super) struct Attestation {
    /// cosign's `--type`.
    pub(super) kind: &'static str,
    pub(super) by: By,
    pub(super) document: Value,
}

/// Everything that is attested about one image.
pub(super) struct Documents {
    provenance: Value,
    provenance_by: By,
    spdx: Value,
    cyclonedx: Value,
    scan: Value,
    vex: Value,
    vex_by: By,
}

const TIME: &str = "2026-03-02T11:00:00Z";

impl Documents {
    /// Documents with which nothing is wrong.
    pub(super) fn honest(digest: &str) -> Self {
        Self {
            provenance: provenance(),
            provenance_by: By::Builder,
            spdx: spdx(),
            cyclonedx: cyclonedx(),
            scan: scan(),
            vex: vex(digest),
            vex_by: By::Security,
        }
    }

    pub(super) fn attestations(self) -> Vec<Attestation> {
        let one = |kind, by, document| Attestation { kind, by, document };
        vec![
            one("slsaprovenance1", self.provenance_by, self.provenance),
            one("spdxjson", By::Builder, self.spdx),
            one("cyclonedx", By::Security, self.cyclonedx),
            one("vuln", By::Scanner, self.scan),
            one("openvex", self.vex_by, self.vex),
        ]
    }

    pub(super) fn provenance_builder(&mut self, id: &str) {
        self.provenance["runDetails"]["builder"]["id"] = json!(id);
    }

    pub(super) fn provenance_source(&mut self, uri: &str) {
        let definition = &mut self.provenance["buildDefinition"];
        definition["externalParameters"]["source"] = json!(uri);
        definition["resolvedDependencies"][0]["uri"] = json!(uri);
    }

    pub(super) fn provenance_by_scanner(&mut self) {
        self.provenance_by = By::Scanner;
    }

    pub(super) fn spdx_package(&mut self, name: &str, version: &str) {
        let package = &mut self.spdx["packages"][1];
        package["name"] = json!(name);
        package["versionInfo"] = json!(version);
        package["externalRefs"][0]["referenceLocator"] = json!(format!("pkg:npm/{name}@{version}"));
    }

    pub(super) fn spdx_without_supplier(&mut self) {
        self.spdx["packages"][1]
            .as_object_mut()
            .unwrap()
            .remove("supplier");
    }

    pub(super) fn cyclonedx_license(&mut self, id: &str) {
        self.cyclonedx["components"][0]["licenses"] = json!([{ "license": { "id": id } }]);
    }

    pub(super) fn cyclonedx_is_spdx(&mut self) {
        self.cyclonedx = spdx();
    }

    pub(super) fn scan_finds(&mut self, id: &str) {
        let result = &mut self.scan["scanner"]["result"];
        result["Results"][0]["Vulnerabilities"][0]["VulnerabilityID"] = json!(id);
    }

    pub(super) fn scanner_version(&mut self, version: &str) {
        self.scan["scanner"]["version"] = json!(version);
    }

    pub(super) fn vex_by_scanner(&mut self) {
        self.vex_by = By::Scanner;
    }
}

fn provenance() -> Value {
    let source = "git+https://example.test/acme/app";
    json!({
        "buildDefinition": {
            "buildType": "https://example.test/build/v1",
            "externalParameters": { "source": source },
            "internalParameters": {},
            "resolvedDependencies": [{
                "uri": source,
                "digest": { "gitCommit": "6e8b7c0d5a4f39281706f5e4d3c2b1a098765432" },
            }],
        },
        "runDetails": {
            "builder": { "id": "https://example.test/builder" },
            "metadata": { "invocationId": "1" },
        },
    })
}

fn spdx() -> Value {
    let package = |id: &str, name: &str, version: &str| {
        json!({
            "SPDXID": format!("SPDXRef-{id}"),
            "name": name,
            "versionInfo": version,
            "supplier": "Organization: Acme",
            "downloadLocation": "NOASSERTION",
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": format!("pkg:npm/{name}@{version}"),
            }],
        })
    };
    let relation = |from: &str, kind: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to });
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "documentNamespace": "https://example.test/spdx/app",
        "creationInfo": { "created": TIME, "creators": ["Organization: Acme", "Tool: test"] },
        "packages": [package("app", "app", "1.0.0"), package("dependency", "left-pad", "1.3.0")],
        "relationships": [
            relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-app"),
            relation("SPDXRef-app", "DEPENDS_ON", "SPDXRef-dependency"),
        ],
    })
}

fn cyclonedx() -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "timestamp": TIME },
        "components": [{
            "type": "library",
            "bom-ref": "left-pad",
            "name": "left-pad",
            "version": "1.3.0",
            "purl": "pkg:npm/left-pad@1.3.0",
            "licenses": [{ "license": { "id": "MIT" } }],
        }],
    })
}

fn scan() -> Value {
    json!({
        "invocation": { "parameters": null, "uri": "", "event_id": "", "builder.id": "" },
        "scanner": {
            "uri": "pkg:generic/trivy@0.60.0",
            "version": "0.60.0",
            "db": { "uri": "", "version": "2", "lastUpdate": TIME },
            "result": {
                "SchemaVersion": 2,
                "Results": [{
                    "Target": "app",
                    "Vulnerabilities": [{
                        "VulnerabilityID": "CVE-2026-1000",
                        "PkgName": "left-pad",
                        "PkgIdentifier": { "PURL": "pkg:npm/left-pad@1.3.0" },
                        "InstalledVersion": "1.3.0",
                        "Severity": "HIGH",
                    }],
                }],
            },
        },
        "metadata": { "scanStartedOn": TIME, "scanFinishedOn": TIME },
    })
}

fn vex(digest: &str) -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.test/vex/1",
        "author": "Acme",
        "timestamp": TIME,
        "version": 1,
        "statements": [{
            "vulnerability": { "name": "CVE-2026-1000" },
            "products": [{
                "@id": format!("pkg:oci/app@{}", digest.replace(':', "%3A")),
                "subcomponents": [{ "@id": "pkg:npm/left-pad@1.3.0" }],
            }],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }],
    })
}
