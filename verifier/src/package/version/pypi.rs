//! Python: PEP 440, as the package `packaging` reads and orders it.

use std::cmp::Ordering;

use super::text::{digits, is_number, number_texts, padded};

/// Spellings of pre-releases with their order, longest first (PEP 440, "Pre-release spelling").
const PRE: [(&str, u8); 8] = [
    ("alpha", 0),
    ("a", 0),
    ("beta", 1),
    ("b", 1),
    ("preview", 2),
    ("pre", 2),
    ("rc", 2),
    ("c", 2),
];

/// Spellings of post-releases, longest first.
const POST: [&str; 3] = ["post", "rev", "r"];

/// A version, taken apart; absent numbers are empty texts, which count as zero.
#[derive(Debug, Default)]
struct Version<'a> {
    epoch: &'a str,
    release: Vec<&'a str>,
    pre: Option<(u8, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Option<Vec<&'a str>>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    let (a, b) = (parse(&a)?, parse(&b)?);
    Some(
        number_texts(a.epoch, b.epoch)
            .then_with(|| padded(&a.release, &b.release))
            .then_with(|| pre(&a, &b))
            .then_with(|| optional(a.post, b.post))
            .then_with(|| match (a.dev, b.dev) {
                (Some(a), Some(b)) => number_texts(a, b),
                // A development release comes before what it develops.
                (a, b) => a.is_none().cmp(&b.is_none()),
            })
            .then_with(|| local(a.local.as_deref(), b.local.as_deref())),
    )
}

/// A development release of nothing else sorts before every pre-release, and no pre-release after.
fn pre(a: &Version<'_>, b: &Version<'_>) -> Ordering {
    let tier = |version: &Version<'_>| match version {
        Version { pre: Some(_), .. } => 1,
        Version {
            post: None,
            dev: Some(_),
            ..
        } => 0,
        _ => 2,
    };
    tier(a).cmp(&tier(b)).then_with(|| match (a.pre, b.pre) {
        (Some((a, n)), Some((b, m))) => a.cmp(&b).then_with(|| number_texts(n, m)),
        _ => Ordering::Equal,
    })
}

fn optional(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => number_texts(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Local versions: none first, words before numbers, more segments last.
fn local(a: Option<&[&str]>, b: Option<&[&str]>) -> Ordering {
    let (Some(left), Some(right)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    let mut pairs = left.iter().zip(right);
    let difference = pairs.find_map(|(a, b)| {
        let order = match (is_number(a), is_number(b)) {
            (true, true) => number_texts(a, b),
            (false, false) => a.cmp(b),
            (a, b) => a.cmp(&b),
        };
        order.is_ne().then_some(order)
    });
    difference.unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// Reads the pattern of PEP 440, appendix B; the text is in lower case.
fn parse(text: &str) -> Option<Version<'_>> {
    let mut version = Version::default();
    let mut rest = text.strip_prefix('v').unwrap_or(text);
    if let Some((epoch, after)) = rest.split_once('!') {
        version.epoch = is_number(epoch).then_some(epoch)?;
        rest = after;
    }
    loop {
        let (number, after) = digits(rest);
        if number.is_empty() {
            return None;
        }
        version.release.push(number);
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    if let Some((order, number, after)) = PRE
        .iter()
        .find_map(|(word, order)| labelled(rest, word).map(|(n, after)| (*order, n, after)))
    {
        version.pre = Some((order, number));
        rest = after;
    }
    if let Some((number, after)) = post(rest) {
        version.post = Some(number);
        rest = after;
    }
    if let Some((number, after)) = labelled(rest, "dev") {
        version.dev = Some(number);
        rest = after;
    }
    if let Some(local) = rest.strip_prefix('+') {
        let segments: Vec<&str> = local.split(is_separator).collect();
        let known = |segment: &&str| {
            !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !segments.iter().all(known) {
            return None;
        }
        version.local = Some(segments);
        rest = "";
    }
    rest.is_empty().then_some(version)
}

fn post(rest: &str) -> Option<(&str, &str)> {
    if let Some((number, after)) = rest.strip_prefix('-').map(digits)
        && !number.is_empty()
    {
        return Some((number, after));
    }
    POST.iter().find_map(|word| labelled(rest, word))
}

/// A word with its number, with or without separators: `.post1`, `-rc.1`, `dev`.
fn labelled<'a>(rest: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let after = without_separator(rest).strip_prefix(word)?;
    Some(digits(without_separator(after)))
}

fn without_separator(text: &str) -> &str {
    text.strip_prefix(is_separator).unwrap_or(text)
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | '.')
}
