//! Seeded, structure-aware lies about real bundles.
//!
//! A mutation is chosen by its family first, so that none is drowned by the many places of another. Its
//! name, `family/detail`, says what was done and not where in which list, and is what exceptions match.

mod around;
mod bytes;
mod json;
mod log;
mod tree;

use serde_json::Value;

use crate::bases::Bases;
use crate::case::Case;
use crate::random::Random;

/// A case that is being changed.
struct Draft<'a> {
    case: Case,
    /// The bundle as a tree.
    tree: Value,
    /// The bundle as text, where a change could not be told as a tree.
    text: Option<Vec<u8>>,
    /// Another base, from which things are taken.
    donor: &'a Case,
    /// The same as a tree.
    donated: Value,
    bases: &'a Bases,
}

impl Draft<'_> {
    /// Whether nothing was changed after all.
    fn is_still(&self, base: &Case, honest: &Value) -> bool {
        let around = self.case.subject == base.subject
            && self.case.signer == base.signer
            && self.case.root == base.root;
        around && self.text.is_none() && self.tree == *honest
    }
}

/// Changes the draft and says what was done, or finds nothing to change.
type Family = fn(&mut Draft<'_>, &mut Random) -> Option<String>;

/// Every family with its weight.
const FAMILIES: &[(&str, usize, Family)] = &[
    ("flip", 4, bytes::flip),
    ("base64", 3, bytes::encoding),
    ("der", 3, bytes::der),
    ("swap", 4, tree::swap),
    ("drop", 3, tree::drop),
    ("empty", 2, tree::empty),
    ("duplicate", 2, tree::duplicate),
    ("rename", 1, tree::rename),
    ("listed", 1, tree::listed),
    ("number", 2, log::number),
    ("time", 2, log::time),
    ("checkpoint", 2, log::checkpoint),
    ("body", 2, log::body),
    ("json", 4, json::text),
    ("media-type", 2, around::media_type),
    ("form", 3, around::form),
    ("artifact", 1, around::artifact),
    ("signer", 2, around::signer),
    ("root", 1, around::root),
];

/// Bases that are refused as they are, out of so many: what is wrong twice rarely tells more.
const NEGATIVE_ONCE_IN: usize = 12;

/// Cases with two lies, out of so many.
const TWICE_ONCE_IN: usize = 6;

/// The mutation of this number; the same seed and number make the same case, whatever else is made.
pub fn mutation(bases: &Bases, seed: u64, number: u64) -> Case {
    let mut random = Random::of(seed, number);
    let (good, bad): (Vec<&Case>, Vec<&Case>) = bases.cases.iter().partition(|case| case.positive);
    loop {
        let from = if random.once_in(NEGATIVE_ONCE_IN) {
            &bad
        } else {
            &good
        };
        let base = *random.pick(from);
        // Half of what is taken from others is trusted by the same root: only then is it a good lie.
        let same: Vec<&Case> = good
            .iter()
            .copied()
            .filter(|case| case.root == base.root)
            .collect();
        let near = !same.is_empty() && random.once_in(2);
        let donor = *random.pick(if near { &same } else { &good });
        let Ok(tree) = serde_json::from_slice(&base.bundle) else {
            continue;
        };
        let mut draft = Draft {
            case: base.clone(),
            tree,
            text: None,
            donor,
            donated: serde_json::from_slice(&donor.bundle).unwrap_or_default(),
            bases,
        };
        let honest = draft.tree.clone();
        let Some(mut name) = lie(&mut draft, &mut random) else {
            continue;
        };
        if draft.is_still(base, &honest) {
            continue;
        }
        if random.once_in(TWICE_ONCE_IN)
            && draft.text.is_none()
            && let Some(second) = lie(&mut draft, &mut random)
        {
            name = format!("two/{name} + {second}");
        }
        let bundle = draft
            .text
            .unwrap_or_else(|| draft.tree.to_string().into_bytes());
        return Case {
            mutation: name,
            bundle,
            ..draft.case
        };
    }
}

/// One lie of a family that was chosen by weight.
fn lie(draft: &mut Draft<'_>, random: &mut Random) -> Option<String> {
    let all = FAMILIES.iter().map(|(_, weight, _)| weight).sum();
    let mut left = random.below(all);
    for (name, weight, family) in FAMILIES {
        if left < *weight {
            return family(draft, random).map(|detail| format!("{name}/{detail}"));
        }
        left -= weight;
    }
    None
}

#[cfg(test)]
mod tests;
