//! Answers of a registry as text: an input of the fuzzer that is easily written, and easily changed.
//!
//! ```text
//! manifests 401
//! www-authenticate: Bearer realm="http://auth.example/token",service="registry.example"
//!
//! =====
//! token 200
//! content-type: application/json
//!
//! {"token":"abc"}
//! ```
//!
//! Each part answers one request of its kind, in this order; where none is left the registry is honest.

use std::collections::VecDeque;

/// What stands between two answers.
const BETWEEN: &[u8] = b"\n=====\n";
/// Answers of one input; the rest is ignored.
const MAX_ANSWERS: usize = 32;
/// Header lines of one answer; the rest is ignored.
const MAX_HEADERS: usize = 32;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Manifests,
    Blobs,
    Referrers,
    Token,
    Other,
}

impl Kind {
    const NAMES: [(&str, Self); 5] = [
        ("manifests", Self::Manifests),
        ("blobs", Self::Blobs),
        ("referrers", Self::Referrers),
        ("token", Self::Token),
        ("other", Self::Other),
    ];

    /// The kind of a request for this path.
    pub fn of_path(path: &str) -> Self {
        let named = |(name, _): &&(&str, Self)| path.contains(&format!("/{name}"));
        Self::NAMES
            .iter()
            .find(named)
            .map_or(Self::Other, |(_, kind)| *kind)
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: Kind,
    pub status: u16,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// Reads the answers of an input; what is none is skipped.
pub fn parse(input: &[u8]) -> VecDeque<Answer> {
    split(input, BETWEEN)
        .filter_map(answer)
        .take(MAX_ANSWERS)
        .collect()
}

fn answer(text: &[u8]) -> Option<Answer> {
    let (head, body) = match find(text, b"\n\n") {
        Some(place) => (text.get(..place)?, text.get(place + 2..)?),
        None => (text, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (name, status) = first.split_once(' ')?;
    let (_, kind) = Kind::NAMES.iter().find(|(known, _)| *known == name)?;
    let headers = lines.filter_map(|line| {
        let colon = find(line, b":")?;
        let value = line.get(colon + 1..)?.trim_ascii();
        Some((line.get(..colon)?.to_vec(), value.to_vec()))
    });
    Some(Answer {
        kind: *kind,
        // What is below is no final answer, and a client waits for another one behind it.
        status: status
            .parse()
            .ok()
            .filter(|status| (200..=999).contains(status))?,
        headers: headers.take(MAX_HEADERS).collect(),
        body: body.to_vec(),
    })
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn split<'a>(text: &'a [u8], between: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let Some(place) = find(now, between) else {
            return rest.take();
        };
        rest = now.get(place + between.len()..);
        now.get(..place)
    })
}
