//! Every crate inherits the workspace's lints and has its own `clippy.toml`.

use std::fs;
use std::path::Path;

use crate::context::Context;
use crate::steps::Stop;

/// Checks every member.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let mut wrong = Vec::new();
    let members = context.members()?;
    for member in &members {
        let manifest = read(&member.folder.join("Cargo.toml"))?;
        if !inherits_lints(&manifest) {
            wrong.push(format!(
                "{}: expected `[lints]` with `workspace = true` and nothing else",
                member.name
            ));
        }
        if !member.folder.join("clippy.toml").is_file() {
            wrong.push(format!(
                "{}: expected a `clippy.toml` of its own",
                member.name
            ));
        }
    }
    if !wrong.is_empty() {
        return Err(Stop::failed(wrong.join("\n")));
    }
    println!(
        "{} crates inherit the lints of the workspace",
        members.len()
    );
    Ok(())
}

/// Whether the section `[lints]` says `workspace = true` and nothing else.
fn inherits_lints(manifest: &str) -> bool {
    let section: Vec<&str> = manifest
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty())
        .collect();
    section == ["workspace = true"]
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
    fn only_whole_inheritance_counts() {
        assert!(inherits_lints(
            "[package]\n\n[lints]\nworkspace = true # all\n"
        ));
        assert!(inherits_lints("[lints]\nworkspace = true\n[features]\n"));
        assert!(!inherits_lints("[package]\n"));
        assert!(!inherits_lints("[lints]\nworkspace = false\n"));
        assert!(!inherits_lints("[lints.clippy]\nall = \"allow\"\n"));
        assert!(!inherits_lints("# [lints]\n# workspace = true\n"));
    }
}
