//! Maven: the "Version Order Specification" of the POM reference, as `ComparableVersion` computes it.
//!
//! A version is a list whose last element may be a list, and so on: a hyphen, or a change between digits
//! and letters, opens the next one. As the only nested list is the last element, the nesting is kept flat
//! as a sequence of lists, and nothing recurses.
//!
//! Maven's own order has circles among versions with a word between dots and hyphens, as
//! `1-x > 1 > 1.0.alpha-1 > 1-x`; we keep them, for these are the answers that Maven gives.

use std::cmp::Ordering;

use super::text::{number_texts, span};

/// The qualifiers that have a place, in their order; any other sorts after them by its text.
const QUALIFIERS: [&[&str]; 7] = [
    &["alpha"],
    &["beta"],
    &["milestone"],
    &["rc", "cr"],
    &["snapshot"],
    &["", "ga", "final", "release"],
    &["sp"],
];

/// The place of a release in `QUALIFIERS`.
const RELEASE: usize = 5;

/// One element of a list that is no list.
#[derive(Clone, Copy, Debug)]
enum Atom<'a> {
    Number(&'a str),
    Word { rank: usize, text: &'a str },
}

/// What stands at a position of a list.
#[derive(Clone, Copy)]
enum Item<'a> {
    Atom(Atom<'a>),
    List,
    Nothing,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if a.trim().is_empty() || b.trim().is_empty() {
        return None;
    }
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    Some(lists(&parse(&a), &parse(&b)))
}

fn lists(a: &[Vec<Atom<'_>>], b: &[Vec<Atom<'_>>]) -> Ordering {
    let mut depth = 0;
    let mut at = 0;
    loop {
        let order = match (item(a, depth, at), item(b, depth, at)) {
            (Item::Nothing, Item::Nothing) => return Ordering::Equal,
            (Item::List, Item::List) => {
                (depth, at) = (depth + 1, 0);
                continue;
            }
            (Item::List, Item::Nothing) => return against_nothing(a, depth + 1),
            (Item::Nothing, Item::List) => return against_nothing(b, depth + 1).reverse(),
            (Item::Atom(a), Item::Atom(b)) => atoms(a, b),
            (Item::Atom(a), Item::List) => against_list(a),
            (Item::List, Item::Atom(b)) => against_list(b).reverse(),
            (Item::Atom(a), Item::Nothing) => padding(a),
            (Item::Nothing, Item::Atom(b)) => padding(b).reverse(),
        };
        if order.is_ne() {
            return order;
        }
        at += 1;
    }
}

fn item<'a>(lists: &[Vec<Atom<'a>>], depth: usize, at: usize) -> Item<'a> {
    let Some(list) = lists.get(depth) else {
        return Item::Nothing;
    };
    match list.get(at) {
        Some(atom) => Item::Atom(*atom),
        None if at == list.len() && depth + 1 < lists.len() => Item::List,
        None => Item::Nothing,
    }
}

fn atoms(a: Atom<'_>, b: Atom<'_>) -> Ordering {
    match (a, b) {
        (Atom::Number(a), Atom::Number(b)) => number_texts(a, b),
        (Atom::Number(_), Atom::Word { .. }) => Ordering::Greater,
        (Atom::Word { .. }, Atom::Number(_)) => Ordering::Less,
        (Atom::Word { rank, text }, Atom::Word { rank: r, text: t }) => {
            rank.cmp(&r).then_with(|| text.cmp(t))
        }
    }
}

/// `1-1 < 1.0.x` and `1.any < 1-1`.
fn against_list(atom: Atom<'_>) -> Ordering {
    match atom {
        Atom::Number(_) => Ordering::Greater,
        Atom::Word { .. } => Ordering::Less,
    }
}

/// Compares with what the shorter version is padded with.
fn padding(atom: Atom<'_>) -> Ordering {
    match atom {
        Atom::Number(number) => number_texts(number, ""),
        Atom::Word { rank, .. } => rank.cmp(&RELEASE),
    }
}

fn against_nothing(lists: &[Vec<Atom<'_>>], from: usize) -> Ordering {
    let atoms = lists.iter().skip(from).flatten();
    atoms
        .map(|atom| padding(*atom))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn parse(text: &str) -> Vec<Vec<Atom<'_>>> {
    let mut lists = Lists(vec![Vec::new()]);
    let mut rest = text;
    // Tokens are runs of digits or of anything else, between `.`, `-` and changes of kind.
    loop {
        let bytes = rest.as_bytes();
        let numeric = bytes.first().is_some_and(u8::is_ascii_digit);
        let (token, _) = span(bytes, |byte| {
            byte != b'.' && byte != b'-' && byte.is_ascii_digit() == numeric
        });
        // Tokens end at ASCII bytes or at the end, so the split is between characters.
        let (token, after) = rest.split_at_checked(token.len()).unwrap_or((rest, ""));
        let next = after.chars().next();
        match (numeric, next) {
            _ if token.is_empty() && next.is_none() => break,
            // Empty tokens count as zero.
            _ if token.is_empty() => lists.add(Atom::Number("")),
            (true, _) => lists.add(Atom::Number(token)),
            (false, Some(c)) if c.is_ascii_digit() => {
                lists.open();
                lists.add(word(token, Followed::ByDigit));
            }
            (false, None) => {
                // `.X` is treated as `-X` at the end.
                lists.open();
                lists.add(word(token, Followed::ByNone));
            }
            (false, Some(_)) => lists.add(word(token, Followed::ByNone)),
        }
        match next {
            None => break,
            Some('.') => rest = after.strip_prefix('.').unwrap_or_default(),
            Some('-') => {
                lists.open_always();
                rest = after.strip_prefix('-').unwrap_or_default();
            }
            Some(_) => {
                lists.open_always();
                rest = after;
            }
        }
    }
    lists.trimmed()
}

/// What stands directly after a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Followed {
    ByDigit,
    ByNone,
}

/// `a`, `b` and `m` are short only when a number follows directly.
fn word(text: &str, followed: Followed) -> Atom<'_> {
    let full = match (text, followed) {
        ("a", Followed::ByDigit) => "alpha",
        ("b", Followed::ByDigit) => "beta",
        ("m", Followed::ByDigit) => "milestone",
        _ => text,
    };
    let rank = QUALIFIERS.iter().position(|names| names.contains(&full));
    match rank {
        Some(rank) => Atom::Word { rank, text: "" },
        None => Atom::Word {
            rank: QUALIFIERS.len(),
            text: full,
        },
    }
}

/// The lists while they are read; there is always one.
struct Lists<'a>(Vec<Vec<Atom<'a>>>);

impl<'a> Lists<'a> {
    fn add(&mut self, atom: Atom<'a>) {
        if let Some(list) = self.0.last_mut() {
            list.push(atom);
        }
    }

    fn open(&mut self) {
        if self.0.last().is_some_and(|list| !list.is_empty()) {
            self.open_always();
        }
    }

    fn open_always(&mut self) {
        self.0.push(Vec::new());
    }

    /// Trailing nulls count for nothing, "repeated at each remaining hyphen from end to start": what then
    /// is empty and opened by a hyphen is gone with its hyphen (`1-ga-1` is `1-1`).
    fn trimmed(mut self) -> Vec<Vec<Atom<'a>>> {
        for list in &mut self.0 {
            while list.last().is_some_and(|atom| padding(*atom).is_eq()) {
                list.pop();
            }
        }
        let mut is_first = true;
        self.0
            .retain(|list| std::mem::take(&mut is_first) || !list.is_empty());
        self.0
    }
}
