//! License expressions (SPDX 3.0.1, annex B; SPDX 2.3, annex D) and lists of licenses.
//!
//! What is accepted: identifiers of the SPDX list in any case, deprecated ones too (`GPL-2.0`, which
//! means `GPL-2.0-only`; `GPL-2.0-with-classpath-exception`, which means the license `WITH` its
//! exception); `+`; `WITH`; `LicenseRef-…`, `AdditionRef-…` and `DocumentRef-…:…`, which keep their
//! case; operators all in upper or all in lower case. What is not: names that are no identifiers
//! (`Apache 2`), `/` for `OR`, and `NONE` and `NOASSERTION`, which are statements and no expressions.
//!
//! *Or later*: `GPL-2.0-or-later` leaves the choice between the versions that the SPDX list knows from
//! 2.0 on. As an entry of a list it means each of these versions.

mod family;
mod set;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use spdx::error::Reason;
use spdx::expression::{ExprNode, Operator};
use spdx::{Expression, ParseMode};

use family::License;
pub use set::LicenseSet;

/// Bytes of a license expression: those of whole distributions have a few thousand.
pub const MAX_LICENSE_BYTES: usize = 16 * 1024;

/// Depth of parentheses; nobody nests deeper than three, and no reader should have to.
pub const MAX_LICENSE_DEPTH: usize = 32;

/// What of the `spdx` crate's leniency we take.
const MODE: ParseMode = ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// A license expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseExpression {
    text: Box<str>,
    /// In postfix order.
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    License(License),
    And,
    Or,
}

/// Why a text is not a license expression, or not an entry of a list of licenses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LicenseError {
    /// The text is longer than any license expression needs to be.
    #[error("expected a license expression of at most {MAX_LICENSE_BYTES} bytes, found {found}")]
    TooLong {
        /// The length in bytes.
        found: usize,
    },
    /// Parentheses are nested too deep.
    #[error("expected at most {MAX_LICENSE_DEPTH} nested parentheses, found {found}")]
    TooDeep {
        /// The depth.
        found: usize,
    },
    /// The text is no SPDX license expression.
    #[error("expected {expected} at column {column} of a license expression, found `{found}`")]
    Syntax {
        /// What was expected there.
        expected: Box<str>,
        /// What was found there.
        found: Box<str>,
        /// The column, from 1.
        column: usize,
    },
    /// An entry of a list holds several licenses.
    #[error("expected one license, with or without `WITH`, found `{found}`")]
    Compound {
        /// The entry.
        found: Box<str>,
    },
}

impl LicenseExpression {
    /// Reads a license expression.
    ///
    /// # Errors
    ///
    /// When the text is no SPDX license expression.
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        check_bounds(text)?;
        let canonical = recased(text);
        let parsed = Expression::parse_mode(&canonical, MODE).map_err(|cause| syntax(&cause))?;
        let nodes = parsed.iter().map(|node| match node {
            ExprNode::Op(Operator::And) => Ok(Node::And),
            ExprNode::Op(Operator::Or) => Ok(Node::Or),
            ExprNode::Req(found) => License::new(&found.req).map(Node::License),
        });
        Ok(Self {
            nodes: nodes.collect::<Result<_, _>>()?,
            text: text.into(),
        })
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some choice that the expression leaves uses only allowed licenses.
    pub fn allowed_by(&self, allowed: &LicenseSet) -> bool {
        let mut stack = Vec::new();
        for node in &self.nodes {
            let value = match node {
                Node::License(license) => allowed.allows(license),
                Node::And => pop(&mut stack) & pop(&mut stack),
                Node::Or => pop(&mut stack) | pop(&mut stack),
            };
            stack.push(value);
        }
        pop(&mut stack)
    }

    /// The license that is denied whatever one chooses; `None` when some choice avoids them all.
    pub fn denied_by(&self, denied: &LicenseSet) -> Option<String> {
        let mut stack: Vec<Option<&License>> = Vec::new();
        for node in &self.nodes {
            let value = match node {
                Node::License(license) => denied.denies(license).then_some(license),
                Node::And => {
                    let right = stack.pop().flatten();
                    stack.pop().flatten().or(right)
                }
                Node::Or => {
                    let right = stack.pop().flatten();
                    stack.pop().flatten().filter(|_| right.is_some())
                }
            };
            stack.push(value);
        }
        stack.pop().flatten().map(ToString::to_string)
    }

    /// The one license of an expression without operators.
    fn single(&self) -> Option<&License> {
        match self.nodes.as_slice() {
            [Node::License(license)] => Some(license),
            _ => None,
        }
    }
}

impl fmt::Display for LicenseExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An operator of a parsed expression always finds its operands; were it not so, nothing is allowed.
fn pop(stack: &mut Vec<bool>) -> bool {
    stack.pop().unwrap_or(false)
}

fn check_bounds(text: &str) -> Result<(), LicenseError> {
    if text.len() > MAX_LICENSE_BYTES {
        return Err(LicenseError::TooLong { found: text.len() });
    }
    let mut depth: usize = 0;
    let mut deepest = 0;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_LICENSE_DEPTH {
        return Err(LicenseError::TooDeep { found: deepest });
    }
    Ok(())
}

/// Identifiers of the SPDX list by their lower-case form (annex B.2: they match without case).
static IDENTIFIERS: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let licenses = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name);
    let exceptions = spdx::identifiers::EXCEPTIONS
        .iter()
        .map(|exception| exception.name);
    let names = licenses.chain(exceptions);
    names
        .map(|name| (name.to_ascii_lowercase(), name))
        .collect()
});

/// Writes every identifier as the SPDX list does. No length changes, so columns stay.
fn recased(text: &str) -> String {
    let mut recased = String::with_capacity(text.len());
    let mut rest = text;
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let known = IDENTIFIERS.get(&word.to_ascii_lowercase());
        recased.push_str(known.copied().unwrap_or(word));
        let mut others = after.chars();
        if let Some(c) = others.next() {
            recased.push(c);
        }
        rest = others.as_str();
    }
    recased
}

fn syntax(cause: &spdx::ParseError) -> LicenseError {
    let found = cause.original.get(cause.span.clone()).unwrap_or_default();
    let expected = match &cause.reason {
        Reason::Unexpected(expected) => format!("`{}`", expected.join("`, `")),
        Reason::UnclosedParens => "`)` for every `(`".to_owned(),
        Reason::UnopenedParens => "`(` for every `)`".to_owned(),
        Reason::Empty => "a license".to_owned(),
        Reason::SeparatedPlus => "`+` directly after a license".to_owned(),
        Reason::GnuNoPlus | Reason::GnuPlusWithSuffix => "`-or-later` once".to_owned(),
        Reason::InvalidCharacters => "letters, digits, `-`, `.`, `+`, `(` and `)`".to_owned(),
        Reason::UnknownException => "an exception of the SPDX list".to_owned(),
        Reason::UnknownLicense | Reason::UnknownTerm | Reason::DeprecatedLicenseId => {
            "an identifier of the SPDX list, one that begins with `LicenseRef-`, or an operator"
                .to_owned()
        }
    };
    LicenseError::Syntax {
        expected: expected.into(),
        found: crate::content::shortened(found).into(),
        column: cause.span.start + 1,
    }
}
