//! Arch Linux: vercmp(8), `lib/libalpm/version.c`.

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
    // PKGBUILD(5) allows no such version, and with separators at its ends vercmp's order has circles.
    let is_word = |text: &str| {
        let ends = [text.chars().next(), text.chars().next_back()];
        ends.iter()
            .all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric()))
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let fits = is_word(version) && (release.is_empty() || is_word(release));
    (fits && !rest.contains(':')).then_some((epoch, version, release))
}

/// `rpmvercmp` as it was before `~` and `^`, with longer separators winning.
fn segments(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (separator_a, rest_a) = span(a, |byte| !byte.is_ascii_alphanumeric());
        let (separator_b, rest_b) = span(b, |byte| !byte.is_ascii_alphanumeric());
        let (Some(x), Some(y)) = (rest_a.first(), rest_b.first()) else {
            return remainder(a, b);
        };
        let separators = separator_a.len().cmp(&separator_b.len());
        if separators.is_ne() {
            return separators;
        }
        let numeric = x.is_ascii_digit();
        if numeric != y.is_ascii_digit() {
            return numeric.cmp(&y.is_ascii_digit());
        }
        let fits = |byte: u8| {
            if numeric {
                byte.is_ascii_digit()
            } else {
                byte.is_ascii_alphabetic()
            }
        };
        let (segment_a, tail_a) = span(rest_a, fits);
        let (segment_b, tail_b) = span(rest_b, fits);
        let order = if numeric {
            numbers(segment_a, segment_b)
        } else {
            segment_a.cmp(segment_b)
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (tail_a, tail_b);
    }
}

/// One side has no further segment: a word that follows directly (`1.0rc`) is older than the end,
/// anything else is newer.
fn remainder(mut a: &[u8], mut b: &[u8]) -> Ordering {
    if !a.is_empty() && !b.is_empty() {
        (_, a) = span(a, |byte| !byte.is_ascii_alphanumeric());
        (_, b) = span(b, |byte| !byte.is_ascii_alphanumeric());
    }
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    match (a.first(), b.first()) {
        (None, None) => Ordering::Equal,
        (None, next) if !is_word(next) => Ordering::Less,
        (next, _) if is_word(next) => Ordering::Less,
        _ => Ordering::Greater,
    }
}
