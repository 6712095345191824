//! How many requests a registry gets at once, and when none.
//!
//! Each host has its own bound, so that one that is slow or throttles does not starve the others. The
//! bound shrinks when the host throttles and grows with each answer, in the manner of TCP (RFC 5681
//! section 3.1). Where nothing but throttling comes back, the host is left alone for as long as it asks
//! for, and then one request at a time looks whether it answers again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::retry::own_pause;
use crate::bounded::Bounded;
use crate::limits::FetchLimits;

/// Hosts whose state is kept. A forgotten one begins anew with the full bound.
const MAX_HOSTS: usize = 256;
/// Throttled answers in a row, without any other, after which a host is left alone: as many as may be
/// on their way at once by default.
const CLOSE_AFTER: u32 = 16;
/// The part of its bound that a host loses when it throttles: one quarter, so that a host that answers
/// every second request keeps its bound, and one that answers fewer than every fourth loses it.
const LOST_PART: usize = 4;
/// The bound that is left to a host that throttles and answers.
const FLOOR: usize = 2;
/// Longest time for which a host is left alone without a look: some ask for an hour and mean a minute.
const CLOSED_LONGEST: Duration = Duration::from_mins(1);
/// How long ago an answer may be for a host to count as one that answers.
const SERVING: Duration = Duration::from_secs(10);

/// Every host.
#[derive(Debug)]
pub(super) struct Traffic {
    total: Arc<Semaphore>,
    hosts: Mutex<Bounded<String, Arc<Host>>>,
    limits: FetchLimits,
}

/// One host.
#[derive(Debug)]
pub(super) struct Host {
    slots: Arc<Semaphore>,
    gate: Mutex<Gate>,
    limits: FetchLimits,
    most: usize,
}

#[derive(Debug)]
struct Gate {
    /// Requests that may be on their way at once.
    width: usize,
    /// Permits that are out and will not be given out again.
    surplus: usize,
    /// Counts how often the width shrank: what was sent before the last time says nothing new.
    epoch: u64,
    /// Throttled answers since the last other one.
    streak: u32,
    /// Times that the host was closed since the last other answer.
    closings: u32,
    closed: Option<Instant>,
    served: Option<Instant>,
}

/// The right to send one request after the other.
#[derive(Debug)]
pub(super) struct Slot {
    host: Arc<Host>,
    permit: Option<OwnedSemaphorePermit>,
    total: Option<OwnedSemaphorePermit>,
    epoch: u64,
}

/// The host is left alone for longer than there is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) left: Duration,
}

impl Traffic {
    pub(super) fn new(limits: &FetchLimits) -> Self {
        let total = limits.concurrent_requests_total;
        Self {
            total: Arc::new(Semaphore::new(total.clamp(1, Semaphore::MAX_PERMITS))),
            hosts: Mutex::new(Bounded::new(MAX_HOSTS)),
            limits: *limits,
        }
    }

    /// The host with this `host:port`.
    pub(super) fn host(&self, authority: String) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(authority, || Arc::new(Host::new(&self.limits)))
    }

    /// Waits for the right to send to `host`; at once an error when that would be after `deadline`.
    pub(super) async fn enter(&self, host: &Arc<Host>, deadline: Instant) -> Result<Slot, Closed> {
        loop {
            if let Some(left) = host.closed() {
                // Those who wait do not all come back at the same moment.
                let pause = left.saturating_add(own_pause(1, &self.limits));
                let wake = Instant::now().checked_add(pause);
                match wake.filter(|wake| *wake < deadline) {
                    Some(wake) => tokio::time::sleep_until(wake).await,
                    None => return Err(Closed { left }),
                }
                continue;
            }
            // Neither semaphore is ever closed.
            let permit = Arc::clone(&host.slots).acquire_owned().await.ok();
            let mut slot = Slot {
                host: Arc::clone(host),
                permit,
                total: None,
                epoch: 0,
            };
            // Last, so that nobody keeps it from others while waiting for one host.
            slot.total = Arc::clone(&self.total).acquire_owned().await.ok();
            slot.epoch = host.gate().epoch;
            if host.closed().is_none() {
                return Ok(slot);
            }
        }
    }
}

impl Host {
    fn new(limits: &FetchLimits) -> Self {
        let most = limits.concurrent_requests.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(most)),
            gate: Mutex::new(Gate {
                width: most,
                surplus: 0,
                epoch: 0,
                streak: 0,
                closings: 0,
                closed: None,
                served: None,
            }),
            limits: *limits,
            most,
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long the host is left alone.
    pub(super) fn closed(&self) -> Option<Duration> {
        let left = self
            .gate()
            .closed?
            .saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Whether the host answers somebody: then it is worth while to come back.
    pub(super) fn serves(&self) -> bool {
        self.gate()
            .served
            .is_some_and(|served| served.elapsed() < SERVING)
    }

    /// The host gave an answer that is none of "too many".
    pub(super) fn answered(&self) {
        let mut gate = self.gate();
        gate.streak = 0;
        gate.closings = 0;
        gate.closed = None;
        gate.served = Some(Instant::now());
        if gate.width < self.most {
            gate.width += 1;
            if gate.surplus > 0 {
                gate.surplus -= 1;
            } else {
                self.slots.add_permits(1);
            }
        }
    }

    /// The host says "too many" to a request of `epoch`, and asks for a pause.
    pub(super) fn throttled(&self, epoch: Option<u64>, asked: Option<Duration>) {
        let mut gate = self.gate();
        gate.streak = gate.streak.saturating_add(1);
        if epoch == Some(gate.epoch) && gate.width > FLOOR {
            let width = gate.width - (gate.width / LOST_PART).max(1);
            self.shrink(&mut gate, width);
        }
        if gate.streak < CLOSE_AFTER {
            return;
        }
        // The next one alone is enough to close it again.
        gate.streak = CLOSE_AFTER - 1;
        gate.closings = gate.closings.saturating_add(1);
        let pause = asked.unwrap_or_else(|| own_pause(gate.closings, &self.limits));
        let until = Instant::now().checked_add(pause.min(CLOSED_LONGEST));
        gate.closed = gate.closed.max(until);
        self.shrink(&mut gate, 1);
    }

    fn shrink(&self, gate: &mut Gate, width: usize) {
        let width = width.max(1);
        let fewer = gate.width.saturating_sub(width);
        let forgotten = self.slots.forget_permits(fewer);
        gate.surplus += fewer - forgotten;
        gate.width -= fewer;
        gate.epoch = gate.epoch.wrapping_add(1);
    }
}

impl Slot {
    pub(super) fn host(&self) -> Arc<Host> {
        Arc::clone(&self.host)
    }

    /// The host gave an answer that is none of "too many".
    pub(super) fn answered(&self) {
        self.host.answered();
    }

    /// The host says "too many".
    pub(super) fn throttled(&self, asked: Option<Duration>) {
        self.host.throttled(Some(self.epoch), asked);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut gate = self.host.gate();
        if gate.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            gate.surplus -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests;
