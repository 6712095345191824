//! The functions that an expression may call. What is not here is refused when a policy is loaded.

use super::node::Known;
use super::scope::Shape;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    Dyn,
    Type,
    Part(Part),
}

/// A part of a time, in UTC; of a duration, the whole of it in that unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`.
    Global,
    /// `x.f()`.
    Member,
    /// Either way.
    Both,
}

/// One function: its name, how it is called, with how many arguments (the target is one), and what
/// its result is.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) style: Style,
    pub(super) arguments: usize,
    pub(super) result: Known,
    pub(super) function: Function,
}

const fn line(
    name: &'static str,
    style: Style,
    arguments: usize,
    result: Known,
    function: Function,
) -> Signature {
    Signature {
        name,
        style,
        arguments,
        result,
        function,
    }
}

const fn part(name: &'static str, part: Part) -> Signature {
    line(name, Style::Member, 1, NUMBER, Function::Part(part))
}

const NUMBER: Known = Known::Shape(Shape::Number);
const BOOL: Known = Known::Shape(Shape::Bool);

/// All functions (cel-spec, langdef, "List of Standard Definitions"); `matches` and the macros are
/// nodes of their own.
pub(super) const FUNCTIONS: [Signature; 24] = [
    line("size", Style::Both, 1, NUMBER, Function::Size),
    line("contains", Style::Member, 2, BOOL, Function::Contains),
    line("startsWith", Style::Member, 2, BOOL, Function::StartsWith),
    line("endsWith", Style::Member, 2, BOOL, Function::EndsWith),
    line("bool", Style::Global, 1, BOOL, Function::Bool),
    line("int", Style::Global, 1, NUMBER, Function::Int),
    line("uint", Style::Global, 1, NUMBER, Function::Uint),
    line("double", Style::Global, 1, NUMBER, Function::Double),
    line(
        "string",
        Style::Global,
        1,
        Known::Shape(Shape::Text),
        Function::Text,
    ),
    line("bytes", Style::Global, 1, Known::Bytes, Function::Bytes),
    line(
        "timestamp",
        Style::Global,
        1,
        Known::Shape(Shape::Timestamp),
        Function::Timestamp,
    ),
    line(
        "duration",
        Style::Global,
        1,
        Known::Duration,
        Function::Duration,
    ),
    line(
        "dyn",
        Style::Global,
        1,
        Known::Shape(Shape::Any),
        Function::Dyn,
    ),
    line("type", Style::Global, 1, Known::Type, Function::Type),
    part("getFullYear", Part::FullYear),
    part("getMonth", Part::Month),
    part("getDate", Part::Date),
    part("getDayOfMonth", Part::DayOfMonth),
    part("getDayOfWeek", Part::DayOfWeek),
    part("getDayOfYear", Part::DayOfYear),
    part("getHours", Part::Hours),
    part("getMinutes", Part::Minutes),
    part("getSeconds", Part::Seconds),
    part("getMilliseconds", Part::Milliseconds),
];

/// The names of types, which `type(x)` is compared with.
pub(super) const TYPES: [&str; 10] = [
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
    "type",
];
