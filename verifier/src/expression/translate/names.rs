//! Variables, fields and keys.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SelectExpr};

use super::super::error::{ExpressionError, Position};
use super::super::functions::TYPES;
use super::super::node::{Kind, Known, Node};
use super::super::scope::Shape;
use super::super::value::Value;
use super::{Part, Translator};

impl Translator<'_> {
    /// A name that stands alone.
    pub(super) fn name(&mut self, name: &str, at: Position) -> Result<Part, ExpressionError> {
        let local = self.locals.iter().rposition(|(local, _)| local == name);
        if let Some((_, known)) = local.and_then(|index| self.locals.get(index)) {
            let kind = Kind::Local(local.unwrap_or_default());
            return Ok((Node { at, kind }, *known));
        }
        if let Some(shape) = self.scope.shape(name) {
            self.used.insert(name.to_owned());
            let kind = Kind::Variable(name.to_owned());
            return Ok((Node { at, kind }, Known::Shape(shape)));
        }
        if let Some(name) = TYPES.iter().find(|known| **known == name) {
            let kind = Kind::Literal(Value::Type(name));
            return Ok((Node { at, kind }, Known::Type));
        }
        let names: Vec<&str> = self.scope.names().collect();
        let expected = one_of(&names);
        let found = format!("`{name}`");
        Err(ExpressionError::invalid(
            at,
            "there is no such variable here",
            expected,
            found,
        ))
    }

    /// Checks that a comprehension may call its variable `expr`, and returns that name.
    pub(super) fn new_name(&self, expr: &IdedExpr) -> Result<String, ExpressionError> {
        let at = self.at(expr);
        let Expr::Ident(name) = &expr.expr else {
            let message = "a comprehension needs a variable";
            let found = "something else";
            return Err(ExpressionError::invalid(
                at,
                message,
                "a simple name",
                found,
            ));
        };
        let taken = self.scope.shape(name).is_some()
            || TYPES.contains(&name.as_str())
            || self.locals.iter().any(|(local, _)| local == name);
        if taken || name.starts_with('.') {
            // Two readers of a policy must not take one name for different things.
            let message = "the variable of a comprehension hides another name";
            let expected = "a name of its own";
            let found = format!("`{name}`");
            return Err(ExpressionError::invalid(at, message, expected, found));
        }
        Ok(name.clone())
    }

    /// `operand.field`.
    pub(super) fn select(
        &mut self,
        select: &SelectExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let (of, known) = self.part(&select.operand, level + 1)?;
        let known = field_of(known, &select.field, at)?;
        let kind = Kind::Field(Box::new(of), select.field.as_str().into());
        Ok((Node { at, kind }, known))
    }

    /// `has(operand.field)`.
    pub(super) fn has(
        &mut self,
        args: &[IdedExpr],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let asked = match args {
            [asked] => Some(asked),
            _ => None,
        };
        let Some((Expr::Select(select), asked)) = asked.map(|asked| (&asked.expr, self.at(asked)))
        else {
            let message = "`has` asks for a field";
            let expected = "one argument such as `predicate.scanner`";
            let found = format!("{} arguments, or another expression", args.len());
            return Err(ExpressionError::invalid(at, message, expected, found));
        };
        let (of, known) = self.part(&select.operand, level + 2)?;
        field_of(known, &select.field, asked)?;
        let kind = Kind::Has(Box::new(of), select.field.as_str().into());
        Ok((Node { at, kind }, Known::BOOL))
    }

    /// `of[key]`.
    pub(super) fn index(
        &mut self,
        of: &IdedExpr,
        key: &IdedExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let constant = match &key.expr {
            Expr::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
            _ => None,
        };
        let (of, known) = self.part(of, level + 1)?;
        let (key, _) = self.part(key, level + 1)?;
        let known = match (known, constant) {
            (Known::Shape(Shape::List(elements)), None) => Known::Shape(*elements),
            (Known::Shape(Shape::Map(values)), _) => Known::Shape(*values),
            (Known::Shape(Shape::Any | Shape::Object(_)), None) => Known::ANY,
            (known, Some(name)) => field_of(known, &name, at)?,
            (known, None) => {
                let message = "only lists and maps have elements";
                let found = known.describe();
                let expected = "a list or a map before `[`";
                return Err(ExpressionError::invalid(at, message, expected, found));
            }
        };
        let kind = Kind::Index(Box::new([of, key]));
        Ok((Node { at, kind }, known))
    }
}

/// What is known about the field `name`.
fn field_of(known: Known, name: &str, at: Position) -> Result<Known, ExpressionError> {
    let Known::Shape(shape) = known else {
        return Err(no_fields(known, name, at));
    };
    if let Some(field) = shape.field(name) {
        return Ok(Known::Shape(field));
    }
    let Shape::Object(fields) = shape else {
        return Err(no_fields(known, name, at));
    };
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let message = "there is no such field";
    let found = format!("`{name}`");
    Err(ExpressionError::invalid(at, message, one_of(&names), found))
}

fn no_fields(known: Known, name: &str, at: Position) -> ExpressionError {
    let message = format!("only maps have fields such as `{name}`");
    ExpressionError::invalid(at, message, "a map", known.describe())
}

fn one_of(names: &[&str]) -> String {
    if names.is_empty() {
        return "no variable".to_owned();
    }
    format!("one of `{}`", names.join("`, `"))
}
