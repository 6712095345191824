//! Composer: `Composer\Semver\VersionParser::normalize`, then PHP's `version_compare`.

use std::cmp::Ordering;

use super::text::{digits, is_number, number_texts, padded};

/// Spellings of stability with their order, longest first; a plain version has `STABLE`.
const STABILITIES: [(&str, u8); 9] = [
    ("stable", STABLE),
    ("alpha", 0),
    ("patch", 4),
    ("beta", 1),
    ("rc", 2),
    ("pl", 4),
    ("a", 0),
    ("b", 1),
    ("p", 4),
];

/// The order of a plain version.
const STABLE: u8 = 3;

/// Numbers of a version.
const MAX_NUMBERS: usize = 4;

/// A version, taken apart.
struct Version<'a> {
    numbers: Vec<&'a str>,
    stability: u8,
    iterations: Vec<&'a str>,
    is_release: bool,
}

/// Branches (`dev-main`, `1.x-dev`) have no order.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    let (a, b) = (parse(&a)?, parse(&b)?);
    Some(
        padded(&a.numbers, &b.numbers)
            .then_with(|| a.stability.cmp(&b.stability))
            .then_with(|| iterations(&a, &b)),
    )
}

/// `beta-dev`, `beta`, `beta1`, `beta1.1`: numbers are newer than the end, `dev` is older.
fn iterations(a: &Version<'_>, b: &Version<'_>) -> Ordering {
    let mut at = 0;
    loop {
        let order = match (a.iterations.get(at), b.iterations.get(at)) {
            (Some(a), Some(b)) => number_texts(a, b),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (None, None) => return a.is_release.cmp(&b.is_release),
        };
        if order.is_ne() {
            return order;
        }
        at += 1;
    }
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (core, mut rest) = text.split_at(end.unwrap_or(text.len()));
    // The dot may belong to what follows: `1.0.beta1`.
    let core = core
        .strip_suffix('.')
        .filter(|_| !rest.is_empty())
        .unwrap_or(core);
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() > MAX_NUMBERS || !numbers.iter().all(|number| is_number(number)) {
        return None;
    }
    let mut version = Version {
        numbers,
        stability: STABLE,
        iterations: Vec::new(),
        is_release: true,
    };
    let known = STABILITIES.iter().find_map(|(word, order)| {
        let after = without_separator(rest, "._-").strip_prefix(word)?;
        Some((*order, after))
    });
    if let Some((order, after)) = known {
        version.stability = order;
        rest = after;
        loop {
            let (number, after) = digits(without_separator(rest, ".-"));
            if number.is_empty() {
                break;
            }
            // `normalize` drops what follows `stable`.
            if order != STABLE {
                version.iterations.push(number);
            }
            rest = after;
        }
    }
    if without_separator(rest, ".-") == "dev" {
        version.is_release = false;
        rest = "";
    }
    rest.is_empty().then_some(version)
}

fn without_separator<'a>(text: &'a str, separators: &str) -> &'a str {
    text.strip_prefix(|c| separators.contains(c))
        .unwrap_or(text)
}
