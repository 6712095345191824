//! Evidence by the manifest that it is about, so that each place is judged by what is bound to it.

use std::collections::BTreeMap;

use crate::claim::Claim;
use crate::digest::Digest;
use crate::evidence::Gap;
use crate::verify::{Appraisal, Rejection, Verified};

/// Appraised evidence, by subject.
pub(super) struct Evidence<'a> {
    pub(super) claims: &'a [Verified<Claim>],
    pub(super) gaps: &'a [Gap],
    verified: BTreeMap<&'a Digest, Vec<usize>>,
    rejected: BTreeMap<&'a Digest, Vec<&'a Rejection>>,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(appraisal: &'a Appraisal) -> Self {
        Self {
            gaps: &appraisal.gaps,
            ..Self::listed(&appraisal.verified, &appraisal.rejected)
        }
    }

    pub(super) fn listed(claims: &'a [Verified<Claim>], rejections: &'a [Rejection]) -> Self {
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
            verified,
            rejected,
        }
    }

    /// What was verified about `subject`, with its position in the appraisal.
    pub(super) fn verified(&self, subject: &Digest) -> impl Iterator<Item = (usize, &'a Claim)> {
        let indices = self.verified.get(subject).into_iter().flatten().copied();
        let claims = self.claims;
        indices.filter_map(|index| claims.get(index).map(|claim| (index, &**claim)))
    }

    /// What is attached to `subject` and failed a check.
    pub(super) fn rejected(&self, subject: &Digest) -> impl Iterator<Item = &'a Rejection> {
        self.rejected.get(subject).into_iter().flatten().copied()
    }
}
