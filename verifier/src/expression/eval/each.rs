//! The macros over elements (cel-spec, langdef, "Macros").

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::budget::{Fault, FaultKind};
use super::super::error::Position;
use super::super::node::{Each, Quantifier};
use super::super::value::{Key, Value};
use super::{Answer, Evaluation, unexpected};

/// What a comprehension goes over.
enum Range {
    List(Arc<Vec<Value>>),
    Map(Arc<BTreeMap<Key, Value>>),
}

impl Evaluation<'_> {
    pub(super) fn each(&mut self, each: &Each, at: Position) -> Answer {
        let range = match self.value(&each.range)? {
            Value::List(list) => Range::List(list),
            Value::Map(map) => Range::Map(map),
            other => return Err(unexpected(at, "a list or a map", &other)),
        };
        match &range {
            Range::List(list) => self.over(each, list.iter().cloned(), at),
            Range::Map(map) => self.over(each, map.keys().map(Key::value), at),
        }
    }

    fn over(&mut self, each: &Each, values: impl Iterator<Item = Value>, at: Position) -> Answer {
        let depth = self.locals.len();
        // Whatever the answer, no variable outlives its comprehension.
        let answer = match each.quantifier {
            Quantifier::All | Quantifier::Exists => self.decide(each, values),
            Quantifier::ExistsOne => self.exactly_one(each, values),
            Quantifier::Filter | Quantifier::Map => self.collect(each, values, at),
        };
        self.locals.truncate(depth);
        answer
    }

    /// `all` and `exists`: the first `false` or the first `true` decides, and absorbs the errors of
    /// others.
    fn decide(&mut self, each: &Each, values: impl Iterator<Item = Value>) -> Answer {
        let decisive = each.quantifier == Quantifier::Exists;
        let mut fault = None;
        for value in values {
            match self.body(each, value) {
                Ok(answer) if answer == decisive => return Ok(Value::Bool(decisive)),
                Ok(_) => {}
                Err(error) if error.kind == FaultKind::TooCostly => return Err(error),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn exactly_one(&mut self, each: &Each, values: impl Iterator<Item = Value>) -> Answer {
        let mut count = 0_usize;
        for value in values {
            count += usize::from(self.body(each, value)?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn collect(
        &mut self,
        each: &Each,
        values: impl Iterator<Item = Value>,
        at: Position,
    ) -> Answer {
        let mut list = Vec::new();
        for value in values {
            let kept = if each.quantifier == Quantifier::Filter {
                self.body(each, value.clone())?.then_some(value)
            } else {
                self.mapped(each, value)?
            };
            if let Some(kept) = kept {
                self.budget.grow(1, at)?;
                list.push(kept);
            }
        }
        Ok(Value::List(Arc::new(list)))
    }

    fn mapped(&mut self, each: &Each, value: Value) -> Result<Option<Value>, Fault> {
        self.enter(each, value)?;
        let wanted = match &each.filter {
            Some(filter) => self.bool(filter)?,
            None => true,
        };
        let mapped = wanted.then(|| self.value(&each.body)).transpose()?;
        self.locals.pop();
        Ok(mapped)
    }

    fn body(&mut self, each: &Each, value: Value) -> Result<bool, Fault> {
        self.enter(each, value)?;
        let depth = self.locals.len();
        let answer = self.bool(&each.body);
        self.locals.truncate(depth.saturating_sub(1));
        answer
    }

    fn enter(&mut self, each: &Each, value: Value) -> Result<(), Fault> {
        self.budget.spend(1, each.body.at)?;
        self.locals.push(value);
        Ok(())
    }
}
