//! Whether trusted statements make a finding not count.
//!
//! gauntlet 166: a statement counts for the exact image only, the newest of one document counts, and of
//! contradicting documents the stricter one.

mod matching;

use std::collections::{BTreeMap, BTreeSet};

use super::{Justification, Status, VexDocument, VexStatement};
use crate::digest::Digest;
use crate::package::PackageUrl;
use crate::vulnerability::Finding;
use matching::{Fit, Subject};

/// The image that statements must be about.
#[derive(Clone, Debug, Default)]
pub struct ImageProduct {
    /// Digests of the image: the manifest's, and those of the indexes that list it.
    pub digests: Vec<Digest>,
    /// Package URLs of the image, `pkg:oci/name?repository_url=…`: they let statements match that name
    /// the image without its digest. What signs such a statement must be bound to the digest.
    pub purls: Vec<PackageUrl>,
}

/// What a rule lets suppress a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressible {
    /// The statuses; only `not_affected` and `fixed` ever suppress.
    pub statuses: BTreeSet<Status>,
    /// The justifications that `not_affected` must have one of; `None` allows any, and none at all.
    pub justifications: Option<BTreeSet<Justification>>,
}

impl Default for Suppressible {
    fn default() -> Self {
        Self {
            statuses: [Status::NotAffected, Status::Fixed].into(),
            justifications: None,
        }
    }
}

impl Suppressible {
    fn allows(&self, statement: &VexStatement) -> bool {
        let status = statement.status;
        if !status.can_suppress() || !self.statuses.contains(&status) {
            return false;
        }
        match (&self.justifications, status) {
            (Some(allowed), Status::NotAffected) => statement
                .justification
                .is_some_and(|given| allowed.contains(&given)),
            _ => true,
        }
    }
}

/// What the statements say about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The finding counts.
    Open,
    /// The finding does not count.
    Suppressed {
        /// The statement that says so.
        by: &'a VexStatement,
    },
    /// The finding counts, although one statement says that it does not.
    Conflict {
        /// The statement that would have suppressed it.
        suppressing: &'a VexStatement,
        /// The statement that contradicts.
        contradicting: &'a VexStatement,
    },
}

/// The statements of all documents that a rule trusts, found by vulnerability.
#[derive(Clone, Debug, Default)]
pub struct Statements<'a> {
    /// Lower-case names to positions of documents and statements.
    by_name: BTreeMap<String, Vec<(usize, &'a VexStatement)>>,
}

impl<'a> Statements<'a> {
    /// Indexes the statements of `documents`.
    pub fn new(documents: impl IntoIterator<Item = &'a VexDocument>) -> Self {
        let mut by_name: BTreeMap<String, Vec<(usize, &VexStatement)>> = BTreeMap::new();
        for (n, document) in documents.into_iter().enumerate() {
            for statement in &document.statements {
                // One statement stands once under each of its names.
                let names: BTreeSet<String> =
                    statement.names().map(str::to_ascii_lowercase).collect();
                for name in names {
                    by_name.entry(name).or_default().push((n, statement));
                }
            }
        }
        Self { by_name }
    }

    /// What the statements say about `finding` in `image`. `component` is the package URL of the component
    /// in which it was found; without one, only statements about the whole image apply.
    pub fn decide(
        &self,
        finding: &Finding,
        image: &ImageProduct,
        component: Option<&PackageUrl>,
        allowed: &Suppressible,
    ) -> Decision<'a> {
        let subject = Subject {
            image,
            component,
            version: component
                .and_then(PackageUrl::version)
                .or(finding.version.as_deref()),
        };
        let names: BTreeSet<String> = finding.names().map(str::to_ascii_lowercase).collect();
        let found = names
            .iter()
            .filter_map(|name| self.by_name.get(name))
            .flatten();
        let mut newest: BTreeMap<usize, Vec<&'a VexStatement>> = BTreeMap::new();
        for (document, statement) in found {
            if applies(statement, &subject) {
                keep_newest(newest.entry(*document).or_default(), statement);
            }
        }
        combined(newest.values().flatten().copied(), allowed)
    }
}

/// A statement that could make the finding count applies where it may be about the component; one that
/// could suppress it, where it certainly is.
fn applies(statement: &VexStatement, subject: &Subject<'_>) -> bool {
    let fits = statement
        .products
        .iter()
        .map(|product| subject.product(product));
    let best = fits.max().unwrap_or(Fit::Maybe);
    if statement.status.can_suppress() {
        best == Fit::Yes
    } else {
        best >= Fit::Maybe
    }
}

/// Keeps the statements with the newest time; those without one are the oldest.
fn keep_newest<'a>(kept: &mut Vec<&'a VexStatement>, statement: &'a VexStatement) {
    let newest = kept.first().map(|first| first.timestamp);
    match newest {
        Some(newest) if statement.timestamp < newest => {}
        Some(newest) if statement.timestamp == newest => kept.push(statement),
        _ => *kept = vec![statement],
    }
}

/// The stricter of all that is left.
fn combined<'a>(
    statements: impl Iterator<Item = &'a VexStatement>,
    allowed: &Suppressible,
) -> Decision<'a> {
    // The order of documents is nobody's to choose: the same statements name the same ones.
    let first = |known: Option<&'a VexStatement>, new: &'a VexStatement| {
        let key = |statement: &'a VexStatement| {
            let VexStatement {
                status,
                timestamp,
                place,
                ..
            } = statement;
            (*timestamp, *status, place.clone())
        };
        Some(known.filter(|known| key(known) >= key(new)).unwrap_or(new))
    };
    let (mut suppressing, mut contradicting) = (None, None);
    for statement in statements {
        if !statement.status.can_suppress() {
            contradicting = first(contradicting, statement);
        } else if allowed.allows(statement) {
            suppressing = first(suppressing, statement);
        }
    }
    match (suppressing, contradicting) {
        (None, _) => Decision::Open,
        (Some(by), None) => Decision::Suppressed { by },
        (Some(suppressing), Some(contradicting)) => Decision::Conflict {
            suppressing,
            contradicting,
        },
    }
}
