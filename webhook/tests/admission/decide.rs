//! The engine as the API server sees it, beside a registry that may misbehave.

use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use sovverify_forge::Act;

use crate::world::{self, Answered, World, changed, review};

#[tokio::test]
async fn a_signed_image_is_admitted_and_the_second_time_nobody_is_asked() {
    let world = World::new();
    let image = world.pinned("team/good");
    world.pod(&[&image]).await.is_allowed();
    let asked = world.registry.asked().len();
    assert!(asked > 0);
    world.pod(&[&image]).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
    // By tag the tag is asked for, each time, and nothing else.
    for _ in 0..3 {
        world.pod(&[&world.tag("team/good")]).await.is_allowed();
    }
    assert_eq!(world.registry.asked().len(), asked + 3);
}

#[tokio::test]
async fn an_unsigned_image_is_refused_with_one_sentence_that_helps() {
    let world = World::new();
    let good = world.pinned("team/good");
    let bad = world.tag("team/bad");
    let answered = world.pod(&[&good, &bad]).await;
    answered.is_denied("[missing: signature/missing]");
    let message = answered.message();
    for part in [
        &format!("image `{bad}` (spec.containers[1].image) is refused: "),
        "rule `signed` of policy `production` (policy.yaml:",
        "expected a signature by `release`, found ",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!message.contains(&good), "{message}");
    assert!(!message.contains('\n'));
}

#[tokio::test]
async fn an_image_that_no_policy_matches_is_refused_without_asking_its_host() {
    let world = World::new();
    for image in [
        format!("{}/elsewhere/app:v1", world.registry.host()),
        "169.254.169.254/latest/meta-data:v1".to_owned(),
        "[::ffff:a9fe:a9fe]/x:v1".to_owned(),
        "localhost:1/x".to_owned(),
    ] {
        let answered = world.pod(&[&image]).await;
        assert!(!answered.allowed(), "{image}");
        let known = ["policy/no-match", "image/reference-malformed"];
        assert!(known.iter().any(|code| answered.message().contains(code)));
    }
    assert_eq!(world.registry.asked(), []);
}

#[tokio::test]
async fn a_crowd_is_served_by_one_verification() {
    let world = World::new();
    world
        .behave
        .set(|_| Act::ServeAfter(Duration::from_millis(5)));
    let image = world.pinned("team/good");
    let review = review(&[&image]);
    let crowd = (0..100).map(|_| world.ask(&review));
    for answered in futures_util::future::join_all(crowd).await {
        answered.is_allowed();
    }
    assert_eq!(world.registry.count("/referrers/"), 1);
}

#[tokio::test]
async fn a_tag_that_moved_finds_no_old_verdict() {
    let world = World::new();
    let (good, bad) = (world.tag("team/good"), world.manifest("team/bad"));
    world.pod(&[&good]).await.is_allowed();
    world.behave.set(move |asked| {
        if asked.path.ends_with("/manifests/v1")
            || asked.path.ends_with(&format!("/manifests/{}", bad.0))
        {
            Act::Lie(bad.1.clone())
        } else {
            Act::Serve
        }
    });
    world.pod(&[&good]).await.is_denied("signature/missing");
    world.behave.honestly();
    world.pod(&[&good]).await.is_allowed();
}

#[tokio::test]
async fn gauntlet_057_a_policy_that_wants_digests_says_so_of_each_tag_and_pinning_satisfies_it() {
    use sovverify_webhook::server::Admit as _;
    let world = World::new();
    world.apply(&[world.policy("production", "  requireDigest: deny")]);
    world.pod(&[&world.pinned("team/good")]).await.is_allowed();
    for _ in 0..2 {
        let answered = world.pod(&[&world.tag("team/good")]).await;
        answered.is_denied("[policy: image/digest-required]");
        assert!(answered.message().contains(&world.digests["team/good"]));
    }
    let call = world::call(&review(&[&world.tag("team/good")]));
    let reply = std::sync::Arc::clone(&world.engine)
        .mutate(call)
        .unwrap()
        .await;
    let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert!(answer["response"]["patch"].is_string(), "{answer}");
    let tagged = format!("{}@{}", world.tag("team/good"), world.digests["team/good"]);
    world.pod(&[&tagged]).await.is_allowed();
    world.apply(&[world.policy("production", "  requireDigest: warn")]);
    let warned = world.pod(&[&world.tag("team/good")]).await;
    warned.is_allowed();
    assert!(
        warned.warnings().contains("image/digest-required"),
        "{warned:?}"
    );
}

