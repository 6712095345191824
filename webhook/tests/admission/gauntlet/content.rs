//! What was judged is what runs (rows 47, 48, 56 and 57), and the second answer is the first one (row 145).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use serde_json::{Value, json};
use sovverify_forge::{Act, OCI_INDEX, Statement};
use sovverify_webhook::server::Admit as _;

use crate::world::{Answered, World, attested, call, changed, review};

/// The tag of the good image leads to the bad one for every request of which `moved` says so; both are
/// there by their digests.
fn leading_elsewhere(world: &World, moved: impl Fn(usize) -> bool + Send + Sync + 'static) {
    let (digest, bytes) = world.manifest("team/bad");
    let by_digest = format!("/team/good/manifests/{digest}");
    let count = AtomicUsize::new(0);
    world.behave.set(move |asked| {
        let before = count.fetch_add(1, Ordering::SeqCst);
        let by_tag = asked.path.ends_with("/team/good/manifests/v1");
        if asked.path.ends_with(&by_digest) || (by_tag && moved(before)) {
            Act::Lie(bytes.clone())
        } else {
            Act::Serve
        }
    });
}

/// The images that `/mutate` writes into an object, by their places.
async fn pinned(world: &World, review: &Value) -> Vec<(String, String)> {
    let mutated = Arc::clone(&world.engine).mutate(call(review)).unwrap();
    let answered = Answered::of(&mutated.await);
    answered.is_allowed();
    let Some(patch) = answered.0["response"]["patch"].as_str() else {
        return Vec::new();
    };
    let patch = base64::engine::general_purpose::STANDARD.decode(patch);
    let patch: Vec<Value> = serde_json::from_slice(&patch.unwrap()).unwrap();
    let replaced = patch.iter().filter(|step| step["op"] == "replace");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    replaced
        .map(|step| (text(&step["path"]), text(&step["value"])))
        .collect()
}

#[tokio::test]
async fn gauntlet_047_a_tag_that_alternates_is_judged_as_it_was_read_that_once() {
    let world = World::new();
    let image = world.tag("team/good");
    // Of the requests for the tag every second one leads elsewhere.
    let number = AtomicUsize::new(0);
    let (digest, bytes) = world.manifest("team/bad");
    let by_digest = format!("/team/good/manifests/{digest}");
    world.behave.set(move |asked| {
        let by_tag = asked.path.ends_with("/team/good/manifests/v1");
        let moved = by_tag && number.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if moved || asked.path.ends_with(&by_digest) {
            Act::Lie(bytes.clone())
        } else {
            Act::Serve
        }
    });
    for turn in 0..8 {
        let answered = world.pod(&[&image]).await;
        let asked = world.registry.count("/team/good/manifests/v1");
        assert_eq!(asked, turn + 1, "one look at the tag for one answer");
        if turn % 2 == 0 {
            answered.is_allowed();
        } else {
            answered.is_denied("signature/missing");
            assert!(answered.message().contains(&image), "{answered:?}");
        }
    }
}

#[tokio::test]
async fn gauntlet_048_what_is_written_into_a_pod_was_verified_whenever_the_registry_switches() {
    for turn in 1..=6 {
        let world = World::new();
        leading_elsewhere(&world, move |before| before >= turn);
        let image = world.tag("team/good");
        let pod = review(&[&image]);
        let honest = format!("{image}@{}", world.digests["team/good"]);
        let place = "/spec/containers/0/image".to_owned();
        // The tag was read before anything switched: that image is verified to its end, and pinned.
        let written = pinned(&world, &pod).await;
        assert_eq!(written, [(place, honest.clone())], "{turn}");
        assert_eq!(world.registry.count("/team/good/manifests/v1"), 1);
        world.ask(&review(&[&honest])).await.is_allowed();
        // From then on the tag is another image, whose digest nobody writes, and which nobody admits.
        while world.registry.asked().len() < turn {
            world.pod(&[&image]).await;
        }
        assert_eq!(pinned(&world, &pod).await, [], "{turn}");
        world.ask(&pod).await.is_denied("signature/missing");
        let bad = format!("{image}@{}", world.digests["team/bad"]);
        world
            .thrice(&review(&[&bad]))
            .await
            .is_denied("signature/missing");
        world.thrice(&review(&[&honest])).await.is_allowed();
    }
}

