//! Registry, cluster, clock and process: what happens when each of them fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sovverify_forge::Act;

use crate::world::{World, ask, indented, review};
use sovverify_webhook::decide::persist::Store;
use sovverify_webhook::decide::{Cache, DecideLimits};
use sovverify_webhook::state::Current;

#[tokio::test]
async fn nothing_is_admitted_before_policies_are_loaded() {
    use sovverify_webhook::server::Admit as _;
    let mut world = World::new();
    let image = world.pinned("team/good");
    world.current = Arc::<Current>::default();
    let engine = world.restarted(Arc::new(Cache::new(&DecideLimits::default())));
    assert!(engine.ready().is_err());
    ask(&engine, &review(&[&image]))
        .await
        .is_denied("[transient: admission/not-ready]");
    world.apply(&[world.policy("production", "")]);
    assert_eq!(engine.ready(), Ok(()));
    ask(&engine, &review(&[&image])).await.is_allowed();
}

#[tokio::test]
async fn a_registry_that_is_down_denies_as_an_outage_and_only_for_a_moment() {
    let world = World::new();
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    let image = world.pinned("team/good");
    world
        .pod(&[&image])
        .await
        .is_denied("[transient: registry/server-error]");
    world.behave.honestly();
    world.later(1);
    world.pod(&[&image]).await.is_allowed();
    // What is known is admitted without a registry.
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    world.later(60);
    world.pod(&[&image]).await.is_allowed();
    world
        .pod(&[&world.tag("team/good")])
        .await
        .is_denied("transient");
}

#[tokio::test]
async fn a_list_of_evidence_that_cannot_be_read_is_no_missing_signature() {
    let world = World::new();
    world.behave.set(|asked| {
        if asked.path.contains("/referrers/") {
            Act::Refuse(500, Vec::new())
        } else {
            Act::Serve
        }
    });
    let image = world.pinned("team/good");
    world
        .pod(&[&image])
        .await
        .is_denied("[transient: registry/server-error]");
    world.behave.honestly();
    world.later(1);
    world.pod(&[&image]).await.is_allowed();
}

