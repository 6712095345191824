//! Time is an argument: nothing below the door of a binary reads a clock.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// The moment a verdict is about; evidence that is later does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerificationTime(Timestamp);

impl VerificationTime {
    /// A verdict as of `time`.
    pub const fn at(time: Timestamp) -> Self {
        Self(time)
    }

    /// The moment itself.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for VerificationTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not an RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an RFC 3339 time such as `2026-03-02T11:04:05Z`, found `{found}`")]
pub struct TimeError {
    /// The text as given.
    pub found: String,
}

impl FromStr for VerificationTime {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse().map(Self).map_err(|_| TimeError {
            found: text.to_owned(),
        })
    }
}

/// Longest length of time that [`span`] reads, in seconds: a hundred years.
const LONGEST_SPAN: i64 = 100 * 366 * 86_400;

/// Reads a length of time: a number and one of `s`, `m`, `h`, `d`, `w`, such as `30d`. `None` for anything
/// else, and for more than a hundred years.
pub fn span(text: &str) -> Option<SignedDuration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let unit: i64 = match text.get(digits.len()..)? {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = is_plain.then(|| digits.parse().ok()).flatten()?;
    let seconds = number.checked_mul(unit)?;
    (seconds <= LONGEST_SPAN).then_some(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_at_most_a_hundred_years() {
        let longest = SignedDuration::from_secs(LONGEST_SPAN);
        assert_eq!(span(&format!("{LONGEST_SPAN}s")), Some(longest));
        assert_eq!(span(&format!("{}s", LONGEST_SPAN + 1)), None);
        assert_eq!(span("36600d"), Some(longest));
        assert_eq!(span("36601d"), None);
    }

    #[test]
    fn a_time_needs_date_and_zone() {
        assert!("2026-03-02T11:04:05Z".parse::<VerificationTime>().is_ok());
        assert!(
            "2026-03-02T11:04:05+01:00"
                .parse::<VerificationTime>()
                .is_ok()
        );
        for text in ["", "2026-03-02", "2026-03-02T11:04:05", "now", "1772449445"] {
            assert!(text.parse::<VerificationTime>().is_err(), "{text}");
        }
    }
}
