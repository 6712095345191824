//! How long the caller waits: `?timeout=10s`, written as Go writes a duration.

use std::time::Duration;

/// Characters of a duration: the longest that Go writes has 24 (`2562047h47m16.854775807s`).
const MAX_CHARACTERS: usize = 32;
/// Digits of a number in a duration: nine before and nine after the point are exact in nanoseconds.
const MAX_DIGITS: usize = 9;

/// Why a duration cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeoutError {
    /// The text is not a duration.
    #[error("expected `timeout` as a duration such as `10s` or `1m30s`, found something else")]
    Malformed,
    /// The duration is negative, or nothing.
    #[error("expected `timeout` to be more than nothing, found less")]
    NotPositive,
    /// The parameter stands twice.
    #[error("expected `timeout` once, found it twice")]
    Twice,
}

/// The `timeout` of a query string; nothing where it does not say one.
///
/// # Errors
///
/// [`TimeoutError`]: a caller whose patience is not understood is not answered by guessing.
pub(super) fn of_query(query: Option<&str>) -> Result<Option<Duration>, TimeoutError> {
    let mut found = None;
    for pair in query.unwrap_or_default().split('&') {
        let Some(value) = pair.strip_prefix("timeout=") else {
            continue;
        };
        if found.is_some() {
            return Err(TimeoutError::Twice);
        }
        found = Some(parse(value)?);
    }
    Ok(found)
}

/// A duration as Go's `time.ParseDuration` reads it: a sequence of decimal numbers, each with a unit.
fn parse(text: &str) -> Result<Duration, TimeoutError> {
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return Err(TimeoutError::Malformed);
    }
    // A query writes `µ` as `%C2%B5`; Go takes both characters that look so.
    let text = text.replace("%C2%B5", "µ").replace("%c2%b5", "µ");
    if text.starts_with('-') {
        return Err(TimeoutError::NotPositive);
    }
    let mut rest = text
        .strip_prefix("%2B")
        .or_else(|| text.strip_prefix('+'))
        .unwrap_or(&text);
    if rest == "0" {
        return Err(TimeoutError::NotPositive);
    }
    if rest.is_empty() {
        return Err(TimeoutError::Malformed);
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (nanoseconds, left) = part(rest).ok_or(TimeoutError::Malformed)?;
        total = total.saturating_add(nanoseconds);
        rest = left;
    }
    match u64::try_from(total) {
        Ok(0) => Err(TimeoutError::NotPositive),
        Ok(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
        Err(_) => Err(TimeoutError::Malformed),
    }
}

/// The first number and unit of `text` in nanoseconds, and what follows them.
fn part(text: &str) -> Option<(u128, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    let too_long = whole.len() > MAX_DIGITS || fraction.len() > MAX_DIGITS;
    if too_long || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let (unit, rest) = unit(rest)?;
    let mut nanoseconds = number(whole)? * unit;
    if !fraction.is_empty() {
        let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
        nanoseconds += number(fraction)? * unit / scale;
    }
    Some((nanoseconds, rest))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn number(digits: &str) -> Option<u128> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok()
}

/// The nanoseconds of the unit that `text` begins with. Longer names come first.
fn unit(text: &str) -> Option<(u128, &str)> {
    const UNITS: [(&str, u128); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    UNITS
        .iter()
        .find_map(|(name, unit)| Some((*unit, text.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_that_go_writes_are_read_exactly() {
        for (text, nanoseconds) in [
            ("10s", 10_000_000_000),
            ("30s", 30_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("500ms", 500_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+2s", 2_000_000_000),
            ("1.5µs", 1_500),
            ("1.5us", 1_500),
            ("1.5%C2%B5s", 1_500),
            ("9.999999999s", 9_999_999_999),
            ("7ns", 7),
            ("1s1s", 2_000_000_000),
        ] {
            let read = of_query(Some(&format!("timeout={text}")));
            assert_eq!(read, Ok(Some(Duration::from_nanos(nanoseconds))), "{text}");
        }
    }

    #[test]
    fn a_timeout_has_bounds_in_characters_and_digits() {
        let read = |text: String| of_query(Some(&format!("timeout={text}"))).is_ok();
        let parts = MAX_CHARACTERS / 2;
        assert!(read("1s".repeat(parts)));
        assert!(!read(format!("{}1ms", "1s".repeat(parts - 1))));
        for before in ["", "1."] {
            let digits = |count: usize| format!("{before}{}1s", "0".repeat(count - 1));
            assert!(read(digits(MAX_DIGITS)));
            assert!(!read(digits(MAX_DIGITS + 1)));
        }
    }

    #[test]
    fn a_query_without_a_timeout_says_none() {
        for query in [None, Some(""), Some("a=b"), Some("xtimeout=3s&dry=1")] {
            assert_eq!(of_query(query), Ok(None));
        }
        let among = of_query(Some("a=b&timeout=3s&c=d"));
        assert_eq!(among, Ok(Some(Duration::from_secs(3))));
    }

    #[test]
    fn what_go_would_not_read_is_refused() {
        for text in [
            "",
            "s",
            ".",
            ".s",
            "10",
            "3 s",
            "10S",
            "1d",
            "1e3s",
            "0x10s",
            "١s",
            "10s ",
            "10s5",
            "1.2.3s",
            "9999999999s",
            "1.0000000001s",
            "999999999h999999999h",
            "1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s",
        ] {
            let read = of_query(Some(&format!("timeout={text}")));
            assert_eq!(read, Err(TimeoutError::Malformed), "{text}");
        }
    }

    #[test]
    fn no_time_at_all_and_two_times_are_refused() {
        for text in ["0", "0s", "-1s", "0h0m0s", "0.0000s", "-0.5s"] {
            let read = of_query(Some(&format!("timeout={text}")));
            assert_eq!(read, Err(TimeoutError::NotPositive), "{text}");
        }
        let twice = of_query(Some("timeout=1s&timeout=30s"));
        assert_eq!(twice, Err(TimeoutError::Twice));
    }
}
