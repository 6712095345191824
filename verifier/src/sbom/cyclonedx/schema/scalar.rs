//! Plain values: text of a certain form, numbers, times.

use super::words::VOCABULARY;
use crate::sbom::cyclonedx::version::Version;

/// A type of plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// Anything.
    Any,
    /// Text of so many characters.
    Text(Bounds),
    /// One of the words of this list.
    Word(&'static str),
    /// Text of this form.
    Pattern(&'static str),
    /// True or false.
    Boolean,
    /// A whole number.
    Integer(Bounds),
    /// A number.
    Number(Bounds),
    /// A date with a time.
    DateTime,
    /// A date.
    Date,
    /// An internationalised address, absolute or relative (RFC 3987).
    Iri,
    /// An absolute address in JSON; `xs:anyURI`, which takes any text, in XML.
    Uri,
    /// An e-mail address.
    Email,
    /// An identifier of the SPDX license list.
    SpdxId,
}

/// Bounds of a length or a number, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    least: Option<i32>,
    most: Option<i32>,
}

impl Bounds {
    /// At least one.
    const SOME: Self = Self {
        least: Some(1),
        most: None,
    };

    /// Reads `1..9`, `1..`, `..9` or nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (least, most) = text.split_once("..")?;
        let number = |text: &str| match text {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        Some(Self {
            least: number(least)?,
            most: number(most)?,
        })
    }

    /// Whether a whole number is inside.
    pub(super) fn hold(self, number: i64) -> bool {
        self.least.is_none_or(|least| i64::from(least) <= number)
            && self.most.is_none_or(|most| number <= i64::from(most))
    }

    /// Whether a number is inside.
    pub(super) fn hold_number(self, number: f64) -> bool {
        self.least.is_none_or(|least| f64::from(least) <= number)
            && self.most.is_none_or(|most| number <= f64::from(most))
    }

    /// Whether text has a length inside. Counting stops where the answer is clear.
    fn hold_length(self, text: &str) -> bool {
        let enough = self.most.or(self.least).unwrap_or_default();
        let enough = usize::try_from(enough).unwrap_or_default() + 1;
        let length = text.chars().take(enough).count();
        i64::try_from(length).is_ok_and(|length| self.hold(length))
    }

    fn words(self, what: &str) -> String {
        match (self.least, self.most) {
            (None, None) => what.to_owned(),
            (Some(least), None) => format!("{what}, at least {least}"),
            (None, Some(most)) => format!("{what}, at most {most}"),
            (Some(least), Some(most)) => format!("{what}, {least} to {most}"),
        }
    }
}

impl Scalar {
    /// Whether a text of JSON is of this type.
    pub(super) fn takes_text(&self, text: &str, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::Text(bounds) => bounds.hold_length(text),
            Self::Word(list) => VOCABULARY.knows(list, text, version),
            Self::Pattern(name) => VOCABULARY.matches(name, text),
            Self::Boolean | Self::Integer(_) | Self::Number(_) => false,
            Self::DateTime => is_date_time(text, Zone::Required),
            Self::Date => is_date(text),
            Self::Iri => is_reference(text),
            Self::Uri => is_reference(text) && text.contains(':'),
            Self::Email => is_email(text),
            Self::SpdxId => is_spdx_id(text),
        }
    }

    /// Whether the text of an XML element or attribute is of this type (XML Schema, part 2). White
    /// space around it counts where the type is one of text.
    pub(super) fn takes_xml(&self, text: &str, version: Version) -> bool {
        let trimmed = text.trim();
        match self {
            Self::Boolean => matches!(trimmed, "true" | "false" | "1" | "0"),
            Self::Integer(bounds) => is_integer(trimmed, *bounds),
            Self::Number(bounds) => is_decimal(trimmed, *bounds),
            Self::DateTime => is_date_time(trimmed, Zone::Optional),
            Self::Date => {
                let (date, zone) = trimmed.split_at_checked(10).unwrap_or((trimmed, ""));
                is_date(date) && (zone.is_empty() || is_zone(zone))
            }
            Self::Uri | Self::Iri => has_good_scheme(trimmed),
            Self::Email => true,
            Self::Pattern("bom-link-document" | "bom-link-element") => {
                self.takes_text(trimmed, version)
            }
            Self::Any | Self::Text(_) | Self::Word(_) | Self::Pattern(_) | Self::SpdxId => {
                self.takes_text(text, version)
            }
        }
    }

    /// What it is, for messages.
    pub(super) fn words(&self, version: Version) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Text(bounds) if *bounds == Bounds::default() => "text".to_owned(),
            Self::Text(bounds) if *bounds == Bounds::SOME => "text that is not empty".to_owned(),
            Self::Text(bounds) => bounds.words("text with a length in characters"),
            Self::Word(list) => format!("one of {}", VOCABULARY.listed(list, version)),
            Self::Pattern(name) => form(name).to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Integer(bounds) => bounds.words("a whole number"),
            Self::Number(bounds) => bounds.words("a number"),
            Self::DateTime => "a date and time (RFC 3339)".to_owned(),
            Self::Date => "a date as `2026-01-31`".to_owned(),
            Self::Iri => "an address".to_owned(),
            Self::Uri => "an absolute address".to_owned(),
            Self::Email => "an e-mail address".to_owned(),
            Self::SpdxId => "an identifier of the SPDX license list".to_owned(),
        }
    }
}

