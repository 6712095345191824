//! Verdicts that are remembered, and credentials that belong to somebody (rows 143, 144, 146).

mod canaries;

use std::sync::Arc;

use serde_json::{Value, json};
use sovverify_forge::{Act, Forge, Key, KeyKind, OCI_INDEX, at};
use sovverify_webhook::decide::Cache;
use sovverify_webhook::decide::persist::Store;

use crate::world::{Answered, World, ask, changed, indented, policy, review};

/// `user:password` as a registry sees it.
fn basic(user: &str, password: &str) -> String {
    sovverify_forge::base64(format!("{user}:{password}").as_bytes())
}

/// A world whose registry answers nobody without this credential, and nothing about what it does not have.
fn private(user: &str, password: &str) -> World {
    let world = World::new();
    let good = format!("Basic {}", basic(user, password));
    world.behave.set(move |asked| {
        if asked.authorization.as_deref() == Some(good.as_str()) {
            Act::Serve
        } else {
            Act::Refuse(
                401,
                vec![("www-authenticate", "Basic realm=\"r\"".to_owned())],
            )
        }
    });
    world
}

/// Gives a namespace a pull secret.
fn give(world: &World, namespace: &str, user: &str, password: &str) {
    let host = world.registry.host();
    let auth = basic(user, password);
    let secret = json!({ "auths": { host: { "auth": auth } } }).to_string();
    let mut secrets = world.cluster.secrets.lock().unwrap();
    secrets.insert(format!("{namespace}/pull"), secret);
}

/// A pod in a namespace that names the pull secret `pull`.
fn pod(namespace: &str, image: &str) -> Value {
    changed(&review(&[image]), |request| {
        request["namespace"] = json!(namespace);
        request["object"]["spec"]["imagePullSecrets"] = json!([{ "name": "pull" }]);
    })
}

#[tokio::test]
async fn gauntlet_143_who_may_not_pull_an_image_learns_nothing_from_the_verdict_of_who_may() {
    let world = private("a", "secret");
    give(&world, "a", "a", "secret");
    give(&world, "guesses", "a", "guess");
    let digest = world.digests["team/bad"].clone();
    let host = world.registry.host();
    let existing = [
        world.pinned("team/good"),
        world.tag("team/good"),
        world.pinned("team/bad"),
    ];
    let absent = [
        format!("{host}/team/none@{digest}"),
        format!("{host}/team/none:v1"),
        format!("{host}/team/good@sha256:{}", "0".repeat(64)),
        format!("{host}/team/good:none"),
    ];
    // With the secret the truth is told, and remembered.
    world.thrice(&pod("a", &existing[0])).await.is_allowed();
    world.ask(&pod("a", &existing[0])).await.is_allowed();
    world.ask(&pod("a", &existing[1])).await.is_allowed();
    world
        .ask(&pod("a", &existing[2]))
        .await
        .is_denied("signature/missing");
    world
        .ask(&pod("a", &absent[0]))
        .await
        .is_denied("image/not-found");
    // Without it, with nothing and with a guess, all of them are the same.
    for stranger in ["b", "guesses"] {
        let mut told = Vec::new();
        for image in existing.iter().chain(&absent) {
            let before = world.registry.asked().len();
            let answered = world.ask(&pod(stranger, image)).await;
            answered.is_denied("registry/unauthorized");
            let questions = world.registry.asked().len() - before;
            let shape = if image.contains("@sha256:") {
                "digest"
            } else {
                "tag"
            };
            let said = answered.message().replace(image, shape);
            let (name, _) = image.split_once(['@']).unwrap_or((image, ""));
            let name = name.trim_end_matches(":v1").trim_end_matches(":none");
            told.push((shape, said.replace(name, "name"), questions));
            // Nothing else in the answer says more.
            let annotations = answered.0["response"]["auditAnnotations"].to_string();
            assert!(!annotations.contains("admit"), "{annotations}");
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 2, "{told:#?}");
    }
    // Nor when it comes first: its failure is not what the others get.
    let again = world.pinned("team/other");
    world
        .ask(&pod("b", &again))
        .await
        .is_denied("registry/unauthorized");
    world.ask(&pod("a", &again)).await.is_allowed();
}

/// What the webhook answers now, and after a restart with what it remembers.
async fn now_and_after_a_restart(world: &World, review: &Value) -> Answered {
    let folder = tempfile::tempdir().unwrap();
    let limits = sovverify_webhook::decide::DecideLimits::default();
    let store = Store::new(folder.path().join("verdicts"), b"secret", &limits);
    store.save(&world.cache, world.now()).unwrap();
    let kept = Arc::new(Cache::new(&limits));
    store.load(&kept, world.now()).unwrap();
    let now = world.ask(review).await;
    let restarted = ask(&world.restarted(kept), review).await;
    assert_eq!(now.0, restarted.0);
    now
}

