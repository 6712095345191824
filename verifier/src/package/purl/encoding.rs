//! Percent-encoding as ECMA-427 clause 5.4 wants it.

use std::fmt::{self, Write as _};

use super::PurlError;

/// Decodes a component; the result must be UTF-8.
pub(super) fn decode(component: &'static str, text: &str) -> Result<String, PurlError> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let wrong = || PurlError::Encoding {
        component,
        found: crate::content::shortened(text).into(),
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = rest.next().and_then(hex_digit).ok_or_else(wrong)?;
        let low = rest.next().and_then(hex_digit).ok_or_else(wrong)?;
        bytes.push(high * 16 + low);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

/// Writes a component: everything is encoded but letters, digits, `.-_~` and the colon.
pub(super) fn encode(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte);
        if plain {
            f.write_char(char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

/// Writes segments with `/` between them.
pub(super) fn encode_path(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for (position, segment) in text.split('/').enumerate() {
        if position > 0 {
            f.write_str("/")?;
        }
        encode(f, segment)?;
    }
    Ok(())
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
