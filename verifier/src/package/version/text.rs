//! Pieces of text that several schemes take apart in the same way.

use std::cmp::Ordering;

/// Splits after the bytes that fit.
pub(super) fn span(text: &[u8], fits: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !fits(*byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// Splits after the leading ASCII digits.
pub(super) fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// Whether the text is a number.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Compares numbers of any length; an empty one is zero.
pub(super) fn numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (_, a) = span(a, |byte| byte == b'0');
    let (_, b) = span(b, |byte| byte == b'0');
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Compares numbers of any length.
pub(super) fn number_texts(a: &str, b: &str) -> Ordering {
    numbers(a.as_bytes(), b.as_bytes())
}

/// Compares lists of numbers; what is missing counts as zero.
pub(super) fn padded(a: &[&str], b: &[&str]) -> Ordering {
    let length = a.len().max(b.len());
    (0..length)
        .map(|at| number_texts(a.get(at).unwrap_or(&""), b.get(at).unwrap_or(&"")))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Splits `epoch:rest`; no epoch is an empty one, which counts as zero.
pub(super) fn epoch(text: &str) -> Option<(&str, &str)> {
    match text.split_once(':') {
        None => Some(("", text)),
        Some((epoch, rest)) => is_number(epoch).then_some((epoch, rest)),
    }
}
