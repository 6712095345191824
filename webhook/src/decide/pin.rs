//! A JSON Patch (RFC 6902) that writes the verified digest beside a tag.
//!
//! Only pods are changed: what makes pods keeps the text that its author wrote, so that tools which
//! compare it with its source see no difference, and each of its pods is pinned when it is made, and only then.

use serde_json::{Value, json};
use sovverify::Digest;

/// One image to pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    /// The field: `spec.containers[0].image`.
    pub(super) path: String,
    /// The reference as written.
    pub(super) written: String,
    /// What was verified.
    pub(super) digest: Digest,
}

/// The patch, where there is something to change. Each change first asks whether the field still
/// holds what was verified.
pub(super) fn patch(pins: &[Pin]) -> Option<Value> {
    let operations: Vec<Value> = pins
        .iter()
        .flat_map(|pin| {
            let path = pointer(&pin.path);
            let pinned = format!("{}@{}", pin.written, pin.digest);
            [
                json!({ "op": "test", "path": path, "value": pin.written }),
                json!({ "op": "replace", "path": path, "value": pinned }),
            ]
        })
        .collect();
    (!operations.is_empty()).then_some(Value::Array(operations))
}

/// A field path as a JSON Pointer (RFC 6901). The names in a pod's path hold no dot and no slash.
fn pointer(path: &str) -> String {
    let plain = path.replace(']', "").replace('[', ".");
    let names = plain.split('.');
    let escaped = names.map(|name| name.replace('~', "~0").replace('/', "~1"));
    std::iter::once(String::new())
        .chain(escaped)
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_keeps_its_name_and_gets_its_digest() {
        let digest = Digest::sha256(b"x");
        let pin = Pin {
            path: "spec.initContainers[10].image".to_owned(),
            written: "registry.example/a:v1".to_owned(),
            digest: digest.clone(),
        };
        let patch = patch(std::slice::from_ref(&pin)).unwrap();
        assert_eq!(patch[0]["op"], "test");
        assert_eq!(patch[1]["path"], "/spec/initContainers/10/image");
        let pinned = format!("registry.example/a:v1@{digest}");
        assert_eq!(patch[1]["value"], pinned.as_str());
        assert!(super::patch(&[]).is_none());
    }
}
