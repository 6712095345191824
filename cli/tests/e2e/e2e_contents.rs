//! What real cosign attested: provenance, two SBOMs, a scan and VEX on one image, and a policy that
//! demands all of it; then one thing at a time is otherwise, and is named with its line.

mod documents;

use std::path::PathBuf;

use serde_json::Value;

use crate::support::ours::{Call, codes};
use documents::Documents;
use sovverify_testbed::cosign::{Cosign, KeyKind, KeyPair, Reach, Version};
use sovverify_testbed::image::Image;
use sovverify_testbed::kit::Kit;
use sovverify_testbed::registry::{Flavour, Registry};

/// Who signs what.
struct Signers {
    builder: KeyPair,
    scanner: KeyPair,
    security: KeyPair,
}

/// One thing that is otherwise than the policy wants it.
struct Change {
    what: &'static str,
    /// The code that must lead.
    code: &'static str,
    /// The beginning of the policy line that must be shown.
    line: &'static str,
    make: fn(&mut Documents),
}

const CHANGES: &[Change] = &[
    Change {
        what: "another builder",
        code: "provenance/builder-mismatch",
        line: "builder:",
        make: |documents| documents.provenance_builder("https://example.test/other-builder"),
    },
    Change {
        what: "another source",
        code: "provenance/source-mismatch",
        line: "source:",
        make: |documents| documents.provenance_source("git+https://example.test/evil/app"),
    },
    Change {
        what: "a package that is denied",
        code: "sbom/package-denied",
        line: "deny:",
        make: |documents| documents.spdx_package("event-stream", "3.3.6"),
    },
    Change {
        what: "an SBOM without suppliers",
        code: "sbom/profile-violation",
        line: "profile:",
        make: Documents::spdx_without_supplier,
    },
    Change {
        what: "a license that is not allowed",
        code: "sbom/license-not-allowed",
        line: "allow:",
        make: |documents| documents.cyclonedx_license("GPL-3.0-only"),
    },
    Change {
        what: "SPDX that calls itself CycloneDX",
        code: "sbom/format-mismatch",
        line: "sbom: # cyclonedx",
        make: Documents::cyclonedx_is_spdx,
    },
    Change {
        what: "a vulnerability that no statement is about",
        code: "vulnerability/found",
        line: "maxSeverity:",
        make: |documents| documents.scan_finds("CVE-2026-9999"),
    },
    Change {
        what: "a statement by somebody else",
        code: "vulnerability/found",
        line: "maxSeverity:",
        make: Documents::vex_by_scanner,
    },
    Change {
        what: "a failed condition",
        code: "expression/unmet",
        line: "- expression:",
        make: |documents| documents.scanner_version("0.1.0"),
    },
    Change {
        what: "provenance that nobody signed for the builder",
        code: "attestation/untrusted",
        line: "builder: { key:",
        make: Documents::provenance_by_scanner,
    },
];

#[test]
fn a_policy_that_demands_everything_admits_what_has_it_and_names_each_thing_that_has_not() {
    let Some(kit) = Kit::find() else { return };
    for (flavour, version) in [
        (Flavour::Referrers, Version::V3),
        (Flavour::Plain, Version::V2),
    ] {
        let registry = Registry::start(&kit, flavour);
        let cosign = Cosign::new(&kit, version);
        let signers = Signers {
            builder: cosign.key(KeyKind::P256, "builder"),
            scanner: cosign.key(KeyKind::P384, "scanner"),
            security: cosign.key(KeyKind::Ed25519, "security"),
        };
        let (policy, text) = policy(&kit, &signers);
        let honest = attested(&registry, &cosign, &signers, "honest", |_| ());
        let outcome = Call::image(&kit, &honest).with("--policy", &policy).run();
        assert!(outcome.admits(), "{version:?}: {outcome}");
        let noted = codes(outcome.result());
        assert!(noted.contains("vex/suppressed"), "{version:?}: {outcome}");
        for (number, change) in CHANGES.iter().enumerate() {
            let name = format!("changed-{number}");
            let image = attested(&registry, &cosign, &signers, &name, change.make);
            let outcome = Call::image(&kit, &image).with("--policy", &policy).run();
            let what = format!("{version:?}, {}: {outcome}", change.what);
            assert_eq!(outcome.code(), Some(1), "{what}");
            let finding = only_finding(outcome.result());
            assert_eq!(finding["code"], change.code, "{what}");
            let line = finding["position"]["line"].as_u64().unwrap();
            let shown = text
                .lines()
                .nth(usize::try_from(line).unwrap() - 1)
                .unwrap();
            assert!(
                shown.trim_start().starts_with(change.line),
                "{shown}: {what}"
            );
        }
    }
}

/// The finding of the only requirement that is not met.
fn only_finding(result: &Value) -> &Value {
    let requirements = result["policies"][0]["requirements"].as_array().unwrap();
    let unmet: Vec<&Value> = requirements
        .iter()
        .filter(|r| r["satisfied"] == false)
        .collect();
    let [unmet] = unmet.as_slice() else {
        panic!("expected one unmet requirement: {result}");
    };
    &unmet["findings"][0]
}

/// An image with everything attested, as `change` wants it.
fn attested(
    registry: &Registry,
    cosign: &Cosign<'_>,
    signers: &Signers,
    repository: &str,
    change: impl Fn(&mut Documents),
) -> String {
    let image = Image::push(registry, repository, repository);
    let reference = image.at(registry.address());
    cosign.sign(&signers.builder, &reference, Reach::Index);
    let mut documents = Documents::honest(&image.digest);
    change(&mut documents);
    for attestation in documents.attestations() {
        let key = match attestation.by {
            documents::By::Builder => &signers.builder,
            documents::By::Scanner => &signers.scanner,
            documents::By::Security => &signers.security,
        };
        let text = attestation.document.to_string();
        cosign.attest_as(key, &reference, attestation.kind, &text);
    }
    reference
}

/// The policy, and its text.
fn policy(kit: &Kit, signers: &Signers) -> (PathBuf, String) {
    let key = |pair: &KeyPair| pair.public.display().to_string();
    let text = format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: everything }}
spec:
  match: {{ images: [\"**\"] }}
  signers:
    builder: {{ key: {{ file: \"{}\" }}, trustRoot: none }}
    scanner: {{ key: {{ file: \"{}\" }}, trustRoot: none }}
    security: {{ key: {{ file: \"{}\" }}, trustRoot: none }}
  require:
    - name: signed
      signature: {{ by: [builder] }}
    - name: provenance
      attestation: # provenance
        type: slsa-provenance
        by: [builder]
        builder: https://example.test/builder
        source: {{ exact: \"git+https://example.test/acme/app\" }}
    - name: spdx
      sbom: # spdx
        by: [builder]
        formats: [spdx]
        profile: ntia-2021
        deny: {{ packages: [\"pkg:npm/event-stream@3.3.6\"] }}
    - name: cyclonedx
      sbom: # cyclonedx
        by: [security]
        formats: [cyclonedx]
        allow: {{ licenses: [MIT] }}
    - name: scanned
      vulnerabilities:
        by: [scanner]
        maxSeverity: medium
        vex: {{ by: [security] }}
        cel:
          - expression: \"predicate.scanner.version != '0.1.0'\"
            message: a scanner that knows nothing
",
        key(&signers.builder),
        key(&signers.scanner),
        key(&signers.security),
    );
    (kit.write("everything.yaml", &text), text)
}
