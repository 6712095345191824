//! Lines of tag-value text: `Tag: value`, where the value may be `<text>…</text>` over many lines
//! (SPDX 2.3, the tag-value examples of its fields).

use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::spdx::bounds::{MAX_LINE_BYTES, MAX_LINES};

/// One statement of the document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The number of its first line, from 1.
    pub(super) number: usize,
    /// The tag, or nothing where there is no colon.
    pub(super) tag: Option<&'a str>,
    /// The value without white space around it, and without `<text>`.
    pub(super) value: &'a str,
}

impl<'a> Line<'a> {
    /// The value, where the tag is this one.
    pub(super) fn value_of(&self, tag: &str) -> Option<&'a str> {
        (self.tag == Some(tag)).then_some(self.value)
    }
}

/// The statements of a document, one after the other. Every byte is looked at a bounded number of
/// times.
pub(super) struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// The statements of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            number: 0,
        }
    }

    /// The next statement; empty lines and comments are none.
    pub(super) fn next(&mut self) -> Result<Option<Line<'a>>, ContentError> {
        while !self.rest.is_empty() {
            let start = self.rest;
            let line = self.take_line()?;
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let number = self.number;
            let Some((tag, value)) = line.split_once(':') else {
                self.bound(line)?;
                return Ok(Some(Line {
                    number,
                    tag: None,
                    value: trimmed,
                }));
            };
            let (tag, value) = (Some(tag.trim()), value.trim());
            let Some(opened) = value.strip_prefix("<text>") else {
                self.bound(line)?;
                return Ok(Some(Line { number, tag, value }));
            };
            let value = self.text(start, opened)?;
            return Ok(Some(Line { number, tag, value }));
        }
        Ok(None)
    }

    /// The text up to `</text>`, from the statement that begins at `start`.
    fn text(&mut self, start: &'a str, opened: &'a str) -> Result<&'a str, ContentError> {
        if let Some(value) = opened.strip_suffix("</text>") {
            return Ok(value.trim());
        }
        let begun = start.split_once("<text>").map_or(start, |(_, rest)| rest);
        let Some((value, behind)) = begun.split_once("</text>") else {
            let place = format!("line {}", self.number);
            let (wanted, found) = ("`</text>` behind `<text>`", "the end of the document");
            return Err(ContentError::new(Code::SbomMalformed, place, wanted, found));
        };
        let ends = value.bytes().filter(|byte| *byte == b'\n').count();
        self.count(ends)?;
        // What stands behind `</text>` on its line belongs to nothing.
        self.rest = behind.split_once('\n').map_or("", |(_, rest)| rest);
        Ok(value.trim())
    }

    fn take_line(&mut self) -> Result<&'a str, ContentError> {
        self.count(1)?;
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Ok(line.strip_suffix('\r').unwrap_or(line))
    }

    fn count(&mut self, lines: usize) -> Result<(), ContentError> {
        self.number = self.number.saturating_add(lines);
        if self.number > MAX_LINES {
            let found = self.number;
            return Err(ContentError::limit(
                "the document",
                "lines",
                MAX_LINES,
                found,
            ));
        }
        Ok(())
    }

    fn bound(&self, line: &str) -> Result<(), ContentError> {
        if line.len() > MAX_LINE_BYTES {
            let place = format!("line {}", self.number);
            let (limit, found) = (MAX_LINE_BYTES, line.len());
            return Err(ContentError::limit(place, "bytes in a line", limit, found));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Statement<'a> = (usize, Option<&'a str>, &'a str);

    fn all(text: &str) -> Result<Vec<Statement<'_>>, ContentError> {
        let mut lines = Lines::new(text);
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            all.push((line.number, line.tag, line.value));
        }
        Ok(all)
    }

    #[test]
    fn comments_and_empty_lines_are_no_statements_and_are_counted() {
        let text = "# a: b\r\n\r\nTag:  value \r\n  # c\nOther:x:y";
        assert_eq!(
            all(text).unwrap(),
            [(3, Some("Tag"), "value"), (5, Some("Other"), "x:y")]
        );
    }

    #[test]
    fn text_spans_lines_and_hides_tags() {
        let text = "A: <text>one\nB: no\n</text> tail\nC: <text>two</text>\nD: <text>\n";
        let error = all(text).unwrap_err();
        assert_eq!((error.code, &*error.place), (Code::SbomMalformed, "line 5"));
        let text = text.strip_suffix("D: <text>\n").unwrap();
        assert_eq!(
            all(text).unwrap(),
            [(1, Some("A"), "one\nB: no"), (4, Some("C"), "two")]
        );
    }

    #[test]
    fn long_lines_are_refused_and_long_texts_are_not() {
        let long = "x".repeat(MAX_LINE_BYTES - 2);
        assert_eq!(all(&format!("A:{long}")).unwrap().len(), 1);
        let error = all(&format!("A:{long}x")).unwrap_err();
        assert_eq!(error.code, Code::LimitExceeded);
        let text = format!("A: <text>{long}\n{long}</text>");
        assert_eq!(all(&text).unwrap().len(), 1);
    }

    #[test]
    fn lines_are_counted_up_to_their_bound() {
        let mut lines = Lines::new("A: b\nC: d\n");
        lines.number = MAX_LINES - 1;
        assert!(lines.next().unwrap().is_some());
        let error = lines.next().map(|_| ()).unwrap_err();
        assert_eq!(error.code, Code::LimitExceeded);
    }

    #[test]
    fn a_line_without_a_colon_has_no_tag() {
        assert_eq!(all("nonsense").unwrap(), [(1, None, "nonsense")]);
    }
}
