//! JSON as YAML that people can read: blocks, in order of name, texts quoted where they need to be.

use std::fmt::Write as _;

use serde_json::Value;

/// The YAML of `value`, which is a map or a list.
pub(super) fn document(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

/// Writes a map or a list, each entry on lines of its own that begin at `indent`.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            // Sorted here, because a feature of another crate may keep the map in another order.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                pad(indent, out);
                scalar(key, out);
                out.push(':');
                inside(value, indent, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                pad(indent, out);
                out.push('-');
                let mut nested = String::new();
                match item {
                    Value::Object(map) if !map.is_empty() => {
                        block(item, indent + 2, &mut nested);
                        // The first entry stands behind the dash.
                        out.push(' ');
                        out.push_str(nested.trim_start());
                    }
                    _ => inside(item, indent, out),
                }
            }
        }
        _ => inside(value, indent, out),
    }
}

/// Writes what stands behind `key:` or `-`.
fn inside(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(value, indent + 2, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(value, indent, out);
        }
        Value::String(text) => {
            out.push(' ');
            scalar(text, out);
            out.push('\n');
        }
        // Numbers, booleans, null and what is empty are the same in both languages.
        other => {
            let written = writeln!(out, " {other}");
            debug_assert!(written.is_ok(), "a string takes everything");
        }
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes a text: as it is where nobody can take it for something else, and else in JSON's quotes, which
/// YAML reads alike.
fn scalar(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        out.push_str(&Value::String(text.to_owned()).to_string());
    }
}

/// Words, with what is in paths and names.
fn is_plain(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
    let first = text.bytes().next();
    first.is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(inner)
        && !is_another_type(text)
}

/// What YAML 1.1 reads as a boolean or as nothing.
fn is_another_type(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null"
    )
}
