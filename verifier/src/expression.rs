//! Conditions in CEL, the Common Expression Language, with bounds.
//!
//! Fields of a policy come first; an expression asks what no field can. The `cel` crate parses, and
//! everything else is done here: its evaluation has no limit of steps, its values can double with
//! each call, and a long sum overflows its stack.
//!
//! - `guard` reads tokens and refuses what would nest too deep, before the parser recurses;
//! - `translate` resolves every name, field, function and pattern, so that a typing error is an
//!   error of the policy and not a denial months later;
//! - `eval` counts steps and bytes.
//!
//! **Invariant**: the answer depends on the expression and its inputs alone. There is no deadline,
//! because a slow machine would then give another verdict than a fast one; what bounds an
//! evaluation is [`limits::MAX_STEPS`] and [`limits::MAX_VALUE_BYTES`].
//!
//! # Where this is not CEL
//!
//! The first three refuse more than the specification does; the others say what it leaves open:
//!
//! - `==`, `!=` between values that cannot be compared (`1 == 'a'`) fail where CEL says `false`
//!   and `true`: evidence of an unexpected type must not satisfy a `!=`. Comparing with `null`, and
//!   numbers with numbers, is as specified; `in` skips elements of other types;
//! - no messages (`Name{…}`), no optional syntax (`.?`, `[?…]`), no absolute names (`.name`), no
//!   fields in backticks; time zones of `getHours` and its kin are UTC alone;
//! - the variable of a comprehension cannot hide another name;
//! - `\d`, `\w`, `\s` and `\b` of patterns are ASCII, as in RE2; the rest of their syntax is that of
//!   the `regex` crate, which has sets inside of `[…]` beside it;
//! - numbers of JSON are `int` (or `uint`) where they are whole, and `double` otherwise; a member
//!   that is `null` is absent.

mod budget;
mod error;
mod eval;
mod functions;
mod guard;
mod inputs;
pub mod limits;
mod moment;
mod node;
mod pattern;
pub mod scope;
mod translate;
mod value;

pub use error::ExpressionError;
pub use inputs::Inputs;
pub use scope::{Scope, Shape};

use std::collections::BTreeSet;

use cel::ParseErrors;

use budget::{Fault, FaultKind};
use error::{Places, Position};
use eval::Evaluation;
use node::Node;
use translate::Translator;

use crate::code::Code;

/// A condition, checked and ready.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    root: Node,
    variables: BTreeSet<String>,
}

/// What came of a condition. Everything but [`Outcome::Met`] denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The condition is true.
    Met,
    /// The condition is false.
    Unmet,
    /// The condition has no answer on this evidence.
    Failed {
        /// [`Code::ExpressionFailed`].
        code: Code,
        /// What was expected, and what was found.
        message: String,
        /// The line inside the expression, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
    },
    /// The condition needs more work than it may have.
    TooCostly {
        /// [`Code::ExpressionTooCostly`].
        code: Code,
        /// Which bound was reached.
        message: String,
        /// The line inside the expression, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
    },
}

impl Outcome {
    /// What kind of bad news this is, if any.
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Met => None,
            Self::Unmet => Some(Code::ExpressionUnmet),
            Self::Failed { code, .. } | Self::TooCostly { code, .. } => Some(*code),
        }
    }

    fn of(fault: Fault) -> Self {
        let Fault { kind, message, at } = fault;
        let Position { line, column } = at;
        match kind {
            FaultKind::Failed => Self::Failed {
                code: Code::ExpressionFailed,
                message,
                line,
                column,
            },
            FaultKind::TooCostly => Self::TooCostly {
                code: Code::ExpressionTooCostly,
                message,
                line,
                column,
            },
        }
    }
}

impl Expression {
    /// Reads and checks a condition on the variables of `scope`.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] with [`Code::ExpressionInvalid`], or with [`Code::ExpressionTooCostly`]
    /// where a bound of [`limits`] is reached.
    pub fn compile(source: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        guard::check(source)?;
        let places = Places::new(source);
        // Without macros: the translation knows them, and an expanded one could not be told from
        // one that the author wrote. Without optional values: no evidence needs them.
        let environment = cel::Env::default().with_optional_support(false);
        let (tree, info) = environment
            .parser()
            .parse_with_source_info(source)
            .map_err(|errors| syntax(&errors))?;
        let mut translator = Translator::new(scope, &places, &info);
        let root = translator.condition(&tree)?;
        Ok(Self {
            source: source.to_owned(),
            root,
            variables: translator.used(),
        })
    }

    /// The variables that the condition names: those that it has to be asked with.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// The condition as it is written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Asks the condition about `inputs`.
    pub fn evaluate(&self, inputs: &Inputs) -> Outcome {
        self.measure(inputs).0
    }

    /// Asks the condition about `inputs`, and counts the steps that the answer takes.
    pub fn measure(&self, inputs: &Inputs) -> (Outcome, u64) {
        let mut evaluation = Evaluation::new(inputs);
        let outcome = match evaluation.bool(&self.root) {
            Ok(true) => Outcome::Met,
            Ok(false) => Outcome::Unmet,
            Err(fault) => Outcome::of(fault),
        };
        (outcome, evaluation.budget().spent())
    }
}

/// The first complaint of the parser.
fn syntax(errors: &ParseErrors) -> ExpressionError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((0, 0), |error| error.pos);
    let at = Position {
        line: usize::try_from(line).unwrap_or(1).max(1),
        column: usize::try_from(column).unwrap_or(1).max(1),
    };
    let text = first.map_or("", |error| error.msg.as_str());
    let text = text.strip_prefix("Syntax error: ").unwrap_or(text);
    let (found, expected) = match text.split_once(" expecting ") {
        Some((found, _)) if found.contains("<EOF>") => ("its end", "a value, or an operand"),
        Some((found, expected)) => (found, expected),
        None => (text, "CEL"),
    };
    let message = "the expression is not well-formed";
    ExpressionError::invalid(at, message, expected, found)
}

#[cfg(test)]
mod tests;
