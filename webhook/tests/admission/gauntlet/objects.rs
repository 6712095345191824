//! Which objects and requests are judged, and what of them is believed (rows 61 to 63, 68, 76, 77,
//! 79, 81).

mod updates;

use serde_json::{Value, json};

use crate::world::{Answered, World, call, changed, review, review_of};

/// A pod whose only container is good, and which holds `image` in another place.
fn beside(world: &World, place: &str, image: &str) -> Value {
    let entry = match place {
        "volumes" => json!([{ "name": "v", "image": { "reference": image } }]),
        _ => json!([{ "name": "c", "image": image }]),
    };
    changed(&review(&[&world.pinned("team/good")]), |request| {
        request["object"]["spec"][place] = entry;
    })
}

/// The same, as an update of a part of the object.
fn updated(review: &Value, sub_resource: &str) -> Value {
    changed(review, |request| {
        request["operation"] = json!("UPDATE");
        request["subResource"] = json!(sub_resource);
    })
}

#[tokio::test]
async fn gauntlet_061_init_sidecar_and_debug_containers_are_containers() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    for place in ["initContainers", "ephemeralContainers"] {
        world
            .thrice(&beside(&world, place, &good))
            .await
            .is_allowed();
        let refused = world.thrice(&beside(&world, place, &bad)).await;
        refused.is_denied(&format!("(spec.{place}[0].image) is refused"));
    }
    // `kubectl debug`: the debug container comes through a subresource.
    let debug = |image| {
        updated(
            &beside(&world, "ephemeralContainers", image),
            "ephemeralcontainers",
        )
    };
    world.thrice(&debug(&good)).await.is_allowed();
    world
        .thrice(&debug(&bad))
        .await
        .is_denied("signature/missing");
    let sidecar = changed(&beside(&world, "initContainers", &bad), |request| {
        request["object"]["spec"]["initContainers"][0]["restartPolicy"] = json!("Always");
    });
    world.thrice(&sidecar).await.is_denied("signature/missing");
}

#[tokio::test]
async fn gauntlet_062_a_volume_that_is_an_image_is_judged_like_a_container() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let template = |image: &str| {
        let pod = beside(&world, "volumes", image)["request"]["object"]["spec"].clone();
        let object = json!({ "kind": "Deployment", "spec": { "template": { "spec": pod } } });
        review_of(("apps", "Deployment"), &object)
    };
    let pod = |image: &str| beside(&world, "volumes", image);
    let asks: [&dyn Fn(&str) -> Value; 2] = [&pod, &template];
    for ask in asks {
        world.thrice(&ask(&good)).await.is_allowed();
        let refused = world.thrice(&ask(&bad)).await;
        refused.is_denied("volumes[0].image.reference) is refused");
    }
    // A volume is held to digests like a container, and is not made of two sources.
    world.apply(&[world.policy("production", "  requireDigest: deny")]);
    let tagged = world
        .thrice(&beside(&world, "volumes", &world.tag("team/good")))
        .await;
    tagged.is_denied("image/digest-required");
    world
        .thrice(&beside(&world, "volumes", &good))
        .await
        .is_allowed();
}

#[tokio::test]
async fn gauntlet_063_a_pass_that_a_user_wrote_on_the_object_is_no_pass() {
    let world = World::new();
    let marked = |image: &str| {
        let marks = json!({
            "policy.sovverify.dev/verified": "true",
            "policy.sovverify.dev/images": format!("{image} sha256:0 admit"),
            "images": format!("{image} sha256:0 admit"),
            "kyverno.io/verify-images": format!("{{\"{image}\":\"pass\"}}"),
            "cosign.sigstore.dev/verified": "pass",
        });
        changed(&review(&[image]), |request| {
            request["object"]["metadata"] =
                json!({ "name": "p", "labels": marks, "annotations": marks });
            request["oldObject"] = request["object"].clone();
            request["userInfo"] = json!({
                "username": "system:serviceaccount:sovverify-system:sovverify-webhook",
                "groups": ["system:masters"],
            });
        })
    };
    // The mutating endpoint was never asked: nothing rests on what it would have written.
    world
        .thrice(&marked(&world.pinned("team/good")))
        .await
        .is_allowed();
    let refused = world.thrice(&marked(&world.pinned("team/bad"))).await;
    refused.is_denied("signature/missing");
}

