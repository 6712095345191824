//! The registry client against registries that lie. Every lie is told while an honest registry is
//! asked through the same `Discovery`, and that one must be served.

mod answers;
mod bytes;
mod edges;
mod gauntlet;
mod http_2;
mod places;
mod referrers;
mod rounds;
mod throttling;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sovverify::evidence::EvidenceSet;
use sovverify::{Class, Digest};
use sovverify_fetch::config::{
    AllowedRegistries, LocalRegistries, Mirror, Network, Proxy, SignatureRepository,
};
use sovverify_fetch::{Discovery, FetchConfig, FetchError, FetchLimits, Location, Request};

use crate::content::*;
use crate::evil::*;

/// Pauses in milliseconds, and silence that even a busy machine does not take for one.
fn quick() -> FetchLimits {
    FetchLimits {
        retry_wait: Duration::from_millis(1),
        retry_wait_longest: Duration::from_secs(2),
        connect_time: Duration::from_secs(5),
        idle_time: Duration::from_secs(3),
        total_time: Duration::from_secs(20),
        ..FetchLimits::default()
    }
}

pub(crate) fn config(hosts: &[&Evil]) -> FetchConfig {
    FetchConfig {
        limits: quick(),
        insecure_registries: hosts.iter().map(|evil| evil.host()).collect(),
        ..FetchConfig::default()
    }
}

async fn discover_in(discovery: &Discovery, image: &str) -> Result<EvidenceSet, FetchError> {
    let location: Location = image.parse().unwrap();
    discovery.discover(&location, &Request::default()).await
}

/// Asks `evil` and an honest registry at once.
pub(crate) async fn ask_with(
    evil: &Evil,
    mut config: FetchConfig,
) -> Result<EvidenceSet, FetchError> {
    let (shelf, _) = Shelf::signed();
    let honest = Evil::serve(shelf, |_| None).await;
    config.insecure_registries.insert(honest.host());
    let discovery = Discovery::new(config).unwrap();
    let (evil, honest) = (evil.image(), honest.image());
    let (evil, honest) = tokio::join!(
        discover_in(&discovery, &evil),
        discover_in(&discovery, &honest)
    );
    assert_eq!(
        pieces(&honest.unwrap()),
        ["referrers bundle", "cosign-tag signature"]
    );
    evil
}

async fn ask(evil: &Evil) -> Result<EvidenceSet, FetchError> {
    ask_with(evil, config(&[evil])).await
}

async fn lie(
    lie: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> (Evil, Result<EvidenceSet, FetchError>) {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, lie).await;
    let result = ask(&evil).await;
    (evil, result)
}

fn code(result: &Result<EvidenceSet, FetchError>) -> &'static str {
    result.as_ref().unwrap_err().code().name()
}

#[tokio::test]
async fn an_honest_registry_is_asked_for_the_tag_once_and_for_digests_after_that() {
    let (evil, result) = lie(|_| None).await;
    let set = result.unwrap();
    assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
    assert_eq!(gap_codes(&set), [""; 0]);
    assert_eq!(
        set.image.name().unwrap().to_string(),
        format!("{}/team/app", evil.host())
    );
    assert_eq!(evil.count("/manifests/v1"), 1);
    assert_eq!(evil.count("HEAD"), 0);
    for seen in evil.seen() {
        assert_eq!(seen.method, "GET");
        assert_eq!(seen.header("accept-encoding"), Some("identity"));
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.before, 0, "{} was asked for twice", seen.target);
    }
}

#[tokio::test]
async fn an_image_is_pinned_with_one_request_and_its_evidence_comes_when_asked_for() {
    let (shelf, image) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let location: Location = evil.image().parse().unwrap();
    let resolved = discovery
        .resolve(&location, &Request::default())
        .await
        .unwrap();
    assert_eq!(resolved.image().digest(), &digest_of(&image));
    assert_eq!(evil.seen().len(), 1);
    let set = resolved.evidence().await;
    assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
    assert_eq!(gap_codes(&set), [""; 0]);
    assert_eq!(evil.count("/manifests/v1"), 1);
}

