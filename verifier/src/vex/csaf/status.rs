//! The statements about one vulnerability of a CSAF document (section 3.2.3, "Vulnerabilities").

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::tree::Tree;
use crate::content::ContentError;
use crate::vex::{Builder, CODE, Justification, Status, VexStatement};

#[derive(Deserialize)]
pub(super) struct Vulnerability {
    cve: Option<String>,
    ids: Option<Vec<Id>>,
    product_status: Option<BTreeMap<String, Vec<String>>>,
    flags: Option<Vec<Flag>>,
    threats: Option<Vec<Remark>>,
    remediations: Option<Vec<Remark>>,
}

#[derive(Deserialize)]
struct Id {
    text: String,
}

#[derive(Deserialize)]
struct Flag {
    label: String,
    product_ids: Option<Vec<String>>,
    group_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Remark {
    category: String,
    details: Option<String>,
    product_ids: Option<Vec<String>>,
    group_ids: Option<Vec<String>>,
}

/// Products with the same reasons: justification, impact, action.
type Reasons<'a> =
    BTreeMap<(Option<Justification>, Option<&'a str>, Option<&'a str>), Vec<&'a str>>;

/// What a remark without products is about.
const EVERY: &str = "";

/// Adds the statements of `vulnerability`: one for each status and reason.
pub(super) fn statements(
    vulnerability: &Vulnerability,
    tree: &Tree,
    released: Option<Timestamp>,
    place: &str,
    builder: &mut Builder,
) -> Result<(), ContentError> {
    let ids = vulnerability
        .ids
        .iter()
        .flatten()
        .map(|id| id.text.as_str());
    let mut names = vulnerability.cve.as_deref().into_iter().chain(ids);
    let name = names.next().unwrap_or_default();
    let aliases: Vec<Box<str>> = names.map(Box::from).collect();
    let by_status = by_status(vulnerability, place)?;
    let flags = flags(vulnerability, tree, place)?;
    let impacts = remarks(vulnerability.threats.as_deref(), tree, |category| {
        category == "impact"
    })?;
    let actions = remarks(vulnerability.remediations.as_deref(), tree, |_| true)?;
    for (status, ids) in by_status {
        // Products with the same reasons share a statement.
        let mut groups = Reasons::new();
        for id in ids {
            let of = |remarks: &BTreeMap<&str, _>| {
                remarks.get(id).or_else(|| remarks.get(EVERY)).copied()
            };
            let flag = flags.get(id).or_else(|| flags.get(EVERY)).copied();
            let (flag, impact) = match status {
                Status::NotAffected => (flag, of(&impacts)),
                Status::Fixed | Status::UnderInvestigation | Status::Affected => (None, None),
            };
            // Section 4.5 and test 6.1.27.9: an impact statement, as a flag or as a threat.
            if status == Status::NotAffected && flag.is_none() && impact.is_none() {
                let place = format!("{place}/product_status/known_not_affected");
                let expected = format!("a flag or an impact statement for `{id}`");
                return Err(ContentError::new(CODE, place, expected, "neither"));
            }
            groups
                .entry((flag, impact, of(&actions)))
                .or_default()
                .push(id);
        }
        for ((justification, impact, action), ids) in groups {
            builder.push(VexStatement {
                vulnerability: name.into(),
                aliases: aliases.clone(),
                products: ids.iter().map(|id| tree.product(id)).collect(),
                status,
                justification,
                impact: impact.map(Box::from),
                action: action.map(Box::from),
                timestamp: released,
                place: place.into(),
            })?;
        }
    }
    Ok(())
}

/// The products of each status; no product has two (section 6.1.6).
fn by_status<'a>(
    vulnerability: &'a Vulnerability,
    place: &str,
) -> Result<BTreeMap<Status, BTreeSet<&'a str>>, ContentError> {
    let place = format!("{place}/product_status");
    let mut found: BTreeMap<Status, BTreeSet<&str>> = BTreeMap::new();
    let mut seen: BTreeMap<&str, Status> = BTreeMap::new();
    for (name, ids) in vulnerability.product_status.iter().flatten() {
        let status = match name.as_str() {
            "known_not_affected" => Status::NotAffected,
            "fixed" | "first_fixed" => Status::Fixed,
            "known_affected" | "first_affected" | "last_affected" => Status::Affected,
            // `unknown` is new in 2.1.
            "under_investigation" | "unknown" => Status::UnderInvestigation,
            // A recommendation is no status.
            "recommended" => continue,
            other => {
                let found = format!("`{other}`");
                return Err(ContentError::new(
                    CODE,
                    place,
                    "a product status of CSAF",
                    found,
                ));
            }
        };
        for id in ids {
            let known = *seen.entry(id).or_insert(status);
            if known != status {
                let found = format!("`{id}` as {} and {}", known.name(), status.name());
                return Err(ContentError::new(
                    CODE,
                    place,
                    "one status for each product",
                    found,
                ));
            }
            found.entry(status).or_default().insert(id);
        }
    }
    // Section 4.5: at least one of the four.
    if found.is_empty() {
        return Err(ContentError::new(
            CODE,
            place,
            "the status of a product",
            "none",
        ));
    }
    Ok(found)
}

fn flags<'a>(
    vulnerability: &'a Vulnerability,
    tree: &'a Tree,
    place: &str,
) -> Result<BTreeMap<&'a str, Justification>, ContentError> {
    let mut found = BTreeMap::new();
    for (n, flag) in vulnerability.flags.iter().flatten().enumerate() {
        let parsed: Option<Justification> = flag.label.parse().ok();
        let Some(label) = parsed.filter(|label| label.is_common()) else {
            let place = format!("{place}/flags/{n}/label");
            let found = format!("`{}`", flag.label);
            return Err(ContentError::new(CODE, place, "a label of CSAF", found));
        };
        for id in about(tree, flag.product_ids.as_deref(), flag.group_ids.as_deref())? {
            let known = *found.entry(id).or_insert(label);
            if known != label {
                let place = format!("{place}/flags/{n}");
                let expected = format!("one label for `{id}`");
                let found = format!("`{known}` and `{label}`");
                return Err(ContentError::new(CODE, place, expected, found));
            }
        }
    }
    Ok(found)
}

/// The first remark about each product.
fn remarks<'a>(
    remarks: Option<&'a [Remark]>,
    tree: &'a Tree,
    wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<&'a str, &'a str>, ContentError> {
    let mut found = BTreeMap::new();
    for remark in remarks
        .unwrap_or_default()
        .iter()
        .filter(|remark| wanted(&remark.category))
    {
        let details = remark.details.as_deref().unwrap_or_default().trim();
        if details.is_empty() {
            continue;
        }
        for id in about(
            tree,
            remark.product_ids.as_deref(),
            remark.group_ids.as_deref(),
        )? {
            found.entry(id).or_insert(details);
        }
    }
    Ok(found)
}

/// The products that a remark is about: those listed, those in groups, or every one.
fn about<'a>(
    tree: &'a Tree,
    products: Option<&'a [String]>,
    groups: Option<&'a [String]>,
) -> Result<Vec<&'a str>, ContentError> {
    if products.is_none() && groups.is_none() {
        return Ok(vec![EVERY]);
    }
    tree.members(products.unwrap_or_default(), groups.unwrap_or_default())
}
