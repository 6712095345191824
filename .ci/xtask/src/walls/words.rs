//! The repository is for everybody: no path of a particular machine, no package registry by name.

use std::fs;

use crate::context::Context;
use crate::steps::Stop;

/// A text that may not stand in the repository.
struct Needle {
    text: String,
    reason: &'static str,
}

/// Where a path must not start: the roots of machines on which this was written.
const MACHINE: &str = "a path of one machine means nothing on another";

/// Why registries have no names here.
const REGISTRY: &str =
    "package registries are configured on the machine (mirrors, air gap), not here";

/// What may not be said. Written in parts, so that this file does not say it.
fn needles() -> Vec<Needle> {
    let machine = ["/wo\u{72}k/", "/ro\u{6f}t/", "/tmp/scr\u{61}tch"];
    let registry = [
        ["crates", ".io"],
        ["proxy.golang", ".org"],
        ["sum.golang", ".org"],
        ["registry.npmjs", ".org"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["deb.debian", ".org"],
    ];
    let machine = machine.map(|text| Needle {
        text: text.to_owned(),
        reason: MACHINE,
    });
    let registry = registry.map(|parts| Needle {
        text: parts.concat(),
        reason: REGISTRY,
    });
    machine.into_iter().chain(registry).collect()
}

/// Files that a package manager writes.
const LOCK_FILES: &[&str] = &["Cargo.lock", "go.sum", "package-lock.json"];

/// Checks every file that git knows or would add.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let needles = needles();
    let mut found = Vec::new();
    let files = context.files()?;
    for name in &files {
        if LOCK_FILES.iter().any(|lock| name.ends_with(lock)) {
            continue;
        }
        let path = context.root().join(name);
        let bytes = fs::read(&path)
            .map_err(|error| Stop::failed(format!("cannot read {name}: {error}")))?;
        let text = String::from_utf8_lossy(&bytes);
        for (number, line) in text.lines().enumerate() {
            found.extend(
                hits(line, &needles)
                    .map(|hit| format!("{name}:{}: `{}`: {}", number + 1, hit.text, hit.reason)),
            );
        }
    }
    if !found.is_empty() {
        return Err(Stop::failed(format!(
            "{} words of the wrong place\n{}",
            found.len(),
            found.join("\n")
        )));
    }
    println!(
        "{} files say nothing of one machine or registry",
        files.len()
    );
    Ok(())
}

/// The needles in one line. A path counts only where it is absolute: what follows a letter, a digit
/// or `..` is part of a longer name.
fn hits<'a>(line: &'a str, needles: &'a [Needle]) -> impl Iterator<Item = &'a Needle> {
    needles.iter().filter(move |needle| {
        line.match_indices(&needle.text).any(|(at, _)| {
            let before = line.get(..at).and_then(|head| head.chars().next_back());
            !needle.text.starts_with('/')
                || !before.is_some_and(|c| c.is_alphanumeric() || "._-/".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_and_registries_are_found_and_relative_paths_are_not() {
        let needles = needles();
        let count = |line: &str| hits(line, &needles).count();
        assert_eq!(count(&format!("see {}", ["/wor", "k/main"].concat())), 1);
        assert_eq!(count(&["https://index.crates", ".io/x"].concat()), 1);
        assert_eq!(count("../shared/realdata or SOVVERIFY_REALDATA"), 0);
        assert_eq!(count("https://github.com/acme/work/tree"), 0);
    }
}
