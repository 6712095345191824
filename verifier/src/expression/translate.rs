//! From the parser's syntax tree to ours: every name is resolved, every field of a known shape is
//! looked up, every constant pattern is compiled. What is wrong is said now and not at admission.

mod calls;
mod names;

use std::collections::BTreeSet;

use cel::common::ast::{
    CallExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, LiteralValue, SourceInfo, operators,
};

use super::error::{ExpressionError, Places, Position};
use super::limits::MAX_DEPTH;
use super::node::{Binary, Kind, Known, Logic, Node};
use super::scope::{Scope, Shape};
use super::value::Value;

/// A part, and what is known about it.
type Part = (Node, Known);

/// Translates one expression.
pub(super) struct Translator<'a> {
    scope: &'a Scope,
    places: &'a Places,
    source: &'a SourceInfo,
    /// The variables of the comprehensions around the part, the outermost first.
    locals: Vec<(String, Known)>,
    /// The variables of the scope that were named so far.
    used: BTreeSet<String>,
}

impl<'a> Translator<'a> {
    pub(super) fn new(scope: &'a Scope, places: &'a Places, source: &'a SourceInfo) -> Self {
        Self {
            scope,
            places,
            source,
            locals: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// The variables of the scope that the expression names.
    pub(super) fn used(self) -> BTreeSet<String> {
        self.used
    }

    /// Translates a whole expression, which must be able to be a bool.
    pub(super) fn condition(&mut self, expr: &IdedExpr) -> Result<Node, ExpressionError> {
        self.bool(expr, 1)
    }

    fn at(&self, expr: &IdedExpr) -> Position {
        let range = self.source.offset_for(expr.id);
        let offset = range.and_then(|(start, _)| usize::try_from(start).ok());
        offset.map_or(Position::START, |offset| self.places.at(offset))
    }

    /// Translates a part that must be able to be a bool.
    fn bool(&mut self, expr: &IdedExpr, level: usize) -> Result<Node, ExpressionError> {
        let (node, known) = self.part(expr, level)?;
        if known.may_be_bool() {
            return Ok(node);
        }
        let message = "this cannot be a condition";
        let found = known.describe();
        Err(ExpressionError::invalid(node.at, message, "a bool", found))
    }

    /// Translates the part `expr`, which is `level` levels below the root.
    fn part(&mut self, expr: &IdedExpr, level: usize) -> Result<Part, ExpressionError> {
        let at = self.at(expr);
        if level > MAX_DEPTH {
            let message = "the expression nests too deep";
            return Err(ExpressionError::costly(at, message, MAX_DEPTH, "levels"));
        }
        match &expr.expr {
            Expr::Literal(literal) => Ok(self::literal(literal, at)),
            Expr::Ident(name) => self.name(name, at),
            Expr::Select(select) => self.select(select, at, level),
            Expr::Call(call) => self.call(call, at, level),
            Expr::List(list) => self.list(&list.elements, at, level),
            Expr::Map(map) => self.map(&map.entries, at, level),
            Expr::Struct(message) => Err(unsupported(at, &format!("`{}{{…}}`", message.type_name))),
            Expr::Comprehension(_) | Expr::Unspecified => Err(unsupported(at, "nothing")),
        }
    }

    fn list(
        &mut self,
        elements: &[IdedExpr],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let nodes: Result<Vec<Node>, ExpressionError> = elements
            .iter()
            .map(|element| Ok(self.part(element, level + 1)?.0))
            .collect();
        let kind = Kind::List(nodes?);
        Ok((Node { at, kind }, Known::Shape(Shape::List(&Shape::Any))))
    }

    fn map(
        &mut self,
        entries: &[IdedEntryExpr],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return Err(unsupported(at, "a message"));
            };
            let (key, _) = self.part(&entry.key, level + 1)?;
            let (value, _) = self.part(&entry.value, level + 1)?;
            nodes.push([key, value]);
        }
        let kind = Kind::Map(nodes);
        Ok((Node { at, kind }, Known::Shape(Shape::Map(&Shape::Any))))
    }

