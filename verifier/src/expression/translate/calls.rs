//! Calls: functions, macros, `matches`.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use super::super::error::{ExpressionError, Position};
use super::super::functions::{FUNCTIONS, Signature, Style};
use super::super::limits::MAX_COMPREHENSIONS;
use super::super::node::{Each, Kind, Known, Node, Quantifier};
use super::super::pattern::{Pattern, PatternError};
use super::super::scope::Shape;
use super::{Part, Translator};

/// How a call is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Global,
    Member,
}

impl Translator<'_> {
    /// `f(…)`.
    pub(super) fn global(
        &mut self,
        call: &CallExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let args: Vec<&IdedExpr> = call.args.iter().collect();
        match call.func_name.as_str() {
            "has" => self.has(&call.args, at, level),
            "matches" => self.matches(&args, at, level),
            name => self.function(name, Written::Global, &args, at, level),
        }
    }

    /// `target.f(…)`.
    pub(super) fn member(
        &mut self,
        call: &CallExpr,
        target: &IdedExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let name = call.func_name.as_str();
        if let Some(quantifier) = quantifier(name) {
            return self.each(quantifier, target, call, at, level);
        }
        let args: Vec<&IdedExpr> = std::iter::once(target).chain(&call.args).collect();
        if name == "matches" {
            return self.matches(&args, at, level);
        }
        self.function(name, Written::Member, &args, at, level)
    }

    fn function(
        &mut self,
        name: &str,
        written: Written,
        args: &[&IdedExpr],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let signature = signature(name, written, args.len(), at)?;
        let arguments: Result<Vec<Node>, ExpressionError> = args
            .iter()
            .map(|arg| Ok(self.part(arg, level + 1)?.0))
            .collect();
        let kind = Kind::Call(signature.function, arguments?);
        Ok((Node { at, kind }, signature.result))
    }

    fn matches(
        &mut self,
        args: &[&IdedExpr],
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let [text, pattern] = args else {
            return Err(wrong_count("matches", 2, args.len(), at));
        };
        let (text, _) = self.part(text, level + 1)?;
        let (node, known) = self.part(pattern, level + 1)?;
        let kind = if let Expr::Literal(LiteralValue::String(source)) = &pattern.expr {
            let compiled = Pattern::new(source.inner());
            let compiled = compiled.map_err(|error| bad_pattern(&error, source, node.at))?;
            Kind::Matches(Box::new(text), compiled)
        } else if matches!(
            known,
            Known::Shape(Shape::Any | Shape::Text) | Known::Arithmetic
        ) {
            Kind::MatchesDynamic(Box::new([text, node]))
        } else {
            let message = "`matches` takes a pattern";
            let found = known.describe();
            return Err(ExpressionError::invalid(
                node.at, message, "a string", found,
            ));
        };
        Ok((Node { at, kind }, Known::BOOL))
    }

    /// `target.all(x, …)` and the other macros over elements.
    fn each(
        &mut self,
        quantifier: Quantifier,
        target: &IdedExpr,
        call: &CallExpr,
        at: Position,
        level: usize,
    ) -> Result<Part, ExpressionError> {
        let (variable, filter, body) = match (quantifier, call.args.as_slice()) {
            (_, [variable, body]) => (variable, None, body),
            (Quantifier::Map, [variable, filter, body]) => (variable, Some(filter), body),
            _ => return Err(wrong_count(&call.func_name, 2, call.args.len(), at)),
        };
        if self.locals.len() == MAX_COMPREHENSIONS {
            return Err(too_many(at));
        }
        let (range, known) = self.part(target, level + 1)?;
        let elements = elements_of(known, &call.func_name, at)?;
        let name = self.new_name(variable)?;
        self.locals.push((name, elements));
        let each = Each {
            quantifier,
            range,
            filter: filter
                .map(|filter| self.bool(filter, level + 1))
                .transpose()?,
            body: self.body(quantifier, body, level)?,
        };
        self.locals.pop();
        let known = match quantifier {
            Quantifier::Map => Known::Shape(Shape::List(&Shape::Any)),
            Quantifier::Filter => filtered(known),
            Quantifier::All | Quantifier::Exists | Quantifier::ExistsOne => Known::BOOL,
        };
        let kind = Kind::Each(Box::new(each));
        Ok((Node { at, kind }, known))
    }

    fn body(
        &mut self,
        quantifier: Quantifier,
        body: &IdedExpr,
        level: usize,
    ) -> Result<Node, ExpressionError> {
        if quantifier == Quantifier::Map {
            return Ok(self.part(body, level + 1)?.0);
        }
        self.bool(body, level + 1)
    }
}

