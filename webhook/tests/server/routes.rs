//! What can be asked for.

use std::sync::atomic::Ordering;

use sovverify_webhook::server::ServerLimits;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{Http, SHORT, Served, heard, review};

async fn served() -> Served {
    Served::with(ServerLimits::default()).await
}

#[tokio::test]
async fn a_review_is_answered_over_http_2() {
    let served = served().await;
    let http = served.client().http();
    let request = http
        .client
        .post(format!("{}/validate?timeout=7s", http.base))
        .header("content-type", "application/json; charset=utf-8")
        .body(review("pod", 3000));
    let response = request.send().await.unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.unwrap();
    assert!(text.contains("\"uid\":\"uid-pod\""), "{text}");
    assert!(text.contains("Some(7s)"), "{text}");
    assert_eq!(served.asked(), 1);
    assert!(served.metric("stage_duration_seconds_count{stage=\"read\"}") >= 1.0);
    assert!(served.metric("requests_total{route=\"validate\",status=\"2xx\"}") >= 1.0);
}

#[tokio::test]
async fn a_review_is_answered_over_http_1_also_in_chunks() {
    let served = served().await;
    let body = review("pod", 0);
    let (one, two) = body.split_at(20);
    let text = format!(
        "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         {:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        one.len(),
        two.len()
    );
    let heard = served.client().say(text.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n"), "{heard}");
    assert!(heard.contains("\"allowed\":true"), "{heard}");
}

/// CVE-2020-8561: whoever names a webhook could make the API server follow it into private networks.
#[tokio::test]
async fn gauntlet_083_nothing_redirects_whatever_path_method_or_host_is_sent() {
    let served = served().await;
    let client = served.client();
    let targets = [
        "/",
        "/validate/",
        "//validate",
        "/Validate",
        "/validate/..",
        "/validate%2f",
        "/./validate",
        "//evil.example/validate",
        "/\\evil.example",
        "/mutate/x",
        "/healthz/",
        "/metrics/",
        "/validate;x",
        "http://evil.example/",
        "http://evil.example//",
        "http://evil.example/x",
        "*",
    ];
    let hosts = [
        "127.0.0.1",
        "evil.example",
        "evil.example:80",
        "",
        "[::1]",
        "a b",
    ];
    for method in [
        "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "NONSENSE",
    ] {
        for target in targets {
            let host = hosts[target.len() % hosts.len()];
            let text = format!(
                "{method} {target} HTTP/1.1\r\nhost: {host}\r\nx-forwarded-host: evil.example\r\n\
                 x-original-url: http://evil.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let heard = client.say(text.as_bytes()).await.to_ascii_lowercase();
            let status = heard.split(' ').nth(1).unwrap_or_default();
            assert!(
                ["400", "404", "405", "415"].contains(&status),
                "{method} {target} {host}: {heard}"
            );
            assert!(!heard.contains("location"), "{heard}");
            assert!(!heard.contains("evil.example"), "{heard}");
        }
    }
    // What the decision says cannot redirect either.
    for name in ["redirect", "continue", "nonsense"] {
        let answered = client.http().validate(name).await;
        assert_eq!(answered.status, 500, "{name}");
    }
}

#[tokio::test]
async fn each_route_has_its_method_and_nothing_else() {
    let served = served().await;
    let http = served.client().http();
    let client = &http.client;
    for (method, path, status) in [
        (reqwest::Method::GET, "/validate", 405),
        (reqwest::Method::PUT, "/validate", 405),
        (reqwest::Method::DELETE, "/mutate", 405),
        (reqwest::Method::POST, "/healthz", 405),
        (reqwest::Method::POST, "/metrics", 405),
        (reqwest::Method::GET, "/healthz", 200),
        (reqwest::Method::HEAD, "/readyz", 200),
        (reqwest::Method::GET, "/other", 404),
        (reqwest::Method::POST, "/", 404),
    ] {
        let request = client.request(method.clone(), format!("{}{path}", http.base));
        let found = request.send().await.unwrap().status().as_u16();
        assert_eq!(found, status, "{method} {path}");
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn a_body_that_is_no_plain_json_is_denied_before_it_is_read() {
    let served = served().await;
    let http = served.client().http();
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/yaml")],
        &[("content-type", "application/jsonx")],
        &[("content-type", "application/vnd.kubernetes.protobuf")],
        &[
            ("content-type", "application/json"),
            ("content-type", "text/plain"),
        ],
        &[
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
        ],
    ] {
        let mut request = http.client.post(format!("{}/validate", http.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = Http::answered(request.body(review("pod", 0)))
            .await
            .unwrap();
        assert_eq!(answered.status, 415, "{headers:?}");
        assert!(answered.denies(""), "{headers:?}: {answered:?}");
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn a_patience_that_is_not_understood_is_denied() {
    let served = served().await;
    let http = served.client().http();
    for query in [
        "timeout=soon",
        "timeout=-1s",
        "timeout=0s",
        "timeout=1s&timeout=9s",
        "timeout=",
    ] {
        let answered = http
            .post(&format!("/validate?{query}"), review("pod", 0))
            .await;
        assert_eq!(answered.status, 400, "{query}");
        assert!(answered.denies(""), "{query}: {answered:?}");
        assert!(answered.message().contains("timeout"), "{answered:?}");
    }
    assert_eq!(served.asked(), 0);
    let without = http.post("/validate", review("pod", 0)).await;
    assert!(without.admits());
}

#[tokio::test]
async fn the_mutating_endpoint_is_there_where_the_decision_says_so() {
    let served = served().await;
    let http = served.client().http();
    let on = http.post("/mutate", review("mutate", 0)).await;
    assert!(on.admits(), "{on:?}");
    let off = http.post("/mutate", review("pod", 0)).await;
    assert_eq!(off.status, 404);
}

#[tokio::test]
async fn health_says_what_is_missing_in_one_line() {
    let served = served().await;
    let http = served.client().http();
    assert_eq!(http.get("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(http.get("/readyz").await, (200, "ok\n".to_owned()));
    served.answers.unready.store(1, Ordering::SeqCst);
    let (status, text) = http.get("/readyz").await;
    assert_eq!(status, 503);
    assert_eq!(text, "no policy\\n\\u{1b}[2Jis loaded\n");
    // It works all the same: restarting it would not help.
    assert_eq!(http.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn metrics_are_answered_on_both_listeners_and_reviews_on_one() {
    let served = served().await;
    let http = served.client().http();
    let (status, text) = http.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(text.contains("sovverify_webhook_build_info"), "{text}");

    let ask = |path: &str| {
        let request =
            format!("{path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let plain = served.plain;
        async move {
            let mut stream = TcpStream::connect(plain).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            heard(&mut stream).await
        }
    };
    let metrics = ask("GET /metrics").await;
    assert!(metrics.starts_with("HTTP/1.1 200 "), "{metrics}");
    assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"));
    assert!(ask("GET /healthz").await.starts_with("HTTP/1.1 200 "));
    assert!(ask("GET /readyz").await.starts_with("HTTP/1.1 200 "));
    for path in ["POST /validate", "POST /mutate", "GET /validate", "GET /"] {
        let other = ask(path).await;
        assert!(other.starts_with("HTTP/1.1 404 "), "{path}: {other}");
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn scrapes_at_once_are_bounded() {
    let served = Served::with(ServerLimits {
        scrapes: 0,
        ..ServerLimits::default()
    })
    .await;
    let (status, _) = served.client().http().get("/metrics").await;
    assert_eq!(status, 503);
    let refused = served.metric("requests_refused_total{limit=\"scrapes\"}");
    assert!(refused >= 1.0);
}

#[tokio::test]
async fn gauntlet_028_a_failure_of_the_program_denies_one_request_and_no_other() {
    let served = served().await;
    let http = served.client().http();
    for (count, name) in [(1.0, "panic"), (2.0, "panic-at-once")] {
        let answered = http.validate(name).await;
        assert_eq!(answered.status, 200, "{name}");
        assert!(answered.denies(&format!("uid-{name}")), "{answered:?}");
        assert!(answered.message().contains("system/failed"), "{answered:?}");
        assert!(served.metric("panics_total") >= count);
        assert!(http.validate("pod").await.admits());
    }
}

#[tokio::test]
async fn gauntlet_082_a_review_that_never_ends_is_denied_in_the_callers_time() {
    let served = Served::with(ServerLimits {
        answer_margin: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let answered = http
        .post("/validate?timeout=200ms", review("hang", 0))
        .await;
    assert_eq!(answered.status, 200);
    assert!(answered.denies("uid-hang"), "{answered:?}");
    assert!(answered.took.as_millis() < 2000, "{answered:?}");
    assert!(served.metric("requests_refused_total{limit=\"review-time\"}") >= 1.0);
    assert!(http.validate("pod").await.admits());
}

#[tokio::test]
async fn whoever_says_no_patience_has_the_default_and_a_long_one_is_cut() {
    let served = Served::with(ServerLimits {
        answer_margin: SHORT,
        default_timeout: SHORT * 2,
        max_timeout: SHORT * 3,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    for path in ["/validate", "/validate?timeout=100h"] {
        let answered = http.post(path, review("hang", 0)).await;
        assert!(answered.denies("uid-hang"), "{answered:?}");
    }
}

#[tokio::test]
async fn more_reviews_than_fit_wait_and_are_denied_when_their_time_is_over() {
    let served = Served::with(ServerLimits {
        reviews: 1,
        answer_margin: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let first = tokio::spawn({
        let http = http.clone();
        async move { http.validate("wait").await }
    });
    while served.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let second = http.post("/validate?timeout=200ms", review("pod", 0)).await;
    assert!(second.denies("uid-pod"), "{second:?}");
    assert!(second.message().contains("transient"), "{second:?}");
    assert!(served.metric("requests_refused_total{limit=\"reviews\"}") >= 1.0);
    let third = tokio::spawn({
        let http = http.clone();
        async move { http.validate("pod").await }
    });
    served.answers.go.add_permits(1);
    assert!(first.await.unwrap().admits());
    assert!(third.await.unwrap().admits(), "it had time to wait");
}

#[tokio::test]
async fn gauntlet_161_a_caller_that_goes_away_is_counted_and_its_work_ends() {
    let served = served().await;
    let http = served.client().http();
    let gone = tokio::spawn(async move { http.validate("hang").await });
    while served.asked() == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    served.until("requests_abandoned_total", 1.0).await;
    while served.metric("requests_in_flight") > 0.0 {
        tokio::task::yield_now().await;
    }
}
