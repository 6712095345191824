//! Characters of XML.

use quick_xml::events::BytesRef;

use crate::code::Code;
use crate::content::ContentError;

/// The document as text: UTF-8 and only characters that XML allows.
pub(super) fn decoded(document: &[u8]) -> Result<&str, ContentError> {
    let found = |place: usize, expected: &str, found: String| {
        let line = document.iter().take(place).filter(|byte| **byte == b'\n');
        let place = format!("line {}", line.count() + 1);
        ContentError::new(Code::SbomMalformed, place, expected, found)
    };
    let text = std::str::from_utf8(document)
        .map_err(|error| found(error.valid_up_to(), "UTF-8", error.to_string()))?;
    let bad = text.char_indices().find(|(_, c)| !is_allowed(*c));
    if let Some((place, c)) = bad {
        let c = format!("U+{:04X}", u32::from(c));
        return Err(found(place, "characters that XML allows", c));
    }
    Ok(text)
}

/// Whether XML 1.0 allows the character (section 2.2, `Char`).
pub(super) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// White space of XML (section 2.3, `S`).
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What a reference stands for: a character by number, or one of the five predefined entities
/// (section 4.6). Nothing else is known, because there is no document type.
pub(super) fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    let character = match reference.as_ref() {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => reference.resolve_char_ref().ok().flatten()?,
    };
    is_allowed(character).then_some(character)
}

/// Where `offset` is, for messages.
pub(super) fn position(source: &str, offset: usize) -> String {
    let before = source.as_bytes().iter().take(offset);
    let line = before.clone().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.rev().take_while(|byte| **byte != b'\n').count() + 1;
    format!("line {line} column {column}")
}
