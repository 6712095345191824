//! What one tenant can make the webhook do, and what that costs the others (rows 80, 82, 150, 151, 161 to
//! 163).

mod lines;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sovverify_forge::{Act, Layout, OCI_INDEX, Registry};
use sovverify_webhook::decide::persist::Store;
use sovverify_webhook::decide::{DecideLimits, Engine};
use sovverify_webhook::server::{Admit as _, Call};

use crate::logged::{logged, logged_about};
use crate::world::{Answered, Maker, Making, World, call, changed, policy, review};

/// Everything that lasts: remembered verdicts and numbers of ours.
fn state(world: &World) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("verdicts");
    let store = Store::new(path.clone(), b"secret", &DecideLimits::default());
    store.save(&world.cache, world.now()).unwrap();
    let kept = sovverify_forge::digest_of(&std::fs::read(path).unwrap());
    let text = world.metrics.text();
    let ours = text
        .lines()
        .filter(|line| line.starts_with("sovverify_webhook"));
    let ours: Vec<&str> = ours.collect();
    format!(
        "{} verdicts, {kept}\n{}",
        world.cache.len(),
        ours.join("\n")
    )
}

#[tokio::test]
async fn gauntlet_080_a_request_that_is_only_tried_changes_no_verdict_number_or_log() {
    logged();
    let world = World::new();
    let images = [
        world.pinned("team/good"),
        world.tag("team/good"),
        world.pinned("team/bad"),
        world.tag("team/none"),
    ];
    let tried = |image: &str| changed(&review(&[image]), |request| request["dryRun"] = json!(true));
    // Cold, and when something is remembered.
    for _ in 0..2 {
        let before = state(&world);
        let lines = logged_about(&world.registry.host()).len();
        for image in &images {
            let expected = image.contains("team/good");
            assert_eq!(
                world.ask(&tried(image)).await.allowed(),
                expected,
                "{image}"
            );
        }
        assert_eq!(state(&world), before);
        assert_eq!(logged_about(&world.registry.host()).len(), lines);
        for image in &images {
            world.pod(&[image]).await;
        }
        assert_ne!(state(&world), before, "what is meant does change something");
        assert!(logged_about(&world.registry.host()).len() > lines);
        world.later(5);
    }
    // What is only tried is found by nobody who means it, not even while it is being verified.
    let fresh = World::new();
    fresh
        .behave
        .set(|_| Act::ServeAfter(Duration::from_millis(20)));
    let (dry, meant) = (
        tried(&fresh.pinned("team/good")),
        review(&[&fresh.pinned("team/good")]),
    );
    let (dry, meant) = tokio::join!(fresh.ask(&dry), fresh.ask(&meant));
    assert!(dry.allowed() && meant.allowed());
    assert_eq!(fresh.cache.len(), 1);
}

/// Asks with the patience that the caller says.
async fn patiently(
    engine: &Arc<Engine>,
    review: &Value,
    patience: Duration,
) -> (Answered, Duration) {
    let begun = Instant::now();
    let call = Call {
        timeout: Some(patience),
        ..call(review)
    };
    let answered = Answered::of(&Arc::clone(engine).validate(call).await);
    (answered, begun.elapsed())
}

