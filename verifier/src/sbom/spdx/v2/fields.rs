//! Fields that packages and files of SPDX 2 have in common.

use std::borrow::Cow;

use super::{Checksum, Details, ExternalRef};
use crate::content::ContentError;
use crate::sbom::model::{Component, ComponentKind, Hash, License, Link, Party, Standing};
use crate::sbom::spdx::draft::{Draft, Place};
use crate::sbom::spdx::lax::{Item, Text};
use crate::sbom::spdx::party::{Agent, agent};
use crate::sbom::spdx::terms::{self, NoHash, Reference};

/// A supplier or an originator.
pub(super) fn party(
    draft: &mut Draft,
    field: Text<'_>,
    place: &Place,
    member: &str,
) -> Option<Party> {
    let text = draft.text(field, || place.member(member))?;
    match agent(&text) {
        Agent::Party(party) => Some(party),
        Agent::Nobody => None,
        Agent::Unmarked(party) => {
            let wanted = "`Person: …`, `Organization: …` or `NOASSERTION`";
            draft.breach(|| place.member(member), wanted, &text);
            Some(party)
        }
        Agent::Tool(name) => {
            let wanted = "`Person: …`, `Organization: …` or `NOASSERTION`";
            draft.breach(|| place.member(member), wanted, &text);
            Some(Party {
                name: Some(name),
                ..Party::default()
            })
        }
    }
}

/// Where a package is found, and who tells about it.
pub(super) fn links(
    draft: &mut Draft,
    component: &mut Component,
    download: Text<'_>,
    homepage: Text<'_>,
    place: &Place,
) {
    let at = || place.member("downloadLocation");
    let wanted = "a location, `NONE` or `NOASSERTION`";
    let download = draft.required(download, at, wanted);
    let homepage = draft.text(homepage, || place.member("homepage"));
    let homepage = homepage.filter(|url| terms::download_kind(url).is_some());
    let download = download.and_then(|url| Some((terms::download_kind(&url)?, url)));
    for (kind, url) in download
        .into_iter()
        .chain(homepage.map(|url| ("website", url)))
    {
        component.links.push(link(kind, url));
    }
}

fn link(kind: &str, url: Cow<'_, str>) -> Link {
    Link {
        kind: kind.into(),
        url: url.into(),
        hashes: Vec::new(),
    }
}

/// The checksums of a package or a file.
pub(super) fn hashes(
    draft: &mut Draft,
    checksums: Details<Item<Checksum<'_>>>,
    place: &Place,
) -> Result<Vec<Hash>, ContentError> {
    let checksums = draft.list(checksums, || place.member("checksums"))?;
    let mut hashes = Vec::with_capacity(checksums.len());
    for (index, item) in checksums.into_iter().enumerate() {
        let at = || place.entry("checksums", index);
        if let Some(checksum) = draft.item(item, at) {
            hashes.extend(hash(draft, checksum, at));
        }
    }
    Ok(hashes)
}

/// A checksum; what is none is a breach, and no hash.
pub(super) fn hash(
    draft: &mut Draft,
    checksum: Checksum<'_>,
    at: impl Fn() -> String,
) -> Option<Hash> {
    let algorithm = draft.required(checksum.algorithm, &at, "an algorithm");
    let value = draft.required(checksum.value, &at, "a value in hex");
    let (algorithm, value) = (algorithm?, value?);
    let wrong = match terms::hash(&algorithm, &value) {
        Ok(hash) => return Some(hash),
        Err(wrong) => wrong,
    };
    match wrong {
        NoHash::Algorithm => draft.breach(at, "a hash algorithm of SPDX", &algorithm),
        NoHash::Value(0) => draft.breach(at, "hex digits", &value),
        NoHash::Value(digits) => {
            draft.breach(at, &format!("{digits} hex digits for {algorithm}"), &value);
        }
    }
    None
}

/// A license field.
pub(super) fn license(
    draft: &mut Draft,
    field: Text<'_>,
    at: impl FnOnce() -> String,
    standing: Standing,
) -> Option<License> {
    terms::license(&draft.text(field, at)?, standing)
}

/// An external reference.
pub(super) fn reference(
    draft: &mut Draft,
    component: &mut Component,
    item: Item<ExternalRef<'_>>,
    place: &Place,
    index: usize,
) {
    let at = || place.entry("externalRefs", index);
    let Some(reference) = draft.item(item, at) else {
        return;
    };
    let category = draft.required(reference.category, at, "a reference category");
    if let Some(found) = category.filter(|found| !terms::CATEGORIES.contains(&&**found)) {
        draft.breach(at, "a reference category of SPDX", &found);
    }
    let kind = draft.required(reference.kind, at, "a reference type");
    let locator = draft.required(reference.locator, at, "a locator");
    let (Some(kind), Some(locator)) = (kind, locator) else {
        return;
    };
    match terms::reference(&kind) {
        Reference::Purl => component.purls.push(locator.into()),
        Reference::Cpe => component.cpes.push(locator.into()),
        Reference::Link(kind) => component.links.push(link(kind, locator)),
        Reference::Identifier(name) => {
            component
                .identifiers
                .push(format!("{name}:{locator}").into());
        }
    }
}

/// A time field.
pub(super) fn date(
    draft: &mut Draft,
    field: Text<'_>,
    place: &Place,
    member: &str,
) -> Option<jiff::Timestamp> {
    let at = || place.member(member);
    let text = draft.text(field, at)?;
    draft.time(&text, at)
}

/// What a package is for.
pub(super) fn purpose(draft: &mut Draft, field: Text<'_>, place: &Place) -> ComponentKind {
    let at = || place.member("primaryPackagePurpose");
    let Some(text) = draft.text(field, at) else {
        return ComponentKind::Package;
    };
    let kind = terms::purpose(&text);
    if kind.is_none() {
        draft.breach(at, "a package purpose of SPDX", &text);
    }
    kind.unwrap_or_default()
}
