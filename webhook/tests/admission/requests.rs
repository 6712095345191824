//! Which requests are answered how: operations, subresources, objects that lie about their past.

use serde_json::{Value, json};

use crate::world::{World, review};

fn with(images: &[&str], change: impl Fn(&mut Value)) -> Value {
    let mut review = review(images);
    change(&mut review["request"]);
    review
}

#[tokio::test]
async fn what_brings_no_image_is_admitted_and_nobody_is_asked() {
    let world = World::new();
    let bad = world.tag("team/bad");
    for (operation, sub_resource) in [
        ("DELETE", ""),
        ("CONNECT", "exec"),
        ("CONNECT", "attach"),
        ("CONNECT", "portforward"),
        ("CONNECT", "proxy"),
        ("UPDATE", "status"),
        ("UPDATE", "scale"),
        ("CREATE", "binding"),
        ("CREATE", "eviction"),
    ] {
        let review = with(&[&bad], |request| {
            request["operation"] = json!(operation);
            request["subResource"] = json!(sub_resource);
            let options = [
                "exec",
                "attach",
                "portforward",
                "proxy",
                "binding",
                "eviction",
            ];
            if options.contains(&sub_resource) {
                request["kind"]["kind"] = json!("PodOptions");
            }
        });
        world.ask(&review).await.is_allowed();
    }
    assert_eq!(world.registry.asked(), []);
}

#[tokio::test]
async fn every_way_to_bring_an_image_is_verified() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    for (operation, sub_resource) in [
        ("CREATE", ""),
        ("UPDATE", ""),
        ("UPDATE", "ephemeralcontainers"),
        ("UPDATE", "resize"),
    ] {
        for place in [
            "containers",
            "initContainers",
            "ephemeralContainers",
            "volumes",
        ] {
            let ask = |image: &str| {
                with(&[&good], |request| {
                    request["operation"] = json!(operation);
                    request["subResource"] = json!(sub_resource);
                    request["object"]["spec"][place] = match place {
                        "volumes" => json!([{ "name": "v", "image": { "reference": image } }]),
                        _ => json!([{ "name": "c", "image": image }]),
                    };
                })
            };
            let what = format!("{operation} {sub_resource} {place}");
            assert!(world.ask(&ask(&good)).await.allowed(), "{what}");
            assert!(!world.ask(&ask(&bad)).await.allowed(), "{what}");
        }
    }
}

#[tokio::test]
async fn what_used_to_be_there_changes_no_answer() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let same = review(&[&bad])["request"]["object"].clone();
    for old in [
        Value::Null,
        json!({}),
        json!([1]),
        same,
        json!({ "metadata": 7 }),
    ] {
        for (image, allowed) in [(&good, true), (&bad, false)] {
            let review = with(&[image], |request| {
                request["operation"] = json!("UPDATE");
                request["oldObject"] = old.clone();
            });
            assert_eq!(world.ask(&review).await.allowed(), allowed, "{old}");
        }
    }
}

#[tokio::test]
async fn marks_that_a_user_can_set_change_no_answer() {
    let world = World::new();
    let bad = world.pinned("team/bad");
    let review = with(&[&bad], |request| {
        request["object"]["metadata"] = json!({
            "name": "p",
            "labels": { "policy.sovverify.dev/verified": "true", "sovverify.dev/exempt": "true" },
            "annotations": {
                "policy.sovverify.dev/verdict": "admit",
                "kubernetes.io/config.mirror": "x",
                "kubernetes.io/config.source": "file",
            },
            "ownerReferences": [{ "kind": "Node", "name": "n", "apiVersion": "v1", "uid": "u" }],
        });
    });
    world.ask(&review).await.is_denied("signature/missing");
}