fn too_many(at: Position) -> ExpressionError {
    let message = "too many comprehensions inside of each other";
    let limit = MAX_COMPREHENSIONS;
    ExpressionError::costly(at, message, limit, "comprehensions")
}

fn quantifier(name: &str) -> Option<Quantifier> {
    Some(match name {
        "all" => Quantifier::All,
        "exists" => Quantifier::Exists,
        "exists_one" | "existsOne" => Quantifier::ExistsOne,
        "filter" => Quantifier::Filter,
        "map" => Quantifier::Map,
        _ => return None,
    })
}

/// The result of `filter`: the list itself with fewer elements, or the names of a map.
fn filtered(range: Known) -> Known {
    match range {
        Known::Shape(Shape::List(_)) => range,
        Known::Shape(Shape::Object(_) | Shape::Map(_)) => Known::Shape(Shape::List(&Shape::Text)),
        _ => Known::Shape(Shape::List(&Shape::Any)),
    }
}

fn elements_of(range: Known, name: &str, at: Position) -> Result<Known, ExpressionError> {
    // A map that the expression itself makes can have any keys.
    if range == Known::Shape(Shape::Map(&Shape::Any)) {
        return Ok(Known::ANY);
    }
    let elements = match range {
        Known::Shape(shape) => shape.elements(),
        Known::Arithmetic => Some(Shape::Any),
        _ => None,
    };
    elements.map(Known::Shape).ok_or_else(|| {
        let message = format!("`{name}` goes over the elements of a list or a map");
        ExpressionError::invalid(at, message, "a list or a map", range.describe())
    })
}

fn signature(
    name: &str,
    written: Written,
    count: usize,
    at: Position,
) -> Result<&'static Signature, ExpressionError> {
    let Some(signature) = FUNCTIONS.iter().find(|line| line.name == name) else {
        let mut names: Vec<&str> = FUNCTIONS.iter().map(|line| line.name).collect();
        names.extend([
            "matches",
            "has",
            "all",
            "exists",
            "exists_one",
            "map",
            "filter",
        ]);
        names.sort_unstable();
        let message = "there is no such function";
        let expected = format!("one of `{}`", names.join("`, `"));
        return Err(ExpressionError::invalid(
            at,
            message,
            expected,
            format!("`{name}`"),
        ));
    };
    let expected = match (signature.style, written) {
        (Style::Global, Written::Member) => Some(format!("`{name}(…)`")),
        (Style::Member, Written::Global) => Some(format!("`….{name}(…)`")),
        _ => None,
    };
    if let Some(expected) = expected {
        let message = "the function is not called like this";
        let found = match written {
            Written::Global => format!("`{name}(…)`"),
            Written::Member => format!("`….{name}(…)`"),
        };
        return Err(ExpressionError::invalid(at, message, expected, found));
    }
    if signature.arguments != count {
        return Err(wrong_count(name, signature.arguments, count, at));
    }
    Ok(signature)
}

/// The target of a call counts as an argument.
fn wrong_count(name: &str, expected: usize, found: usize, at: Position) -> ExpressionError {
    let message = format!("`{name}` is called with a wrong number of arguments");
    let expected = format!("{expected}, with what is before the dot");
    ExpressionError::invalid(at, message, expected, found.to_string())
}

fn bad_pattern(error: &PatternError, source: &str, at: Position) -> ExpressionError {
    match error {
        PatternError::TooLarge(limit, unit) => {
            ExpressionError::costly(at, "the pattern is too large", *limit, unit)
        }
        PatternError::Malformed(detail) => ExpressionError::invalid(
            at,
            format!("the pattern is not a regular expression: {detail}"),
            "a regular expression in the syntax of RE2",
            format!("`{source}`"),
        ),
    }
}
