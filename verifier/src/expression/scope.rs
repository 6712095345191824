//! Which variables an expression may name, and what is known about them beforehand.

use std::collections::BTreeMap;

/// What is known about a value before there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing is known: the value is as evidence says.
    Any,
    /// A moment; texts in RFC 3339 become one.
    Timestamp,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// Exactly these fields; one that has no value is absent.
    Object(&'static [(&'static str, Shape)]),
    /// A list of such elements.
    List(&'static Shape),
    /// Any text as name, and such values.
    Map(&'static Shape),
}

/// A variable: its name and its shape.
pub type Variable = (&'static str, Shape);

const TEXTS: Shape = Shape::List(&Shape::Text);

/// The image that the verdict is about.
pub const IMAGE: Variable = (
    "image",
    Shape::Object(&[
        ("reference", Shape::Text),
        ("registry", Shape::Text),
        ("repository", Shape::Text),
        ("name", Shape::Text),
        ("digest", Shape::Text),
        ("platforms", TEXTS),
    ]),
);

/// The verified signature.
pub const SIGNATURE: Variable = (
    "signature",
    Shape::Object(&[
        ("signer", Shape::Text),
        ("kind", Shape::Text),
        ("issuer", Shape::Text),
        ("identity", Shape::Text),
        ("subjects", TEXTS),
        ("claims", Shape::Map(&Shape::Any)),
        ("key", Shape::Text),
        ("algorithm", Shape::Text),
        ("times", Shape::List(&Shape::Timestamp)),
        ("timestampAuthorities", TEXTS),
        ("logs", TEXTS),
        ("trustRoot", Shape::Text),
    ]),
);

/// The in-toto statement that is signed.
pub const STATEMENT: Variable = (
    "statement",
    Shape::Object(&[
        ("type", Shape::Text),
        ("predicateType", Shape::Text),
        (
            "subjects",
            Shape::List(&Shape::Object(&[
                ("name", Shape::Text),
                ("digest", Shape::Map(&Shape::Text)),
            ])),
        ),
    ]),
);

/// The predicate of the statement, as its maker wrote it.
pub const PREDICATE: Variable = ("predicate", Shape::Any);

/// The SBOM, whatever its format.
pub const SBOM: Variable = (
    "sbom",
    Shape::Object(&[
        ("format", Shape::Text),
        ("version", Shape::Text),
        ("name", Shape::Text),
        ("identifier", Shape::Text),
        ("created", Shape::Timestamp),
        ("authors", TEXTS),
        ("tools", TEXTS),
        (
            "components",
            Shape::List(&Shape::Object(&[
                ("name", Shape::Text),
                ("version", Shape::Text),
                ("kind", Shape::Text),
                ("purl", Shape::Text),
                ("purls", TEXTS),
                ("cpe", Shape::Text),
                ("licenses", TEXTS),
                ("hashes", Shape::Map(&Shape::Text)),
                ("supplier", Shape::Text),
            ])),
        ),
        ("componentCount", Shape::Number),
    ]),
);

/// The vulnerabilities that apply: the list, and how many there are of each severity.
pub const VULNERABILITIES: Variable = (
    "vulnerabilities",
    Shape::Object(&[
        (
            "list",
            Shape::List(&Shape::Object(&[
                ("id", Shape::Text),
                ("aliases", TEXTS),
                ("severity", Shape::Text),
                ("score", Shape::Number),
                ("package", Shape::Text),
                ("version", Shape::Text),
                ("fixedVersion", Shape::Text),
            ])),
        ),
        ("critical", Shape::Number),
        ("high", Shape::Number),
        ("medium", Shape::Number),
        ("low", Shape::Number),
        ("unknown", Shape::Number),
        ("total", Shape::Number),
    ]),
);

/// The moment that the verdict is about.
pub const NOW: Variable = ("now", Shape::Timestamp);

/// The variables of one kind of requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    variables: BTreeMap<String, Shape>,
}

impl Scope {
    /// The scope of exactly these variables.
    pub fn new(variables: &[(&str, Shape)]) -> Self {
        let named = |(name, shape): &(&str, Shape)| ((*name).to_owned(), *shape);
        Self {
            variables: variables.iter().map(named).collect(),
        }
    }

    /// What is known about the variable `name`; nothing where there is no such variable.
    pub fn shape(&self, name: &str) -> Option<Shape> {
        self.variables.get(name).copied()
    }

    /// The names of the variables, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl Shape {
    /// What is known about the field `name`: nothing where there cannot be such a field.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Any => Some(Self::Any),
            Self::Map(values) => Some(*values),
            Self::Object(fields) => fields
                .iter()
                .find(|(field, _)| *field == name)
                .map(|(_, shape)| *shape),
            Self::Timestamp | Self::Text | Self::Number | Self::Bool | Self::List(_) => None,
        }
    }

    /// What is known about the elements of a comprehension over such a value; nothing where there
    /// are none.
    pub(super) fn elements(self) -> Option<Self> {
        match self {
            Self::Any => Some(Self::Any),
            Self::List(elements) => Some(*elements),
            // A comprehension over a map is one over its names.
            Self::Map(_) | Self::Object(_) => Some(Self::Text),
            Self::Timestamp | Self::Text | Self::Number | Self::Bool => None,
        }
    }

    /// The shape in words.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Timestamp => "a timestamp",
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Bool => "a bool",
            Self::Object(_) | Self::Map(_) => "a map",
            Self::List(_) => "a list",
        }
    }
}
