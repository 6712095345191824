//! Waiting for what others do: asked for again and again, and given up after a bound.

use std::thread;
use std::time::{Duration, Instant};

/// Between two questions: short beside what is waited for, long enough to leave the machine to it.
const PAUSE: Duration = Duration::from_millis(20);

/// Far longer than anything here takes on a machine that is busy with something else.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is an answer. What is waited for is said when there never is one.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begin.elapsed() < PATIENCE,
            "gave up after {PATIENCE:?} on: {what}"
        );
        thread::sleep(PAUSE);
    }
}
