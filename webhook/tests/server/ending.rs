//! How the server ends.

use std::time::{Duration, Instant};

use sovverify_webhook::server::{ServerLimits, Stop};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::support::{PATIENCE, SHORT, Served, heard, within};

#[tokio::test]
async fn what_began_is_finished_over_both_protocols_before_the_end() {
    let served = Served::with(ServerLimits {
        drain_delay: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let two = tokio::spawn({
        let http = http.clone();
        async move { http.validate("wait").await }
    });
    let mut one = served.client().connect(&["http/1.1"]).await.unwrap();
    let body = crate::support::review("wait", 0);
    let text = format!(
        "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    one.write_all(text.as_bytes()).await.unwrap();
    while served.asked() < 2 {
        tokio::task::yield_now().await;
    }
    served.tell(Stop::Drain);
    // Not ready at once, and still answering: callers need time to learn of it.
    let unready = async { while http.get("/readyz").await.0 == 200 {} };
    within(unready).await;
    assert_eq!(http.get("/readyz").await, (503, "ending\n".to_owned()));
    assert_eq!(http.get("/healthz").await.0, 200);
    // Then nobody new is let in, but what waits is not lost.
    let address = served.address;
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    assert!(!served.has_ended());
    served.answers.go.add_permits(2);
    assert!(two.await.unwrap().admits());
    let heard = heard(&mut one).await;
    assert!(heard.contains("\"allowed\":true"), "{heard}");
    assert_eq!(served.ended().await.cut_off, 0);
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let served = Served::with(ServerLimits {
        drain_delay: Duration::ZERO,
        ..ServerLimits::default()
    })
    .await;
    let two = served.client().http();
    assert!(two.validate("pod").await.admits());
    let mut one = served.client().connect(&["http/1.1"]).await.unwrap();
    one.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    served
        .until("requests_total{route=\"health\",status=\"2xx\"}", 1.0)
        .await;
    let begun = Instant::now();
    served.tell(Stop::Drain);
    assert_eq!(served.ended().await.cut_off, 0);
    assert!(begun.elapsed() < PATIENCE / 4, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off_and_counted() {
    let served = Served::with(ServerLimits {
        drain_delay: Duration::ZERO,
        drain_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let stuck = tokio::spawn(async move {
        http.try_post("/validate?timeout=30s", crate::support::review("hang", 0))
            .await
    });
    while served.asked() == 0 {
        tokio::task::yield_now().await;
    }
    served.tell(Stop::Drain);
    assert_eq!(served.ended().await.cut_off, 1);
    assert!(stuck.await.unwrap().is_err());
}

#[tokio::test]
async fn a_second_signal_leaves_out_the_delay() {
    let served = Served::with(ServerLimits {
        drain_delay: PATIENCE * 10,
        ..ServerLimits::default()
    })
    .await;
    served.tell(Stop::Drain);
    let http = served.client().http();
    within(async { while http.get("/readyz").await.0 == 200 {} }).await;
    assert!(!served.has_ended());
    served.tell(Stop::Hurry);
    assert_eq!(served.ended().await.cut_off, 0);
}

#[tokio::test]
async fn an_old_connection_moves_on_without_losing_a_request() {
    let served = Served::with(ServerLimits {
        connection_age: SHORT,
        header_time: SHORT,
        ..ServerLimits::default()
    })
    .await;
    let http = served.client().http();
    let accepted = "connections_accepted_total{listener=\"admission\"}";
    let (tell, stop) = watch::channel(false);
    // Many requests at once, on a connection that is replaced again and again.
    let load: Vec<_> = (0..8)
        .map(|_| {
            let (http, stop) = (http.clone(), stop.clone());
            tokio::spawn(async move {
                while !*stop.borrow() {
                    assert!(http.validate("pod").await.admits());
                }
            })
        })
        .collect();
    served.until(accepted, 6.0).await;
    tell.send_replace(true);
    for load in load {
        load.await.unwrap();
    }
}
