use std::convert::Infallible;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use http_body_util::{Full, StreamBody};
use hyper::body::Frame;

use super::*;

const SHORT: Duration = Duration::from_millis(30);

fn limits() -> ServerLimits {
    ServerLimits {
        body_bytes: 1000,
        small_body_bytes: 100,
        small_bodies_bytes: 300,
        large_bodies_bytes: 1200,
        body_idle_time: Duration::from_mins(1),
        ..ServerLimits::default()
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// Pieces of these lengths, and then the end.
fn pieces(lengths: &[usize]) -> impl Body<Data = Bytes, Error = Infallible> + Unpin + use<> {
    let frames: Vec<_> = lengths
        .iter()
        .map(|length| Ok(Frame::data(Bytes::from(vec![b'x'; *length]))))
        .collect();
    StreamBody::new(stream::iter(frames))
}

/// Pieces of these lengths, and then nothing more.
fn stuck(lengths: &[usize]) -> impl Body<Data = Bytes, Error = Infallible> + Unpin + use<> {
    let frames: Vec<_> = lengths
        .iter()
        .map(|length| Ok(Frame::data(Bytes::from(vec![b'x'; *length]))))
        .collect();
    StreamBody::new(stream::iter(frames).chain(stream::pending()))
}

async fn why<B>(memory: &Memory, body: B, limits: &ServerLimits, deadline: Instant) -> Why
where
    B: Body<Data = Bytes> + Unpin,
{
    memory.read(body, limits, deadline).await.unwrap_err().why
}

fn left(memory: &Memory) -> (usize, usize) {
    (
        memory.small.available_permits(),
        memory.large.available_permits(),
    )
}

#[tokio::test]
async fn a_body_is_read_whole_however_it_is_cut() {
    let limits = limits();
    let memory = Memory::new(&limits);
    for lengths in [
        &[][..],
        &[0],
        &[1000],
        &[1, 999],
        &[500, 0, 499, 1],
        &[10; 100],
    ] {
        let body = memory.read(pieces(lengths), &limits, soon()).await.unwrap();
        assert_eq!(body.len(), lengths.iter().sum::<usize>());
    }
}

#[tokio::test]
async fn one_byte_above_the_bound_is_too_much() {
    let limits = limits();
    let memory = Memory::new(&limits);
    for lengths in [&[1001][..], &[1, 1000], &[1000, 1], &[900, 200]] {
        assert_eq!(
            why(&memory, pieces(lengths), &limits, soon()).await,
            Why::TooLarge
        );
    }
    // Also where the length is announced, and where what follows never comes to an end.
    let announced = Full::new(Bytes::from(vec![b'x'; 5000]));
    assert_eq!(
        why(&memory, announced, &limits, soon()).await,
        Why::TooLarge
    );
    let endless = StreamBody::new(stream::repeat_with(|| {
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b'x'; 64])))
    }));
    assert_eq!(why(&memory, endless, &limits, soon()).await, Why::TooLarge);
    assert_eq!(left(&memory), (300, 1200));
}

#[tokio::test]
async fn the_beginning_of_a_body_that_is_too_large_is_kept() {
    let limits = limits();
    let memory = Memory::new(&limits);
    for lengths in [&[5000][..], &[50, 5000], &[50; 100]] {
        let unread = memory.read(pieces(lengths), &limits, soon()).await;
        let beginning = unread.unwrap_err().beginning;
        assert_eq!(beginning.len(), limits.small_body_bytes, "{lengths:?}");
    }
}

#[tokio::test]
async fn memory_is_counted_as_long_as_the_bytes_live() {
    let limits = limits();
    let memory = Memory::new(&limits);
    let body = memory
        .read(pieces(&[60, 90]), &limits, soon())
        .await
        .unwrap();
    assert_eq!(left(&memory), (200, 1150));
    let part = body.slice(3..5);
    drop(body);
    assert_eq!(left(&memory), (200, 1150));
    drop(part);
    assert_eq!(left(&memory), (300, 1200));
}

