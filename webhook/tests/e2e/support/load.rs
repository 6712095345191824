//! Load: the same requests again and again beside what a test does, and what became of each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::task::JoinHandle;

use super::api::RUNTIME;
use super::patience::until;

/// What became of the requests: each outcome with how often it was seen.
pub(crate) type Outcomes = BTreeMap<String, u64>;

/// Requests that go on until they are stopped.
pub(crate) struct Load {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    over: AtomicBool,
    done: AtomicU64,
    outcomes: Mutex<Outcomes>,
}

impl Load {
    /// Begins with so many requests at once. `request` gets the number of the request and says what became
    /// of it.
    pub(crate) fn begin<F>(at_once: u64, request: impl Fn(u64) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            over: AtomicBool::new(false),
            done: AtomicU64::new(0),
            outcomes: Mutex::default(),
        });
        let request = Arc::new(request);
        let workers = (0..at_once).map(|worker| {
            let (shared, request) = (Arc::clone(&shared), Arc::clone(&request));
            RUNTIME.spawn(async move {
                let mut number = worker;
                while !shared.over.load(Ordering::Relaxed) {
                    let outcome = request(number).await;
                    *shared.outcomes.lock().unwrap().entry(outcome).or_default() += 1;
                    shared.done.fetch_add(1, Ordering::Relaxed);
                    number += at_once;
                }
            })
        });
        let workers = workers.collect();
        Self { shared, workers }
    }

    /// Waits until so many more requests were answered.
    #[track_caller]
    pub(crate) fn wait_for(&self, more: u64) {
        let goal = self.shared.done.load(Ordering::Relaxed) + more;
        until("answers under load", || {
            (self.shared.done.load(Ordering::Relaxed) >= goal).then_some(())
        });
    }

    /// Ends it, and says what became of all requests.
    pub(crate) fn end(self) -> Outcomes {
        self.shared.over.store(true, Ordering::Relaxed);
        for worker in self.workers {
            RUNTIME.block_on(worker).expect("a worker that ended");
        }
        std::mem::take(&mut self.shared.outcomes.lock().unwrap())
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes = self.shared.outcomes.lock().unwrap();
        f.debug_tuple("Load").field(&*outcomes).finish()
    }
}
