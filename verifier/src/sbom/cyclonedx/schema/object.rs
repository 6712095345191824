//! The table of objects in JSON.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::scalar::Scalar;
use super::words::{VOCABULARY, versioned};
use crate::sbom::cyclonedx::version::{Version, Versions};

/// The table.
#[derive(Default)]
pub(super) struct Objects {
    objects: BTreeMap<&'static str, Object>,
}

/// One kind of object.
#[derive(Default)]
pub(super) struct Object {
    /// Versions in which it may have members that are not listed, beside those before 1.4.
    open: Option<Versions>,
    fields: BTreeMap<&'static str, Vec<Field>>,
    /// What holds between members.
    pub(super) rules: Vec<Rule>,
}

/// A member in some versions.
pub(super) struct Field {
    versions: Versions,
    /// Whether it has to be there.
    pub(super) is_required: bool,
    /// Its type.
    pub(super) kind: Kind,
}

/// A type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain value.
    Scalar(Scalar),
    /// The object of this name.
    Object(&'static str),
    /// A public key of the JSON Signature Format, whose members depend on its type.
    PublicKey,
    /// A list.
    List {
        /// The type of its items.
        item: Box<Kind>,
        /// How many there have to be.
        count: Count,
        /// Whether no two may be equal.
        is_set: bool,
    },
    /// Exactly one of these types.
    OneOf(Vec<Kind>),
    /// At least one of these types.
    AnyOf(Vec<Kind>),
}

/// How many items a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// Any number.
    Any,
    /// At least one.
    Some,
    /// One.
    One,
}

/// What holds between members, in some versions.
pub(super) struct Rule {
    pub(super) versions: Versions,
    pub(super) demand: Demand,
    /// Groups of members; a group is there if all of it is.
    pub(super) groups: Vec<Vec<&'static str>>,
}

/// How many groups of members have to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Exactly one.
    One,
    /// At least one.
    Any,
    /// None.
    Not,
    /// None, unless the component is external (CycloneDX 1.7).
    NotInternal,
}

/// The table that is built in. A test holds that it can be read; if not, nothing is as the schema
/// wants it.
pub(super) static OBJECTS: LazyLock<Objects> =
    LazyLock::new(|| Objects::parse(include_str!("json.txt")).unwrap_or_default());

impl Objects {
    /// Reads the notation that the table explains in its first lines.
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut table = Self::default();
        let mut name = "";
        let mut target = Target::Nothing;
        for token in lines.flat_map(str::split_whitespace) {
            if let Some(next) = token.strip_prefix(':') {
                name = next;
                table.objects.insert(name, Object::default());
                target = Target::Nothing;
                continue;
            }
            let object = table.objects.get_mut(name)?;
            if let Some(next) = token.strip_suffix(':') {
                target = Target::parse(next)?;
                if let Target::Rule(versions, demand) = target {
                    let groups = Vec::new();
                    object.rules.push(Rule {
                        versions,
                        demand,
                        groups,
                    });
                }
                continue;
            }
            match target {
                Target::Nothing => {
                    let (word, versions) = versioned(token)?;
                    object.open = (word == "open").then_some(versions);
                    object.open?;
                }
                Target::Type(kind) => object.field(token, kind)?,
                Target::Rule(..) => {
                    let group = token.split('+').collect();
                    object.rules.last_mut()?.groups.push(group);
                }
            }
        }
        Some(table)
    }

    /// The object `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Object> {
        self.objects.get(name)
    }

    /// Every object, sorted by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Object)> {
        self.objects.iter().map(|(name, object)| (*name, object))
    }
}

/// What the tokens of the table are about.
#[derive(Clone, Copy)]
enum Target {
    Nothing,
    Type(&'static str),
    Rule(Versions, Demand),
}

impl Target {
    fn parse(text: &'static str) -> Option<Self> {
        let Some(rule) = text.strip_prefix('?') else {
            return Some(Self::Type(text));
        };
        let (rule, versions) = versioned(rule)?;
        let demand = match rule {
            "one" => Demand::One,
            "any" => Demand::Any,
            "not" => Demand::Not,
            "not-internal" => Demand::NotInternal,
            _ => return None,
        };
        Some(Self::Rule(versions, demand))
    }
}

impl Object {
    fn field(&mut self, token: &'static str, kind: &'static str) -> Option<()> {
        let (name, versions) = versioned(token)?;
        let required = name.strip_suffix('!');
        let fields = self.fields.entry(required.unwrap_or(name)).or_default();
        fields.push(Field {
            versions,
            is_required: required.is_some(),
            kind: Kind::parse(kind)?,
        });
        Some(())
    }

    /// Whether it may have members that are not listed. The schemas before 1.4 allow it everywhere.
    pub(super) fn is_open(&self, version: Version) -> bool {
        version < Version::V1_4 || self.open.is_some_and(|open| open.contain(version))
    }

    /// The member `name` in this version.
    pub(super) fn field_of(&self, name: &str, version: Version) -> Option<&Field> {
        let mut fields = self.fields.get(name)?.iter();
        fields.find(|field| field.versions.contain(version))
    }

    /// The members of this version.
    pub(super) fn fields(&self, version: Version) -> impl Iterator<Item = (&'static str, &Field)> {
        let fields = self.fields.iter();
        let fields = fields.flat_map(|(name, fields)| fields.iter().map(|field| (*name, field)));
        fields.filter(move |(_, field)| field.versions.contain(version))
    }
}

impl Kind {
    /// Reads a type; lists may hold choices, and choices lists.
    fn parse(text: &'static str) -> Option<Self> {
        let one: fn(Vec<Self>) -> Self = Self::OneOf;
        for (sign, choice) in [('^', one), ('|', Self::AnyOf)] {
            let parts = split(text, sign);
            if parts.len() > 1 {
                let parts: Option<Vec<_>> = parts.into_iter().map(Self::parse).collect();
                return Some(choice(parts?));
            }
        }
        if let Some(list) = text.strip_prefix('[') {
            let (item, suffix) = list.rsplit_once(']')?;
            let (count, is_set) = match suffix {
                "" => (Count::Any, false),
                "!" => (Count::Any, true),
                "+" => (Count::Some, false),
                "1" => (Count::One, false),
                _ => return None,
            };
            let item = Box::new(Self::parse(item)?);
            return Some(Self::List {
                item,
                count,
                is_set,
            });
        }
        if text == "public-key" {
            return Some(Self::PublicKey);
        }
        let scalar = VOCABULARY.scalar(text).map(Self::Scalar);
        Some(scalar.unwrap_or(Self::Object(text)))
    }
}

/// Splits at a sign outside of brackets.
fn split(text: &'static str, sign: char) -> Vec<&'static str> {
    let mut depth = 0_usize;
    text.split(move |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == sign && depth == 0
    })
    .collect()
}