#[tokio::test]
async fn gauntlet_082_whoever_makes_it_slow_is_denied_before_the_api_server_stops_waiting() {
    let world = World::new();
    let patience = Duration::from_secs(2);
    let parts: [fn(&str) -> bool; 3] = [
        |path| path.ends_with("/manifests/v1"),
        |path| path.contains("/manifests/sha256:"),
        |path| path.contains("/referrers/"),
    ];
    for (slow, image) in parts.into_iter().zip([
        world.tag("team/good"),
        world.pinned("team/good"),
        world.pinned("team/other"),
    ]) {
        world.behave.set(move |asked| {
            if slow(&asked.path) {
                Act::ServeAfter(Duration::from_secs(8))
            } else {
                Act::Serve
            }
        });
        let (answered, took) = patiently(&world.engine, &review(&[&image]), patience).await;
        answered.is_denied("[transient: admission/timeout]");
        assert!(took < patience, "{took:?}");
    }
    world.behave.honestly();
    let good = review(&[&world.pinned("team/keyless"), &world.pinned("team/good")]);
    // An API server that does not answer is no reason to wait longer.
    let labels = world.policy("labels", "    namespaces: { matchLabels: { env: x } }");
    world.apply(&[world.policy("production", ""), labels]);
    world.cluster.is_silent.store(true, Ordering::SeqCst);
    let (answered, took) = patiently(&world.engine, &good, patience).await;
    answered.is_denied("[transient: admission/lookup-failed]");
    assert!(took < patience, "{took:?}");
}

/// A repository with this many signatures by nobody before the good one.
fn beside_signatures(maker: &Maker<'_>, bad: usize) -> (Layout, sovverify_forge::Descriptor) {
    let (mut layout, image) = maker.image("many");
    let signature = maker.signature(&image);
    for number in 0..bad {
        let mut bytes = signature.clone().signature_flipped().bytes();
        // Each is another blob.
        bytes.extend(" ".repeat(number).bytes());
        let type_of_bundle = [(
            "dev.sigstore.bundle.content".to_owned(),
            "dsse-envelope".to_owned(),
        )];
        layout.attach(&image, &bytes, &BTreeMap::from(type_of_bundle));
    }
    layout.attach_bundle(&image, &signature);
    (layout, image)
}

const MANY: [(&str, Making); 2] = [
    ("team/some", |maker| beside_signatures(maker, 100)),
    ("team/many", |maker| beside_signatures(maker, 1_000)),
];

#[tokio::test]
async fn gauntlet_151_signatures_beyond_the_bound_are_a_denial_that_says_so() {
    let world = World::made(DecideLimits::default(), &MANY);
    world
        .thrice(&review(&[&world.pinned("team/some")]))
        .await
        .is_allowed();
    // The good one is the last: it is not looked for without end, nor passed over in silence.
    let (many, honest) = (
        review(&[&world.pinned("team/many")]),
        review(&[&world.pinned("team/good")]),
    );
    let (many, honest) = tokio::join!(world.thrice(&many), world.ask(&honest));
    many.is_denied("limit/exceeded");
    honest.is_allowed();
}

#[tokio::test]
async fn gauntlet_150_a_list_of_evidence_without_end_is_cut_and_denied() {
    let world = World::new();
    for entries in [1_000, 100_000] {
        let entry = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
            "digest": format!("sha256:{}", "a".repeat(64)),
        });
        let list = (0..entries).map(|number| {
            let mut entry = entry.clone();
            entry["digest"] = json!(format!("sha256:{number:064x}"));
            entry
        });
        let list: Vec<Value> = list.collect();
        let list =
            json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list }).to_string();
        world.behave.set(move |asked| {
            if asked.path.contains("/team/good/referrers/") {
                Act::Lie(list.clone().into_bytes())
            } else {
                Act::Serve
            }
        });
        let before = world.registry.asked().len();
        let (long, honest) = (
            review(&[&world.pinned("team/good")]),
            review(&[&world.pinned("team/other")]),
        );
        let (long, honest) = tokio::join!(world.ask(&long), world.ask(&honest));
        assert!(!long.allowed(), "{entries}: {long:?}");
        honest.is_allowed();
        let asked = world.registry.asked().len() - before;
        assert!(asked < 600, "{asked} requests for {entries} entries");
        world.later(60);
    }
}

