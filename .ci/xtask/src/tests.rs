//! `test`, `e2e`, `cases` and `bench`: everything that the README promises.

use crate::context::Context;
use crate::run::Run;
use crate::steps::{Steps, Stop};
use crate::tools;
use crate::{check, fuzz, referees, walls};

pub(crate) const TEST_HELP: &str = "
usage: cargo xtask test

Passes everything that the README promises, and prints a table of steps with their times: the pinned
tools are built or found, `check` and `walls` run, then all tests of the workspace, then a sample of
bundles and lies about them before the verifiers of others (`referees`), then the end-to-end tests
against real registries, real cosign and a real API server on loopback ports; with CI=true, last, every
fuzz target for some seconds.

On a developer's machine a missing part (Go, strace, faketime, the real-data collection) is said
aloud and skipped. With CI=true it fails the run. SOVVERIFY_REALDATA names the folder of real data
by others; without it, `../shared/realdata` beside the repository is tried.
";

pub(crate) const E2E_HELP: &str = "
usage: cargo xtask e2e [FILTER]

Starts a registry with the referrers API and one without, signs and attests a two-platform image with
cosign 3 and cosign 2, verifies it with XX listens on loopback ports that the system picks and ends with
the test; logs of servers are kept when a test fails. FILTER is passed to the test runner.
";

pub(crate) const BENCH_HELP: &str = "
usage: cargo xtask bench [FILTER|processes]

Runs the benchmarks. Each prints its time as a ratio to the raw cryptography that it has to do, taken in
the same run on the same machine: compare ratios, not times. Then pods are created on a real API server,
without a webhook, beside one that does nothing, and beside ours; FILTER `e2e_latency` does that alone.
Last, ours is started as a process for one question, and cosign, sigstore-python and sigstore-js beside it, with
the memory that each takes (GNU time); `processes` does that alone.
";

pub(crate) const CASES_HELP: &str = "
usage: cargo xtask cases [--bless]

Walks `testdata/cases`: image, time, policy and evidence in; verdict, code and the whole report out, byte
for byte. After a wanted change of reports, `--bless` writes every report anew; review each that changed.
";

/// The tests whose names start so need real servers or other verifiers, and run as steps of their own.
const OWN_STEPS: [&str; 2] = ["e2e_", "referees_"];

/// The verb `test`.
pub(crate) fn test(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    if let Some(unexpected) = rest.first() {
        return Err(Stop::failed(format!(
            "expected nothing, found `{unexpected}`"
        )));
    }
    for tool in tools::ALL {
        steps.step(&tools::title(tool), || tool.prepare(context).map(drop));
    }
    steps.step(&tools::title(&tools::KUBERNETES), || {
        tools::control_plane(context).map(drop)
    });
    for tool in tools::REFEREES {
        steps.step(&tools::title(tool), || tool.prepare(context).map(drop));
    }
    tools::tidy(context)?;
    check::run(context, steps, &[])?;
    walls::run(context, steps, &[])?;
    steps.step("workspace tests", || {
        let run = context.cargo(&[
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--quiet",
        ]);
        with_real_data(context, run)
            .args(&["--"])
            .args(&OWN_STEPS.map(|prefix| ["--skip", prefix]).concat())
            .stream()
    });
    // They ran above already; here they print how many cases of each family there were.
    for (package, test) in REAL_DATA {
        steps.step(&format!("real data: {test}"), || {
            let run = context.cargo(&["test", "--locked", "--package", package, "--test", test]);
            with_real_data(context, run)
                .args(&["--", "--nocapture"])
                .stream()
        });
    }
    referees::sample(context, steps);
    e2e(context, steps, &[])?;
    fuzz::in_ci(context, steps)
}

/// The tests that read real data by others, and print their counts.
const REAL_DATA: [(&str, &str); 9] = [
    ("sovverify-fetch", "realdata"),
    ("sovverify-cli", "conformance"),
    ("sovverify", "realdata_provenance"),
    ("sovverify", "realdata_spdx"),
    ("sovverify", "realdata_cyclonedx"),
    ("sovverify", "realdata_profiles"),
    ("sovverify", "realdata_vex"),
    ("sovverify", "realdata_purl"),
    ("sovverify", "realdata_workloads"),
];

