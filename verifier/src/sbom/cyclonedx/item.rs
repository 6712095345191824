//! One view of both encodings: what is a member in JSON is an attribute or a child in XML.

use std::fmt::{self, Write as _};

use super::tree::Node;
use super::xml::{Element, Space};
use crate::content::shortened;

/// Bytes of a name that is short for a message in any case.
const SHORT: usize = 40;

/// A value of the document.
#[derive(Clone, Copy)]
pub(super) enum Item<'t> {
    /// In JSON.
    Json(&'t Node<'t>),
    /// In XML.
    Xml(&'t Element<'t>),
}

impl<'t> Item<'t> {
    /// The member or child `name` as text. White space around the text of an XML element is layout.
    pub(super) fn text(self, name: &str) -> Option<&'t str> {
        match self {
            Self::Json(node) => node.member(name).and_then(as_text),
            Self::Xml(element) => element.child(name).map(|child| child.text.trim()),
        }
    }

    /// The member or attribute `name` as text. It is another method than [`text`](Self::text),
    /// because the schema lets any attribute stand on a component: `purl="…"` is no package URL.
    pub(super) fn attribute(self, name: &str) -> Option<&'t str> {
        match self {
            Self::Json(node) => node.member(name).and_then(as_text),
            Self::Xml(element) => element.attribute(name),
        }
    }

    /// The text that XML writes into the element itself and JSON into the member `name`.
    pub(super) fn content(self, name: &str) -> Option<&'t str> {
        match self {
            Self::Json(node) => node.member(name).and_then(as_text),
            Self::Xml(element) => Some(element.text.trim()),
        }
    }

    /// A number as the document writes it.
    pub(super) fn number(self, name: &str) -> Option<String> {
        match self {
            Self::Json(node) => match node.member(name)? {
                Node::Integer(number) => Some(number.to_string()),
                Node::Number(number) => Some(number.to_string()),
                _ => None,
            },
            Self::Xml(_) => self.text(name).map(str::to_owned),
        }
    }

    /// The member or child `name`. What is `null` says nothing, and the schema tells.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        match self {
            Self::Json(node) => {
                let node = node.member(name);
                node.filter(|node| !matches!(node, Node::Null))
                    .map(Item::Json)
            }
            Self::Xml(element) => element.child(name).map(Item::Xml),
        }
    }

    /// The items of the list `name`; in XML they are the children `element` of the child `name`.
    pub(super) fn list(self, name: &str, element: &'t str) -> Items<'t> {
        match self {
            Self::Json(node) => Items::json(node.member(name).map(Node::items)),
            Self::Xml(parent) => match parent.child(name) {
                Some(list) => Items::xml(&list.children, element),
                None => Items::xml(&[], element),
            },
        }
    }

    /// The items of the list `name`; in XML they are the children `name` themselves.
    pub(super) fn repeated(self, name: &'t str) -> Items<'t> {
        match self {
            Self::Json(node) => Items::json(node.member(name).map(Node::items)),
            Self::Xml(parent) => Items::xml(&parent.children, name),
        }
    }

    /// The items of the item itself; in XML its children `element`.
    pub(super) fn items(self, element: &'t str) -> Items<'t> {
        match self {
            Self::Json(node) => Items::json(Some(node.items())),
            Self::Xml(parent) => Items::xml(&parent.children, element),
        }
    }

    /// The item itself as text.
    pub(super) fn itself(self) -> Option<&'t str> {
        match self {
            Self::Json(node) => as_text(node),
            Self::Xml(element) => Some(element.text.trim()),
        }
    }

    /// A reference to something with a `bom-ref`: text in JSON, the attribute `ref` in XML.
    pub(super) fn reference(self) -> Option<&'t str> {
        match self {
            Self::Json(node) => as_text(node),
            Self::Xml(_) => self.attribute("ref"),
        }
    }
}

fn as_text<'t>(node: &'t Node<'_>) -> Option<&'t str> {
    if let Node::Text(text) = node {
        return Some(text);
    }
    None
}