#[tokio::test]
async fn gauntlet_161_a_large_object_keeps_nobody_waiting() {
    let world = World::new();
    let good = review(&[&world.pinned("team/good")]);
    world.ask(&good).await.is_allowed();
    // One thread, so that work on it is work that everybody waits for.
    let entries: Vec<Value> = (0..60_000)
        .map(|number| json!({ "name": number.to_string(), "value": "x" }))
        .collect();
    let large = changed(&good, |request| {
        request["object"]["spec"]["containers"][0]["env"] = json!(entries);
    });
    let order = std::sync::Mutex::new(Vec::new());
    let large = async {
        world.ask(&large).await.is_allowed();
        order.lock().unwrap().push("large");
    };
    let small = async {
        world.ask(&good).await.is_allowed();
        order.lock().unwrap().push("small");
    };
    tokio::join!(large, small);
    assert_eq!(*order.lock().unwrap(), ["small", "large"]);
}

/// Names of metrics with their labels.
fn series(world: &World) -> usize {
    world
        .metrics
        .text()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count()
}

#[tokio::test]
async fn gauntlet_162_no_name_that_a_tenant_chooses_makes_a_number_of_its_own() {
    let world = World::new();
    let ask = async |number: usize| {
        let images = [
            format!(
                "{}/team/x-{number}@sha256:{number:064x}",
                world.registry.host()
            ),
            format!("elsewhere-{number}.example/x:v{number}"),
            "a.".repeat(number + 1),
            format!("{}/team/good:{}", world.registry.host(), ".".repeat(number)),
            "./".repeat(500_000),
        ];
        for image in images {
            let review = changed(&review(&[&image]), |request| {
                request["namespace"] = json!(format!("n-{number}"));
                request["name"] = json!(format!("p-{number}"));
                request["userInfo"] = json!({ "username": format!("u-{number}") });
            });
            assert!(!world.ask(&review).await.allowed());
        }
    };
    for number in 0..3 {
        ask(number).await;
    }
    let before = series(&world);
    for number in 3..60 {
        ask(number).await;
    }
    assert_eq!(series(&world), before, "{}", world.metrics.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gauntlet_163_a_tenant_whose_registry_is_slow_slows_nobody_else() {
    let limits = DecideLimits {
        waiting: 64,
        verifications: 8,
        resolutions: 8,
        ..DecideLimits::default()
    };
    let world = World::with(limits);
    let slow = Registry::serve(&BTreeMap::new(), |_| {
        Act::ServeAfter(Duration::from_mins(1))
    });
    let mut config = world.config();
    config.insecure_registries.insert(slow.host());
    config.local_registries =
        sovverify_fetch::config::LocalRegistries::Only([slow.host(), world.registry.host()].into());
    world.apply_as(
        &[policy(&world.key, ("everything", "**"), "")],
        Vec::new(),
        config,
    );
    let image = |number: usize| format!("{}/x@sha256:{number:064x}", slow.host());
    let tag = |number: usize| format!("{}/x:{number}", slow.host());
    let greedy = |images: Vec<String>| {
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        let review = changed(&review(&images), |request| {
            request["namespace"] = json!("greedy");
        });
        let engine = Arc::clone(&world.engine);
        async move { patiently(&engine, &review, Duration::from_secs(1)).await.0 }
    };
    // Far more than there are places, and in the end an image that others want as well.
    let mut wanted: Vec<String> = (0..100).map(image).collect();
    wanted.push(world.pinned("team/other"));
    let by_digest = tokio::spawn(greedy(wanted));
    let by_tag = tokio::spawn(greedy((0..100).map(tag).collect()));
    while slow.asked().len() < 8 {
        tokio::task::yield_now().await;
    }
    // Each has half of the places, and the queue has room for others.
    for image in [
        world.pinned("team/good"),
        world.tag("team/good"),
        world.pinned("team/other"),
    ] {
        world.pod(&[&image]).await.is_allowed();
    }
    for answered in [by_digest.await.unwrap(), by_tag.await.unwrap()] {
        assert!(!answered.allowed());
        let message = answered.message();
        let told = ["admission/timeout", "admission/overloaded"];
        assert!(told.iter().any(|code| message.contains(code)), "{message}");
    }
}
