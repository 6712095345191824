//! Registries that say "too many": nobody is lost, nobody is flooded, and nobody else waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use sovverify_fetch::config::ExplicitCredential;
use sovverify_fetch::observe::{Event, Observed, Observer, Outcome, Purpose};

use super::*;

/// Images that a cluster runs.
const IMAGES: usize = 200;
/// Requests for one image with a bundle and a signature: the tag, the list of referrers, three tags of
/// cosign's, two manifests' worth of content.
const REQUESTS: usize = 8;

/// The limits that are built in, with pauses that a test can wait for.
fn built_in(hosts: &[&Evil]) -> FetchConfig {
    FetchConfig {
        limits: FetchLimits {
            retry_wait: Duration::from_millis(5),
            ..FetchLimits::default()
        },
        ..config(hosts)
    }
}

async fn all_images(discovery: &Discovery, evil: &Evil) -> Vec<Result<EvidenceSet, FetchError>> {
    let asked = (0..IMAGES).map(|number| {
        let image = format!("{}/team/app-{number}:v1", evil.host());
        async move { discover_in(discovery, &image).await }
    });
    join_all(asked).await
}

fn busy() -> Reply {
    Reply::status(429).with("retry-after", "0")
}

#[tokio::test]
async fn every_image_is_verified_by_a_registry_that_throttles_every_second_request() {
    let (shelf, _) = Shelf::signed();
    let number = AtomicUsize::new(0);
    let evil = Evil::serve(shelf, move |_| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        number.is_multiple_of(2).then(busy)
    })
    .await;
    let discovery = Discovery::new(built_in(&[&evil])).unwrap();
    for result in all_images(&discovery, &evil).await {
        let set = result.unwrap();
        assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
        assert_eq!(gap_codes(&set), [""; 0]);
    }
    let sent = evil.seen().len();
    assert!(sent <= 2 * REQUESTS * IMAGES + 2, "{sent} requests");
}

#[tokio::test]
async fn every_image_is_verified_by_a_registry_that_throttles_at_random() {
    let (shelf, _) = Shelf::signed();
    let state = Mutex::new(1_u64);
    let evil = Evil::serve(shelf, move |_| {
        // A linear congruential generator: the same run each time, up to the order of requests.
        let mut state = state.lock().unwrap();
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 63 == 0).then(busy)
    })
    .await;
    let discovery = Discovery::new(built_in(&[&evil])).unwrap();
    for result in all_images(&discovery, &evil).await {
        assert_eq!(gap_codes(&result.unwrap()), [""; 0]);
    }
    let sent = evil.seen().len();
    assert!(sent < 3 * REQUESTS * IMAGES, "{sent} requests");
}

#[tokio::test]
async fn a_registry_that_only_throttles_is_left_alone() {
    let evil = Evil::serve(Shelf::default(), |_| {
        Some(Reply::status(429).with("retry-after", "1"))
    })
    .await;
    let (shelf, _) = Shelf::signed();
    let honest = Evil::serve(shelf, |_| None).await;
    let mut config = built_in(&[&evil, &honest]);
    config.limits.total_time = Duration::from_millis(2500);
    let discovery = Discovery::new(config).unwrap();
    let image = honest.image();
    let (throttled, served) = tokio::join!(
        all_images(&discovery, &evil),
        discover_in(&discovery, &image)
    );
    assert_eq!(gap_codes(&served.unwrap()), [""; 0]);
    for result in throttled {
        assert_eq!(code(&result), "registry/rate-limited");
    }
    // Those that were on their way, and one or two after each pause of a second.
    let sent = evil.seen().len();
    assert!((16..=40).contains(&sent), "{sent} requests");
}

#[tokio::test]
async fn a_registry_that_never_answers_keeps_no_other_from_being_asked() {
    let evil = Evil::serve(Shelf::default(), |_| {
        Some(Reply::status(200).body(Body::Silence))
    })
    .await;
    let (shelf, _) = Shelf::signed();
    let honest = Evil::serve(shelf, |_| None).await;
    let discovery = Discovery::new(built_in(&[&evil, &honest])).unwrap();
    let silent = all_images(&discovery, &evil);
    let served = async {
        // All of its slots are taken before the honest one is asked.
        while evil.seen().len() < FetchLimits::default().concurrent_requests {
            tokio::task::yield_now().await;
        }
        discover_in(&discovery, &honest.image()).await
    };
    let served = tokio::select! {
        served = served => served,
        _ = silent => panic!("the silent registry answered first"),
    };
    assert_eq!(served.unwrap().evidence.len(), 2);
    assert_eq!(
        evil.seen().len(),
        FetchLimits::default().concurrent_requests
    );
}

#[tokio::test]
async fn a_token_service_that_throttles_is_left_alone_too() {
    let evil = Evil::serve(Shelf::signed().0, |seen| {
        if seen.is("/token") {
            return Some(Reply::status(429).with("retry-after", "1"));
        }
        let realm = format!(
            "Bearer realm=\"http://{}/token\"",
            seen.header("host").unwrap()
        );
        Some(Reply::status(401).with("www-authenticate", &realm))
    })
    .await;
    let mut config = built_in(&[&evil]);
    config.limits.total_time = Duration::from_millis(2500);
    config.credentials.explicit.push(ExplicitCredential {
        scope: evil.host(),
        username: "me".into(),
        password: sovverify_fetch::config::Secret::new("pw"),
    });
    let discovery = Discovery::new(config).unwrap();
    for result in all_images(&discovery, &evil).await {
        assert!(matches!(
            code(&result),
            "registry/rate-limited" | "registry/timeout"
        ));
    }
    let tokens = evil.count("/token");
    assert!(tokens < IMAGES, "{tokens} requests to the token service");
}

#[derive(Default)]
struct Ear(Mutex<Vec<Event>>);

impl Observer for Ear {
    fn notice(&self, event: &Event) {
        self.0.lock().unwrap().push(*event);
    }
}

#[tokio::test]
async fn an_observer_hears_of_every_request_and_of_nothing_that_others_wrote() {
    let (shelf, _) = Shelf::signed();
    let storage = Evil::serve(shelf.clone(), |_| None).await;
    let base = format!("http://{}", storage.host());
    let evil = Evil::serve(shelf, move |seen| {
        if seen.is("/manifests/v1") && seen.before == 0 {
            return Some(busy());
        }
        seen.is("/blobs/")
            .then(|| Reply::redirect(&format!("{base}{}", seen.target)))
    })
    .await;
    let ear = Arc::new(Ear::default());
    let mut config = built_in(&[&evil, &storage]);
    let observer: Arc<dyn Observer> = ear.clone();
    config.observer = Observed::by(observer);
    discover_in(&Discovery::new(config).unwrap(), &evil.image())
        .await
        .unwrap();
    let events = ear.0.lock().unwrap().clone();
    let finished: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Finished {
                purpose, outcome, ..
            } => Some((*purpose, *outcome)),
            _ => None,
        })
        .collect();
    assert_eq!(finished.len(), evil.seen().len() + storage.seen().len());
    assert_eq!(
        finished.iter().copied().collect::<BTreeSet<_>>(),
        [
            (Purpose::Image, Outcome::Throttled),
            (Purpose::Image, Outcome::Success),
            (Purpose::Evidence, Outcome::Success),
            (Purpose::Evidence, Outcome::NotFound),
            (Purpose::Evidence, Outcome::Redirect),
            (Purpose::Storage, Outcome::Success),
        ]
        .into()
    );
    assert!(events.contains(&Event::Retried {
        outcome: Outcome::Throttled
    }));
}
