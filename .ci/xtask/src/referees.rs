//! `referees`: the same bundles before ours and before the verifiers of others.

use crate::context::Context;
use crate::run::Run;
use crate::steps::{Steps, Stop};
use crate::tests::with_real_data;
use crate::tools::{self, COSIGN_3, REFEREES};

pub(crate) const HELP: &str = "
usage: cargo xtask referees [--bless] [CASES [SEED]]

Builds the referees (cosign 3, a worker around cosign's library, sigstore-python, sigstore-js; pinned, into
the tool cache), and gives them and ours every bundle of the real data, and then CASES seeded lies about them
(default 10000, seed 1). Nothing may be accepted by us that all of them refuse, or refused by us that all of
them accept, except for what `testdata/referees/exceptions.toml` explains. The same seed makes the same cases.
`--bless` writes the table into `docs/security/referees.md`.
";

/// The whole run.
const CASES: &str = "10000";
/// Lies of the run that is part of `test`, on top of all bundles as they are.
const SAMPLE: &str = "300";

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    let (flags, numbers): (Vec<&String>, Vec<&String>) =
        rest.iter().partition(|argument| argument.starts_with("--"));
    let is_number = |text: &&String| text.parse::<u64>().is_ok();
    let known = flags.iter().all(|flag| *flag == "--bless") && numbers.iter().all(is_number);
    if !known || numbers.len() > 2 {
        return Err(Stop::failed(format!(
            "expected `[--bless] [CASES [SEED]]`, found {rest:?}"
        )));
    }
    let number = |at: usize, otherwise| numbers.get(at).map_or(otherwise, |text| text.as_str());
    let (cases, seed) = (number(0, CASES), number(1, "1"));
    for tool in REFEREES {
        steps.step(&tools::title(tool), || tool.prepare(context).map(drop));
    }
    ask(context, steps, (cases, seed), |run| {
        if flags.is_empty() {
            run
        } else {
            run.env("SOVVERIFY_BLESS", "1")
        }
    });
    Ok(())
}

/// The part of the whole run that fits into `test`.
pub(crate) fn sample(context: &Context, steps: &mut Steps) {
    ask(context, steps, (SAMPLE, "1"), |run| run);
}

fn ask(
    context: &Context,
    steps: &mut Steps,
    (cases, seed): (&str, &str),
    more: impl FnOnce(Run) -> Run,
) {
    steps.step(&format!("referees: {cases} lies"), || {
        let run = context.cargo(&["test", "--package", "sovverify-referees", "--locked"]);
        let run = with_real_data(context, run)
            .args(&["--test", "referees", "--", "--nocapture"])
            .env("SOVVERIFY_REFEREES_CASES", cases)
            .env("SOVVERIFY_REFEREES_SEED", seed);
        more(with_referees(context, run)?).stream()
    });
}

/// Names the referees, built first where they are not there yet.
pub(crate) fn with_referees(context: &Context, mut run: Run) -> Result<Run, Stop> {
    for tool in REFEREES.into_iter().chain([&COSIGN_3]) {
        run = run.env(tool.variable, tool.prepare(context)?);
    }
    Ok(run)
}
