//! Documents of ours that are refused before they are stored (rows 84, 147).

use serde_json::{Value, json};

use crate::world::{World, review, review_of};

/// A document of ours as a review.
fn document(kind: &str, spec: &Value) -> Value {
    let metadata = json!({ "name": "p", "namespace": "team" });
    review_of(
        ("policy.sovverify.dev", kind),
        &json!({
            "apiVersion": "policy.sovverify.dev/v1alpha1", "kind": kind, "metadata": metadata,
            "spec": spec,
        }),
    )
}

fn spec(world: &World) -> Value {
    json!({
        "match": { "images": ["registry.example/**"] },
        "signers": { "release": { "trustRoot": "none", "key": { "inline": world.key.public_pem() } } },
        "require": [{ "name": "signed", "signature": { "by": ["release"] } }],
    })
}

#[tokio::test]
async fn gauntlet_084_a_policy_that_would_fail_later_is_refused_before_it_is_stored() {
    let world = World::new();
    let good = review(&[&world.pinned("team/good")]);
    world.thrice(&good).await.is_allowed();
    let honest = spec(&world);
    world
        .thrice(&document("ClusterImagePolicy", &honest))
        .await
        .is_allowed();
    world
        .thrice(&document("ImagePolicy", &honest))
        .await
        .is_allowed();
    let expression = |text: &str| {
        json!([{ "name": "e", "attestation": {
            "type": "slsa-provenance", "by": ["release"], "conditions": [{ "cel": text }],
        } }])
    };
    let doubling = "x+".repeat(40_000) + "x";
    let lies: [(&str, &str, Value); 9] = [
        ("/match", "images", json!(["registry.example/[a-z"])),
        ("/match", "images", json!(["registry*"])),
        ("/match", "images", json!([])),
        ("/match", "images", json!(["a/".repeat(10_000) + "**"])),
        ("", "require", json!([])),
        ("", "require", expression("(((")),
        ("", "require", expression(&doubling)),
        ("/signers/release", "key", json!({ "inline": "no key" })),
        ("", "unknown", json!(true)),
    ];
    for (place, field, value) in lies {
        let mut lying = honest.clone();
        lying.pointer_mut(place).unwrap()[field] = value;
        for kind in ["ClusterImagePolicy", "ImagePolicy"] {
            let answered = world.ask(&document(kind, &lying)).await;
            assert!(!answered.allowed(), "{place}/{field}: {answered:?}");
            let message = answered.message();
            assert!(
                message.contains("policy/")
                    || message.contains("expression/")
                    || message.contains("key/")
                    || message.contains("limit/"),
                "{message}"
            );
            assert!(message.chars().count() <= 2_048);
        }
    }
    // What counted still counts.
    world.thrice(&good).await.is_allowed();
    world
        .thrice(&review(&[&world.pinned("team/bad")]))
        .await
        .is_denied("signature/missing");
}

#[tokio::test]
async fn gauntlet_147_a_policy_of_a_namespace_reads_nothing_with_the_rights_of_the_webhook() {
    let world = World::new();
    let honest = spec(&world);
    world
        .thrice(&document("ImagePolicy", &honest))
        .await
        .is_allowed();
    for file in [
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "../../etc/passwd",
        "keys/a.pub",
    ] {
        for kind in ["ImagePolicy", "ClusterImagePolicy"] {
            let mut reading = honest.clone();
            reading["signers"]["release"]["key"] = json!({ "file": file });
            let refused = world.ask(&document(kind, &reading)).await;
            refused.is_denied("policy/invalid");
            assert!(refused.message().contains("file"), "{refused:?}");
        }
    }
    // There is no field for a secret, a config map, a URL or another namespace.
    for (field, value) in [
        (
            "secretRef",
            json!({ "name": "x", "namespace": "kube-system" }),
        ),
        ("configMapRef", json!({ "name": "x" })),
        ("url", json!("http://169.254.169.254/")),
        ("kms", json!("awskms:///alias/x")),
    ] {
        let mut reaching = honest.clone();
        reaching["signers"]["release"]["key"] = json!({ field: value });
        assert!(
            !world
                .ask(&document("ImagePolicy", &reaching))
                .await
                .allowed(),
            "{field}"
        );
    }
    assert_eq!(world.registry.asked().len(), 0, "nobody was asked");
}
