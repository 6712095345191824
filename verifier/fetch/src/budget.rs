//! What one image may cost: bytes, pieces and time, shared by everything that works for it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sovverify::Digest;
use tokio::time::Instant;

use crate::error::{Failure, FetchError};
use crate::limits::FetchLimits;

/// Content above this size is hashed away from the reactor: 1 MiB takes about half a millisecond.
const HASH_INLINE_BYTES: usize = 1024 * 1024;

/// Pieces looked at for each piece kept: the same evidence is often found in two places.
const LOOKED_AT_PER_KEPT: usize = 4;

/// The budget of one image.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: FetchLimits,
    deadline: Instant,
    bytes: AtomicU64,
    pieces: AtomicUsize,
}

impl Budget {
    pub(crate) fn start(limits: &FetchLimits) -> Self {
        let now = Instant::now();
        // A deadline beyond the clock's range is none that anybody waits for.
        let deadline = now.checked_add(limits.total_time).unwrap_or(now);
        Self {
            limits: *limits,
            deadline,
            bytes: AtomicU64::new(0),
            pieces: AtomicUsize::new(0),
        }
    }

    pub(crate) const fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
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
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limits.total_bytes {
            return Err(exceeded("total_bytes", self.limits.total_bytes, place));
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
