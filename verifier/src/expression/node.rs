//! An expression as it is evaluated: checked, resolved, and with the place of each part.

use std::sync::Arc;

use super::error::Position;
use super::functions::Function;
use super::pattern::Pattern;
use super::scope::Shape;
use super::value::Value;

/// One part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) kind: Kind,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Literal(Value),
    /// A variable of the scope.
    Variable(String),
    /// A variable of a comprehension, by the depth of that comprehension.
    Local(usize),
    Field(Box<Node>, Arc<str>),
    Has(Box<Node>, Arc<str>),
    Index(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Logic(Logic, Box<[Node; 2]>),
    Choose(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    List(Vec<Node>),
    Map(Vec<[Node; 2]>),
    Call(Function, Vec<Node>),
    /// `matches` with a constant pattern.
    Matches(Box<Node>, Pattern),
    /// `matches` with a pattern that depends on evidence.
    MatchesDynamic(Box<[Node; 2]>),
    Each(Box<Each>),
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
}

/// An operator with two sides that are both needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Binary {
    /// The operator as it is written.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }
}

/// A comprehension.
#[derive(Clone, Debug)]
pub(super) struct Each {
    pub(super) quantifier: Quantifier,
    pub(super) range: Node,
    /// Which elements count, where that is said (`map` with three arguments).
    pub(super) filter: Option<Node>,
    pub(super) body: Node,
}

/// What a comprehension asks of its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// What is known about a part before there are values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// As of a variable.
    Shape(Shape),
    Null,
    Bytes,
    Duration,
    Type,
    /// The result of arithmetic: not a bool, otherwise anything.
    Arithmetic,
}

impl Known {
    pub(super) const ANY: Self = Self::Shape(Shape::Any);
    pub(super) const BOOL: Self = Self::Shape(Shape::Bool);

    /// Whether this can be a bool.
    pub(super) const fn may_be_bool(self) -> bool {
        matches!(self, Self::Shape(Shape::Any | Shape::Bool))
    }

    /// The kind of value in words, where it is plain; values of different kinds cannot be compared.
    pub(super) const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Shape(Shape::Any) | Self::Null | Self::Arithmetic => None,
            Self::Shape(shape) => Some(shape.describe()),
            Self::Bytes => Some("bytes"),
            Self::Duration => Some("a duration"),
            Self::Type => Some("a type"),
        }
    }

    /// What this is, in words.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Shape(shape) => shape.describe(),
            Self::Null => "null",
            Self::Bytes => "bytes",
            Self::Duration => "a duration",
            Self::Type => "a type",
            Self::Arithmetic => "the result of arithmetic",
        }
    }
}
