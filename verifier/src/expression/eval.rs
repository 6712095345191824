//! The evaluation of a checked expression, in steps that are counted.
//!
//! The recursion is as deep as the expression, which is at most
//! `MAX_DEPTH`; all loops are over values and pay for each element.

mod arithmetic;
mod calls;
mod convert;
mod each;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::{Budget, Fault, FaultKind};
use super::error::Position;
use super::inputs::Inputs;
use super::limits::MAX_DYNAMIC_PATTERNS;
use super::node::{Binary, Kind, Logic, Node};
use super::pattern::{Pattern, PatternError};
use super::value::{self, Key, Order, Value};

/// The value of a part, or why it has none.
type Answer = Result<Value, Fault>;

/// One evaluation.
pub(super) struct Evaluation<'a> {
    inputs: &'a Inputs,
    budget: Budget,
    /// The variables of the comprehensions around the part, the outermost first.
    locals: Vec<Value>,
    /// Patterns that are not constants, by their text.
    patterns: BTreeMap<Arc<str>, Arc<Pattern>>,
}

impl<'a> Evaluation<'a> {
    pub(super) const fn new(inputs: &'a Inputs) -> Self {
        Self {
            inputs,
            budget: Budget::new(),
            locals: Vec::new(),
            patterns: BTreeMap::new(),
        }
    }

    /// The budget as it is now.
    pub(super) const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The bool that `node` must be.
    pub(super) fn bool(&mut self, node: &Node) -> Result<bool, Fault> {
        let value = self.value(node)?;
        if let Value::Bool(value) = value {
            return Ok(value);
        }
        Err(unexpected(node.at, "a bool", &value))
    }