#[tokio::test]
async fn gauntlet_144_what_was_remembered_serves_no_other_question() {
    let world = World::new();
    let (good, tag) = (world.pinned("team/good"), world.tag("team/good"));
    let (by_digest, by_tag) = (review(&[&good]), review(&[&tag]));
    let remembered = async || {
        world.behave.honestly();
        world.apply(&[world.policy("production", "")]);
        now_and_after_a_restart(&world, &by_digest)
            .await
            .is_allowed();
        now_and_after_a_restart(&world, &by_tag).await.is_allowed();
    };
    // The same tag, another digest.
    remembered().await;
    let (digest, bytes) = world.manifest("team/bad");
    let moved = format!("/manifests/{digest}");
    world.behave.set(move |asked| {
        let is_it = asked.path.ends_with("/manifests/v1") || asked.path.ends_with(&moved);
        if is_it {
            Act::Lie(bytes.clone())
        } else {
            Act::Serve
        }
    });
    now_and_after_a_restart(&world, &by_tag)
        .await
        .is_denied("signature/missing");
    // The policy was edited; then its key was taken back.
    remembered().await;
    let strict = world
        .policy("production", "")
        .replace("by: [release] }", "by: [release], maxAge: 1d }");
    world.apply(&[strict]);
    assert!(!now_and_after_a_restart(&world, &by_digest).await.allowed());
    remembered().await;
    let pattern = format!("{}/team/**", world.registry.host());
    let other = Key::generate(KeyKind::EcdsaP256);
    world.apply(&[policy(&other, ("production", &pattern), "")]);
    now_and_after_a_restart(&world, &by_digest)
        .await
        .is_denied("signature/invalid");
    // The verdict about one place or repository is none about another.
    remembered().await;
    let other = format!(
        "{}/team/other@{}",
        world.registry.host(),
        world.digests["team/good"]
    );
    assert!(
        !now_and_after_a_restart(&world, &review(&[&other]))
            .await
            .allowed()
    );
    remembered().await;
}

#[tokio::test]
async fn gauntlet_144_a_trust_root_that_was_rotated_ends_what_rested_on_it() {
    let world = World::new();
    let rooted = |forge: &Forge| {
        format!(
            "apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore:
    trustedRoot:
      inline: |
{}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: [\"**\"] }}
  signers:
    release:
      trustRoot: forge
      keyless: {{ issuer: {{ glob: \"**\" }}, identity: {{ glob: \"**\" }} }}
  require:
    - name: signed
      signature: {{ by: [release] }}
",
            indented(&forge.trusted_root().text(), 8)
        )
    };
    let image = review(&[&world.pinned("team/keyless")]);
    world.apply(&[rooted(&world.forge)]);
    now_and_after_a_restart(&world, &image).await.is_allowed();
    now_and_after_a_restart(&world, &image).await.is_allowed();
    world.apply(&[rooted(&Forge::new(at("2026-01-01T00:00:00Z")))]);
    assert!(!now_and_after_a_restart(&world, &image).await.allowed());
    world.apply(&[rooted(&world.forge)]);
    now_and_after_a_restart(&world, &image).await.is_allowed();
}

#[tokio::test]
async fn gauntlet_146_what_was_not_there_yet_is_seen_soon_and_an_outage_is_no_verdict() {
    let world = World::new();
    let good = world.pinned("team/good");
    // The image was pushed, its signature is on its way.
    let nothing = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [] });
    world.behave.set(move |asked| {
        if asked.path.contains("/referrers/") {
            Act::Lie(nothing.to_string().into_bytes())
        } else {
            Act::Serve
        }
    });
    let first = world.pod(&[&good]).await;
    assert!(!first.allowed(), "{first:?}");
    world.behave.honestly();
    // Remembered for ten seconds, and never in the file.
    assert!(!world.pod(&[&good]).await.allowed());
    now_and_after_a_restart_forgets(&world, &good).await;
    world.later(10);
    world.pod(&[&good]).await.is_allowed();
    // What one registry says about a digest is nothing that another one said.
    let mirror = format!(
        "{}/mirror/good@{}",
        world.registry.host(),
        world.digests["team/good"]
    );
    let everywhere = format!("{}/**", world.registry.host());
    world.apply(&[policy(&world.key, ("production", &everywhere), "")]);
    world.pod(&[&mirror]).await.is_denied("image/not-found");
    world.pod(&[&good]).await.is_allowed();
    // An error of any kind is no verdict: a second later it is asked again.
    let other = world.pinned("team/other");
    for status in [429, 500, 502, 503, 504] {
        world.behave.set(move |_| Act::Refuse(status, Vec::new()));
        let answered = world.pod(&[&other]).await;
        answered.is_denied("[transient: registry/");
        world.behave.honestly();
        world.later(1);
        world.pod(&[&other]).await.is_allowed();
        world.later(3_600);
    }
}

/// A restart asks anew about what was denied.
async fn now_and_after_a_restart_forgets(world: &World, image: &str) {
    let folder = tempfile::tempdir().unwrap();
    let limits = sovverify_webhook::decide::DecideLimits::default();
    let store = Store::new(folder.path().join("verdicts"), b"secret", &limits);
    assert_eq!(store.save(&world.cache, world.now()).unwrap(), 0);
    let kept = Arc::new(Cache::new(&limits));
    store.load(&kept, world.now()).unwrap();
    let restarted = world.restarted(kept);
    ask(&restarted, &review(&[image])).await.is_allowed();
}
