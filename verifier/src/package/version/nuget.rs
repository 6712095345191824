//! `NuGet`: `NuGetVersion`, <https://learn.microsoft.com/nuget/concepts/package-versioning>.

use std::cmp::Ordering;

use super::semver::{are_labels, labels};
use super::text::{is_number, padded};

/// Numbers of a version: major, minor, patch and the revision of .NET.
const MAX_NUMBERS: usize = 4;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    let ((numbers_a, labels_a), (numbers_b, labels_b)) = (split(&a)?, split(&b)?);
    Some(
        padded(&numbers_a, &numbers_b).then_with(|| match (labels_a, labels_b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => labels(a, b),
        }),
    )
}

/// Numbers and labels; build metadata does not count.
fn split(text: &str) -> Option<(Vec<&str>, Option<&str>)> {
    let (rest, build) = text
        .split_once('+')
        .map_or((text, None), |(r, b)| (r, Some(b)));
    let (core, labels) = rest
        .split_once('-')
        .map_or((rest, None), |(c, l)| (c, Some(l)));
    let numbers: Vec<&str> = core.split('.').collect();
    let fits = numbers.len() <= MAX_NUMBERS
        && numbers.iter().all(|number| is_number(number))
        && labels.is_none_or(are_labels)
        && build.is_none_or(are_labels);
    fits.then_some((numbers, labels))
}
