//! Arithmetic: whatever does not fit is an error, never a wrapped number (cel-spec, langdef,
//! "Numeric Values").

use std::sync::Arc;

use super::super::budget::{Budget, Fault};
use super::super::error::Position;
use super::super::moment;
use super::super::node::Binary;
use super::super::value::Value;
use super::{Answer, shown, unexpected};

pub(super) fn negate(value: &Value, at: Position) -> Answer {
    match value {
        Value::Int(value) => {
            let negated = value.checked_neg();
            negated.map(Value::Int).ok_or_else(|| overflow(at))
        }
        Value::Double(value) => Ok(Value::Double(-value)),
        _ => Err(unexpected(at, "an int or a double after `-`", value)),
    }
}

/// `left operator right` for `+`, `-`, `*`, `/` and `%`.
pub(super) fn binary(
    operator: Binary,
    left: &Value,
    right: &Value,
    budget: &mut Budget,
    at: Position,
) -> Answer {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            let result = match operator {
                Binary::Add => a.checked_add(*b),
                Binary::Subtract => a.checked_sub(*b),
                Binary::Multiply => a.checked_mul(*b),
                Binary::Divide | Binary::Modulo if *b == 0 => return Err(by_zero(at)),
                Binary::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            result.map(Value::Int).ok_or_else(|| overflow(at))
        }
        (Value::Uint(a), Value::Uint(b)) => {
            let result = match operator {
                Binary::Add => a.checked_add(*b),
                Binary::Subtract => a.checked_sub(*b),
                Binary::Multiply => a.checked_mul(*b),
                Binary::Divide | Binary::Modulo if *b == 0 => return Err(by_zero(at)),
                Binary::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            result.map(Value::Uint).ok_or_else(|| overflow(at))
        }
        (Value::Double(a), Value::Double(b)) => match operator {
            Binary::Add => Ok(Value::Double(a + b)),
            Binary::Subtract => Ok(Value::Double(a - b)),
            Binary::Multiply => Ok(Value::Double(a * b)),
            Binary::Divide => Ok(Value::Double(a / b)),
            _ => Err(mismatch(operator, left, right, at)),
        },
        _ if operator == Binary::Add => add(left, right, budget, at),
        _ if operator == Binary::Subtract => subtract(left, right, at),
        _ => Err(mismatch(operator, left, right, at)),
    }
}

fn add(left: &Value, right: &Value, budget: &mut Budget, at: Position) -> Answer {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => {
            budget.allocate(a.len() + b.len(), at)?;
            let mut joined = String::with_capacity(a.len() + b.len());
            joined.push_str(a);
            joined.push_str(b);
            Ok(Value::Text(joined.into()))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.allocate(a.len() + b.len(), at)?;
            Ok(Value::Bytes([a.as_ref(), b.as_ref()].concat().into()))
        }
        (Value::List(a), Value::List(b)) => {
            budget.grow(a.len() + b.len(), at)?;
            let joined: Vec<Value> = a.iter().chain(b.iter()).cloned().collect();
            Ok(Value::List(Arc::new(joined)))
        }
        (Value::Timestamp(time), Value::Duration(duration))
        | (Value::Duration(duration), Value::Timestamp(time)) => {
            let sum = time.checked_add(*duration).ok();
            let sum = sum.and_then(moment::in_range).map(Value::Timestamp);
            sum.ok_or_else(|| overflow(at))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            let sum = a.checked_add(*b).and_then(moment::short_enough);
            sum.map(Value::Duration).ok_or_else(|| overflow(at))
        }
        _ => Err(mismatch(Binary::Add, left, right, at)),
    }
}

fn subtract(left: &Value, right: &Value, at: Position) -> Answer {
    match (left, right) {
        (Value::Timestamp(a), Value::Timestamp(b)) => {
            let difference = moment::short_enough(a.duration_since(*b));
            difference.map(Value::Duration).ok_or_else(|| overflow(at))
        }
        (Value::Timestamp(time), Value::Duration(duration)) => {
            let earlier = time.checked_sub(*duration).ok();
            let earlier = earlier.and_then(moment::in_range).map(Value::Timestamp);
            earlier.ok_or_else(|| overflow(at))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            let difference = a.checked_sub(*b).and_then(moment::short_enough);
            difference.map(Value::Duration).ok_or_else(|| overflow(at))
        }
        _ => Err(mismatch(Binary::Subtract, left, right, at)),
    }
}

fn overflow(at: Position) -> Fault {
    Fault::failed(
        at,
        "expected a result that fits its type, found an overflow",
    )
}

fn by_zero(at: Position) -> Fault {
    Fault::failed(at, "expected a divisor, found zero")
}

fn mismatch(operator: Binary, left: &Value, right: &Value, at: Position) -> Fault {
    let sign = operator.sign();
    let (left, right) = (shown(left), shown(right));
    let message = format!("expected values that `{sign}` takes, found {left} and {right}");
    Fault::failed(at, message)
}
