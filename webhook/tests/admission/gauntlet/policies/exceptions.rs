//! Exceptions that were given, and what each is about (row 71).

use serde_json::json;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::{Digest, Evidence};
use sovverify_forge::{Key, KeyKind, Statement};
use sovverify_webhook::state::GivenException;

use super::in_space;
use crate::world::{World, attested, indented, review};

const EXCEPTION: &str = "https://policy.sovverify.dev/PolicyException/v1alpha1";

/// An exception for `image` from `requirement`, signed by `key`.
fn exception(world: &World, key: &Key, (image, requirement): (&str, &str)) -> GivenException {
    let digest = &world.digests[image];
    let predicate = json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "PolicyException",
        "metadata": { "name": format!("without-{requirement}") },
        "spec": {
            "images": [digest], "requirements": [requirement], "reason": "until May",
            "ticket": "SEC-1", "notAfter": "2026-06-20T00:00:00Z",
        },
    });
    let statement = Statement::new(EXCEPTION, digest, predicate);
    let form = Form::of_signed(attested(&world.forge, key, &statement).bytes()).unwrap();
    GivenException {
        namespace: Some("team".to_owned()),
        evidence: Evidence {
            subject: Digest::sha256(b""),
            origin: Origin {
                kind: OriginKind::File,
                place: "policyexceptions/team/x".to_owned(),
                manifest: None,
                blob: Digest::sha256(form.bytes()),
            },
            form,
        },
    }
}

#[tokio::test]
async fn gauntlet_071_exceptions_count_for_their_image_their_namespace_and_their_signers() {
    let world = World::new();
    let (ada, tenant) = (
        Key::generate(KeyKind::EcdsaP256),
        Key::generate(KeyKind::EcdsaP256),
    );
    let more = format!(
        "  exceptions: {{ by: [ada], maxValidity: 60d }}\n  signers:\n    ada:\n      trustRoot: none\n      key:\n        inline: |\n{}",
        indented(&ada.public_pem(), 10)
    );
    let lenient = world
        .policy("production", "")
        .replace("  signers:", &more)
        .replace(
            "by: [release] }",
            "by: [release] }
    - name: provenance
      attestation: { type: slsa-provenance, by: [release] }
    - name: inventory
      attestation: { type: spdx, by: [release] }",
        );
    let with = |given: Vec<GivenException>| world.apply_with(std::slice::from_ref(&lenient), given);
    let good = world.pinned("team/good");
    let ask = review(&[&good]);
    let of = |key: &Key, image: &str, what: &str| exception(&world, key, (image, what));
    // Both demands are excused for this image, by two exceptions that say so.
    with(vec![
        of(&ada, "team/good", "provenance"),
        of(&ada, "team/good", "inventory"),
    ]);
    let excused = world.thrice(&ask).await;
    excused.is_allowed();
    assert!(excused.warnings().contains("exception/used"), "{excused:?}");
    // Not in another namespace.
    let elsewhere = world.thrice(&in_space(&ask, "vault")).await;
    elsewhere.is_denied("attestation/missing");
    // Two that together would say so do not: one is about another image.
    with(vec![
        of(&ada, "team/good", "provenance"),
        of(&ada, "team/other", "inventory"),
    ]);
    assert!(!world.thrice(&ask).await.allowed());
    // A tenant's own does not count, beside an honest one or alone.
    with(vec![
        of(&ada, "team/good", "provenance"),
        of(&tenant, "team/good", "inventory"),
    ]);
    assert!(!world.thrice(&ask).await.allowed());
    // What it was is forgotten with it: the verdict that rested on it is not found any more.
    with(vec![
        of(&ada, "team/good", "provenance"),
        of(&ada, "team/good", "inventory"),
    ]);
    world.pod(&[&good]).await.is_allowed();
    with(Vec::new());
    world.pod(&[&good]).await.is_denied("attestation/missing");
}