#[tokio::test]
async fn gauntlet_056_one_object_of_another_image_breaks_the_chain_wherever_it_stands() {
    let world = World::new();
    let image = review(&[&world.pinned("team/good")]);
    world.thrice(&image).await.is_allowed();
    let mut asked: Vec<String> = world
        .registry
        .asked()
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    asked.sort();
    asked.dedup();
    // Genuine objects of a genuine image, which is signed by the same key.
    let (other, manifest) = world.manifest("team/other");
    let bundle = attested(&world.forge, &world.key, &Statement::cosign_sign(&other)).bytes();
    let listed = json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [
            { "mediaType": sovverify_forge::OCI_MANIFEST, "digest": other, "size": manifest.len() },
        ],
    });
    let listed = listed.to_string().into_bytes();
    let mut broken = 0;
    for path in asked {
        let (lie, code) = if path.contains("/referrers/") {
            (listed.clone(), "evidence/blob-missing")
        } else if path.contains("/manifests/sha256:") {
            (manifest.clone(), "image/digest-mismatch")
        } else if path.contains("/blobs/") {
            (bundle.clone(), "image/")
        } else {
            // Tags under which there is nothing.
            continue;
        };
        broken += 1;
        let at = path.clone();
        world.behave.set(move |asked| {
            if asked.path == at {
                Act::Lie(lie.clone())
            } else {
                Act::Serve
            }
        });
        let answered = world.thrice(&image).await;
        assert!(!answered.allowed(), "{path}");
        let known = [code, "image/size-mismatch"];
        assert!(
            known.iter().any(|code| answered.message().contains(code)),
            "{path}: {answered:?}"
        );
        world.behave.honestly();
        world.thrice(&image).await.is_allowed();
    }
    // The image, the list, the bundle's manifest, and the bundle.
    assert_eq!(broken, 4);
}

#[tokio::test]
async fn gauntlet_057_every_kind_of_container_is_pinned_or_refused_by_its_tag() {
    let world = World::new();
    let (tag, digest) = (world.tag("team/good"), world.pinned("team/good"));
    let pod = |image: &str, policy: &str| {
        changed(&review(&[]), |request| {
            let container = json!([{ "name": "c", "image": image, "imagePullPolicy": policy }]);
            let spec = &mut request["object"]["spec"];
            spec["containers"] = container.clone();
            spec["initContainers"] = container;
            spec["volumes"] =
                json!([{ "name": "v", "image": { "reference": image, "pullPolicy": policy } }]);
        })
    };
    let beside = format!("{tag}@{}", world.digests["team/good"]);
    for policy in ["IfNotPresent", "Never", "Always"] {
        let mut written = pinned(&world, &pod(&tag, policy)).await;
        written.sort();
        let places = [
            "/spec/containers/0/image",
            "/spec/initContainers/0/image",
            "/spec/volumes/0/image/reference",
        ];
        assert_eq!(
            written,
            places.map(|place| (place.to_owned(), beside.clone()))
        );
        // What has a digest is left as it is.
        assert_eq!(pinned(&world, &pod(&digest, policy)).await, []);
    }
    // Where nothing pins, a policy refuses whatever a node could have under that tag already.
    world.apply(&[world.policy("production", "  requireDigest: deny")]);
    for policy in ["IfNotPresent", "Never", "Always"] {
        world.thrice(&pod(&digest, policy)).await.is_allowed();
        world.thrice(&pod(&beside, policy)).await.is_allowed();
        world
            .thrice(&pod(&tag, policy))
            .await
            .is_denied("image/digest-required");
        for place in ["containers", "initContainers", "volumes"] {
            let one = changed(&pod(&digest, policy), |request| {
                let entry = &mut request["object"]["spec"][place][0];
                match place {
                    "volumes" => entry["image"]["reference"] = json!(tag),
                    _ => entry["image"] = json!(tag),
                }
            });
            world.thrice(&one).await.is_denied("image/digest-required");
        }
    }
}

#[tokio::test]
async fn gauntlet_145_the_second_answer_is_the_first_one_word_for_word() {
    let world = World::new();
    let (good, tag) = (world.pinned("team/good"), world.tag("team/good"));
    let (bad, other) = (world.pinned("team/bad"), world.pinned("team/other"));
    let elsewhere = format!("{}/elsewhere/app:v1", world.registry.host());
    // What a statement says is asked as well: a pass that was remembered has no statement at hand.
    let said = world.policy("production", "").replace(
        "by: [release] }",
        "by: [release], cel: [{ expression: \"signature.signer != ''\" }] }",
    );
    let strict = world
        .policy("production", "")
        .replace("by: [release] }", "by: [release], maxAge: 1d }");
    for (policy, admits) in [
        (world.policy("production", ""), true),
        (world.policy("production", "  requireDigest: warn"), true),
        (world.policy("production", "  requireDigest: deny"), true),
        (world.policy("production", "  mode: warn"), true),
        (world.policy("production", "  mode: audit"), true),
        (strict, false),
        (said, true),
    ] {
        let observes = policy.contains("mode:");
        world.apply(&[policy]);
        let answered = world.thrice(&review(&[&good])).await;
        assert_eq!(answered.allowed(), admits || observes, "{answered:?}");
        for images in [
            vec![good.as_str(), &good],
            vec![&tag],
            vec![&good, &tag, &other],
            vec![&bad],
            vec![&good, &bad],
            vec![&bad, &good],
            vec![&elsewhere],
            vec!["not a reference"],
        ] {
            let answered = world.thrice(&review(&images)).await;
            let refused = images.iter().any(|image| *image == bad);
            assert!(
                observes || !refused || !answered.allowed(),
                "{images:?}: {answered:?}"
            );
            let unknown = images.contains(&&*elsewhere) || images.contains(&"not a reference");
            assert!(!unknown || !answered.allowed(), "{images:?}: {answered:?}");
        }
    }
}
