//! What is in the image.

use serde_json::{Value, json};
use sovverify_forge::{Descriptor, Layout, SPDX, Statement};

use super::{Case, Workshop, image};

const CYCLONEDX: &str = "https://cyclonedx.org/bom/v1.6";

/// A component with all that the rules here ask for.
fn component(name: &str, version: &str, license: &str) -> Value {
    json!({
        "type": "library",
        "bom-ref": name,
        "name": name,
        "version": version,
        "purl": format!("pkg:npm/{name}@{version}"),
        "supplier": { "name": "Acme" },
        "hashes": [{ "alg": "SHA-256", "content": "d4".repeat(32) }],
        "licenses": [{ "license": { "id": license } }],
    })
}

/// A CycloneDX document about `image` with these components.
fn cyclonedx(image: &Descriptor, components: &[Value]) -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-03-02T11:03:51Z",
            "authors": [{ "name": "Acme", "email": "sbom@acme.example" }],
            "component": {
                "type": "container",
                "bom-ref": "image",
                "name": "registry.forge.example/acme/app",
                "version": image.digest,
                "purl": format!("pkg:oci/app@{}", image.digest.replace(':', "%3A")),
                "supplier": { "name": "Acme" },
            },
        },
        "components": components,
        "dependencies": [{ "ref": "image", "dependsOn": ["left-pad"] }],
    })
}

fn good() -> Vec<Value> {
    vec![
        component("left-pad", "1.3.0", "MIT"),
        component("event-stream", "4.0.1", "MIT"),
    ]
}

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = documents(workshop);
    cases.extend(contents(workshop));
    cases
}

fn rule(rest: &str) -> String {
    format!("    - name: sbom\n      sbom:\n        by: [release]\n{rest}")
}

fn documents(workshop: &Workshop) -> Vec<Case> {
    let (_, image) = image();
    let spdx = || Statement::spdx(&image.digest, "linux/amd64").predicate;
    let bom = || cyclonedx(&image, &good());
    let denied = |code: &'static str, about: &str, kind: &str, predicate: Value| {
        workshop
            .saying((code, about), &rule(""), kind, predicate)
            .denied(code)
    };
    let mut without_name = bom();
    without_name["components"][0]
        .as_object_mut()
        .unwrap()
        .remove("name");
    let mut old = spdx();
    old["spdxVersion"] = json!("SPDX-1.2");
    let cut = json!("{\"spdxVersion\": ");
    vec![
        workshop.saying(
            (
                "honest/sbom-spdx",
                "An SPDX document that meets NTIA's minimum elements.",
            ),
            &rule("        profile: ntia-2021\n        maxAge: 180d\n"),
            SPDX,
            spdx(),
        ),
        denied("sbom/malformed", "The document ends too early.", SPDX, cut),
        denied("sbom/unsupported", "The document is SPDX 1.2.", SPDX, old),
        denied(
            "sbom/schema-violation",
            "A component has no name.",
            CYCLONEDX,
            without_name,
        ),
        denied(
            "sbom/format-mismatch",
            "What is attested as SPDX is CycloneDX.",
            SPDX,
            bom(),
        ),
        denied(
            "sbom/empty",
            "The document lists nothing.",
            CYCLONEDX,
            empty(bom()),
        ),
        unsigned(),
    ]
}

/// The document without anything in it.
fn empty(mut bom: Value) -> Value {
    bom["components"] = json!([]);
    bom["metadata"].as_object_mut().unwrap().remove("component");
    bom.as_object_mut().unwrap().remove("dependencies");
    bom
}

fn unsigned() -> Case {
    let about = "The SBOM is attached, and nobody signed it.";
    Workshop::case(
        ("sbom/unsigned", about),
        &rule(""),
        |layout: &mut Layout, image| {
            let document = cyclonedx(image, &good()).to_string();
            layout.attach_sbom(image, "application/vnd.cyclonedx+json", document.as_bytes());
        },
    )
    .denied("sbom/unsigned")
}

