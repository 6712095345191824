//! The document as a whole: what it is about, what it lists, and how that hangs together.

use std::collections::HashMap;

use super::component::{component, contact, filled, organization, service, time};
use super::item::{Item, Place};
use crate::content::ContentError;
use crate::sbom::limits::{MAX_COMPONENTS, MAX_NESTING, MAX_RELATIONSHIPS};
use crate::sbom::model::{Component, Relationship, RelationshipKind, Sbom};

/// A document that is read, with what its references mean.
#[derive(Default)]
pub(super) struct Document {
    /// What it says.
    pub(super) sbom: Sbom,
    /// Positions of components by `bom-ref`; the first one of a name counts.
    pub(super) references: HashMap<Box<str>, usize>,
}

/// Reads the document whose root is `root`.
pub(super) fn read(root: Item<'_>, place: &Place<'_>) -> Result<Document, ContentError> {
    let mut document = Document::default();
    document.metadata(root, place)?;
    document.listed(root, place, None, Nested::Component, 1)?;
    document.services(root, place)?;
    document.dependencies(root.list("dependencies", "dependency"))?;
    document.rest(root);
    Ok(document)
}

/// The name of a document: its serial number and its version, which is 1 where it does not say
/// (CycloneDX BOM-Link).
fn identifier(root: Item<'_>) -> Option<String> {
    let serial = filled(root.attribute("serialNumber"))?;
    let version = match root {
        Item::Json(_) => root.number("version"),
        Item::Xml(_) => root.attribute("version").map(str::to_owned),
    };
    let version = version.unwrap_or_else(|| "1".to_owned());
    Some(format!("{serial}/{version}"))
}

/// The two kinds of entries that nest.
#[derive(Clone, Copy)]
enum Nested {
    Component,
    Service,
}

impl Nested {
    fn list(self) -> &'static str {
        match self {
            Self::Component => "components",
            Self::Service => "services",
        }
    }

    fn element(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Service => "service",
        }
    }

    fn read(self, item: Item<'_>, place: &Place<'_>) -> Component {
        match self {
            Self::Component => component(item, place),
            Self::Service => service(item, place),
        }
    }
}

impl Document {
    /// What the document says about itself; the main component is the first one.
    pub(super) fn metadata(
        &mut self,
        root: Item<'_>,
        place: &Place<'_>,
    ) -> Result<(), ContentError> {
        let Some(metadata) = root.child("metadata") else {
            return Ok(());
        };
        let sbom = &mut self.sbom;
        sbom.created_text = filled(metadata.text("timestamp"));
        sbom.created = time(metadata, "timestamp");
        sbom.authors = metadata.list("authors", "author").map(contact).collect();
        // Since 1.6, the manufacturer is the organisation that made the document.
        let manufacturer = metadata.child("manufacturer").map(organization);
        sbom.authors.extend(manufacturer.clone());
        sbom.supplier = metadata
            .child("supplier")
            .map(organization)
            .or(manufacturer)
            .or_else(|| metadata.child("manufacture").map(organization));
        sbom.tools = tools(metadata);
        sbom.phases = metadata
            .list("lifecycles", "lifecycle")
            .filter_map(|cycle| filled(cycle.text("phase").or_else(|| cycle.text("name"))))
            .collect();
        if let Some(item) = metadata.child("component") {
            let place = place.name("metadata");
            let place = place.name("component");
            self.sbom.name = filled(item.text("name"));
            self.sbom.subjects = vec![self.sbom.components.len()];
            self.entry(item, &place, None, Nested::Component, 1)?;
        }
        Ok(())
    }

    /// One component of the document's own list.
    pub(super) fn component(
        &mut self,
        item: Item<'_>,
        place: &Place<'_>,
    ) -> Result<(), ContentError> {
        self.entry(item, place, None, Nested::Component, 1)
    }

    /// The document's services.
    pub(super) fn services(
        &mut self,
        root: Item<'_>,
        place: &Place<'_>,
    ) -> Result<(), ContentError> {
        self.listed(root, place, None, Nested::Service, 1)
    }

    /// What else is said about the document as a whole.
    pub(super) fn rest(&mut self, root: Item<'_>) {
        self.compositions(root);
        self.sbom.vulnerabilities = root.list("vulnerabilities", "vulnerability").count();
        self.sbom.identifier = identifier(root).map(Box::from);
    }

    /// The entries that `parent` lists in `item`.
    fn listed(
        &mut self,
        item: Item<'_>,
        place: &Place<'_>,
        parent: Option<usize>,
        nested: Nested,
        depth: usize,
    ) -> Result<(), ContentError> {
        let place = place.name(nested.list());
        for (number, item) in item.list(nested.list(), nested.element()).numbered() {
            let place = place.element(nested.element(), number);
            self.entry(item, &place, parent, nested, depth)?;
        }
        Ok(())
    }

