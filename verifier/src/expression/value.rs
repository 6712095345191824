//! Values, and when two are equal or one is less.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::budget::{Budget, Fault};
use super::error::Position;

/// A value of CEL (cel-spec, langdef, "Values"). Copies are cheap: whatever is large is shared.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    List(Arc<Vec<Value>>),
    Map(Arc<BTreeMap<Key, Value>>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    /// A type as a value, by its name.
    Type(&'static str),
}

/// The key of a map. Equal numbers are equal keys, signed or not.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Text(Arc<str>),
}

impl Key {
    fn order(&self) -> (u8, i128, &str) {
        match self {
            Self::Bool(value) => (0, i128::from(*value), ""),
            Self::Int(value) => (1, i128::from(*value), ""),
            Self::Uint(value) => (1, i128::from(*value), ""),
            Self::Text(value) => (2, 0, value),
        }
    }

    /// Bytes that are read to compare the key.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bool(_) | Self::Int(_) | Self::Uint(_) => 0,
        }
    }

    /// The key as the value that comprehensions see.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Uint(value) => Value::Uint(*value),
            Self::Text(value) => Value::Text(Arc::clone(value)),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl Value {
    /// The name of the value's type.
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
        }
    }

    /// The value as a key; nothing where it cannot be one.
    pub(super) fn key(&self) -> Option<Key> {
        match self {
            Self::Bool(value) => Some(Key::Bool(*value)),
            Self::Int(value) => Some(Key::Int(*value)),
            Self::Uint(value) => Some(Key::Uint(*value)),
            Self::Text(value) => Some(Key::Text(Arc::clone(value))),
            Self::Double(_) => {
                let whole = self.whole()?;
                let signed = i64::try_from(whole).map(Key::Int);
                signed.or_else(|_| u64::try_from(whole).map(Key::Uint)).ok()
            }
            _ => None,
        }
    }

    /// The value as a whole number, where it is exactly one.
    pub(super) fn whole(&self) -> Option<i128> {
        match self {
            Self::Double(value) if value.fract() == 0.0 => truncated(*value),
            _ => self.integer(),
        }
    }

    /// The value of an `int` or a `uint`.
    fn integer(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(i128::from(*value)),
            Self::Uint(value) => Some(i128::from(*value)),
            _ => None,
        }
    }
}

/// The whole part of a number; nothing where it is far outside of all integers of CEL.
pub(super) fn truncated(number: f64) -> Option<i128> {
    /// 2^65: above every integer of CEL, and exact.
    const BOUND: f64 = 36_893_488_147_419_103_232.0;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the number is finite and below 2^65; the cast cuts the fraction, as wanted"
    )]
    (number.abs() < BOUND).then_some(number as i128)
}

/// The nearest double.
pub(super) fn nearest(whole: i128) -> f64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "rounding is what the conversion is about"
    )]
    {
        whole as f64
    }
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// One is less, or they are equal.
    Is(Ordering),
    /// One is not a number (IEEE 754): neither less, equal nor greater.
    NotANumber,
    /// They are of kinds that are not compared.
    Foreign,
}

impl Order {
    fn of_doubles(order: Option<Ordering>) -> Self {
        order.map_or(Self::NotANumber, Self::Is)
    }

    /// Whether the values are equal; nothing where they are of kinds that are not compared.
    fn equal(self) -> Option<bool> {
        (self != Self::Foreign).then_some(self == Self::Is(Ordering::Equal))
    }
}

/// Which of two values is less. Numbers of different types are compared as if on one line (cel-spec,
/// langdef, "Ordering").
pub(super) fn order(left: &Value, right: &Value) -> Order {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => Order::Is(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Order::Is(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Order::Is(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Order::Is(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Order::Is(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => Order::of_doubles(a.partial_cmp(b)),
        _ => order_of_numbers(left, right),
    }
}

fn order_of_numbers(left: &Value, right: &Value) -> Order {
    match (left.integer(), right.integer(), left, right) {
        (Some(a), Some(b), _, _) => Order::Is(a.cmp(&b)),
        (Some(a), None, _, Value::Double(b)) => Order::of_doubles(integer_to_double(a, *b)),
        (None, Some(b), Value::Double(a), _) => {
            Order::of_doubles(integer_to_double(b, *a).map(Ordering::reverse))
        }
        _ => Order::Foreign,
    }
}

fn integer_to_double(integer: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    let Some(cut) = truncated(double) else {
        return 0.0_f64.partial_cmp(&double);
    };
    // Beyond the whole part there is only the fraction, with the sign of the number.
    let fraction = 0.0_f64.partial_cmp(&double.fract())?;
    Some(integer.cmp(&cut).then(fraction))
}

/// Whether two values are equal; nothing where they are of kinds that are not compared.
///
/// Each pair that is looked at is a step.
pub(super) fn equal(
    left: &Value,
    right: &Value,
    budget: &mut Budget,
    at: Position,
) -> Result<Option<bool>, Fault> {
    budget.spend(1, at)?;
    Ok(match (left, right) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::Type(a), Value::Type(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Ok(Some(false));
            }
            all_equal(a.iter().zip(b.iter()), budget, at)?
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.len() != b.len() {
                return Ok(Some(false));
            }
            budget.spend(a.len(), at)?;
            budget.read(a.keys().map(Key::bytes).sum(), at)?;
            if !a.keys().eq(b.keys()) {
                return Ok(Some(false));
            }
            all_equal(a.values().zip(b.values()), budget, at)?
        }
        (Value::Text(a), Value::Text(b)) if a.len() != b.len() => Some(false),
        (Value::Text(a), Value::Text(_)) => {
            budget.read(a.len(), at)?;
            order(left, right).equal()
        }
        (Value::Bytes(a), Value::Bytes(_)) => {
            budget.read(a.len(), at)?;
            order(left, right).equal()
        }
        _ => order(left, right).equal(),
    })
}

fn all_equal<'a>(
    pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    budget: &mut Budget,
    at: Position,
) -> Result<Option<bool>, Fault> {
    let mut answer = Some(true);
    for (left, right) in pairs {
        match equal(left, right, budget, at)? {
            Some(true) => {}
            Some(false) => return Ok(Some(false)),
            None => answer = None,
        }
    }
    Ok(answer)
}
