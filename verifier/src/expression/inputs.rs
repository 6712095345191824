//! The values of variables, made once and used by many expressions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::limits::{MAX_INPUT_DEPTH, MAX_INPUT_NODES};
use super::moment;
use super::scope::{NOW, Scope, Shape};
use super::value::{Key, Value};
use crate::code::Code;
use crate::content::ContentError;

/// What the variables are. Copies are cheap.
#[derive(Clone, Debug)]
pub struct Inputs {
    variables: BTreeMap<String, Value>,
    nodes: usize,
}

impl Inputs {
    /// The inputs in which only `now` has a value.
    pub fn new(now: Timestamp) -> Self {
        let now = (NOW.0.to_owned(), Value::Timestamp(now));
        Self {
            variables: BTreeMap::from([now]),
            nodes: 1,
        }
    }

    /// Gives the variable `name` of `scope` the value `value`. Members that are `null` are absent,
    /// and text where the scope has a [`Shape::Timestamp`] becomes a timestamp if it is one.
    ///
    /// # Errors
    ///
    /// [`ContentError`]: `limit/exceeded` where the values are too many or too deep, otherwise
    /// `expression/failed`.
    pub fn bind(&mut self, scope: &Scope, name: &str, value: &Json) -> Result<(), ContentError> {
        let Some(shape) = scope.shape(name) else {
            let names: Vec<&str> = scope.names().collect();
            let expected = format!("one of `{}`", names.join("`, `"));
            let found = format!("`{name}`");
            let code = Code::ExpressionFailed;
            return Err(ContentError::new(code, name, expected, found));
        };
        let mut reader = Reader {
            variable: name,
            nodes: self.nodes,
            names: BTreeSet::new(),
        };
        let value = reader.value(value, shape, 0)?;
        self.nodes = reader.nodes;
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    /// Takes what `other` knows as well; values are shared and not copied.
    ///
    /// # Errors
    ///
    /// [`ContentError`]: `limit/exceeded` where the values are too many together.
    pub fn extend(&mut self, other: &Self) -> Result<(), ContentError> {
        self.nodes = self.nodes.saturating_add(other.nodes);
        if self.nodes > MAX_INPUT_NODES {
            let (limit, found) = (MAX_INPUT_NODES, self.nodes);
            return Err(ContentError::limit("the variables", "values", limit, found));
        }
        let variables = other.variables.iter();
        self.variables
            .extend(variables.map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }

    /// The value of the variable `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }
}

/// Turns JSON into values.
struct Reader<'a> {
    variable: &'a str,
    nodes: usize,
    /// Names of members, each kept once however often it stands there.
    names: BTreeSet<Arc<str>>,
}

impl Reader<'_> {
    fn value(&mut self, json: &Json, shape: Shape, depth: usize) -> Result<Value, ContentError> {
        self.nodes += 1;
        if self.nodes > MAX_INPUT_NODES {
            let (limit, found) = (MAX_INPUT_NODES, self.nodes);
            return Err(ContentError::limit(self.variable, "values", limit, found));
        }
        if depth > MAX_INPUT_DEPTH {
            let limit = MAX_INPUT_DEPTH;
            return Err(ContentError::limit(self.variable, "levels", limit, depth));
        }
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => self.number(number)?,
            Json::String(text) => match shape {
                Shape::Timestamp => moment::timestamp(text)
                    .map_or_else(|| Value::Text(text.as_str().into()), Value::Timestamp),
                _ => Value::Text(text.as_str().into()),
            },
            Json::Array(items) => {
                let inner = shape.elements().unwrap_or(Shape::Any);
                let items: Result<Vec<Value>, ContentError> = items
                    .iter()
                    .map(|item| self.value(item, inner, depth + 1))
                    .collect();
                Value::List(Arc::new(items?))
            }
            Json::Object(members) => {
                let mut map = BTreeMap::new();
                for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                    let inner = shape.field(name).unwrap_or(Shape::Any);
                    let member = self.value(member, inner, depth + 1)?;
                    map.insert(Key::Text(self.name(name)), member);
                }
                Value::Map(Arc::new(map))
            }
        })
    }

    /// Whole numbers are `int`, or `uint` above; all others are `double`.
    fn number(&self, number: &serde_json::Number) -> Result<Value, ContentError> {
        let whole = number.as_i64().map(Value::Int);
        whole
            .or_else(|| number.as_u64().map(Value::Uint))
            .or_else(|| number.as_f64().map(Value::Double))
            .ok_or_else(|| {
                let code = Code::ExpressionFailed;
                let found = number.to_string();
                ContentError::new(code, self.variable, "a number of 64 bits", found)
            })
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.names.insert(Arc::clone(&new));
        new
    }
}
