//! Clients that are slow, large, or many.

use std::time::Instant;

use sovverify_webhook::server::ServerLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Callers, PATIENCE, SHORT, Served, heard, review, within};

pub(crate) const HEAD: &str =
    "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

/// Reads until the server closes, and fails if it does not.
async fn is_cut_off(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    heard(stream).await
}

#[tokio::test]
async fn gauntlet_156_a_client_that_never_begins_its_handshake_is_cut_off() {
    let served = Served::with(ServerLimits {
        handshake_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(is_cut_off(&mut silent).await, "");
    // Half a handshake is none: the first bytes of a ClientHello, and then nothing.
    let mut half = TcpStream::connect(served.address).await.unwrap();
    half.write_all(&[0x16, 3, 1, 2, 0, 1, 0]).await.unwrap();
    assert_eq!(is_cut_off(&mut half).await, "");
    served
        .until("tls_handshakes_failed_total{reason=\"timeout\"}", 2.0)
        .await;
    assert!(served.client().http().validate("pod").await.admits());
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_told_so_and_cut_off() {
    let served = Served::with(ServerLimits::default()).await;
    let mut plain = TcpStream::connect(served.address).await.unwrap();
    plain
        .write_all(b"GET /healthz HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let heard = is_cut_off(&mut plain).await;
    assert!(!heard.contains("HTTP"), "{heard:?}");
    served
        .until("tls_handshakes_failed_total{reason=\"protocol\"}", 1.0)
        .await;
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off_on_both_listeners() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let refused = "requests_refused_total{limit=\"header-time\"}";
    for (count, beginning) in [(1.0, ""), (2.0, "POST /val"), (3.0, HEAD)] {
        let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        assert_eq!(is_cut_off(&mut stream).await, "");
        assert!(served.metric(refused) >= count, "{beginning}");
    }
    let mut plain = TcpStream::connect(served.plain).await.unwrap();
    plain.write_all(b"GET /metr").await.unwrap();
    assert_eq!(is_cut_off(&mut plain).await, "");
    assert!(served.metric(refused) >= 4.0);
    assert!(served.client().http().validate("pod").await.admits());
}

#[tokio::test]
async fn gauntlet_156_a_head_that_drips_is_cut_off_however_steadily() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let begun = Instant::now();
    stream.write_all(HEAD.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let drip = tokio::spawn(async move {
        while writer.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(SHORT / 16).await;
        }
    });
    let mut rest = Vec::new();
    let _ = within(reader.read_to_end(&mut rest)).await;
    assert!(begun.elapsed() < PATIENCE / 4, "{:?}", begun.elapsed());
    drip.abort();
}

#[tokio::test]
async fn a_second_head_that_drips_is_cut_off_too() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let whole = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(whole.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = within(stream.read(&mut answer)).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200 "));
    stream.write_all(b"POST /val").await.unwrap();
    assert_eq!(is_cut_off(&mut stream).await, "");
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_after_a_while_in_good_order() {
    let served = Served::with(ServerLimits {
        idle_time: SHORT,
        header_time: SHORT * 4,
        ..ServerLimits::default()
    })
    .await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let whole = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(whole.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A goodbye of TLS, and no broken connection: `read_to_end` succeeds.
    within(stream.read_to_end(&mut bytes)).await.unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 200 "));
}

fn small_bodies() -> ServerLimits {
    ServerLimits {
        body_bytes: 100_000,
        small_body_bytes: 1_000,
        ..ServerLimits::default()
    }
}

/// A review of exactly this many bytes.
fn sized(bytes: usize) -> String {
    let empty = review("pod", 0).len();
    let review = review("pod", bytes - empty);
    assert_eq!(review.len(), bytes);
    review
}

#[tokio::test]
async fn gauntlet_074_a_body_at_the_bound_is_read_and_one_above_it_is_denied_by_name() {
    let served = Served::with(small_bodies()).await;
    let http = served.client().http();
    assert!(http.post("/validate", sized(100_000)).await.admits());
    for bytes in [100_001, 150_000, 5_000_000] {
        let answered = http.post("/validate", sized(bytes)).await;
        // A status of its own would leave the decision to the registration's `failurePolicy`.
        assert_eq!(answered.status, 200, "{bytes}");
        assert!(answered.denies("uid-pod"), "{answered:?}");
        assert!(answered.message().contains("100000 bytes"), "{answered:?}");
        assert!(
            answered.message().contains("limit/exceeded"),
            "{answered:?}"
        );
    }
    assert_eq!(served.asked(), 1);
    assert!(served.metric("requests_refused_total{limit=\"body-size\"}") >= 3.0);
}

#[tokio::test]
async fn gauntlet_074_a_body_above_the_bound_is_denied_over_http_1_also_without_a_length() {
    let served = Served::with(small_bodies()).await;
    let client = served.client();
    let body = sized(100_001);
    let length = body.len();
    for text in [
        format!("{HEAD}content-length: {length}\r\n\r\n{body}"),
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
    ] {
        let mut stream = client.connect(&["http/1.1"]).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = vec![0; 8192];
        let read = within(stream.read(&mut answer)).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(
            answer.contains("\"uid\":\"uid-pod\",\"allowed\":false"),
            "{answer}"
        );
    }
}

/// A gigabyte is never sent: what counts is that the server does not go on taking it.
#[tokio::test]
async fn gauntlet_155_a_body_without_end_is_denied_after_a_bounded_part_of_it() {
    let served = Served::with(small_bodies()).await;
    let stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let flood = tokio::spawn(async move {
        let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
        writer.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        let mut sent = 0_usize;
        while sent < 1 << 30 && writer.write_all(chunk.as_bytes()).await.is_ok() {
            sent += chunk.len();
        }
        sent
    });
    let mut answer = Vec::new();
    let _ = within(reader.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    drop(reader);
    let sent = within(flood).await.unwrap();
    // The bound, as much again, and what fits into the buffers of two sockets.
    assert!(sent < 32 << 20, "{sent}");
}

#[tokio::test]
async fn a_body_that_drips_or_stops_is_denied() {
    let served = Served::with(ServerLimits {
        body_idle_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let body = review("pod", 0);
    let (beginning, _) = body.split_at(body.find("\"object\"").unwrap_or(body.len() / 2));
    let text = format!("{HEAD}content-length: {}\r\n\r\n{beginning}", body.len());
    stream.write_all(text.as_bytes()).await.unwrap();
    let heard = is_cut_off(&mut stream).await;
    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard}");
    assert!(heard.contains("\"allowed\":false"), "{heard}");
    assert!(served.metric("requests_refused_total{limit=\"body-time\"}") >= 1.0);
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn gauntlet_074_a_body_that_drips_for_ever_is_denied() {
    let served = Served::with(ServerLimits {
        body_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let drip = tokio::spawn(async move {
        let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
        writer.write_all(head.as_bytes()).await.unwrap();
        while writer.write_all(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(SHORT / 16).await;
        }
    });
    let mut answer = Vec::new();
    let _ = within(reader.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"allowed\":false"), "{answer}");
    drip.abort();
}

#[tokio::test]
async fn gauntlet_074_a_body_that_breaks_off_is_never_a_review() {
    let served = Served::with(ServerLimits::default()).await;
    let body = review("pod", 0);
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    let text = format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len() + 10);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let heard = is_cut_off(&mut stream).await;
    assert!(!heard.contains("\"allowed\":true"), "{heard}");
    assert_eq!(served.asked(), 0);
    served
        .until("requests_total{route=\"validate\",status=\"4xx\"}", 1.0)
        .await;
}

/// Two lengths, or a length and chunks, are how one request is hidden in another.
#[tokio::test]
async fn requests_that_can_be_read_in_two_ways_are_refused() {
    let served = Served::with(ServerLimits::default()).await;
    let client = served.client();
    let body = review("pod", 0);
    let length = body.len();
    for extra in [
        format!("content-length: {length}\r\ncontent-length: 4\r\n"),
        format!("content-length: +{length}\r\n"),
        "content-length: -1\r\n".to_owned(),
        "transfer-encoding: gzip\r\n".to_owned(),
        "transfer-encoding: chunked, gzip\r\n".to_owned(),
    ] {
        let text = format!("{HEAD}{extra}connection: close\r\n\r\n{body}");
        let heard = client.say(text.as_bytes()).await;
        assert!(heard.starts_with("HTTP/1.1 400 "), "{extra}: {heard}");
    }
    assert_eq!(served.asked(), 0);
}

#[tokio::test]
async fn gauntlet_156_a_flood_of_clients_that_wait_does_not_keep_an_honest_one_out() {
    let served = Served::start(
        ServerLimits {
            connections: 16,
            ..ServerLimits::default()
        },
        Callers::Anybody,
    )
    .await;
    let mut flood = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        if number % 2 == 0 {
            // Some of them begin a handshake.
            stream.write_all(&[0x16, 3, 1]).await.unwrap();
        }
        flood.push(stream);
    }
    let answered = served.client().http().validate("pod").await;
    assert!(answered.admits());
    assert!(answered.took.as_secs() < 1, "{answered:?}");
    assert!(served.metric("connections{listener=\"admission\"}") <= 16.0 + 1.0);
    let refused = served.metric("requests_refused_total{limit=\"connections\"}");
    assert!(refused >= 280.0, "{refused}");
    drop(flood);
}

#[tokio::test]
async fn gauntlet_156_a_flood_does_not_cost_an_open_connection_its_request() {
    let served = Served::with(ServerLimits {
        connections: 4,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let waiting = tokio::spawn({
        let http = http.clone();
        async move { http.validate("wait").await }
    });
    while served.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let mut flood = Vec::new();
    for _ in 0..50 {
        flood.push(TcpStream::connect(served.address).await.unwrap());
    }
    served
        .until("requests_refused_total{limit=\"connections\"}", 40.0)
        .await;
    served.answers.go.add_permits(1);
    assert!(waiting.await.unwrap().admits());
}

#[tokio::test]
async fn an_answer_that_nobody_takes_does_not_hold_a_connection_for_ever() {
    let served = Served::with(ServerLimits {
        goodbye_time: SHORT,
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    // As many answers as no socket's buffers hold, and none of them is read.
    let ask = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2000);
    let _ = tokio::time::timeout(SHORT, stream.write_all(ask.as_bytes())).await;
    served
        .until("requests_refused_total{limit=\"goodbye-time\"}", 1.0)
        .await;
}
