//! Places for work, shared out by namespace.
//!
//! Whoever may create pods chooses which images are verified, and perhaps how long their registry takes
//! to answer. So a namespace that has n places gets another one only while more than n are free: alone
//! it gets half of them, the next one half of the rest, and each one that comes finds a place.
//!
//! **Invariant**: a place that becomes free goes to the namespace that has the fewest, and among equals to
//! the one that was served longest ago. A piece of work that several namespaces wait for comes as early as
//! it does for the first of them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::flight::Wanted;
use super::key::Key;

/// Places, and who waits for one.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    free: usize,
    held: HashMap<Arc<str>, usize>,
    waiting: BTreeMap<Arc<str>, Queue>,
    /// Work that waits, by its key.
    jobs: HashMap<Key, Job>,
    /// Counts what was given out.
    turn: u64,
}

/// What one namespace waits for.
#[derive(Debug)]
struct Queue {
    jobs: VecDeque<Job>,
    /// When it was served last, or began to wait.
    since: u64,
}

/// Work that waits for a place, in the queue of each namespace that wants it.
type Job = Arc<Mutex<Option<oneshot::Sender<Place>>>>;

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    owner: Arc<str>,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            free: count.max(1),
            held: HashMap::new(),
            waiting: BTreeMap::new(),
            jobs: HashMap::new(),
            turn: 0,
        })))
    }

    /// Waits for a place for the work `key`, in the queue of each namespace that wants it. There always is
    /// one in the end; without it the work would only be less bounded.
    pub(super) async fn take(&self, key: Key, wanted: &Wanted) -> Option<Place> {
        let (sender, place) = oneshot::channel();
        let job: Job = Arc::new(Mutex::new(Some(sender)));
        {
            let mut inner = self.lock();
            inner.jobs.insert(key, Arc::clone(&job));
            // Whoever is not among them yet finds the job by its key.
            for owner in wanted.owners() {
                inner.enqueue(&owner, Arc::clone(&job));
            }
        }
        self.give();
        let place = place.await;
        self.lock().jobs.remove(&key);
        place.ok()
    }

    /// Says that `owner` wants the work `key` too, which waits already.
    pub(super) fn vouch(&self, key: Key, owner: &Arc<str>) {
        let mut inner = self.lock();
        let Some(job) = inner.jobs.get(&key).map(Arc::clone) else {
            return;
        };
        let queue = inner.waiting.get(owner);
        let known = queue.is_some_and(|queue| queue.jobs.iter().any(|j| Arc::ptr_eq(j, &job)));
        if !known {
            inner.enqueue(owner, job);
            drop(inner);
            self.give();
        }
    }

    /// Gives free places to whoever may have one.
    fn give(&self) {
        loop {
            let mut inner = self.lock();
            let Some((owner, sender)) = inner.next() else {
                return;
            };
            inner.free -= 1;
            *inner.held.entry(Arc::clone(&owner)).or_default() += 1;
            drop(inner);
            let place = Place {
                places: self.clone(),
                owner,
            };
            // Whoever went away meanwhile lets go of it at once.
            drop(sender.send(place));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn enqueue(&mut self, owner: &Arc<str>, job: Job) {
        let since = self.turn;
        let queue = self.waiting.entry(Arc::clone(owner));
        let empty = || Queue {
            jobs: VecDeque::new(),
            since,
        };
        queue.or_insert_with(empty).jobs.push_back(job);
    }

    /// Whose turn it is, where somebody may have a place.
    fn next(&mut self) -> Option<(Arc<str>, oneshot::Sender<Place>)> {
        loop {
            let held = |owner: &Arc<str>| self.held.get(owner).copied().unwrap_or_default();
            let may = self
                .waiting
                .iter()
                .filter(|(owner, _)| held(owner) < self.free);
            let first = may.min_by_key(|(owner, queue)| (held(owner), queue.since));
            let owner = Arc::clone(first?.0);
            let queue = self.waiting.get_mut(&owner)?;
            let job = queue.jobs.pop_front();
            let sender = job.and_then(|job| taken(&job));
            if sender.is_some() {
                self.turn += 1;
                queue.since = self.turn;
            }
            if queue.jobs.is_empty() {
                self.waiting.remove(&owner);
            }
            if let Some(sender) = sender {
                return Some((owner, sender));
            }
        }
    }
}

/// The sender of work that nobody has taken yet and somebody still waits for.
fn taken(job: &Job) -> Option<oneshot::Sender<Place>> {
    let mut job = job.lock().unwrap_or_else(PoisonError::into_inner);
    job.take().filter(|sender| !sender.is_closed())
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.places.lock();
        inner.free += 1;
        if let Some(held) = inner.held.get_mut(&self.owner) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                inner.held.remove(&self.owner);
            }
        }
        drop(inner);
        self.places.give();
    }
}

#[cfg(test)]
mod tests;
