//! Lines of the log about denials and warnings: whoever sends many bad requests fills no disk and hides nobody's line for long.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Denials and warnings that are written down within one [`SPAN`]. The API server's own audit log has all of them, and the
/// metrics count them.
pub(super) const MAX_LINES: u32 = 100;
/// See [`MAX_LINES`].
const SPAN: Duration = Duration::from_secs(1);

/// Counts the lines of the current span.
#[derive(Debug, Default)]
pub(super) struct Lines(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    since: Option<Instant>,
    written: u32,
    left_out: u64,
}

impl Lines {
    /// Whether a line may be written at `now`, and how many were left out since the last one.
    pub(super) fn take(&self, now: Instant) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let current = |since: Instant| now.saturating_duration_since(since) < SPAN;
        if !counted.since.is_some_and(current) {
            counted.since = Some(now);
            counted.written = 0;
        }
        if counted.written >= MAX_LINES {
            counted.left_out = counted.left_out.saturating_add(1);
            return None;
        }
        counted.written += 1;
        Some(std::mem::take(&mut counted.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_left_out_and_counted_in_the_next_line() {
        let (lines, start) = (Lines::default(), Instant::now());
        for _ in 0..MAX_LINES {
            assert_eq!(lines.take(start), Some(0));
        }
        assert_eq!(lines.take(start), None);
        assert_eq!(lines.take(start + SPAN / 2), None);
        assert_eq!(lines.take(start + SPAN), Some(2));
        assert_eq!(lines.take(start + SPAN), Some(0));
    }
}
