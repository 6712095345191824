//! Answers that are no content: two things at once, refusals, pauses, silence.

use super::*;

#[tokio::test]
async fn gauntlet_050_documents_that_are_two_things_are_no_image() {
    let both = json!({"schemaVersion": 2, "manifests": [], "layers": [], "config": {}});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
    // To readers that ignore case these lead elsewhere than to ours (CVE-2021-41190 by another name).
    let (shelf, image) = Shelf::signed();
    let honest: Value = serde_json::from_slice(&shelf.blobs.0[&digest_of(&image)]).unwrap();
    let (mut layers, mut digest) = (honest.clone(), honest.clone());
    layers["Layers"] = json!([]);
    digest["config"]["Digest"] = json!(Digest::sha256(b"another"));
    let entry = with(
        &image,
        &json!({"platform": {"os": "linux", "architecture": "amd64"}}),
    );
    let entries =
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry], "MANIFESTS": []});
    for (reply, expected) in [
        (Reply::json(MANIFEST, &both), "image/not-an-image"),
        (Reply::json("application/json", &both), "image/not-an-image"),
        (Reply::json(MANIFEST, &layers), "image/not-an-image"),
        (Reply::json(MANIFEST, &digest), "image/not-an-image"),
        (Reply::json(INDEX, &entries), "image/not-an-image"),
        (Reply::json(INDEX, &honest), "image/not-an-image"),
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
    // The same document where nothing contradicts it, whatever the registry calls it beside its name.
    for announced in [MANIFEST, "application/json", "text/plain; charset=utf-8"] {
        let reply = Reply::json(announced, &honest);
        let (_, result) = lie(move |seen| seen.is("/manifests/v1").then(|| reply.clone())).await;
        assert_eq!(result.unwrap().image.digest(), &digest_of(&image));
    }
    // What carries evidence is read no other way.
    let (mut shelf, image) = Shelf::signed();
    let layer = shelf.blobs.add(b"{\"another\":1}", BUNDLE);
    let two = shelf.blobs.manifest(&json!({
        "config": shelf.blobs.clone().add(b"{}", IMAGE_CONFIG), "layers": [layer], "Layers": [], "subject": image,
    }));
    shelf.refer(&image, &two);
    let set = ask(&Evil::serve(shelf, |_| None).await).await.unwrap();
    assert_eq!(gap_codes(&set), ["image/not-an-image"]);
    assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
}

#[tokio::test]
async fn gauntlet_154_a_compressed_answer_is_refused_and_never_unpacked() {
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
async fn gauntlet_039_every_status_has_its_code_and_none_is_read_as_no_evidence() {
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
async fn gauntlet_040_a_busy_registry_is_asked_again_and_one_that_stays_busy_is_given_up() {
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
