//! `sovverify-webhook`: the process around the library.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use sovverify_webhook::args::Args;
use sovverify_webhook::{log, run};

/// Small objects of many threads: half the memory of the usual allocator under load, and the only fast one
/// in a static build.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(said) => return usage(&said),
    };
    if log::begin(args.log_level).is_err() {
        return ExitCode::from(run::SURROUNDINGS);
    }
    run::run(args)
}

/// Help on standard output, a mistake on standard error.
fn usage(said: &clap::Error) -> ExitCode {
    let code = if said.use_stderr() { run::INPUT } else { 0 };
    match said.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // Nothing is left to do where standard error is gone too.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(run::SURROUNDINGS)
        }
        _ => ExitCode::from(code),
    }
}
