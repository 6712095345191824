//! What is said of exceptions that do not count, and to whom.

use std::collections::BTreeMap;

use super::super::{finding, hint};
use crate::claim::exception::PREDICATE_TYPE;
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::OriginKind;
use crate::verdict::Finding;
use crate::verify::{ClaimedKind, Rejection};

/// How an exception came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// In files that somebody named, for all images that are looked at.
    ByHand,
    /// With the image.
    Attached,
}

impl Carried {
    pub(super) fn of(mut kinds: impl Iterator<Item = OriginKind>) -> Self {
        if kinds.all(|kind| kind == OriginKind::File) {
            Self::ByHand
        } else {
            Self::Attached
        }
    }
}

/// Which refusals are told. What is given by hand is mostly for other images, and where no policy takes
/// exceptions none changes anything: only whoever is denied should hear of them.
pub(super) fn told(
    refusals: Vec<(Carried, Finding)>,
    denied: bool,
    takes: bool,
) -> impl Iterator<Item = Finding> {
    let counts = move |(carried, refusal): &(Carried, Finding)| {
        let is_foreign = *carried == Carried::ByHand && refusal.code == Code::ExceptionOtherImage;
        denied || (takes && !is_foreign)
    };
    let refusals = refusals.into_iter().filter(counts);
    refusals.map(|(_, refusal)| refusal)
}

/// Each exception whose signature, log entry or subject failed a check, once: what is about another
/// image verified with one key and of course with none of the others.
pub(super) fn rejected<'a>(
    rejections: impl Iterator<Item = &'a Rejection>,
) -> Vec<(Carried, Finding)> {
    let claimed = ClaimedKind::Attestation(PREDICATE_TYPE.to_owned());
    let mut worst: BTreeMap<&Digest, &Rejection> = BTreeMap::new();
    for rejection in rejections.filter(|r| r.claims_to_be == claimed) {
        let known = worst.entry(&rejection.origin.blob).or_insert(rejection);
        if telling(rejection) > telling(known) {
            *known = rejection;
        }
    }
    let said = |rejection: &Rejection| {
        let code = match rejection.code {
            Code::SubjectMismatch => Code::ExceptionOtherImage,
            other => other,
        };
        let found = format!("{}, in {}", rejection.found, rejection.origin.place);
        let finding = finding(code, rejection.expected.clone(), found);
        let hint = hint::of(code);
        let carried = Carried::of(std::iter::once(rejection.origin.kind));
        (carried, Finding { hint, ..finding })
    };
    worst.into_values().map(said).collect()
}

/// How much a rejection tells; the same whatever the order of evidence.
fn telling(rejection: &Rejection) -> impl Ord + '_ {
    (
        rejection.code == Code::SubjectMismatch,
        rejection.code.rank(),
        rejection.code.name(),
        &rejection.expected,
        &rejection.found,
        &rejection.origin.place,
    )
}
