//! Answers at their bounds: as much as there may be is read, and one more is a code or a gap with one.

use super::*;

const BEYOND: &str = "limit/exceeded";

/// A registry of which every part that is asked for with `lie` has another answer, under other limits.
async fn under(
    limits: &FetchLimits,
    lie: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> Result<EvidenceSet, FetchError> {
    let evil = Evil::serve(Shelf::signed().0, lie).await;
    let config = FetchConfig {
        limits: *limits,
        ..config(&[&evil])
    };
    ask_with(&evil, config).await
}

fn gaps(result: Result<EvidenceSet, FetchError>) -> Vec<&'static str> {
    match result {
        Ok(set) => gap_codes(&set),
        Err(error) => vec![error.code().name()],
    }
}

#[tokio::test]
async fn as_many_redirects_are_followed_as_there_may_be() {
    const HOPS: usize = 3;
    for (length, expected) in [
        (HOPS, vec![]),
        (HOPS + 1, vec!["registry/redirect-refused"; 2]),
    ] {
        let limits = FetchLimits {
            redirects: HOPS,
            ..quick()
        };
        let result = under(&limits, move |seen| {
            let (path, hop) = seen
                .target
                .split_once("?hop=")
                .unwrap_or((&seen.target, "0"));
            let hop: usize = hop.parse().unwrap();
            let goes_on = path.contains("/blobs/") && hop < length;
            goes_on.then(|| Reply::redirect(&format!("{path}?hop={}", hop + 1)))
        });
        assert_eq!(gaps(result.await), expected, "{length} redirects");
    }
}

#[tokio::test]
async fn a_manifest_is_read_up_to_its_bound() {
    let (shelf, image) = Shelf::signed();
    let largest = shelf.blobs.0.values().map(Vec::len).max().unwrap();
    assert!(largest > usize::try_from(image["size"].as_u64().unwrap()).unwrap());
    let largest = u64::try_from(largest).unwrap();
    for (manifest_bytes, is_enough) in [(largest, true), (largest - 1, false)] {
        let limits = FetchLimits {
            manifest_bytes,
            ..quick()
        };
        let evil = Evil::serve(shelf.clone(), |_| None).await;
        let discovery = Discovery::new(FetchConfig {
            limits,
            ..config(&[&evil])
        });
        let found = gaps(discover_in(&discovery.unwrap(), &evil.image()).await);
        assert_eq!(found.is_empty(), is_enough, "{found:?}");
        assert!(found.iter().all(|code| *code == BEYOND), "{found:?}");
    }
}

#[tokio::test]
async fn an_answer_has_as_many_header_lines_as_there_may_be() {
    let limits = quick();
    // Beside the type and the length of the content.
    for (more, expected) in [(126, vec![]), (127, vec!["registry/unreachable"])] {
        let result = under(&limits, move |seen| {
            let (shelf, _) = Shelf::signed();
            let many = |reply: Reply, number| reply.with(&format!("x-{number}"), "1");
            seen.is("/manifests/v1")
                .then(|| (0..more).fold(shelf.answer(seen), many))
        });
        assert_eq!(gaps(result.await), expected, "{more} more lines");
    }
}

/// A registry whose token service, a part of it, answers `token` with `padding` spaces behind it.
async fn with_token(limits: &FetchLimits, token: String, padding: usize) -> Vec<&'static str> {
    let right = format!("Bearer {token}");
    let shelf = Shelf::signed().0;
    let evil = Evil::start(
        move |seen| {
            if seen.is("/token") {
                let answer = json!({ "token": token }).to_string() + &" ".repeat(padding);
                return Reply::bytes("application/json", answer.as_bytes());
            }
            let host = seen.header("host").unwrap();
            let challenge = format!("Bearer realm=\"http://{host}/token\"");
            match seen.header("authorization") {
                Some(sent) if sent == right => shelf.answer(seen),
                _ => Reply::status(401).with("www-authenticate", &challenge),
            }
        },
        None,
    )
    .await;
    let config = FetchConfig {
        limits: *limits,
        ..config(&[&evil])
    };
    gaps(ask_with(&evil, config).await)
}

#[tokio::test]
async fn a_token_is_read_and_sent_up_to_its_bounds() {
    let limits = FetchLimits {
        token_bytes: 64,
        ..quick()
    };
    let bare = json!({ "token": "t" }).to_string().len();
    let token = || "t".to_owned();
    assert_eq!(with_token(&limits, token(), 64 - bare).await, [""; 0]);
    assert_eq!(with_token(&limits, token(), 65 - bare).await, [BEYOND]);
    // What is read may still be more than a header line holds.
    let limits = FetchLimits {
        token_bytes: 64 * 1024,
        ..quick()
    };
    let longest = 32 * 1024 - "Bearer ".len();
    let token = |length| "t".repeat(length);
    assert_eq!(with_token(&limits, token(longest), 0).await, [""; 0]);
    assert_eq!(
        with_token(&limits, token(longest + 1), 0).await,
        ["registry/unauthorized"]
    );
}

#[tokio::test]
async fn as_many_requests_are_under_way_as_there_may_be_in_all() {
    // Nobody is answered before four have asked, so that fewer at once wait for ever.
    for (total, is_enough) in [(4, true), (3, false)] {
        let shelf = Shelf {
            referrers: Some(BTreeMap::new()),
            ..Shelf::signed().0
        };
        let evil = Evil::in_rounds(shelf, &[1, 4, 1]).await;
        let limits = FetchLimits {
            concurrent_requests_total: total,
            total_time: Duration::from_secs(if is_enough { 20 } else { 1 }),
            ..quick()
        };
        let discovery = Discovery::new(FetchConfig {
            limits,
            ..config(&[&evil])
        });
        let found = gaps(discover_in(&discovery.unwrap(), &evil.image()).await);
        assert_eq!(found.is_empty(), is_enough, "{found:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_always_unlucky_is_given_up_in_the_end() {
    /// Requests are as often sent again to a registry that answers others.
    const PATIENCE: usize = 4;
    let limits = FetchLimits {
        attempts: 1,
        ..quick()
    };
    let evil = Evil::serve(Shelf::signed().0, |seen| {
        let busy = Reply::status(429).with("retry-after", "0");
        seen.is("/blobs/").then_some(busy)
    })
    .await;
    let config = FetchConfig {
        limits,
        ..config(&[&evil])
    };
    let set = ask_with(&evil, config).await.unwrap();
    assert_eq!(gap_codes(&set), ["registry/rate-limited"; 2]);
    assert_eq!(evil.count("/blobs/"), 2 * PATIENCE);
}
