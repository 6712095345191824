//! The walk through an object, beside what is known of its kind.

mod compose;
mod pods;
mod read;

use smallvec::{SmallVec, smallvec};

use super::error::shown;
use super::fields::KindFields;
use super::json::{Kind, Part};
use super::node::Node;
use super::path::is_reserved;
use super::place::{Step, Way};
use super::shape::Shape;
use super::suspicion;
use super::{GroupKind, MAX_DEPTH, MAX_UNKNOWN, UnknownField, Workload, WorkloadError};

/// What the tables know of one place: mostly one node, and two where a shape has parts.
type States<'v> = SmallVec<[&'v Node; 2]>;

/// What is known where the walk is.
#[derive(Clone, Debug)]
struct Here<'v> {
    /// What the tables know of this place.
    states: States<'v>,
    /// The nearest name around it.
    name: Option<&'v str>,
    /// Whether what stands around it is called an image.
    called: Called,
}

/// What the name of a field promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Called {
    /// An image.
    Image,
    /// Anything else.
    Otherwise,
}

/// A walk through one object.
pub(super) struct Walk<'v> {
    kind: &'v KindFields,
    way: Way<'v>,
    /// Templates of pods that have metadata.
    templates: usize,
    found: Workload,
}

impl<'v> Walk<'v> {
    pub(super) fn new(kind: &'v KindFields) -> Self {
        Self {
            kind,
            way: Way::default(),
            templates: 0,
            found: Workload::default(),
        }
    }

    /// Walks through `object`, which is of the kind `kind`.
    pub(super) fn object(
        mut self,
        kind: &GroupKind,
        object: Part<'v>,
    ) -> Result<Workload, WorkloadError> {
        let Kind::Object(members) = object.kind() else {
            return Err(self.malformed("an object", object));
        };
        check_kind(kind, object)?;
        let here = Here {
            states: smallvec![&self.kind.root],
            name: None,
            called: Called::Otherwise,
        };
        for member in members {
            if !is_reserved(member.name()) {
                self.member(member, &here)?;
            }
        }
        if self.templates != 1 {
            self.own_labels(object.get("metadata"))?;
        }
        Ok(self.found)
    }

