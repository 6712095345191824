//! A map that cannot grow without end.

use std::collections::BTreeMap;

/// A map of at most `bound` entries: beyond it, the one that was not used for the longest time goes.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    bound: usize,
    /// Counts the uses.
    clock: u64,
    entries: BTreeMap<K, (u64, V)>,
    /// The same keys by their last use.
    uses: BTreeMap<u64, K>,
}

impl<K: Clone + Ord, V: Clone> Bounded<K, V> {
    pub(crate) const fn new(bound: usize) -> Self {
        Self {
            bound,
            clock: 0,
            entries: BTreeMap::new(),
            uses: BTreeMap::new(),
        }
    }

    /// The value of `key`, made if there is none.
    pub(crate) fn get(&mut self, key: K, make: impl FnOnce() -> V) -> V {
        self.clock = self.clock.wrapping_add(1);
        let entry = self.entries.entry(key.clone());
        let (used, value) = entry.or_insert_with(|| (0, make()));
        self.uses.remove(used);
        *used = self.clock;
        let value = value.clone();
        self.uses.insert(self.clock, key);
        if self.entries.len() > self.bound
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            self.entries.remove(&oldest);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut map: Bounded<&str, Arc<()>> = Bounded::new(2);
        let mut get = |key| map.get(key, Arc::default);
        let (a, b) = (get("a"), get("b"));
        assert!(Arc::ptr_eq(&a, &get("a")));
        get("c");
        assert!(Arc::ptr_eq(&a, &get("a")));
        assert!(!Arc::ptr_eq(&b, &get("b")));
        for key in ["d", "e", "d", "f", "g", "g"] {
            map.get(key, Arc::default);
            assert_eq!((map.entries.len(), map.uses.len()), (2, 2));
        }
    }
}
