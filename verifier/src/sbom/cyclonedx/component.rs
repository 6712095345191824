//! The fields of components and services.

use jiff::Timestamp;

use super::item::{Item, Place};
use crate::sbom::model::{Component, ComponentKind, Hash, License, Link, Party, Standing};

/// The properties that are kept: the taxonomy of the BSI for TR-03183-2.
const KEPT: &str = "bsi:";
/// The property with the name of a component's file.
const FILE_NAME: &str = "bsi:component:filename";
/// The property with the license under which the licensee may use a component; both spellings of the
/// word are about.
const EFFECTIVE: [&str; 2] = [
    "bsi:component:effectiveLicense",
    "bsi:component:effectiveLicence",
];

/// The component in `item`, without what is nested in it.
pub(super) fn component(item: Item<'_>, place: &Place<'_>) -> Component {
    let kind = item.attribute("type").map_or(ComponentKind::Package, kind);
    let mut component = Component {
        kind,
        purls: owned(item.text("purl")),
        cpes: owned(item.text("cpe")),
        identifiers: identifiers(item),
        hashes: hashes(item),
        supplier: item.child("supplier").map(organization),
        creators: creators(item),
        ..common(item, place)
    };
    if kind == ComponentKind::File {
        component.file_names.insert(0, component.name.clone());
        component.file_names.shrink_to_fit();
    }
    component
}

/// The service in `item`, without what is nested in it.
pub(super) fn service(item: Item<'_>, place: &Place<'_>) -> Component {
    Component {
        kind: ComponentKind::Other,
        supplier: item.child("provider").map(organization),
        ..common(item, place)
    }
}

/// What components and services have in common.
fn common(item: Item<'_>, place: &Place<'_>) -> Component {
    let mut component = Component {
        place: place.text(),
        reference: item.attribute("bom-ref").map(Box::from),
        name: item.text("name").unwrap_or_default().into(),
        version: filled(item.text("version")),
        group: filled(item.text("group")),
        licenses: licenses(item),
        links: links(item),
        dated: item
            .child("releaseNotes")
            .and_then(|notes| time(notes, "timestamp")),
        ..Component::default()
    };
    for property in item.list("properties", "property") {
        let (Some(name), Some(value)) = (property.attribute("name"), property.content("value"))
        else {
            continue;
        };
        if !name.starts_with(KEPT) {
            continue;
        }
        if name == FILE_NAME {
            component.file_names.push(value.into());
        }
        if EFFECTIVE.contains(&name) {
            component.licenses.push(License {
                text: value.into(),
                is_expression: true,
                standing: Standing::Effective,
            });
        }
        component.properties.push((name.into(), value.into()));
    }
    component.shrink();
    component
}

/// What a component of this `type` is to us.
fn kind(name: &str) -> ComponentKind {
    match name {
        "container" => ComponentKind::Container,
        "file" => ComponentKind::File,
        "application" | "framework" | "library" | "operating-system" | "platform" | "firmware"
        | "device-driver" => ComponentKind::Package,
        _ => ComponentKind::Other,
    }
}

fn identifiers(item: Item<'_>) -> Vec<Box<str>> {
    let swid = item.child("swid").and_then(|swid| swid.attribute("tagId"));
    let swid = swid.map(|id| format!("swid:{id}"));
    let omnibor = item.repeated("omniborId").filter_map(Item::itself);
    let swh = item.repeated("swhid").filter_map(Item::itself);
    let omnibor = omnibor.map(|id| format!("omnibor:{id}"));
    let swh = swh.map(|id| format!("swhid:{id}"));
    exact(swid.into_iter().chain(omnibor).chain(swh).map(Box::from))
}

/// Hashes in one spelling.
fn hashes(item: Item<'_>) -> Vec<Hash> {
    let hashes = item.list("hashes", "hash");
    let hashes = hashes.filter_map(|hash| Some((hash.attribute("alg")?, hash.content("content")?)));
    exact(hashes.map(|(algorithm, value)| Hash {
        algorithm: algorithm_name(algorithm),
        value: value.to_ascii_lowercase().into(),
    }))
}

