//! Lies about bytes: one bit, another way to write the same, another structure around them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use serde_json::Value;

use super::Draft;
use super::tree::{choose, places, shape};
use crate::random::Random;

/// Fields that hold bytes in base64, by the last name of their place.
const BYTES: [&str; 11] = [
    "rawBytes",
    "signature",
    "digest",
    "payload",
    "sig",
    "canonicalizedBody",
    "signedEntryTimestamp",
    "rootHash",
    "hashes",
    "keyId",
    "signedTimestamp",
];

/// Of those, the ones that hold DER.
const DER: [&str; 5] = [
    "rawBytes",
    "signature",
    "sig",
    "signedEntryTimestamp",
    "signedTimestamp",
];

/// The name of the field that a place belongs to.
fn field(place: &str) -> &str {
    let name = |name: &&str| name.chars().any(|letter| !letter.is_ascii_digit());
    place.rsplit('/').find(name).unwrap_or_default()
}

fn texts(tree: &Value) -> impl Iterator<Item = String> {
    let text = move |place: &String| tree.pointer(place).is_some_and(Value::is_string);
    places(tree).into_iter().filter(text)
}

/// A place that holds bytes, and the bytes.
fn bytes(draft: &Draft<'_>, fields: &[&str], random: &mut Random) -> Option<(String, Vec<u8>)> {
    let wanted = |place: &String| fields.contains(&field(place));
    let place = choose(texts(&draft.tree).filter(wanted).collect(), random)?;
    let text = draft.tree.pointer(&place)?.as_str()?;
    let bytes = STANDARD
        .decode(text)
        .ok()
        .filter(|bytes| !bytes.is_empty())?;
    Some((place, bytes))
}

pub(super) fn put(draft: &mut Draft<'_>, place: &str, text: String) -> Option<()> {
    *draft.tree.pointer_mut(place)? = Value::String(text);
    Some(())
}

/// One bit of a field that holds bytes, or one character of another text.
pub(super) fn flip(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let place = choose(texts(&draft.tree).collect(), random)?;
    let text = draft.tree.pointer(&place)?.as_str()?.to_owned();
    let changed = if BYTES.contains(&field(&place)) {
        let mut bytes = STANDARD.decode(&text).ok()?;
        let at = random.below(bytes.len());
        *bytes.get_mut(at)? ^= 1_u8 << random.below(8);
        STANDARD.encode(bytes)
    } else {
        let mut letters: Vec<char> = text.chars().collect();
        let at = random.below(letters.len());
        let letter = letters.get_mut(at)?;
        let other = *random.pick(&['0', '1', 'a', 'B', ' ', '\n', '-', '\u{0}', 'é']);
        (*letter != other).then(|| *letter = other)?;
        letters.into_iter().collect()
    };
    put(draft, &place, changed)?;
    Some(shape(&place))
}

/// The same bytes, written in another way than RFC 4648, section 4.
pub(super) fn encoding(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let (place, bytes) = bytes(draft, &BYTES, random)?;
    let text = STANDARD.encode(&bytes);
    let middle = text.len() / 2;
    let (way, changed) = match random.below(9) {
        0 => ("url-safe", URL_SAFE.encode(&bytes)),
        1 => ("unpadded", STANDARD_NO_PAD.encode(&bytes)),
        2 => ("padded twice", format!("{text}==")),
        3 => (
            "new line inside",
            format!("{}\n{}", &text[..middle], &text[middle..]),
        ),
        4 => ("new line after", format!("{text}\n")),
        5 => ("space before", format!(" {text}")),
        6 => ("spare bits set", spare_bits(&text)?),
        7 => ("more after the padding", format!("{text}AAAA")),
        _ => (
            "other letters",
            format!("{}*{}", &text[..middle], &text[middle..]),
        ),
    };
    (changed != text).then_some(())?;
    put(draft, &place, changed)?;
    Some(format!("{way} {}", shape(&place)))
}

/// The bits of the last letter that stand for nothing.
fn spare_bits(text: &str) -> Option<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let end = text.find('=')?;
    let last = *text.as_bytes().get(end - 1)?;
    let value = LETTERS.iter().position(|letter| *letter == last)?;
    let other = char::from(*LETTERS.get(value | 1)?);
    Some(format!("{}{other}{}", &text[..end - 1], &text[end..]))
}

