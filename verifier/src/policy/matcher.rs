//! Matchers of text: exact, glob, or a regular expression; always of the whole text.

use regex::{Regex, RegexBuilder};

use super::document::common::MatchKind;
use super::glob::{self, PatternError};

/// Bytes that one compiled pattern may take; an honest one takes some 10 KiB.
pub(super) const MAX_COMPILED: usize = 256 * 1024;
/// Nesting of one regular expression.
pub(super) const MAX_NESTING: u32 = 32;

/// A compiled matcher.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    kind: MatchKind,
    text: String,
    regex: Option<Regex>,
}

impl Matcher {
    pub(super) fn new(kind: MatchKind, text: &str) -> Result<Self, PatternError> {
        glob::check_text(text)?;
        let regex = match kind {
            MatchKind::Exact => None,
            MatchKind::Glob => Some(compile(&glob::value_regex(text)?)?),
            MatchKind::Regex => Some(compile(text)?),
        };
        Ok(Self {
            kind,
            text: text.to_owned(),
            regex,
        })
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .map_or(self.text == text, |regex| regex.is_match(text))
    }

    /// The text, where the matcher wants exactly one: rules that know several spellings of the same
    /// thing compare it themselves.
    pub(super) fn exact(&self) -> Option<&str> {
        (self.kind == MatchKind::Exact).then_some(self.text.as_str())
    }

    /// The kind of matcher as it is written in documents.
    pub(super) const fn kind(&self) -> &'static str {
        match self.kind {
            MatchKind::Exact => "exact",
            MatchKind::Glob => "glob",
            MatchKind::Regex => "regex",
        }
    }

    /// The matcher as a part of a policy's identity.
    pub(super) fn canonical(&self) -> serde_json::Value {
        serde_json::json!({ self.kind(): self.text })
    }

    /// The matcher in words, for `expected`.
    pub(super) fn describe(&self) -> String {
        match self.kind {
            MatchKind::Exact => format!("`{}`", self.text),
            MatchKind::Glob => format!("glob `{}`", self.text),
            MatchKind::Regex => format!("regex `{}` (whole text)", self.text),
        }
    }

    /// The first unescaped dot between two letters of a host part: probably meant as a dot, and
    /// taken as any character (gauntlet 87).
    pub(super) fn loose_dot(&self) -> Option<usize> {
        (self.kind == MatchKind::Regex)
            .then(|| loose_dot(&self.text))
            .flatten()
    }
}

/// Compiles `pattern` so that it must match a whole text.
pub(super) fn compile(pattern: &str) -> Result<Regex, PatternError> {
    let build = |text: &str, nesting: u32| {
        RegexBuilder::new(text)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .nest_limit(nesting)
            .build()
            .map_err(|error| {
                let detail = error.to_string();
                let detail = detail.lines().last().unwrap_or_default();
                let detail = detail.trim_start_matches("error: ").to_owned();
                PatternError::new(
                    format!("not a regular expression: {detail}"),
                    "a regular expression without look-around and back-references",
                )
            })
    };
    // First alone: `a)|(?:b` is balanced only inside our parentheses, and would undo the anchors
    // there (gauntlet 86, 88).
    build(pattern, MAX_NESTING)?;
    // Our parentheses, and what stands beside them, are two levels that nobody wrote.
    build(&format!(r"\A(?:{pattern})\z"), MAX_NESTING + 2)
}

