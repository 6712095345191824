//! VEX in CycloneDX: `vulnerabilities` with an `analysis` (CycloneDX 1.4 to 1.7, "Vulnerability
//! Exploitability").

use std::sync::Arc;

use jiff::Timestamp;

use super::product::{Identifiers, Product};
use super::{Builder, CODE, Justification, Status, VexDocument, VexFormat, VexStatement};
use crate::content::ContentError;
use crate::vulnerability::bom::{
    Affected, Affects, Analysis, Bom, Component, Components, Contact, Vulnerability, decoded,
};
use crate::vulnerability::time;

/// Reads a document.
pub(super) fn read(document: &[u8]) -> Result<VexDocument, ContentError> {
    let bom = Bom::read(document, CODE)?;
    let listed = bom.listed(CODE)?;
    let metadata = bom.metadata.as_ref();
    let issued = metadata.and_then(|metadata| metadata.timestamp.as_deref());
    let issued = time::read(issued, || "/metadata/timestamp".to_owned(), CODE)?;
    let components = bom.components();
    let mut builder = Builder::default();
    let mut unstated = 0;
    for (n, vulnerability) in listed.iter().enumerate() {
        // Without a state nobody has said whether the vulnerability matters.
        let stated = vulnerability.analysis.as_ref().and_then(|analysis| {
            let state = analysis.state.as_deref()?;
            Some((analysis, state))
        });
        let Some((analysis, state)) = stated else {
            unstated += 1;
            continue;
        };
        let place = format!("/vulnerabilities/{n}");
        let mut statement = statement(vulnerability, analysis, state, &place, issued)?;
        statement.products = products(&bom, &components, vulnerability, statement.status);
        builder.push(statement)?;
    }
    let author = metadata.and_then(|metadata| {
        let authors = metadata.authors.iter().flatten();
        let mut parties = authors
            .chain(&metadata.manufacturer)
            .chain(&metadata.supplier);
        parties.find_map(|Contact { name }| name.as_deref())
    });
    let version = bom.version.as_ref().map(ToString::to_string);
    Ok(VexDocument {
        format: VexFormat::CycloneDx,
        id: bom.serial_number.as_deref().map(Box::from),
        author: author.map(Box::from),
        timestamp: issued,
        version: version.map(Box::from),
        statements: builder.statements,
        unstated,
    })
}

fn statement(
    vulnerability: &Vulnerability,
    analysis: &Analysis,
    state: &str,
    place: &str,
    issued: Option<Timestamp>,
) -> Result<VexStatement, ContentError> {
    let at = |member: &'static str| move || format!("{place}/{member}");
    let status = match state {
        "not_affected" | "false_positive" => Status::NotAffected,
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "in_triage" => Status::UnderInvestigation,
        "exploitable" => Status::Affected,
        other => {
            let expected = "a state of CycloneDX";
            let found = format!("`{other}`");
            return Err(ContentError::new(
                CODE,
                at("analysis/state")(),
                expected,
                found,
            ));
        }
    };
    let written = analysis.justification.as_deref();
    let justification: Option<Justification> =
        written.map(str::parse).transpose().map_err(|_| {
            let found = format!("`{}`", written.unwrap_or_default());
            let place = at("analysis/justification")();
            ContentError::new(CODE, place, "a justification of CycloneDX", found)
        })?;
    let first = time::read(
        analysis.first_issued.as_deref(),
        at("analysis/firstIssued"),
        CODE,
    )?;
    let last = time::read(
        analysis.last_updated.as_deref(),
        at("analysis/lastUpdated"),
        CODE,
    )?;
    let updated = time::read(vulnerability.updated.as_deref(), at("updated"), CODE)?;
    let responses = analysis.response.iter().flatten().map(String::as_str);
    let responses: Vec<&str> = responses
        .chain(vulnerability.recommendation.as_deref())
        .collect();
    Ok(VexStatement {
        vulnerability: vulnerability.id.as_deref().unwrap_or_default().into(),
        aliases: vulnerability.references().map(Box::from).collect(),
        products: Vec::new(),
        status,
        justification,
        impact: analysis.detail.as_deref().map(Box::from),
        action: (!responses.is_empty()).then(|| responses.join(", ").into()),
        timestamp: last.or(first).or(issued).or(updated),
        place: place.into(),
    })
}

/// The products of a vulnerability; one that affects nothing by name is about the BOM's subject.
fn products(
    bom: &Bom,
    components: &Components<'_>,
    vulnerability: &Vulnerability,
    status: Status,
) -> Vec<Product> {
    let whole = |identifiers: Identifiers| Product {
        identifiers: Arc::new(identifiers),
        subcomponents: Vec::new(),
    };
    let affects = vulnerability.affects.as_deref().unwrap_or_default();
    if affects.is_empty() {
        let main = bom
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.component.as_ref());
        return main
            .map(|main| whole(identifiers(main)))
            .into_iter()
            .collect();
    }
    let read = |affects: &Affects| {
        let mut found = match bom.component(components, &affects.reference) {
            Some(component) => identifiers(component),
            None => foreign(&affects.reference),
        };
        let versions = affects.versions.as_deref().unwrap_or_default();
        let meant: Vec<&Affected> = versions
            .iter()
            .filter(|affected| means(affected, status))
            .collect();
        // Every version is listed as something else: the statement is about none.
        if meant.is_empty() && !versions.is_empty() {
            return None;
        }
        if !meant.is_empty() {
            let text = |text: Option<&String>| text.map(|text| Box::from(text.as_str()));
            let version = |meant: &&Affected| text(meant.version.as_ref());
            found.versions = meant.iter().filter_map(version).collect();
            found.ranges = meant
                .iter()
                .filter_map(|meant| text(meant.range.as_ref()))
                .collect();
        }
        Some(whole(found))
    };
    affects.iter().filter_map(read).collect()
}

/// Whether a statement of `status` means these versions. `affected`, the default, says that the
/// vulnerability is in these versions of the component; the analysis says what comes of it. Versions
/// without the vulnerability are not affected by it whatever the analysis says, and of `unknown` ones
/// nobody has said anything that may suppress.
fn means(affected: &Affected, status: Status) -> bool {
    match affected.status.as_deref() {
        Some("unaffected") => status.can_suppress(),
        Some("affected") | None => true,
        Some(_) => !status.can_suppress(),
    }
}

fn identifiers(component: &Component) -> Identifiers {
    let mut found = Identifiers::default();
    let named = [&component.purl, &component.cpe, &component.name];
    for text in named.into_iter().flatten() {
        found.add(text);
    }
    for hash in component.hashes.iter().flatten() {
        found.add_hash(&hash.alg, &hash.content);
    }
    // A package URL without a version would mean every version, and the component has one.
    found.versions = component
        .version
        .iter()
        .map(|version| version.as_str().into())
        .collect();
    found
}

/// A reference that leaves the document: many are package URLs, the rest are names.
fn foreign(reference: &str) -> Identifiers {
    let fragment = reference
        .strip_prefix("urn:cdx:")
        .and_then(|link| link.split_once('#'));
    let Some((_, fragment)) = fragment else {
        return Identifiers::of(reference);
    };
    if fragment.starts_with("pkg:") {
        return Identifiers::of(fragment);
    }
    let decoded = decoded(fragment);
    Identifiers::of(if decoded.starts_with("pkg:") {
        &decoded
    } else {
        reference
    })
}
