//! The table of objects for one version, with every name resolved: what a walk over a hundred thousand
//! components asks of it are positions and sorted lists.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::object::{Count, Kind, OBJECTS, Object, Rule};
use super::scalar::Scalar;
use super::words::VOCABULARY;
use crate::sbom::cyclonedx::version::Version;

/// The objects of one version.
pub(super) struct Plan {
    /// The version.
    pub(super) version: Version,
    objects: Vec<Shape>,
    root: usize,
}

/// One kind of object.
pub(super) struct Shape {
    /// Whether it may have members that are not listed.
    pub(super) is_open: bool,
    /// Its members, sorted by name as those of a document are.
    pub(super) fields: Vec<Field>,
    /// What holds between members.
    pub(super) rules: Vec<&'static Rule>,
}

/// One member.
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it has to be there.
    pub(super) is_required: bool,
    /// Its type.
    pub(super) kind: Form,
}

/// A type.
pub(super) enum Form {
    /// A plain value.
    Scalar(&'static Scalar, Test),
    /// The object at this position.
    Object(usize),
    /// A public key of the JSON Signature Format.
    PublicKey,
    /// A list.
    List {
        item: Box<Form>,
        count: Count,
        is_set: bool,
    },
    /// Exactly one of these types.
    OneOf(Vec<Alternative>),
    /// At least one of these types.
    AnyOf(Vec<Alternative>),
}

/// One type among several.
pub(super) struct Alternative {
    /// The type.
    pub(super) form: Form,
    /// The same as the table has it.
    pub(super) kind: &'static Kind,
}

/// How text is held against a type of text.
pub(super) enum Test {
    /// It is one of these words, which are sorted.
    Words(Vec<&'static str>),
    /// It has this form.
    Pattern(&'static Regex),
    /// It is asked of the type itself.
    Own,
}

static V1_2: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_2));
static V1_3: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_3));
static V1_4: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_4));
static V1_5: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_5));
static V1_6: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_6));
static V1_7: LazyLock<Plan> = LazyLock::new(|| Plan::new(Version::V1_7));

impl Plan {
    /// The plan of a version, made when it is first asked for.
    pub(super) fn of(version: Version) -> &'static Self {
        match version {
            Version::V1_2 => &V1_2,
            Version::V1_3 => &V1_3,
            Version::V1_4 => &V1_4,
            Version::V1_5 => &V1_5,
            Version::V1_6 => &V1_6,
            Version::V1_7 => &V1_7,
        }
    }

    fn new(version: Version) -> Self {
        let names = OBJECTS.all().map(|(name, _)| name);
        let positions: BTreeMap<&'static str, usize> =
            names.enumerate().map(|(at, name)| (name, at)).collect();
        let resolver = Resolver { version, positions };
        Self {
            version,
            objects: OBJECTS
                .all()
                .map(|(_, object)| resolver.shape(object))
                .collect(),
            root: resolver.position("bom"),
        }
    }

    /// The object at a position; nothing where the table does not describe it.
    pub(super) fn shape(&self, position: usize) -> Option<&Shape> {
        self.objects.get(position)
    }

    /// The position of the document itself.
    pub(super) fn root(&self) -> usize {
        self.root
    }
}

impl Shape {
    /// The member `name`.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        let at = self.fields.binary_search_by(|field| field.name.cmp(name));
        at.ok().and_then(|at| self.fields.get(at))
    }
}

struct Resolver {
    version: Version,
    positions: BTreeMap<&'static str, usize>,
}

impl Resolver {
    /// The position of an object; behind all of them where there is none.
    fn position(&self, name: &str) -> usize {
        let position = self.positions.get(name);
        position.copied().unwrap_or(self.positions.len())
    }

    fn shape(&self, object: &'static Object) -> Shape {
        let fields = object.fields(self.version).map(|(name, field)| Field {
            name,
            is_required: field.is_required,
            kind: self.form(&field.kind),
        });
        let mut fields: Vec<Field> = fields.collect();
        fields.dedup_by(|next, kept| next.name == kept.name);
        let rules = object.rules.iter();
        Shape {
            is_open: object.is_open(self.version),
            fields,
            rules: rules
                .filter(|rule| rule.versions.contain(self.version))
                .collect(),
        }
    }

    fn form(&self, kind: &'static Kind) -> Form {
        match kind {
            Kind::Scalar(scalar) => Form::Scalar(scalar, self.test(scalar)),
            Kind::Object(name) => Form::Object(self.position(name)),
            Kind::PublicKey => Form::PublicKey,
            Kind::List {
                item,
                count,
                is_set,
            } => Form::List {
                item: Box::new(self.form(item)),
                count: *count,
                is_set: *is_set,
            },
            Kind::OneOf(kinds) => Form::OneOf(self.alternatives(kinds)),
            Kind::AnyOf(kinds) => Form::AnyOf(self.alternatives(kinds)),
        }
    }

    fn alternatives(&self, kinds: &'static [Kind]) -> Vec<Alternative> {
        let alternatives = kinds.iter().map(|kind| Alternative {
            form: self.form(kind),
            kind,
        });
        alternatives.collect()
    }

    fn test(&self, scalar: &Scalar) -> Test {
        match scalar {
            Scalar::Word(list) => Test::Words(VOCABULARY.words(list, self.version).collect()),
            Scalar::Pattern(name) => VOCABULARY.pattern(name).map_or(Test::Own, Test::Pattern),
            _ => Test::Own,
        }
    }
}

impl Test {
    /// Whether a text is of the type `scalar`, to which this test belongs.
    pub(super) fn takes(&self, scalar: &Scalar, text: &str, version: Version) -> bool {
        match self {
            Self::Words(words) => words.binary_search(&text).is_ok(),
            Self::Pattern(pattern) => pattern.is_match(text),
            Self::Own => scalar.takes_text(text, version),
        }
    }
}
