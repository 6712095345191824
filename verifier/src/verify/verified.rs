//! The proof type.

use std::ops::Deref;

/// A value that passed every check; born only inside [`verify`](super).
///
/// ```compile_fail
/// let forged = sovverify::Verified::assertion(1);
/// ```
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
}

impl<T> Verified<T> {
    /// Asserts that `value` passed every check. Only `verify` can call it.
    pub(super) const fn assertion(value: T) -> Self {
        Self { value }
    }

    /// A proof without proof, for the tests of this crate that only show one.
    #[cfg(test)]
    pub(crate) const fn for_tests(value: T) -> Self {
        Self { value }
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
