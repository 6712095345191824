//! Runs the examples of `docs/cli` and compares what they say: prose that no machine reads goes stale.
//!
//! In a block marked `console`, a line that begins with `$ ` is a command (continued by `\`), run by
//! `sh` in a copy of the documents' own files; what follows is its output on both streams. In an
//! expected line `…` stands for anything, and a line `…` for any lines.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// A command and the lines that it should say.
#[derive(Debug, Default)]
struct Step {
    command: String,
    expected: Vec<String>,
}

/// The console blocks of a page.
fn blocks(page: &str) -> Vec<Vec<Step>> {
    let mut blocks: Vec<Vec<Step>> = Vec::new();
    let mut inside = false;
    let mut continued = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
            if inside {
                blocks.push(Vec::new());
            }
            continue;
        }
        let Some(block) = blocks.last_mut().filter(|_| inside) else {
            continue;
        };
        if let Some(command) = line.strip_prefix("$ ") {
            block.push(Step::default());
            append(block, command, &mut continued);
        } else if continued {
            append(block, line, &mut continued);
        } else if let Some(step) = block.last_mut() {
            step.expected.push(line.to_owned());
        }
    }
    blocks
}

fn append(block: &mut [Step], text: &str, continued: &mut bool) {
    let step = block.last_mut().unwrap();
    *continued = text.ends_with('\\');
    step.command.push_str(text.trim_end_matches('\\'));
}

/// Whether `line` is `pattern`, in which `…` stands for anything.
fn line_fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

/// Whether `lines` are `patterns`, in which a line `…` stands for any lines.
fn fits(patterns: &[String], lines: &[&str]) -> bool {
    match (patterns.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((pattern, rest)), _) if pattern == "…" => {
            (0..=lines.len()).any(|skipped| fits(rest, lines.get(skipped..).unwrap_or_default()))
        }
        (Some((pattern, patterns)), Some((line, lines))) => {
            line_fits(pattern, line) && fits(patterns, lines)
        }
        _ => false,
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of everything that the pages name.
fn fresh() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for part in [
        "policies",
        "testdata/cases/exception/used",
        "testdata/cases/sbom/package-denied",
        "testdata/cases/vex/suppressed",
        "testdata/images",
        "testdata/sbom",
        "testdata/trust",
    ] {
        copy(&root().join(part), &directory.path().join(part));
    }
    directory
}

/// Runs one block at the top of `directory`, as one script that keeps its directory and its variables.
fn complaints(page: &Path, block: &[Step], directory: &Path) -> Vec<String> {
    const MARK: &str = "----8<----";
    let binary = Path::new(env!("CARGO_BIN_EXE_sovverify"));
    let path = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
    let mut script = "exec 2>&1; last=0\n".to_owned();
    for step in block {
        // `$?` in the next command is the exit code of this one, not of the mark.
        let command = &step.command;
        writeln!(script, "(exit $last)\n{command}\nlast=$?; echo '{MARK}'").unwrap();
    }
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs([("PATH", path.as_str()), ("HOME", "/nonexistent")])
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mark = format!("{MARK}\n");
    let mut outputs = said.split(mark.as_str());
    let mut complaints = Vec::new();
    for step in block {
        let output = outputs.next().unwrap_or_default();
        let lines: Vec<&str> = output.lines().collect();
        if !fits(&step.expected, &lines) {
            let page = page.file_name().unwrap().to_string_lossy();
            let expected = step.expected.join("\n");
            complaints.push(format!(
                "{page}: $ {}\n-- expected:\n{expected}\n-- found:\n{output}",
                step.command
            ));
        }
    }
    complaints
}

#[test]
fn every_example_says_what_the_page_says() {
    let mut pages: Vec<PathBuf> = fs::read_dir(root().join("docs/cli"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    let mut examples = 0;
    let mut wrong = Vec::new();
    for page in &pages {
        // A reader goes through a page in one copy of the repository.
        let directory = fresh();
        for block in blocks(&fs::read_to_string(page).unwrap()) {
            examples += block.len();
            wrong.extend(complaints(page, &block, directory.path()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples > 10, "only {examples} examples");
}

#[test]
fn a_wrong_example_does_not_fit() {
    let pattern =
        |lines: &[&str]| -> Vec<String> { lines.iter().map(ToString::to_string).collect() };
    assert!(fits(
        &pattern(&["a … c", "…", "d"]),
        &["a b c", "x", "y", "d"]
    ));
    assert!(!fits(&pattern(&["a … c"]), &["a b"]));
    assert!(!fits(&pattern(&["a"]), &["a", "b"]));
    assert!(!fits(&pattern(&["a", "…", "b"]), &["a"]));
}
