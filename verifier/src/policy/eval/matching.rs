//! How many distinct signers there are, counted so that nobody counts twice.

use std::collections::{BTreeMap, BTreeSet};

/// The largest number of pairs (signer of the policy, distinct signer of evidence) in which each
/// occurs once: two names in the policy for one identity count once, and so do two identities that
/// only one name accepts.
///
/// `edges` holds, for each name in the policy, the distinct signers that it accepts.
pub(super) fn distinct(edges: &BTreeMap<&str, BTreeSet<String>>) -> usize {
    // Kuhn's algorithm; both sides are bounded by the policy and by the evidence.
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    let mut count = 0;
    for name in edges.keys() {
        let mut visited = BTreeSet::new();
        if place(name, edges, &mut taken, &mut visited) {
            count += 1;
        }
    }
    count
}

/// Finds a signer for `name`, moving others to another of theirs where that is needed.
fn place<'a>(
    name: &'a str,
    edges: &'a BTreeMap<&str, BTreeSet<String>>,
    taken: &mut BTreeMap<&'a str, &'a str>,
    visited: &mut BTreeSet<&'a str>,
) -> bool {
    for signer in edges.get(name).into_iter().flatten() {
        if !visited.insert(signer) {
            continue;
        }
        let free = match taken.get(signer.as_str()).copied() {
            None => true,
            Some(other) => place(other, edges, taken, visited),
        };
        if free {
            taken.insert(signer, name);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(edges: &[(&'static str, &[&str])]) -> usize {
        let edges = edges
            .iter()
            .map(|(name, signers)| (*name, signers.iter().map(ToString::to_string).collect()))
            .collect();
        distinct(&edges)
    }

    #[test]
    fn nobody_counts_twice() {
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[("a", &[])]), 0);
        assert_eq!(count(&[("a", &["alice"]), ("b", &["bob"])]), 2);
        assert_eq!(count(&[("a", &["alice"]), ("b", &["alice"])]), 1);
        assert_eq!(count(&[("a", &["alice", "bob"])]), 1);
    }

    #[test]
    fn a_wide_name_gives_way_to_a_narrow_one() {
        assert_eq!(count(&[("a", &["alice", "bob"]), ("b", &["alice"])]), 2);
        let edges: &[(&str, &[&str])] = &[
            ("a", &["1", "2"]),
            ("b", &["1", "3"]),
            ("c", &["1"]),
            ("d", &["1"]),
        ];
        assert_eq!(count(edges), 3);
    }
}