const STRICT: &str = "        profile: ntia-2021
        subject: image
        hashes: [sha256]
        deny: { packages: [\"pkg:npm/event-stream@3.3.6\"], licenses: [AGPL-3.0-only] }
        allow: { packages: [\"pkg:npm/*\", \"pkg:npm/@*/*\"], licenses: [MIT, Apache-2.0] }
        coverage: { purl: 100, supplier: 90 }
";

fn contents(workshop: &Workshop) -> Vec<Case> {
    let (_, image) = image();
    let mut dual = component("dual", "1.0.0", "MIT");
    dual["licenses"] = json!([{ "expression": "MIT OR GPL-3.0-only" }]);
    let other = Descriptor {
        digest: format!("sha256:{}", "e5".repeat(32)),
        ..image.clone()
    };
    let saying =
        |words, rest: &str, document| workshop.saying(words, &rule(rest), CYCLONEDX, document);
    let about = "Packages, licenses, hashes and subject are as wanted; one license is a choice.";
    let whole = cyclonedx(&image, &[good(), vec![dual]].concat());
    let mut cases = vec![
        saying(("honest/sbom-contents", about), STRICT, whole),
        saying(
            ("sbom/subject-mismatch", "The SBOM describes another image."),
            "        subject: image\n",
            cyclonedx(&other, &good()),
        )
        .denied("sbom/subject-mismatch"),
        saying(
            (
                "sbom/package-denied-range",
                "The SBOM lists a version within a range that is denied.",
            ),
            "        deny: { packages: [\"pkg:npm/left-pad@>=1.0,<1.3.1\"] }\n",
            cyclonedx(&image, &good()),
        )
        .denied("sbom/package-denied"),
    ];
    for (code, about, rest, components) in refused() {
        let document = cyclonedx(&image, &components);
        cases.push(saying((code, about), rest, document).denied(code));
    }
    cases
}

/// Codes, what is told, the demand, and the components that do not meet it.
fn refused() -> [(&'static str, &'static str, &'static str, Vec<Value>); 8] {
    let left_pad = |license: &str| component("left-pad", "1.3.0", license);
    let mut bare = component("bare", "1.0.0", "MIT");
    for field in ["hashes", "supplier"] {
        bare.as_object_mut().unwrap().remove(field);
    }
    let hidden = component("event-stream", "3.3.6", "MIT");
    [
        (
            "sbom/package-denied",
            "The SBOM lists a version that is denied.",
            STRICT,
            vec![left_pad("MIT"), hidden],
        ),
        (
            "sbom/package-not-allowed",
            "The SBOM lists a package from elsewhere than is allowed.",
            "        allow: { packages: [\"pkg:npm/left-pad@>=1.0,<2\"] }\n",
            good(),
        ),
        (
            "sbom/license-denied",
            "A component is under a license that is denied, without a choice.",
            STRICT,
            vec![left_pad("AGPL-3.0-only")],
        ),
        (
            "sbom/license-not-allowed",
            "A component is under a license that is not on the list.",
            "        allow: { licenses: [MIT] }\n",
            vec![left_pad("BSD-3-Clause")],
        ),
        (
            "sbom/hash-missing",
            "A component has no hash.",
            "        hashes: [sha256, sha512]\n",
            vec![left_pad("MIT"), bare.clone()],
        ),
        (
            "sbom/coverage-too-low",
            "Two of three components tell their supplier.",
            "        coverage: { supplier: 90 }\n",
            vec![left_pad("MIT"), bare],
        ),
        (
            "sbom/too-old",
            "The SBOM is a day old, and an hour is wanted.",
            "        maxAge: 1h\n",
            good(),
        ),
        (
            "sbom/profile-violation",
            "A regulator's profile wants much more than this SBOM tells.",
            "        profile: bsi-tr-03183-2-v2.1\n",
            good(),
        ),
    ]
}
