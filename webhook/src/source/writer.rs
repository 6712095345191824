//! Writes status back, where it says something else than it should.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kube::Client;
use tokio::sync::watch;

use super::kind::Key;
use super::objects::Objects;
use super::status::Desired;
use crate::cluster::{LookupError, api};
use crate::metrics::{Metrics, Success};

/// What every status should say.
pub(super) type Wanted = Arc<BTreeMap<Key, Desired>>;

/// Time of one write.
const WRITE_TIME: Duration = Duration::from_secs(5);
/// How long the same is not written again although it does not stand there: until the watch has shown it,
/// and so that two replicas that disagree do not write for ever.
const SAME_AGAIN: Duration = Duration::from_mins(5);
/// When writes that failed or had to wait are tried again.
const RETRY: Duration = Duration::from_secs(30);

/// Writes what should be said.
pub(super) struct Writer {
    client: Client,
    objects: Arc<Objects>,
    metrics: Arc<Metrics>,
    written: BTreeMap<Key, (Desired, Instant)>,
}

/// How a round of writes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Everything says what it should, as far as we know.
    Done,
    /// Something has to be tried again.
    Pending,
}

impl Writer {
    pub(super) fn new(client: Client, objects: Arc<Objects>, metrics: Arc<Metrics>) -> Self {
        Self {
            client,
            objects,
            metrics,
            written: BTreeMap::new(),
        }
    }

    /// Writes until nobody says any more what should stand there.
    pub(super) async fn run(mut self, mut wanted: watch::Receiver<Wanted>) {
        loop {
            let all = Arc::clone(&wanted.borrow_and_update());
            let round = self.round(&all).await;
            let again = async {
                match round {
                    Round::Pending => tokio::time::sleep(RETRY).await,
                    Round::Done => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = wanted.changed() => if changed.is_err() { return },
                () = again => {}
            }
        }
    }

    async fn round(&mut self, all: &BTreeMap<Key, Desired>) -> Round {
        self.written.retain(|key, _| all.contains_key(key));
        let mut round = Round::Done;
        for (key, desired) in all {
            let Some(object) = self.objects.get(key) else {
                continue;
            };
            // What was found out about an earlier version says nothing about this one.
            let of_now = object.uid == desired.uid && object.generation == desired.generation;
            if !of_now || !desired.differs_from(&object.status) {
                continue;
            }
            let before = self.written.get(key);
            if before.is_some_and(|(same, at)| same == desired && at.elapsed() < SAME_AGAIN) {
                round = Round::Pending;
                continue;
            }
            let body = desired.body(key, &object.status, Timestamp::now());
            let what = format!("the status of {key}");
            let path = key.path("/status");
            let write = api::apply(&self.client, &path, &body, &what);
            match api::within(WRITE_TIME, &what, write).await {
                Ok(_) => {
                    self.metrics.status_written(Success::Yes);
                    let entry = (desired.clone(), Instant::now());
                    self.written.insert(key.clone(), entry);
                }
                Err(error) => {
                    self.metrics.status_written(Success::No);
                    tracing::warn!(event = "status not written", reason = %error);
                    round = Round::Pending;
                    // Where nobody answers, the others need not wait each.
                    if matches!(error, LookupError::Unavailable { .. }) {
                        return round;
                    }
                }
            }
        }
        round
    }
}
