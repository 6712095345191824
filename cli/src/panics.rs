//! A panic is our bug: one line, and an exit code that never says that all is well.

use std::io::{self, Write as _};
use std::panic;
use std::process::ExitCode;

use sovverify::report::escape::show;

/// The exit code of a bug, the same as for failed surroundings: nothing was decided.
const BUG: u8 = 3;

/// Runs `work`; a panic in it prints one line and ends in exit code 3.
pub(crate) fn contained(work: impl FnOnce() -> ExitCode + panic::UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let what = info.payload_as_str().unwrap_or("no message");
        // Nothing is left to do where standard error is gone.
        let _ = writeln!(
            io::stderr(),
            "error: a bug in sovverify at {place}: {}; nothing was decided",
            show(what)
        );
    }));
    panic::catch_unwind(work).unwrap_or_else(|_| ExitCode::from(BUG))
}
