//! Hashes, identifiers and references inside of elements of SPDX 3.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::absorb::At;
use super::element::{Detail, Element, Refs};
use super::{Graph, Node, Pending, Role};
use crate::content::ContentError;
use crate::sbom::model::{Component, Hash, Link};
use crate::sbom::spdx::bounds::{MAX_DETAILS, MAX_ELEMENTS};
use crate::sbom::spdx::lax::{Item, List, Text};
use crate::sbom::spdx::part;
use crate::sbom::spdx::terms::{self, NoHash};

/// `Core/ExternalIdentifierType`, 3.0.1.
const IDENTIFIER_TYPES: [&str; 11] = [
    "cpe22",
    "cpe23",
    "cve",
    "email",
    "gitoid",
    "other",
    "packageUrl",
    "securityOther",
    "swhid",
    "swid",
    "urlScheme",
];

/// An identifier: its type and its value.
type Identifier = (Box<str>, Box<str>);

impl<'a> Graph<'a> {
    /// A word out of a closed list.
    pub(super) fn word(
        &mut self,
        field: Text<'a>,
        name: &str,
        known: &[&str],
        at: &At,
    ) -> Option<Cow<'a, str>> {
        let word = self.draft.text(field, || at.member(name))?;
        if !known.contains(&&*word) {
            let wanted = format!("one of {}", known.join(", "));
            self.draft.breach(|| at.member(name), &wanted, &word);
        }
        Some(word)
    }

    /// Words out of a closed list.
    pub(super) fn words(
        &mut self,
        list: List<Text<'a>, MAX_DETAILS>,
        name: &str,
        known: &[&str],
        at: &At,
    ) -> Result<Vec<Box<str>>, ContentError> {
        let items = self.draft.list(list, || at.member(name))?;
        let mut words = Vec::new();
        for item in items {
            words.extend(self.word(item, name, known, at).map(Box::from));
        }
        Ok(words)
    }

    /// Elements of other documents that this one says where to find.
    pub(super) fn imports(
        &mut self,
        list: List<&'a RawValue, MAX_ELEMENTS>,
        at: &At,
    ) -> Result<(), ContentError> {
        let items = self.draft.list(list, || at.member("import"))?;
        for (index, text) in items.into_iter().enumerate() {
            let place = || at.member(&format!("import/{index}"));
            let item: Item<Detail<'a>> = part(text)?;
            let Some(map) = self.draft.item(item, place) else {
                continue;
            };
            let wanted = "the `spdxId` of the element";
            let id = self.draft.required(map.external_spdx_id, place, wanted);
            self.imports.extend(id);
        }
        Ok(())
    }

    /// The hashes of a component. Parts may be written elsewhere, and only be named here.
    pub(super) fn hashes(
        &mut self,
        list: Refs<'a>,
        at: &At,
        position: usize,
    ) -> Result<Vec<Hash>, ContentError> {
        let mut hashes = Vec::new();
        let items = self.draft.list(list, || at.member("verifiedUsing"))?;
        for (index, text) in items.into_iter().enumerate() {
            let place = || at.member(&format!("verifiedUsing/{index}"));
            if text.get().starts_with('"') {
                self.later(text, at, Role::Hash, position, place)?;
                continue;
            }
            let item: Item<Detail<'a>> = part(text)?;
            let Some(detail) = self.draft.item(item, place) else {
                continue;
            };
            // A verification code is a hash over hashes, and none of the component itself.
            if matches!(&detail.class, Text::Is(class) if super::element::short(class) == "Hash") {
                hashes.extend(self.hash(detail.algorithm, detail.hash_value, place));
            }
        }
        Ok(hashes)
    }

    fn hash(
        &mut self,
        algorithm: Text<'a>,
        value: Text<'a>,
        place: impl Fn() -> String,
    ) -> Option<Hash> {
        let draft = &mut self.draft;
        let algorithm = draft.required(algorithm, &place, "an `algorithm`");
        let value = draft.required(value, &place, "a `hashValue`");
        let (algorithm, value) = (algorithm?, value?);
        match terms::hash3(&algorithm, &value) {
            Ok(hash) => return Some(hash),
            Err(NoHash::Algorithm) => {
                draft.breach(place, "a hash algorithm of SPDX 3.0", &algorithm);
            }
            Err(NoHash::Value(0)) => draft.breach(place, "hex digits", &value),
            Err(NoHash::Value(digits)) => {
                let wanted = format!("{digits} hex digits for {algorithm}");
                draft.breach(place, &wanted, &value);
            }
        }
        None
    }

    /// A hash that stands in the graph on its own.
    pub(super) fn loose_hash(&mut self, element: Element<'a>, at: &At) -> Node {
        let place = || at.member("hashValue");
        let Some(hash) = self.hash(element.algorithm, element.hash_value, place) else {
            return Node::Other;
        };
        self.hashes.push(hash);
        Node::Hash(self.hashes.len().saturating_sub(1))
    }

    /// An identifier that stands in the graph on its own.
    pub(super) fn loose_identifier(&mut self, element: Element<'a>, at: &At) -> Node {
        let place = || at.member("identifier");
        let kind = element.external_identifier_type;
        let Some(found) = self.identifier(kind, element.identifier, place) else {
            return Node::Other;
        };
        self.identifiers.push(found);
        Node::Identifier(self.identifiers.len().saturating_sub(1))
    }

    /// The external identifiers of an element.
    pub(super) fn identifiers(
        &mut self,
        list: Refs<'a>,
        at: &At,
        position: Option<usize>,
    ) -> Result<Vec<Identifier>, ContentError> {
        let mut found = Vec::new();
        let items = self.draft.list(list, || at.member("externalIdentifier"))?;
        for (index, text) in items.into_iter().enumerate() {
            let place = || at.member(&format!("externalIdentifier/{index}"));
            if let (true, Some(position)) = (text.get().starts_with('"'), position) {
                self.later(text, at, Role::Identifier, position, place)?;
                continue;
            }
            let item: Item<Detail<'a>> = part(text)?;
            if let Some(detail) = self.draft.item(item, place) {
                let kind = detail.external_identifier_type;
                found.extend(self.identifier(kind, detail.identifier, place));
            }
        }
        Ok(found)
    }

    fn identifier(
        &mut self,
        kind: Text<'a>,
        value: Text<'a>,
        place: impl Fn() -> String,
    ) -> Option<Identifier> {
        let draft = &mut self.draft;
        let kind = draft.required(kind, &place, "an `externalIdentifierType`");
        if let Some(found) = kind
            .as_deref()
            .filter(|kind| !IDENTIFIER_TYPES.contains(kind))
        {
            draft.breach(&place, "an external identifier type of SPDX 3.0", found);
        }
        let value = draft.required(value, place, "an `identifier`");
        Some((kind?.into(), value?.into()))
    }

    fn later(
        &mut self,
        text: &'a RawValue,
        at: &At,
        role: Role,
        component: usize,
        place: impl Fn() -> String,
    ) -> Result<(), ContentError> {
        if let Some(id) = self.reference(text, at.depth, place)? {
            self.pending.push(Pending {
                component,
                role,
                id,
            });
        }
        Ok(())
    }

    /// Identifiers that follow from the content (`Software/ContentIdentifier`).
    pub(super) fn content(
        &mut self,
        list: Refs<'a>,
        at: &At,
        component: &mut Component,
    ) -> Result<(), ContentError> {
        let name = "software_contentIdentifier";
        let items = self.draft.list(list, || at.member(name))?;
        for (index, text) in items.into_iter().enumerate() {
            let place = || at.member(&format!("{name}/{index}"));
            let item: Item<Detail<'a>> = part(text)?;
            let Some(detail) = self.draft.item(item, place) else {
                continue;
            };
            let kind = detail.content_type;
            let kind = self.draft.required(kind, place, "`gitoid` or `swhid`");
            let value = self.draft.required(detail.content_value, place, "a value");
            if let (Some(kind), Some(value)) = (kind, value) {
                component.identifiers.push(format!("{kind}:{value}").into());
            }
        }
        Ok(())
    }

    pub(super) fn links(
        &mut self,
        list: Refs<'a>,
        at: &At,
        component: &mut Component,
    ) -> Result<(), ContentError> {
        let items = self.draft.list(list, || at.member("externalRef"))?;
        for (index, text) in items.into_iter().enumerate() {
            let place = || at.member(&format!("externalRef/{index}"));
            let item: Item<Detail<'a>> = part(text)?;
            let Some(detail) = self.draft.item(item, place) else {
                continue;
            };
            let kind = self.draft.text(detail.external_ref_type, place);
            let kind = terms::link3(kind.as_deref().unwrap_or_default());
            for locator in self.draft.list(detail.locator, place)? {
                let url = self.draft.text(locator, place);
                component.links.extend(url.map(|url| link(kind, &url)));
            }
        }
        Ok(())
    }
}

/// Gives an identifier to a component.
pub(super) fn identify(component: &mut Component, kind: &str, value: Box<str>) {
    match kind {
        "packageUrl" => {
            if !component.purls.contains(&value) {
                component.purls.push(value);
            }
        }
        "cpe22" | "cpe23" => component.cpes.push(value),
        other => component
            .identifiers
            .push(format!("{other}:{value}").into()),
    }
}

/// A link without hashes.
pub(super) fn link(kind: &str, url: &str) -> Link {
    Link {
        kind: kind.into(),
        url: url.into(),
        hashes: Vec::new(),
    }
}