/// What makes a request lie.
type Change = fn(&mut Value);

#[tokio::test]
async fn gauntlet_068_a_request_whose_object_cannot_be_read_has_no_images_and_no_pass() {
    let world = World::new();
    let good = review(&[&world.pinned("team/good")]);
    world.thrice(&good).await.is_allowed();
    let lies: [(&str, Change); 10] = [
        ("no object", |r| {
            drop(r.as_object_mut().unwrap().remove("object"));
        }),
        ("null", |r| r["object"] = Value::Null),
        ("a list", |r| r["object"] = json!([])),
        ("a text", |r| r["object"] = json!("{}")),
        ("bytes of another encoding", |r| {
            r["object"] = json!({ "raw": "" });
        }),
        ("nothing in it", |r| r["object"] = json!({})),
        ("no specification", |r| r["object"]["spec"] = Value::Null),
        ("no containers", |r| r["object"]["spec"] = json!({})),
        ("another kind than it says", |r| {
            r["object"]["kind"] = json!("ConfigMap");
        }),
        ("a map for a list", |r| {
            r["object"]["spec"]["containers"] = json!({ "0": {} });
        }),
    ];
    for (what, lie) in lies {
        let answered = world.thrice(&changed(&good, lie)).await;
        assert!(!answered.allowed(), "{what}: {answered:?}");
        assert!(
            answered.message().contains('['),
            "no code for {what}: {answered:?}"
        );
    }
}

