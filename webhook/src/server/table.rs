//! Places for connections. When all are taken, whoever has not asked anything yet makes room.
//!
//! A flood of clients that connect and wait therefore costs them their places, and nobody else's: a
//! caller that sends its request is through within milliseconds, and an open one keeps its place as
//! long as it has a request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::activity::Activity;

/// The places of one listener.
#[derive(Debug)]
pub(super) struct Table {
    limit: usize,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: BTreeMap<u64, (Arc<Activity>, Arc<Notify>)>,
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    table: Arc<Table>,
    number: u64,
    /// Rings when the place is needed for somebody else.
    pub(super) needed: Arc<Notify>,
}

impl Table {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            places: Mutex::default(),
        })
    }

    /// A place for a connection; none where every other one is in the middle of a request.
    pub(super) fn take(self: &Arc<Self>, activity: &Arc<Activity>) -> Option<Place> {
        let mut places = self.lock();
        if places.taken.len() >= self.limit {
            let (number, _) = places
                .taken
                .iter()
                .filter_map(|(number, (activity, _))| Some((*number, activity.worth()?)))
                .min_by_key(|(number, worth)| (*worth, *number))?;
            if let Some((_, needed)) = places.taken.remove(&number) {
                needed.notify_one();
            }
        }
        let number = places.next;
        places.next = places.next.wrapping_add(1);
        let needed = Arc::new(Notify::new());
        let place = (Arc::clone(activity), Arc::clone(&needed));
        places.taken.insert(number, place);
        drop(places);
        Some(Place {
            table: Arc::clone(self),
            number,
            needed,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // A panic elsewhere cannot leave the map half-written.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.lock().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// Whether the holder of a place was asked to leave. The bell keeps one ring for whoever waits later.
    async fn is_needed(place: &Place) -> bool {
        tokio::time::timeout(Duration::ZERO, place.needed.notified())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn whoever_waited_longest_without_asking_makes_room() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let table = Table::new(3);
        let (old, young, asked) = (
            Activity::begun(at(1)),
            Activity::begun(at(2)),
            Activity::begun(at(0)),
        );
        drop(asked.request(at(0)));
        let places: Vec<Place> = [&old, &young, &asked]
            .map(|activity| table.take(activity).unwrap())
            .into();
        let newcomer = table.take(&Activity::begun(at(3))).unwrap();
        assert!(is_needed(&places[0]).await);
        assert!(!is_needed(&places[1]).await);
        assert!(!is_needed(&places[2]).await);
        assert!(!is_needed(&newcomer).await);
    }

    #[tokio::test]
    async fn a_connection_with_a_request_keeps_its_place() {
        let now = Instant::now();
        let table = Table::new(2);
        let (busy, idle) = (Activity::begun(now), Activity::begun(now));
        let request = busy.request(now);
        drop(idle.request(now));
        let busy_place = table.take(&busy).unwrap();
        let idle_place = table.take(&idle).unwrap();
        let third = Activity::begun(now);
        let third_request = third.request(now);
        let third_place = table.take(&third).unwrap();
        assert!(is_needed(&idle_place).await);
        // Now both are in the middle of a request, and nobody is given up for a stranger.
        assert!(table.take(&Activity::begun(now)).is_none());
        assert!(!is_needed(&busy_place).await);
        assert!(!is_needed(&third_place).await);
        drop((request, third_request));
        assert!(table.take(&Activity::begun(now)).is_some());
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let now = Instant::now();
        let table = Table::new(1);
        let activity = Activity::begun(now);
        let request = activity.request(now);
        let place = table.take(&activity).unwrap();
        assert!(table.take(&Activity::begun(now)).is_none());
        drop(place);
        assert!(table.take(&Activity::begun(now)).is_some());
        drop(request);
    }
}
