//! Documents as text, and the tree of values that a text holds, each with its place.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, Spanned};

use super::diagnostic::Diagnostic;
use crate::code::Code;
use crate::verdict::Position;

/// Bytes of one file of documents. The largest honest content is an inline trusted root, some 50 KiB.
pub const MAX_SOURCE_BYTES: usize = 2 * 1024 * 1024;
/// Files of documents in one call.
pub(super) const MAX_SOURCES: usize = 1024;
/// Documents in one file.
pub(super) const MAX_DOCUMENTS: usize = 256;
/// Nesting of one document; the deepest legal one has some ten levels.
pub(super) const MAX_DEPTH: usize = 32;
/// Values in one file.
pub(super) const MAX_NODES: usize = 100_000;
/// Values that YAML aliases may repeat in one file: an alias bomb stops here.
pub(super) const MAX_REPEATED: usize = 10_000;
/// Characters of a line that a diagnostic quotes; a longer line is shown as a window.
pub(super) const MAX_QUOTED: usize = 160;
/// Characters that a window shows before the place.
pub(super) const WINDOW_BEFORE: usize = 60;

/// A file of documents, as the caller read it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name as given, for messages and for files named relative to it.
    pub file: String,
    /// The text: YAML or JSON, one document or several.
    pub text: String,
}

/// A source whose lines can be found.
#[derive(Debug)]
pub(super) struct SourceText {
    file: String,
    /// Characters, so that a column is found without walking a line of megabytes.
    lines: Vec<Vec<char>>,
}

/// A place in a source.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    source: Arc<SourceText>,
    line: usize,
    column: usize,
    length: usize,
}

/// A value with its place.
pub(super) type Node = Spanned<Value>;

/// Whatever YAML or JSON can hold.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Fraction,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Spanned<String>, Node)>),
}

impl Value {
    /// What the value is, in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Bool(value) => format!("the boolean `{value}`"),
            Self::Integer(value) => format!("the number `{value}`"),
            Self::Fraction => "a fraction".to_owned(),
            Self::Text(_) => "a string".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
        }
    }
}

impl SourceText {
    pub(super) fn new(source: &Source) -> Arc<Self> {
        let mut lines = vec![Vec::new()];
        let mut characters = source
            .text
            .trim_start_matches('\u{feff}')
            .chars()
            .peekable();
        while let Some(c) = characters.next() {
            // YAML 1.2.2, section 5.4: a line ends with LF, CR LF or CR.
            if c == '\r' && characters.peek() == Some(&'\n') {
                continue;
            }
            match (c, lines.last_mut()) {
                ('\n' | '\r', _) | (_, None) => lines.push(Vec::new()),
                (c, Some(line)) => line.push(c),
            }
        }
        Arc::new(Self {
            file: source.file.clone(),
            lines,
        })
    }

    /// The file's name as given.
    pub(super) fn file(&self) -> &str {
        &self.file
    }
}

impl Mark {
    pub(super) fn new(source: &Arc<SourceText>, location: Location) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Self {
            source: Arc::clone(source),
            line: number(location.line()).max(1),
            column: number(location.column()).max(1),
            length: usize::try_from(location.span().len()).unwrap_or(1),
        }
    }

    /// The start of a source.
    pub(super) fn start(source: &Arc<SourceText>) -> Self {
        Self {
            source: Arc::clone(source),
            line: 1,
            column: 1,
            length: 1,
        }
    }

    /// The file's name as given.
    pub(super) fn file(&self) -> &str {
        self.source.file()
    }

    /// Where this sorts within its source.
    pub(super) const fn order(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// The place with its line, which is cut to a window where it is very long.
    pub(super) fn position(&self) -> Position {
        let index = self.line.saturating_sub(1);
        let line = self.source.lines.get(index).map_or(&[][..], Vec::as_slice);
        let skipped = if line.len() > MAX_QUOTED {
            self.column.saturating_sub(1).saturating_sub(WINDOW_BEFORE)
        } else {
            0
        };
        let window = line.iter().skip(skipped).take(MAX_QUOTED);
        let source: String = window.collect();
        let source_column = self.column.saturating_sub(skipped);
        let room = (source.chars().count() + 1).saturating_sub(source_column);
        Position {
            file: self.source.file.clone(),
            line: self.line,
            column: self.column,
            length: self.length.min(room).max(1),
            source,
            source_column,
        }
    }
}

/// Reads every document of `source`.
pub(super) fn read(source: &Source, text: &Arc<SourceText>) -> Result<Vec<Node>, Box<Diagnostic>> {
    let start = || Mark::start(text).position();
    if source.text.len() > MAX_SOURCE_BYTES {
        let message = "the file is larger than any policy";
        let complaint = Diagnostic::error(Code::LimitExceeded, start(), message)
            .expected(format!("at most {MAX_SOURCE_BYTES} bytes"))
            .found(format!("{} bytes", source.text.len()));
        return Err(Box::new(complaint));
    }
    let input = source.text.trim_start_matches('\u{feff}');
    let nodes: Vec<Node> = serde_saphyr::from_multiple_with_options(input, options())
        .map_err(|error| Box::new(not_yaml(&error, text)))?;
    if nodes.is_empty() {
        let message = "the file holds no document";
        let complaint = Diagnostic::error(Code::PolicyMalformed, start(), message)
            .expected("a document with `apiVersion` and `kind`");
        return Err(Box::new(complaint));
    }
    Ok(nodes)
}

fn not_yaml(error: &serde_saphyr::Error, text: &Arc<SourceText>) -> Diagnostic {
    let place = error
        .location()
        .map_or_else(|| Mark::start(text), |location| Mark::new(text, location));
    let detail = error
        .without_snippet()
        .render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let message = "the file is not YAML or JSON that we take";
    Diagnostic::error(Code::PolicyMalformed, place.position(), message).found(strip_place(&detail))
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_documents: MAX_DOCUMENTS,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: MAX_REPEATED,
            max_anchors: MAX_REPEATED,
            max_recorded_anchor_events: MAX_NODES,
            max_total_scalar_bytes: MAX_SOURCE_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPEATED,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        // A merge key hides what a map holds from its reader.
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// The parser's message without the place that it repeats.
fn strip_place(detail: &str) -> &str {
    let first = detail.lines().next().unwrap_or_default();
    first
        .rsplit_once(" at line ")
        .map_or(first, |(text, _)| text)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        // No field takes one, so its value is never looked at.
        Ok(Value::Fraction)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = access.next_element()? {
            list.push(node);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = access.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}
