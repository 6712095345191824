//! The relationships of SPDX 2, once every section is read.

use std::collections::HashSet;

use super::{DOCUMENT, Edge, End, Reading, Spot};
use crate::content::ContentError;
use crate::sbom::model::{RelationshipKind, Sbom};
use crate::sbom::spdx::draft::Draft;
use crate::sbom::spdx::terms::Meaning;

/// What stands at one end of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The document itself.
    Document,
    /// A component.
    Component(usize),
    /// An element of another document.
    Foreign,
    /// `NONE`: there is nothing.
    Nothing,
    /// `NOASSERTION`: there may be something.
    Unsaid,
    /// Nothing of this name is known.
    Missing,
}

impl Reading<'_> {
    /// Looks up the ends of all relationships, and hands over the SBOM.
    pub(in crate::sbom::spdx) fn finish(mut self) -> Result<Sbom, ContentError> {
        let edges = std::mem::take(&mut self.edges);
        for edge in edges.iter().filter(|edge| is_stated(edge.spot)) {
            self.settle(edge)?;
        }
        let implied = || edges.iter().filter(|edge| !is_stated(edge.spot));
        let mut parts = HashSet::new();
        if implied().next().is_some() {
            let known = self.draft.sbom.relationships.iter();
            let known = known.filter(|relation| relation.kind == RelationshipKind::Contains);
            parts.extend(known.map(|relation| (relation.from, relation.to)));
        }
        for edge in implied() {
            // A file in `hasFiles` and in a relationship is one part, not two.
            let ends = (self.target(&edge.from), self.target(&edge.to));
            if let (Target::Component(from), Target::Component(to)) = ends
                && !parts.insert((from, to))
            {
                continue;
            }
            self.settle(edge)?;
        }
        // A document with a single package and no other statement is about that package: only
        // documents with more must say `DESCRIBES` (SPDX 2.3 §11.1, table 68).
        if self.draft.sbom.subjects.is_empty()
            && let [only] = self.packages.as_slice()
        {
            self.draft.sbom.subjects.push(*only);
        }
        Ok(self.draft.finish())
    }

    fn target(&self, end: &End<'_>) -> Target {
        let name = match end {
            End::Known(position) => return Target::Component(*position),
            End::Named(name) => name,
        };
        if let Some(position) = self.ids.get(name) {
            return Target::Component(*position);
        }
        if let Some((document, element)) = name.split_once(':') {
            let is_known = self.externals.contains(document) && element.starts_with("SPDXRef-");
            return if is_known {
                Target::Foreign
            } else {
                Target::Missing
            };
        }
        match &**name {
            DOCUMENT => Target::Document,
            "NONE" => Target::Nothing,
            "NOASSERTION" => Target::Unsaid,
            _ => Target::Missing,
        }
    }

    fn settle(&mut self, edge: &Edge<'_>) -> Result<(), ContentError> {
        let (from, to) = (self.target(&edge.from), self.target(&edge.to));
        let from = self.found(from, &edge.from, edge.spot, "spdxElementId");
        let to = self.found(to, &edge.to, edge.spot, "relatedSpdxElement");
        let draft = &mut self.draft;
        match edge.meaning {
            Meaning::Describes => subject(draft, from, to),
            Meaning::DescribedBy => subject(draft, to, from),
            Meaning::Needs => completeness(draft, from, to, Need::Is),
            Meaning::Contains => completeness(draft, from, to, Need::Isnt),
            Meaning::NeededBy | Meaning::PartOf | Meaning::Other => {}
        }
        let (Target::Component(from), Target::Component(to)) = (from, to) else {
            return Ok(());
        };
        match edge.meaning {
            Meaning::Needs => draft.relate(from, to, RelationshipKind::DependsOn),
            Meaning::NeededBy => draft.relate(to, from, RelationshipKind::DependsOn),
            Meaning::Contains => draft.relate(from, to, RelationshipKind::Contains),
            Meaning::PartOf => draft.relate(to, from, RelationshipKind::Contains),
            Meaning::Describes | Meaning::DescribedBy | Meaning::Other => {
                draft.relate(from, to, RelationshipKind::Other)
            }
        }
    }

    /// The same target, with a note where the document does not have it. `NONE` and `NOASSERTION`
    /// may only stand behind the type (SPDX 2.3 §11.1).
    fn found(&mut self, target: Target, end: &End<'_>, spot: Spot, member: &str) -> Target {
        let is_first = member == "spdxElementId";
        let is_wrong = match target {
            Target::Missing => true,
            Target::Nothing | Target::Unsaid => is_first,
            Target::Document | Target::Component(_) | Target::Foreign => false,
        };
        if let End::Named(name) = end
            && is_wrong
        {
            let place = self.place(spot, member);
            let wanted = "an element of this document, or of a document that it names";
            self.draft.breach(|| place, wanted, name);
        }
        target
    }

    fn place(&self, spot: Spot, member: &str) -> String {
        let component = |position: usize| {
            let component = self.draft.sbom.components.get(position);
            component.map_or("", |component| &component.place)
        };
        let is_pointer = |place: &str| place.starts_with('/');
        match spot {
            Spot::Relationship(index) => format!("/relationships/{index}/{member}"),
            Spot::Line(line) => format!("line {line}"),
            Spot::Described(index) => format!("/documentDescribes/{index}"),
            Spot::HasFiles(position, index) => {
                format!("{}/hasFiles/{index}", component(position))
            }
            Spot::Snippet(position) if is_pointer(component(position)) => {
                format!("{}/snippetFromFile", component(position))
            }
            Spot::Snippet(position) => component(position).to_owned(),
            Spot::Order => "/".to_owned(),
        }
    }
}

/// Whether a relationship is about dependencies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Is,
    Isnt,
}

fn is_stated(spot: Spot) -> bool {
    matches!(
        spot,
        Spot::Relationship(_) | Spot::Line(_) | Spot::Described(_)
    )
}

fn subject(draft: &mut Draft, document: Target, subject: Target) {
    if let (Target::Document, Target::Component(position)) = (document, subject) {
        draft.sbom.subjects.push(position);
    }
}

/// `NONE` says that there is nothing more, `NOASSERTION` that there may be (SPDX 2.3 §11.1).
fn completeness(draft: &mut Draft, from: Target, to: Target, need: Need) {
    if !matches!(to, Target::Nothing | Target::Unsaid) {
        return;
    }
    draft.sbom.states_completeness = true;
    if let (Target::Component(position), Target::Nothing, Need::Is) = (from, to, need) {
        draft.sbom.complete.push(position);
    }
}
