//! As much DER as it takes to find certificates in a timestamp token, and the key in a certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// SEQUENCE.
const SEQUENCE: u8 = 0x30;
/// The first tag that depends on its context, constructed.
const FIRST: u8 = 0xa0;

/// One value.
pub(crate) struct Element<'a> {
    tag: u8,
    /// With tag and length.
    whole: &'a [u8],
    content: &'a [u8],
}

/// The values in `bytes`, in order; `None` where they are no DER.
pub(crate) fn elements(mut bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while let [tag, first, rest @ ..] = bytes {
        let (length, header) = match *first {
            short @ 0..=0x7f => (usize::from(short), 2),
            long @ 0x81..=0x84 => {
                let digits = rest.get(..usize::from(long - 0x80))?;
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum * 256 + usize::from(*digit));
                (length, 2 + digits.len())
            }
            _ => return None,
        };
        let whole = bytes.get(..header + length)?;
        found.push(Element {
            tag: *tag,
            whole,
            content: &whole[header..],
        });
        bytes = &bytes[whole.len()..];
    }
    bytes.is_empty().then_some(found)
}

/// Whether `bytes` are one value and nothing else.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    elements(bytes).is_some_and(|found| found.len() == 1 && found[0].tag == SEQUENCE)
}

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280, section 4.1).
pub(crate) fn key_of(certificate: &[u8]) -> Option<&[u8]> {
    let certificate = elements(certificate)?;
    let parts = elements(certificate.first()?.content)?;
    let fields = elements(parts.first()?.content)?;
    // Version (where it is not the first), serial number, algorithm, issuer, validity, subject.
    let before = if fields.first()?.tag == FIRST { 6 } else { 5 };
    Some(fields.get(before)?.whole)
}

/// The certificates in a token, or in the response around one (RFC 5652, section 5.1), in order.
pub(crate) fn certificates_in(token: &[u8]) -> Option<Vec<Vec<u8>>> {
    let outer = elements(token)?;
    let inside = elements(outer.first()?.content)?;
    let inside = match inside.as_slice() {
        [status, token, ..] if status.tag == SEQUENCE => elements(token.content)?,
        _ => inside,
    };
    let signed = elements(inside.get(1)?.content)?;
    let fields = elements(signed.first()?.content)?;
    // Version, hashes and content stand before them.
    let certificates = fields.iter().skip(3).find(|field| field.tag == FIRST)?;
    let certificates = elements(certificates.content)?;
    Some(certificates.iter().map(|one| one.whole.to_vec()).collect())
}

/// An ECDSA signature as DER writes it, of the two numbers one after the other (IEEE P1363).
pub(crate) fn ecdsa(pair: &[u8]) -> Vec<u8> {
    let (r, s) = pair.split_at(pair.len() / 2);
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[SEQUENCE, length][..], &body].concat()
}

fn integer(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut content = digits[zeros..].to_vec();
    if content.first().is_none_or(|digit| digit & 0x80 != 0) {
        content.insert(0, 0);
    }
    let length = u8::try_from(content.len()).unwrap();
    [&[2, length][..], &content].concat()
}

/// The certificates in a PEM text, whatever stands between them; or the one that DER holds.
pub(crate) fn certificates(file: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(file);
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let found: Vec<Vec<u8>> = blocks
        .map(|block| {
            let (base64, _) = block.split_once("-----END").unwrap();
            let base64: String = base64.split_whitespace().collect();
            STANDARD.decode(base64).unwrap()
        })
        .collect();
    if found.is_empty() && is_one(file) {
        return vec![file.to_vec()];
    }
    found
}
