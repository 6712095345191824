//! A JSON document in one pass over its long lists: each of their items becomes a tree, is held against
//! the schema, says what it has to say, and is gone before the next one.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::value::RawValue;

use super::document::Document;
use super::item::{Item, Place};
use super::schema::{Checker, ItemRule};
use super::tree::{Builder, Node, Root, Stopped};
use super::version::Version;
use super::{format, tree, version_of};
use crate::content::ContentError;
use crate::sbom::model::{Encoding, Sbom};

/// The lists that are read item by item: they grow with what an SBOM lists.
const COMPONENTS: &str = "components";
/// As [`COMPONENTS`]; these are read twice, because their ends are names of things that follow.
const DEPENDENCIES: &str = "dependencies";
/// How deep such a list stands: in the root.
const LIST_DEPTH: usize = 2;

/// Reads a document.
pub(super) fn read(document: &[u8]) -> Result<Sbom, ContentError> {
    let Some(root) = Root::split(document) else {
        // It is no object, or cannot be read: reading it as a whole says which.
        let whole = tree::read(document)?;
        version_of(whole.member("specVersion"))?;
        return Err(Builder::default().refusal(document));
    };
    let mut builder = Builder::default();
    let outcome = Reading::begin(&root, &mut builder).and_then(Reading::finish);
    outcome.map_err(|stopped| match stopped {
        Stopped::Unreadable => builder.refusal(document),
        // What cannot be read to its end is no document, whatever else it breaks.
        Stopped::Taker(error) => tree::read(document).err().unwrap_or(error),
    })
}

struct Reading<'r, 'a> {
    root: &'r Root<'a>,
    builder: &'r mut Builder<'a>,
    /// The root, with empty lists in the place of the long ones.
    short: Node<'a>,
    version: Version,
    checker: Checker<'a>,
    document: Document,
}

impl<'r, 'a> Reading<'r, 'a> {
    /// Reads everything but the long lists.
    fn begin(root: &'r Root<'a>, builder: &'r mut Builder<'a>) -> Result<Self, Stopped> {
        builder.count_one();
        let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::with_capacity(root.members.len());
        for (name, text) in &root.members {
            let value = if is_streamed(name, text) {
                builder.count_one();
                Node::List(Box::default())
            } else {
                let value = builder.value(text.get(), LIST_DEPTH);
                value.ok_or(Stopped::Unreadable)?
            };
            members.push((name.clone(), value));
        }
        let short = Node::Object(members.into());
        let version = version_of(short.member("specVersion")).map_err(Stopped::Taker)?;
        Ok(Self {
            root,
            builder,
            short,
            version,
            checker: Checker::new(version),
            document: Document::default(),
        })
    }

    fn finish(mut self) -> Result<Sbom, Stopped> {
        let short = std::mem::replace(&mut self.short, Node::Null);
        let item = Item::Json(&short);
        let place = Place::root(item);
        self.document
            .metadata(item, &place)
            .map_err(Stopped::Taker)?;
        for (name, value) in short.members() {
            match self.root.member(name) {
                Some(text) if is_streamed(name, text) => self.list(name, text, &place)?,
                _ => self.checker.member(name, value, &place),
            }
        }
        self.checker.demands(&short, &place);
        self.document
            .services(item, &place)
            .map_err(Stopped::Taker)?;
        self.dependencies()?;
        self.document.rest(item);
        let mut sbom = self.document.sbom;
        sbom.format = format(self.version, Encoding::Json);
        self.checker.findings().store(&mut sbom);
        Ok(sbom)
    }

    /// A long list: the schema of its items, their names, and the components that they are.
    fn list(&mut self, name: &str, text: &'a RawValue, place: &Place<'_>) -> Result<(), Stopped> {
        let Some(rule) = self.checker.list(name) else {
            // Only where the table of the schema cannot be read, which a test holds it can.
            return Err(Stopped::Unreadable);
        };
        let place = place.name(name);
        let mut marks = Vec::new();
        let mut position = 0_usize;
        let (checker, document) = (&mut self.checker, &mut self.document);
        self.builder.each(text.get(), LIST_DEPTH, |node| {
            let place = place.item("", position);
            checker.item(rule, &node, &place);
            if name == COMPONENTS {
                document.component(Item::Json(&node), &place)?;
            }
            if rule.is_set {
                marks.push((mark(&node), position));
            }
            position += 1;
            Ok(())
        })?;
        self.set(rule, text, marks, &place)
    }

    /// Looks for equal items. Those that have a mark of their own differ from all others; the rest is
    /// read again and compared.
    fn set(
        &mut self,
        rule: ItemRule,
        text: &'a RawValue,
        mut marks: Vec<(u64, usize)>,
        place: &Place<'_>,
    ) -> Result<(), Stopped> {
        if !rule.is_set {
            return Ok(());
        }
        marks.sort_unstable();
        let groups = marks.chunk_by(|(a, _), (b, _)| a == b);
        let groups = groups.filter(|group| group.len() > 1);
        let mut alike: Vec<usize> = groups.flatten().map(|(_, position)| *position).collect();
        if alike.is_empty() {
            return Ok(());
        }
        alike.sort_unstable();
        let mut alike = alike.into_iter().peekable();
        let mut items = Vec::new();
        let mut position = 0_usize;
        Builder::default().each(text.get(), LIST_DEPTH, |node| {
            if alike.next_if_eq(&position).is_some() {
                items.push((position, node));
            }
            position += 1;
            Ok(())
        })?;
        self.checker.set(&items, place);
        Ok(())
    }

    /// Who needs whom, once every name is known.
    fn dependencies(&mut self) -> Result<(), Stopped> {
        let Some(text) = self.root.member(DEPENDENCIES) else {
            return Ok(());
        };
        if !is_streamed(DEPENDENCIES, text) {
            return Ok(());
        }
        let document = &mut self.document;
        Builder::default().each(text.get(), LIST_DEPTH, |node| {
            document.dependencies(std::iter::once(Item::Json(&node)))
        })
    }
}

/// Whether a member of the root is read item by item: what is no list is read at once.
fn is_streamed(name: &str, text: &RawValue) -> bool {
    matches!(name, COMPONENTS | DEPENDENCIES) && text.get().starts_with('[')
}

/// A mark of an item, the same for equal ones: its name where it has one, or else its plain text.
fn mark(node: &Node<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let name = node.member("bom-ref").or_else(|| node.member("ref"));
    if let Some(Node::Text(name)) = name {
        name.hash(&mut hasher);
        return hasher.finish();
    }
    for (name, value) in node.members() {
        if let Node::Text(text) = value {
            (name, text).hash(&mut hasher);
        }
    }
    hasher.finish()
}
