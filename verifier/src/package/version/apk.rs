//! Alpine: apk-package(5), `apk-tools/src/version.c`.
//!
//! `digits{.digits}…{letter}{_suffix{digits}}…{~hash}{-rdigits}`.

use std::cmp::Ordering;

use super::text::{digits, number_texts};

/// Suffixes before and after the plain version, in their order.
const SUFFIXES: [(&str, i8); 9] = [
    ("alpha", -4),
    ("beta", -3),
    ("pre", -2),
    ("rc", -1),
    ("cvs", 1),
    ("svn", 2),
    ("git", 3),
    ("hg", 4),
    ("p", 5),
];

/// A token; a later kind than another in the same place means an older version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    First(&'a str),
    Number(&'a str),
    Letter(char),
    Suffix(i8),
    SuffixNumber(&'a str),
    Hash(&'a str),
    Revision(&'a str),
    End,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (left, right) = (tokens(a)?, tokens(b)?);
    let mut pairs = left.iter().zip(&right);
    let difference = pairs.find_map(|(a, b)| {
        let order = token(*a, *b);
        order.is_ne().then_some(order)
    });
    Some(difference.unwrap_or(Ordering::Equal))
}

fn token(a: Token<'_>, b: Token<'_>) -> Ordering {
    match (a, b) {
        // Numbers after the first that begin with zero are fractions.
        (Token::Number(a), Token::Number(b)) if a.starts_with('0') || b.starts_with('0') => {
            a.cmp(b)
        }
        (Token::First(a), Token::First(b))
        | (Token::Number(a), Token::Number(b))
        | (Token::SuffixNumber(a), Token::SuffixNumber(b))
        | (Token::Revision(a), Token::Revision(b)) => number_texts(a, b),
        (Token::Letter(a), Token::Letter(b)) => a.cmp(&b),
        (Token::Suffix(a), Token::Suffix(b)) => a.cmp(&b),
        (Token::Hash(a), Token::Hash(b)) => a.cmp(b),
        (Token::Suffix(suffix), _) if suffix < 0 => Ordering::Less,
        (_, Token::Suffix(suffix)) if suffix < 0 => Ordering::Greater,
        (a, b) => rank(b).cmp(&rank(a)),
    }
}

fn rank(token: Token<'_>) -> u8 {
    match token {
        Token::First(_) => 0,
        Token::Number(_) => 1,
        Token::Letter(_) => 2,
        Token::Suffix(_) => 3,
        Token::SuffixNumber(_) => 4,
        Token::Hash(_) => 5,
        Token::Revision(_) => 6,
        Token::End => 7,
    }
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let (first, mut rest) = digits(text);
    if first.is_empty() {
        return None;
    }
    let mut tokens = vec![Token::First(first)];
    while let Some(after) = rest.strip_prefix('.') {
        let (number, after) = digits(after);
        if number.is_empty() {
            return None;
        }
        tokens.push(Token::Number(number));
        rest = after;
    }
    if let Some(letter) = rest.chars().next().filter(char::is_ascii_lowercase) {
        tokens.push(Token::Letter(letter));
        rest = rest.strip_prefix(letter)?;
    }
    while let Some(after) = rest.strip_prefix('_') {
        let end = after.find(|c: char| !c.is_ascii_lowercase());
        let (word, after) = after.split_at(end.unwrap_or(after.len()));
        let (_, order) = SUFFIXES.iter().find(|(suffix, _)| *suffix == word)?;
        tokens.push(Token::Suffix(*order));
        let (number, after) = digits(after);
        if !number.is_empty() {
            tokens.push(Token::SuffixNumber(number));
        }
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('~') {
        let end = after.find(|c: char| !matches!(c, '0'..='9' | 'a'..='f'));
        let (hash, after) = after.split_at(end.unwrap_or(after.len()));
        if hash.is_empty() {
            return None;
        }
        tokens.push(Token::Hash(hash));
        rest = after;
    }
    if let Some(after) = rest.strip_prefix("-r") {
        let (number, after) = digits(after);
        if number.is_empty() {
            return None;
        }
        tokens.push(Token::Revision(number));
        rest = after;
    }
    tokens.push(Token::End);
    rest.is_empty().then_some(tokens)
}