#[tokio::test]
async fn a_sender_that_stops_is_cut_off() {
    let limits = ServerLimits {
        body_idle_time: SHORT,
        ..limits()
    };
    let memory = Memory::new(&limits);
    for lengths in [&[][..], &[10], &[10, 500]] {
        assert_eq!(
            why(&memory, stuck(lengths), &limits, soon()).await,
            Why::TooSlow
        );
    }
    assert_eq!(left(&memory), (300, 1200));
}

#[tokio::test]
async fn a_sender_that_never_stops_dripping_is_cut_off_too() {
    let limits = limits();
    let memory = Memory::new(&limits);
    let drip = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Some((
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))),
            (),
        ))
    });
    let body = StreamBody::new(Box::pin(drip));
    let deadline = Instant::now() + SHORT;
    assert_eq!(why(&memory, body, &limits, deadline).await, Why::TooSlow);
    // Pieces without a byte are no sign of life.
    let empty = stream::unfold((), |()| async {
        tokio::task::yield_now().await;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::new())), ()))
    });
    let body = StreamBody::new(Box::pin(empty));
    let deadline = Instant::now() + SHORT;
    assert_eq!(why(&memory, body, &limits, deadline).await, Why::TooSlow);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let limits = limits();
    let memory = Memory::new(&limits);
    let broken = stream::iter([
        Ok(Frame::data(Bytes::from_static(b"{\"kind\":"))),
        Err("connection reset"),
    ]);
    let unread = memory.read(StreamBody::new(broken), &limits, soon()).await;
    let unread = unread.unwrap_err();
    assert_eq!(unread.why, Why::Incomplete);
    assert_eq!(unread.beginning, b"{\"kind\":");
}

#[tokio::test]
async fn large_bodies_keep_only_large_ones_waiting() {
    let limits = limits();
    let memory = Memory::new(&limits);
    let mut held = Vec::new();
    // What is left of the large parts is less than one more needs.
    held.push(memory.read(pieces(&[1000]), &limits, soon()).await.unwrap());
    let deadline = Instant::now() + SHORT;
    let another = why(&memory, pieces(&[1000]), &limits, deadline).await;
    assert_eq!(another, Why::NoMemory);
    let small = memory.read(pieces(&[100]), &limits, soon()).await;
    held.push(small.unwrap());
    // And small ones wait for each other.
    held.push(memory.read(pieces(&[100]), &limits, soon()).await.unwrap());
    let deadline = Instant::now() + SHORT;
    let another = why(&memory, pieces(&[1]), &limits, deadline).await;
    assert_eq!(another, Why::NoMemory);
    drop(held);
    assert_eq!(left(&memory), (300, 1200));
}

#[tokio::test]
async fn whoever_waits_for_memory_goes_on_when_there_is_some() {
    let limits = limits();
    let memory = Memory::new(&limits);
    let first = memory.read(pieces(&[1000]), &limits, soon()).await.unwrap();
    let second = memory.read(pieces(&[1000]), &limits, soon());
    let mut second = std::pin::pin!(second);
    let waiting = tokio::time::timeout(SHORT, second.as_mut()).await;
    assert!(waiting.is_err());
    drop(first);
    assert_eq!(second.await.unwrap().len(), 1000);
}

#[tokio::test]
async fn many_who_announce_much_and_send_little_hold_little() {
    let limits = ServerLimits {
        small_bodies_bytes: 1000,
        ..limits()
    };
    let memory = Memory::new(&limits);
    let mut slow: Vec<_> = (0..100)
        .map(|_| Box::pin(memory.read(stuck(&[5]), &limits, soon())))
        .collect();
    for reading in &mut slow {
        assert!(futures_util::poll!(reading.as_mut()).is_pending());
    }
    assert_eq!(left(&memory), (500, 1200));
    let honest = memory.read(pieces(&[100]), &limits, soon()).await;
    assert_eq!(honest.unwrap().len(), 100);
    drop(slow);
    assert_eq!(left(&memory), (1000, 1200));
}
