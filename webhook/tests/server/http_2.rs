//! HTTP/2 clients that misbehave. The counters of the protocol are those of `h2`; that they are set, and
//! small, is what is tested here.

use std::time::{Duration, Instant};

use sovverify_webhook::server::ServerLimits;
use tokio::io::AsyncWriteExt as _;

use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, GOAWAY, HEADERS, PING, RST_STREAM,
    Raw, SETTINGS, head_of_a_review,
};
use crate::support::{SHORT, Served, heard, review};

fn request(stream: u32) -> Frame {
    Frame::new(HEADERS, END_HEADERS, stream, &head_of_a_review())
}

#[tokio::test]
async fn what_is_written_by_hand_here_is_understood() {
    let served = Served::with(ServerLimits::default()).await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&request(1)).await.unwrap();
    let body = review("pod", 0);
    raw.send(&Frame::new(DATA, END_STREAM, 1, body.as_bytes()))
        .await
        .unwrap();
    let answer = raw.until(DATA).await.unwrap();
    let text = String::from_utf8(answer.payload).unwrap();
    assert!(text.contains("\"uid\":\"uid-pod\""), "{text}");
}

#[tokio::test]
async fn a_connection_that_never_asks_is_cut_off() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    // Not even the preface.
    let mut silent = served.client().connect(&["h2"]).await.unwrap();
    heard(&mut silent).await;
    // The preface, and then nothing.
    let mut raw = Raw::greet(&served.client()).await;
    while raw.next().await.is_some() {}
    let refused = served.metric("requests_refused_total{limit=\"header-time\"}");
    assert!(refused >= 2.0);
}

#[tokio::test]
async fn a_head_in_drops_is_cut_off() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&Frame::new(HEADERS, 0, 1, &head_of_a_review()))
        .await
        .unwrap();
    let begun = Instant::now();
    // Header blocks that go on and on, slowly enough for every counter of frames.
    while raw.send(&Frame::new(CONTINUATION, 0, 1, &[])).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(SHORT / 8).await;
    }
    assert_eq!(served.asked(), 0);
}

