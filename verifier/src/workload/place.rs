//! Where we are inside an object, and how that is written.

use std::fmt::Write as _;

use super::error::shown;
use super::{MAX_PLACE, WorkloadError};

/// One step from an object into one of its parts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'v> {
    /// Into the member with this name.
    Member(&'v str),
    /// Into the item with this number.
    Item(usize),
}

/// The way from the root to where we are.
#[derive(Debug, Default)]
pub(super) struct Way<'v>(Vec<Step<'v>>);

impl<'v> Way<'v> {
    pub(super) fn enter(&mut self, step: Step<'v>) {
        self.0.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Whether we are at an item of a list.
    pub(super) fn is_item(&self) -> bool {
        matches!(self.0.last(), Some(Step::Item(_)))
    }

    pub(super) const fn depth(&self) -> usize {
        self.0.len()
    }

    /// The way as people write it: `spec.containers[0]`; names that are no plain words in quotes.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Item(number) => push(&mut text, format_args!("[{number}]")),
                Step::Member(name) if is_plain(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
                Step::Member(name) => push(&mut text, format_args!("[{name:?}]")),
            }
        }
        text
    }

    /// The way as it is shown in messages.
    pub(super) fn shown(&self) -> String {
        shown(&self.text())
    }

    /// The way as text and as a JSON pointer (RFC 6901), both whole.
    pub(super) fn exact(&self) -> Result<(String, String), WorkloadError> {
        let text = self.text();
        if text.len() > MAX_PLACE {
            return Err(WorkloadError::TooLong {
                what: "the path of an image",
                path: shown(&text),
                limit: MAX_PLACE,
                found: text.len(),
            });
        }
        let mut pointer = String::with_capacity(text.len() + 1);
        for step in &self.0 {
            match step {
                Step::Item(number) => push(&mut pointer, format_args!("/{number}")),
                Step::Member(name) => {
                    pointer.push('/');
                    push_escaped(&mut pointer, name);
                }
            }
        }
        Ok((text, pointer))
    }
}

/// RFC 6901, section 3: `~` and `/` have other names in a pointer.
fn push_escaped(pointer: &mut String, name: &str) {
    let mut rest = name;
    while let Some((before, special)) = rest
        .find(['~', '/'])
        .and_then(|at| rest.split_at_checked(at))
    {
        pointer.push_str(before);
        pointer.push_str(if special.starts_with('~') { "~0" } else { "~1" });
        rest = special.get(1..).unwrap_or_default();
    }
    pointer.push_str(rest);
}

fn push(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(part);
}

/// Whether `name` reads as one word between dots.
fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}
