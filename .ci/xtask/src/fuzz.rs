//! `fuzz-smoke`: every fuzz target for some seconds, from seeds that lie in the repository.

mod seeds;

use std::fs;
use std::path::PathBuf;

use crate::context::{Context, Place};
use crate::run::Run;
use crate::steps::{Steps, Stop};
use crate::tools;

pub(crate) const HELP: &str = "
usage: cargo xtask fuzz-smoke [SECONDS] [TARGET]

Builds the fuzz targets in `verifier/fuzz` and runs each of them, or only TARGET, for SECONDS (10). The
first build takes minutes, because everything is built with coverage. Seeds are made of `testdata/` and
of `verifier/fuzz/seeds/`; what the fuzzer learns stays in `verifier/fuzz/corpus/`. An input that ends
badly lies in `verifier/fuzz/artifacts/`: fix the reader, and keep the input as a test beside the fix.
";

/// The workspace of the targets.
const FOLDER: &str = "verifier/fuzz";
/// Seconds for each target where nothing else is said: enough to run every seed and some mutations.
const SECONDS: u32 = 10;
/// The same in CI, where what is built costs most of the time.
const SECONDS_IN_CI: u32 = 4;
/// Bytes of one input that is a document.
const MAX_DOCUMENT: u32 = 64 * 1024;
/// Bytes of one input that is a line of text, the bound of expressions: longer ones only cost time.
const MAX_TEXT: u32 = 4 * 1024;
/// Targets whose input is a line of text.
const TEXT_TARGETS: [&str; 4] = ["cel", "license", "purl", "version_range"];
/// Seconds after which one input is a hang. Honest ones take milliseconds.
const TIMEOUT: u32 = 10;
/// Megabytes of memory above which a target fails.
const MEMORY: u32 = 2048;

/// Every target for a moment, as a part of everything. Building them takes as long as all else that is
/// built, so that only CI does it.
pub(crate) fn in_ci(context: &Context, steps: &mut Steps) -> Result<(), Stop> {
    if context.place() == Place::Ci {
        return fuzz(context, steps, SECONDS_IN_CI, None);
    }
    steps.step("fuzz", || {
        let reason = "takes ten minutes to build: `cargo xtask fuzz-smoke` does it, and so does CI";
        Err(Stop::Skipped(reason.to_owned()))
    });
    Ok(())
}

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    let (seconds, wanted) = arguments(rest)?;
    fuzz(context, steps, seconds, wanted)
}

/// Builds and runs every target, or the one that is `wanted`, for `seconds` each.
fn fuzz(
    context: &Context,
    steps: &mut Steps,
    seconds: u32,
    wanted: Option<String>,
) -> Result<(), Stop> {
    let known = targets(context)?;
    let chosen: Vec<String> = match wanted {
        None => known,
        Some(name) if known.contains(&name) => vec![name],
        Some(name) => {
            return Err(Stop::failed(format!(
                "expected a target out of {known:?}, found `{name}`"
            )));
        }
    };
    steps.step("seeds", || seeds::write(context, &seed_folder(context)));
    let mut is_built = false;
    steps.step("build", || {
        let build = cargo_fuzz(context, "build")?;
        let build = match chosen.as_slice() {
            [only] => build.args(&[only]),
            _ => build,
        };
        build.stream()?;
        is_built = true;
        Ok(())
    });
    for target in chosen.iter().filter(|_| is_built) {
        steps.step(&format!("fuzz {target}"), || {
            smoke(context, target, seconds)
        });
    }
    Ok(())
}

/// Whether every target compiles; without the fuzzer itself, so that no C++ compiler is needed.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let manifest = format!("{FOLDER}/Cargo.toml");
    context
        .cargo(&["fmt", "--check", "--manifest-path", &manifest])
        .stream()?;
    context
        .cargo(&["check", "--no-default-features", "--locked", "--quiet"])
        .args(&["--manifest-path", &manifest])
        .args(&["--target-dir"])
        .args(&[context.target()?])
        .stream()
}

/// Seconds, and the one target that was asked for.
fn arguments(rest: &[String]) -> Result<(u32, Option<String>), Stop> {
    let seconds = rest.first().and_then(|first| first.parse::<u32>().ok());
    let names = rest.get(usize::from(seconds.is_some())..);
    match (seconds, names.unwrap_or_default()) {
        (Some(0), _) => Err(Stop::failed("expected at least one second, found 0")),
        (seconds, []) => Ok((seconds.unwrap_or(SECONDS), None)),
        (seconds, [name]) => Ok((seconds.unwrap_or(SECONDS), Some(name.clone()))),
        _ => Err(Stop::failed(format!(
            "expected seconds and one target at most, found {rest:?}"
        ))),
    }
}

