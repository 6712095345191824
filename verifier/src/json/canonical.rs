//! The identity of what was read of a document: SHA-256 over its canonical JSON.
//!
//! White space, comments, the order of fields and the names of files do not matter; what the document
//! says does.

use serde_json::Value;

use crate::digest::Digest;

/// The digest of `value` in canonical form: no white space, keys in the order of their UTF-8 bytes.
pub(crate) fn digest(value: &Value) -> Digest {
    let mut text = String::new();
    write(value, &mut text);
    Digest::sha256(text.as_bytes())
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            // Sorted here, because a feature of another crate may keep the map in another order.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (number, (key, item)) in entries.into_iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
