//! Paths of fields: `spec.steps[*].image`.

use std::fmt;
use std::str::FromStr;

/// Bytes of one path. The longest that ship have some 80.
pub(super) const MAX_BYTES: usize = 512;
/// Steps of one path; the deepest that ship have some 12.
pub(super) const MAX_STEPS: usize = 32;
/// Fields at the root that hold no wish of the object's author about images.
const RESERVED: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment<'a> {
    /// The member with this name.
    Name(&'a str),
    /// Every item of a list: `[*]`.
    Items,
    /// Every member of a map, whatever its name: `*`.
    Values,
}

/// A path of fields inside an object: names, `[*]` for every item of a list, `*` for every member of
/// a map.
///
/// ```
/// use sovverify::workload::FieldPath;
///
/// assert!("spec.template.spec".parse::<FieldPath>().is_ok());
/// assert!("spec.steps[*].image".parse::<FieldPath>().is_ok());
/// assert!("spec.components.*.image".parse::<FieldPath>().is_ok());
/// assert!("metadata.labels".parse::<FieldPath>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(String);

/// Why a text is not a path of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The path is longer than any honest one.
    TooLong {
        /// The length in bytes.
        found: usize,
    },
    /// The path has more steps than any honest one.
    TooManySteps {
        /// The number of steps.
        found: usize,
    },
    /// A step is not one.
    Step {
        /// The step as written.
        found: String,
    },
    /// The path does not begin with the name of a field that can hold images.
    Beginning {
        /// The first step as written.
        found: String,
    },
}

impl PathError {
    /// What was expected.
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::TooLong { .. } => format!("a path of at most {MAX_BYTES} bytes"),
            Self::TooManySteps { .. } => format!("a path of at most {MAX_STEPS} steps"),
            Self::Step { .. } => {
                "names with `.` between them, `[*]` for the items of a list, `*` for the members \
                 of a map: `spec.steps[*].image`"
                    .to_owned()
            }
            Self::Beginning { .. } => "a path that begins with a field such as `spec`".to_owned(),
        }
    }

    /// What was found.
    pub(crate) fn found(&self) -> String {
        match self {
            Self::TooLong { found } => format!("{found} bytes"),
            Self::TooManySteps { found } => format!("{found} steps"),
            Self::Step { found } => format!("the step `{found}`"),
            Self::Beginning { found } => format!("`{found}`"),
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected(), self.found())
    }
}

impl std::error::Error for PathError {}

impl FieldPath {
    /// The path as written.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The steps of `text`, which is known to be a path.
pub(super) fn segments(text: &str) -> impl Iterator<Item = Segment<'_>> {
    text.split('.').flat_map(|part| {
        let name = part.split('[').next().unwrap_or_default();
        let lists = part.matches("[*]").count();
        let first = match name {
            "*" => Some(Segment::Values),
            // A list of lists: `[*]` alone never stands here, for a path begins with a name.
            "" => None,
            name => Some(Segment::Name(name)),
        };
        first
            .into_iter()
            .chain(std::iter::repeat_n(Segment::Items, lists))
    })
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_BYTES {
            return Err(PathError::TooLong { found: text.len() });
        }
        for part in text.split('.') {
            let name = part.split('[').next().unwrap_or_default();
            let lists = part.get(name.len()..).unwrap_or_default();
            let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            let is_name = !name.is_empty() && name.bytes().all(known);
            if !(is_name || name == "*") || !lists.replace("[*]", "").is_empty() {
                return Err(PathError::Step {
                    found: part.to_owned(),
                });
            }
        }
        let steps = segments(text).count();
        if steps > MAX_STEPS {
            return Err(PathError::TooManySteps { found: steps });
        }
        match segments(text).next() {
            Some(Segment::Name(name)) if !RESERVED.contains(&name) => Ok(Self(text.to_owned())),
            _ => Err(PathError::Beginning {
                found: text.split('.').next().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `name` at the root holds no wish of the object's author about images.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}
