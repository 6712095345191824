//! Which policies are asked, and what they are asked about (rows 64, 67, 69 to 71, 75, 84, 147, 149).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::{Digest, Evidence};
use sovverify_forge::{Key, KeyKind, Statement};
use sovverify_webhook::cluster::LookupError;
use sovverify_webhook::state::GivenException;

use crate::world::{World, attested, changed, in_namespace, indented, policy, review, review_of};

/// A further demand that no image here meets.
fn stricter(policy: &str) -> String {
    policy.replace(
        "by: [release] }",
        "by: [release] }\n    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }",
    )
}

/// The same pod in another namespace.
fn in_space(review: &Value, namespace: &str) -> Value {
    changed(review, |request| request["namespace"] = json!(namespace))
}

#[tokio::test]
async fn gauntlet_064_what_one_policy_admitted_another_one_judges_again() {
    let world = World::new();
    let image = world.pinned("team/good");
    world.pod(&[&image]).await.is_allowed();
    let strict = stricter(&world.policy("strict", ""));
    world.apply(&[world.policy("production", ""), strict.clone()]);
    // The verdict under the one policy is remembered, and of no use under both.
    world.pod(&[&image]).await.is_denied("attestation/missing");
    world
        .thrice(&review(&[&image]))
        .await
        .is_denied("attestation/missing");
    // Nor does it serve where another policy counts.
    let elsewhere = "    namespaces: { matchLabels: { kubernetes.io/metadata.name: vault } }";
    let strict = stricter(&world.policy("strict", elsewhere));
    world.apply(&[world.policy("production", ""), strict]);
    world.thrice(&review(&[&image])).await.is_allowed();
    world.pod(&[&image]).await.is_allowed();
    let vault = in_space(&review(&[&image]), "vault");
    world.ask(&vault).await.is_denied("attestation/missing");
}

#[tokio::test]
async fn gauntlet_067_whoever_cannot_read_labels_does_not_know_which_policies_apply() {
    let world = World::new();
    let production = "    namespaces: { matchLabels: { env: production } }";
    let strict = stricter(&world.policy("strict", production));
    world.apply(&[world.policy("everywhere", ""), strict]);
    let image = world.pinned("team/good");
    let what = || "the labels of the namespace `team`".to_owned();
    let failures = [
        // Nothing is kept yet, and the API server does not answer.
        LookupError::Unavailable {
            what: what(),
            detail: "status 500".to_owned(),
        },
        // The namespace was made a moment ago, or is gone.
        LookupError::Missing { what: what() },
        LookupError::Forbidden {
            what: what(),
            detail: "status 403".to_owned(),
        },
        LookupError::NotConfigured { what: what() },
        LookupError::Malformed {
            what: what(),
            found: "another namespace".to_owned(),
        },
        LookupError::TooLarge {
            what: what(),
            limit: 1,
            unit: "bytes",
        },
    ];
    for failure in failures {
        let code = match failure {
            LookupError::Unavailable { .. } | LookupError::Missing { .. } => {
                "[transient: admission/lookup-failed]"
            }
            _ => "[input: admission/lookup-refused]",
        };
        *world.cluster.labels_fail.lock().unwrap() = Some(failure);
        world.thrice(&review(&[&image])).await.is_denied(code);
    }
    // No label at all is an answer.
    let labelled = |labels: &[(&str, &str)]| {
        let labels = labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut known = world.cluster.labels.lock().unwrap();
        known.insert("team".to_owned(), labels.collect());
    };
    labelled(&[]);
    world.thrice(&review(&[&image])).await.is_allowed();
    labelled(&[("env", "production")]);
    world
        .thrice(&review(&[&image]))
        .await
        .is_denied("attestation/missing");
}

#[tokio::test]
async fn gauntlet_067_pull_secrets_that_cannot_be_read_are_not_none() {
    let world = World::new();
    let image = world.pinned("team/good");
    let failure = LookupError::Unavailable {
        what: "the pull secrets of a pod in `team`".to_owned(),
        detail: "status 503".to_owned(),
    };
    *world.cluster.secrets_fail.lock().unwrap() = Some(failure);
    let denied = world.thrice(&review(&[&image])).await;
    denied.is_denied("[transient: admission/lookup-failed]");
    *world.cluster.secrets_fail.lock().unwrap() = None;
    world.thrice(&review(&[&image])).await.is_allowed();
}

#[tokio::test]
async fn gauntlet_069_one_image_that_no_policy_matches_is_a_reason_to_refuse_and_skips_no_other() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let host = world.registry.host();
    let foreign = format!("{host}/elsewhere/app@{}", world.digests["team/good"]);
    // Names that hold the name of a policy's repository are other names.
    for unmatched in [
        foreign,
        format!("registry.example/{host}/team/good:v1").replace(':', "-") + ":v1",
        format!("registry.example/team/good@{}", world.digests["team/good"]),
    ] {
        for images in [
            vec![&unmatched],
            vec![&good, &unmatched],
            vec![&unmatched, &good],
        ] {
            let images: Vec<&str> = images.into_iter().map(String::as_str).collect();
            world
                .thrice(&review(&images))
                .await
                .is_denied("policy/no-match");
        }
        // What matches is judged all the same, and both are told.
        let both = world.thrice(&review(&[&unmatched, &bad])).await;
        assert!(both.message().contains("policy/no-match"), "{both:?}");
        assert!(both.message().contains("signature/missing"), "{both:?}");
    }
    world.thrice(&review(&[&good])).await.is_allowed();
}

