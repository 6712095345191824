//! What an update brings, and what is said to have been there before (rows 64 to 66, 78).

use serde_json::{Value, json};

use super::updated;
use crate::world::{World, changed, review};

/// An update in which nothing but a label changes.
fn relabelled(image: &str) -> Value {
    changed(&updated(&review(&[image]), ""), |request| {
        request["oldObject"] = request["object"].clone();
        request["object"]["metadata"]["labels"] = json!({ "touched": "yes" });
    })
}

#[tokio::test]
async fn gauntlet_064_an_update_that_leaves_the_image_alone_is_no_proof_that_it_was_verified() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    // The pod was there before the policy.
    world.thrice(&relabelled(&good)).await.is_allowed();
    world
        .thrice(&relabelled(&bad))
        .await
        .is_denied("signature/missing");
}

#[tokio::test]
async fn gauntlet_065_an_object_that_is_being_removed_is_judged_when_its_image_changes() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let ending = |image: &str, before: &str| {
        changed(&updated(&review(&[image]), ""), |request| {
            request["object"]["metadata"]["finalizers"] = json!(["example.dev/keep"]);
            request["object"]["metadata"]["deletionTimestamp"] = json!("2026-06-01T11:00:00Z");
            request["oldObject"] = review(&[before])["request"]["object"].clone();
        })
    };
    world.thrice(&ending(&good, &bad)).await.is_allowed();
    world
        .thrice(&ending(&bad, &good))
        .await
        .is_denied("signature/missing");
    // In another place, beside what was there, or in a field that nobody knows.
    let more = |place: &str, value: Value| {
        changed(&ending(&good, &good), |request| {
            request["object"]["spec"][place] = value;
        })
    };
    for place in ["initContainers", "ephemeralContainers"] {
        let lie = more(place, json!([{ "name": "x", "image": bad }]));
        world.thrice(&lie).await.is_denied("signature/missing");
    }
    let lie = more("otherImage", json!(bad));
    world
        .thrice(&lie)
        .await
        .is_denied("workload/unknown-image-field");
    // A mark without its meaning: what is created cannot be ending.
    let created = changed(&ending(&bad, &bad), |request| {
        request["operation"] = json!("CREATE");
    });
    world.thrice(&created).await.is_denied("signature/missing");
    // What is let go is only let go: the same image needs no registry.
    let asked = world.registry.asked().len();
    world.thrice(&ending(&bad, &bad)).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
}

#[tokio::test]
async fn gauntlet_066_whatever_is_said_to_have_been_there_changes_no_answer() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let same = |image: &str| review(&[image])["request"]["object"].clone();
    let pasts = [
        Value::Null,
        json!({}),
        json!([1]),
        json!("x"),
        json!({ "metadata": { "deletionTimestamp": "2026-06-01T11:00:00Z" } }),
        json!({ "spec": { "containers": 7 } }),
        same(&good),
        same(&bad),
    ];
    for past in pasts {
        for (image, allowed) in [(&good, true), (&bad, false)] {
            for operation in ["CREATE", "UPDATE"] {
                let review = changed(&review(&[image]), |request| {
                    request["operation"] = json!(operation);
                    request["oldObject"] = past.clone();
                });
                let answered = world.thrice(&review).await;
                assert_eq!(answered.allowed(), allowed, "{operation} {past}");
            }
        }
    }
}

#[tokio::test]
async fn gauntlet_078_an_image_that_comes_by_an_update_or_comes_again_is_judged_as_of_now() {
    let world = World::new();
    let (good, bad) = (world.pinned("team/good"), world.pinned("team/bad"));
    let patched = |image: &str| {
        changed(&updated(&review(&[image]), ""), |request| {
            request["oldObject"] = review(&[&good])["request"]["object"].clone();
        })
    };
    world.thrice(&patched(&good)).await.is_allowed();
    world
        .thrice(&patched(&bad))
        .await
        .is_denied("signature/missing");
    // Its key is taken back; a controller makes the same pod again.
    world.pod(&[&good]).await.is_allowed();
    let stranger = sovverify_forge::Key::generate(sovverify_forge::KeyKind::EcdsaP256);
    let pattern = format!("{}/team/**", world.registry.host());
    world.apply(&[crate::world::policy(
        &stranger,
        ("production", &pattern),
        "",
    )]);
    world.pod(&[&good]).await.is_denied("signature/invalid");
    world
        .thrice(&patched(&good))
        .await
        .is_denied("signature/invalid");
}