/// Every client answers the pings that keep a connection alive, whether or not it has something to ask.
#[tokio::test]
async fn a_connection_that_only_answers_pings_for_a_while_is_kept() {
    let served = Served::with(ServerLimits {
        header_time: SHORT,
        ping_interval: SHORT / 4,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    let body = review("pod", 0);
    let begun = Instant::now();
    for stream in [1, 3] {
        raw.send(&request(stream)).await.unwrap();
        let data = Frame::new(DATA, END_STREAM, stream, body.as_bytes());
        raw.send(&data).await.unwrap();
        raw.until(DATA).await.expect("an answer");
        while begun.elapsed() < SHORT * 3 {
            let ping = raw.until(PING).await.expect("a ping");
            let answer = Frame::new(PING, ACK, 0, &ping.payload);
            raw.send(&answer).await.unwrap();
        }
    }
    assert_eq!(served.asked(), 2);
}

/// RUSTSEC-2024-0332.
#[tokio::test]
async fn gauntlet_156_a_flood_of_continuations_ends_the_connection() {
    let served = Served::with(ServerLimits::default()).await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&Frame::new(HEADERS, 0, 1, &head_of_a_review()))
        .await
        .unwrap();
    let mut sent = 0;
    while raw
        .send(&Frame::new(CONTINUATION, 0, 1, &[0x82; 64]))
        .await
        .is_ok()
    {
        sent += 1;
        assert!(sent < 100_000, "the flood is taken without end");
    }
    assert!(served.client().http().validate("pod").await.admits());
}

/// CVE-2023-44487.
#[tokio::test]
async fn gauntlet_156_streams_that_are_opened_and_taken_back_end_the_connection() {
    let served = Served::with(ServerLimits::default()).await;
    let mut raw = Raw::greet(&served.client()).await;
    let mut flood = Vec::new();
    for stream in (1..2_000).step_by(2) {
        flood.extend(request(stream).bytes());
        flood.extend(Frame::new(RST_STREAM, 0, stream, &8_u32.to_be_bytes()).bytes());
    }
    // All at once, so that the server finds resets of streams that it has not looked at.
    let _ = raw.0.write_all(&flood).await;
    let goodbye = raw.until(GOAWAY).await.expect("a goodbye");
    // ENHANCE_YOUR_CALM (RFC 9113, section 7).
    assert_eq!(goodbye.payload[4..8], 11_u32.to_be_bytes());
    assert!(served.client().http().validate("pod").await.admits());
}

/// CVE-2025-8671: streams that the server itself has to reset.
#[tokio::test]
async fn gauntlet_156_streams_that_break_the_protocol_end_the_connection() {
    const RESETS: usize = 20;
    let served = Served::with(ServerLimits {
        error_resets: RESETS,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    let mut resets = 0;
    for stream in (1..).step_by(2) {
        assert!(stream < 2_000, "the flood is taken without end");
        // A window that overflows is an error of the stream (RFC 9113, section 6.9.1).
        let update = Frame::new(8, 0, stream, &0x7fff_ffff_u32.to_be_bytes());
        raw.send(&request(stream)).await.unwrap();
        raw.send(&update).await.unwrap();
        let answer = loop {
            let frame = raw.next().await.map(|frame| frame.kind);
            if matches!(frame, None | Some(RST_STREAM | GOAWAY)) {
                break frame;
            }
        };
        if answer != Some(RST_STREAM) {
            break;
        }
        resets += 1;
    }
    assert_eq!(resets, RESETS);
    assert!(served.client().http().validate("pod").await.admits());
}

#[tokio::test]
async fn a_window_that_grows_by_nothing_ends_the_connection() {
    let served = Served::with(ServerLimits::default()).await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&request(1)).await.unwrap();
    raw.send(&Frame::new(8, 0, 1, &0_u32.to_be_bytes()))
        .await
        .unwrap();
    assert!(raw.until(GOAWAY).await.is_some());
    assert!(served.client().http().validate("pod").await.admits());
}

/// RUSTSEC-2026-0258.
#[tokio::test]
async fn gauntlet_156_pieces_without_content_end_the_connection_or_the_request() {
    let served = Served::with(ServerLimits {
        body_time: SHORT * 4,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&request(1)).await.unwrap();
    let flood = Frame::new(DATA, 0, 1, &[]).bytes().repeat(100);
    let begun = Instant::now();
    // A request that ended is a stream that is closed, on which nothing may be sent: the end of the flood.
    while raw.0.write_all(&flood).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(served.asked(), 0);
    assert!(served.client().http().validate("pod").await.admits());
}

#[tokio::test]
async fn a_body_in_drops_is_denied_and_the_connection_lives() {
    let served = Served::with(ServerLimits {
        body_idle_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&request(1)).await.unwrap();
    raw.send(&Frame::new(DATA, 0, 1, b"{\"kind\":"))
        .await
        .unwrap();
    let answer = raw.until(DATA).await.unwrap();
    let text = String::from_utf8(answer.payload).unwrap();
    assert!(text.contains("\"allowed\":false"), "{text}");
    raw.send(&request(3)).await.unwrap();
    let body = review("pod", 0);
    raw.send(&Frame::new(DATA, END_STREAM, 3, body.as_bytes()))
        .await
        .unwrap();
    let answer = loop {
        let frame = raw.until(DATA).await.unwrap();
        if frame.stream == 3 {
            break frame;
        }
    };
    let text = String::from_utf8(answer.payload).unwrap();
    assert!(text.contains("\"allowed\":true"), "{text}");
}

#[tokio::test]
async fn streams_at_once_are_bounded() {
    let served = Served::with(ServerLimits {
        streams: 4,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    let settings = raw.until(SETTINGS).await.unwrap();
    // SETTINGS_MAX_CONCURRENT_STREAMS (RFC 9113, section 6.5.2).
    let announced = settings
        .payload
        .chunks_exact(6)
        .find(|setting| setting[..2] == [0, 3])
        .expect("a bound");
    assert_eq!(announced[2..], 4_u32.to_be_bytes());
    for stream in [1, 3, 5, 7, 9] {
        raw.send(&request(stream)).await.unwrap();
    }
    let refused = raw.until(RST_STREAM).await.unwrap();
    assert_eq!(refused.stream, 9);
    // REFUSED_STREAM: nothing of it was looked at, so that it may be sent again.
    assert_eq!(refused.payload, 7_u32.to_be_bytes());
}

#[tokio::test]
async fn a_peer_that_is_gone_is_noticed() {
    let served = Served::with(ServerLimits {
        ping_interval: SHORT,
        ping_timeout: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let mut raw = Raw::greet(&served.client()).await;
    raw.send(&request(1)).await.unwrap();
    let ping = raw.until(PING).await.unwrap();
    assert_eq!(ping.flags & ACK, 0);
    // It is never answered.
    while raw.next().await.is_some() {}
}