#[tokio::test]
async fn what_is_being_removed_may_let_go_and_may_not_change_its_image() {
    let world = World::new();
    let (bad, other) = (world.pinned("team/bad"), world.pinned("team/other"));
    let ending = |image: &str, old: &str| {
        with(&[image], |request| {
            request["operation"] = json!("UPDATE");
            request["object"]["metadata"]["deletionTimestamp"] = json!("2026-06-01T11:59:00Z");
            request["oldObject"] = review(&[old])["request"]["object"].clone();
        })
    };
    world.ask(&ending(&bad, &bad)).await.is_allowed();
    assert_eq!(world.registry.asked(), []);
    world
        .ask(&ending(&bad, &other))
        .await
        .is_denied("signature/missing");
    // A mark without its meaning: something is created, or nothing is known of the past.
    let created = with(&[&bad], |request| {
        request["object"]["metadata"]["deletionTimestamp"] = json!("2026-06-01T11:59:00Z");
    });
    assert!(!world.ask(&created).await.allowed());
}

#[tokio::test]
async fn objects_that_lie_about_their_shape_are_refused() {
    type Change = fn(&mut Value);
    let world = World::new();
    let good = world.pinned("team/good");
    let lies: [(&str, Change); 4] = [
        ("no object", |r| r["object"] = Value::Null),
        ("a number for an image", |r| {
            r["object"]["spec"]["containers"][0]["image"] = json!(7);
        }),
        ("a map for containers", |r| {
            r["object"]["spec"]["containers"] = json!({ "a": 1 });
        }),
        ("a field that nobody knows", |r| {
            r["object"]["spec"]["sidecarImage"] = json!("evil.example/x:v1");
        }),
    ];
    for (what, change) in lies {
        let answered = world.ask(&with(&[&good], change)).await;
        assert!(!answered.allowed(), "{what}: {answered:?}");
    }
}

#[tokio::test]
async fn names_that_forge_lines_are_escaped_in_every_message() {
    let world = World::new();
    let evil = format!(
        "{}/team/bad:v1\n\u{1b}[2Jadmitted\u{202e}",
        world.registry.host()
    );
    let answered = world.pod(&[&evil]).await;
    let message = answered.message();
    assert!(!answered.allowed());
    assert!(
        !message.chars().any(|c| c.is_control() || c == '\u{202e}'),
        "{message:?}"
    );
    assert!(message.chars().count() < 2_100);
}

#[tokio::test]
async fn a_request_that_is_only_tried_leaves_nothing_behind() {
    let world = World::new();
    let image = world.pinned("team/good");
    let dry = with(&[&image], |request| request["dryRun"] = json!(true));
    world.ask(&dry).await.is_allowed();
    assert!(world.cache.is_empty());
    let bad = with(&[&world.pinned("team/bad")], |request| {
        request["dryRun"] = json!(true);
    });
    assert!(!world.ask(&bad).await.allowed());
    assert!(world.cache.is_empty());
    world.pod(&[&image]).await.is_allowed();
    let asked = world.registry.asked().len();
    world.ask(&dry).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
}

#[tokio::test]
async fn what_was_not_judged_is_said_aloud() {
    let world = World::new();
    let unknown = with(&[&world.pinned("team/bad")], |request| {
        request["kind"] =
            json!({ "group": "example.dev", "version": "v1", "kind": "Thing\u{202e}" });
    });
    let answered = world.ask(&unknown).await;
    answered.is_allowed();
    let warnings = answered.warnings();
    assert!(
        warnings.contains("[policy: workload/kind-unknown]"),
        "{warnings}"
    );
    assert!(!warnings.contains('\u{202e}'), "{warnings}");
    // What is written to a part of an object, and what is no workload, needs no remark.
    let binding = with(&[], |request| {
        request["subResource"] = json!("binding");
        request["kind"]["kind"] = json!("Binding");
    });
    assert_eq!(world.ask(&binding).await.warnings(), "null");
    // A template without an image is admitted, and its pods are judged.
    let template = with(&[], |request| {
        request["kind"] = json!({ "group": "apps", "version": "v1", "kind": "Deployment" });
        let pod = json!({ "containers": [{ "name": "later" }] });
        request["object"] =
            json!({ "kind": "Deployment", "spec": { "template": { "spec": pod } } });
    });
    let answered = world.ask(&template).await;
    answered.is_allowed();
    let warnings = answered.warnings();
    assert!(warnings.contains("workload/image-deferred"), "{warnings}");
    assert!(
        warnings.contains("spec.template.spec.containers[0].image"),
        "{warnings}"
    );
    assert_eq!(world.registry.asked(), []);
}