    fn call(
        &mut self,
        call: &CallExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        if let Some(target) = &call.target {
            return self.member(call, target, at, level);
        }
        let args = call.args.as_slice();
        match (call.func_name.as_str(), args) {
            (operators::LOGICAL_AND, [left, right]) => {
                self.logic(Logic::And, [left, right], at, level)
            }
            (operators::LOGICAL_OR, [left, right]) => {
                self.logic(Logic::Or, [left, right], at, level)
            }
            (operators::LOGICAL_NOT | operators::NEGATE, [inner]) => {
                self.unary(&call.func_name, inner, at, level)
            }
            (operators::CONDITIONAL, [test, yes, no]) => self.choose([test, yes, no], at, level),
            (operators::INDEX, [of, key]) => self.index(of, key, at, level),
            (name, [left, right]) => match binary(name) {
                Some(operator) => self.binary(operator, [left, right], at, level),
                None => self.global(call, at, level),
            },
            _ => self.global(call, at, level),
        }
    }

    fn unary(
        &mut self,
        name: &str,
        inner: &IdedExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        if name == operators::LOGICAL_NOT {
            let kind = Kind::Not(Box::new(self.bool(inner, level + 1)?));
            return Ok((Node { at, kind }, Known::BOOL));
        }
        let (inner, _) = self.part(inner, level + 1)?;
        let kind = Kind::Negate(Box::new(inner));
        Ok((Node { at, kind }, Known::Arithmetic))
    }

    fn choose(
        &mut self,
        [test, yes, no]: [&IdedExpr; 3],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let test = self.bool(test, level + 1)?;
        let (yes, known) = self.part(yes, level + 1)?;
        let (no, other) = self.part(no, level + 1)?;
        let known = if known == other { known } else { Known::ANY };
        let kind = Kind::Choose(Box::new([test, yes, no]));
        Ok((Node { at, kind }, known))
    }

    fn logic(
        &mut self,
        logic: Logic,
        [left, right]: [&IdedExpr; 2],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let left = self.bool(left, level + 1)?;
        let right = self.bool(right, level + 1)?;
        let kind = Kind::Logic(logic, Box::new([left, right]));
        Ok((Node { at, kind }, Known::BOOL))
    }

    fn binary(
        &mut self,
        operator: Binary,
        [left, right]: [&IdedExpr; 2],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let (left, first) = self.part(left, level + 1)?;
        let (right, second) = self.part(right, level + 1)?;
        let known = match operator {
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
                Known::Arithmetic
            }
            Binary::In => Known::BOOL,
            _ => {
                comparable(operator, first, second, at)?;
                Known::BOOL
            }
        };
        let kind = Kind::Binary(operator, Box::new([left, right]));
        Ok((Node { at, kind }, known))
    }
}

/// Refuses a comparison that can never succeed.
fn comparable(
    operator: Binary,
    left: Known,
    right: Known,
    at: Position,
) -> Result<(), ExpressionError> {
    let (Some(first), Some(second)) = (left.kind(), right.kind()) else {
        return Ok(());
    };
    if first == second {
        return Ok(());
    }
    let message = format!("`{}` compares values of different kinds", operator.sign());
    Err(ExpressionError::invalid(at, message, first, second))
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Modulo,
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::LessOrEqual,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::GreaterOrEqual,
        operators::IN => Binary::In,
        _ => return None,
    })
}

fn literal(literal: &LiteralValue, at: Position) -> Part {
    let (value, known) = match literal {
        LiteralValue::Boolean(value) => (Value::Bool(*value.inner()), Known::BOOL),
        LiteralValue::Int(value) => (Value::Int(*value.inner()), Known::Shape(Shape::Number)),
        LiteralValue::UInt(value) => (Value::Uint(*value.inner()), Known::Shape(Shape::Number)),
        LiteralValue::Double(value) => (Value::Double(*value.inner()), Known::Shape(Shape::Number)),
        LiteralValue::String(value) => {
            (Value::Text(value.inner().into()), Known::Shape(Shape::Text))
        }
        LiteralValue::Bytes(value) => (Value::Bytes(value.inner().into()), Known::Bytes),
        LiteralValue::Null => (Value::Null, Known::Null),
    };
    let kind = Kind::Literal(value);
    (Node { at, kind }, known)
}

fn unsupported(at: Position, found: &str) -> ExpressionError {
    let message = "this part of CEL is not supported";
    let expected = "values, operators, functions and macros of the documentation";
    ExpressionError::invalid(at, message, expected, found)
}
