//! Semantic Versioning 2.0.0 (<https://semver.org>), sections 9 to 11.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::text::{is_number, number_texts};

/// A version, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Version<'a> {
    pub(super) core: [&'a str; 3],
    pub(super) labels: Option<&'a str>,
    pub(super) build: Option<&'a str>,
}

/// Compares by precedence: build metadata is ignored (section 10).
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (strict(a)?, strict(b)?);
    Some(precedence(&a, &b))
}

/// Compares as pub.dev does (package `pub_semver`, `Version.compareTo`): leading zeros are accepted and
/// build metadata breaks ties.
pub(super) fn compare_pub(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    let build = match (a.build, b.build) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => labels(a, b),
    };
    Some(precedence(&a, &b).then(build))
}

/// Compares two versions that have been taken apart (section 11).
pub(super) fn precedence(a: &Version<'_>, b: &Version<'_>) -> Ordering {
    let core = a.core.iter().zip(&b.core).map(|(a, b)| number_texts(a, b));
    let core = core.fold(Ordering::Equal, Ordering::then);
    core.then_with(|| match (a.labels, b.labels) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => labels(a, b),
    })
}

/// Completes `2` and `2.1` to three numbers; anything else stays as it is.
pub(super) fn completed(text: &str) -> Cow<'_, str> {
    if !text
        .strip_prefix('v')
        .unwrap_or(text)
        .split('.')
        .all(is_number)
    {
        return Cow::Borrowed(text);
    }
    match text.split('.').count() {
        1 => Cow::Owned(format!("{text}.0.0")),
        2 => Cow::Owned(format!("{text}.0")),
        _ => Cow::Borrowed(text),
    }
}

/// A version in which numbers have no leading zeros (sections 2 and 9).
pub(super) fn strict(text: &str) -> Option<Version<'_>> {
    let version = split(text)?;
    let padded = |text: &str| text.len() > 1 && text.starts_with('0') && is_number(text);
    let wrong = version.core.iter().any(|number| padded(number))
        || version
            .labels
            .is_some_and(|labels| labels.split('.').any(padded));
    (!wrong).then_some(version)
}

fn split(text: &str) -> Option<Version<'_>> {
    let (rest, build) = match text.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (text, None),
    };
    let (core, labels) = match rest.split_once('-') {
        Some((core, labels)) => (core, Some(labels)),
        None => (rest, None),
    };
    let mut numbers = core.split('.');
    let core = [numbers.next()?, numbers.next()?, numbers.next()?];
    let fits = numbers.next().is_none()
        && core.iter().all(|number| is_number(number))
        && labels.is_none_or(are_labels)
        && build.is_none_or(are_labels);
    fits.then_some(Version {
        core,
        labels,
        build,
    })
}

/// Dot-separated identifiers of letters, digits and `-`, none of them empty.
pub(super) fn are_labels(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(known))
}

/// Section 11.4: numbers by value and before words, words by ASCII, and more labels win.
pub(super) fn labels(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => number_texts(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}
