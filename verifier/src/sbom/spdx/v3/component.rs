//! Components of SPDX 3: packages, files and snippets.

use std::borrow::Cow;
use std::mem::take;

use super::absorb::At;
use super::element::Element;
use super::parts::{identify, link};
use super::{Graph, Node, Pending, Role};
use crate::content::ContentError;
use crate::sbom::model::{Component, ComponentKind};
use crate::sbom::spdx::lax::Text;
use crate::sbom::spdx::terms;

impl<'a> Graph<'a> {
    /// A package, a file or a snippet.
    pub(super) fn component(
        &mut self,
        mut element: Element<'a>,
        class: &str,
        id: Option<Cow<'a, str>>,
        at: &At,
    ) -> Result<Node, ContentError> {
        let position = self.draft.sbom.components.len();
        let mut component = self.texts(&mut element, class, id, at);
        let built = self.date(take(&mut element.built_time), "builtTime", at);
        component.dated = self
            .date(take(&mut element.release_time), "releaseTime", at)
            .or(built);
        component.hashes = self.hashes(take(&mut element.verified_using), at, position)?;
        let found = self.identifiers(take(&mut element.external_identifier), at, Some(position))?;
        for (kind, value) in found {
            identify(&mut component, &kind, value);
        }
        self.content(take(&mut element.content_identifier), at, &mut component)?;
        self.links(take(&mut element.external_ref), at, &mut component)?;
        self.draft.add(component)?;
        self.others(element, class, position, at)?;
        Ok(Node::Component(position))
    }

    /// What a component says in texts.
    fn texts(
        &mut self,
        element: &mut Element<'a>,
        class: &str,
        id: Option<Cow<'a, str>>,
        at: &At,
    ) -> Component {
        let draft = &mut self.draft;
        let place = || at.member("name");
        let name = if class == "software_Snippet" {
            draft.text(take(&mut element.name), place)
        } else {
            draft.required(take(&mut element.name), place, "a name")
        };
        let mut component = Component {
            place: if at.place.is_empty() { "/" } else { &at.place }.into(),
            reference: id.map(Box::from),
            kind: kind(class),
            name: name.map(Box::from).unwrap_or_default(),
            ..Component::default()
        };
        if class == "software_File" && !component.name.is_empty() {
            component.file_names.push(component.name.clone());
        }
        let place = || at.member("software_packageVersion");
        component.version = draft
            .text(take(&mut element.package_version), place)
            .map(Box::from);
        let place = || at.member("software_packageUrl");
        let purl = draft.text(take(&mut element.package_url), place);
        component.purls.extend(purl.map(Box::from));
        let place = || at.member("software_downloadLocation");
        if let Some(url) = draft.text(take(&mut element.download_location), place) {
            let kind = terms::download_kind(&url);
            component.links.extend(kind.map(|kind| link(kind, &url)));
        }
        let place = || at.member("software_homePage");
        let url = draft.text(take(&mut element.home_page), place);
        component.links.extend(url.map(|url| link("website", &url)));
        let place = || at.member("software_primaryPurpose");
        if let Some(text) = draft.text(take(&mut element.primary_purpose), place) {
            let purpose = terms::purpose3(&text);
            if purpose.is_none() {
                draft.breach(place, "a purpose of SPDX 3.0", &text);
            }
            if component.kind == ComponentKind::Package {
                component.kind = purpose.unwrap_or_default();
            }
        }
        component
    }

    /// What other elements say about a component.
    fn others(
        &mut self,
        element: Element<'a>,
        class: &str,
        position: usize,
        at: &At,
    ) -> Result<(), ContentError> {
        let supplier = match element.supplied_by {
            Some(text) => self.reference(text, at.depth, || at.member("suppliedBy"))?,
            None => None,
        };
        let place = at.member("originatedBy");
        let originators = self.references(element.originated_by, at.depth, &place)?;
        let file = if class == "software_Snippet" {
            self.one(element.snippet_from_file, "software_snippetFromFile", at)?
        } else {
            None
        };
        let supplier = supplier.map(|id| (Role::Supplier, id));
        let originators = originators.into_iter().map(|id| (Role::Originator, id));
        let file = file.map(|id| (Role::File, id));
        for (role, id) in supplier.into_iter().chain(originators).chain(file) {
            self.pending.push(Pending {
                component: position,
                role,
                id,
            });
        }
        Ok(())
    }

    fn date(&mut self, field: Text<'a>, name: &str, at: &At) -> Option<jiff::Timestamp> {
        let text = self.draft.text(field, || at.member(name))?;
        self.draft.time(&text, || at.member(name))
    }
}

fn kind(class: &str) -> ComponentKind {
    match class {
        "software_Package" => ComponentKind::Package,
        "software_File" => ComponentKind::File,
        _ => ComponentKind::Other,
    }
}
