//! The SBOM while it is read: everything is counted against its bound here, and nowhere else.

use std::borrow::Cow;

use jiff::Timestamp;

use super::bounds::MAX_SHARED_BYTES;
use super::lax::{Item, List, Text};
use crate::content::{ContentError, shortened};
use crate::sbom::limits;
use crate::sbom::model::{
    Component, Encoding, Family, Format, Relationship, RelationshipKind, Sbom, Violation,
};

/// What a document says, as far as it is read.
pub(super) struct Draft {
    /// The SBOM so far.
    pub(super) sbom: Sbom,
    shared: usize,
}

/// Where a part of a document stands.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// The root of a document in JSON.
    Root,
    /// An entry of a list in the root of a document in JSON.
    Entry {
        /// The name of the list.
        list: &'static str,
        /// The position of the entry.
        index: usize,
    },
    /// A section of a tag-value document: its first line, and the line of each tag that was read.
    Lines {
        /// The first line.
        start: usize,
        /// The JSON name of each field, and its line; names repeat for lists.
        tags: Vec<(&'static str, usize)>,
    },
}

impl Place {
    /// The place itself.
    pub(super) fn own(&self) -> String {
        match self {
            Self::Root => "/".to_owned(),
            Self::Entry { list, index } => format!("/{list}/{index}"),
            Self::Lines { start, .. } => format!("line {start}"),
        }
    }

    /// The place of a member.
    pub(super) fn member(&self, name: &str) -> String {
        match self {
            Self::Root => format!("/{name}"),
            Self::Entry { list, index } => format!("/{list}/{index}/{name}"),
            Self::Lines { .. } => self.line(name, 0),
        }
    }

    /// The place of an entry of the member `name`, which is a list.
    pub(super) fn entry(&self, name: &str, at: usize) -> String {
        match self {
            Self::Root => format!("/{name}/{at}"),
            Self::Entry { list, index } => format!("/{list}/{index}/{name}/{at}"),
            Self::Lines { .. } => self.line(name, at),
        }
    }

    fn line(&self, name: &str, index: usize) -> String {
        let Self::Lines { start, tags } = self else {
            return self.own();
        };
        let mut found = tags.iter().filter(|(tag, _)| *tag == name);
        let line = found.nth(index).map_or(*start, |(_, line)| *line);
        format!("line {line}")
    }
}

impl Draft {
    /// An empty SBOM of a version of SPDX.
    pub(super) fn new(version: &str, encoding: Encoding) -> Self {
        let format = Format {
            family: Family::Spdx,
            version: version.into(),
            encoding,
        };
        Self {
            sbom: Sbom {
                format,
                ..Sbom::default()
            },
            shared: 0,
        }
    }

    /// Notes that the schema is broken; the place is only made when the note is kept.
    pub(super) fn breach(&mut self, at: impl FnOnce() -> String, expected: &str, found: &str) {
        if self.sbom.violations.len() >= limits::MAX_VIOLATIONS {
            self.sbom.more_violations = self.sbom.more_violations.saturating_add(1);
            return;
        }
        self.sbom.violations.push(Violation {
            place: at().into(),
            expected: expected.into(),
            found: shortened(found).into(),
        });
    }