/// DER that is longer, or says the same in another way, or a signature that is its own twin.
pub(super) fn der(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let (place, bytes) = bytes(draft, &DER, random)?;
    let (way, changed) = match random.below(7) {
        0 => ("byte after", [bytes.as_slice(), &[0]].concat()),
        1 => ("long length", long_length(&bytes)?),
        2 => ("cut", bytes[..bytes.len() - 1].to_vec()),
        3 => ("twin", twin(&bytes)?),
        4 => ("bare pair", bare_pair(&bytes)?),
        5 => ("wider number", wider(&bytes)?),
        _ => ("PEM", pem(&bytes)),
    };
    put(draft, &place, STANDARD.encode(changed))?;
    Some(format!("{way} {}", shape(&place)))
}

/// The outer length in one byte more than it needs.
fn long_length(der: &[u8]) -> Option<Vec<u8>> {
    let (tag, length) = (*der.first()?, *der.get(1)?);
    let mut long = vec![tag];
    if length < 0x80 {
        long.extend([0x81, length]);
        long.extend(&der[2..]);
    } else {
        let count = usize::from(length & 0x7f);
        long.extend([length + 1, 0]);
        long.extend(der.get(2..2 + count)?);
        long.extend(der.get(2 + count..)?);
    }
    Some(long)
}

/// The two numbers of an ECDSA signature, as DER holds them.
fn pair(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x30, length, 0x02, first, rest @ ..] = der else {
        return None;
    };
    (usize::from(*length) + 2 == der.len()).then_some(())?;
    let (r, rest) = rest.split_at_checked(usize::from(*first))?;
    let [0x02, second, s @ ..] = rest else {
        return None;
    };
    (usize::from(*second) == s.len()).then_some((r, s))
}

fn sequence(r: &[u8], s: &[u8]) -> Option<Vec<u8>> {
    let length = |part: usize| u8::try_from(part).ok().filter(|length| *length < 0x80);
    let mut der = vec![0x30, length(r.len() + s.len() + 4)?];
    for number in [r, s] {
        der.extend([0x02, length(number.len())?]);
        der.extend(number);
    }
    Some(der)
}

/// A number of exactly 32 bytes.
fn fixed(number: &[u8]) -> Option<[u8; 32]> {
    let digits = number.iter().skip_while(|byte| **byte == 0).copied();
    let digits: Vec<u8> = digits.collect();
    let mut fixed = [0; 32];
    fixed
        .get_mut(32_usize.checked_sub(digits.len())?..)?
        .copy_from_slice(&digits);
    Some(fixed)
}

/// The other signature that the same key verifies over the same bytes: n - s for s (P-256).
fn twin(der: &[u8]) -> Option<Vec<u8>> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let (r, s) = pair(der)?;
    let (s, mut other) = (fixed(s)?, [0; 32]);
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(ORDER[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(difference < 0);
        other[at] = u8::try_from(difference.rem_euclid(256)).ok()?;
    }
    (borrow == 0).then_some(())?;
    let mut number: Vec<u8> = other.into_iter().skip_while(|byte| *byte == 0).collect();
    if number.first().is_none_or(|byte| *byte >= 0x80) {
        number.insert(0, 0);
    }
    sequence(r, &number)
}

/// The numbers without DER around them (IEEE P1363).
fn bare_pair(der: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = pair(der)?;
    Some([fixed(r)?, fixed(s)?].concat())
}

/// A zero before the first number that it does not need.
fn wider(der: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = pair(der)?;
    sequence(&[&[0], r].concat(), s)
}

fn pem(der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_is_another_signature_and_its_twin_is_the_first() {
        let der = sequence(&[1], &[2]).unwrap();
        let other = twin(&der).unwrap();
        assert_ne!(other, der);
        assert_eq!(twin(&other).unwrap(), der);
    }

    #[test]
    fn spare_bits_change_the_text_and_not_the_bytes() {
        assert_eq!(spare_bits("AA==").unwrap(), "AB==");
        assert_eq!(spare_bits("AAAA"), None);
    }

    #[test]
    fn lengths_take_one_byte_more() {
        assert_eq!(long_length(&[0x30, 1, 7]).unwrap(), [0x30, 0x81, 1, 7]);
        assert_eq!(
            long_length(&[0x30, 0x81, 200]).unwrap(),
            [0x30, 0x82, 0, 200]
        );
    }
}
