//! Ranges of versions: VERS (package-url/vers-spec, clause 5) and the short form `>=1.0,<2.0`.

mod error;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::purl;
use super::version::{MAX_VERSION_BYTES, Scheme};
pub use error::RangeError;

/// Bytes of a range: a few hundred versions, as the longest advisories list them.
pub const MAX_RANGE_BYTES: usize = 16 * 1024;

/// Constraints of a range; each one costs a comparison per package.
pub const MAX_CONSTRAINTS: usize = 1024;

/// A range of versions under one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    text: Box<str>,
    scheme: Scheme,
    form: Form,
}

/// How the constraints belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// `*`: every version, also one that has no order.
    Any,
    /// The short form: every constraint must hold.
    All(Vec<Constraint>),
    /// VERS: constraints in order of their versions, which bound intervals.
    Intervals(Vec<Constraint>),
}

/// A comparator with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Constraint {
    comparator: Comparator,
    version: Box<str>,
}

/// A comparator of VERS clause 5.3.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl VersionRange {
    /// Reads a range for packages of `scheme`: the short form, or VERS of the same scheme.
    ///
    /// In the short form every constraint must hold: `>=1.0,<2.0,!=1.5`, or `*` for every version.
    ///
    /// # Errors
    ///
    /// When the text is no range, or a version in it cannot be ordered.
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, RangeError> {
        checked_length(text)?;
        if text.starts_with("vers:") {
            let range: Self = text.parse()?;
            let kind = text.strip_prefix("vers:").and_then(|t| t.split_once('/'));
            if range.scheme != scheme {
                return Err(RangeError::Scheme {
                    expected: scheme,
                    found: kind.map_or(text, |(kind, _)| kind).into(),
                });
            }
            return Ok(range);
        }
        let form = if text == "*" {
            Form::Any
        } else {
            Form::All(short_constraints(text, scheme)?)
        };
        Ok(Self {
            text: text.into(),
            scheme,
            form,
        })
    }

    /// The range as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme of its versions.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether a version lies in the range; `None` when it cannot be ordered against it.
    pub fn contains(&self, version: &str) -> Option<bool> {
        match &self.form {
            Form::Any => Some(true),
            Form::All(constraints) => {
                let mut known = true;
                for constraint in constraints {
                    match self.order(version, constraint) {
                        Some(order) if !constraint.comparator.holds(order) => return Some(false),
                        Some(_) => {}
                        None => known = false,
                    }
                }
                known.then_some(true)
            }
            Form::Intervals(constraints) => {
                let ordered = constraints
                    .iter()
                    .map(|c| Some((c.comparator, self.order(version, c)?)))
                    .collect::<Option<Vec<_>>>()?;
                Some(in_intervals(&ordered))
            }
        }
    }

    fn order(&self, version: &str, constraint: &Constraint) -> Option<Ordering> {
        self.scheme.compare_to_bound(version, &constraint.version)
    }
}

impl FromStr for VersionRange {
    type Err = RangeError;