#[tokio::test]
async fn a_registry_without_the_referrers_api_is_asked_for_its_tag() {
    for status in [404, 400, 405] {
        let (mut shelf, image) = Shelf::signed();
        let listed = shelf
            .referrers
            .take()
            .unwrap()
            .remove(&digest_of(&image))
            .unwrap();
        let list = shelf.blobs.index(&listed);
        shelf.tag(&format!("sha256-{}", digest_of(&image).hex()), &list);
        let evil = Evil::serve(shelf, move |seen| {
            seen.is("/referrers/").then(|| Reply::status(status))
        })
        .await;
        let set = ask(&evil).await.unwrap();
        assert_eq!(
            pieces(&set),
            ["referrers-tag bundle", "cosign-tag signature"]
        );
        assert_eq!(gap_codes(&set), [""; 0], "{status}");
    }
}

#[tokio::test]
async fn gauntlet_047_a_tag_is_asked_for_once_wherever_it_leads_afterwards() {
    // After one request, two, … whatever they are about, the tag leads to another image.
    for turn in 1..=6 {
        let (mut shelf, image) = Shelf::signed();
        let other = shelf.blobs.image("unsigned");
        let bytes = shelf.blobs.0[&digest_of(&other)].clone();
        let count = std::sync::atomic::AtomicUsize::new(0);
        let evil = Evil::serve(shelf, move |seen| {
            let before = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let moved = seen.is("/manifests/v1") && before >= turn;
            moved.then(|| Reply::bytes(MANIFEST, &bytes))
        })
        .await;
        let set = ask(&evil).await.unwrap();
        assert_eq!(set.image.digest(), &digest_of(&image));
        assert_eq!(set.evidence.len(), 2);
        assert_eq!(evil.count("/manifests/v1"), 1);
        assert_eq!(evil.count(&digest_of(&other).hex()), 0);
    }
    // Where it leads there from the start, that image is judged, and it has no evidence.
    let (mut shelf, _) = Shelf::signed();
    let other = shelf.blobs.image("unsigned");
    shelf.tag("v1", &other);
    let set = ask(&Evil::serve(shelf, |_| None).await).await.unwrap();
    assert_eq!(set.image.digest(), &digest_of(&other));
    assert_eq!(pieces(&set), [""; 0]);
}

#[tokio::test]
async fn a_reference_with_a_digest_asks_for_no_tag_at_all() {
    let (shelf, image) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let reference = format!("{}@{}", evil.image(), digest_of(&image));
    let set = discover_in(&discovery, &reference).await.unwrap();
    assert_eq!(set.evidence.len(), 2);
    assert_eq!(evil.count("/manifests/v1"), 0);
}

#[tokio::test]
async fn gauntlet_049_what_a_registry_announces_about_a_digest_is_never_believed() {
    let announce = |announced: String| {
        move |seen: &Seen| {
            let (shelf, _) = Shelf::signed();
            let reply = shelf.answer(seen).with("docker-content-digest", &announced);
            seen.is("/manifests/").then_some(reply)
        }
    };
    let (shelf, image) = Shelf::signed();
    let other = Digest::sha256(b"something else").to_string();
    // Runtimes pull what a tag's answer announces: when that is another image, nobody may judge.
    let (_, result) = lie(announce(other.clone())).await;
    assert_eq!(code(&result), "image/digest-mismatch");
    for harmless in [
        digest_of(&image).to_string(),
        String::new(),
        "nonsense".into(),
    ] {
        let evil = Evil::serve(shelf.clone(), move |seen| {
            let reply = shelf_answer(seen).with("docker-content-digest", &harmless);
            seen.is("/manifests/v1").then_some(reply)
        })
        .await;
        assert_eq!(ask(&evil).await.unwrap().image.digest(), &digest_of(&image));
    }
    // By digest the bytes are checked, and what is announced is of no interest. Nor is what another
    // method would have said: only `GET` is asked.
    let evil = Evil::serve(shelf, announce(other)).await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let reference = format!("{}@{}", evil.image(), digest_of(&image));
    let set = discover_in(&discovery, &reference).await.unwrap();
    assert_eq!(set.image.digest(), &digest_of(&image));
    assert!(evil.seen().iter().all(|seen| seen.method == "GET"));
}

fn shelf_answer(seen: &Seen) -> Reply {
    Shelf::signed().0.answer(seen)
}
