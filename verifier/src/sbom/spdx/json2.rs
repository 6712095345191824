//! SPDX 2.2 and 2.3 in JSON.

use serde_json::value::RawValue;

use super::draft::Place;
use super::lax::{Item, List, Text};
use super::v2::{Document, Reading, Spot, version};
use super::{Root, part};
use crate::content::ContentError;
use crate::sbom::model::{Encoding, Sbom};

/// Reads a document whose root was read before, and whose version is `stated`.
pub(super) fn read(root: Root<'_>, stated: &str) -> Result<Sbom, ContentError> {
    let version = version(stated, "/spdxVersion")?;
    let mut reading = Reading::new(version, Encoding::Json);
    let document = Document {
        license: root.license,
        id: root.id,
        name: root.name,
        namespace: root.namespace,
        creation: root.creation.map_or(Ok(Item::Absent), part)?,
        externals: root.externals,
    };
    reading.document(document, &Place::Root)?;
    let to = &mut reading;
    each(to, root.packages, "packages", |to, package, place, _| {
        to.package(package, place).map(|_| ())
    })?;
    each(to, root.files, "files", |to, file, place, _| {
        to.file(file, place).map(|_| ())
    })?;
    each(to, root.snippets, "snippets", |to, snippet, place, _| {
        to.snippet(snippet, place)
    })?;
    let name = "hasExtractedLicensingInfos";
    each(to, root.extracted, name, |to, license, place, _| {
        to.extracted(license, place);
        Ok(())
    })?;
    let name = "relationships";
    each(
        to,
        root.relationships,
        name,
        |to, relation, place, index| to.relation(relation, place, Spot::Relationship(index)),
    )?;
    described(to, root.describes)?;
    reading.finish()
}

/// `documentDescribes` says the same as `DESCRIBES` relationships.
fn described<'a, const MAX: usize>(
    reading: &mut Reading<'a>,
    list: List<Text<'a>, MAX>,
) -> Result<(), ContentError> {
    let at = || "/documentDescribes".to_owned();
    let items = reading.draft.list(list, at)?;
    for (index, id) in items.into_iter().enumerate() {
        let at = || format!("/documentDescribes/{index}");
        if let Some(id) = reading.draft.text(id, at) {
            reading.describes(id, Spot::Described(index))?;
        }
    }
    Ok(())
}

/// Hands each object of a list to `read`, with its place.
fn each<'a, T: serde::Deserialize<'a>, const MAX: usize>(
    reading: &mut Reading<'a>,
    list: List<&'a RawValue, MAX>,
    name: &'static str,
    mut read: impl FnMut(&mut Reading<'a>, T, &Place, usize) -> Result<(), ContentError>,
) -> Result<(), ContentError> {
    let items = reading.draft.list(list, || format!("/{name}"))?;
    for (index, text) in items.into_iter().enumerate() {
        let place = Place::Entry { list: name, index };
        let item: Item<T> = part(text)?;
        if let Some(item) = reading.draft.item(item, || place.own()) {
            read(reading, item, &place, index)?;
        }
    }
    Ok(())
}