/// Every target, by the files of their folder; one that the manifest does not name would never run.
fn targets(context: &Context) -> Result<Vec<String>, Stop> {
    let folder = context.root().join(FOLDER);
    let told = |error: std::io::Error| Stop::failed(format!("cannot read {FOLDER}: {error}"));
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).map_err(told)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets")).map_err(told)? {
        let path = entry.map_err(told)?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    let forgotten: Vec<&String> = names
        .iter()
        .filter(|name| !manifest.contains(&format!("name = \"{name}\"\n")))
        .collect();
    if names.is_empty() || !forgotten.is_empty() {
        return Err(Stop::failed(format!(
            "{FOLDER}/Cargo.toml does not name the targets {forgotten:?} of {} there",
            names.len()
        )));
    }
    Ok(names)
}

/// Runs one target.
fn smoke(context: &Context, target: &str, seconds: u32) -> Result<(), Stop> {
    let corpus = context.root().join(FOLDER).join("corpus").join(target);
    let seeds = seed_folder(context).join(target);
    for folder in [&corpus, &seeds] {
        fs::create_dir_all(folder)
            .map_err(|error| Stop::failed(format!("cannot make {}: {error}", folder.display())))?;
    }
    let length = if TEXT_TARGETS.contains(&target) {
        MAX_TEXT
    } else {
        MAX_DOCUMENT
    };
    let run = cargo_fuzz(context, "run")?
        .args(&[target])
        .args(&[corpus, seeds])
        .args(&["--", "-print_final_stats=1"])
        .args(&[
            format!("-max_total_time={seconds}"),
            format!("-max_len={length}"),
            format!("-timeout={TIMEOUT}"),
            format!("-rss_limit_mb={MEMORY}"),
        ]);
    let output = run.capture()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        println!("{told}");
        return Err(Stop::failed(format!(
            "an input ends badly; it lies in {FOLDER}/artifacts/{target}"
        )));
    }
    // A fuzzer that ran nothing found nothing.
    let count = statistic(&told, "number_of_executed_units").unwrap_or_default();
    if count == 0 {
        return Err(Stop::failed(format!("nothing was executed\n{told}")));
    }
    let memory = statistic(&told, "peak_rss_mb").unwrap_or_default();
    println!("{count} executions, {memory} MB");
    Ok(())
}

/// One number of the statistics that the fuzzer prints at its end.
fn statistic(told: &str, name: &str) -> Option<u64> {
    told.lines()
        .filter_map(|line| line.strip_prefix("stat::")?.split_once(':'))
        .find(|(found, _)| *found == name)
        .and_then(|(_, value)| value.trim().parse().ok())
}

/// Where seeds are written: beside what is built, for they can be made anew.
fn seed_folder(context: &Context) -> PathBuf {
    context.root().join(FOLDER).join("target").join("seeds")
}

/// A run of the pinned `cargo-fuzz`. The core has no `unsafe`, so no sanitizer is asked for, and the
/// pinned stable toolchain will do.
fn cargo_fuzz(context: &Context, verb: &str) -> Result<Run, Stop> {
    tools::system(context, "c++")?;
    let tool = tools::FUZZ.prepare(context)?;
    let folder = context.root().join(FOLDER);
    Ok(Run::new(tool, &folder)
        .args(&["fuzz", verb, "--sanitizer", "none", "--fuzz-dir", "."])
        .without_env("CARGO_TARGET_DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(rest: &[&str]) -> Result<(u32, Option<String>), Stop> {
        let rest: Vec<String> = rest.iter().map(|text| (*text).to_owned()).collect();
        arguments(&rest)
    }

    #[test]
    fn statistics_are_found_by_name() {
        let told = "Done 7 runs\nstat::number_of_executed_units: 42\nstat::peak_rss_mb:   55\n";
        assert_eq!(statistic(told, "number_of_executed_units"), Some(42));
        assert_eq!(statistic(told, "peak_rss_mb"), Some(55));
        assert_eq!(statistic(told, "executed"), None);
    }

    #[test]
    fn seconds_and_target_are_optional_and_nothing_else_is_taken() {
        assert_eq!(parsed(&[]), Ok((SECONDS, None)));
        assert_eq!(parsed(&["60"]), Ok((60, None)));
        assert_eq!(parsed(&["vex"]), Ok((SECONDS, Some("vex".to_owned()))));
        assert_eq!(parsed(&["60", "vex"]), Ok((60, Some("vex".to_owned()))));
        assert!(parsed(&["0"]).is_err());
        assert!(parsed(&["vex", "60"]).is_err());
        assert!(parsed(&["60", "vex", "osv"]).is_err());
    }
}