/// The character position (from 0) of an unescaped single dot between two host characters, in the
/// host part: after `://` or `@`, up to the next `/`; the whole pattern where there is neither.
fn loose_dot(pattern: &str) -> Option<usize> {
    let characters: Vec<char> = pattern.chars().collect();
    let has_host = pattern.contains("//") || pattern.contains('@');
    let mut in_host = !has_host;
    let mut in_class = false;
    let mut previous = ' ';
    let mut index = 0;
    while let Some(c) = characters.get(index).copied() {
        let next = characters.get(index + 1).copied().unwrap_or(' ');
        match c {
            '\\' => {
                // An escaped character stands for itself; `\.` is a host character.
                index += 2;
                previous = '.';
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '@' if has_host => in_host = true,
            '/' if previous == '/' => in_host = true,
            '/' if next != '/' => in_host = !has_host && in_host,
            '.' if in_host
                && !in_class
                && previous.is_ascii_alphanumeric()
                && next.is_ascii_alphanumeric() =>
            {
                return Some(index);
            }
            _ => {}
        }
        previous = c;
        index += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(kind: MatchKind, text: &str) -> Matcher {
        Matcher::new(kind, text).unwrap()
    }

    #[test]
    fn gauntlet_086_a_pattern_matches_the_whole_text_or_nothing() {
        // Gauntlet 86: these identities contain the good one.
        let good = "https://ci.example/acme/release.yml@refs/tags/v1";
        for (kind, pattern) in [
            (MatchKind::Exact, good.to_owned()),
            (MatchKind::Regex, regex::escape(good)),
            (MatchKind::Glob, good.to_owned()),
        ] {
            let matcher = matcher(kind, &pattern);
            assert!(matcher.matches(good), "{pattern}");
            for evil in [
                format!("https://evil.example/evil.yml@refs/heads/main?u={good}"),
                format!("{good}.evil.example"),
                format!("\n{good}"),
                format!("{good}\n"),
                format!("{good} "),
                good.to_uppercase(),
                String::new(),
            ] {
                assert!(!matcher.matches(&evil), "{evil:?}");
            }
        }
    }

    #[test]
    fn gauntlet_088_alternation_cannot_escape_the_anchors() {
        let either = matcher(MatchKind::Regex, "alice|bob");
        assert!(either.matches("alice") && either.matches("bob"));
        assert!(!either.matches("alicex") && !either.matches("xbob"));
        for pattern in ["a)|(?:b", "a)|(b", "(?x)a #", "a(", "[", "(?=a)", r"(a)\1"] {
            assert!(
                Matcher::new(MatchKind::Regex, pattern).is_err(),
                "{pattern}"
            );
        }
        let lines = matcher(MatchKind::Regex, "(?m)^a$");
        assert!(!lines.matches("a\nb") && !lines.matches("b\na"));
    }

    #[test]
    fn gauntlet_093_a_star_stops_at_a_slash_and_two_do_not() {
        let one = matcher(MatchKind::Glob, "https://ci.example/*/release@refs/tags/v*");
        assert!(one.matches("https://ci.example/acme/release@refs/tags/v1.0.0"));
        assert!(one.matches("https://ci.example//release@refs/tags/v"));
        assert!(!one.matches("https://ci.example/a/b/release@refs/tags/v1"));
        assert!(!one.matches("https://ci.example/acme/release@refs/tags/v1/x"));
        assert!(!one.matches("https://ciXexample/acme/release@refs/tags/v1"));
        let two = matcher(MatchKind::Glob, "https://ci.example/**");
        assert!(two.matches("https://ci.example/a/b/c"));
        // Case and backslashes mean the same everywhere: another text.
        assert!(!one.matches("https://ci.example/acme\\x/Release@refs/tags/v1"));
        assert!(!one.matches("https://ci.example/acme/Release@refs/tags/v1"));
        assert!(!one.matches("https://CI.example/acme/release@refs/tags/v1"));
        assert!(!two.matches("https:\\\\ci.example/a"));
        assert!(!two.matches("https://ci.example.evil/a"));
        assert!(!two.matches("https://ci.example/a\nb"));
    }

    #[test]
    fn gauntlet_094_what_is_no_pattern_is_refused() {
        for text in [
            "a?", "[a]", "{a,b}", "a\\*", "!a", "***", "", " a", "a ", "a\nb",
        ] {
            assert!(Matcher::new(MatchKind::Glob, text).is_err(), "{text:?}");
        }
        assert!(Matcher::new(MatchKind::Exact, &"a".repeat(2000)).is_err());
        assert!(Matcher::new(MatchKind::Glob, &"*a".repeat(40)).is_err());
        assert!(Matcher::new(MatchKind::Regex, "(?:a{1000}){1000}").is_err());
        assert!(Matcher::new(MatchKind::Regex, &"(".repeat(500)).is_err());
    }

    #[test]
    fn gauntlet_087_an_unescaped_dot_in_a_host_is_noticed() {
        for (pattern, loose) in [
            (r"https://github.com/gov/.*", true),
            (r"https://github\.com/gov/.*", false),
            (r".*@example.com", true),
            (r".*@example\.com", false),
            (
                r"https://github\.com/gov/app/release.yml@refs/tags/.*",
                false,
            ),
            (r"https://[a-z.]+/x", false),
            (r"example.com", true),
            (r"https://.*", false),
        ] {
            assert_eq!(
                matcher(MatchKind::Regex, pattern).loose_dot().is_some(),
                loose,
                "{pattern}"
            );
        }
        assert_eq!(matcher(MatchKind::Exact, "https://a.b/").loose_dot(), None);
    }
}
