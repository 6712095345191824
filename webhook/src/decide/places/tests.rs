use futures_util::FutureExt as _;

use super::*;

fn owner(name: &str) -> Arc<str> {
    Arc::from(name)
}

fn by(name: &str) -> Wanted {
    Wanted::by(&owner(name))
}

fn key(number: usize) -> Key {
    Key::of_request(&number.to_string())
}

/// Takes as many places as there are at once.
fn at_once(places: &Places, name: &str, wanted: usize) -> Vec<Place> {
    let by = by(name);
    let take = |number| places.take(key(number), &by).now_or_never();
    (0..wanted).filter_map(take).flatten().collect()
}

#[test]
fn nobody_gets_more_than_half_of_what_is_left_and_everybody_gets_something() {
    let places = Places::new(32);
    let mut held = Vec::new();
    for (name, expected) in [("a", 16), ("b", 8), ("c", 4), ("d", 2), ("e", 1), ("f", 1)] {
        let got = at_once(&places, name, 100);
        assert_eq!(got.len(), expected, "{name}");
        held.push(got);
    }
    assert!(at_once(&places, "g", 1).is_empty());
    drop(held);
    assert_eq!(at_once(&places, "g", 100).len(), 16);
    // The only place there is belongs to whoever comes.
    let one = Places::new(0);
    assert_eq!(at_once(&one, "a", 10).len(), 1);
}

#[tokio::test]
async fn a_place_that_becomes_free_goes_to_whoever_has_fewest_and_was_served_longest_ago() {
    let places = Places::new(1);
    let first = places.take(key(0), &by("a")).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let names = ["a", "a", "a", "b", "b", "c"];
    for (number, name) in names.into_iter().enumerate() {
        let (places, tell) = (places.clone(), tell.clone());
        let wait = async move {
            let place = places.take(key(1 + number), &by(name)).await;
            tell.send(name).unwrap();
            drop(place);
        };
        let mut wait = Box::pin(wait);
        assert!(wait.as_mut().now_or_never().is_none());
        tokio::spawn(wait);
    }
    drop((first, tell));
    let mut order = String::new();
    while let Some(name) = told.recv().await {
        order.push_str(name);
    }
    assert_eq!(order, "abcaba");
}

#[tokio::test]
async fn work_that_others_wait_for_too_does_not_stand_behind_what_only_one_wants() {
    let places = Places::new(1);
    let first = places.take(key(0), &by("a")).await;
    let mut hers: Vec<_> = (1..50)
        .map(|number| {
            let places = places.clone();
            Box::pin(async move { places.take(key(number), &by("a")).await })
        })
        .collect();
    for wait in &mut hers {
        assert!(wait.as_mut().now_or_never().is_none());
    }
    places.vouch(key(49), &owner("b"));
    places.vouch(key(49), &owner("b"));
    places.vouch(key(1_000), &owner("b"));
    drop(first);
    // The first of each: hers, and the one that is wanted by another one.
    let second = hers[0].as_mut().now_or_never().unwrap();
    assert!(hers[48].as_mut().now_or_never().is_none());
    drop(second);
    assert!(hers[1].as_mut().now_or_never().is_none());
    let wanted = hers[48].as_mut().now_or_never().unwrap();
    assert_eq!(&*wanted.unwrap().owner, "b");
}

#[tokio::test]
async fn whoever_went_away_takes_no_place() {
    let places = Places::new(1);
    let first = places.take(key(0), &by("a")).await;
    let a = by("a");
    let mut gone = Box::pin(places.take(key(1), &a));
    assert!(gone.as_mut().now_or_never().is_none());
    drop(gone);
    drop(first);
    assert!(
        places
            .take(key(2), &by("b"))
            .now_or_never()
            .flatten()
            .is_some()
    );
    assert!(places.lock().held.is_empty());
}