#[tokio::test]
async fn gauntlet_070_of_several_policies_the_strictest_counts_in_whatever_order_they_stand() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let with = |name: &str, mode: &str| world.policy(name, &format!("  mode: {mode}"));
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let modes = ["audit", "warn", "enforce"];
    for order in orders {
        let names = ["a", "b", "c"];
        let documents: Vec<String> = order
            .iter()
            .zip(names)
            .map(|(mode, name)| with(name, modes[*mode]))
            .collect();
        world.apply(&documents);
        world
            .thrice(&review(&[&bad]))
            .await
            .is_denied("signature/missing");
        world.thrice(&review(&[&good])).await.is_allowed();
        // Without the one that enforces, the others are what they were.
        let left: Vec<String> = documents
            .into_iter()
            .filter(|text| !text.contains("mode: enforce"))
            .collect();
        world.apply(&left);
        let warned = world.thrice(&review(&[&bad])).await;
        warned.is_allowed();
        assert!(
            warned.warnings().contains("signature/missing"),
            "{warned:?}"
        );
    }
}

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

#[tokio::test]
async fn gauntlet_075_no_label_that_a_tenant_sets_leads_to_no_policy() {
    let world = World::new();
    let bad = world.pinned("team/bad");
    let marked = |labels: Value| {
        changed(&review(&[&bad]), |request| {
            request["object"]["metadata"]["labels"] = labels;
        })
    };
    let escapes = [
        json!({}),
        json!({ "exempt": "true" }),
        json!({ "sovverify.dev/exempt": "true", "policy.sovverify.dev/exempt": "true" }),
        json!({ "app": "other", "control-plane": "true", "k8s-app": "kube-dns" }),
    ];
    // A policy that selects pods by labels loses those that have others; they match nothing then, and
    // that is a denial of its own.
    let selecting = "    objects: { matchLabels: { app: shop } }";
    let except = "    objects: { matchExpressions: [{ key: exempt, operator: DoesNotExist }] }";
    for more in [selecting, except] {
        world.apply(&[world.policy("by-label", more)]);
        for labels in &escapes {
            let answered = world.thrice(&marked(labels.clone())).await;
            assert!(!answered.allowed(), "{labels}: {answered:?}");
        }
    }
    let shop = changed(&review(&[&world.pinned("team/good")]), |request| {
        request["object"]["metadata"]["labels"] = json!({ "app": "shop" });
    });
    world.apply(&[world.policy("by-label", selecting)]);
    world.thrice(&shop).await.is_allowed();
    // Labels of the template and those of the object that has it: the pods' count.
    let deployment = |of_object: &str, of_pods: &str, image: &str| {
        review_of(
            ("apps", "Deployment"),
            &json!({
                "kind": "Deployment",
                "metadata": { "labels": { "app": of_object } },
                "spec": { "template": {
                    "metadata": { "labels": { "app": of_pods } },
                    "spec": { "containers": [{ "name": "c", "image": image }] },
                } },
            }),
        )
    };
    let good = world.pinned("team/good");
    world
        .thrice(&deployment("other", "shop", &good))
        .await
        .is_allowed();
    let refused = world.thrice(&deployment("shop", "other", &good)).await;
    refused.is_denied("policy/no-match");
    // The namespace's name is what the API server says it is, whatever its labels say.
    let named = "    namespaces: { matchLabels: { kubernetes.io/metadata.name: team } }";
    world.apply(&[world.policy("by-name", named)]);
    let lie = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), "lie".to_owned())]);
    world
        .cluster
        .labels
        .lock()
        .unwrap()
        .insert("team".to_owned(), lie);
    world
        .thrice(&review(&[&bad]))
        .await
        .is_denied("signature/missing");
}

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

#[tokio::test]
async fn gauntlet_149_a_policy_of_a_namespace_only_tightens() {
    let world = World::new();
    let tenant = Key::generate(KeyKind::EcdsaP256);
    let (good, bad) = (
        review(&[&world.pinned("team/good")]),
        review(&[&world.pinned("team/bad")]),
    );
    let cluster = world.policy("production", "");
    let own = |mode: &str| {
        let own = policy(&tenant, ("own", "**"), &format!("  mode: {mode}"));
        in_namespace(&own, "team")
    };
    // Its own key beside that of the administrators: both must have signed.
    world.apply(&[cluster.clone(), own("enforce")]);
    assert!(!world.thrice(&good).await.allowed());
    assert!(!world.thrice(&bad).await.allowed());
    world.thrice(&in_space(&good, "vault")).await.is_allowed();
    // One that only observes loosens nothing.
    for mode in ["audit", "warn"] {
        world.apply(&[cluster.clone(), own(mode)]);
        world.thrice(&good).await.is_allowed();
        world.thrice(&bad).await.is_denied("signature/missing");
    }
    // Alone it admits nothing.
    let lax = in_namespace(&policy(&world.key, ("own", "**"), "  mode: audit"), "team");
    let elsewhere = policy(&world.key, ("production", "registry.example/**"), "");
    world.apply(&[elsewhere, lax]);
    world.thrice(&good).await.is_denied("policy/no-match");
    world.thrice(&bad).await.is_denied("policy/no-match");
}
