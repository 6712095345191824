//! The walk through an object, beside what is known of its kind.

mod compose;
mod pods;
mod read;

use serde_json::{Map, Value};

use super::error::shown;
use super::fields::KindFields;
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
        object: &'v Value,
    ) -> Result<Workload, WorkloadError> {
        let Value::Object(members) = object else {
            return Err(self.malformed("an object", object));
        };
        check_kind(kind, members)?;
        let here = Here {
            states: vec![&self.kind.root],
            name: None,
            called: Called::Otherwise,
        };
        for (name, value) in members {
            if !is_reserved(name) {
                self.member(name, value, &here)?;
            }
        }
        if self.templates != 1 {
            self.own_labels(members.get("metadata"))?;
        }
        Ok(self.found)
    }

    fn visit(&mut self, value: &'v Value, mut here: Here<'v>) -> Result<(), WorkloadError> {
        if self.way.depth() > MAX_DEPTH {
            let path = self.way.shown();
            return Err(WorkloadError::TooDeep { path });
        }
        here.name = name_of(value).or(here.name);
        let shapes: Vec<Shape> = here
            .states
            .iter()
            .flat_map(|node| node.shapes.iter().copied())
            .collect();
        if shapes.contains(&Shape::Taken) {
            return Ok(());
        }
        for shape in &shapes {
            self.read(*shape, value, here.name)?;
            here.states.extend(Node::of_shape(*shape));
        }
        let wants_object = here.states.iter().any(|node| node.expects_object());
        let wants_list = here.states.iter().any(|node| node.expects_list());
        if !shapes.is_empty() && !wants_object && !wants_list {
            return Ok(());
        }
        match value {
            Value::Object(members) if wants_object || !wants_list => {
                for (name, value) in members {
                    self.member(name, value, &here)?;
                }
            }
            Value::Array(items) if wants_list || !wants_object => {
                for (number, value) in items.iter().enumerate() {
                    self.item(number, value, &here)?;
                }
            }
            Value::Null => {}
            found if wants_object => return Err(self.malformed("an object", found)),
            found if wants_list => return Err(self.malformed("a list", found)),
            Value::String(text) if here.called == Called::Image => self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    fn member(
        &mut self,
        name: &'v str,
        value: &'v Value,
        around: &Here<'v>,
    ) -> Result<(), WorkloadError> {
        let states: Vec<&Node> = around
            .states
            .iter()
            .flat_map(|node| node.member(name))
            .collect();
        if states.is_empty() && suspicion::is_free(name) {
            return Ok(());
        }
        let is_image = suspicion::is_image(name)
            || (around.called == Called::Image && suspicion::is_part_of_image(name));
        let here = Here {
            states,
            name: around.name,
            called: if is_image {
                Called::Image
            } else {
                Called::Otherwise
            },
        };
        self.way.enter(Step::Member(name));
        self.visit(value, here)?;
        self.way.leave();
        Ok(())
    }

    fn item(
        &mut self,
        number: usize,
        value: &'v Value,
        around: &Here<'v>,
    ) -> Result<(), WorkloadError> {
        let states = around.states.iter().filter_map(|node| node.item());
        let here = Here {
            states: states.collect(),
            name: around.name,
            called: around.called,
        };
        self.way.enter(Step::Item(number));
        self.visit(value, here)?;
        self.way.leave();
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

    fn malformed(&self, expected: &'static str, found: &Value) -> WorkloadError {
        WorkloadError::malformed(&self.way.text(), expected, described(found))
    }

    /// The same at the member `member` of where we are.
    fn malformed_member(
        &mut self,
        member: &'v str,
        expected: &'static str,
        found: &Value,
    ) -> WorkloadError {
        self.way.enter(Step::Member(member));
        self.malformed(expected, found)
    }
}

/// An object that says that it is of another kind would be read by the wrong table.
fn check_kind(kind: &GroupKind, members: &Map<String, Value>) -> Result<(), WorkloadError> {
    let mismatch = |path: &str, found: &Value| {
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
fn name_of(value: &Value) -> Option<&str> {
    let name = value.get("name")?.as_str()?;
    Some(name).filter(|name| !name.is_empty())
}

/// What `value` is, in words.
fn described(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the boolean `{value}`"),
        Value::Number(value) => format!("the number `{}`", shown(&value.to_string())),
        Value::String(text) if is_blank(text) => "a blank text".to_owned(),
        Value::String(text) => format!("the text `{}`", shown(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