    /// Looks at `value`, which stands where something is known.
    fn visit(&mut self, value: Part<'v>, mut here: Here<'v>) -> Result<(), WorkloadError> {
        self.check_depth()?;
        here.name = name_of(value).or(here.name);
        let taken = |node: &&Node| node.shapes.contains(&Shape::Taken);
        if here.states.iter().any(taken) {
            return Ok(());
        }
        let known = here.states.len();
        let mut is_shaped = false;
        for number in 0..known {
            let shapes = here.states.get(number).map(|node| &node.shapes);
            for shape in shapes.into_iter().flatten() {
                is_shaped = true;
                self.read(*shape, value, here.name)?;
                here.states.extend(Node::of_shape(*shape));
            }
        }
        let wants_object = here.states.iter().any(|node| node.expects_object());
        let wants_list = here.states.iter().any(|node| node.expects_list());
        if is_shaped && !wants_object && !wants_list {
            return Ok(());
        }
        match value.kind() {
            Kind::Object(members) if wants_object || !wants_list => {
                for member in members {
                    self.member(member, &here)?;
                }
            }
            Kind::Array(items) if wants_list || !wants_object => {
                for (number, value) in items.enumerate() {
                    self.item(number, value, &here)?;
                }
            }
            Kind::Null => {}
            _ if wants_object => return Err(self.malformed("an object", value)),
            _ if wants_list => return Err(self.malformed("a list", value)),
            Kind::String(text) if here.called == Called::Image => self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    /// Looks at `value`, around which nothing is known: only what is called an image counts. Most of an object
    /// is like that.
    fn search(&mut self, value: Part<'v>, called: Called) -> Result<(), WorkloadError> {
        self.check_depth()?;
        match value.kind() {
            Kind::Object(members) => {
                for member in members {
                    if suspicion::is_free(member.name()) {
                        continue;
                    }
                    let called = called.member(member.name());
                    if may_hold(member, called) {
                        self.way.enter(Step::Member(member.name()));
                        self.search(member, called)?;
                        self.way.leave();
                    }
                }
            }
            Kind::Array(items) => {
                for (number, value) in items.enumerate() {
                    if may_hold(value, called) {
                        self.way.enter(Step::Item(number));
                        self.search(value, called)?;
                        self.way.leave();
                    }
                }
            }
            Kind::String(text) if called == Called::Image => self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    fn member(&mut self, value: Part<'v>, around: &Here<'v>) -> Result<(), WorkloadError> {
        let name = value.name();
        let nodes = around.states.iter().flat_map(|node| node.member(name));
        let states: States<'v> = nodes.collect();
        let called = around.called.member(name);
        // Most members are like that: nothing is known of them, and they cannot hold an image.
        if states.is_empty() && (suspicion::is_free(name) || !may_hold(value, called)) {
            return Ok(());
        }
        let here = Here {
            states,
            name: around.name,
            called,
        };
        self.enter(Step::Member(name), value, here)
    }

    fn item(
        &mut self,
        number: usize,
        value: Part<'v>,
        around: &Here<'v>,
    ) -> Result<(), WorkloadError> {
        let states = around.states.iter().filter_map(|node| node.item());
        let here = Here {
            states: states.collect(),
            name: around.name,
            called: around.called,
        };
        self.enter(Step::Item(number), value, here)
    }

    fn enter(
        &mut self,
        step: Step<'v>,
        value: Part<'v>,
        here: Here<'v>,
    ) -> Result<(), WorkloadError> {
        self.way.enter(step);
        if here.states.is_empty() {
            self.search(value, here.called)?;
        } else {
            self.visit(value, here)?;
        }
        self.way.leave();
        Ok(())
    }

    fn check_depth(&self) -> Result<(), WorkloadError> {
        if self.way.depth() > MAX_DEPTH {
            let path = self.way.shown();
            return Err(WorkloadError::TooDeep { path });
        }
        Ok(())
    }

    fn unknown(&mut self, text: &str) {
        if is_blank(text) || self.found.unknown.len() >= MAX_UNKNOWN {
            return;
        }
        self.found.unknown.push(UnknownField {
            path: self.way.shown(),
            value: shown(text),
        });
    }

    fn malformed(&self, expected: &'static str, found: Part<'_>) -> WorkloadError {
        WorkloadError::malformed(&self.way.text(), expected, described(found))
    }

    /// The same at the member `member` of where we are.
    fn malformed_member(
        &mut self,
        member: &'v str,
        expected: &'static str,
        found: Part<'_>,
    ) -> WorkloadError {
        self.way.enter(Step::Member(member));
        self.malformed(expected, found)
    }
}

impl Called {
    /// What the member `name` of what is called so promises.
    fn member(self, name: &str) -> Self {
        let is_image =
            suspicion::is_image(name) || (self == Self::Image && suspicion::is_part_of_image(name));
        if is_image {
            Self::Image
        } else {
            Self::Otherwise
        }
    }
}

/// Whether there can be an image in `value`, around which nothing is known.
fn may_hold(value: Part<'_>, called: Called) -> bool {
    match value.kind() {
        Kind::Object(_) | Kind::Array(_) => true,
        Kind::String(_) => matches!(called, Called::Image),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}

/// An object that says that it is of another kind would be read by the wrong table.
fn check_kind(kind: &GroupKind, object: Part<'_>) -> Result<(), WorkloadError> {
    let mismatch = |path: &str, found: Part<'_>| {
        WorkloadError::malformed(path, "the kind that was named with it", described(found))
    };
    if let Some(found) = object.get("kind")
        && found.as_str() != Some(&kind.kind)
    {
        return Err(mismatch("kind", found));
    }
    if let Some(found) = object.get("apiVersion") {
        let version = found.as_str().unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        if version.is_empty() || group != kind.group {
            return Err(mismatch("apiVersion", found));
        }
    }
    Ok(())
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The name that an object gives itself.
fn name_of(value: Part<'_>) -> Option<&str> {
    let name = value.get("name")?.as_str()?;
    Some(name).filter(|name| !name.is_empty())
}

/// What `value` is, in words.
fn described(value: Part<'_>) -> String {
    match value.kind() {
        Kind::Null => "nothing".to_owned(),
        Kind::Bool(value) => format!("the boolean `{value}`"),
        Kind::Number(value) => format!("the number `{}`", shown(&value.to_string())),
        Kind::String(text) if is_blank(text) => "a blank text".to_owned(),
        Kind::String(text) => format!("the text `{}`", shown(text)),
        Kind::Array(_) => "a list".to_owned(),
        Kind::Object(_) => "an object".to_owned(),
    }
}