    /// One entry and what is nested in it.
    fn entry(
        &mut self,
        item: Item<'_>,
        place: &Place<'_>,
        parent: Option<usize>,
        nested: Nested,
        depth: usize,
    ) -> Result<(), ContentError> {
        if depth > MAX_NESTING {
            let what = "components in components";
            return Err(ContentError::limit(
                place.to_string(),
                what,
                MAX_NESTING,
                depth,
            ));
        }
        let position = self.sbom.components.len();
        ContentError::unless_full(|| place.to_string(), "components", MAX_COMPONENTS, position)?;
        self.sbom.components.push(nested.read(item, place));
        if let Some(reference) = item.attribute("bom-ref") {
            // Nearly every name is new, so that looking before costs more than putting back.
            if let Some(first) = self.references.insert(reference.into(), position) {
                self.references.insert(reference.into(), first);
            }
        }
        if let Some(parent) = parent {
            self.relate(parent, position, RelationshipKind::Contains)?;
        }
        self.listed(item, place, Some(position), nested, depth + 1)
    }

    fn relate(
        &mut self,
        from: usize,
        to: usize,
        kind: RelationshipKind,
    ) -> Result<(), ContentError> {
        ContentError::unless_full(
            || "the document".to_owned(),
            "relationships",
            MAX_RELATIONSHIPS,
            self.sbom.relationships.len(),
        )?;
        self.sbom
            .relationships
            .push(Relationship { from, to, kind });
        Ok(())
    }

    /// Who needs whom. A reference to nothing in the document is no relationship.
    pub(super) fn dependencies<'t>(
        &mut self,
        dependencies: impl Iterator<Item = Item<'t>>,
    ) -> Result<(), ContentError> {
        for item in dependencies {
            let from = item.attribute("ref").and_then(|from| self.position(from));
            let needed: Vec<_> = match item {
                Item::Json(_) => item.repeated("dependsOn").collect(),
                // In XML, what is needed is nested, with its own needs inside it again.
                Item::Xml(_) => item.repeated("dependency").collect(),
            };
            if let Some(from) = from {
                for to in &needed {
                    if let Some(to) = to.reference().and_then(|to| self.position(to)) {
                        self.relate(from, to, RelationshipKind::DependsOn)?;
                    }
                }
                for to in item.repeated("provides") {
                    if let Some(to) = to.reference().and_then(|to| self.position(to)) {
                        self.relate(from, to, RelationshipKind::Other)?;
                    }
                }
            }
            if let Item::Xml(_) = item {
                self.dependencies(needed.into_iter())?;
            }
        }
        Ok(())
    }

    fn position(&self, reference: &str) -> Option<usize> {
        self.references.get(reference).copied()
    }

    /// What the document says about how complete it is. A composition of assemblies speaks about
    /// what is nested in them, one of dependencies about what they need; readers of either say that
    /// all of it is listed.
    fn compositions(&mut self, root: Item<'_>) {
        for composition in root.list("compositions", "composition") {
            let Some(aggregate) = composition.text("aggregate").filter(|a| !a.is_empty()) else {
                continue;
            };
            self.sbom.states_completeness |= aggregate != "not_specified";
            if aggregate != "complete" {
                continue;
            }
            let assemblies = composition.list("assemblies", "assembly");
            let dependencies = composition.list("dependencies", "dependency");
            let positions = assemblies
                .chain(dependencies)
                .filter_map(|item| self.position(item.reference()?));
            let positions: Vec<_> = positions.collect();
            self.sbom.complete.extend(positions);
        }
        self.sbom.complete.sort_unstable();
        self.sbom.complete.dedup();
    }
}

/// The tools that made a document: a list up to 1.4, components and services since 1.5.
fn tools(metadata: Item<'_>) -> Vec<Box<str>> {
    let Some(tools) = metadata.child("tools") else {
        return Vec::new();
    };
    let listed = tools.items("tool");
    let components = tools.list("components", "component");
    let services = tools.list("services", "service");
    listed
        .chain(components)
        .chain(services)
        .map(|tool| {
            let vendor = ["vendor", "publisher", "group"];
            let vendor = vendor.iter().find_map(|name| filled(tool.text(name)));
            let parts = [
                vendor,
                filled(tool.text("name")),
                filled(tool.text("version")),
            ];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            parts.join(" ")
        })
        .filter(|tool| !tool.is_empty())
        .map(Box::from)
        .collect()
}