/// The items of a list, in order.
#[derive(Clone)]
pub(super) struct Items<'t> {
    json: std::slice::Iter<'t, Node<'t>>,
    xml: std::slice::Iter<'t, Element<'t>>,
    element: &'t str,
}

impl<'t> Items<'t> {
    fn json(items: Option<&'t [Node<'t>]>) -> Self {
        Self {
            json: items.unwrap_or_default().iter(),
            xml: [].iter(),
            element: "",
        }
    }

    fn xml(children: &'t [Element<'t>], element: &'t str) -> Self {
        Self {
            json: [].iter(),
            xml: children.iter(),
            element,
        }
    }
}

impl<'t> Items<'t> {
    /// The items with their positions, but for an element of XML that has no other beside it.
    pub(super) fn numbered(self) -> impl Iterator<Item = (Option<usize>, Item<'t>)> {
        let is_single = self.json.len() == 0 && self.clone().nth(1).is_none();
        self.enumerate()
            .map(move |(position, item)| ((!is_single).then_some(position), item))
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = Item<'t>;

    fn next(&mut self) -> Option<Item<'t>> {
        if let Some(node) = self.json.next() {
            return Some(Item::Json(node));
        }
        self.xml
            .by_ref()
            .find(|child| child.space == Space::Own && child.name.as_ref() == self.element)
            .map(Item::Xml)
    }
}

/// A place in the document, written only where somebody asks.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
    is_xml: bool,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Attribute(&'p str),
    /// An item by its position, with the name that it has in XML.
    Item(&'p str, usize),
}

impl<'p> Place<'p> {
    /// The place of the whole document.
    pub(super) fn root(item: Item<'_>) -> Self {
        Self {
            parent: None,
            step: Step::Root,
            is_xml: matches!(item, Item::Xml(_)),
        }
    }

    /// A member or child of this place.
    pub(super) fn name(&'p self, name: &'p str) -> Self {
        self.step(Step::Name(name))
    }

    /// An attribute of this place.
    pub(super) fn attribute(&'p self, name: &'p str) -> Self {
        self.step(Step::Attribute(name))
    }

    /// An item with its position, or the only element of its name.
    pub(super) fn element(&'p self, name: &'p str, number: Option<usize>) -> Self {
        match number {
            Some(number) => self.item(name, number),
            None => self.name(name),
        }
    }

    /// An item of this place, counted from 0; XML counts the elements of one name from 1.
    pub(super) fn item(&'p self, element: &'p str, position: usize) -> Self {
        self.step(Step::Item(element, position))
    }

    /// The place as text.
    pub(super) fn text(&self) -> Box<str> {
        /// Bytes of most places, so that the text grows no more than once.
        const USUAL: usize = 32;
        let mut text = String::with_capacity(USUAL);
        // Writing to memory does not fail.
        let _: fmt::Result = write!(text, "{self}");
        text.into()
    }

    fn step(&'p self, step: Step<'p>) -> Self {
        Self {
            parent: Some(self),
            step,
            is_xml: self.is_xml,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent
            && (self.is_xml || parent.parent.is_some())
        {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root if self.is_xml => f.write_str("/bom"),
            Step::Root => f.write_str("the document"),
            // Nearly every name: nothing to shorten, nothing to escape.
            Step::Name(name) if name.len() <= SHORT && !name.contains(['~', '/']) => {
                f.write_str("/")?;
                f.write_str(name)
            }
            Step::Name(name) if self.is_xml => write!(f, "/{}", shortened(name)),
            // RFC 6901, section 3.
            Step::Name(name) => {
                let name = shortened(name).replace('~', "~0").replace('/', "~1");
                write!(f, "/{name}")
            }
            Step::Attribute(name) => write!(f, "/@{}", shortened(name)),
            Step::Item(name, position) if self.is_xml => {
                write!(f, "/{}[{}]", shortened(name), position + 1)
            }
            Step::Item(_, position) => write!(f, "/{position}"),
        }
    }
}
