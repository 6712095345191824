//! The walk through an object, beside what is known of its kind.

mod compose;
mod pods;
mod read;

use super::error::shown;
use super::fields::KindFields;
use super::json::{Json, Members};
use super::node::Node;
use super::path::is_reserved;
use super::place::{Step, Way};
use super::shape::Shape;
use super::suspicion;
use super::{GroupKind, MAX_DEPTH, MAX_UNKNOWN, UnknownField, Workload, WorkloadError};

/// What is known where the walk is.
#[derive(Clone, Debug)]
struct Here<'v> {
    /// What the tables know of this place.
    states: Vec<&'v Node>,
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
        object: &'v Json<'v>,
    ) -> Result<Workload, WorkloadError> {
        let Json::Object(members) = object else {
            return Err(self.malformed("an object", object));
        };
        check_kind(kind, members)?;
        let here = Here {
            states: vec![&self.kind.root],
            name: None,
            called: Called::Otherwise,
        };
        for (name, value) in members.iter() {
            if !is_reserved(name) {
                self.member(name, value, &here)?;
            }
        }
        if self.templates != 1 {
            self.own_labels(members.get("metadata"))?;
        }
        Ok(self.found)
    }

    /// Looks at `value`, which stands where something is known.
    fn visit(&mut self, value: &'v Json<'v>, mut here: Here<'v>) -> Result<(), WorkloadError> {
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
        match value {
            Json::Object(members) if wants_object || !wants_list => {
                for (name, value) in members.iter() {
                    self.member(name, value, &here)?;
                }
            }
            Json::Array(items) if wants_list || !wants_object => {
                for (number, value) in items.iter().enumerate() {
                    self.item(number, value, &here)?;
                }
            }
            Json::Null => {}
            found if wants_object => return Err(self.malformed("an object", found)),
            found if wants_list => return Err(self.malformed("a list", found)),
            Json::String(text) if here.called == Called::Image => self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    /// Looks at `value`, around which nothing is known: only what is called an image counts. Most of an object
    /// is like that.
    fn search(&mut self, value: &'v Json<'v>, called: Called) -> Result<(), WorkloadError> {
        self.check_depth()?;
        match value {
            Json::Object(members) => {
                for (name, value) in members.iter() {
                    if suspicion::is_free(name) {
                        continue;
                    }
                    let called = called.member(name);
                    if may_hold(value, called) {
                        self.way.enter(Step::Member(name));
                        self.search(value, called)?;
                        self.way.leave();
                    }
                }
            }
            Json::Array(items) => {
                for (number, value) in items.iter().enumerate() {
                    if may_hold(value, called) {
                        self.way.enter(Step::Item(number));
                        self.search(value, called)?;
                        self.way.leave();
                    }
                }
            }
            Json::String(text) if called == Called::Image => self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    fn member(
        &mut self,
        name: &'v str,
        value: &'v Json<'v>,
        around: &Here<'v>,
    ) -> Result<(), WorkloadError> {
        let nodes = around.states.iter().flat_map(|node| node.member(name));
        let states: Vec<&Node> = nodes.collect();
        if states.is_empty() && suspicion::is_free(name) {
            return Ok(());
        }
        let here = Here {
            states,
            name: around.name,
            called: around.called.member(name),
        };
        self.enter(Step::Member(name), value, here)
    }

    fn item(
        &mut self,
        number: usize,
        value: &'v Json<'v>,
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
        value: &'v Json<'v>,
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

    fn malformed(&self, expected: &'static str, found: &Json<'_>) -> WorkloadError {
        WorkloadError::malformed(&self.way.text(), expected, described(found))
    }

    /// The same at the member `member` of where we are.
    fn malformed_member(
        &mut self,
        member: &'v str,
        expected: &'static str,
        found: &Json<'_>,
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
const fn may_hold(value: &Json<'_>, called: Called) -> bool {
    match value {
        Json::Object(_) | Json::Array(_) => true,
        Json::String(_) => matches!(called, Called::Image),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// An object that says that it is of another kind would be read by the wrong table.
fn check_kind(kind: &GroupKind, members: &Members<'_>) -> Result<(), WorkloadError> {
    let mismatch = |path: &str, found: &Json<'_>| {
        WorkloadError::malformed(path, "the kind that was named with it", described(found))
    };
    if let Some(found) = members.get("kind")
        && found.as_str() != Some(&kind.kind)
    {
        return Err(mismatch("kind", found));
    }
    if let Some(found) = members.get("apiVersion") {
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
fn name_of<'v>(value: &'v Json<'v>) -> Option<&'v str> {
    let name = value.get("name")?.as_str()?;
    Some(name).filter(|name| !name.is_empty())
}

/// What `value` is, in words.
fn described(value: &Json<'_>) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::Bool(value) => format!("the boolean `{value}`"),
        Json::Number(value) => format!("the number `{}`", shown(&value.to_string())),
        Json::String(text) if is_blank(text) => "a blank text".to_owned(),
        Json::String(text) => format!("the text `{}`", shown(text)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}
