//! Patterns of `matches`: compiled once, in linear time, and bounded.

use regex::{Regex, RegexBuilder};

use super::limits::{MAX_COMPILED_BYTES, MAX_PATTERN_BYTES, MAX_PATTERN_NESTING};

/// Bytes of the smallest class of compiled patterns; each class is twice as large as the one before.
const CLASS_BYTES: usize = 1024;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Bytes that the compiled pattern takes at most.
    size: usize,
}

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PatternError {
    /// It takes more than so many such units.
    TooLarge(usize, &'static str),
    /// It is not a regular expression.
    Malformed(String),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(PatternError::TooLarge(
                MAX_PATTERN_BYTES,
                "bytes of a pattern",
            ));
        }
        let text = ascii_classes(text);
        let mut size = CLASS_BYTES;
        while size <= MAX_COMPILED_BYTES {
            let built = RegexBuilder::new(&text)
                .size_limit(size)
                .dfa_size_limit(MAX_COMPILED_BYTES)
                .nest_limit(MAX_PATTERN_NESTING)
                .build();
            match built {
                Ok(regex) => return Ok(Self { regex, size }),
                Err(regex::Error::CompiledTooBig(_)) => size *= 2,
                Err(error) => {
                    let detail = error.to_string();
                    let detail = detail.lines().last().unwrap_or_default();
                    let detail = detail.trim_start_matches("error: ").to_owned();
                    return Err(PatternError::Malformed(detail));
                }
            }
        }
        Err(PatternError::TooLarge(
            MAX_COMPILED_BYTES,
            "bytes of a compiled pattern",
        ))
    }

    /// The steps of matching `bytes` bytes of text: the slowest engine takes a time proportional to
    /// the size of the pattern for each of them.
    pub(super) const fn steps(&self, bytes: usize) -> usize {
        bytes.saturating_mul(self.size / CLASS_BYTES) / 2
    }

    /// Whether the pattern matches anywhere in `text`.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}
/// The pattern with `\d`, `\s`, `\w` and their opposites as RE2 has them: ASCII. Otherwise digits of
/// every script would do where a policy asks for a version, and each class would be large.
fn ascii_classes(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('d') => text.push_str("[0-9]"),
            Some('D') => text.push_str("[^0-9]"),
            Some('s') => text.push_str(r"[\t\n\f\r ]"),
            Some('S') => text.push_str(r"[^\t\n\f\r ]"),
            Some('w') => text.push_str("[0-9A-Za-z_]"),
            Some('W') => text.push_str("[^0-9A-Za-z_]"),
            Some('b') => text.push_str(r"(?-u:\b)"),
            other => {
                text.push('\\');
                text.extend(other);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_as_in_re2() {
        for (pattern, text, expected) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\D+$", "١٢", true),
            (r"^[\d.]+$", "1.2", true),
            (r"^[\d.]+$", "١.٢", false),
            (r"^[^\d]+$", "١", true),
            (r"^[^\d]+$", "1", false),
            (r"^[a\W]+$", "a-", true),
            (r"^\w+$", "a_1", true),
            (r"^\w+$", "é", false),
            (r"^\S\s\S$", "a b", true),
            (r"^\S\s\S$", "a\u{a0}b", false),
            (r"^\\d$", r"\d", true),
            (r"^\\d$", "1", false),
            (r"^\\\d$", r"\1", true),
            (r"\bb", "éb", true),
            (r"\bb", "ab", false),
            (r"^.$", "é", true),
        ] {
            let compiled = Pattern::new(pattern).unwrap();
            assert_eq!(compiled.matches(text), expected, "{pattern} {text}");
        }
        assert!(Pattern::new(r"[\b]").is_err());
        assert!(Pattern::new("a\\").is_err());
    }

    #[test]
    fn the_largest_pattern_is_compiled_and_one_repetition_more_is_not() {
        let compiled = |times: usize| Pattern::new(&format!("^a{{{times}}}$"));
        let (mut good, mut bad) = (1, 100_000);
        while bad - good > 1 {
            let middle = usize::midpoint(good, bad);
            match compiled(middle) {
                Ok(_) => good = middle,
                Err(PatternError::TooLarge(limit, _)) => {
                    assert_eq!(limit, MAX_COMPILED_BYTES);
                    bad = middle;
                }
                Err(PatternError::Malformed(detail)) => panic!("{middle}: {detail}"),
            }
        }
        let largest = compiled(good).unwrap();
        assert_eq!(largest.size, MAX_COMPILED_BYTES);
        assert!(largest.matches(&"a".repeat(good)) && !largest.matches(&"a".repeat(bad)));
        assert!(matches!(compiled(bad), Err(PatternError::TooLarge(..))));
    }

    #[test]
    fn a_larger_pattern_costs_more() {
        let steps = |pattern: &str| Pattern::new(pattern).unwrap().steps(1000);
        assert_eq!(steps("ab"), 500);
        // The slowest kind: no automaton of a bounded size decides this one.
        assert!(steps("[01]*1[01]{30}x") >= 2000);
        assert!(steps("[01]*1[01]{200}x") >= 8000);
    }
}