/// A list without room for more: a document has many short ones.
fn exact<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.shrink_to_fit();
    items
}

/// `SHA-256` is `sha256`, `SHA3-256` stays `sha3-256`.
fn algorithm_name(written: &str) -> Box<str> {
    let name = written.to_ascii_lowercase();
    match name.strip_prefix("sha-") {
        Some(size) => ["sha", size].concat().into(),
        None => name.into(),
    }
}

fn licenses(item: Item<'_>) -> Vec<License> {
    let mut licenses = Vec::new();
    match item {
        Item::Json(_) => {
            for choice in item.list("licenses", "") {
                licenses.extend(choice.child("license").and_then(license));
                if let Some(text) = choice.text("expression") {
                    licenses.push(expression(choice, text));
                }
            }
        }
        Item::Xml(_) => {
            let Some(list) = item.child("licenses") else {
                return licenses;
            };
            licenses.extend(list.repeated("license").filter_map(license));
            for choice in list.repeated("expression") {
                licenses.extend(choice.itself().map(|text| expression(choice, text)));
            }
            for choice in list.repeated("expression-detailed") {
                let text = choice.attribute("expression");
                licenses.extend(text.map(|text| expression(choice, text)));
            }
        }
    }
    licenses
}

fn license(item: Item<'_>) -> Option<License> {
    let id = item.text("id");
    let text = id.or_else(|| item.text("name"))?;
    Some(License {
        text: text.into(),
        is_expression: id.is_some(),
        standing: standing(item),
    })
}

fn expression(item: Item<'_>, text: &str) -> License {
    License {
        text: text.into(),
        is_expression: true,
        standing: standing(item),
    }
}

fn standing(item: Item<'_>) -> Standing {
    match item.attribute("acknowledgement") {
        Some("declared") => Standing::Declared,
        Some("concluded") => Standing::Concluded,
        _ => Standing::Unstated,
    }
}

fn links(item: Item<'_>) -> Vec<Link> {
    let references = item.list("externalReferences", "reference");
    exact(references.filter_map(|reference| {
        Some(Link {
            kind: reference.attribute("type").unwrap_or_default().into(),
            url: reference.text("url")?.into(),
            hashes: hashes(reference),
        })
    }))
}

fn creators(item: Item<'_>) -> Vec<Party> {
    let mut creators = Vec::new();
    creators.extend(item.child("manufacturer").map(organization));
    creators.extend(item.list("authors", "author").map(contact));
    for name in ["author", "publisher"] {
        creators.extend(filled(item.text(name)).map(|name| Party {
            name: Some(name),
            ..Party::default()
        }));
    }
    creators.shrink_to_fit();
    creators
}

/// An organisation, with the e-mail addresses of the people who speak for it.
pub(super) fn organization(item: Item<'_>) -> Party {
    let emails = item
        .repeated("contact")
        .filter_map(|contact| filled(contact.text("email")));
    Party {
        name: filled(item.text("name")),
        emails: exact(emails),
        urls: exact(item.repeated("url").filter_map(|url| filled(url.itself()))),
    }
}

/// A person.
pub(super) fn contact(item: Item<'_>) -> Party {
    Party {
        name: filled(item.text("name")),
        emails: owned(item.text("email")),
        urls: Vec::new(),
    }
}

/// A time that can be read.
pub(super) fn time(item: Item<'_>, name: &str) -> Option<Timestamp> {
    item.text(name)?.parse().ok()
}

/// Text that says something: many tools write an empty field where they know nothing.
pub(super) fn filled(text: Option<&str>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty()).map(Box::from)
}

fn owned(text: Option<&str>) -> Vec<Box<str>> {
    filled(text).into_iter().collect()
}
