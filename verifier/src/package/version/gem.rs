//! `RubyGems`: `Gem::Version`.

use std::cmp::Ordering;

use super::text::{is_number, number_texts, span};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (left, right) = (canonical(a)?, canonical(b)?);
    let length = left.len().max(right.len());
    for at in 0..length {
        let a = left.get(at).map_or("0", String::as_str);
        let b = right.get(at).map_or("0", String::as_str);
        let order = match (is_number(a), is_number(b)) {
            (true, true) => number_texts(a, b),
            // Words make a pre-release.
            (false, true) => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, false) => a.cmp(b),
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// `Gem::Version#canonical_segments`: without the zeros at the end and before the first word.
fn canonical(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let (release, labels) = text
        .split_once('-')
        .map_or((text, None), |(r, l)| (r, Some(l)));
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let label = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let mut parts = release.split('.');
    let fits = parts.next().is_some_and(is_number)
        && parts.all(word)
        && labels.is_none_or(|labels| labels.split('.').all(label));
    if !fits {
        return None;
    }
    let segments = segments(&text.replace('-', ".pre."));
    let first_word = segments.iter().position(|segment| !is_number(segment));
    let (numbers, words) = segments.split_at_checked(first_word.unwrap_or(segments.len()))?;
    Some([without_zeros(numbers), without_zeros(words)].concat())
}

/// Runs of digits and runs of letters.
fn segments(text: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for part in text.split('.') {
        let mut rest = part.as_bytes();
        while let Some(first) = rest.first() {
            let numeric = first.is_ascii_digit();
            let (segment, after) = span(rest, |byte| byte.is_ascii_digit() == numeric);
            segments.push(String::from_utf8_lossy(segment).into_owned());
            rest = after;
        }
    }
    segments
}

fn without_zeros(segments: &[String]) -> &[String] {
    let is_zero = |segment: &String| segment.bytes().all(|byte| byte == b'0');
    let kept = segments.iter().rposition(|segment| !is_zero(segment));
    let kept = kept.map_or(0, |at| at + 1);
    segments
        .split_at_checked(kept)
        .map_or(segments, |(kept, _)| kept)
}