/// Names the folder of real data where it is in its usual place and nothing else was said.
pub(crate) fn with_real_data(context: &Context, run: Run) -> Run {
    let usual = context.root().join("../shared/realdata");
    if std::env::var_os("SOVVERIFY_REALDATA").is_none() && usual.is_dir() {
        return run.env("SOVVERIFY_REALDATA", usual);
    }
    run
}

/// The verb `e2e`.
pub(crate) fn e2e(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    if rest.len() > 1 {
        return Err(Stop::failed(format!(
            "expected one FILTER at most, found {rest:?}"
        )));
    }
    steps.step("end-to-end tests: command line", || {
        let run = context.cargo(&["test", "--package", "sovverify-cli", "--test", "e2e"]);
        let run = with_tools(context, run)?;
        run.args(&["--locked", "--"]).args(rest).stream()
    });
    steps.step("end-to-end tests: webhook", || {
        let run = context.cargo(&["test", "--package", "sovverify-webhook", "--test", "e2e"]);
        let run = with_control_plane(context, with_tools(context, run)?)?;
        run.args(&["--locked", "--"]).args(rest).stream()
    });
    Ok(())
}

/// Names the parts of a control plane.
fn with_control_plane(context: &Context, mut run: Run) -> Result<Run, Stop> {
    for (variable, program) in tools::control_plane(context)? {
        run = run.env(variable, program);
    }
    Ok(run)
}

/// Names the tools that both end-to-end tests drive.
fn with_tools(context: &Context, mut run: Run) -> Result<Run, Stop> {
    for tool in tools::END_TO_END {
        run = run.env(tool.variable, tool.prepare(context)?);
    }
    Ok(run.env("SOVVERIFY_OPENSSL", tools::system(context, "openssl")?))
}

/// The verb `bench`.
pub(crate) fn bench(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    if rest.len() > 1 {
        return Err(Stop::failed(format!(
            "expected one FILTER at most, found {rest:?}"
        )));
    }
    let own = [POD_CREATION, PROCESSES];
    if rest
        .first()
        .is_none_or(|filter| !own.contains(&filter.as_str()))
    {
        steps.step("benchmarks", || {
            context
                .cargo(&["bench", "--workspace", "--locked", "--bench", "*", "--"])
                .args(rest)
                .stream()
        });
    }
    let wanted = |filter: &String| POD_CREATION.contains(filter.as_str());
    if rest.first().is_none_or(wanted) {
        steps.step("pod creation", || {
            let run = context.cargo(&["test", "--release", "--package", "sovverify-webhook"]);
            let run = with_control_plane(context, with_tools(context, run)?)?;
            run.args(&["--test", "e2e", "--locked", "--", "--nocapture"])
                .args(&[POD_CREATION])
                .stream()
        });
    }
    if rest.first().is_none_or(|filter| filter == PROCESSES) {
        steps.step(PROCESSES, || processes(context));
    }
    Ok(())
}

/// Ours as it ships, and the processes of others.
fn processes(context: &Context) -> Result<(), Stop> {
    context
        .cargo(&[
            "build",
            "--release",
            "--package",
            "sovverify-cli",
            "--locked",
        ])
        .stream()?;
    let run = context.cargo(&["bench", "--package", "sovverify-referees", "--locked"]);
    referees::with_referees(context, with_real_data(context, run))?
        .args(&["--bench", PROCESSES])
        .env(
            "SOVVERIFY_PROGRAM",
            context.target()?.join("release/sovverify"),
        )
        .stream()
}

/// The benchmark that starts processes.
const PROCESSES: &str = "processes";

/// The scenario that tells what admission adds to the creation of a pod: alone, and optimised as it ships.
const POD_CREATION: &str = "e2e_latency";

/// The verb `cases`.
pub(crate) fn cases(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    let bless = match rest {
        [] => None,
        [only] if only == "--bless" => Some("1"),
        _ => {
            return Err(Stop::failed(format!(
                "expected `--bless` or nothing, found {rest:?}"
            )));
        }
    };
    steps.step("cases", || {
        let run = context.cargo(&["test", "--package", "sovverify-cli", "--test", "cases"]);
        let run = match bless {
            Some(value) => run.env("SOVVERIFY_BLESS", value),
            None => run,
        };
        run.args(&["--locked"]).stream()
    });
    Ok(())
}
