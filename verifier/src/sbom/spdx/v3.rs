//! SPDX 3.0 in JSON-LD: a graph of elements that name each other by IRI.
//!
//! The `@context` is compared and never fetched: with another one, the same members could mean
//! anything.

mod absorb;
mod component;
mod element;
mod finish;
mod license;
mod parts;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::value::RawValue;

use self::license::License;
use super::bounds::{MAX_ELEMENTS, MAX_INLINE};
use super::draft::Draft;
use super::lax::{List, Text};
use super::part;
use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::model::{Encoding, Hash, Party, Sbom};

/// A document of SPDX 3 while it is read.
struct Graph<'a> {
    draft: Draft,
    nodes: HashMap<Cow<'a, str>, Node>,
    imports: HashSet<Cow<'a, str>>,
    /// Identifiers that something refers to, with the first place that does, in that order.
    wanted: Vec<(Cow<'a, str>, String)>,
    is_wanted: HashSet<Cow<'a, str>>,
    creations: Vec<Creation<'a>>,
    agents: Vec<Agent>,
    licenses: Vec<License<'a>>,
    collections: Vec<Collection<'a>>,
    hashes: Vec<Hash>,
    identifiers: Vec<(Box<str>, Box<str>)>,
    relations: Vec<Relation<'a>>,
    pending: Vec<Pending<'a>>,
    vulnerabilities: HashSet<Cow<'a, str>>,
    ends: usize,
    queue: VecDeque<Queued<'a>>,
    elements: usize,
}

/// What an identifier names: a position in the list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Component(usize),
    Creation(usize),
    Agent(usize),
    License(usize),
    Collection(usize),
    Hash(usize),
    Identifier(usize),
    Other,
}

/// An element that waits to be read.
struct Queued<'a> {
    text: &'a RawValue,
    place: String,
    depth: usize,
    /// The name that we gave it, because it has none.
    given: Option<Cow<'a, str>>,
}

/// `CreationInfo`.
#[derive(Default)]
struct Creation<'a> {
    created: Option<Cow<'a, str>>,
    by: Vec<Cow<'a, str>>,
    using: Vec<Cow<'a, str>>,
    place: String,
}

/// `Person`, `Organization`, `Agent`, `SoftwareAgent` or `Tool`.
struct Agent {
    party: Party,
    is_tool: bool,
}

/// `SpdxDocument`, `Sbom`, `Bom` or `Bundle`.
struct Collection<'a> {
    is_document: bool,
    id: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    creation: Option<Cow<'a, str>>,
    roots: Vec<Cow<'a, str>>,
}

/// `Relationship` and its subclasses.
struct Relation<'a> {
    from: Cow<'a, str>,
    to: Vec<Cow<'a, str>>,
    kind: Cow<'a, str>,
    completeness: Option<Cow<'a, str>>,
}

/// Something of a component that another element says.
struct Pending<'a> {
    component: usize,
    role: Role,
    id: Cow<'a, str>,
}

/// What the other element is to the component.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Supplier,
    Originator,
    Hash,
    Identifier,
    /// The file of which the component is a snippet.
    File,
}

/// Reads a document whose root was read before.
pub(super) fn read<'a>(
    document: &'a [u8],
    context: &RawValue,
    graph: List<&'a RawValue, MAX_ELEMENTS>,
) -> Result<Sbom, ContentError> {
    let version = context_version(context)?;
    let mut reading = Graph::new(&version);
    if let List::Absent = graph {
        // A document with a single element needs no `@graph` (SPDX 3.0.1, JSON-LD serialization).
        let root: &RawValue = crate::json::from_slice(document).map_err(|error| {
            let wanted = "a JSON document of the right shape";
            ContentError::new(Code::SbomMalformed, "/", wanted, error.to_string())
        })?;
        reading.push(root, String::new(), 0, None)?;
        reading.drain()?;
        return reading.finish();
    }
    let elements = reading.draft.list(graph, || "/@graph".to_owned())?;
    if elements.is_empty() {
        let at = || "/@graph".to_owned();
        reading.draft.breach(at, "one element or more", "none");
    }
    for (index, text) in elements.into_iter().enumerate() {
        reading.push(text, format!("/@graph/{index}"), 0, None)?;
        reading.drain()?;
    }
    reading.finish()
}

/// The version that the context stands for.
fn context_version(context: &RawValue) -> Result<String, ContentError> {
    let wanted = "`https://spdx.org/rdf/3.0.1/spdx-context.jsonld`";
    let unsupported = |found: &str| {
        let place = "/@context";
        Err(ContentError::new(
            Code::SbomUnsupported,
            place,
            wanted,
            found,
        ))
    };
    let text: Text<'_> = part(context)?;
    let text = match text {
        Text::Is(text) => text,
        Text::Wrong(found) => return unsupported(found),
        Text::Absent => return unsupported("nothing"),
    };
    let version = text
        .strip_prefix("https://spdx.org/rdf/")
        .and_then(|rest| rest.strip_suffix("/spdx-context.jsonld"));
    match version {
        Some(version) if is_supported(version) => Ok(version.to_owned()),
        _ => unsupported(&format!("`{text}`")),
    }
}

