//! When a request is sent again: pauses that grow, with a random half, or those the registry asks for.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::limits::FetchLimits;

/// Whether a request may be sent again.
#[derive(Clone, Copy)]
pub(super) enum Again {
    /// It would fail again.
    Never,
    /// After a pause of our choice.
    Soon,
    /// After the pause that the registry asks for.
    After(Duration),
}

impl From<Option<Duration>> for Again {
    fn from(asked: Option<Duration>) -> Self {
        asked.map_or(Self::Soon, Self::After)
    }
}

/// The pause that the registry asks for (RFC 9110 section 10.2.3): seconds, or a date that is
/// compared with the answer's own, so that no clock has to be right.
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(text)?;
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// Our own pause before attempt `attempt + 1`: half of it fixed, half random.
pub(super) fn own_pause(attempt: u32, limits: &FetchLimits) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    let pause = limits
        .retry_wait
        .saturating_mul(doubled)
        .min(limits.retry_wait_longest);
    let half = pause / 2;
    let random = RandomState::new().build_hasher().finish();
    let part = u32::try_from(random % 1024).unwrap_or_default();
    half.saturating_add(half.saturating_mul(part) / 1024)
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry: &str, date: &str) -> Option<Duration> {
        asked_pause(&HeaderMap::from_iter([
            (RETRY_AFTER, retry.parse().unwrap()),
            (DATE, date.parse().unwrap()),
        ]))
    }

    #[test]
    fn the_registry_asks_in_seconds_or_with_a_date() {
        const NOON: &str = "Sat, 21 Nov 2026 12:00:00 GMT";
        assert_eq!(asked("7", NOON), Some(Duration::from_secs(7)));
        assert_eq!(
            asked("Sat, 21 Nov 2026 12:00:09 GMT", NOON),
            Some(Duration::from_secs(9))
        );
        assert_eq!(
            asked("Sat, 21 Nov 2026 11:00:00 GMT", NOON),
            Some(Duration::ZERO)
        );
        assert_eq!(asked("soon", NOON), None);
        assert_eq!(asked("-1", NOON), None);
        assert_eq!(asked("99999999999999999999999", NOON), None);
    }

    #[test]
    fn our_pauses_grow_and_stay_within_the_bound() {
        let limits = FetchLimits::default();
        for attempt in 1..100 {
            let pause = own_pause(attempt, &limits);
            assert!(pause <= limits.retry_wait_longest);
            assert!(pause >= (limits.retry_wait / 2).min(limits.retry_wait_longest / 2));
        }
        assert!(own_pause(5, &limits) >= limits.retry_wait * 8);
    }
}