#[tokio::test]
async fn a_verdict_belongs_to_its_digest_and_its_repository() {
    let world = World::new();
    let good = world.pinned("team/good");
    world.pod(&[&good]).await.is_allowed();
    let bad = world.digests["team/bad"].clone();
    let other = format!(
        "{}/team/other@{}",
        world.registry.host(),
        world.digests["team/good"]
    );
    let answered = world.pod(&[&other]).await;
    assert!(
        !answered.allowed(),
        "evidence of another repository: {answered:?}"
    );
    let swapped = format!("{}/team/good@{bad}", world.registry.host());
    assert!(!world.pod(&[&swapped]).await.allowed());
}

#[tokio::test]
async fn a_policy_that_changes_is_obeyed_at_once() {
    let world = World::new();
    let image = world.pinned("team/good");
    world.pod(&[&image]).await.is_allowed();
    let strict = world.policy("production", "").replace(
        "by: [release] }",
        "by: [release] }\n    - name: provenance\n      attestation: { type: slsa-provenance, by: [release] }",
    );
    world.apply(&[strict]);
    world.pod(&[&image]).await.is_denied("attestation/missing");
    world.apply(&[world.policy("production", "")]);
    world.pod(&[&image]).await.is_allowed();
}

#[tokio::test]
async fn policies_that_only_observe_warn_or_write_down_and_refuse_nothing() {
    let world = World::new();
    let bad = world.pinned("team/bad");
    world.apply(&[world.policy("trial", "  mode: warn")]);
    let warned = world.pod(&[&bad]).await;
    warned.is_allowed();
    assert!(
        warned.warnings().contains("signature/missing"),
        "{warned:?}"
    );
    world.apply(&[world.policy("trial", "  mode: audit")]);
    let audited = world.pod(&[&bad]).await;
    audited.is_allowed();
    assert_eq!(audited.warnings(), "null");
    let notes = &audited.0["response"]["auditAnnotations"];
    assert!(notes["findings"].to_string().contains("signature/missing"));
    // A registry that is down does not block what is only observed either.
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    world.later(3_600);
    let down = world.pod(&[&world.tag("team/bad")]).await;
    down.is_allowed();
    let notes = &down.0["response"]["auditAnnotations"];
    assert!(
        notes["findings"]
            .to_string()
            .contains("registry/server-error")
    );
}

#[tokio::test]
async fn gauntlet_057_tags_of_a_pod_are_pinned_to_what_was_admitted() {
    use sovverify_webhook::server::Admit as _;
    let world = World::new();
    let (good, bad) = (world.tag("team/good"), world.tag("team/bad"));
    let call = world::call(&review(&[&good, &bad, &world.pinned("team/other")]));
    let engine = std::sync::Arc::clone(&world.engine);
    let reply = engine.mutate(call).unwrap().await;
    let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(answer["response"]["allowed"], true);
    let patch = answer["response"]["patch"].as_str().unwrap();
    let patch = base64::engine::general_purpose::STANDARD
        .decode(patch)
        .unwrap();
    let patch: serde_json::Value = serde_json::from_slice(&patch).unwrap();
    let pinned = format!("{good}@{}", world.digests["team/good"]);
    assert_eq!(
        patch,
        json!([
            { "op": "test", "path": "/spec/containers/0/image", "value": good },
            { "op": "replace", "path": "/spec/containers/0/image", "value": pinned },
        ])
    );
    // A pod that runs keeps the spelling with which its containers were started.
    let running = changed(&review(&[&good]), |request| {
        request["operation"] = json!("UPDATE");
    });
    let engine = std::sync::Arc::clone(&world.engine);
    let left = Answered::of(&engine.mutate(world::call(&running)).unwrap().await);
    assert!(
        left.allowed() && left.0["response"]["patch"].is_null(),
        "{left:?}"
    );
    // What was pinned is known already.
    let asked = world.registry.asked().len();
    world.pod(&[&pinned]).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
}
