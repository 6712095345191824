//! Outside text made safe for a terminal, a log line or a Kubernetes message.
//!
//! What an image, a registry or a certificate says must not move a cursor, hide a word, forge a
//! line or reverse the reading order. [`escape`] writes every such character as `\u{…}`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters of outside text shown in one place. Identities and URLs stay below 300; more is
/// noise or an attempt to push the news off the screen.
pub const MAX_SHOWN: usize = 400;

/// `text` on one line, with everything that a terminal would obey instead of show written as
/// `\u{…}`: control characters, line breaks, bidirectional and invisible formatting.
pub fn escape(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~');
    if text.bytes().all(plain) || !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push(&mut safe, c, is_dangerous(c));
    }
    Cow::Owned(safe)
}

/// [`escape`], and every character outside ASCII as well: for names that are compared by people
/// (identities, hosts), where two letters that look alike must not be one.
pub fn escape_ascii(text: &str) -> Cow<'_, str> {
    let foreign = |c: char| !c.is_ascii() || is_dangerous(c);
    if !text.chars().any(foreign) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push(&mut safe, c, foreign(c));
    }
    Cow::Owned(safe)
}

/// [`escape`] after [`shorten`] to [`MAX_SHOWN`].
pub fn show(text: &str) -> String {
    escape(&shorten(text, MAX_SHOWN)).into_owned()
}

/// `text` with at most `max` characters: a longer one keeps its beginning and its end, and says
/// how many characters are left out between them.
pub fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    // Counting stops early: `text` may have gigabytes, and bytes bound characters from above.
    if text.len() <= max || text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let tail = max / 4;
    let head = max - tail;
    let start: String = text.chars().take(head).collect();
    let mut end: Vec<char> = text.chars().rev().take(tail).collect();
    end.reverse();
    let left_out = text.chars().count() - max;
    let end: String = end.into_iter().collect();
    Cow::Owned(format!("{start}[...{left_out} characters...]{end}"))
}

fn push(safe: &mut String, c: char, escaped: bool) {
    match (escaped, c) {
        (false, c) => safe.push(c),
        (true, '\n') => safe.push_str("\\n"),
        (true, '\r') => safe.push_str("\\r"),
        (true, '\t') => safe.push_str("\\t"),
        (true, c) => {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Whether a terminal obeys, hides or reorders `c` instead of showing it.
const fn is_dangerous(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' // C0, DEL, C1 (CSI is U+009B)
        | '\u{ad}'                               // soft hyphen
        | '\u{34f}' | '\u{61c}'                  // grapheme joiner, Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers: blank letters
        | '\u{17b4}' | '\u{17b5}'                // Khmer inherent vowels: invisible
        | '\u{180b}'..='\u{180f}'                // Mongolian separators
        | '\u{200b}'..='\u{200f}'                // zero width, direction marks
        | '\u{2028}'..='\u{202e}'                // line, paragraph; bidi embeddings and overrides
        | '\u{2060}'..='\u{206f}'                // invisible operators, bidi isolates
        | '\u{fe00}'..='\u{fe0f}'                // variation selectors
        | '\u{feff}'                             // byte order mark
        | '\u{fff0}'..='\u{fffb}'                // unassigned, interlinear annotation
        | '\u{fffe}' | '\u{ffff}'                // non-characters
        | '\u{1bca0}'..='\u{1bca3}'              // shorthand format controls
        | '\u{1d173}'..='\u{1d17a}'              // musical format controls
        | '\u{e0000}'..='\u{e0fff}'              // tags, variation selectors supplement
        | '\u{e000}'..='\u{f8ff}'                // private use: no agreed shape
        | '\u{f0000}'..='\u{10ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_text_is_borrowed_unchanged() {
        for text in ["", "plain", "Straße – größer ≥ 2", "https://a.example/b@c"] {
            assert!(matches!(escape(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_survives() {
        for (hostile, safe) in [
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("line\nforged", "line\\nforged"),
            ("a\r\tb", "a\\r\\tb"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("\u{7f}\0", "\\u{7f}\\u{0}"),
            ("\u{2028}\u{85}", "\\u{2028}\\u{85}"),
        ] {
            assert_eq!(escape(hostile), safe);
        }
    }

    #[test]
    fn letters_that_look_alike_are_told_apart_in_names() {
        assert_eq!(escape_ascii("g\u{456}thub.com"), "g\\u{456}thub.com");
        assert_eq!(escape("g\u{456}thub.com"), "g\u{456}thub.com");
    }

    #[test]
    fn long_text_keeps_its_beginning_and_its_end() {
        assert_eq!(shorten("abcd", 4), "abcd");
        assert_eq!(shorten("ééé", 3), "ééé");
        let long = "a".repeat(30) + &"z".repeat(30);
        assert_eq!(shorten(&long, 8), "aaaaaa[...52 characters...]zz");
        assert!(show(&"x".repeat(1_000_000)).len() < MAX_SHOWN + 40);
        let whole = "x".repeat(MAX_SHOWN);
        assert_eq!(show(&whole), whole);
        assert!(show(&format!("{whole}x")).contains("characters...]"));
    }
}
