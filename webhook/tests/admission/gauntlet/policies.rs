//! Which policies are asked, and what they are asked about (rows 64, 67, 69, 70, 75, 149).

mod documents;
mod exceptions;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sovverify_forge::{Key, KeyKind};
use sovverify_webhook::cluster::LookupError;

use crate::world::{World, changed, in_namespace, policy, review, review_of};

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
