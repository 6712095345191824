//! Debian: deb-version(7), Debian Policy section 5.6.12, `dpkg/lib/dpkg/version.c`.

use std::cmp::Ordering;

use super::text::{epoch, numbers, span};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (left, right) = (split(a)?, split(b)?);
    let epochs = numbers(left.0.as_bytes(), right.0.as_bytes());
    Some(
        epochs
            .then_with(|| part(left.1.as_bytes(), right.1.as_bytes()))
            .then_with(|| part(left.2.as_bytes(), right.2.as_bytes())),
    )
}

/// Epoch, upstream version and revision. A missing revision sorts as `0` does.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (epoch, rest) = epoch(text)?;
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (rest, ""),
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".+~".contains(&byte);
    let fits = !upstream.is_empty()
        && upstream.bytes().all(|b| known(b) || b == b'-' || b == b':')
        && revision.bytes().all(known);
    fits.then_some((epoch, upstream, revision))
}

/// Compares alternately what is no digit, character by character, and what is.
fn part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (words_a, rest_a) = span(a, |byte| !byte.is_ascii_digit());
        let (words_b, rest_b) = span(b, |byte| !byte.is_ascii_digit());
        let (digits_a, tail_a) = span(rest_a, |byte| byte.is_ascii_digit());
        let (digits_b, tail_b) = span(rest_b, |byte| byte.is_ascii_digit());
        let order = words(words_a, words_b).then_with(|| numbers(digits_a, digits_b));
        if order.is_ne() {
            return order;
        }
        (a, b) = (tail_a, tail_b);
    }
    Ordering::Equal
}

fn words(a: &[u8], b: &[u8]) -> Ordering {
    let length = a.len().max(b.len());
    (0..length)
        .map(|at| weight(a.get(at)).cmp(&weight(b.get(at))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// `~` sorts before the end, the end before letters, letters before the rest.
fn weight(byte: Option<&u8>) -> (u8, u8) {
    match byte {
        Some(b'~') => (0, 0),
        None => (1, 0),
        Some(byte) if byte.is_ascii_alphabetic() => (2, *byte),
        Some(byte) => (3, *byte),
    }
}