    /// The text of an optional member.
    pub(super) fn text<'a>(
        &mut self,
        field: Text<'a>,
        at: impl FnOnce() -> String,
    ) -> Option<Cow<'a, str>> {
        match field {
            Text::Absent => None,
            Text::Is(text) => Some(text),
            Text::Wrong(found) => {
                self.breach(at, "a string", found);
                None
            }
        }
    }

    /// The text of a mandatory member.
    pub(super) fn required<'a>(
        &mut self,
        field: Text<'a>,
        at: impl FnOnce() -> String,
        what: &str,
    ) -> Option<Cow<'a, str>> {
        if field == Text::Absent {
            self.breach(at, what, "nothing");
            return None;
        }
        self.text(field, at)
    }

    /// The entries of an optional list.
    pub(super) fn list<T, const MAX: usize>(
        &mut self,
        field: List<T, MAX>,
        at: impl FnOnce() -> String,
    ) -> Result<Vec<T>, ContentError> {
        match field {
            List::Absent => Ok(Vec::new()),
            List::Is { count, .. } if count > MAX => {
                Err(ContentError::limit(at(), "entries", MAX, count))
            }
            List::Is { items, .. } => Ok(items),
            List::Wrong(found) => {
                self.breach(at, "an array", found);
                Ok(Vec::new())
            }
        }
    }

    /// The entries of a list that must have one.
    pub(super) fn filled<T, const MAX: usize>(
        &mut self,
        field: List<T, MAX>,
        at: impl Fn() -> String,
        what: &str,
    ) -> Result<Vec<T>, ContentError> {
        let is_list = !matches!(field, List::Wrong(_));
        let items = self.list(field, &at)?;
        if is_list && items.is_empty() {
            self.breach(at, what, "none");
        }
        Ok(items)
    }

    /// An object, or a note that it is none.
    pub(super) fn item<T>(&mut self, item: Item<T>, at: impl FnOnce() -> String) -> Option<T> {
        match item {
            Item::Absent => None,
            Item::Is(object) => Some(object),
            Item::Wrong(found) => {
                self.breach(at, "an object", found);
                None
            }
        }
    }

    /// A time in UTC, `YYYY-MM-DDThh:mm:ssZ` (SPDX 2.3 §6.9, SPDX 3.0.1 `Core/DateTime`). The schemas
    /// of SPDX 2 leave room for fractions of seconds, which many tools write. A time in another form
    /// is a breach, and is still read where it can be.
    pub(super) fn time(&mut self, text: &str, at: impl FnOnce() -> String) -> Option<Timestamp> {
        let time = text.parse::<Timestamp>().ok();
        let whole = match self.sbom.format.encoding {
            Encoding::JsonLd => Some(text.to_owned()),
            Encoding::Json | Encoding::Xml | Encoding::TagValue => without_fraction(text),
        };
        if time.is_none() || !whole.is_some_and(|text| is_whole_time(&text)) {
            self.breach(at, "a time such as `2026-03-02T11:04:05Z`", text);
        }
        time
    }

    /// Adds a component; its position.
    pub(super) fn add(&mut self, mut component: Component) -> Result<usize, ContentError> {
        let position = self.sbom.components.len();
        ContentError::unless_full(
            || component.place.to_string(),
            "components",
            limits::MAX_COMPONENTS,
            position,
        )?;
        component.shrink();
        self.sbom.components.push(component);
        Ok(position)
    }

    /// Adds a relationship.
    pub(super) fn relate(
        &mut self,
        from: usize,
        to: usize,
        kind: RelationshipKind,
    ) -> Result<(), ContentError> {
        check_relationships(self.sbom.relationships.len())?;
        self.sbom
            .relationships
            .push(Relationship { from, to, kind });
        Ok(())
    }

    /// Counts text that is copied from one element to another.
    pub(super) fn share(&mut self, bytes: usize) -> Result<(), ContentError> {
        self.shared = self.shared.saturating_add(bytes);
        if self.shared > MAX_SHARED_BYTES {
            let (limit, found) = (MAX_SHARED_BYTES, self.shared);
            let what = "bytes of licenses, agents and files that components share";
            return Err(ContentError::limit("the document", what, limit, found));
        }
        Ok(())
    }

    /// The SBOM, with what it says more than once said once.
    pub(super) fn finish(mut self) -> Sbom {
        self.sbom.subjects.sort_unstable();
        self.sbom.subjects.dedup();
        self.sbom.complete.sort_unstable();
        self.sbom.complete.dedup();
        self.sbom
    }
}

/// One more relationship must fit.
pub(super) fn check_relationships(count: usize) -> Result<(), ContentError> {
    let place = || "the document".to_owned();
    ContentError::unless_full(place, "relationships", limits::MAX_RELATIONSHIPS, count)
}

/// The text without `.` and digits before its `Z`.
fn without_fraction(text: &str) -> Option<String> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Some(text.to_owned());
    };
    let digits = fraction.strip_suffix('Z')?;
    let is_fraction = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_fraction.then(|| format!("{whole}Z"))
}

fn is_whole_time(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:ddZ";
    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte == *other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_copied_up_to_its_bound() {
        let mut draft = Draft::new("2.3", Encoding::Json);
        draft.share(1).unwrap();
        draft.share(MAX_SHARED_BYTES - 1).unwrap();
        let refused = draft.share(1).unwrap_err();
        assert_eq!(refused.code, crate::code::Code::LimitExceeded);
    }
}
