//! Conversions between types (cel-spec, langdef, "List of Standard Definitions"): what does not fit
//! is an error.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::budget::Budget;
use super::super::error::Position;
use super::super::functions::Function;
use super::super::moment;
use super::super::value::{Value, nearest, truncated};
use super::{Answer, unexpected};

/// Bytes of the longest text of a number, a time or a duration: the least double takes some 330.
const SMALL: usize = 384;

pub(super) fn convert(
    function: Function,
    value: &Value,
    budget: &mut Budget,
    at: Position,
) -> Answer {
    if let Value::Text(text) = value {
        budget.read(text.len(), at)?;
    }
    let (converted, expected) = match function {
        Function::Bool => (bool(value), "a bool, or text of one"),
        Function::Int => (
            whole(value, i64::MIN.into(), i64::MAX.into()),
            "what fits an int",
        ),
        Function::Uint => (whole(value, 0, u64::MAX.into()), "what fits a uint"),
        Function::Double => (double(value), "a number, or text of one"),
        Function::Timestamp => (timestamp(value), "a time in RFC 3339"),
        Function::Duration => (duration(value), "a duration such as `72h` or `1h30m`"),
        Function::Bytes => {
            if let Value::Text(text) = value {
                budget.allocate(text.len(), at)?;
            }
            (bytes(value), "a string or bytes")
        }
        _ => {
            let size = match value {
                Value::Bytes(bytes) => bytes.len(),
                Value::Text(_) => 0,
                _ => SMALL,
            };
            budget.allocate(size, at)?;
            (
                text(value),
                "a bool, a number, UTF-8, a timestamp or a duration",
            )
        }
    };
    converted.ok_or_else(|| unexpected(at, expected, value))
}

fn bool(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Text(text) => match text.as_ref() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

/// An integer between `least` and `most`: `uint` where there is nothing below zero.
fn whole(value: &Value, least: i128, most: i128) -> Option<Value> {
    let number = match value {
        Value::Int(_) | Value::Uint(_) => value.whole()?,
        Value::Double(number) => {
            // The least int, and what rounds up to zero, are out of range as doubles (cel-spec,
            // conformance tests, "conversions").
            let inside = if least < 0 {
                *number > nearest(least)
            } else {
                *number >= 0.0
            };
            inside.then(|| truncated(*number)).flatten()?
        }
        Value::Text(text) => text.parse::<i128>().ok().filter(|_| plain(text))?,
        Value::Timestamp(time) if least < 0 => i128::from(time.as_second()),
        _ => return None,
    };
    if !(least..=most).contains(&number) {
        return None;
    }
    if least < 0 {
        return i64::try_from(number).ok().map(Value::Int);
    }
    u64::try_from(number).ok().map(Value::Uint)
}

/// Whether a text is a number without a plus sign.
fn plain(text: &str) -> bool {
    !text.starts_with('+')
}

fn double(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Double(number) => *number,
        Value::Int(_) | Value::Uint(_) => nearest(value.whole()?),
        Value::Text(text) => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite() && plain(text))?,
        _ => return None,
    };
    Some(Value::Double(number))
}

fn timestamp(value: &Value) -> Option<Value> {
    let time = match value {
        Value::Timestamp(time) => *time,
        Value::Text(text) => moment::timestamp(text)?,
        Value::Int(seconds) => Timestamp::from_second(*seconds)
            .ok()
            .and_then(moment::in_range)?,
        _ => return None,
    };
    Some(Value::Timestamp(time))
}

fn duration(value: &Value) -> Option<Value> {
    match value {
        Value::Duration(_) => Some(value.clone()),
        Value::Text(text) => moment::duration(text).map(Value::Duration),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<Value> {
    match value {
        Value::Bytes(_) => Some(value.clone()),
        Value::Text(text) => Some(Value::Bytes(Arc::from(text.as_bytes()))),
        _ => None,
    }
}

fn text(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Text(_) => return Some(value.clone()),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        Value::Timestamp(time) => moment::timestamp_text(*time),
        Value::Duration(duration) => moment::duration_text(*duration),
        _ => return None,
    };
    Some(Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::limits::MAX_VALUE_BYTES;

    #[test]
    fn no_text_of_a_number_is_longer_than_what_it_counts_for() {
        let at = Position { line: 1, column: 1 };
        let mut budget = Budget::new();
        for value in [f64::MIN_POSITIVE, -5e-324, f64::MAX] {
            let shown = convert(Function::Text, &Value::Double(value), &mut budget, at);
            let Ok(Value::Text(text)) = shown else {
                panic!("{value} has a text")
            };
            assert!(text.len() <= SMALL, "{}", text.len());
        }
        // As often as the budget has room for such a text.
        let mut budget = Budget::new();
        budget.allocate(MAX_VALUE_BYTES - SMALL, at).unwrap();
        assert!(convert(Function::Text, &Value::Int(1), &mut budget, at).is_ok());
        assert!(convert(Function::Text, &Value::Int(1), &mut budget, at).is_err());
    }
}
