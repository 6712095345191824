//! `walls`: the guards of the architecture, each proven to be able to fail.

mod docs;
mod lengths;
mod limits;
mod lints;
mod probe;
mod tree;
mod verdict;
mod words;

use crate::context::Context;
use crate::steps::{Steps, Stop};

pub(crate) const HELP: &str = "
usage: cargo xtask walls

  pure core: dependencies   no network, async or second cryptography crate below the package `sovverify`
  pure core: functions      clippy stops every clock, file, network and environment function (probe crate)
  lints                     every crate inherits the workspace's lints and has its own clippy.toml
  documents                 links lead somewhere; every direct dependency is explained
  limits                    every bound of the program has its row, with its number, in docs/security/limits.md
                            and its test at the edge, or why there is none, in docs/security/limits.edges
  words                     no path of a particular machine, no package registry outside lock files
  lengths                   no source has more than 400 lines
  one verdict               the same bytes twice, without a network, in 2036 and in 2099; no socket
";

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    if let Some(unexpected) = rest.first() {
        return Err(Stop::failed(format!(
            "expected nothing, found `{unexpected}`"
        )));
    }
    steps.step("pure core: dependencies", || tree::check(context));
    steps.step("pure core: functions", || probe::check(context));
    steps.step("lints", || lints::check(context));
    steps.step("documents", || docs::check(context));
    steps.step("limits", || limits::check(context));
    steps.step("words", || words::check(context));
    steps.step("lengths", || lengths::check(context));
    verdict::run(context, steps);
    Ok(())
}
