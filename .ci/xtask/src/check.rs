//! `check`: what a reviewer should never have to say.

use std::env;
use std::path::PathBuf;

use crate::context::Context;
use crate::fuzz;
use crate::run::Run;
use crate::steps::{Steps, Stop};
use crate::tools;

pub(crate) const HELP: &str = "
usage: cargo xtask check [--fetch-advisories]

Runs `cargo fmt --check`, clippy over all targets with warnings denied, a type check of the fuzz
targets, rustdoc with warnings denied, `cargo deny` (licences, bans, sources) and `typos`. Known
advisories are checked against the local copy of the advisory database where there is one;
`--fetch-advisories` brings it up to date first, which is the only use of the network here besides
building the two tools once.
";

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, arguments: &[String]) -> Result<(), Stop> {
    let advisories = match arguments {
        [] => Advisories::Local,
        [only] if only == "--fetch-advisories" => Advisories::Fetch,
        _ => {
            return Err(Stop::failed(format!(
                "expected `--fetch-advisories` or nothing, found {arguments:?}"
            )));
        }
    };
    steps.step("format", || {
        context.cargo(&["fmt", "--all", "--check"]).stream()
    });
    steps.step("clippy", || {
        context
            .cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--quiet",
            ])
            .args(&["--", "-D", "warnings"])
            .stream()
    });
    steps.step("fuzz targets", || fuzz::check(context));
    steps.step("docs", || {
        context
            .cargo(&["doc", "--workspace", "--no-deps", "--locked", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .stream()
    });
    steps.step("licences, bans, sources", || {
        deny(context)?
            .args(&["check", "licenses", "bans", "sources"])
            .stream()
    });
    steps.step("advisories", || check_advisories(context, advisories));
    steps.step("spelling", || {
        Run::new(tools::TYPOS.prepare(context)?, context.root())
            .args(&["--config", "typos.toml", "--force-exclude"])
            .stream()
    });
    Ok(())
}

/// Where known advisories come from.
#[derive(Clone, Copy)]
enum Advisories {
    /// The copy that is here, if there is one.
    Local,
    /// The newest, over the network.
    Fetch,
}

/// A run of the pinned `cargo-deny`.
fn deny(context: &Context) -> Result<Run, Stop> {
    let tool = tools::DENY.prepare(context)?;
    Ok(Run::new(tool, context.root()).args(&["--workspace", "--locked"]))
}

/// Checks known advisories, or says why not.
fn check_advisories(context: &Context, advisories: Advisories) -> Result<(), Stop> {
    match advisories {
        Advisories::Fetch => deny(context)?.args(&["check", "advisories"]).stream(),
        Advisories::Local if has_advisory_database() => deny(context)?
            .args(&["--offline", "check", "advisories"])
            .stream(),
        Advisories::Local => Err(Stop::Skipped(
            "no local advisory database; `cargo xtask check --fetch-advisories` gets it".to_owned(),
        )),
    }
}

/// Whether `cargo-deny` has fetched the advisory database before.
fn has_advisory_database() -> bool {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok())
        .is_some_and(|mut entries| entries.next().is_some())
}
