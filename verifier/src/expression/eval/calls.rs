//! Functions on texts, collections and times; conversions are next door.

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::super::budget::Fault;
use super::super::error::Position;
use super::super::functions::{Function, Part};
use super::super::node::Node;
use super::super::value::Value;
use super::{Answer, Evaluation, convert, unexpected};

impl Evaluation<'_> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Node], at: Position) -> Answer {
        let values: Result<Vec<Value>, Fault> = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect();
        match (function, values?.as_slice()) {
            (Function::Size, [value]) => self.size(value, at),
            (Function::Contains | Function::StartsWith | Function::EndsWith, [text, part]) => {
                self.search(function, text, part, at)
            }
            (Function::Part(part), [value]) => part_of(part, value, at),
            (Function::Dyn, [value]) => Ok(value.clone()),
            (Function::Type, [value]) => Ok(Value::Type(value.type_name())),
            (_, [value]) => convert::convert(function, value, &mut self.budget, at),
            _ => Err(Fault::failed(at, "expected other arguments")),
        }
    }

    /// The size of a text is in code points.
    fn size(&mut self, value: &Value, at: Position) -> Answer {
        let size = match value {
            Value::Text(text) => {
                self.budget.read(text.len(), at)?;
                text.chars().count()
            }
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => return Err(unexpected(at, "a string, bytes, a list or a map", value)),
        };
        count(size, at)
    }

    fn search(&mut self, function: Function, text: &Value, part: &Value, at: Position) -> Answer {
        let (Value::Text(text), Value::Text(part)) = (text, part) else {
            let wrong = if matches!(text, Value::Text(_)) {
                part
            } else {
                text
            };
            return Err(unexpected(at, "a string", wrong));
        };
        let read = match function {
            Function::Contains => text.len().saturating_add(part.len()),
            _ => part.len(),
        };
        self.budget.read(read, at)?;
        Ok(Value::Bool(match function {
            Function::Contains => text.contains(part.as_ref()),
            Function::StartsWith => text.starts_with(part.as_ref()),
            _ => text.ends_with(part.as_ref()),
        }))
    }
}

fn count(size: usize, at: Position) -> Answer {
    let size = i64::try_from(size).map(Value::Int);
    size.map_err(|_| Fault::failed(at, "expected a size that fits an int, found a larger one"))
}

fn part_of(part: Part, value: &Value, at: Position) -> Answer {
    match value {
        Value::Timestamp(time) => Ok(Value::Int(part_of_time(part, *time))),
        Value::Duration(duration) => part_of_duration(part, *duration)
            .map(Value::Int)
            .ok_or_else(|| unexpected(at, "a timestamp", value)),
        _ => Err(unexpected(at, "a timestamp", value)),
    }
}

/// Months, and days but those of `getDate`, count from 0; Sunday is the first day of a week.
fn part_of_time(part: Part, time: Timestamp) -> i64 {
    let civil = Offset::UTC.to_datetime(time);
    match part {
        Part::FullYear => i64::from(civil.year()),
        Part::Month => i64::from(civil.month()) - 1,
        Part::Date => i64::from(civil.day()),
        Part::DayOfMonth => i64::from(civil.day()) - 1,
        Part::DayOfWeek => i64::from(civil.weekday().to_sunday_zero_offset()),
        Part::DayOfYear => i64::from(civil.day_of_year()) - 1,
        Part::Hours => i64::from(civil.hour()),
        Part::Minutes => i64::from(civil.minute()),
        Part::Seconds => i64::from(civil.second()),
        Part::Milliseconds => i64::from(civil.millisecond()),
    }
}

fn part_of_duration(part: Part, duration: SignedDuration) -> Option<i64> {
    match part {
        Part::Hours => Some(duration.as_hours()),
        Part::Minutes => Some(duration.as_mins()),
        Part::Seconds => Some(duration.as_secs()),
        Part::Milliseconds => Some(i64::from(duration.subsec_millis())),
        _ => None,
    }
}
