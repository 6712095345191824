//! The relationships of SPDX 3, once every element is read.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::element::{Individual, individual};
use super::license::list_name;
use super::parts::identify;
use super::{Graph, Node, Pending, Relation, Role};
use crate::content::ContentError;
use crate::sbom::model::{self, ComponentKind, Party, RelationshipKind, Sbom, Standing};
use crate::sbom::spdx::terms::{self, Meaning};

impl<'a> Graph<'a> {
    /// Looks up every name, and hands over the SBOM.
    pub(super) fn finish(mut self) -> Result<Sbom, ContentError> {
        self.report_missing();
        for pending in std::mem::take(&mut self.pending) {
            self.settle(&pending)?;
        }
        let mut described = Vec::new();
        let mut incomplete = HashSet::new();
        for relation in std::mem::take(&mut self.relations) {
            self.relate(&relation, &mut described, &mut incomplete)?;
        }
        let complete = &mut self.draft.sbom.complete;
        complete.retain(|position| !incomplete.contains(position));
        self.subjects(&described);
        self.head()?;
        self.draft.sbom.vulnerabilities = self.vulnerabilities.len();
        Ok(self.draft.finish())
    }

    /// What is named must be in the document, imported, or of SPDX itself.
    fn report_missing(&mut self) {
        for (id, place) in std::mem::take(&mut self.wanted) {
            let is_known = self.nodes.contains_key(&id)
                || self.imports.contains(&id)
                || individual(&id).is_some()
                || list_name(&id).is_some();
            if !is_known {
                let wanted = "an element of this document, or one that it imports";
                self.draft.breach(|| place, wanted, &id);
            }
        }
    }

    fn settle(&mut self, pending: &Pending<'a>) -> Result<(), ContentError> {
        let node = self.nodes.get(&pending.id).copied();
        match (pending.role, node) {
            (Role::Supplier | Role::Originator, Some(Node::Agent(index))) => {
                let agent = self.agents.get(index);
                let party = agent.map(|agent| agent.party.clone()).unwrap_or_default();
                self.draft.share(weight(&party))?;
                let component = self.draft.sbom.components.get_mut(pending.component);
                let Some(component) = component else {
                    return Ok(());
                };
                if pending.role == Role::Supplier {
                    component.supplier = Some(party);
                } else {
                    component.creators.push(party);
                }
            }
            (Role::Hash, Some(Node::Hash(index))) => {
                let hash = self.hashes.get(index).cloned();
                let component = self.draft.sbom.components.get_mut(pending.component);
                if let (Some(component), Some(hash)) = (component, hash) {
                    let bytes = hash.value.len().saturating_add(ENTRY);
                    component.hashes.push(hash);
                    self.draft.share(bytes)?;
                }
            }
            (Role::Identifier, Some(Node::Identifier(index))) => {
                let found = self.identifiers.get(index).cloned();
                let component = self.draft.sbom.components.get_mut(pending.component);
                if let (Some(component), Some((kind, value))) = (component, found) {
                    let bytes = value.len().saturating_add(ENTRY);
                    identify(component, &kind, value);
                    self.draft.share(bytes)?;
                }
            }
            (Role::File, Some(Node::Component(file))) => {
                let (part, kind) = (pending.component, RelationshipKind::Contains);
                self.draft.relate(file, part, kind)?;
            }
            (Role::Supplier | Role::Originator, Some(_)) => {
                let component = self.draft.sbom.components.get(pending.component);
                let place = component.map_or_else(String::new, |c| c.place.to_string());
                self.draft.breach(|| place, "an agent", &pending.id);
            }
            _ => {}
        }
        Ok(())
    }

    fn relate(
        &mut self,
        relation: &Relation<'a>,
        described: &mut Vec<Cow<'a, str>>,
        incomplete: &mut HashSet<usize>,
    ) -> Result<(), ContentError> {
        let from = self.nodes.get(&relation.from).copied();
        let meaning = terms::relationship3(&relation.kind).unwrap_or(Meaning::Other);
        if let (Meaning::Describes, Some(Node::Collection(_))) = (meaning, from) {
            described.extend(relation.to.iter().cloned());
        }
        let Some(Node::Component(from)) = from else {
            return Ok(());
        };
        let components = &self.draft.sbom.components;
        let is_file = components
            .get(from)
            .is_some_and(|one| one.kind == ComponentKind::File);
        match &*relation.kind {
            "hasDeclaredLicense" => return self.licensed(from, relation, Standing::Declared),
            "hasConcludedLicense" => return self.licensed(from, relation, Standing::Concluded),
            "hasDistributionArtifact" if !is_file => self.distributed(from, relation)?,
            _ => {}
        }
        self.completeness(from, relation, meaning, incomplete);
        let kind = match meaning {
            Meaning::Needs => RelationshipKind::DependsOn,
            Meaning::Contains => RelationshipKind::Contains,
            _ => RelationshipKind::Other,
        };
        for id in &relation.to {
            if let Some(Node::Component(to)) = self.nodes.get(id).copied() {
                self.draft.relate(from, to, kind)?;
            }
        }
        Ok(())
    }

