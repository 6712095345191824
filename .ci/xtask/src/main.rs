//! Developer verbs: `cargo xtask` lists them, `cargo xtask <verb> --help` explains one.
//!
//! CI runs these verbs and nothing else, so a green run on a laptop means the same as a green run
//! there. Tools that a verb needs are built once, pinned, into a cache (see [`tools`]).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer tool talks to its terminal"
)]

mod check;
mod context;
mod dist;
mod fuzz;
mod referees;
mod run;
mod steps;
mod tests;
mod tools;
mod walls;

use std::process::ExitCode;

use context::Context;
use steps::{Steps, Stop};

/// One verb: what it is called, what it does, how it is run.
struct Verb {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&Context, &mut Steps, &[String]) -> Result<(), Stop>,
}

/// Every verb, in the order in which a developer meets them.
const VERBS: &[Verb] = &[
    Verb {
        name: "check",
        summary: "format, clippy, docs, licences and sources, spelling",
        help: check::HELP,
        run: check::run,
    },
    Verb {
        name: "walls",
        summary: "the guards of the architecture: pure core, closed lints, same bytes in every year",
        help: walls::HELP,
        run: walls::run,
    },
    Verb {
        name: "test",
        summary: "everything: tools, check, walls, workspace tests, end-to-end tests",
        help: tests::TEST_HELP,
        run: tests::test,
    },
    Verb {
        name: "e2e",
        summary: "the end-to-end tests against real registries, real cosign and a real API server",
        help: tests::E2E_HELP,
        run: tests::e2e,
    },
    Verb {
        name: "cases",
        summary: "evidence in, whole reports out; `--bless` after a wanted change",
        help: tests::CASES_HELP,
        run: tests::cases,
    },
    Verb {
        name: "bench",
        summary: "times as ratios to the raw cryptography",
        help: tests::BENCH_HELP,
        run: tests::bench,
    },
    Verb {
        name: "fuzz-smoke",
        summary: "every fuzz target of the core for some seconds",
        help: fuzz::HELP,
        run: fuzz::run,
    },
    Verb {
        name: "referees",
        summary: "real and changed bundles before ours, cosign, sigstore-python and sigstore-js",
        help: referees::HELP,
        run: referees::run,
    },
    Verb {
        name: "dist",
        summary: "the programs, statically linked, for a container that holds nothing else",
        help: dist::HELP,
        run: dist::run,
    },
    Verb {
        name: "tools",
        summary: "build or find every pinned tool, and print where it is",
        help: tools::HELP,
        run: tools::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", usage());
        return ExitCode::from(2);
    };
    if is_help(name) || name == "help" {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprintln!("xtask: expected a verb, found `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    if rest
        .iter()
        .take_while(|a| *a != "--")
        .any(|a| is_help(a.as_str()))
    {
        println!(
            "cargo xtask {}: {}\n\n{}",
            verb.name,
            verb.summary,
            verb.help.trim()
        );
        return ExitCode::SUCCESS;
    }
    run_verb(verb, rest)
}

/// Runs one verb, prints the summary of its steps, and turns it into an exit code.
fn run_verb(verb: &Verb, arguments: &[String]) -> ExitCode {
    let context = match Context::discover() {
        Ok(context) => context,
        Err(stop) => {
            eprintln!("xtask: {stop}");
            return ExitCode::from(3);
        }
    };
    let mut steps = Steps::new(context.place());
    let outcome = (verb.run)(&context, &mut steps, arguments);
    let code = steps.finish(verb.name);
    match outcome {
        Ok(()) => code,
        Err(stop) => {
            eprintln!("xtask {}: {stop}", verb.name);
            ExitCode::from(2)
        }
    }
}

/// Whether an argument asks for help.
fn is_help(argument: &str) -> bool {
    matches!(argument, "--help" | "-h")
}

/// The list of verbs.
fn usage() -> String {
    let verbs: Vec<String> = VERBS
        .iter()
        .map(|verb| format!("  {:<10} {}\n", verb.name, verb.summary))
        .collect();
    format!("usage: cargo xtask <verb> [--help]\n\n{}", verbs.concat())
}