/// What text of a named form looks like, for messages.
fn form(name: &str) -> &'static str {
    match name {
        "mime-type" => "a media type as `text/plain`",
        "serial-number" | "serial-number-xml" => "`urn:uuid:` and a UUID in lower case",
        "bom-link-document" => "`urn:cdx:`, a UUID, `/` and a version",
        "bom-link-element" => "`urn:cdx:`, a UUID, `/`, a version, `#` and a `bom-ref`",
        "hash-content" => "32, 40, 64, 96 or 128 hexadecimal digits",
        "locale" => "a locale as `en` or `en-US`",
        "open-cre" => "a number of OpenCRE as `CRE:764-507`",
        "jurisdiction" => "two capital letters",
        "patent-number" | "patent-number-xml" => "a number of a patent, 2 to 30 characters",
        "cpe" => "a name of CPE 2.2 or 2.3",
        _ => "text of another form",
    }
}

/// Whether a time says its offset from UTC: RFC 3339 wants it, XML Schema does not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    Required,
    Optional,
}

/// RFC 3339, section 5.6. XML Schema (part 2, 3.2.7) writes `T` and `Z` as capitals and has midnight
/// at the end of a day as well.
fn is_date_time(text: &str, zone: Zone) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else {
        return false;
    };
    let is_xml = zone == Zone::Optional;
    let Some(rest) = rest
        .strip_prefix('T')
        .or_else(|| rest.strip_prefix('t').filter(|_| !is_xml))
    else {
        return false;
    };
    let Some((time, rest)) = rest.split_at_checked(8) else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    let zone = match rest {
        "" => is_xml,
        "z" => !is_xml,
        rest => is_zone(rest),
    };
    // XML Schema knows no leap seconds, but the end of a day.
    let time = match time.get(6..) {
        Some("60") if is_xml => false,
        _ => is_time(time) || is_xml && time == "24:00:00",
    };
    is_date(date) && zone && time
}

/// `Z` or an offset from UTC.
fn is_zone(text: &str) -> bool {
    let offset = text.strip_prefix('+').or_else(|| text.strip_prefix('-'));
    match offset {
        Some(offset) => numbers(offset, ':', [2, 2]).is_some_and(|[h, m]| h < 24 && m < 60),
        None => text == "Z",
    }
}

fn is_time(text: &str) -> bool {
    let parts = numbers(text, ':', [2, 2, 2]);
    // 60 is a leap second.
    parts.is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second <= 60)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let (Ok(year), Ok(month), Ok(day)) = (year.try_into(), month.try_into(), day.try_into()) else {
        return false;
    };
    jiff::civil::Date::new(year, month, day).is_ok()
}

/// Numbers with so many digits each, and `between` them.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(between);
    let mut found = [0; N];
    for (slot, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// What may not stand in any address unencoded (RFC 3986 and 3987): validators disagree about
/// brackets and colons, so those pass.
fn is_reference(text: &str) -> bool {
    let is_bad = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    !text.contains(is_bad) && has_good_scheme(text)
}

/// What stands before the first colon is a scheme, unless a path, query or fragment began before it
/// (RFC 3986, sections 3.1 and 4.2).
fn has_good_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return true;
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.contains(['/', '?', '#'])
        || scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_part)
}

fn is_email(text: &str) -> bool {
    let Some((mailbox, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !mailbox.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
}

/// An identifier of a license or of an exception: the schema lists both.
fn is_spdx_id(text: &str) -> bool {
    use spdx::identifiers::{EXCEPTIONS, LICENSES};
    let license = LICENSES.binary_search_by(|known| known.name.cmp(text));
    license.is_ok()
        || EXCEPTIONS
            .binary_search_by(|known| known.name.cmp(text))
            .is_ok()
}

/// `xs:integer` of any length.
fn is_integer(text: &str, bounds: Bounds) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    // What does not fit is beyond every bound on its side of zero.
    let beyond = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    bounds.hold(text.parse().unwrap_or(beyond))
}

/// `xs:decimal`.
fn is_decimal(text: &str, bounds: Bounds) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_written = are_digits(whole) && are_digits(fraction);
    let has_digit = !whole.is_empty() || !fraction.is_empty();
    is_written && has_digit && text.parse().is_ok_and(|number| bounds.hold_number(number))
}
