//! The command line of sovverify: *may this image run, and how do we know?*
//!
//! ```text
//! arguments ─► inputs (policy, trust, time) ─► discovery ─► appraisal ─► verdict ─► report
//! ```
//!
//! **Invariant**: no check and no rule lives here. The clock is read once, in [`now`].

mod args;
mod commands;
mod panics;
mod problem;
mod render;

use std::process::ExitCode;

use clap::Parser as _;
use sovverify::VerificationTime;

use crate::args::Cli;

/// The allocator of a static build is slow without.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panics::contained(|| {
        let now = now();
        let cli = match Cli::try_parse() {
            Ok(cli) => cli,
            Err(help_or_error) => return problem::usage(&help_or_error),
        };
        commands::run(&cli, now)
    })
}

/// The clock, read once. Whole seconds are what evidence states, and what `--at` can repeat.
fn now() -> VerificationTime {
    let now = jiff::Timestamp::now();
    VerificationTime::at(jiff::Timestamp::from_second(now.as_second()).unwrap_or(now))
}
