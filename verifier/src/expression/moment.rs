//! Timestamps and durations as CEL writes them (cel-spec, langdef, "Abstract types").

use jiff::{SignedDuration, Timestamp};

/// The first second of the year 1, from the epoch: CEL has no earlier time.
const FIRST_SECOND: i64 = -62_135_596_800;
/// Seconds of the longest duration of CEL, some 10 000 years.
const LONGEST: i64 = 315_576_000_000;
/// Digits before or after the point of one number of a duration: what a sum in 128 bits can hold.
const MAX_DIGITS: usize = 18;
/// Nanoseconds of one second.
const NANOSECONDS: i128 = 1_000_000_000;
/// The units of durations, in nanoseconds; longer names first.
const UNITS: [(&str, i128); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", NANOSECONDS),
    ("m", 60 * NANOSECONDS),
    ("h", 3_600 * NANOSECONDS),
];

/// The timestamp, where it is one that CEL has.
pub(super) fn in_range(time: Timestamp) -> Option<Timestamp> {
    // The last time of `jiff` is a day before CEL's own, at the end of the year 9999.
    (time.as_second() >= FIRST_SECOND).then_some(time)
}

/// The duration, where it is one that CEL has.
pub(super) fn short_enough(duration: SignedDuration) -> Option<SignedDuration> {
    (duration.abs() <= SignedDuration::from_secs(LONGEST)).then_some(duration)
}

/// A time in RFC 3339, and in no looser form.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let zone = text
        .get(19..)?
        .trim_start_matches(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, form)| match form {
                    b'0' => byte.is_ascii_digit(),
                    _ => byte == form,
                })
    };
    let good_zone = zone == "Z" || shaped(zone, "+00:00") || shaped(zone, "-00:00");
    if !good_zone || !shaped(text.get(..19)?, "0000-00-00T00:00:00") {
        return None;
    }
    text.parse().ok().and_then(in_range)
}

/// A timestamp in RFC 3339, in UTC.
pub(super) fn timestamp_text(time: Timestamp) -> String {
    time.to_string()
}

/// A duration such as `72h`, `1h30m`, `-1.5s`.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut total = 0_i128;
    let mut rest = unsigned;
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (whole, after) = digits(rest)?;
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after)?,
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (after, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((after.strip_prefix(name)?, *unit)))?;
        total = total.checked_add(amount(whole, fraction, unit)?)?;
        rest = after;
    }
    let total = if text.starts_with('-') { -total } else { total };
    let seconds = i64::try_from(total / NANOSECONDS).ok()?;
    let nanoseconds = i32::try_from(total % NANOSECONDS).ok()?;
    (seconds.abs() <= LONGEST)
        .then(|| SignedDuration::new(seconds, nanoseconds))
        .and_then(short_enough)
}

/// The digits at the start of `text`, and what follows them.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    (end <= MAX_DIGITS).then(|| text.split_at(end))
}

fn amount(whole: &str, fraction: &str, unit: i128) -> Option<i128> {
    let number = |digits: &str| -> Option<i128> {
        if digits.is_empty() {
            return Some(0);
        }
        digits.parse().ok()
    };
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = number(fraction)?.checked_mul(unit)? / scale;
    number(whole)?.checked_mul(unit)?.checked_add(part)
}

/// A duration in seconds, as `5400s` or `-1.5s`.
pub(super) fn duration_text(duration: SignedDuration) -> String {
    let sign = if duration.is_negative() { "-" } else { "" };
    let seconds = duration.as_secs().unsigned_abs();
    let nanoseconds = duration.subsec_nanos().unsigned_abs();
    if nanoseconds == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{nanoseconds:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_end_where_those_of_cel_end() {
        let second = |second| Timestamp::from_second(second).unwrap();
        assert!(in_range(second(FIRST_SECOND)).is_some());
        assert!(in_range(second(FIRST_SECOND - 1)).is_none());
        assert!(timestamp("0001-01-01T00:00:00Z").is_some());
        assert!(timestamp("0000-12-31T23:59:59Z").is_none());
        for sign in ["", "-"] {
            assert!(duration(&format!("{sign}{LONGEST}s")).is_some());
            assert!(duration(&format!("{sign}{LONGEST}.000000001s")).is_none());
            assert!(duration(&format!("{sign}{}s", LONGEST + 1)).is_none());
        }
    }

    #[test]
    fn numbers_of_a_duration_have_bounded_digits() {
        let number = |digits: usize| format!("{}1", "0".repeat(digits - 1));
        for form in [
            |number: String| format!("{number}s"),
            |number: String| format!("0.{number}s"),
        ] {
            assert!(duration(&form(number(MAX_DIGITS))).is_some());
            assert!(duration(&form(number(MAX_DIGITS + 1))).is_none());
        }
    }
}
