//! Conditions in CEL.

use serde_json::{Value, json};

use super::inputs;
use super::{Facts, Judged, Remark};
use crate::code::Code;
use crate::content::ContentError;
use crate::expression::{Expression, ExpressionError, Inputs, Outcome, Scope, scope};
use crate::verdict::Position;

/// A variable that exists only where the kind of evidence has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy) enum Variable {
    Statement,
    Predicate,
    Sbom,
    Vulnerabilities,
}

/// A condition that one claim must meet.
#[derive(Clone, Debug)]
pub(in crate::policy) struct ConditionRule {
    source: String,
    expression: Expression,
    scope: Scope,
    variables: Vec<Variable>,
    /// What to say where it is not met.
    message: Option<String>,
    pub(in crate::policy) position: Option<Position>,
}

impl ConditionRule {
    /// Compiles `source`, which may name the common variables and `variables`.
    pub(in crate::policy) fn compile(
        source: &str,
        message: Option<String>,
        variables: &[Variable],
    ) -> Result<Self, ExpressionError> {
        let mut known = vec![scope::IMAGE, scope::SIGNATURE, scope::NOW];
        known.extend(variables.iter().map(|variable| variable.shape()));
        let scope = Scope::new(&known);
        let expression = Expression::compile(source, &scope)?;
        // What it does not name need not be there, and costs nothing.
        let named = |variable: &&Variable| expression.variables().any(|n| n == variable.shape().0);
        let variables = variables.iter().filter(named).copied().collect();
        Ok(Self {
            expression,
            source: source.to_owned(),
            scope,
            variables,
            message,
            position: None,
        })
    }

    /// Whether it names the image, whichever field of it.
    pub(super) fn reads_image(&self) -> bool {
        self.expression
            .variables()
            .any(|name| name == scope::IMAGE.0)
    }

    pub(super) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        let outcome = match self.inputs(facts) {
            Ok(inputs) => self.expression.evaluate(&inputs),
            Err(error) => {
                judged.refuse(Remark::unreadable(&error, self.position.as_ref()));
                return;
            }
        };
        let (code, found) = match outcome {
            Outcome::Met => return,
            Outcome::Unmet => {
                let message = self.message.clone();
                (
                    Code::ExpressionUnmet,
                    message.unwrap_or_else(|| "`false`".to_owned()),
                )
            }
            Outcome::Failed {
                code,
                message,
                line,
                column,
            }
            | Outcome::TooCostly {
                code,
                message,
                line,
                column,
            } => (
                code,
                format!("{message} at line {line}, column {column} of the expression"),
            ),
        };
        let expected = format!("`{}`", crate::content::shortened(&self.source));
        judged.refuse(Remark::new(code, expected, found, self.position.as_ref()));
    }

    fn inputs(&self, facts: &Facts<'_>) -> Result<Inputs, ContentError> {
        let mut inputs = Inputs::new(facts.time);
        let mut bind =
            |(name, _): scope::Variable, value: &Value| inputs.bind(&self.scope, name, value);
        bind(scope::IMAGE, &inputs::image(facts.image))?;
        bind(scope::SIGNATURE, &inputs::signature(facts))?;
        for variable in &self.variables {
            let read = || self.variable(*variable, facts);
            let bound = facts.contents.variable(facts.index, *variable, read)?;
            inputs.extend(&bound)?;
        }
        Ok(inputs)
    }

    fn variable(&self, variable: Variable, facts: &Facts<'_>) -> Result<Inputs, ContentError> {
        let value = match variable {
            Variable::Statement => inputs::statement(facts)?,
            Variable::Predicate => inputs::predicate(facts)?,
            Variable::Sbom => inputs::sbom(facts)?,
            Variable::Vulnerabilities => inputs::vulnerabilities(facts)?,
        };
        let mut inputs = Inputs::new(facts.time);
        inputs.bind(&self.scope, variable.shape().0, &value)?;
        Ok(inputs)
    }

    pub(super) fn canonical(&self) -> Value {
        json!(self.source)
    }
}

impl Variable {
    const fn shape(self) -> scope::Variable {
        match self {
            Self::Statement => scope::STATEMENT,
            Self::Predicate => scope::PREDICATE,
            Self::Sbom => scope::SBOM,
            Self::Vulnerabilities => scope::VULNERABILITIES,
        }
    }
}
