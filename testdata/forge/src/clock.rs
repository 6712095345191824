//! Times: always arguments, never read from a clock.

use jiff::{SignedDuration, Timestamp};

/// The moment at which everything that is committed under `testdata` was signed.
pub const SIGNING_TIME: &str = "2026-03-02T11:04:05Z";

/// Parses an RFC 3339 time.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `time` moved by a number of minutes.
pub fn minutes(time: Timestamp, by: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_mins(by)).unwrap()
}

/// `time` moved by a number of days.
pub fn days(time: Timestamp, by: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_hours(24 * by))
        .unwrap()
}

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub start: Timestamp,
    /// The last moment.
    pub end: Timestamp,
}

impl Window {
    /// From `start` to `end`.
    pub const fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// Ten years from `start`: what authorities get.
    pub fn decade(start: Timestamp) -> Self {
        Self::new(start, days(start, 3652))
    }

    /// Ten minutes from `start`: what Fulcio's certificates get.
    pub fn ten_minutes(start: Timestamp) -> Self {
        Self::new(start, minutes(start, 10))
    }
}
