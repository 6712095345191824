use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> ServerLimits {
    ServerLimits::default()
}

fn judged(activity: &Activity, at: Instant) -> Judgement {
    activity.judge(Protocol::Two, &limits(), at)
}

#[test]
fn a_connection_that_never_asks_is_cut_off() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let due = start + limits().header_time;
    assert_eq!(judged(&activity, start), Judgement::Fine(due));
    assert_eq!(judged(&activity, due), Judgement::Cut(Limit::HeaderTime));
}

#[test]
fn the_time_for_the_first_request_begins_after_the_handshake() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let greeted = start + 4 * SECOND;
    activity.greeted(greeted);
    let due = greeted + limits().header_time;
    assert_eq!(judged(&activity, greeted), Judgement::Fine(due));
}

#[test]
fn a_head_that_drips_is_cut_off_also_on_a_connection_that_had_asked() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    drop(activity.request(start));
    let later = start + 60 * SECOND;
    activity.received(later);
    // Further drops of the same head do not begin it anew.
    activity.received(later + limits().header_time / 2);
    let due = later + limits().header_time;
    let judged = |at| activity.judge(Protocol::One, &limits(), at);
    assert_eq!(judged(later), Judgement::Fine(due));
    assert_eq!(judged(due), Judgement::Cut(Limit::HeaderTime));
    // One that comes to its end is fine.
    let request = activity.request(due);
    assert!(matches!(judged(due), Judgement::Fine(_)));
    drop(request);
}

#[test]
fn bytes_between_two_requests_are_no_head_where_they_may_be_anything() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    drop(activity.request(start));
    activity.received(start + SECOND);
    let late = start + limits().header_time + SECOND;
    assert!(matches!(judged(&activity, late), Judgement::Fine(_)));
    // Nor do they keep the connection from being idle.
    let idle = Instant::now() + limits().idle_time;
    assert_eq!(judged(&activity, idle), Judgement::Close);
}

#[test]
fn bytes_during_a_request_are_no_head() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let request = activity.request(start);
    activity.received(start);
    let late = start + limits().header_time;
    assert!(matches!(judged(&activity, late), Judgement::Fine(_)));
    drop(request);
}

#[test]
fn a_request_may_last_as_long_as_the_longest_review_and_no_longer() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let request = activity.request(start);
    let longest = start + limits().max_timeout;
    assert!(matches!(judged(&activity, longest), Judgement::Fine(_)));
    let stuck = start + limits().goodbye_time;
    assert_eq!(judged(&activity, stuck), Judgement::Cut(Limit::GoodbyeTime));
    drop(request);
}

#[test]
fn an_idle_connection_is_closed_in_good_order_and_later_than_the_client_would() {
    let activity = Activity::begun(Instant::now());
    drop(activity.request(Instant::now()));
    let ended = Instant::now();
    // Go's `IdleConnTimeout`.
    assert!(matches!(
        judged(&activity, ended + 91 * SECOND),
        Judgement::Fine(_)
    ));
    let due = ended + limits().idle_time;
    assert_eq!(judged(&activity, due), Judgement::Close);
    // Once told, it has its time to go.
    activity.leaving(due + SECOND);
    assert_eq!(judged(&activity, due), Judgement::Fine(due + SECOND));
    let cut = Judgement::Cut(Limit::GoodbyeTime);
    assert_eq!(judged(&activity, due + SECOND), cut);
}

#[test]
fn only_a_protocol_that_can_say_goodbye_ends_by_age() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let old = start + limits().connection_age;
    let request = activity.request(old);
    assert_eq!(judged(&activity, old), Judgement::Close);
    let one = activity.judge(Protocol::One, &limits(), old);
    assert!(matches!(one, Judgement::Fine(_)), "{one:?}");
    drop(request);
}

#[test]
fn the_next_look_is_soon_enough_to_notice_a_head_that_begins_meanwhile() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    drop(activity.request(start));
    let Judgement::Fine(next) = judged(&activity, start) else {
        panic!("expected a connection that is fine");
    };
    assert!(next <= start + limits().header_time);
}

#[test]
fn an_earlier_goodbye_is_not_put_off_by_a_later_one() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    let request = activity.request(start);
    activity.leaving(start + SECOND);
    activity.leaving(start + 9 * SECOND);
    let cut = Judgement::Cut(Limit::GoodbyeTime);
    assert_eq!(judged(&activity, start + SECOND), cut);
    drop(request);
}

#[test]
fn an_end_that_takes_nothing_is_cut_off_also_when_nothing_is_in_flight() {
    let start = Instant::now();
    let activity = Activity::begun(start);
    drop(activity.request(start));
    activity.sends(Sending::Blocked, start);
    // Still blocked is not blocked anew.
    activity.sends(Sending::Blocked, start + SECOND);
    let stuck = start + limits().goodbye_time;
    assert_eq!(judged(&activity, stuck), Judgement::Cut(Limit::GoodbyeTime));
    activity.sends(Sending::Flows, start);
    assert!(matches!(judged(&activity, stuck), Judgement::Fine(_)));
}
