//! Clippy must stop every clock, file, network and environment function in the pure core.
//!
//! A path in `verifier/clippy.toml` that no longer resolves would be ignored in silence. So a probe
//! crate with that very file calls every function once, and every call must be stopped.

mod calls;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use calls::CALLS;

use crate::context::Context;
use crate::steps::Stop;

/// Dependencies of the probe, by their line in the workspace's manifest.
const DEPENDENCIES: &[&str] = &["jiff", "sigstore-trust-root", "sigstore-types"];

/// Checks that the file names exactly the functions that we can call, and that each call is stopped.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let config = read(&context.root().join("verifier/clippy.toml"))?;
    let named = named(&config)?;
    let called: BTreeSet<&str> = CALLS.iter().map(|(path, _)| *path).collect();
    let unnamed: Vec<_> = called.difference(&named).collect();
    let uncalled: Vec<_> = named.difference(&called).collect();
    if !unnamed.is_empty() || !uncalled.is_empty() {
        return Err(Stop::failed(format!(
            "verifier/clippy.toml and the probe differ: the file lacks {unnamed:?}, the probe lacks {uncalled:?}"
        )));
    }
    let stopped = stopped_lines(&run_clippy(context, &config)?);
    let passed: Vec<&str> = CALLS
        .iter()
        .zip(FIRST_LINE..)
        .filter(|(_, line)| !stopped.contains(line))
        .map(|((path, _), _)| *path)
        .collect();
    if !passed.is_empty() {
        return Err(Stop::failed(format!(
            "clippy lets these calls pass: {passed:?}"
        )));
    }
    println!("clippy stops each of {} functions", CALLS.len());
    Ok(())
}

/// The paths in the file, each of which must come with a reason that says what to do instead.
fn named(config: &str) -> Result<BTreeSet<&str>, Stop> {
    let mut paths = BTreeSet::new();
    for line in config.lines() {
        let Some(rest) = line.trim().strip_prefix("{ path = \"") else {
            continue;
        };
        let (path, rest) = rest
            .split_once('"')
            .ok_or_else(|| Stop::failed(format!("cannot read `{line}`")))?;
        let reason = rest.strip_prefix(", reason = \"").unwrap_or_default();
        if reason.split_whitespace().count() < MIN_REASON_WORDS {
            return Err(Stop::failed(format!("`{path}` has no reason that teaches")));
        }
        paths.insert(path);
    }
    Ok(paths)
}

/// Fewer words cannot say what to do instead.
const MIN_REASON_WORDS: usize = 6;

/// The line of the first call in the probe.
const FIRST_LINE: usize = 2;

/// Runs clippy over the probe and returns what it says, one line for each finding.
fn run_clippy(context: &Context, config: &str) -> Result<String, Stop> {
    let target = context.target()?;
    let folder = target.join("walls/probe");
    let told = |error: std::io::Error| {
        Stop::failed(format!("cannot write under {}: {error}", folder.display()))
    };
    let workspace = read(&context.root().join("Cargo.toml"))?;
    fs::create_dir_all(folder.join("src")).map_err(told)?;
    fs::write(folder.join("Cargo.toml"), manifest(&workspace)?).map_err(told)?;
    fs::write(folder.join("clippy.toml"), config).map_err(told)?;
    fs::write(folder.join("src/lib.rs"), source()).map_err(told)?;
    fs::copy(context.root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(told)?;
    let probe = folder.join("Cargo.toml");
    let output = context
        .cargo(&["clippy", "--offline", "--quiet", "--message-format=short"])
        .args(&["--manifest-path".as_ref(), probe.as_os_str()])
        .env("CARGO_TARGET_DIR", target)
        .capture()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(Stop::failed(format!("the probe does not compile:\n{text}")));
    }
    Ok(text)
}

/// The probe's manifest, with dependencies and profile as in the workspace.
fn manifest(workspace: &str) -> Result<String, Stop> {
    let mut text = String::from(
        "[package]\nname = \"walls-probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\nopt-level = 1\n\n\
         [dependencies]\n",
    );
    for name in DEPENDENCIES {
        let line = workspace
            .lines()
            .find(|line| line.starts_with(&format!("{name} =")))
            .ok_or_else(|| Stop::failed(format!("the workspace does not name `{name}`")))?;
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

/// The probe: one call in each line.
fn source() -> String {
    let mut lines =
        vec!["#![allow(unused, unreachable_code)] #![warn(clippy::disallowed_methods)]".to_owned()];
    lines.extend(
        CALLS
            .iter()
            .enumerate()
            .map(|(number, (_, call))| format!("pub fn call_{number}() {{ let _ = {call}; }}")),
    );
    // Never run: it only stands for a value of the right type.
    lines.push("fn given<T>() -> T { loop {} }\n".to_owned());
    lines.join("\n")
}

/// The lines in which a disallowed method was found: `src/lib.rs:12:34: warning: use of a …`.
fn stopped_lines(text: &str) -> BTreeSet<usize> {
    text.lines()
        .filter(|line| line.contains("use of a disallowed method"))
        .filter_map(|line| line.split(':').nth(1)?.parse().ok())
        .collect()
}

/// The text of a file.
fn read(path: &Path) -> Result<String, Stop> {
    fs::read_to_string(path)
        .map_err(|error| Stop::failed(format!("cannot read {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_needs_a_reason_that_teaches() {
        let good =
            r#"    { path = "std::fs::read", reason = "take bytes as an argument: others read" },"#;
        assert_eq!(named(good).unwrap(), ["std::fs::read"].into());
        assert!(named(r#"{ path = "std::fs::read", reason = "no" },"#).is_err());
        assert!(named(r#"{ path = "std::fs::read" },"#).is_err());
    }

    #[test]
    fn findings_are_read_by_line() {
        let text =
            "src/lib.rs:7:20: warning: use of a disallowed method `std::fs::read`\nother:9:1: x";
        assert_eq!(stopped_lines(text), [7].into());
    }
}
