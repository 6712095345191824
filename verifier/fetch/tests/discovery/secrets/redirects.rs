//! Redirects: blobs may be elsewhere, and credentials stay behind.

use super::*;

/// A registry that takes the canary, and sends every blob elsewhere.
async fn redirecting(target: impl Fn(&Seen) -> String + Send + Sync + 'static) -> Evil {
    let (shelf, _) = Shelf::signed();
    Evil::serve(shelf, move |seen| {
        if seen.header("authorization") != Some(&basic()) {
            return Some(Reply::status(401).with("www-authenticate", "Basic"));
        }
        seen.is("/blobs/").then(|| Reply::redirect(&target(seen)))
    })
    .await
}

#[tokio::test]
async fn gauntlet_133_blobs_may_be_elsewhere_and_credentials_stay_behind() {
    let (shelf, _) = Shelf::signed();
    let storage = Evil::serve(shelf, |_| None).await;
    let base = format!("http://{}", storage.host());
    let evil = redirecting(move |seen| format!("{base}{}?signature=x", seen.target)).await;
    let set = ask_with(&evil, with_canary(&[&evil, &storage], &evil))
        .await
        .unwrap();
    assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
    assert_eq!(gap_codes(&set), [""; 0]);
    assert_eq!(storage.seen().len(), 2);
    assert!(!leaked(&storage));
}

#[tokio::test]
async fn gauntlet_133_a_challenge_after_a_redirect_gets_no_answer() {
    let thief = Evil::serve(Shelf::default(), |_| {
        Some(Reply::status(401).with("www-authenticate", "Basic realm=\"give\""))
    })
    .await;
    let base = format!("http://{}", thief.host());
    let evil = redirecting(move |seen| format!("{base}{}", seen.target)).await;
    let set = ask_with(&evil, with_canary(&[&evil, &thief], &evil))
        .await
        .unwrap();
    assert_eq!(gap_codes(&set), ["registry/unauthorized"; 2]);
    assert!(!leaked(&thief));
    // Not even when the way leads home again.
    let home = Evil::serve(Shelf::default(), |_| None).await;
    let back = home.host();
    let thief = Evil::serve(Shelf::default(), move |seen| {
        Some(Reply::redirect(&format!("http://{back}{}", seen.target)))
    })
    .await;
    let thief_host = thief.host();
    let evil = Evil::serve(Shelf::signed().0, move |seen| {
        seen.is("/blobs/")
            .then(|| Reply::redirect(&format!("http://{thief_host}{}", seen.target)))
    })
    .await;
    ask_with(&evil, with_canary(&[&evil, &thief, &home], &home))
        .await
        .unwrap();
    assert!(!leaked(&home) && !leaked(&thief));
}

#[tokio::test]
async fn gauntlet_133_redirects_to_bad_places_are_refused() {
    let closed = bystander().await;
    let plain = format!("http://{}/x", closed.host());
    for target in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://[::]/",
        "file:///etc/passwd",
        "https://user:pw@storage.example/x",
        "http://",
        // Plain HTTP that nobody allowed.
        plain.as_str(),
    ] {
        let owned = target.to_owned();
        let evil = redirecting(move |_| owned.clone()).await;
        let set = ask_with(&evil, with_canary(&[&evil], &evil)).await.unwrap();
        assert_eq!(
            gap_codes(&set),
            ["registry/redirect-refused"; 2],
            "{target}"
        );
    }
    assert!(closed.seen().is_empty());
}

#[tokio::test]
async fn gauntlet_133_redirects_in_circles_and_without_end_stop() {
    let evil = redirecting(|seen| seen.target.clone()).await;
    let set = ask_with(&evil, with_canary(&[&evil], &evil)).await.unwrap();
    assert_eq!(gap_codes(&set), ["registry/redirect-refused"; 2]);
    let evil = redirecting(|seen| format!("{}x", seen.target)).await;
    let set = ask_with(&evil, with_canary(&[&evil], &evil)).await.unwrap();
    assert_eq!(gap_codes(&set), ["registry/redirect-refused"; 2]);
    assert!(evil.count("/blobs/") <= 2 * (1 + FetchConfig::default().limits.redirects));
}

#[tokio::test]
async fn a_redirect_of_a_manifest_is_followed_and_still_checked() {
    let (shelf, image) = Shelf::signed();
    let storage = Evil::serve(shelf, |_| None).await;
    let base = format!("http://{}", storage.host());
    let evil = Evil::serve(Shelf::default(), move |seen| {
        Some(Reply::redirect(&format!("{base}{}", seen.target)))
    })
    .await;
    let set = ask_with(&evil, config(&[&evil, &storage])).await.unwrap();
    assert_eq!(set.image.digest(), &digest_of(&image));
    assert_eq!(set.evidence.len(), 2);
}