    /// Reads VERS: `vers:deb/>=1.0|<2.0`, `vers:npm/*`.
    ///
    /// Constraints may come in any order, as earlier drafts allow; they are sorted.
    fn from_str(text: &str) -> Result<Self, RangeError> {
        checked_length(text)?;
        if text.contains(|c: char| !c.is_ascii_graphic()) {
            return Err(form("a range of printable ASCII without spaces", text));
        }
        let specifier = text.strip_prefix("vers:");
        let (kind, constraints) = specifier
            .and_then(|specifier| specifier.split_once('/'))
            .ok_or_else(|| form("`vers:type/constraints`", text))?;
        let lower = !kind.contains(|c: char| c.is_ascii_uppercase());
        // Clause 5.3.2.1: the type `invalid` is never valid.
        if !purl::is_kind(kind) || !lower || kind == "invalid" {
            return Err(form(
                "a type of lower-case letters, digits, `.` and `-`",
                kind,
            ));
        }
        let scheme = Scheme::of_vers_type(kind);
        let form = if constraints == "*" {
            Form::Any
        } else {
            let parts = constraints.split('|');
            let constraints = bounded(parts.map(vers_constraint))?;
            let sorted = sorted(constraints, scheme)?;
            check_sequence(&sorted)?;
            Form::Intervals(sorted)
        };
        Ok(Self {
            text: text.into(),
            scheme,
            form,
        })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Comparator {
    /// Whether a version that stands in `order` to the bound fits.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    fn is_upper_bound(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    /// Takes the comparator off the front.
    fn split(text: &str) -> (Option<Self>, &str) {
        let known = [
            (">=", Self::GreaterOrEqual),
            ("<=", Self::LessOrEqual),
            ("!=", Self::NotEqual),
            ("<", Self::Less),
            (">", Self::Greater),
            ("=", Self::Equal),
        ];
        known
            .into_iter()
            .find_map(|(sign, comparator)| Some((Some(comparator), text.strip_prefix(sign)?)))
            .unwrap_or((None, text))
    }
}

/// "Checking if a version is contained within a range" of VERS, with one addition: a range that only
/// excludes holds everything else.
fn in_intervals(ordered: &[(Comparator, Ordering)]) -> bool {
    for (comparator, order) in ordered {
        if order.is_eq() && !matches!(comparator, Comparator::Less | Comparator::Greater) {
            return *comparator != Comparator::NotEqual;
        }
    }
    if ordered.iter().all(|(c, _)| *c == Comparator::NotEqual) {
        return true;
    }
    let bounds = ordered
        .iter()
        .filter(|(c, _)| c.is_lower_bound() || c.is_upper_bound());
    // Before the first bound everything is inside if that is an upper one; each bound decides anew.
    let mut inside = None;
    for (comparator, order) in bounds {
        if comparator.is_upper_bound() && order.is_lt() {
            return inside.unwrap_or(true);
        }
        inside = Some(comparator.is_lower_bound() && order.is_gt());
    }
    inside.unwrap_or(false)
}

fn short_constraints(text: &str, scheme: Scheme) -> Result<Vec<Constraint>, RangeError> {
    let constraints = bounded(text.split(',').map(|part| {
        let part = part.trim();
        let (comparator, version) = Comparator::split(part);
        let version = version.trim_start();
        let known = !version.is_empty() && !version.contains(|c: char| "<>=!*|, ".contains(c));
        match comparator {
            Some(comparator) if known => Ok(Constraint {
                comparator,
                version: version.into(),
            }),
            _ => Err(form(
                "`>=`, `>`, `<=`, `<`, `=` or `!=` and a version",
                part,
            )),
        }
    }))?;
    for constraint in &constraints {
        check_version(&constraint.version, scheme)?;
    }
    Ok(constraints)
}

fn vers_constraint(part: &str) -> Result<Constraint, RangeError> {
    let (comparator, version) = match Comparator::split(part) {
        // Clause 5.3.3.1: equality is a bare version.
        (Some(Comparator::Equal), _) => return Err(form("a version without `=`", part)),
        (None, version) => (Comparator::Equal, version),
        (Some(comparator), version) => (comparator, version),
    };
    if version.is_empty() || version.contains(|c: char| "<>=!*".contains(c)) {
        return Err(form("a comparator and a percent-encoded version", part));
    }
    let version =
        purl::decode("version", version).map_err(|_| form("a percent-encoded version", part))?;
    Ok(Constraint {
        comparator,
        version: version.into(),
    })
}

fn bounded(
    constraints: impl Iterator<Item = Result<Constraint, RangeError>>,
) -> Result<Vec<Constraint>, RangeError> {
    let constraints: Vec<_> = constraints.collect::<Result<_, _>>()?;
    if constraints.len() > MAX_CONSTRAINTS {
        return Err(RangeError::TooMany {
            found: constraints.len(),
        });
    }
    Ok(constraints)
}

/// Sorts by version and refuses what is there twice or cannot be sorted.
///
/// Positions are searched for, so that a scheme whose order is not quite transitive can misplace an
/// entry (and is then refused below), but never break the sort.
fn sorted(constraints: Vec<Constraint>, scheme: Scheme) -> Result<Vec<Constraint>, RangeError> {
    let compare = |a: &str, b: &str| scheme.compare(&scheme.completed(a), &scheme.completed(b));
    let mut sorted: Vec<Constraint> = Vec::with_capacity(constraints.len());
    for constraint in constraints {
        check_version(&constraint.version, scheme)?;
        let at = sorted.partition_point(|before| {
            compare(&before.version, &constraint.version) == Some(Ordering::Less)
        });
        sorted.insert(at, constraint);
    }
    for (left, right) in sorted.iter().zip(sorted.iter().skip(1)) {
        match compare(&left.version, &right.version) {
            Some(Ordering::Less) => {}
            Some(Ordering::Equal) => {
                return Err(RangeError::Duplicate {
                    found: right.version.clone(),
                });
            }
            Some(Ordering::Greater) | None => {
                return Err(RangeError::Version {
                    scheme,
                    found: right.version.clone(),
                });
            }
        }
    }
    Ok(sorted)
}

/// Clause 5.4: what may follow what.
fn check_sequence(constraints: &[Constraint]) -> Result<(), RangeError> {
    let included = constraints
        .iter()
        .filter(|c| c.comparator != Comparator::NotEqual);
    let bounds = included
        .clone()
        .filter(|c| c.comparator != Comparator::Equal);
    let after_equal = included
        .clone()
        .zip(included.skip(1))
        .find(|(a, b)| a.comparator == Comparator::Equal && b.comparator.is_upper_bound());
    let in_turn = bounds
        .clone()
        .zip(bounds.skip(1))
        .find(|(a, b)| a.comparator.is_lower_bound() == b.comparator.is_lower_bound());
    match after_equal.or(in_turn) {
        None => Ok(()),
        Some((left, right)) => Err(RangeError::Sequence {
            left: left.version.clone(),
            right: right.version.clone(),
        }),
    }
}

fn check_version(version: &str, scheme: Scheme) -> Result<(), RangeError> {
    let completed = scheme.completed(version);
    if version.len() <= MAX_VERSION_BYTES && scheme.compare(&completed, &completed).is_some() {
        return Ok(());
    }
    Err(RangeError::Version {
        scheme,
        found: crate::content::shortened(version).into(),
    })
}

fn checked_length(text: &str) -> Result<(), RangeError> {
    if text.len() > MAX_RANGE_BYTES {
        return Err(RangeError::TooLong { found: text.len() });
    }
    Ok(())
}

fn form(expected: &'static str, found: &str) -> RangeError {
    RangeError::Form {
        expected,
        found: crate::content::shortened(found).into(),
    }
}
