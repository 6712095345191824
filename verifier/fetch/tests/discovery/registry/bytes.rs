//! What is sent for a digest, and how much of it.

use super::*;

#[tokio::test]
async fn gauntlet_049_other_bytes_than_the_digest_says_are_refused_at_every_hop() {
    let (shelf, image) = Shelf::signed();
    let mut refused = 0;
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
        refused += gap_codes(&set).len();
        for gap in gap_codes(&set) {
            assert!(
                matches!(gap, "image/digest-mismatch" | "registry/unexpected-answer"),
                "{gap}"
            );
        }
    }
    // The list of referrers, the bundle's manifest, the bundle, and the payload of the signature.
    assert_eq!(refused, 4);
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
async fn gauntlet_152_content_that_is_longer_or_shorter_than_promised_is_refused_within_bounds() {
    let blob = "/blobs/sha256";
    let small: Vec<(&str, Body)> = vec![
        ("image/size-mismatch", Body::Endless),
        ("image/size-mismatch", Body::Announced(20 << 30, Vec::new())),
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
async fn gauntlet_154_a_two_gigabyte_signature_is_never_downloaded() {
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
async fn gauntlet_154_all_content_together_has_a_bound() {
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
