//! VEX documents about one manifest: those that may suppress, and those that may not.

use super::acceptance;
use super::requirement::Case;
use crate::claim::{Claim, Content, Statement};
use crate::content::ContentError;
use crate::digest::Digest;
use crate::policy::predicate::{self, CYCLONEDX};
use crate::policy::rule::vex::VexRule;
use crate::policy::rule::{Attested, Judged, Remark};

/// Bytes of a VEX document of a stranger that is read. Nothing depends on it: it is read to tell an
/// operator whose statement was not heard, and a stranger must not make us work for that.
pub(super) const MAX_UNHEARD_BYTES: usize = 64 * 1024;
/// Such documents that are read, in the order of their digests.
pub(super) const MAX_UNHEARD: usize = 8;

/// The VEX documents about one manifest.
#[derive(Default)]
pub(super) struct VexDocuments {
    /// Those of signers who may speak.
    pub(super) trusted: Vec<Attested>,
    /// Those of others, and those that are too old: they suppress nothing.
    pub(super) unheard: Vec<Attested>,
    /// What is wrong with documents of signers who may speak.
    pub(super) unreadable: Vec<Remark>,
}

impl VexDocuments {
    /// The documents about `subject`, as far as the requirement of `case` asks for any.
    pub(super) fn of(case: &Case<'_>, subject: &Digest) -> Self {
        let mut documents = Self::default();
        let Some(rule) = case.requirement.kind.vex() else {
            return documents;
        };
        let mut strangers = Vec::new();
        for (index, claim) in case.evidence.verified(subject) {
            let Content::Statement(statement) = &claim.content else {
                continue;
            };
            if !rule.types.contain(&statement.predicate_type) {
                continue;
            }
            let mut speakers = case.vex.iter();
            if speakers.any(|s| acceptance::is_made_by(case.set, s, claim, case.world.time)) {
                documents.hear(case, rule, (index, claim, statement));
            } else if length(statement) <= MAX_UNHEARD_BYTES {
                strangers.push((&claim.origin.blob, index, claim, statement));
            }
        }
        strangers.sort_by_key(|(blob, ..)| *blob);
        strangers.dedup_by_key(|(blob, ..)| *blob);
        for (_, index, claim, statement) in strangers.into_iter().take(MAX_UNHEARD) {
            if let Ok(document) = case.world.contents.vex(index, statement) {
                documents.unheard.push(Attested {
                    document,
                    signer: claim.signer.to_string(),
                    stale: None,
                });
            }
        }
        documents
    }

    /// Takes a document of somebody who may speak.
    fn hear(
        &mut self,
        case: &Case<'_>,
        rule: &VexRule,
        (index, claim, statement): (usize, &Claim, &Statement),
    ) {
        let document = match case.world.contents.vex(index, statement) {
            Ok(document) => document,
            Err(error) if is_plain_sbom(&error, statement) => return,
            Err(error) => {
                let mut remark = Remark::unreadable(&error, rule.position.as_ref());
                remark.found = format!("{}, by {}", remark.found, claim.signer);
                self.unreadable.push(remark);
                return;
            }
        };
        let nothing = Self::default();
        let too_old = rule.max_age.as_ref().and_then(|max_age| {
            let mut judged = Judged::default();
            max_age.judge(&case.facts(index, claim, &nothing), &mut judged);
            judged.unmet.into_iter().next()
        });
        let list = if too_old.is_some() {
            &mut self.unheard
        } else {
            &mut self.trusted
        };
        list.push(Attested {
            document,
            signer: claim.signer.to_string(),
            stale: too_old.map(|remark| remark.found),
        });
    }
}

/// A CycloneDX document without vulnerabilities says nothing about any, and does not mean to.
fn is_plain_sbom(error: &ContentError, statement: &Statement) -> bool {
    predicate::is(CYCLONEDX, &statement.predicate_type) && error.place == "/vulnerabilities"
}

fn length(statement: &Statement) -> usize {
    let predicate = statement.predicate.as_ref();
    predicate.map_or(0, |predicate| predicate.get().len())
}