    /// `completeness` says whether all are listed, and so do the individuals `NoneElement` and
    /// `NoAssertionElement` (SPDX 3.0.1, `Core/RelationshipCompleteness`).
    fn completeness(
        &mut self,
        from: usize,
        relation: &Relation<'a>,
        meaning: Meaning,
        incomplete: &mut HashSet<usize>,
    ) {
        if !matches!(meaning, Meaning::Needs | Meaning::Contains) {
            return;
        }
        let individuals = relation.to.iter().filter_map(|id| individual(id));
        let individuals: BTreeSet<bool> = individuals
            .filter(|found| *found != Individual::Organization)
            .map(|found| found == Individual::Nothing)
            .collect();
        let stated = relation.completeness.as_deref();
        if stated.is_none() && individuals.is_empty() {
            return;
        }
        let sbom = &mut self.draft.sbom;
        sbom.states_completeness = true;
        if meaning != Meaning::Needs {
            return;
        }
        if stated == Some("incomplete") || individuals.contains(&false) {
            incomplete.insert(from);
        } else if stated == Some("complete") || individuals.contains(&true) {
            sbom.complete.push(from);
        }
    }

    fn licensed(
        &mut self,
        from: usize,
        relation: &Relation<'a>,
        standing: Standing,
    ) -> Result<(), ContentError> {
        for id in &relation.to {
            let written = self.written(id, 0)?;
            let Some(text) = written.text else {
                continue;
            };
            self.draft.share(text.len().saturating_add(ENTRY))?;
            if let Some(component) = self.draft.sbom.components.get_mut(from) {
                component.licenses.push(model::License {
                    text: (&*text).into(),
                    is_expression: !written.is_name,
                    standing,
                });
            }
        }
        Ok(())
    }

    /// The file in which a component is distributed has its file name and its hashes.
    fn distributed(&mut self, from: usize, relation: &Relation<'a>) -> Result<(), ContentError> {
        for id in &relation.to {
            let Some(Node::Component(to)) = self.nodes.get(id).copied() else {
                continue;
            };
            let artifact = self.draft.sbom.components.get(to);
            // Files have no artifacts of their own: what is copied once is not copied again.
            let Some(artifact) = artifact.filter(|one| one.kind == ComponentKind::File) else {
                continue;
            };
            let (names, hashes) = (artifact.file_names.clone(), artifact.hashes.clone());
            let bytes = names.iter().map(|name| name.len()).sum::<usize>();
            let hex = hashes.iter().map(|hash| hash.value.len()).sum::<usize>();
            let entries = names.len().saturating_add(hashes.len());
            let bytes = bytes.saturating_add(hex);
            self.draft
                .share(bytes.saturating_add(entries.saturating_mul(ENTRY)))?;
            if let Some(component) = self.draft.sbom.components.get_mut(from) {
                component.file_names.extend(names);
                component.hashes.extend(hashes);
            }
        }
        Ok(())
    }

    /// The roots of the document, through the collections that it holds.
    fn subjects(&mut self, described: &[Cow<'a, str>]) {
        let has_document = self.collections.iter().any(|one| one.is_document);
        let first = self.collections.iter();
        let first = first.filter(|one| one.is_document || !has_document);
        let mut open: Vec<Cow<'a, str>> = first.flat_map(|one| one.roots.clone()).collect();
        open.extend(described.iter().cloned());
        let mut seen = HashSet::new();
        while let Some(id) = open.pop() {
            match self.nodes.get(&id).copied() {
                Some(Node::Component(position)) => self.draft.sbom.subjects.push(position),
                Some(Node::Collection(index)) if seen.insert(index) => {
                    let roots = self.collections.get(index).map(|one| one.roots.clone());
                    open.extend(roots.unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    /// What the document says about itself.
    fn head(&mut self) -> Result<(), ContentError> {
        let document = self.collections.iter().position(|one| one.is_document);
        let Some(head) = self.collections.get(document.unwrap_or_default()) else {
            return Ok(());
        };
        let creation = head.creation.clone();
        self.draft.sbom.name = head.name.clone().map(Box::from);
        self.draft.sbom.identifier = head.id.clone().map(Box::from);
        let node = creation.and_then(|id| self.nodes.get(&id).copied());
        let Some(Node::Creation(index)) = node else {
            return Ok(());
        };
        let Some(creation) = self.creations.get_mut(index) else {
            return Ok(());
        };
        let creation = std::mem::take(creation);
        let created = creation.created;
        self.draft.sbom.created = created.as_deref().and_then(|text| text.parse().ok());
        self.draft.sbom.created_text = created.map(Box::from);
        for id in creation.by.iter().chain(&creation.using) {
            match self.nodes.get(id).copied() {
                Some(Node::Agent(index)) => self.author(index)?,
                Some(_) => {
                    let place = creation.place.clone();
                    self.draft.breach(|| place, "an agent or a tool", id);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn author(&mut self, index: usize) -> Result<(), ContentError> {
        let Some(agent) = self.agents.get(index) else {
            return Ok(());
        };
        let (party, is_tool) = (agent.party.clone(), agent.is_tool);
        self.draft.share(weight(&party))?;
        if is_tool {
            self.draft.sbom.tools.push(party.name.unwrap_or_default());
        } else {
            self.draft.sbom.authors.push(party);
        }
        Ok(())
    }
}

/// Bytes that an entry takes in memory beside its text.
const ENTRY: usize = 64;

/// Bytes of a party.
fn weight(party: &Party) -> usize {
    let addresses = party
        .emails
        .iter()
        .chain(&party.urls)
        .map(|text| text.len());
    let name = party.name.as_deref().map_or(0, str::len);
    let entries = party.emails.len().saturating_add(party.urls.len());
    let entries = entries.saturating_add(1).saturating_mul(ENTRY);
    let bytes = addresses.sum::<usize>().saturating_add(name);
    bytes.saturating_add(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_weighs_its_text_and_each_of_its_entries() {
        let mut party = Party::default();
        assert_eq!(weight(&party), ENTRY);
        party.name = Some("acme".into());
        party.emails.push("a@b".into());
        assert_eq!(weight(&party), 2 * ENTRY + 7);
    }
}