/// 3.0 and its patches.
fn is_supported(version: &str) -> bool {
    let patch = match version.strip_prefix("3.0") {
        Some("") => return true,
        Some(rest) => rest.strip_prefix('.'),
        None => None,
    };
    patch.is_some_and(|patch| {
        !patch.is_empty() && patch.len() <= 3 && patch.bytes().all(|b| b.is_ascii_digit())
    })
}

impl<'a> Graph<'a> {
    fn new(version: &str) -> Self {
        Self {
            draft: Draft::new(version, Encoding::JsonLd),
            nodes: HashMap::new(),
            imports: HashSet::new(),
            wanted: Vec::new(),
            is_wanted: HashSet::new(),
            creations: Vec::new(),
            agents: Vec::new(),
            licenses: Vec::new(),
            collections: Vec::new(),
            hashes: Vec::new(),
            identifiers: Vec::new(),
            relations: Vec::new(),
            pending: Vec::new(),
            vulnerabilities: HashSet::new(),
            ends: 0,
            queue: VecDeque::new(),
            elements: 0,
        }
    }

    /// Puts an element in the queue.
    fn push(
        &mut self,
        text: &'a RawValue,
        place: String,
        depth: usize,
        given: Option<Cow<'a, str>>,
    ) -> Result<(), ContentError> {
        self.elements = self.elements.saturating_add(1);
        if self.elements > MAX_ELEMENTS {
            let found = self.elements;
            return Err(ContentError::limit(place, "elements", MAX_ELEMENTS, found));
        }
        if depth > MAX_INLINE {
            let what = "levels of elements in elements";
            return Err(ContentError::limit(place, what, MAX_INLINE, depth));
        }
        self.queue.push_back(Queued {
            text,
            place,
            depth,
            given,
        });
        Ok(())
    }

    /// Reads what is in the queue, and what that puts there.
    fn drain(&mut self) -> Result<(), ContentError> {
        while let Some(next) = self.queue.pop_front() {
            self.absorb(next)?;
        }
        Ok(())
    }

    /// The identifier of an element that is named or written where it is used. It must be in the
    /// document, or imported.
    fn reference(
        &mut self,
        text: &'a RawValue,
        depth: usize,
        at: impl Fn() -> String,
    ) -> Result<Option<Cow<'a, str>>, ContentError> {
        if text.get().starts_with('{') {
            let id: element::Id<'_> = part(text)?;
            let own = match (id.spdx, id.blank) {
                (Text::Is(id), _) | (_, Text::Is(id)) => Some(id),
                _ => None,
            };
            let given = own.is_none().then(|| {
                // Not an IRI, so that no document can refer to it.
                let name = format!(" inline {}", self.elements);
                Cow::Owned(name)
            });
            self.push(text, at(), depth.saturating_add(1), given.clone())?;
            return Ok(own.or(given));
        }
        let Text::Is(id) = part::<Text<'_>>(text)? else {
            let wanted = "an element or the identifier of one";
            self.draft.breach(at, wanted, element::kind_of(text));
            return Ok(None);
        };
        if self.is_wanted.insert(id.clone()) {
            self.wanted.push((id.clone(), at()));
        }
        Ok(Some(id))
    }

    /// The identifiers in a list.
    fn references<const MAX: usize>(
        &mut self,
        list: List<&'a RawValue, MAX>,
        depth: usize,
        place: &str,
    ) -> Result<Vec<Cow<'a, str>>, ContentError> {
        let items = self.draft.list(list, || place.to_owned())?;
        self.ids(items, depth, place)
    }

    /// The identifiers in a list that must have one.
    fn some_references<const MAX: usize>(
        &mut self,
        list: List<&'a RawValue, MAX>,
        depth: usize,
        place: &str,
        what: &str,
    ) -> Result<Vec<Cow<'a, str>>, ContentError> {
        let items = self.draft.filled(list, || place.to_owned(), what)?;
        self.ids(items, depth, place)
    }

    fn ids(
        &mut self,
        items: Vec<&'a RawValue>,
        depth: usize,
        place: &str,
    ) -> Result<Vec<Cow<'a, str>>, ContentError> {
        let mut ids = Vec::with_capacity(items.len());
        for (index, text) in items.into_iter().enumerate() {
            ids.extend(self.reference(text, depth, || format!("{place}/{index}"))?);
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_counted_and_nested_up_to_their_bounds() {
        let text: &RawValue = serde_json::from_str("{}").unwrap();
        let mut graph = Graph::new("3.0.1");
        let mut push = |depth| {
            graph
                .push(text, String::new(), depth, None)
                .map_err(|e| e.code)
        };
        assert_eq!(push(MAX_INLINE), Ok(()));
        assert_eq!(push(MAX_INLINE + 1), Err(Code::LimitExceeded));
        graph.elements = MAX_ELEMENTS - 1;
        let mut push = || graph.push(text, String::new(), 0, None).map_err(|e| e.code);
        assert_eq!(push(), Ok(()));
        assert_eq!(push(), Err(Code::LimitExceeded));
    }
}
