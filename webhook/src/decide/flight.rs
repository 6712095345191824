//! Work that is done once however many ask for it, and goes on when they have gone.
//!
//! **Invariant**: at any moment there is at most one piece of work under a key. Whoever asks gets its
//! result or, where it was lost to a bug, nothing; nobody gets the result of another key. A namespace that
//! has begun n pieces may begin another one only while there is room for more than n.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::key::Key;

/// What is in progress.
#[derive(Debug)]
struct Board<T> {
    running: HashMap<Key, Piece<T>>,
    /// By namespace, how much of it.
    begun: HashMap<Arc<str>, usize>,
}

/// One piece of work.
#[derive(Debug)]
struct Piece<T> {
    result: watch::Receiver<Option<T>>,
    wanted: Wanted,
}

/// The namespaces that wait for one piece of work.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted(Arc<Mutex<BTreeSet<Arc<str>>>>);

impl Wanted {
    /// Wanted by one.
    pub(super) fn by(owner: &Arc<str>) -> Self {
        let wanted = Self::default();
        wanted.also_by(owner);
        wanted
    }

    fn also_by(&self, owner: &Arc<str>) {
        self.lock().insert(Arc::clone(owner));
    }

    /// The namespaces that wait for it by now.
    pub(super) fn owners(&self) -> Vec<Arc<str>> {
        self.lock().iter().map(Arc::clone).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pieces of work in progress.
#[derive(Debug)]
pub(super) struct Flights<T> {
    board: Arc<Mutex<Board<T>>>,
    most: usize,
}

/// A place among those who wait for one result.
#[derive(Debug)]
pub(super) struct Ticket<T> {
    result: watch::Receiver<Option<T>>,
    /// Whether this ticket began the work.
    pub(super) first: First,
}

/// Whether work was begun or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Begun.
    Began,
    /// Found in progress.
    Joined,
}

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Waited<T> {
    /// With the result.
    Done(T),
    /// Too early: the work goes on.
    TooEarly,
    /// The work was lost to a bug.
    Lost,
}

/// More work than is allowed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// At most `most` pieces of work at once.
    pub(super) fn new(most: usize) -> Self {
        let board = Board {
            running: HashMap::new(),
            begun: HashMap::new(),
        };
        Self {
            board: Arc::new(Mutex::new(board)),
            most,
        }
    }

    /// How much work is in progress.
    #[cfg(test)]
    fn running(&self) -> usize {
        self.lock().running.len()
    }

