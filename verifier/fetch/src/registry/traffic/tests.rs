use futures_util::FutureExt as _;

use super::*;

fn limits() -> FetchLimits {
    FetchLimits {
        retry_wait: Duration::from_millis(1),
        concurrent_requests: 8,
        concurrent_requests_total: 10,
        ..FetchLimits::default()
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// As many slots as there are at this moment.
fn all(traffic: &Traffic, host: &Arc<Host>) -> Vec<Slot> {
    let mut slots = Vec::new();
    // Unconstrained: else the runtime makes the hundredth look at a semaphore wait.
    let enter = || tokio::task::unconstrained(traffic.enter(host, soon())).now_or_never();
    while let Some(Ok(slot)) = enter() {
        slots.push(slot);
    }
    slots
}

#[tokio::test]
async fn a_host_that_keeps_all_its_slots_leaves_those_of_others_alone() {
    let traffic = Traffic::new(&limits());
    let (slow, other) = (traffic.host("slow".into()), traffic.host("other".into()));
    let kept = all(&traffic, &slow);
    assert_eq!(kept.len(), 8);
    assert_eq!(all(&traffic, &other).len(), 2, "within the bound of all");
    drop(kept);
    assert_eq!(all(&traffic, &other).len(), 8);
}

#[tokio::test]
async fn a_host_that_throttles_gets_fewer_and_wins_them_back_answer_by_answer() {
    let traffic = Traffic::new(&limits());
    let host = traffic.host("a".into());
    let slots = all(&traffic, &host);
    // They were all sent before anybody knew: one step for all of them.
    for slot in &slots[..5] {
        slot.throttled(None);
    }
    drop(slots);
    let slots = all(&traffic, &host);
    assert_eq!(slots.len(), 6);
    drop(slots);
    for expected in [5, 4, 3, 2, 2] {
        // Each of these was sent when the one before had come back; another answer is in between.
        host.gate().streak = 0;
        all(&traffic, &host)[0].throttled(None);
        assert_eq!(all(&traffic, &host).len(), expected);
    }
    for expected in [3, 4, 5, 6, 7, 8, 8] {
        host.answered();
        assert_eq!(all(&traffic, &host).len(), expected);
    }
}

#[tokio::test]
async fn growing_while_slots_are_out_gives_none_away_twice() {
    let traffic = Traffic::new(&limits());
    let host = traffic.host("a".into());
    let slots = all(&traffic, &host);
    slots[0].throttled(None);
    host.answered();
    drop(slots);
    assert_eq!(all(&traffic, &host).len(), 7);
}

#[tokio::test]
async fn nothing_but_throttling_closes_the_host_and_one_request_looks_again() {
    let traffic = Traffic::new(&limits());
    let host = traffic.host("a".into());
    let pause = Some(Duration::from_hours(1));
    for _ in 0..CLOSE_AFTER - 1 {
        host.throttled(None, pause);
        assert_eq!(host.closed(), None);
    }
    host.throttled(None, pause);
    let left = host.closed().unwrap();
    assert!(
        left <= CLOSED_LONGEST && left > CLOSED_LONGEST / 2,
        "{left:?}"
    );
    // Who has no time to wait hears so at once.
    assert!(traffic.enter(&host, soon()).await.is_err());
    assert!(!host.serves());
    // The time is over: one may look.
    host.gate().closed = Some(Instant::now());
    let slots = all(&traffic, &host);
    assert_eq!(slots.len(), 1);
    slots[0].throttled(Some(Duration::from_secs(2)));
    assert!(host.closed().is_some(), "one more closes it again");
    drop(slots);
    host.gate().closed = None;
    let slots = all(&traffic, &host);
    slots[0].answered();
    assert!(host.serves());
    drop(slots);
    assert_eq!(all(&traffic, &host).len(), 2);
}

#[tokio::test]
async fn who_has_time_waits_until_the_host_opens() {
    let traffic = Traffic::new(&limits());
    let host = traffic.host("a".into());
    for _ in 0..CLOSE_AFTER {
        host.throttled(None, Some(Duration::from_millis(20)));
    }
    let before = Instant::now();
    traffic.enter(&host, soon()).await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(15));
    assert_eq!(host.closed(), None);
}
