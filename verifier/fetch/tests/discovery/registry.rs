//! The registry client against registries that lie. Every lie is told while an honest registry is
//! asked through the same `Discovery`, and that one must be served.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sovverify::evidence::EvidenceSet;
use sovverify::{Class, Digest};
use sovverify_fetch::config::{Mirror, Network, Proxy, SignatureRepository};
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
async fn a_tag_that_moves_between_requests_is_read_once() {
    for turn in 1..6 {
        let (shelf, image) = Shelf::signed();
        let other = Shelf::default().blobs.image("unsigned");
        let evil = Evil::serve(shelf, move |seen| {
            let moved = seen.is("/manifests/v1") && seen.before >= turn;
            moved.then(|| Reply::json(MANIFEST, &other))
        })
        .await;
        let set = ask(&evil).await.unwrap();
        assert_eq!(set.image.digest(), &digest_of(&image));
        assert_eq!(evil.count("/manifests/v1"), 1);
    }
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
async fn what_the_registry_says_about_a_digest_is_never_believed() {
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
    // By digest the bytes are checked, and what is announced is of no interest.
    let evil = Evil::serve(shelf, announce(other)).await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let reference = format!("{}@{}", evil.image(), digest_of(&image));
    let set = discover_in(&discovery, &reference).await.unwrap();
    assert_eq!(set.image.digest(), &digest_of(&image));
}

fn shelf_answer(seen: &Seen) -> Reply {
    Shelf::signed().0.answer(seen)
}

#[tokio::test]
async fn other_bytes_than_the_digest_says_are_refused_at_every_hop() {
    let (shelf, image) = Shelf::signed();
    for (digest, bytes) in &shelf.blobs.0 {
        let (name, mut changed) = (digest.to_string(), bytes.clone());
        changed[0] ^= 1;
        let (_, result) = lie(move |seen| {
            seen.is(&name)
                .then(|| Reply::bytes("application/octet-stream", &changed))
        })
        .await;
        // The signature's manifest is asked for by tag: it is what its bytes say.
        let set = result.unwrap();
        for gap in gap_codes(&set) {
            assert!(
                matches!(gap, "image/digest-mismatch" | "registry/unexpected-answer"),
                "{gap}"
            );
        }
    }
    let evil = Evil::serve(shelf, |seen| {
        seen.is("/manifests/sha256")
            .then(|| Reply::bytes(MANIFEST, b"{}"))
    })
    .await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let reference = format!("{}@{}", evil.image(), digest_of(&image));
    assert_eq!(
        code(&discover_in(&discovery, &reference).await),
        "image/digest-mismatch"
    );
}

#[tokio::test]
async fn content_that_is_longer_or_shorter_than_promised_is_refused_within_bounds() {
    let blob = "/blobs/sha256";
    let small: Vec<(&str, Body)> = vec![
        ("image/size-mismatch", Body::Endless),
        ("image/size-mismatch", Body::Announced(2 << 30, Vec::new())),
        ("image/size-mismatch", Body::Bytes(vec![b' '; 100_000])),
        ("image/size-mismatch", Body::Bytes(b"{".to_vec())),
        ("registry/unreachable", Body::Announced(14, b"{".to_vec())),
        ("registry/timeout", Body::Stall),
        ("registry/timeout", Body::Silence),
        ("registry/unreachable", Body::Hangup),
    ];
    for (expected, body) in small {
        let (_, result) = lie({
            let body = body.clone();
            move |seen| seen.is(blob).then(|| Reply::status(200).body(body.clone()))
        })
        .await;
        let set = result.unwrap();
        let gaps = gap_codes(&set);
        assert_eq!((set.evidence.len(), gaps.len()), (0, 2), "{body:?}");
        assert_eq!(gaps[0], expected, "{body:?}");
        // The second blob has another size, which may be what is wrong first.
        assert!(
            [expected, "image/size-mismatch"].contains(&gaps[1]),
            "{body:?}"
        );
        // The same for the image itself is an error: nothing can be judged.
        let (_, result) = lie({
            let body = body.clone();
            move |seen| {
                seen.is("/manifests/v1")
                    .then(|| Reply::status(200).body(body.clone()))
            }
        })
        .await;
        assert!(result.is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn a_two_gigabyte_signature_is_never_downloaded() {
    let mut shelf = Shelf::default();
    let image = shelf.blobs.image("one");
    let huge = with(
        &shelf.blobs.add(b"{}", BUNDLE),
        &json!({"size": 2_u64 << 30}),
    );
    let carrier = shelf.blobs.carrier(&[huge], Some(&image));
    shelf.tag("v1", &image);
    shelf.refer(&image, &carrier);
    let evil = Evil::serve(shelf, |seen| {
        seen.is("/blobs/")
            .then(|| Reply::status(200).body(Body::Endless))
    })
    .await;
    let set = ask(&evil).await.unwrap();
    assert_eq!(gap_codes(&set), ["limit/exceeded"]);
    assert_eq!(evil.count("/blobs/"), 0);
}

#[tokio::test]
async fn an_endless_manifest_ends_at_its_bound() {
    let (_, result) = lie(|seen| {
        seen.is("/manifests/v1")
            .then(|| Reply::status(200).body(Body::Endless))
    })
    .await;
    assert_eq!(code(&result), "limit/exceeded");
    let (_, result) = lie(|seen| {
        seen.is("/referrers/")
            .then(|| Reply::status(200).body(Body::Endless))
    })
    .await;
    let set = result.unwrap();
    assert_eq!(
        (pieces(&set), gap_codes(&set)),
        (
            vec!["cosign-tag signature".to_owned()],
            vec!["limit/exceeded"]
        )
    );
}

#[tokio::test]
async fn all_content_together_has_a_bound() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[&evil]);
    config.limits.total_bytes = 600;
    let discovery = Discovery::new(config).unwrap();
    let set = discover_in(&discovery, &evil.image()).await.unwrap();
    assert!(
        gap_codes(&set).contains(&"limit/exceeded"),
        "{:?}",
        set.gaps
    );
}

#[tokio::test]
async fn ten_thousand_referrers_are_cut_at_the_bound_and_said_to_be() {
    let (mut shelf, image) = Shelf::signed();
    let flood: Vec<Value> = (0..10_000)
        .map(|number| {
            shelf
                .blobs
                .bundle(&format!("{{\"flood\":{number}}}"), &image)
        })
        .collect();
    for descriptor in flood {
        shelf.refer(&image, &descriptor);
    }
    let evil = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[&evil]);
    config.limits.referrers = 40;
    let set = ask_with(&evil, config).await.unwrap();
    assert_eq!(gap_codes(&set), ["limit/exceeded"]);
    // The signature under the other tag is still found.
    assert_eq!(set.evidence.len(), 41);
    assert_eq!(pieces(&set).last().unwrap(), "cosign-tag signature");
    assert!(evil.seen().len() < 100);
}

#[tokio::test]
async fn pages_of_referrers_are_followed_at_home_only_and_to_an_end() {
    let page = |manifests: &[Value], link: &str| {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        Reply::json(INDEX, &index).with("link", &format!("<{link}>; rel=\"next\""))
    };
    // Honest: the second page has the bundle.
    let (_, result) =
        lie(move |seen| (seen.is("/referrers/") && !seen.is("?")).then(|| page(&[], "?n=2"))).await;
    assert_eq!(
        pieces(&result.unwrap()),
        ["referrers bundle", "cosign-tag signature"]
    );
    let other = Evil::serve(Shelf::default(), |_| None).await;
    let elsewhere = format!("http://{}/v2/team/app/referrers/x", other.host());
    for (link, expected) in [
        (elsewhere.as_str(), "registry/paging-refused"),
        ("http://169.254.169.254/latest", "registry/paging-refused"),
        ("", "registry/paging-refused"),
        ("?n=1", "registry/paging-refused"),
    ] {
        let owned = link.to_owned();
        let (evil, result) =
            lie(move |seen| seen.is("/referrers/").then(|| page(&[], &owned))).await;
        let set = result.unwrap();
        assert_eq!(gap_codes(&set), [expected], "{link}");
        assert_eq!(pieces(&set), ["cosign-tag signature"]);
        assert!(evil.count("/referrers/") <= 2, "{link}");
    }
    assert!(other.seen().is_empty());
    // Pages without end, each with a new address.
    let (evil, result) = lie(move |seen| {
        let next = seen
            .target
            .split_once("n=")
            .map_or(2, |(_, n)| n.parse::<u32>().unwrap() + 1);
        seen.is("/referrers/")
            .then(|| page(&[], &format!("?n={next}")))
    })
    .await;
    assert_eq!(gap_codes(&result.unwrap()), ["limit/exceeded"]);
    assert_eq!(evil.count("/referrers/"), quick().referrer_pages);
}

#[tokio::test]
async fn a_list_of_referrers_that_lies_about_types_changes_nothing() {
    let (mut shelf, image) = Shelf::signed();
    let sbom = shelf.blobs.add(b"SPDXVersion: SPDX-2.3", "text/spdx");
    let config_blob = shelf.blobs.add(b"{}", "application/vnd.oci.empty.v1+json");
    let sbom = shelf.blobs.manifest(&json!({
        "config": config_blob, "layers": [sbom], "subject": image, "artifactType": "text/spdx",
    }));
    let notary = shelf.blobs.add(b"jws", "application/jose+json");
    let notary = shelf.blobs.manifest(&json!({
        "config": shelf_config(), "layers": [notary], "subject": image,
    }));
    let foreign = shelf.blobs.image("foreign");
    let foreign = shelf.blobs.bundle("{\"foreign\":1}", &foreign);
    let lying = |descriptor: &Value| {
        with(
            descriptor,
            &json!({
                "artifactType": BUNDLE, "annotations": {"dev.sigstore.bundle.content": "message-signature"},
            }),
        )
    };
    let bundle = shelf
        .referrers
        .as_mut()
        .unwrap()
        .get_mut(&digest_of(&image))
        .unwrap();
    bundle[0] = with(
        &bundle[0],
        &json!({"artifactType": "application/vnd.cncf.notary.signature"}),
    );
    let size = with(&foreign, &json!({"size": 1}));
    let absent = json!({"mediaType": MANIFEST, "digest": Digest::sha256(b"absent"), "size": 5});
    for descriptor in [
        lying(&sbom),
        lying(&notary),
        lying(&foreign),
        size,
        absent,
        lying(&image),
    ] {
        shelf.refer(&image, &descriptor);
    }
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    let mut found = pieces(&set);
    found.sort();
    assert_eq!(
        found,
        [
            "cosign-tag signature",
            "referrers application/vnd.cncf.notary.signature",
            "referrers bundle",
            "referrers sbom",
        ]
    );
    let mut gaps = gap_codes(&set);
    gaps.sort_unstable();
    assert_eq!(
        gaps,
        [
            "evidence/blob-missing",
            "image/size-mismatch",
            "subject/mismatch",
            "subject/mismatch"
        ]
    );
}

fn shelf_config() -> Value {
    json!({
        "mediaType": "application/vnd.cncf.notary.signature", "digest": Digest::sha256(b"{}"), "size": 2,
    })
}

#[tokio::test]
async fn documents_that_are_two_things_are_no_image() {
    let both = json!({"schemaVersion": 2, "manifests": [], "layers": [], "config": {}});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
    for (reply, expected) in [
        (Reply::json(MANIFEST, &both), "image/not-an-image"),
        (Reply::json(INDEX, &both), "image/not-an-image"),
        (Reply::json(MANIFEST, &index), "image/not-an-image"),
        (
            Reply::bytes("text/html", b"<html>sign in</html>"),
            "image/not-an-image",
        ),
        (
            Reply::json(MANIFEST, &json!({"schemaVersion": 1, "fsLayers": []})),
            "image/media-type-unsupported",
        ),
        (
            Reply::json(
                "x",
                &json!({"mediaType": "application/vnd.x", "schemaVersion": 2}),
            ),
            "image/media-type-unsupported",
        ),
    ] {
        let (_, result) = lie(move |seen| seen.is("/manifests/v1").then(|| reply.clone())).await;
        assert_eq!(code(&result), expected);
    }
}

#[tokio::test]
async fn a_compressed_answer_is_refused_and_never_unpacked() {
    let gzip = |seen: &Seen| {
        let (shelf, _) = Shelf::signed();
        shelf.answer(seen).with("content-encoding", "gzip")
    };
    let (_, result) = lie(move |seen| seen.is("/manifests/v1").then(|| gzip(seen))).await;
    assert_eq!(code(&result), "registry/unexpected-answer");
    let (_, result) = lie(move |seen| seen.is("/blobs/").then(|| gzip(seen))).await;
    assert_eq!(
        gap_codes(&result.unwrap()),
        ["registry/unexpected-answer"; 2]
    );
}

#[tokio::test]
async fn every_status_has_its_code_and_none_is_read_as_no_evidence() {
    for (status, expected, class) in [
        (401, "registry/unauthorized", Class::Input),
        (403, "registry/forbidden", Class::Input),
        (404, "image/not-found", Class::Missing),
        (429, "registry/rate-limited", Class::Transient),
        (500, "registry/server-error", Class::Transient),
        (503, "registry/server-error", Class::Transient),
        (418, "registry/unexpected-answer", Class::Invalid),
        (204, "registry/unexpected-answer", Class::Invalid),
        (304, "registry/unexpected-answer", Class::Invalid),
    ] {
        let (_, result) =
            lie(move |seen| seen.is("/manifests/v1").then(|| Reply::status(status))).await;
        let error = result.unwrap_err();
        assert_eq!(
            (error.code().name(), error.class()),
            (expected, class),
            "{status}"
        );
        assert_eq!(error.is_transient(), class == Class::Transient);
        if status == 404 {
            continue;
        }
        for part in [".sig", ".att", "/referrers/"] {
            let (_, result) = lie(move |seen| seen.is(part).then(|| Reply::status(status))).await;
            let set = result.unwrap();
            assert_eq!(gap_codes(&set), [expected], "{status} {part}");
        }
    }
}

#[tokio::test]
async fn a_busy_registry_is_asked_again_and_one_that_stays_busy_is_given_up() {
    for status in [429, 503] {
        let (evil, result) = lie(move |seen| {
            (seen.before < 2).then(|| Reply::status(status).with("retry-after", "0"))
        })
        .await;
        assert_eq!(gap_codes(&result.unwrap()), [""; 0]);
        assert_eq!(evil.count("/manifests/v1"), 3);
        let (evil, result) = lie(move |_| Some(Reply::status(status))).await;
        assert!(result.unwrap_err().is_transient());
        assert_eq!(evil.count("/manifests/v1"), 4);
    }
    // A connection that breaks is tried again, too.
    let (evil, result) =
        lie(|seen| (seen.before == 0).then(|| Reply::status(200).body(Body::Hangup))).await;
    assert_eq!(gap_codes(&result.unwrap()), [""; 0]);
    assert!(evil.count("/manifests/v1") >= 2);
}

#[tokio::test]
async fn a_pause_longer_than_the_bound_is_not_slept() {
    let started = std::time::Instant::now();
    let (evil, result) = lie(|_| Some(Reply::status(429).with("retry-after", "3600"))).await;
    let error = result.unwrap_err();
    assert_eq!(error.code().name(), "registry/rate-limited");
    assert!(error.found().contains("3600 s"), "{}", error.found());
    assert_eq!(evil.count("/manifests/v1"), 1);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_registry_that_stalls_costs_no_more_than_the_deadline() {
    for body in [Body::Stall, Body::Silence] {
        let (shelf, _) = Shelf::signed();
        let evil = Evil::serve(shelf, move |seen| {
            (!seen.is("/manifests/v1")).then(|| Reply::status(200).body(body.clone()))
        })
        .await;
        let mut config = config(&[&evil]);
        config.limits.idle_time = Duration::from_mins(1);
        config.limits.total_time = Duration::from_millis(300);
        let started = std::time::Instant::now();
        let discovery = Discovery::new(config).unwrap();
        let set = discover_in(&discovery, &evil.image()).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
        assert!(!set.gaps.is_empty());
        assert!(
            gap_codes(&set)
                .iter()
                .all(|code| *code == "registry/timeout"),
            "{:?}",
            set.gaps
        );
    }
}

#[tokio::test]
async fn offline_opens_no_socket() {
    let evil = Evil::serve(Shelf::default(), |_| None).await;
    let config = FetchConfig {
        network: Network::Offline,
        ..config(&[&evil])
    };
    let discovery = Discovery::new(config).unwrap();
    assert_eq!(
        code(&discover_in(&discovery, &evil.image()).await),
        "registry/offline"
    );
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn hosts_that_are_no_registries_are_never_asked() {
    let discovery = Discovery::new(FetchConfig {
        limits: quick(),
        ..FetchConfig::default()
    })
    .unwrap();
    for host in [
        "169.254.169.254",
        "[::ffff:a9fe:a9fe]:80",
        "0.0.0.0:5000",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        let result = discover_in(&discovery, &format!("{host}/latest/meta-data")).await;
        assert_eq!(code(&result), "registry/host-refused", "{host}");
    }
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unreachable_or_unresolvable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let discovery = Discovery::new(FetchConfig {
        limits: quick(),
        ..FetchConfig::default()
    })
    .unwrap();
    let error = discover_in(&discovery, &format!("{closed}/a"))
        .await
        .unwrap_err();
    assert_eq!(error.code().name(), "registry/unreachable");
    assert!(error.is_transient());
    // RFC 6761 section 6.4: `invalid` never resolves, and resolvers need not ask anybody.
    let error = discover_in(&discovery, "registry.invalid/a")
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.code().name(),
            "registry/unresolvable" | "registry/timeout"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn plain_http_is_for_hosts_named_exactly() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    for named in ["127.0.0.1", "localhost", "127.0.0.1:1"] {
        let mut config = config(&[]);
        config.insecure_registries.insert(named.into());
        let discovery = Discovery::new(config).unwrap();
        let result = discover_in(&discovery, &evil.image()).await;
        assert_eq!(code(&result), "registry/tls", "{named}");
    }
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn evidence_is_found_in_a_repository_of_its_own_and_a_forbidden_one_is_a_gap() {
    let (mut shelf, image) = Shelf::signed();
    shelf.tags.retain(|tag, _| tag == "v1");
    shelf.referrers = Some(BTreeMap::default());
    let images = Evil::serve(shelf, |_| None).await;
    let (signatures, _) = Shelf::signed();
    let signatures = Evil::serve(signatures, |_| None).await;
    let forbidden = Evil::serve(Shelf::default(), |_| Some(Reply::status(403))).await;
    for (place, expected) in [(&signatures, 2), (&forbidden, 0)] {
        let mut config = config(&[&images, place]);
        config.signature_repositories.push(SignatureRepository {
            images: Some(format!("{}/team", images.host())),
            repository: format!("{}/signatures", place.host()).parse().unwrap(),
        });
        let set = ask_with(&images, config).await.unwrap();
        assert_eq!(set.evidence.len(), expected);
        assert!(
            gap_codes(&set)
                .iter()
                .all(|code| *code == "registry/forbidden")
        );
        assert_eq!(gap_codes(&set).is_empty(), expected == 2);
        assert_eq!(place.count("/v2/signatures/"), place.seen().len());
        assert!(place.count(&digest_of(&image).hex()) >= 4);
    }
}

#[tokio::test]
async fn a_mirror_is_asked_instead_and_the_name_stays() {
    let (shelf, _) = Shelf::signed();
    let mirror = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[&mirror]);
    config.mirrors.push(Mirror {
        from: "registry.example".into(),
        to: format!("{}/copy", mirror.host()),
    });
    let discovery = Discovery::new(config).unwrap();
    let set = discover_in(&discovery, "registry.example/team/app:v1")
        .await
        .unwrap();
    assert_eq!(
        set.image.name().unwrap().to_string(),
        "registry.example/team/app"
    );
    assert_eq!(set.image.reference(), "registry.example/team/app:v1");
    assert!(
        set.evidence
            .iter()
            .all(|piece| piece.origin.place.starts_with("registry.example/team/app"))
    );
    assert_eq!(mirror.count("/v2/copy/team/app/"), mirror.seen().len());
}

#[tokio::test]
async fn a_configured_proxy_is_asked_instead_of_the_registry() {
    let (shelf, _) = Shelf::signed();
    let proxy = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[]);
    config.insecure_registries.insert("registry.example".into());
    config.proxy = Proxy::Explicit {
        url: format!("http://{}", proxy.host()),
        except: String::new(),
    };
    let discovery = Discovery::new(config).unwrap();
    let set = discover_in(&discovery, "registry.example/team/app:v1")
        .await
        .unwrap();
    assert_eq!(set.evidence.len(), 2);
    for seen in proxy.seen() {
        assert!(
            seen.target
                .starts_with("http://registry.example/v2/team/app/"),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn platforms_and_statements_are_found_in_a_registry_too() {
    let mut shelf = Shelf::default();
    let (_, amd64, arm64) = two_platforms(&mut shelf.blobs);
    let statement = shelf.blobs.add(b"{\"statement\":1}", IN_TOTO);
    let carrier = shelf.blobs.carrier(&[statement], None);
    let carrier = with(
        &carrier,
        &json!({"annotations": {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": arm64["digest"],
    }, "platform": {"os": "unknown", "architecture": "unknown"}}),
    );
    let index = shelf.blobs.index(&[amd64.clone(), arm64.clone(), carrier]);
    let bundle = shelf.blobs.bundle("{\"on\":\"amd64\"}", &amd64);
    shelf.tag("v1", &index);
    shelf.refer(&amd64, &bundle);
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    assert_eq!(pieces(&set), ["referrers bundle", "index statement"]);
    assert_eq!(set.evidence[0].subject, digest_of(&amd64));
    assert_eq!(set.evidence[1].subject, digest_of(&arm64));
    assert_eq!(gap_codes(&set), [""; 0]);
}

#[tokio::test]
async fn the_order_of_evidence_does_not_depend_on_the_registry() {
    let mut orders = Vec::new();
    for reversed in [false, true] {
        let (mut shelf, image) = Shelf::signed();
        let mut more: Vec<Value> = (0..10)
            .map(|number| {
                shelf
                    .blobs
                    .bundle(&format!("{{\"number\":{number}}}"), &image)
            })
            .collect();
        if reversed {
            more.reverse();
        }
        for descriptor in more {
            shelf.refer(&image, &descriptor);
        }
        let evil = Evil::serve(shelf, |_| None).await;
        let set = ask(&evil).await.unwrap();
        orders.push(
            set.evidence
                .iter()
                .map(|piece| piece.origin.blob.clone())
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(orders[0].len(), 12);
    assert_eq!(orders[0], orders[1]);
}
