//! Evidence by the manifest that it is about, so that each place is judged by what is bound to it.

use std::collections::BTreeMap;

use crate::claim::Claim;
use crate::digest::Digest;
use crate::evidence::Gap;
use crate::policy::predicate;
use crate::time::VerificationTime;
use crate::verify::{Appraisal, Rejection, Unsigned, Verified};

/// Appraised evidence, by subject.
pub(super) struct Evidence<'a> {
    pub(super) claims: &'a [Verified<Claim>],
    pub(super) gaps: &'a [Gap],
    /// The time that the verdict is about.
    pub(super) time: VerificationTime,
    verified: BTreeMap<&'a Digest, Vec<usize>>,
    rejected: BTreeMap<&'a Digest, Vec<&'a Rejection>>,
    pub(super) rejections: &'a [Rejection],
    unsigned: &'a [Unsigned],
}

impl<'a> Evidence<'a> {
    pub(super) fn of(appraisal: &'a Appraisal) -> Self {
        Self {
            gaps: &appraisal.gaps,
            unsigned: &appraisal.unsigned,
            ..Self::listed(&appraisal.verified, &appraisal.rejected, appraisal.time)
        }
    }

    pub(super) fn listed(
        claims: &'a [Verified<Claim>],
        rejections: &'a [Rejection],
        time: VerificationTime,
    ) -> Self {
        let mut verified: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, claim) in claims.iter().enumerate() {
            verified.entry(&claim.subject).or_default().push(index);
        }
        let mut rejected: BTreeMap<_, Vec<&Rejection>> = BTreeMap::new();
        for rejection in rejections {
            rejected
                .entry(&rejection.subject)
                .or_default()
                .push(rejection);
        }
        Self {
            claims,
            gaps: &[],
            time,
            verified,
            rejected,
            rejections,
            unsigned: &[],
        }
    }

    /// What was verified about `subject`, with its position in the appraisal.
    pub(super) fn verified(&self, subject: &Digest) -> impl Iterator<Item = (usize, &'a Claim)> {
        let indices = self.verified.get(subject).into_iter().flatten().copied();
        let claims = self.claims;
        indices.filter_map(|index| claims.get(index).map(|claim| (index, &**claim)))
    }

    /// The first thing attached to `subject` that announces itself as an SBOM and is not signed.
    pub(super) fn unsigned_sbom(&self, subject: &Digest) -> Option<&'a Unsigned> {
        let about = |unsigned: &&Unsigned| {
            unsigned.subject == *subject && predicate::announces_sbom(&unsigned.announced)
        };
        let unsigned = self.unsigned.iter().filter(about);
        unsigned.min_by_key(|unsigned| (&unsigned.announced, &unsigned.origin.place))
    }

    /// What is attached to `subject` and failed a check.
    pub(super) fn rejected(&self, subject: &Digest) -> impl Iterator<Item = &'a Rejection> {
        self.rejected.get(subject).into_iter().flatten().copied()
    }
}
