//! Real reports have the shape that `docs/json/report-v1.schema.json` promises, and no other.
//!
//! A small reader of the keywords that the schema uses; an unknown keyword fails, so that none is
//! passed over in silence.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[cfg(test)]
#[path = "support/run.rs"]
mod run;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// What of `value` is not as `schema` says, with its place.
fn complaints(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let schema = &resolved(root, schema);
    let Some(keywords) = schema.as_object() else {
        return complaints;
    };
    for (keyword, rule) in keywords {
        let wrong = match keyword.as_str() {
            "oneOf" | "anyOf" => {
                let fits = |one: &&Value| self::complaints(root, one, value, at).is_empty();
                let count = rule.as_array().unwrap().iter().filter(fits).count();
                count == 0 || (keyword == "oneOf" && count > 1)
            }
            "type" => !types(rule).iter().any(|name| is(name, value)),
            "const" => rule != value,
            "enum" => !rule.as_array().unwrap().contains(value),
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .any(|name| value.get(name.as_str().unwrap()).is_none()),
            "minimum" => value.as_i64().is_some_and(|n| n < rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_some_and(|n| n > rule.as_i64().unwrap()),
            "pattern" => !code_like(value),
            "format" => rule == "date-time" && !date_like(value),
            "properties" => {
                complaints.extend(properties(root, schema, value, at));
                continue;
            }
            "additionalProperties" => {
                let parts = value.as_object().into_iter().flatten();
                complaints.extend(parts.flat_map(|(name, part)| {
                    self::complaints(root, rule, part, &format!("{at}/{name}"))
                }));
                continue;
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                complaints.extend(items.flat_map(|(number, item)| {
                    self::complaints(root, rule, item, &format!("{at}/{number}"))
                }));
                continue;
            }
            "$schema" | "$defs" | "title" | "description" => false,
            other => {
                complaints.push(format!("{at}: unknown keyword {other}"));
                continue;
            }
        };
        if wrong {
            let rule: String = rule.to_string().chars().take(200).collect();
            complaints.push(format!("{at}: expected {keyword} {rule}"));
        }
    }
    complaints
}

/// A reference with its target's keywords, and beside them those that stand next to it: a variant
/// of an enum of structs adds its `type` to the fields of the struct.
fn resolved(root: &Value, schema: &Value) -> Value {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
        return schema.clone();
    };
    let mut target = root
        .pointer(reference.trim_start_matches('#'))
        .unwrap()
        .clone();
    let more = schema.get("properties").and_then(Value::as_object);
    if let (Some(more), Some(properties)) = (more, target.pointer_mut("/properties")) {
        properties.as_object_mut().unwrap().extend(more.clone());
    }
    let more = schema.get("required").and_then(Value::as_array);
    if let (Some(more), Some(required)) = (more, target.pointer_mut("/required")) {
        required.as_array_mut().unwrap().extend(more.clone());
    }
    target
}

/// Each property by its schema. Readers must expect more properties than these in a later version;
/// this version writes none.
fn properties(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let named = schema.get("properties").unwrap();
    let parts = value.as_object().into_iter().flatten();
    parts
        .flat_map(|(name, part)| match named.get(name) {
            Some(schema) => complaints(root, schema, part, &format!("{at}/{name}")),
            None => vec![format!("{at}: unknown property {name}")],
        })
        .collect()
}

fn types(rule: &Value) -> Vec<&str> {
    match rule {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// The one pattern of the schema, `^[a-z-]+/[a-z-]+$`.
fn code_like(value: &Value) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let code = value.as_str().and_then(|code| code.split_once('/'));
    code.is_some_and(|(area, name)| word(area) && word(name))
}

fn date_like(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.parse::<sovverify::VerificationTime>().is_ok()
}

fn schema() -> Value {
    let path = run::root().join("docs/json/report-v1.schema.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn reports(directory: &Path, found: &mut Vec<Value>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            reports(&path, found);
        } else if path.file_name().is_some_and(|name| name == "report.json") {
            found.push(serde_json::from_slice(&fs::read(path).unwrap()).unwrap());
        }
    }
}

#[test]
fn real_reports_are_as_the_schema_says() {
    let schema = schema();
    let mut all = Vec::new();
    reports(&run::root().join("testdata/cases"), &mut all);
    assert!(all.len() > 50);
    for arguments in [
        &["inspect", "oci:testdata/images/quickstart"][..],
        &["image", "oci:testdata/images/quickstart", "oci:nosuch"],
        &[
            "image",
            "oci:testdata/images/unsigned",
            "--policy",
            "policies/quickstart.yaml",
        ],
        &["policy", "lint", "testdata/cases/policies"],
        &["policy", "lint", "policies/quickstart.yaml"],
        &["sbom", "check", "testdata/sbom/conformant.cdx.json"],
        &[
            "sbom",
            "check",
            "testdata/sbom/lacking.cdx.json",
            "testdata/sbom/malformed.cdx.json",
            "--profile",
            "bsi-tr-03183-2-v2.1",
            "--deny-license",
            "MIT",
        ],
    ] {
        let said = run::said(run::sovverify(arguments).args(["--output", "json"]));
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let code = report.pointer("/exit/code").and_then(Value::as_i64);
        assert_eq!(code, Some(said.code.into()), "{}", said.stderr);
        all.push(report);
    }
    let wrong: BTreeSet<String> = all
        .iter()
        .flat_map(|report| complaints(&schema, &schema, report, ""))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_report_of_another_shape_is_noticed() {
    let schema = schema();
    let mut all = Vec::new();
    reports(&run::root().join("testdata/cases/honest"), &mut all);
    let honest = all.first().unwrap();
    for (place, value) in [
        ("/time", Value::from("yesterday")),
        ("/exit/class", Value::from("fine")),
        ("/exit/code", Value::Null),
        (
            "/results/0/evidence/0/signer",
            serde_json::json!({"type": "ghost"}),
        ),
        ("/results", serde_json::json!([{}])),
    ] {
        let mut report = honest.clone();
        *report.pointer_mut(place).unwrap() = value;
        assert!(
            !complaints(&schema, &schema, &report, "").is_empty(),
            "{place}"
        );
    }
}
