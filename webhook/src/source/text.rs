//! An object as the text of a document, so that it is read by what reads files, and every complaint has a
//! line that its author knows.
//!
//! The text is YAML in the shape of `kubectl get -o yaml`: one field on one line, in order of name, two
//! spaces for each level. Every string is in double quotes, so that none can be taken for something else.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sovverify::policy::API_VERSION;

use super::kind::Key;

/// The document of an object. Of its metadata only what names it: the rest is for Kubernetes.
pub(super) fn document(key: &Key, spec: &Value) -> String {
    Writer::of(key, spec).text
}

/// Where in the object the line `number` (from 1) of its document is, as
/// `spec.require[0].signature.by[1]`: who wrote the object sees no numbers of lines.
pub(super) fn path(key: &Key, spec: &Value, number: usize) -> Option<String> {
    let mut paths = Writer::of(key, spec).paths.into_iter();
    paths.nth(number.checked_sub(1)?)
}

/// A text that is being written, and where its author finds each line.
#[derive(Default)]
struct Writer {
    text: String,
    paths: Vec<String>,
}

/// Where something stands: how deep, and under what path.
#[derive(Clone, Copy)]
struct At<'a> {
    indent: usize,
    path: &'a str,
}

impl Writer {
    fn of(key: &Key, spec: &Value) -> Self {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), key.name.as_str().into());
        if let Some(namespace) = &key.namespace {
            metadata.insert("namespace".to_owned(), namespace.as_str().into());
        }
        let metadata = Value::Object(metadata);
        let mut writer = Self::default();
        let top = At {
            indent: 0,
            path: "",
        };
        writer.field(top, "apiVersion", &API_VERSION.into());
        writer.field(top, "kind", &key.kind.name().into());
        writer.field(top, "metadata", &metadata);
        writer.field(top, "spec", spec);
        writer
    }

    /// `name: value`, where the value may need lines of its own.
    fn field(&mut self, at: At<'_>, name: &str, value: &Value) {
        let path = match at.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let at = At { path: &path, ..at };
        push_name(&mut self.text, name);
        self.text.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.end_line(at);
                for (name, value) in map {
                    self.indent(at.indent + 2);
                    let at = At {
                        indent: at.indent + 2,
                        ..at
                    };
                    self.field(at, name, value);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                self.end_line(at);
                self.items(at, list);
            }
            scalar => {
                self.text.push(' ');
                self.scalar(at, scalar);
            }
        }
    }

    /// The items of a list, each behind a dash. What an item holds begins on the same line.
    fn items(&mut self, at: At<'_>, list: &[Value]) {
        for (number, value) in list.iter().enumerate() {
            let path = format!("{}[{number}]", at.path);
            let at = At {
                indent: at.indent + 2,
                path: &path,
            };
            self.indent(at.indent - 2);
            self.text.push('-');
            match value {
                Value::Object(map) if !map.is_empty() => {
                    for (number, (name, value)) in map.iter().enumerate() {
                        self.indent(if number == 0 { 1 } else { at.indent });
                        self.field(at, name, value);
                    }
                }
                Value::Array(list) if !list.is_empty() => {
                    self.end_line(at);
                    self.items(at, list);
                }
                scalar => {
                    self.text.push(' ');
                    self.scalar(at, scalar);
                }
            }
        }
    }

    fn scalar(&mut self, at: At<'_>, value: &Value) {
        match value {
            Value::String(string) => push_quoted(&mut self.text, string),
            // Numbers, booleans, null, and empty lists and maps are written alike in JSON and YAML.
            other => self.text.push_str(&other.to_string()),
        }
        self.end_line(at);
    }

    fn indent(&mut self, spaces: usize) {
        self.text.extend(std::iter::repeat_n(' ', spaces));
    }

    fn end_line(&mut self, at: At<'_>) {
        self.text.push('\n');
        self.paths.push(at.path.to_owned());
    }
}

/// A name as it stands where it can be nothing else, in quotes otherwise.
fn push_name(text: &mut String, name: &str) {
    // Words that some versions of YAML take for something else have no digits and are short.
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
        && !words.contains(&name.to_ascii_lowercase().as_str());
    if plain {
        text.push_str(name);
    } else {
        push_quoted(text, name);
    }
}

/// YAML 1.2.2, section 5.7: double quotes, with everything that is no printable character escaped.
fn push_quoted(text: &mut String, string: &str) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if is_plain(c) => text.push(c),
            c => {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\U{:08x}", u32::from(c));
            }
        }
    }
    text.push('"');
}

/// Whether a character stands for itself: printable, and no line break in any version of YAML.
fn is_plain(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    let marks = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !c.is_control() && !breaks && !marks
}

#[cfg(test)]
mod tests;
