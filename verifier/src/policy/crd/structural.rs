//! From JSON Schema to the structural schema of Kubernetes: everything inline, one type for each value.
//!
//! **Invariant**: a field that no schema names is never dropped in silence.

use serde_json::{Map, Value, json};

use super::{bounds, rules, union};

/// A rule in CEL, and what to say where it is not met.
pub(super) struct Rule {
    pub(super) rule: String,
    pub(super) message: &'static str,
}

/// Turns definitions of JSON Schema into structural ones.
pub(super) struct Structural<'a> {
    definitions: &'a Map<String, Value>,
}

impl<'a> Structural<'a> {
    pub(super) const fn new(definitions: &'a Map<String, Value>) -> Self {
        Self { definitions }
    }

    /// The definition `name` with everything in it, and its rules.
    pub(super) fn definition(&self, name: &str) -> Value {
        let Some(schema) = self.definitions.get(name) else {
            return Value::Null;
        };
        if let Some(mut union) = union::named(name) {
            describe(&mut union, schema);
            return union;
        }
        if let Some(words) = words(schema) {
            let mut word = json!({ "type": "string", "enum": words });
            describe(&mut word, schema);
            return word;
        }
        let mut object = self.value(schema, (name, ""));
        add_rules(&mut object, rules::of_definition(name));
        object
    }

    /// The schema of one value, which is the field `place` of a definition.
    fn value(&self, schema: &Value, place: (&str, &str)) -> Value {
        if let Some(target) = target(schema) {
            let mut value = self.definition(target);
            describe(&mut value, schema);
            bounds::narrow(&mut value, place);
            return value;
        }
        let mut value = Map::new();
        let kind = kind(schema);
        value.insert("type".to_owned(), kind.into());
        for keyword in [
            "description",
            "format",
            "pattern",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "required",
        ] {
            if let Some(rule) = schema.get(keyword) {
                value.insert(keyword.to_owned(), rule.clone());
            }
        }
        if kind == "object" {
            self.fields(schema, place, &mut value);
        }
        if let Some(items) = schema.get("items") {
            let items = self.value(items, (place.0, "[]"));
            value.insert("items".to_owned(), items);
        }
        let mut value = Value::Object(value);
        describe(&mut value, schema);
        bounds::narrow(&mut value, place);
        value
    }

    fn fields(&self, schema: &Value, (owner, _): (&str, &str), value: &mut Map<String, Value>) {
        if let Some(Value::Object(fields)) = schema.get("properties") {
            let fields = fields
                .iter()
                .map(|(name, schema)| (name.clone(), self.value(schema, (owner, name))));
            value.insert("properties".to_owned(), Value::Object(fields.collect()));
            // An API server drops what a schema does not name, and tells only those who ask: of a
            // misspelt `atLeast: 2` a demand of one would be left. Kept, it is found and refused.
            let keep = "x-kubernetes-preserve-unknown-fields";
            value.insert(keep.to_owned(), true.into());
            return;
        }
        // A map: `false` says that there are no other fields, which is what structural schemas do.
        if let Some(values) = schema.get("additionalProperties").filter(|s| s.is_object()) {
            let values = self.value(values, (owner, "{}"));
            value.insert("additionalProperties".to_owned(), values);
        }
    }
}

/// Adds rules in CEL to `schema`.
pub(super) fn add_rules(schema: &mut Value, rules: Vec<Rule>) {
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|Rule { rule, message }| json!({ "rule": rule, "message": message }))
        .collect();
    let Value::Object(schema) = schema else {
        return;
    };
    if rules.is_empty() {
        return;
    }
    let known = schema
        .entry("x-kubernetes-validations")
        .or_insert_with(|| json!([]));
    if let Value::Array(known) = known {
        known.extend(rules);
    }
}

/// The description of `schema` on one line, where it has one: it says more than that of its type.
fn describe(value: &mut Value, schema: &Value) {
    let description = schema.get("description").and_then(Value::as_str);
    if let (Value::Object(value), Some(description)) = (value, description) {
        let line = description.replace('\n', " ");
        value.insert("description".to_owned(), line.into());
    }
}

/// The definition that `schema` refers to; that it may be absent is said by its owner.
fn target(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref");
    let either = || {
        let choices = schema.get("anyOf")?.as_array()?;
        choices.iter().find_map(|choice| choice.get("$ref"))
    };
    let path = direct.or_else(either)?.as_str()?;
    path.rsplit('/').next()
}

/// The type of `schema`, of the two of which one is `null`.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or("object")
        }
        _ => "object",
    }
}

/// The words of a choice between words.
fn words(schema: &Value) -> Option<Vec<&Value>> {
    let choices = schema.get("oneOf")?.as_array()?;
    choices.iter().map(|choice| choice.get("const")).collect()
}
