//! RPM: rpm-version(7), `rpmio/rpmvercmp.cc`.

use std::cmp::Ordering;

use super::text::{epoch, numbers, span};

/// Compares epoch, version and release. A missing release sorts before every release, which keeps the
/// order total; ranges know better (`Scheme::compare_to_bound`).
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (left, right) = (split(a)?, split(b)?);
    let epochs = numbers(left.0.as_bytes(), right.0.as_bytes());
    Some(
        epochs
            .then_with(|| segments(left.1.as_bytes(), right.1.as_bytes()))
            .then_with(|| segments(left.2.as_bytes(), right.2.as_bytes())),
    )
}

fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (epoch, rest) = epoch(text)?;
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let fits = !version.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic());
    (fits && !rest.contains(':')).then_some((epoch, version, release))
}

/// `rpmvercmp`: segments of digits or letters, `~` before and `^` after the end.
fn segments<'a>(mut a: &'a [u8], mut b: &'a [u8]) -> Ordering {
    loop {
        (_, a) = span(a, is_separator);
        (_, b) = span(b, is_separator);
        let places = place(a).cmp(&place(b));
        let (Some(first), false) = (a.first(), places.is_ne()) else {
            return places;
        };
        let order;
        (order, a, b) = if place(a) == SEGMENT {
            segment(a, b, first.is_ascii_digit())
        } else {
            (Ordering::Equal, tail(a), tail(b))
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares the first segments and leaves the rests. Numbers are newer than words.
fn segment<'a>(a: &'a [u8], b: &'a [u8], numeric: bool) -> (Ordering, &'a [u8], &'a [u8]) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() && byte.is_ascii_digit() == numeric;
    let ((left, rest_a), (right, rest_b)) = (span(a, fits), span(b, fits));
    let order = match (numeric, right.is_empty()) {
        (true, true) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (true, false) => numbers(left, right),
        (false, false) => left.cmp(right),
    };
    (order, rest_a, rest_b)
}

/// The place of digits and letters in the order of what may come next.
const SEGMENT: u8 = 3;

/// What comes next, in its order: `~`, the end, `^`, a segment.
fn place(text: &[u8]) -> u8 {
    match text.first() {
        Some(b'~') => 0,
        None => 1,
        Some(b'^') => 2,
        Some(_) => SEGMENT,
    }
}

fn is_separator(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^'
}

fn tail(text: &[u8]) -> &[u8] {
    text.split_first().map_or(text, |(_, rest)| rest)
}
