//! Bounds of single fields, which keep the cost of rules in CEL within what an API server allows, and say
//! early what compiling says later.

use serde_json::{Map, Value, json};

use crate::expression::limits::MAX_SOURCE_BYTES;
use crate::policy::compile::{HASHES, MAX_DEMANDED};
use crate::policy::glob::MAX_PATTERN;
use crate::policy::predicate::Types;
use crate::vex::Justification;

/// Characters of a text that is none of the longer ones: what a pattern may have.
pub(super) const MAX_TEXT: usize = MAX_PATTERN;
/// Characters of content that stands in the object itself: an object has at most 1.5 MiB, and an inline
/// trusted root some 50 KiB.
pub(super) const MAX_CONTENT: usize = 512 * 1024;
/// Characters of one public key in PEM; that of ML-DSA-87 has some 3600.
const MAX_KEY: usize = 16 * 1024;
/// Characters of a name of a signer or of a requirement.
const MAX_NAME: usize = 128;
/// Names in one `by`, and requirements of one policy, at once: their product is looked at.
const MAX_NAMES: usize = 64;

/// Narrows the schema of the field `field` of the definition `owner`. `[]` are the items of a list that
/// has no name of its own, `{}` the values of such a map.
pub(super) fn narrow(value: &mut Value, (owner, field): (&str, &str)) {
    let Value::Object(schema) = value else {
        return;
    };
    if let Some(Value::Object(more)) = of_field(owner, field) {
        merge(schema, more);
    }
    let is_unbounded = |keyword: &str| !schema.contains_key(keyword);
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if is_unbounded("maxLength") && is_unbounded("enum") => {
            schema.insert("maxLength".to_owned(), MAX_TEXT.into());
        }
        // Kubernetes knows no unsigned numbers.
        Some("integer") => {
            schema.insert("format".to_owned(), "int64".into());
            schema.entry("maximum").or_insert_with(|| u32::MAX.into());
        }
        _ => {}
    }
}

/// Lets the keywords of `more` stand in the place of those of `schema`, inside of parts as well.
fn merge(schema: &mut Map<String, Value>, more: Map<String, Value>) {
    for (keyword, rule) in more {
        match (schema.get_mut(&keyword), rule) {
            (Some(Value::Object(known)), Value::Object(rule)) => merge(known, rule),
            (_, rule) => {
                schema.insert(keyword, rule);
            }
        }
    }
}

fn of_field(owner: &str, field: &str) -> Option<Value> {
    let some_time = json!({ "pattern": "^0*[1-9][0-9]*[smhdw]$", "maxLength": 20 });
    let percent = json!({ "minimum": 1, "maximum": 100 });
    Some(match (owner, field) {
        (_, "by") => json!({
            "maxItems": MAX_NAMES,
            "items": { "maxLength": MAX_NAME },
            // Nobody counts twice.
            "x-kubernetes-list-type": "set",
        }),
        (_, "atLeast") => json!({ "minimum": 1, "maximum": MAX_NAMES }),
        (_, "maxAge" | "maxValidity") => some_time,
        ("ImagePolicySpec", "require") => json!({
            "maxItems": MAX_NAMES,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
        }),
        ("ImagePolicySpec", "platforms") => json!({
            "items": { "pattern": "^[^/]+/[^/]+(/[^/]+)?$", "maxLength": MAX_NAME },
        }),
        ("ImagePolicySpec", "mode") => json!({ "default": "enforce" }),
        ("Requirement", "name") | ("Signer", "trustRoot") => json!({ "maxLength": MAX_NAME }),
        ("ExceptionRule", "requirements") => json!({
            "maxItems": MAX_NAMES,
            "items": { "maxLength": MAX_NAME },
        }),
        ("ExceptionRule", "maxImages") => json!({ "minimum": 1 }),
        // Empty conditions. Rules in CEL cannot see fields that may be a text or a map.
        ("Certificate" | "SourceRule" | "DependencyRule" | "SummaryPolicy", "") => {
            json!({ "minProperties": 1 })
        }
        // Whoever may sign a summary may not speak for every verifier.
        ("AttestationRule", "") => json!({
            "anyOf": [
                { "required": ["verifier"] },
                { "not": { "properties": { "type": { "enum": Types::spelt(Types::are_summaries) } } } },
            ],
        }),
        ("Key", "inline") => json!({ "maxLength": MAX_KEY }),
        ("Content", "inline") => json!({ "maxLength": MAX_CONTENT }),
        ("Condition", "expression") => json!({ "minLength": 1, "maxLength": MAX_SOURCE_BYTES }),
        ("LabelExpression", "key") => json!({ "minLength": 1, "maxLength": 317 }),
        ("LabelExpression", "values") => json!({ "items": label_value() }),
        ("LabelSelector", "matchLabels") => json!({ "additionalProperties": label_value() }),
        ("AttestationRule", "reproducible") => json!({ "enum": [true] }),
        ("AttestationRule" | "TrustedBuilder", "level") => json!({ "minimum": 1, "maximum": 3 }),
        ("SourceRule", "digest") => json!({ "pattern": "^[0-9a-fA-F]{40,}$" }),
        ("SummaryPolicy", "digest") => json!({
            "pattern": "^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$",
        }),
        ("SbomRule", "hashes") => json!({ "items": { "enum": HASHES } }),
        ("CoverageRule", _) if !field.is_empty() => percent,
        ("VexRule", "types") => json!({ "items": { "pattern": type_pattern() } }),
        ("VexRule", "justifications") => {
            json!({ "items": { "enum": Justification::ALL.map(Justification::name) } })
        }
        ("Require", "log" | "timestamp") => json!({ "minimum": 0, "maximum": MAX_DEMANDED }),
        ("TrustRootSpec", "warnBefore") => json!({ "maxLength": 20 }),
        _ => return None,
    })
}

/// A short name of a predicate type, or a URI.
fn type_pattern() -> String {
    format!("^({}|.*://.*)$", Types::names().join("|"))
}

fn label_value() -> Value {
    json!({ "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", "maxLength": 63 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::crds;

    /// Every bound of the fields of this name in the definitions, in whatever kind they stand.
    fn bounds<'a>(value: &'a Value, field: &str, keyword: &str, found: &mut Vec<&'a Value>) {
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    if name == field {
                        found.extend(inner.get(keyword));
                        found.extend(inner.pointer(&format!("/items/{keyword}")));
                    }
                    bounds(inner, field, keyword, found);
                }
            }
            Value::Array(list) => list
                .iter()
                .for_each(|inner| bounds(inner, field, keyword, found)),
            _ => {}
        }
    }

    #[test]
    fn the_definitions_tell_an_api_server_every_bound() {
        let crds = Value::Array(crds());
        for (field, keyword, expected) in [
            ("exact", "maxLength", MAX_TEXT),
            ("glob", "maxLength", MAX_TEXT),
            ("inline", "maxLength", MAX_CONTENT),
            ("inline", "maxLength", MAX_KEY),
            ("signed", "maxLength", MAX_CONTENT),
            ("by", "maxLength", MAX_NAME),
            ("by", "maxItems", MAX_NAMES),
            ("require", "maxItems", MAX_NAMES),
            ("atLeast", "maximum", MAX_NAMES),
        ] {
            let mut found = Vec::new();
            bounds(&crds, field, keyword, &mut found);
            assert!(
                found.iter().any(|bound| **bound == expected),
                "{field} {keyword} {expected}: {found:?}"
            );
        }
    }
}