#[tokio::test]
async fn gauntlet_076_whatever_makes_pods_is_judged_and_the_pod_itself_always() {
    let world = World::new();
    let presets = "apiVersion: policy.sovverify.dev/v1alpha1
kind: Configuration
metadata: { name: process }
spec:
  workloads: { presets: [argo-rollouts, kruise] }
";
    world.apply(&[presets.to_owned(), world.policy("production", "")]);
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let kinds = [
        ("", "Pod", "/spec"),
        ("", "PodTemplate", "/template/spec"),
        ("", "ReplicationController", "/spec/template/spec"),
        ("apps", "Deployment", "/spec/template/spec"),
        ("apps", "ReplicaSet", "/spec/template/spec"),
        ("apps", "StatefulSet", "/spec/template/spec"),
        ("apps", "DaemonSet", "/spec/template/spec"),
        ("extensions", "Deployment", "/spec/template/spec"),
        ("batch", "Job", "/spec/template/spec"),
        ("batch", "CronJob", "/spec/jobTemplate/spec/template/spec"),
        ("argoproj.io", "Rollout", "/spec/template/spec"),
        ("apps.kruise.io", "CloneSet", "/spec/template/spec"),
    ];
    for (group, kind, place) in kinds {
        for version in ["v1", "v9beta1"] {
            let ask = |image: &str| {
                let mut object =
                    json!({ "spec": { "containers": [{ "name": "c", "image": image }] } })["spec"]
                        .clone();
                for name in place.rsplit('/').filter(|name| !name.is_empty()) {
                    object = json!({ name: object });
                }
                object["kind"] = json!(kind);
                changed(&review_of((group, kind), &object), |request| {
                    request["kind"]["version"] = json!(version);
                })
            };
            let admitted = world.thrice(&ask(&good)).await;
            assert!(admitted.allowed(), "{kind}: {admitted:?}");
            let refused = world.thrice(&ask(&bad)).await;
            assert!(!refused.allowed(), "{kind}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn gauntlet_077_each_verb_and_subresource_that_can_bring_an_image_is_judged_and_no_other_asks()
 {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    // What a subresource is made of where it is no pod.
    let kinds = [
        ("binding", "Binding"),
        ("eviction", "Eviction"),
        ("exec", "PodExecOptions"),
        ("attach", "PodAttachOptions"),
        ("portforward", "PodPortForwardOptions"),
        ("proxy", "PodProxyOptions"),
    ];
    let judged = ["", "ephemeralcontainers", "resize", "something-new"];
    let others = [
        "status",
        "scale",
        "binding",
        "eviction",
        "exec",
        "attach",
        "portforward",
        "proxy",
    ];
    for operation in ["CREATE", "UPDATE", "DELETE", "CONNECT"] {
        for sub_resource in judged.iter().chain(&others) {
            let ask = |image: &str| {
                changed(&review(&[image]), |request| {
                    request["operation"] = json!(operation);
                    request["subResource"] = json!(sub_resource);
                    if let Some((_, kind)) = kinds.iter().find(|(name, _)| name == sub_resource) {
                        request["kind"]["kind"] = json!(kind);
                        request["object"] = json!({ "kind": kind });
                    }
                })
            };
            let writes = matches!(operation, "CREATE" | "UPDATE");
            let asked = world.registry.asked().len();
            let answered = world.thrice(&ask(&bad)).await;
            let what = format!("{operation} {sub_resource}");
            if writes && judged.contains(sub_resource) {
                assert!(!answered.allowed(), "{what}: {answered:?}");
                assert!(world.ask(&ask(&good)).await.allowed(), "{what}");
            } else {
                assert!(answered.allowed(), "{what}: {answered:?}");
                assert_eq!(world.registry.asked().len(), asked, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn gauntlet_079_a_pod_that_calls_itself_the_mirror_of_a_static_one_is_a_pod() {
    let world = World::new();
    let mirror = |image: &str| {
        changed(&review(&[image]), |request| {
            request["object"]["metadata"] = json!({
                "name": "kube-proxy-node-1",
                "annotations": {
                    "kubernetes.io/config.hash": "x", "kubernetes.io/config.mirror": "x",
                    "kubernetes.io/config.source": "file", "kubernetes.io/config.seen": "x",
                },
                "ownerReferences": [{ "apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": "u" }],
            });
            request["object"]["spec"]["nodeName"] = json!("node-1");
            request["userInfo"] =
                json!({ "username": "system:node:node-1", "groups": ["system:nodes"] });
        })
    };
    world
        .thrice(&mirror(&world.pinned("team/good")))
        .await
        .is_allowed();
    world
        .thrice(&mirror(&world.pinned("team/bad")))
        .await
        .is_denied("signature/missing");
}

#[tokio::test]
async fn gauntlet_081_an_image_that_another_webhook_puts_in_afterwards_is_judged() {
    use sovverify_webhook::server::Admit as _;
    let world = World::new();
    let mutate = |image: &str| {
        let engine = std::sync::Arc::clone(&world.engine);
        engine.mutate(call(&review(&[image]))).unwrap()
    };
    let pinned = Answered::of(&mutate(&world.tag("team/good")).await);
    assert!(pinned.0["response"]["patch"].is_string(), "{pinned:?}");
    let tagged = format!("{}@{}", world.tag("team/good"), world.digests["team/good"]);
    world.thrice(&review(&[&tagged])).await.is_allowed();
    // Between the two phases: another image, another digest under the same tag, or one more container.
    let swapped = format!("{}@{}", world.tag("team/good"), world.digests["team/bad"]);
    for images in [
        vec![world.tag("team/bad")],
        vec![swapped],
        vec![tagged, world.pinned("team/bad")],
    ] {
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        let answered = world.thrice(&review(&images)).await;
        assert!(!answered.allowed(), "{images:?}: {answered:?}");
    }
    // What the mutating phase cannot pin it leaves alone, and says yes to nothing.
    let left = Answered::of(&mutate(&world.tag("team/bad")).await);
    assert!(left.0["response"]["patch"].is_null(), "{left:?}");
}
