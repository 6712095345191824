//! Values that may be of several types, which structural schemas do not know.
//!
//! Such a value has no type, and rules in CEL cannot look at it. What is left are keywords that look at
//! one type and pass every other: a bound that no number meets refuses numbers, and nothing else.

use serde_json::{Map, Value, json};

use super::bounds::{MAX_CONTENT, MAX_TEXT};
use crate::policy::algorithms::NAMES;
use crate::policy::decode::MAX_LIST;

/// The schema of the definition `name`, where it is one of several types.
pub(super) fn named(name: &str) -> Option<Value> {
    let text = json!({ "maxLength": MAX_TEXT });
    let keywords = match name {
        "TextMatch" => merged([text, of_matcher(1), no_list()]),
        "IdentityMatch" => {
            let second = json!({
                "allOf": [{ "anyOf": [{ "maxProperties": 1 }, { "required": ["type"] }] }],
            });
            let mut matcher = merged([text, of_matcher(2), no_list(), second]);
            let kinds = json!({ "type": "string", "enum": ["email", "uri", "dns", "otherName"] });
            if let Some(Value::Object(properties)) = matcher.get_mut("properties") {
                properties.insert("type".to_owned(), kinds);
            }
            matcher
        }
        "ProfileName" => merged([text, inline_content(), no_list()]),
        "Profiles" => merged([text, inline_content(), list()]),
        "AlgorithmRule" => merged([profile_word(), algorithm_list(), no_map()]),
        "Algorithms" => merged([profile_word(), algorithm_list(), algorithm_roles()]),
        _ => return None,
    };
    Some(Value::Object(merged([
        Value::Object(keywords),
        no_number_or_boolean(),
    ])))
}

fn merged<const N: usize>(parts: [impl Into<Value>; N]) -> Map<String, Value> {
    let mut all = Map::new();
    for part in parts {
        if let Value::Object(part) = part.into() {
            all.extend(part);
        }
    }
    all
}

fn no_number_or_boolean() -> Value {
    json!({
        "x-kubernetes-preserve-unknown-fields": true,
        "minimum": 1,
        "maximum": 0,
        "not": { "enum": [true, false] },
    })
}

fn no_list() -> Value {
    json!({ "minItems": 1, "maxItems": 0 })
}

fn no_map() -> Value {
    json!({ "minProperties": 1, "maxProperties": 0 })
}

fn list() -> Value {
    json!({ "minItems": 1, "maxItems": MAX_LIST })
}

/// A map with exactly one of the three, and `fields` fields at most.
fn of_matcher(fields: usize) -> Value {
    let text = json!({ "type": "string", "maxLength": MAX_TEXT });
    json!({
        "properties": { "exact": text, "glob": text, "regex": text },
        "maxProperties": fields,
        "anyOf": [{ "required": ["exact"] }, { "required": ["glob"] }, { "required": ["regex"] }],
    })
}

/// A map with content in it: an object of a cluster has no directory in which a file could be.
fn inline_content() -> Value {
    json!({
        "properties": { "inline": { "type": "string", "maxLength": MAX_CONTENT } },
        "maxProperties": 1,
        "required": ["inline"],
    })
}

fn profile_word() -> Value {
    json!({ "pattern": "^(default|fips-140-3|bsi-tr-02102-1-2026-01)$" })
}

fn algorithm_list() -> Value {
    merged([
        list(),
        json!({ "items": { "type": "string", "enum": NAMES } }),
    ])
    .into()
}

fn algorithm_roles() -> Value {
    let rule = || named("AlgorithmRule").unwrap_or_default();
    json!({
        "properties": {
            "profile": {
                "type": "string",
                "enum": ["default", "fips-140-3", "bsi-tr-02102-1-2026-01"],
            },
            "signature": rule(),
            "certificate": rule(),
            "log": rule(),
            "timestamp": rule(),
        },
        "minProperties": 1,
    })
}
