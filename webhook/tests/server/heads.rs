//! Heads of requests at their bounds.

use sovverify_webhook::server::ServerLimits;

use crate::bounds::HEAD;
use crate::support::{Served, review, within};

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let served = Served::with(ServerLimits::default()).await;
    let client = served.client();
    let long = format!(
        "{HEAD}x: {}\r\ncontent-length: 0\r\n\r\n",
        "y".repeat(20_000)
    );
    let many = format!("{HEAD}{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(100));
    for head in [long, many] {
        let heard = client.say(head.as_bytes()).await;
        assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
    }
    let http = client.http();
    let request = http
        .client
        .post(format!("{}/validate", http.base))
        .header("content-type", "application/json")
        .header("x", "y".repeat(20_000))
        .body(review("pod", 0));
    let answer = within(request.send()).await;
    assert!(answer.is_err() || answer.unwrap().status() == 431);
    assert_eq!(served.asked(), 0);
    assert!(client.http().validate("pod").await.admits());
}

#[tokio::test]
async fn a_head_has_as_many_lines_and_bytes_as_there_may_be() {
    let limits = ServerLimits::default();
    let (most_lines, most_bytes) = (limits.header_fields, limits.header_bytes);
    let served = Served::with(limits).await;
    let client = served.client();
    let own = HEAD.matches("\r\n").count() - 1;
    let end = "connection: close\r\ncontent-length: 0\r\n\r\n";
    let lines = |all: usize| format!("{HEAD}{}{end}", "x: y\r\n".repeat(all - own - 2));
    let bytes = |all: usize| {
        let padding = "y".repeat(all - HEAD.len() - end.len() - "x: \r\n".len());
        format!("{HEAD}x: {padding}\r\n{end}")
    };
    for (head, is_read) in [
        (lines(most_lines), true),
        (lines(most_lines + 1), false),
        (bytes(most_bytes), true),
        (bytes(most_bytes + 1), false),
    ] {
        let heard = client.say(head.as_bytes()).await;
        assert_eq!(!heard.starts_with("HTTP/1.1 431 "), is_read, "{heard}");
    }
}
