//! Why a document inside evidence (a predicate, an SBOM, a VEX statement) is not what it claims to be.

use std::fmt;

use crate::code::Code;

/// Characters of outside text that a message repeats.
const SHOWN: usize = 200;

/// A document that cannot be taken, with the place in it that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// What kind of bad news.
    pub code: Code,
    /// The place in the document: a JSON pointer (RFC 6901), `line 3 column 7`, or an XML path.
    pub place: String,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub found: String,
}

impl ContentError {
    /// A document that is not as `expected` at `place`.
    pub fn new(
        code: Code,
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            code,
            place: place.into(),
            expected: expected.into(),
            found: shortened(&found.into()),
        }
    }

    /// A named bound was reached at `place`.
    pub fn limit(place: impl Into<String>, what: &str, limit: usize, found: usize) -> Self {
        let expected = format!("at most {limit} {what}");
        Self::new(Code::LimitExceeded, place, expected, found.to_string())
    }

    /// Whether one more of `what` fits where there are `count`, and at most `limit` may be.
    pub(crate) fn unless_full(
        place: impl FnOnce() -> String,
        what: &str,
        limit: usize,
        count: usize,
    ) -> Result<(), Self> {
        if count < limit {
            return Ok(());
        }
        Err(Self::limit(place(), what, limit, count.saturating_add(1)))
    }

    /// The same error under another code: a bound stays a bound.
    pub fn with_code(self, code: Code) -> Self {
        if self.code == Code::LimitExceeded {
            return self;
        }
        Self { code, ..self }
    }
}

impl std::error::Error for ContentError {}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: expected {}, found {}",
            self.code, self.place, self.expected, self.found
        )
    }
}

/// The beginning of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(SHOWN).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_fits_up_to_the_bound() {
        use crate::{sbom, vex, vulnerability};
        for limit in [
            sbom::limits::MAX_COMPONENTS,
            sbom::limits::MAX_RELATIONSHIPS,
            vulnerability::limits::MAX_FINDINGS,
            vulnerability::limits::MAX_DATABASE_ENTRIES,
            vex::limits::MAX_STATEMENTS,
            vex::limits::MAX_PRODUCTS,
        ] {
            let with = |count| ContentError::unless_full(String::new, "things", limit, count);
            assert_eq!(with(limit - 1), Ok(()));
            let refused = with(limit).unwrap_err();
            assert_eq!(refused.code, Code::LimitExceeded);
            assert_eq!(refused.found, (limit + 1).to_string());
        }
    }

    #[test]
    fn a_text_is_whole_up_to_what_is_shown_of_it() {
        let whole = "é".repeat(SHOWN);
        assert_eq!(shortened(&whole), whole);
        assert_eq!(shortened(&format!("{whole}x")), format!("{whole}…"));
    }
}
