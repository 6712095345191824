//! Versions of which no rule is known.

use std::cmp::Ordering;

use super::text::{is_number, padded};

/// Equal texts are equal and dotted numbers have their usual order; anything else is unknown.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    let numbers = |text: &'_ str| text.split('.').all(is_number);
    if !numbers(a) || !numbers(b) {
        return None;
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('.').collect(), b.split('.').collect());
    Some(padded(&a, &b))
}
