//! Lies in evidence: the registry is honest, what was pushed to it is not.

use serde_json::{Value, json};
use sovverify_forge::{Bundle, Forge, RELEASE_WORKFLOW, Statement, WORKFLOW_ISSUER, at};

use super::Lie;
use super::stage::{Stage, Told};
use sovverify_testbed::cosign::Reach;
use sovverify_testbed::image::Image;

/// The table.
pub(super) const LIES: &[Lie] = &[
    Lie {
        name: "a bundle by another key",
        code: "signature/invalid",
        exit: 1,
        tell: |stage, name| {
            let image = stage.image(name);
            let reference = image.at(stage.registry.address());
            stage
                .cosign3
                .sign(&stage.stranger, &reference, Reach::Index);
            stage.stored(&image)
        },
    },
    Lie {
        name: "a `.sig` by another key",
        code: "signature/invalid",
        exit: 1,
        tell: |stage, name| {
            let image = stage.image(name);
            let reference = image.at(stage.registry.address());
            stage
                .cosign2
                .sign(&stage.stranger, &reference, Reach::Index);
            stage.stored(&image)
        },
    },
    Lie {
        name: "the bundle of another image",
        code: "subject/mismatch",
        exit: 1,
        tell: |stage, name| {
            let (_, manifest) = stage.bundle_manifest(&stage.honest);
            let digest = manifest["layers"][0]["digest"].as_str().unwrap();
            let bundle = stage.registry.blob(&stage.honest.repository, digest);
            let image = stage.image(name);
            image.attach_bundle(&stage.registry, &bundle);
            stage.stored(&image)
        },
    },
    Lie {
        name: "the `.sig` of another image",
        code: "subject/mismatch",
        exit: 1,
        tell: |stage, name| {
            let manifest = stage.signature_manifest(&stage.honest);
            let image = stage.image(name);
            push_signature(stage, &image, &stage.honest, &manifest);
            stage.stored(&image)
        },
    },
    Lie {
        name: "a changed signature annotation",
        code: "signature/invalid",
        exit: 1,
        tell: |stage, name| {
            let image = stage.signed_by_2(name);
            let mut manifest = stage.signature_manifest(&image);
            let annotation =
                &mut manifest["layers"][0]["annotations"]["dev.cosignproject.cosign/signature"];
            *annotation = json!(flipped(annotation.as_str().unwrap()));
            push_signature(stage, &image, &image, &manifest);
            stage.stored(&image)
        },
    },
    Lie {
        name: "a payload that names this image under the signature of another",
        code: "signature/invalid",
        exit: 1,
        tell: |stage, name| {
            let image = stage.image(name);
            let mut manifest = stage.signature_manifest(&stage.honest);
            let digest = manifest["layers"][0]["digest"].as_str().unwrap();
            let payload = stage.registry.blob(&stage.honest.repository, digest);
            let payload = String::from_utf8(payload).unwrap();
            let payload = payload.replace(&stage.honest.digest, &image.digest);
            let layer =
                stage
                    .registry
                    .push_blob(name, "application/octet-stream", payload.as_bytes());
            manifest["layers"][0]["digest"] = layer["digest"].clone();
            manifest["layers"][0]["size"] = layer["size"].clone();
            push_signature(stage, &image, &stage.honest, &manifest);
            stage.stored(&image)
        },
    },
    Lie {
        name: "no signature at all",
        code: "signature/missing",
        exit: 1,
        tell: |stage, name| stage.stored(&stage.image(name)),
    },
    Lie {
        name: "a log entry borrowed from another signature",
        code: "transparency/entry-mismatch",
        exit: 1,
        tell: |stage, name| {
            keyless(stage, name, |honest, other| {
                honest.log_entry_borrowed_from(other)
            })
        },
    },
    Lie {
        name: "a proof stripped off, and the rest relabelled as an older version",
        code: "transparency/proof-missing",
        exit: 1,
        tell: |stage, name| {
            keyless(stage, name, |honest, _| {
                honest.proof_stripped_and_relabelled_v01()
            })
        },
    },
];

/// Puts a `.sig` manifest under the tag of an image; blobs that are not there yet are carried over.
fn push_signature(stage: &Stage<'_>, image: &Image, from: &Image, manifest: &Value) {
    for blob in [&manifest["config"], &manifest["layers"][0]] {
        let digest = blob["digest"].as_str().unwrap();
        if let Some(bytes) = stage.registry.find_blob(&from.repository, digest) {
            let repository = &image.repository;
            stage
                .registry
                .push_blob(repository, "application/octet-stream", &bytes);
        }
    }
    let tag = image.cosign_tag("sig");
    stage
        .registry
        .push_manifest(&image.repository, Some(&tag), manifest);
}

/// Another signature of the same length.
fn flipped(signature: &str) -> String {
    let (head, last) = signature.split_at(signature.len() - 8);
    let other = if last.starts_with('A') { 'B' } else { 'A' };
    format!("{head}{other}{}", &last[1..])
}

/// A keyless signature of the forge, made a lie with the help of another one; the honest image beside
/// it carries a keyless signature too.
fn keyless(stage: &Stage<'_>, name: &str, lie: fn(Bundle, &Bundle) -> Bundle) -> Told {
    let forge = Forge::new(at("2026-01-01T00:00:00Z"));
    let sign = |image: &Image| {
        let signing = forge.keyless(at("2026-03-02T11:04:05Z")).timestamped(1);
        signing.statement(&Statement::cosign_sign(&image.digest))
    };
    let (image, honest) = (stage.image(name), stage.image(&format!("{name}-honest")));
    let other = sign(&honest);
    honest.attach_bundle(&stage.registry, &other.bytes());
    image.attach_bundle(&stage.registry, &lie(sign(&image), &other).bytes());
    let root = stage
        .kit
        .write(&format!("{name}-root.json"), forge.trusted_root().text());
    let mut told = stage.stored(&image);
    told.honest = honest.at(stage.registry.address());
    told.flags.clear();
    told.with("--trusted-root", root)
        .with("--certificate-identity", RELEASE_WORKFLOW)
        .with("--certificate-oidc-issuer", WORKFLOW_ISSUER)
}
