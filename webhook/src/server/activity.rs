//! What one connection is doing, and whether that is still fine.
//!
//! HTTP/1.1 and HTTP/2 each know some of these bounds, in their own way; here they are one table of
//! rules over a few times, the same for both, that needs no clock to be tested.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::limits::ServerLimits;
use crate::metrics::Limit;

/// The protocol of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP/1.1: closing an idle connection may cross a request on its way.
    One,
    /// HTTP/2: a connection can say that it goes, and lose nothing.
    Two,
}

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Nothing before then.
    Fine(Instant),
    /// Tell it to go, in good order.
    Close,
    /// Cut it off.
    Cut(Limit),
}

/// What one connection is doing.
#[derive(Debug)]
pub(super) struct Activity(Mutex<Times>);

#[derive(Clone, Copy, Debug)]
struct Times {
    /// When the connection was accepted.
    begun: Instant,
    /// When a request last began or ended.
    changed: Instant,
    /// Since when the head of a request is on its way.
    head: Option<Instant>,
    /// Since when the other end takes nothing.
    blocked: Option<Instant>,
    /// When a connection that was told to go must have gone.
    leave_by: Option<Instant>,
    asked: Asked,
    in_flight: usize,
}

/// Whether the other end takes what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// It does.
    Flows,
    /// It does not now.
    Blocked,
}

/// Whether a connection has proven to speak our protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// No request has come yet.
    Nothing,
    /// One has.
    Something,
}

impl Activity {
    pub(super) fn begun(now: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Times {
            begun: now,
            changed: now,
            head: None,
            blocked: None,
            leave_by: None,
            asked: Asked::Nothing,
            in_flight: 0,
        })))
    }

    /// The TLS handshake is done: the time for the first request begins.
    pub(super) fn greeted(&self, now: Instant) {
        let mut times = self.lock();
        times.begun = now;
        times.changed = now;
    }

    /// Bytes have come.
    pub(super) fn received(&self, now: Instant) {
        let mut times = self.lock();
        if times.in_flight == 0 && times.head.is_none() {
            times.head = Some(now);
        }
    }

    /// Bytes do not go out, or do again.
    pub(super) fn sends(&self, sending: Sending, now: Instant) {
        let mut times = self.lock();
        times.blocked = match sending {
            Sending::Flows => None,
            Sending::Blocked => times.blocked.or(Some(now)),
        };
    }

    /// A request has come; it lasts until the guard is dropped.
    pub(super) fn request(self: &Arc<Self>, now: Instant) -> InFlight {
        let mut times = self.lock();
        times.asked = Asked::Something;
        times.head = None;
        times.changed = now;
        times.in_flight = times.in_flight.saturating_add(1);
        InFlight(Arc::clone(self))
    }

    /// The connection was told to go.
    pub(super) fn leaving(&self, by: Instant) {
        let mut times = self.lock();
        times.leave_by = Some(times.leave_by.map_or(by, |earlier| earlier.min(by)));
    }

    /// How easily the connection is given up for another: the smallest first, and `None` never.
    pub(super) fn worth(&self) -> Option<(Asked, Instant)> {
        let times = self.lock();
        (times.in_flight == 0).then_some((times.asked, times.changed))
    }

    /// Whether the connection keeps to its bounds.
    pub(super) fn judge(
        &self,
        protocol: Protocol,
        limits: &ServerLimits,
        now: Instant,
    ) -> Judgement {
        let times = *self.lock();
        let deadlines = times.deadlines(protocol, limits);
        let due = deadlines.into_iter().flatten().min_by_key(|(at, _)| *at);
        // A head may begin at any time, and is to be noticed in time.
        let next_look = now.checked_add(limits.header_time).unwrap_or(now);
        match due {
            Some((at, judgement)) if at <= now => judgement,
            Some((at, _)) => Judgement::Fine(at.min(next_look)),
            None => Judgement::Fine(next_look),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Times> {
        // The times are plain numbers: a panic elsewhere cannot leave them half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    /// Everything that could end the connection, and when.
    fn deadlines(
        &self,
        protocol: Protocol,
        limits: &ServerLimits,
    ) -> [Option<(Instant, Judgement)>; 7] {
        let after = |since: Instant, time, judgement| Some((since.checked_add(time)?, judgement));
        let leaving = self.leave_by.is_some();
        // In HTTP/2, what comes between two requests is mostly no head: the other end answers a ping, or makes
        // a window larger. A head that never ends is then what an idle connection is, and closed with it.
        let head = self.head.filter(|_| protocol == Protocol::One);
        let idle = self.in_flight == 0 && head.is_none();
        let first = self.asked == Asked::Nothing && self.in_flight == 0;
        [
            self.leave_by
                .map(|by| (by, Judgement::Cut(Limit::GoodbyeTime))),
            head.and_then(|since| {
                after(since, limits.header_time, Judgement::Cut(Limit::HeaderTime))
            }),
            first
                .then(|| {
                    let cut = Judgement::Cut(Limit::HeaderTime);
                    after(self.begun, limits.header_time, cut)
                })
                .flatten(),
            // Every review ends by itself in time; what is left then is an answer that nobody takes.
            (self.in_flight > 0)
                .then(|| {
                    let cut = Judgement::Cut(Limit::GoodbyeTime);
                    after(self.changed, limits.goodbye_time, cut)
                })
                .flatten(),
            self.blocked.and_then(|since| {
                after(
                    since,
                    limits.goodbye_time,
                    Judgement::Cut(Limit::GoodbyeTime),
                )
            }),
            (idle && !leaving)
                .then(|| after(self.changed, limits.idle_time, Judgement::Close))
                .flatten(),
            (protocol == Protocol::Two && !leaving)
                .then(|| after(self.begun, limits.connection_age, Judgement::Close))
                .flatten(),
        ]
    }
}

/// One request, from its head to the end of its answer.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut times = self.0.lock();
        times.in_flight = times.in_flight.saturating_sub(1);
        times.changed = Instant::now();
    }
}

#[cfg(test)]
mod tests;
