//! The evidence that the table is held against.

use serde_json::{Value, json};
use sovverify::evidence::Form;
use sovverify::{Digest, Evidence};
use sovverify_forge::Statement;

use crate::world::{CUSTOM, EXCEPTION, OPENVEX, SCAN, World, evidence, exception, scan, vex};

/// A type of VEX documents that only a policy can know.
pub(crate) const OWN_VEX: &str = "https://acme.example/vex/v1";
/// The commit from which everything was built.
pub(crate) const COMMIT: &str = "6e8b7c0d5a4f39281706f5e4d3c2b1a098765432";
/// The package in which everything is found.
const PACKAGE: &str = "pkg:npm/greeting@0.3.1";

/// Which evidence there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    /// All of it, and honest.
    Honest,
    /// The same with an SBOM that lists one more component, without any data.
    Bare,
    /// The same with an SBOM that does not say what it describes.
    Silent,
    /// None.
    Empty,
}

impl Pool {
    pub(crate) const ALL: [Self; 4] = [Self::Honest, Self::Bare, Self::Silent, Self::Empty];

    pub(crate) fn evidence(self, world: &World) -> Vec<Evidence> {
        if self == Self::Empty {
            return Vec::new();
        }
        let mut sbom = sbom(world);
        match self {
            Self::Bare => {
                let bare = json!({ "SPDXID": "SPDXRef-bare", "name": "bare", "downloadLocation": "NOASSERTION" });
                sbom.predicate["packages"]
                    .as_array_mut()
                    .unwrap()
                    .push(bare);
            }
            Self::Silent => {
                sbom.predicate["packages"][0]["checksums"] = checksums(&"a".repeat(64));
            }
            Self::Honest | Self::Empty => {}
        }
        let suppressing = |id: &str| vex(id, PACKAGE, "not_affected");
        let mut all = vec![
            world.stated("release", &sbom),
            world.provenance(),
            world.stated("release", &older_provenance(world)),
            world.attest(
                "release",
                "https://slsa.dev/verification_summary/v1",
                summary(),
            ),
            world.attest("release", CUSTOM, json!({ "ok": true })),
            world.attest(
                "scanner",
                SCAN,
                scan(&[("CVE-2026-0001", "HIGH"), ("CVE-2026-0002", "HIGH")]),
            ),
            world.attest("vendor", OPENVEX, suppressing("CVE-2026-0001")),
            world.attest("vendor", OWN_VEX, suppressing("CVE-2026-0002")),
            signature(world),
        ];
        let mut excuse = exception(&world.digest(), "2026-04-01T00:00:00Z");
        let other = Digest::sha256(b"another image").to_string();
        excuse["spec"]["images"] = json!([world.digest(), other]);
        for name in ["first", "second"] {
            all.push(world.attest(name, EXCEPTION, excuse.clone()));
        }
        all
    }
}

fn checksums(hex: &str) -> Value {
    json!([{ "algorithm": "SHA256", "checksumValue": hex }])
}

/// An SBOM that says everything, and what it describes.
fn sbom(world: &World) -> Statement {
    let mut statement = Statement::spdx(&world.digest(), "linux/amd64");
    let packages = &mut statement.predicate["packages"];
    packages[0]["checksums"] = checksums(&world.image.digest().hex());
    packages[1]["checksums"] = checksums(&"b".repeat(64));
    packages[1]["externalRefs"][0]["referenceLocator"] = json!(PACKAGE);
    statement
}

/// Provenance of the older form: from a branch, by a builder that calls the build reproducible.
fn older_provenance(world: &World) -> Statement {
    let mut statement = Statement::slsa_v02(&world.digest());
    let main = format!("git+{}@refs/heads/main", sovverify_forge::REPOSITORY);
    statement.predicate["invocation"]["configSource"]["uri"] = json!(main);
    statement.predicate["materials"][0]["uri"] = json!(main);
    statement.predicate["metadata"]["reproducible"] = json!(true);
    statement
}

fn summary() -> Value {
    json!({
        "verifier": { "id": "https://acme.example/verifier" },
        "timeVerified": "2026-03-02T11:04:00Z",
        "resourceUri": "oci://registry.forge.example/acme/app",
        "policy": { "uri": "https://acme.example/policy/7", "digest": { "sha256": "c".repeat(64) } },
        "inputAttestations": [],
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_2"],
    })
}

/// A signature of the older form, which can carry annotations.
fn signature(world: &World) -> Evidence {
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": "r" },
            "image": { "docker-manifest-digest": world.digest() },
            "type": "cosign container image signature",
        },
        "optional": { "env": "production" },
    });
    let signing = world.signing("release");
    let layer = signing.cosign_signature_over(payload.to_string().as_bytes());
    let form = Form::CosignSignature {
        payload: layer.blob,
        annotations: layer.annotations,
    };
    evidence(world.image.digest(), form)
}
