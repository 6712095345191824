//! Documents keep their word: each link between files leads somewhere, and each direct dependency has
//! its line in `docs/dependencies.md`.

use std::fs;
use std::path::Path;

use crate::context::Context;
use crate::steps::Stop;

/// Where dependencies are explained.
const DEPENDENCIES: &str = "docs/dependencies.md";

/// Checks every Markdown file, and every dependency of the workspace.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let files = context.files()?;
    let mut wrong = Vec::new();
    let mut links = 0;
    for name in files.iter().filter(|name| is_markdown(name)) {
        let text = read(&context.root().join(name))?;
        let folder = context.root().join(name);
        let folder = folder.parent().unwrap_or(context.root());
        for link in links_in(&text) {
            links += 1;
            if !folder.join(link).exists() {
                wrong.push(format!("{name}: the link to `{link}` leads nowhere"));
            }
        }
    }
    let explained = read(&context.root().join(DEPENDENCIES))?;
    let manifest = read(&context.root().join("Cargo.toml"))?;
    let dependencies = dependencies_in(&manifest);
    for name in &dependencies {
        if !explained.contains(&format!("`{name}`")) {
            wrong.push(format!("{DEPENDENCIES} does not say why we use `{name}`"));
        }
    }
    if links == 0 || dependencies.is_empty() {
        return Err(Stop::failed(
            "the guard is blind: it finds no link or no dependency",
        ));
    }
    if !wrong.is_empty() {
        return Err(Stop::failed(wrong.join("\n")));
    }
    println!(
        "{links} links lead somewhere, {} dependencies are explained",
        dependencies.len()
    );
    Ok(())
}

/// Whether a file is Markdown.
fn is_markdown(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// The relative targets of `[text](target)`, without their anchors; code blocks do not count.
fn links_in(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines()
        .filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            code ^= fence;
            !code && !fence
        })
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap_or(target))
}

/// The names in `[workspace.dependencies]`, without the packages of the workspace itself.
fn dependencies_in(manifest: &str) -> Vec<&str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .filter(|(name, value)| !name.starts_with('#') && !value.contains("path = "))
        .map(|(name, _)| name)
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
    fn links_between_files_are_found_and_others_are_not() {
        let text = "see [a](docs/a.md#top), [b](https://example.test/b)\n```\n[c](c.md)\n```\n[d](#d) [e](e.md)";
        assert_eq!(links_in(text).collect::<Vec<_>>(), ["docs/a.md", "e.md"]);
    }

    #[test]
    fn dependencies_are_those_of_the_workspace_without_its_own_packages() {
        let manifest = "[workspace.dependencies]\nours = { path = \"ours\" }\n# x\nserde = \"1\"\n[lints]\nno = 1\n";
        assert_eq!(dependencies_in(manifest), ["serde"]);
    }
}