    /// Joins the work under `key`, or begins `work` for `owner`.
    pub(super) fn join_or_begin<F>(
        &self,
        key: Key,
        owner: &Arc<str>,
        work: impl FnOnce(Wanted) -> F,
    ) -> Result<Ticket<T>, TooMuch>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut board = self.lock();
        if let Some(piece) = board.running.get(&key) {
            piece.wanted.also_by(owner);
            let (result, first) = (piece.result.clone(), First::Joined);
            return Ok(Ticket { result, first });
        }
        let room = self.most.saturating_sub(board.running.len());
        if board.begun.get(owner).copied().unwrap_or_default() >= room {
            return Err(TooMuch);
        }
        let (sender, result) = watch::channel(None);
        let wanted = Wanted::by(owner);
        let piece = Piece {
            result: result.clone(),
            wanted: wanted.clone(),
        };
        board.running.insert(key, piece);
        *board.begun.entry(Arc::clone(owner)).or_default() += 1;
        drop(board);
        let landing = Landing {
            board: Arc::clone(&self.board),
            key,
            owner: Arc::clone(owner),
        };
        let work = work(wanted);
        tokio::spawn(async move {
            // Dropped at the end, also by a panic, so that the next one who asks begins anew.
            let landing = landing;
            let done = work.await;
            drop(landing);
            sender.send_replace(Some(done));
        });
        let first = First::Began;
        Ok(Ticket { result, first })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Board<T>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Ticket<T> {
    /// Waits for the result, at most until `until`.
    pub(super) async fn wait(mut self, until: Instant) -> Waited<T> {
        match timeout_at(until, self.result.wait_for(Option::is_some)).await {
            Err(_) => Waited::TooEarly,
            Ok(Err(_)) => Waited::Lost,
            Ok(Ok(done)) => done.clone().map_or(Waited::Lost, Waited::Done),
        }
    }
}

/// Ends a piece of work, however it ends.
struct Landing<T> {
    board: Arc<Mutex<Board<T>>>,
    key: Key,
    owner: Arc<str>,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.running.remove(&self.key);
        if let Some(begun) = board.begun.get_mut(&self.owner) {
            *begun = begun.saturating_sub(1);
            if *begun == 0 {
                board.begun.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;

    fn key(text: &str) -> Key {
        Key::of_request(text)
    }

    fn owner() -> Arc<str> {
        Arc::from("team")
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[tokio::test]
    async fn many_ask_and_one_works() {
        let flights = Flights::new(10);
        let (count, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let ask = || {
            let (count, go) = (Arc::clone(&count), Arc::clone(&go));
            flights
                .join_or_begin(key("a"), &owner(), |_| async move {
                    go.notified().await;
                    count.fetch_add(1, Ordering::SeqCst)
                })
                .unwrap()
        };
        let tickets: Vec<_> = (0..100).map(|_| ask()).collect();
        assert_eq!(
            tickets.iter().filter(|t| t.first == First::Began).count(),
            1
        );
        assert_eq!(flights.running(), 1);
        go.notify_one();
        for ticket in tickets {
            assert_eq!(ticket.wait(soon()).await, Waited::Done(0));
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(flights.running(), 0);
    }

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_any_more() {
        let flights = Flights::new(10);
        let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (going, finished) = (Arc::clone(&go), Arc::clone(&done));
        let ticket = flights
            .join_or_begin(key("a"), &owner(), |_| async move {
                going.notified().await;
                finished.notify_one();
            })
            .unwrap();
        assert_eq!(ticket.wait(Instant::now()).await, Waited::TooEarly);
        go.notify_one();
        done.notified().await;
    }

    #[tokio::test]
    async fn lost_work_is_told_and_begun_anew() {
        let flights: Flights<u8> = Flights::new(10);
        let ticket = flights
            .join_or_begin(key("a"), &owner(), |_| async { panic!("a bug") })
            .unwrap();
        assert_eq!(ticket.wait(soon()).await, Waited::Lost);
        let ticket = flights
            .join_or_begin(key("a"), &owner(), |_| async { 7 })
            .unwrap();
        assert_eq!(ticket.first, First::Began);
        assert_eq!(ticket.wait(soon()).await, Waited::Done(7));
    }

    #[tokio::test]
    async fn there_is_a_bound_on_work_and_none_on_joining() {
        let flights: Flights<()> = Flights::new(1);
        let endless = || flights.join_or_begin(key("a"), &owner(), |_| std::future::pending());
        assert!(endless().is_ok());
        assert!(endless().is_ok());
        let other = flights.join_or_begin(key("b"), &owner(), |_| async {});
        assert_eq!(other.unwrap_err(), TooMuch);
    }

    #[tokio::test]
    async fn a_namespace_that_has_begun_much_leaves_room_for_others() {
        let flights: Flights<()> = Flights::new(8);
        let begin = |number: usize, owner: &str| {
            let (key, owner) = (key(&format!("{owner} {number}")), Arc::from(owner));
            flights
                .join_or_begin(key, &owner, |_| std::future::pending())
                .is_ok()
        };
        let count = |owner: &str| (0..10).filter(|number| begin(*number, owner)).count();
        // Those that were begun already are joined, and count for nothing.
        assert_eq!(["a", "b", "c", "d", "e"].map(count), [4, 2, 1, 1, 0]);
        assert_eq!(flights.running(), 8);
    }
}
