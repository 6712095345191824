//! What is said about images: in-toto statements and simple-signing payloads.

use serde_json::{Value, json};

use crate::x509::{RELEASE_WORKFLOW, REPOSITORY};

/// In-toto Statement v1.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// In-toto Statement v0.1.
pub const STATEMENT_V01: &str = "https://in-toto.io/Statement/v0.1";
/// What `cosign sign` attests since v3: that the image is signed.
pub const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
/// SLSA provenance v1.
pub const SLSA_V1: &str = "https://slsa.dev/provenance/v1";
/// SLSA provenance v0.2.
pub const SLSA_V02: &str = "https://slsa.dev/provenance/v0.2";
/// SPDX documents.
pub const SPDX: &str = "https://spdx.dev/Document";

/// An in-toto statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// `_type`.
    pub statement_type: String,
    /// `predicateType`.
    pub predicate_type: String,
    /// Subjects: a name, if any, and an OCI digest.
    pub subjects: Vec<(Option<String>, String)>,
    /// The predicate.
    pub predicate: Value,
}

impl Statement {
    /// A statement v1 about one digest, written `sha256:<hex>`.
    pub fn new(predicate_type: &str, subject: &str, predicate: Value) -> Self {
        Self {
            statement_type: STATEMENT_V1.to_owned(),
            predicate_type: predicate_type.to_owned(),
            subjects: vec![(None, subject.to_owned())],
            predicate,
        }
    }

    /// What `cosign sign` attests.
    pub fn cosign_sign(subject: &str) -> Self {
        Self::new(COSIGN_SIGN, subject, json!({}))
    }

    /// SLSA provenance v1 by the release workflow.
    pub fn slsa_v1(subject: &str) -> Self {
        let predicate = json!({
            "buildDefinition": {
                "buildType": "https://ci.forge.example/buildtypes/workflow/v1",
                "externalParameters": {
                    "workflow": {
                        "path": ".github/workflows/release.yml",
                        "ref": "refs/tags/v1.0.0",
                        "repository": REPOSITORY,
                    },
                },
                "internalParameters": {},
                "resolvedDependencies": [{
                    "digest": { "gitCommit": "6e8b7c0d5a4f39281706f5e4d3c2b1a098765432" },
                    "uri": format!("git+{REPOSITORY}@refs/tags/v1.0.0"),
                }],
            },
            "runDetails": {
                "builder": { "id": RELEASE_WORKFLOW },
                "metadata": {
                    "invocationId": "https://ci.forge.example/acme/app/runs/1001/attempts/1",
                    "startedOn": "2026-03-02T10:58:11Z",
                    "finishedOn": "2026-03-02T11:03:40Z",
                },
            },
        });
        Self::new(SLSA_V1, subject, predicate).named("registry.forge.example/acme/app")
    }

    /// SLSA provenance v0.2 by the release workflow.
    pub fn slsa_v02(subject: &str) -> Self {
        let source = json!({
            "digest": { "sha1": "6e8b7c0d5a4f39281706f5e4d3c2b1a098765432" },
            "entryPoint": ".github/workflows/release.yml",
            "uri": format!("git+{REPOSITORY}@refs/tags/v1.0.0"),
        });
        let predicate = json!({
            "buildType": "https://ci.forge.example/buildtypes/workflow/v1",
            "builder": { "id": RELEASE_WORKFLOW },
            "invocation": { "configSource": source },
            "materials": [{ "digest": source["digest"], "uri": source["uri"] }],
            "metadata": {
                "buildStartedOn": "2026-03-02T10:58:11Z",
                "buildFinishedOn": "2026-03-02T11:03:40Z",
            },
        });
        Self::new(SLSA_V02, subject, predicate)
            .named("registry.forge.example/acme/app")
            .as_v01()
    }

    /// A small SPDX 2.3 document that has all that NTIA's minimum elements ask for.
    pub fn spdx(subject: &str, platform: &str) -> Self {
        let package = |id: &str, name: &str, version: &str, purl: &str| {
            json!({
                "SPDXID": format!("SPDXRef-{id}"),
                "downloadLocation": "NOASSERTION",
                "externalRefs": [{
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceLocator": purl,
                    "referenceType": "purl",
                }],
                "filesAnalyzed": false,
                "licenseConcluded": "Apache-2.0",
                "licenseDeclared": "Apache-2.0",
                "name": name,
                "supplier": "Organization: Acme",
                "versionInfo": version,
            })
        };
        let relation = |from: &str, kind: &str, to: &str| {
            json!({
                "relatedSpdxElement": to,
                "relationshipType": kind,
                "spdxElementId": from,
            })
        };
        let predicate = json!({
            "SPDXID": "SPDXRef-DOCUMENT",
            "creationInfo": {
                "created": "2026-03-02T11:03:51Z",
                "creators": ["Organization: Acme", "Tool: forge-sbom-1.0"],
            },
            "dataLicense": "CC0-1.0",
            "documentNamespace": format!("https://git.forge.example/acme/app/sbom/{platform}"),
            "name": format!("acme/app {platform}"),
            "packages": [
                package("app", "app", "1.0.0", "pkg:oci/app@1.0.0"),
                package("greeting", "greeting", "0.3.1", "pkg:generic/greeting@0.3.1"),
            ],
            "relationships": [
                relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-app"),
                relation("SPDXRef-app", "DEPENDS_ON", "SPDXRef-greeting"),
            ],
            "spdxVersion": "SPDX-2.3",
        });
        Self::new(SPDX, subject, predicate).named("registry.forge.example/acme/app")
    }

    /// The same statement with a name for its first subject.
    pub fn named(mut self, name: &str) -> Self {
        self.subjects[0].0 = Some(name.to_owned());
        self
    }

    /// The same statement in the older format.
    pub fn as_v01(mut self) -> Self {
        STATEMENT_V01.clone_into(&mut self.statement_type);
        self
    }

    /// The statement as the bytes that are signed.
    pub fn bytes(&self) -> Vec<u8> {
        let subjects: Vec<Value> = self
            .subjects
            .iter()
            .map(|(name, digest)| {
                let (algorithm, hex) = digest.split_once(':').unwrap();
                let mut subject = json!({ "digest": { algorithm: hex } });
                if let Some(name) = name {
                    subject["name"] = json!(name);
                }
                subject
            })
            .collect();
        json!({
            "_type": self.statement_type,
            "predicate": self.predicate,
            "predicateType": self.predicate_type,
            "subject": subjects,
        })
        .to_string()
        .into_bytes()
    }
}

/// A simple-signing payload as cosign writes it.
pub fn simple_signing(docker_reference: &str, digest: &str) -> Vec<u8> {
    let reference = json!(docker_reference);
    let digest = json!(digest);
    format!(
        r#"{{"critical":{{"identity":{{"docker-reference":{reference}}},"image":{{"docker-manifest-digest":{digest}}},"type":"cosign container image signature"}},"optional":null}}"#
    )
    .into_bytes()
}