#[tokio::test]
async fn a_registry_that_lies_about_content_admits_nothing() {
    let world = World::new();
    world.behave.set(|asked| {
        if asked.path.contains("/manifests/sha256:") {
            Act::Lie(br#"{"schemaVersion":2,"layers":[]}"#.to_vec())
        } else {
            Act::Serve
        }
    });
    let answered = world.pod(&[&world.pinned("team/good")]).await;
    answered.is_denied("[invalid: image/digest-mismatch]");
}

#[tokio::test]
async fn what_is_not_decided_in_time_is_denied_goes_on_and_is_known_at_the_next_try() {
    let limits = DecideLimits {
        default_timeout: Duration::from_millis(100),
        least_margin: Duration::from_millis(10),
        ..DecideLimits::default()
    };
    let world = World::with(limits);
    world.behave.set(|asked| {
        if asked.path.contains("/referrers/") {
            Act::ServeAfter(Duration::from_millis(400))
        } else {
            Act::Serve
        }
    });
    let image = world.pinned("team/good");
    let first = world.pod(&[&image]).await;
    first.is_denied("[transient: admission/timeout]");
    while world.cache.is_empty() {
        tokio::task::yield_now().await;
    }
    let asked = world.registry.asked().len();
    world.pod(&[&image]).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
    assert_eq!(world.registry.count("/referrers/"), 1);
}

#[tokio::test]
async fn a_verdict_obtained_with_one_tenant_s_secret_serves_no_other() {
    let world = World::new();
    let host = world.registry.host();
    world
        .behave
        .set(|asked| match asked.authorization.as_deref() {
            Some("Basic YTpzZWNyZXQ=") => Act::Serve,
            _ => Act::Refuse(
                401,
                vec![("www-authenticate", "Basic realm=\"r\"".to_owned())],
            ),
        });
    let secret = format!(r#"{{"auths":{{"{host}":{{"auth":"YTpzZWNyZXQ="}}}}}}"#);
    let given = [
        ("a/pull".to_owned(), secret.clone()),
        ("c/pull".to_owned(), secret),
    ];
    world.cluster.secrets.lock().unwrap().extend(given);
    let pod = |namespace: &str| {
        let mut review = review(&[&world.pinned("team/good")]);
        review["request"]["namespace"] = json!(namespace);
        review["request"]["object"]["spec"]["imagePullSecrets"] = json!([{ "name": "pull" }]);
        review
    };
    world.ask(&pod("a")).await.is_allowed();
    let asked = world.registry.asked().len();
    // Without the secret it is asked for anew, and refused.
    world
        .ask(&pod("b"))
        .await
        .is_denied("registry/unauthorized");
    assert!(world.registry.asked().len() > asked);
    // With the same credential the verdict is the same.
    let asked = world.registry.asked().len();
    world.ask(&pod("c")).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
}

#[tokio::test]
async fn labels_that_cannot_be_read_are_no_reason_to_admit() {
    let world = World::new();
    let everywhere = world.policy("everywhere", "");
    let strict = world
        .policy(
            "strict",
            "    namespaces: { matchLabels: { env: production } }",
        )
        .replace("by: [release]", "by: [release], maxAge: 1d");
    world.apply(&[everywhere, strict]);
    let image = world.pinned("team/good");
    let denied = world.pod(&[&image]).await;
    denied.is_denied("[transient: admission/lookup-failed]");
    let label = |value: &str| {
        let labels = BTreeMap::from([("env".to_owned(), value.to_owned())]);
        world
            .cluster
            .labels
            .lock()
            .unwrap()
            .insert("team".to_owned(), labels);
    };
    label("test");
    world.pod(&[&image]).await.is_allowed();
    label("production");
    assert!(!world.pod(&[&image]).await.allowed());
}

#[tokio::test]
async fn gauntlet_122_an_admission_ends_when_its_trust_root_does_and_not_when_the_cache_forgets() {
    let world = World::new();
    let root = world.forge.trusted_root().text();
    let documents = format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore:
    trustedRoot:
      inline: |
{}
  expires: 2026-06-01T12:10:00Z
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
        indented(&root, 8)
    );
    world.apply(&[documents]);
    let image = world.pinned("team/keyless");
    world.pod(&[&image]).await.is_allowed();
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    world.later(599);
    world.pod(&[&image]).await.is_allowed();
    world.later(1);
    assert!(!world.pod(&[&image]).await.allowed());
}

#[tokio::test]
async fn a_restart_forgets_nothing_that_is_still_true() {
    let world = World::new();
    let image = world.pinned("team/good");
    world.pod(&[&image]).await.is_allowed();
    let folder = tempfile::tempdir().unwrap();
    let limits = DecideLimits::default();
    let store = Store::new(folder.path().join("verdicts"), b"secret", &limits);
    let now = crate::world::NOW.parse().unwrap();
    assert_eq!(store.save(&world.cache, now).unwrap(), 1);
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    let cache = Arc::new(Cache::new(&limits));
    assert_eq!(store.load(&cache, now).unwrap(), 1);
    let engine = world.restarted(cache);
    ask(&engine, &review(&[&image])).await.is_allowed();
    let other = review(&[&world.pinned("team/other")]);
    ask(&engine, &other).await.is_denied("transient");
    // What was remembered under another policy is nothing under this one.
    world.apply(&[world.policy("another", "")]);
    ask(&engine, &review(&[&image]))
        .await
        .is_denied("transient");
}

#[tokio::test]
async fn work_beyond_the_bound_is_told_to_come_again() {
    let limits = DecideLimits {
        waiting: 1,
        ..DecideLimits::default()
    };
    let world = World::with(limits);
    world
        .behave
        .set(|_| Act::ServeAfter(Duration::from_millis(100)));
    let images = [world.pinned("team/good"), world.pinned("team/other")];
    let answered = world.pod(&[&images[0], &images[1]]).await;
    answered.is_denied("[transient: admission/overloaded]");
}
