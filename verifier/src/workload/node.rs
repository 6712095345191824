//! Field paths as a tree, walked beside an object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::path::{Segment, segments};
use super::shape::Shape;

/// One place in the objects of a kind: what stands there, and what is known below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) shapes: BTreeSet<Shape>,
    names: BTreeMap<String, Self>,
    items: Option<Box<Self>>,
    values: Option<Box<Self>>,
}

/// What each shape that has members consists of.
static SHAPES: LazyLock<BTreeMap<Shape, Node>> = LazyLock::new(|| {
    let shapes = Shape::COMPOSED.iter();
    shapes
        .map(|shape| (*shape, Node::of(shape.members())))
        .collect()
});

impl Node {
    /// The tree of `paths`, each with what it leads to.
    pub(super) fn of(paths: &[(&str, Shape)]) -> Self {
        let mut root = Self::default();
        for (path, shape) in paths {
            root.add(path, *shape);
        }
        root
    }

    /// What `shape` consists of; nothing where it is one value.
    pub(super) fn of_shape(shape: Shape) -> Option<&'static Self> {
        SHAPES.get(&shape)
    }

    /// Adds that `path` leads to `shape`.
    pub(super) fn add(&mut self, path: &str, shape: Shape) {
        let mut node = self;
        for segment in segments(path) {
            node = match segment {
                Segment::Name(name) => node.names.entry(name.to_owned()).or_default(),
                Segment::Items => node.items.get_or_insert_default(),
                Segment::Values => node.values.get_or_insert_default(),
            };
        }
        node.shapes.insert(shape);
    }

    /// What is known of the member `name`: by its name, and because every member is known.
    pub(super) fn member<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> + use<'a> {
        let named = self.names.get(name);
        named.into_iter().chain(self.values.as_deref())
    }

    /// What is known of every item.
    pub(super) fn item(&self) -> Option<&Self> {
        self.items.as_deref()
    }

    pub(super) fn expects_object(&self) -> bool {
        !self.names.is_empty() || self.values.is_some()
    }

    pub(super) const fn expects_list(&self) -> bool {
        self.items.is_some()
    }
}
