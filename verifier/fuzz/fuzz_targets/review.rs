//! Any bytes as the body of an admission request, through the whole engine, where every image matches a
//! policy and no registry can be asked: what brings an image is never allowed, what cannot be read is
//! denied, and every answer is a review of bounded size that names its request.

#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::policy::{Documents, Source};
use sovverify::workload::{Preset, WorkloadFields};
use sovverify::{Limits, VerificationTime};
use sovverify_fetch::config::Network;
use sovverify_fetch::{Discovery, FetchConfig};
use sovverify_forge::{Key, KeyKind};
use sovverify_webhook::cluster::NoAccess;
use sovverify_webhook::decide::{Cache, DecideLimits, Engine, Parts, Pinning};
use sovverify_webhook::metrics::Metrics;
use sovverify_webhook::review::{Operation, Review};
use sovverify_webhook::server::{Admit, Call, Reply};
use sovverify_webhook::state::{Current, State};
use tokio::runtime::{Builder, Runtime};

/// Bytes of one answer: message, warnings and annotations, each escaped at worst, and a patch that is
/// not longer than what it patches.
const MAX_ANSWER: usize = 256 * 1024;

static FIELDS: LazyLock<WorkloadFields> = LazyLock::new(|| WorkloadFields::with(Preset::ALL, &[]));
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let builder = &mut Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
});
static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| {
    let engine = engine();
    // One that brings an image, and one that brings none: or the target is about nothing.
    let pod = |operation: &str| {
        let request = serde_json::json!({
            "uid": "1", "operation": operation, "kind": { "kind": "Pod" },
            "object": { "spec": { "containers": [{ "name": "a", "image": "a" }] } },
        });
        let review = serde_json::json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request,
        });
        review.to_string().into_bytes()
    };
    let create = pod("CREATE");
    assert!(brings_images(&Review::read(&create).expect("a review")));
    for (body, expected) in [(create, false), (pod("DELETE"), true)] {
        let reply = RUNTIME.block_on(Arc::clone(&engine).validate(call(&body)));
        assert_eq!(is_allowed(&reply, Some("1")), expected, "{reply:?}");
    }
    engine
});

fn engine() -> Arc<Engine> {
    let key = Key::generate(KeyKind::EcdsaP256).public_pem();
    let policy = serde_json::json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "ClusterImagePolicy",
        "metadata": { "name": "all" },
        "spec": {
            "match": { "images": ["**"] },
            "signers": { "release": { "key": { "inline": key }, "trustRoot": "none" } },
            "require": [{ "name": "signed", "signature": { "by": ["release"] } }],
        },
    });
    let source = Source {
        file: "policy.json".to_owned(),
        text: policy.to_string(),
    };
    let documents = Documents::parse(&[source]).expect("a policy");
    let config = FetchConfig {
        network: Network::Offline,
        ..FetchConfig::default()
    };
    let current = Arc::new(Current::default());
    current.set(State {
        policies: documents.compile(&BTreeMap::new()).expect("a policy"),
        exceptions: Vec::new(),
        discovery: Arc::new(Discovery::new(config).expect("a configuration")),
        limits: Limits::default(),
        workloads: WorkloadFields::with(Preset::ALL, &[]),
        generation: 0,
    });
    let limits = DecideLimits::default();
    let time: VerificationTime = "2026-03-03T11:04:05Z".parse().expect("a time");
    Arc::new(Engine::new(Parts {
        current,
        cluster: Arc::new(NoAccess),
        cache: Arc::new(Cache::new(&limits)),
        metrics: Arc::new(Metrics::default()),
        limits,
        secret: [7; 32],
        pinning: Pinning::On,
        clock: Arc::new(move || time.timestamp()),
    }))
}

fuzz_target!(|body: &[u8]| {
    let review = Review::read(body);
    let validated = RUNTIME.block_on(Arc::clone(&ENGINE).validate(call(body)));
    let mutated = Arc::clone(&ENGINE)
        .mutate(call(body))
        .expect("an endpoint that is on");
    let mutated = RUNTIME.block_on(mutated);
    let uid = review
        .as_ref()
        .ok()
        .map(|review| review.question.uid.clone());
    let allowed = is_allowed(&validated, uid.as_deref());
    is_allowed(&mutated, uid.as_deref());
    match &review {
        Err(_) => assert!(!allowed),
        Ok(review) if brings_images(review) => assert!(!allowed),
        Ok(_) => {}
    }
});

fn call(body: &[u8]) -> Call {
    Call {
        body: body.to_vec().into(),
        received: Instant::now(),
        timeout: None,
    }
}

/// Whether an answer says yes, and is one that the API server understands.
fn is_allowed(reply: &Reply, uid: Option<&str>) -> bool {
    assert!(reply.body.len() <= MAX_ANSWER);
    let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(answer["kind"], "AdmissionReview");
    let allowed = answer["response"]["allowed"].as_bool().expect("yes or no");
    match uid {
        Some(uid) => assert_eq!(answer["response"]["uid"], uid),
        None => assert!(!allowed),
    }
    assert!(!allowed || reply.status == 200);
    allowed
}

/// Whether the request writes an object with images that may start.
fn brings_images(review: &Review<'_>) -> bool {
    let question = &review.question;
    let writes = matches!(question.operation, Operation::Create | Operation::Update)
        && !matches!(question.sub_resource.as_deref(), Some("status" | "scale"));
    let Ok(object) = review.object() else {
        return false;
    };
    // What is being removed may keep what it has.
    let ends = object.root().get("metadata");
    let ends = ends.and_then(|metadata| metadata.get("deletionTimestamp"));
    let found = FIELDS.extract(&question.kind, object);
    let has_images = matches!(found, Ok(Some(workload)) if !workload.images.is_empty());
    writes && ends.is_none() && has_images
}
