//! Tags: what they stand for is judged when it is asked for, may be demanded away, and can be pinned.

use serde_json::json;
use sovverify_testbed::image::Image;

use crate::support::gate;
use crate::support::patience::until;
use crate::support::stage::{Scene, Stage};
use crate::support::webhook::Settings;

/// A scene whose policy says this about tags.
fn scene<'a>(stage: &'a Stage, name: &'static str, demand: &str) -> Scene<'a> {
    let address = stage.registry.address();
    let demand = format!("  requireDigest: {demand}\n");
    let policy = stage.policy("production", &format!("{address}/**"), &demand);
    let settings = Settings::policy(policy).registries(&[address]);
    Scene::open(stage, name, settings.flag("--mutate"))
}

#[test]
fn a_tag_is_refused_or_warned_of_as_the_policy_says() {
    let Some(stage) = Stage::get() else { return };
    let (tag, digest) = (stage.tagged(&stage.good), stage.at(&stage.good));
    let denies = scene(stage, "tag-denied", "deny");
    let message = denies.pod("tag", &tag).refused();
    assert!(message.contains("image/digest-required]"), "{message}");
    assert!(message.contains(&stage.good.digest), "{message}");
    denies.pod("digest", &digest).ok();
    let warns = scene(stage, "tag-warned", "warn");
    let answer = warns.pod("tag", &tag);
    let warnings = answer.warnings.join("\n");
    assert!(warnings.contains("image/digest-required]"), "{answer:?}");
    answer.ok();
    let answer = warns.pod("digest", &digest);
    assert_eq!(answer.warnings, Vec::<String>::new());
    answer.ok();
}

#[test]
fn a_pinned_tag_runs_what_was_judged() {
    let Some(stage) = Stage::get() else { return };
    let scene = scene(stage, "pinned", "deny");
    let authority = &stage.plane.authority.pem;
    gate::pin(&scene.api, authority, scene.webhook.address(), scene.name);
    until("tags to be pinned", || {
        let answer = scene.try_pod(&stage.tagged(&stage.good));
        answer.is_ok().then_some(())
    });
    let pod = scene.pod("good", &stage.tagged(&stage.good)).ok();
    let pinned = format!("{}@{}", stage.tagged(&stage.good), stage.good.digest);
    assert_eq!(pod["spec"]["containers"][0]["image"], json!(pinned));
    // What is not admitted is not pinned, and refused for what it is.
    let message = scene.pod("bad", &stage.tagged(&stage.bad)).refused();
    assert!(message.contains(&stage.tagged(&stage.bad)), "{message}");
    scene.pod("bad", &stage.at(&stage.bad)).refused();
}

#[test]
fn a_tag_that_moves_to_a_bad_image_is_refused_from_then_on() {
    let Some(stage) = Stage::get() else { return };
    let scene = Scene::open(stage, "moves", stage.settings());
    let image = stage.signed("moves/app");
    scene.pod("before", &stage.tagged(&image)).ok();
    let moved = Image::push(&stage.registry, "moves/app", "moved");
    assert_ne!(moved.digest, image.digest);
    let message = scene.pod("after", &stage.tagged(&image)).refused();
    assert!(
        message.contains("[missing: signature/missing]"),
        "{message}"
    );
    scene.pod("digest", &stage.at(&image)).ok();
}
