//! Choices that repeat: the same seed makes the same cases on every machine.

/// A small generator (`SplitMix64`); good enough to choose, and never for keys.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The choices of one case, whatever was chosen for the others.
    pub const fn of(seed: u64, number: u64) -> Self {
        let mut own = Self(seed);
        let seed = own.step();
        Self(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    const fn step(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, and 0 where there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from(self.step() % bound).unwrap()
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of a list, where there is one.
    pub fn among<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_chooses_the_same_and_another_number_something_else() {
        let chosen = |seed, number| -> Vec<usize> {
            let mut random = Random::of(seed, number);
            (0..8).map(|_| random.below(1000)).collect()
        };
        assert_eq!(chosen(1, 2), chosen(1, 2));
        assert_ne!(chosen(1, 2), chosen(1, 3));
        assert_ne!(chosen(1, 2), chosen(2, 2));
    }
}
