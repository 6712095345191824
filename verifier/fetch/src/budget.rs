//! What one image may cost: bytes, pieces and time, shared by everything that works for it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sovverify::Digest;
use tokio::time::Instant;

use crate::error::{Failure, FetchError};
use crate::limits::FetchLimits;

/// Content above this size is hashed away from the reactor: 1 MiB takes about half a millisecond.
const HASH_INLINE_BYTES: usize = 1024 * 1024;

/// Pieces looked at for each piece kept: the same evidence is often found in two places.
const LOOKED_AT_PER_KEPT: usize = 4;

/// Bytes of content that are held for all images together.
#[derive(Debug, Default)]
pub(crate) struct Held(AtomicU64);

/// The budget of one image.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: FetchLimits,
    held: Arc<Held>,
    deadline: Mutex<Instant>,
    bytes: AtomicU64,
    pieces: AtomicUsize,
}

impl Budget {
    pub(crate) fn start(limits: &FetchLimits, held: &Arc<Held>) -> Self {
        let now = Instant::now();
        // A deadline beyond the clock's range is none that anybody waits for.
        let deadline = now.checked_add(limits.total_time).unwrap_or(now);
        Self {
            limits: *limits,
            held: Arc::clone(held),
            deadline: Mutex::new(deadline),
            bytes: AtomicU64::new(0),
            pieces: AtomicUsize::new(0),
        }
    }

    pub(crate) const fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    pub(crate) fn deadline(&self) -> Instant {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time that is left now.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// Goes on with `left` of the time: what passed in between does not count.
    pub(crate) fn resume(&self, left: Duration) {
        let now = Instant::now();
        let deadline = now.checked_add(left).unwrap_or(now);
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    /// The failure to report when the deadline has passed.
    pub(crate) const fn out_of_time(&self) -> Failure {
        Failure::Timeout {
            bound: "total_time",
            after: self.limits.total_time,
        }
    }

    /// Takes `bytes` from the budget.
    pub(crate) fn charge(&self, bytes: usize, place: &str) -> Result<(), FetchError> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        // Given back as a whole when the budget ends.
        let held = self.held.0.fetch_add(bytes, Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limits.total_bytes {
            return Err(exceeded("total_bytes", self.limits.total_bytes, place));
        }
        if held.saturating_add(bytes) > self.limits.held_bytes {
            let limit = self.limits.held_bytes;
            return Err(FetchError::new(place, Failure::Crowded { limit }));
        }
        Ok(())
    }

    /// Counts one more piece of evidence that is looked at.
    pub(crate) fn piece(&self, place: &str) -> Result<(), FetchError> {
        let bound = self.limits.evidence.saturating_mul(LOOKED_AT_PER_KEPT);
        if self.pieces.fetch_add(1, Ordering::Relaxed) >= bound {
            return Err(exceeded("evidence", count(self.limits.evidence), place));
        }
        Ok(())
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        let bytes = *self.bytes.get_mut();
        self.held.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A count as a number of a message.
pub(crate) fn count(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// A bound was reached, and nobody counted how far beyond it things go.
pub(crate) fn exceeded(bound: &'static str, limit: u64, place: &str) -> FetchError {
    let found = "more".to_owned();
    FetchError::new(
        place,
        Failure::Limit {
            bound,
            limit,
            found,
        },
    )
}

/// Hands `bytes` back when they have `digest` and, where a descriptor says one, the right size.
pub(crate) async fn checked(
    bytes: Vec<u8>,
    digest: &Digest,
    size: Option<u64>,
    place: &str,
) -> Result<Vec<u8>, FetchError> {
    check_size(bytes.len(), size, place)?;
    let (bytes, found) = if bytes.len() > HASH_INLINE_BYTES {
        let algorithm = digest.algorithm();
        tokio::task::spawn_blocking(move || {
            let found = algorithm.digest(&bytes);
            (bytes, found)
        })
        .await
        .map_err(|error| worker_lost(&error, place))?
    } else {
        let found = digest.algorithm().digest(&bytes);
        (bytes, found)
    };
    check_digest(found, digest, place)?;
    Ok(bytes)
}

/// As [`checked`], for code that may block.
pub(crate) fn checked_here(
    bytes: Vec<u8>,
    digest: &Digest,
    size: Option<u64>,
    place: &str,
) -> Result<Vec<u8>, FetchError> {
    check_size(bytes.len(), size, place)?;
    check_digest(digest.algorithm().digest(&bytes), digest, place)?;
    Ok(bytes)
}

fn check_size(found: usize, expected: Option<u64>, place: &str) -> Result<(), FetchError> {
    let found = count(found);
    match expected {
        Some(expected) if expected != found => Err(FetchError::new(
            place,
            Failure::SizeMismatch { expected, found },
        )),
        _ => Ok(()),
    }
}

fn check_digest(found: Digest, expected: &Digest, place: &str) -> Result<(), FetchError> {
    if found == *expected {
        return Ok(());
    }
    let expected = expected.clone();
    Err(FetchError::new(
        place,
        Failure::DigestMismatch { expected, found },
    ))
}

/// A blocking task ended without a result, which only a shutdown of the runtime explains.
pub(crate) fn worker_lost(error: &tokio::task::JoinError, place: &str) -> FetchError {
    let detail = error.to_string();
    FetchError::new(place, Failure::Unreadable { detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_still_until_the_work_goes_on() {
        let limits = FetchLimits {
            total_time: Duration::ZERO,
            ..FetchLimits::default()
        };
        let budget = Budget::start(&limits, &Arc::default());
        assert_eq!(budget.time_left(), Duration::ZERO);
        budget.resume(Duration::from_hours(1));
        assert!(budget.time_left() > Duration::from_mins(59));
        assert!(budget.time_left() <= Duration::from_hours(1));
    }

    #[test]
    fn an_image_may_have_its_bytes_and_pieces_to_the_last_one() {
        let limits = FetchLimits {
            total_bytes: 100,
            evidence: 3,
            ..FetchLimits::default()
        };
        let budget = Budget::start(&limits, &Arc::default());
        budget.charge(60, "one").unwrap();
        budget.charge(40, "two").unwrap();
        let refused = budget.charge(1, "three").unwrap_err();
        assert_eq!(refused.code().name(), "limit/exceeded");
        for _ in 0..limits.evidence * LOOKED_AT_PER_KEPT {
            budget.piece("one").unwrap();
        }
        let refused = budget.piece("one more").unwrap_err();
        assert_eq!(refused.code().name(), "limit/exceeded");
    }

    #[test]
    fn all_images_may_hold_their_bytes_to_the_last_one() {
        let limits = FetchLimits {
            held_bytes: 100,
            ..FetchLimits::default()
        };
        let held = Arc::default();
        let (one, other) = (Budget::start(&limits, &held), Budget::start(&limits, &held));
        one.charge(60, "one").unwrap();
        other.charge(40, "other").unwrap();
        let crowded = one.charge(1, "one").unwrap_err();
        assert_eq!(crowded.code().name(), "system/crowded");
    }

    #[test]
    fn what_one_image_holds_is_missing_for_others_until_it_ends() {
        let limits = FetchLimits {
            held_bytes: 100,
            ..FetchLimits::default()
        };
        let held = Arc::default();
        let one = Budget::start(&limits, &held);
        let other = Budget::start(&limits, &held);
        one.charge(90, "one").unwrap();
        let crowded = other.charge(20, "other").unwrap_err();
        assert_eq!(crowded.code().name(), "system/crowded");
        assert!(crowded.is_transient());
        drop((one, other));
        Budget::start(&limits, &held).charge(100, "next").unwrap();
    }
}
