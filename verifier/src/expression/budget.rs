//! How much one evaluation may do: counted, never timed, so that the answer is the same everywhere.

use super::error::Position;
use super::limits::{ELEMENT_BYTES, MAX_STEPS, MAX_VALUE_BYTES, STEP_BYTES};

/// Why an evaluation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) message: String,
    pub(super) at: Position,
}

/// Whether another side of `&&` or `||` may still decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// An error of the expression on this evidence; `&&` and `||` may absorb it.
    Failed,
    /// A bound was reached; nothing absorbs it.
    TooCostly,
}

impl Fault {
    pub(super) fn failed(at: Position, message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Failed,
            message: message.into(),
            at,
        }
    }

    pub(super) fn costly(at: Position, limit: impl std::fmt::Display, unit: &str) -> Self {
        Self {
            kind: FaultKind::TooCostly,
            message: format!("expected at most {limit} {unit}, found more"),
            at,
        }
    }
}

/// What is left.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    steps: u64,
    bytes: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            steps: MAX_STEPS,
            bytes: MAX_VALUE_BYTES,
        }
    }

    /// Takes `steps` steps.
    pub(super) fn spend(&mut self, steps: usize, at: Position) -> Result<(), Fault> {
        let left = u64::try_from(steps)
            .ok()
            .and_then(|steps| self.steps.checked_sub(steps));
        self.steps = left.ok_or_else(|| Fault::costly(at, MAX_STEPS, "steps of evaluation"))?;
        Ok(())
    }

    /// Takes the steps of reading `bytes` bytes.
    pub(super) fn read(&mut self, bytes: usize, at: Position) -> Result<(), Fault> {
        self.spend(bytes / STEP_BYTES, at)
    }

    /// Takes the steps of looking for a key of `bytes` bytes among `keys` keys in their order.
    pub(super) fn look_up(&mut self, keys: usize, bytes: usize, at: Position) -> Result<(), Fault> {
        let compared = usize::try_from(usize::BITS - keys.leading_zeros()).unwrap_or(usize::MAX);
        self.read(compared.saturating_mul(bytes), at)
    }

    /// Takes what a new value of `bytes` bytes costs.
    pub(super) fn allocate(&mut self, bytes: usize, at: Position) -> Result<(), Fault> {
        self.read(bytes, at)?;
        let unit = "bytes of values made by the expression";
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| Fault::costly(at, MAX_VALUE_BYTES, unit))?;
        Ok(())
    }

    /// Takes what a list or a map of `elements` more elements costs.
    pub(super) fn grow(&mut self, elements: usize, at: Position) -> Result<(), Fault> {
        self.allocate(elements.saturating_mul(ELEMENT_BYTES), at)
    }

    /// The steps taken so far.
    pub(super) const fn spent(&self) -> u64 {
        MAX_STEPS - self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Position = Position { line: 1, column: 1 };

    #[test]
    fn steps_and_bytes_last_to_the_last_one() {
        let mut budget = Budget::new();
        let steps = usize::try_from(MAX_STEPS).unwrap();
        assert!(budget.clone().spend(steps, AT).is_ok());
        assert!(budget.clone().spend(steps + 1, AT).is_err());
        assert!(budget.clone().allocate(MAX_VALUE_BYTES, AT).is_ok());
        assert!(budget.clone().allocate(MAX_VALUE_BYTES + 1, AT).is_err());
        budget.spend(steps, AT).unwrap();
        assert_eq!(budget.spent(), MAX_STEPS);
        assert!(budget.spend(1, AT).is_err());
    }

    #[test]
    fn text_is_read_by_the_step_and_elements_count_for_their_size() {
        for (bytes, steps) in [(STEP_BYTES - 1, 0), (STEP_BYTES, 1), (2 * STEP_BYTES, 2)] {
            let mut budget = Budget::new();
            budget.read(bytes, AT).unwrap();
            assert_eq!(budget.spent(), steps, "{bytes}");
        }
        let most = MAX_VALUE_BYTES / ELEMENT_BYTES;
        assert!(Budget::new().grow(most, AT).is_ok());
        assert!(Budget::new().grow(most + 1, AT).is_err());
    }
}