    /// The value of `node`.
    pub(super) fn value(&mut self, node: &Node) -> Answer {
        self.budget.spend(1, node.at)?;
        let at = node.at;
        match &node.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Variable(name) => {
                let value = self.inputs.get(name).cloned();
                value.ok_or_else(|| Fault::failed(at, format!("`{name}` has no value here")))
            }
            Kind::Local(index) => {
                let value = self.locals.get(*index).cloned();
                value.ok_or_else(|| Fault::failed(at, "a variable has no value here"))
            }
            Kind::Field(of, name) => self.field(of, name, at),
            Kind::Has(of, name) => self.has(of, name, at),
            Kind::Index(pair) => self.index(pair, at),
            Kind::Not(inner) => Ok(Value::Bool(!self.bool(inner)?)),
            Kind::Negate(inner) => {
                let value = self.value(inner)?;
                arithmetic::negate(&value, at)
            }
            Kind::Logic(logic, sides) => self.logic(*logic, sides),
            Kind::Choose(parts) => {
                let [test, yes, no] = parts.as_ref();
                let chosen = if self.bool(test)? { yes } else { no };
                self.value(chosen)
            }
            Kind::Binary(operator, sides) => self.binary(*operator, sides, at),
            Kind::List(elements) => self.list(elements, at),
            Kind::Map(entries) => self.map(entries, at),
            Kind::Call(function, arguments) => self.call(*function, arguments, at),
            Kind::Matches(text, pattern) => {
                let text = self.value(text)?;
                self.matches(&text, pattern, at)
            }
            Kind::MatchesDynamic(pair) => self.matches_dynamic(pair, at),
            Kind::Each(each) => self.each(each, at),
        }
    }

    fn field(&mut self, of: &Node, name: &Arc<str>, at: Position) -> Answer {
        let of = self.value(of)?;
        let Value::Map(map) = &of else {
            return Err(unexpected(
                at,
                &format!("a map with the field `{name}`"),
                &of,
            ));
        };
        self.budget.look_up(map.len(), name.len(), at)?;
        let value = map.get(&Key::Text(Arc::clone(name))).cloned();
        value.ok_or_else(|| Fault::failed(at, format!("there is no field `{name}`")))
    }

    fn has(&mut self, of: &Node, name: &Arc<str>, at: Position) -> Answer {
        let of = self.value(of)?;
        let Value::Map(map) = &of else {
            return Err(unexpected(at, "a map", &of));
        };
        self.budget.look_up(map.len(), name.len(), at)?;
        Ok(Value::Bool(map.contains_key(&Key::Text(Arc::clone(name)))))
    }

    fn index(&mut self, [of, key]: &[Node; 2], at: Position) -> Answer {
        let of = self.value(of)?;
        let key = self.value(key)?;
        match &of {
            Value::List(list) => {
                let Some(index) = key.whole() else {
                    return Err(unexpected(at, "a position in a list", &key));
                };
                let element = usize::try_from(index)
                    .ok()
                    .and_then(|index| list.get(index));
                element.cloned().ok_or_else(|| {
                    let elements = list.len();
                    let message = format!("expected a position below {elements}, found {index}");
                    Fault::failed(at, message)
                })
            }
            Value::Map(map) => {
                let Some(key) = key.key() else {
                    return Err(unexpected(at, "a key of a map", &key));
                };
                self.budget.look_up(map.len(), key.bytes(), at)?;
                let value = map.get(&key).cloned();
                value.ok_or_else(|| {
                    Fault::failed(at, format!("there is no key {}", shown(&key.value())))
                })
            }
            _ => Err(unexpected(at, "a list or a map", &of)),
        }
    }

    /// `&&` and `||`: a side that decides absorbs an error of the other (cel-spec, langdef,
    /// "Logical Operators"); nothing absorbs a bound.
    fn logic(&mut self, logic: Logic, [left, right]: &[Node; 2]) -> Answer {
        let decides = logic == Logic::Or;
        let left = match self.bool(left) {
            Ok(value) if value == decides => return Ok(Value::Bool(value)),
            Ok(_) => None,
            Err(fault) if fault.kind == FaultKind::TooCostly => return Err(fault),
            Err(fault) => Some(fault),
        };
        let right = self.bool(right)?;
        match left {
            Some(fault) if right != decides => Err(fault),
            _ => Ok(Value::Bool(right)),
        }
    }

    fn binary(&mut self, operator: Binary, [left, right]: &[Node; 2], at: Position) -> Answer {
        let left = self.value(left)?;
        let right = self.value(right)?;
        match operator {
            Binary::Equal | Binary::NotEqual => {
                let answer = value::equal(&left, &right, &mut self.budget, at)?;
                let equal = answer.ok_or_else(|| mismatch(operator, &left, &right, at))?;
                Ok(Value::Bool(equal == (operator == Binary::Equal)))
            }
            Binary::In => self.contained(&left, &right, at),
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                self.compare(operator, &left, &right, at)
            }
            _ => arithmetic::binary(operator, &left, &right, &mut self.budget, at),
        }
    }

    fn compare(&mut self, operator: Binary, left: &Value, right: &Value, at: Position) -> Answer {
        match (left, right) {
            (Value::Text(a), Value::Text(b)) => self.budget.read(a.len().min(b.len()), at)?,
            (Value::Bytes(a), Value::Bytes(b)) => self.budget.read(a.len().min(b.len()), at)?,
            _ => {}
        }
        let order = match value::order(left, right) {
            Order::Is(order) => order,
            Order::NotANumber => return Ok(Value::Bool(false)),
            Order::Foreign => return Err(mismatch(operator, left, right, at)),
        };
        Ok(Value::Bool(match operator {
            Binary::Less => order.is_lt(),
            Binary::LessOrEqual => order.is_le(),
            Binary::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    /// `needle in range`.
    fn contained(&mut self, needle: &Value, range: &Value, at: Position) -> Answer {
        match range {
            Value::List(list) => {
                for element in list.iter() {
                    let equal = value::equal(needle, element, &mut self.budget, at)?;
                    if equal == Some(true) {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Value::Map(map) => {
                let Some(key) = needle.key() else {
                    // A number with a fraction is no key, but it is a number.
                    return match needle {
                        Value::Double(_) => Ok(Value::Bool(false)),
                        _ => Err(unexpected(at, "a key of a map before `in`", needle)),
                    };
                };
                self.budget.look_up(map.len(), key.bytes(), at)?;
                Ok(Value::Bool(map.contains_key(&key)))
            }
            _ => Err(unexpected(at, "a list or a map after `in`", range)),
        }
    }

    fn list(&mut self, elements: &[Node], at: Position) -> Answer {
        self.budget.grow(elements.len(), at)?;
        let values: Result<Vec<Value>, Fault> =
            elements.iter().map(|element| self.value(element)).collect();
        Ok(Value::List(Arc::new(values?)))
    }

    fn map(&mut self, entries: &[[Node; 2]], at: Position) -> Answer {
        self.budget.grow(entries.len() * 2, at)?;
        let mut map = BTreeMap::new();
        for [key, value] in entries {
            let at = key.at;
            let key = self.value(key)?;
            let value = self.value(value)?;
            // A number with a fraction is a key for looking up only.
            let as_key = match key {
                Value::Double(_) => None,
                _ => key.key(),
            };
            let Some(as_key) = as_key else {
                return Err(unexpected(
                    at,
                    "a bool, an integer or a string as key",
                    &key,
                ));
            };
            self.budget.look_up(map.len(), as_key.bytes(), at)?;
            if map.insert(as_key, value).is_some() {
                let message = format!("the key {} stands twice in a map", shown(&key));
                return Err(Fault::failed(at, message));
            }
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn matches(&mut self, text: &Value, pattern: &Pattern, at: Position) -> Answer {
        let Value::Text(text) = text else {
            return Err(unexpected(at, "a string before `matches`", text));
        };
        self.budget.spend(pattern.steps(text.len()), at)?;
        Ok(Value::Bool(pattern.matches(text)))
    }

    fn matches_dynamic(&mut self, [text, pattern]: &[Node; 2], at: Position) -> Answer {
        let text = self.value(text)?;
        let source = self.value(pattern)?;
        let Value::Text(source) = &source else {
            return Err(unexpected(at, "a string as pattern", &source));
        };
        let known = self.patterns.get(source).cloned();
        let compiled = if let Some(known) = known {
            known
        } else {
            if self.patterns.len() == MAX_DYNAMIC_PATTERNS {
                let unit = "different patterns that are no constants";
                return Err(Fault::costly(at, MAX_DYNAMIC_PATTERNS, unit));
            }
            let new = Pattern::new(source).map_err(|error| match error {
                PatternError::TooLarge(limit, unit) => Fault::costly(at, limit, unit),
                PatternError::Malformed(detail) => {
                    Fault::failed(at, format!("expected a regular expression, found {detail}"))
                }
            })?;
            let new = Arc::new(new);
            self.patterns.insert(Arc::clone(source), Arc::clone(&new));
            new
        };
        self.matches(&text, &compiled, at)
    }
}

/// A value of the wrong type.
fn unexpected(at: Position, expected: &str, found: &Value) -> Fault {
    Fault::failed(at, format!("expected {expected}, found {}", shown(found)))
}

fn mismatch(operator: Binary, left: &Value, right: &Value, at: Position) -> Fault {
    let sign = operator.sign();
    let (left, right) = (shown(left), shown(right));
    let message =
        format!("expected two comparable values around `{sign}`, found {left} and {right}");
    Fault::failed(at, message)
}

/// A value for messages: its type, and the beginning of it where it is short.
fn shown(value: &Value) -> String {
    /// Characters of text that a message repeats.
    const SHOWN: usize = 40;
    let name = value.type_name();
    match value {
        Value::Bool(value) => format!("{name} `{value}`"),
        Value::Int(value) => format!("{name} `{value}`"),
        Value::Uint(value) => format!("{name} `{value}`"),
        Value::Text(text) => {
            let short: String = text.chars().take(SHOWN).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{name} `{short}{more}`")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_message_is_whole_up_to_its_bound() {
        let told = |length: usize| shown(&Value::Text("é".repeat(length).into()));
        assert_eq!(told(40), format!("string `{}`", "é".repeat(40)));
        assert_eq!(told(41), format!("string `{}…`", "é".repeat(40)));
    }
}
