//! Sources stay short: a longer one is about more than one thing.

use std::fs;

use crate::context::Context;
use crate::steps::Stop;

/// Lines of one source.
const MAX_LINES: usize = 400;

/// Checks every source that git knows or would add.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let mut lengths = Vec::new();
    for name in context.files()? {
        let path = context.root().join(&name);
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let bytes = fs::read(&path)
            .map_err(|error| Stop::failed(format!("cannot read {name}: {error}")))?;
        let lines = String::from_utf8_lossy(&bytes).lines().count();
        lengths.push((name, lines));
    }
    if lengths.is_empty() {
        return Err(Stop::failed("the guard is blind: it finds no source"));
    }
    let found = too_long(&lengths);
    if !found.is_empty() {
        return Err(Stop::failed(format!(
            "{} files are above {MAX_LINES} lines: split each by what it is about\n{}",
            found.len(),
            found.join("\n")
        )));
    }
    println!("{} files, none above {MAX_LINES} lines", lengths.len());
    Ok(())
}

/// Those of the files, with their lines, that are too long: the name of each, and how long it is.
fn too_long(lengths: &[(String, usize)]) -> Vec<String> {
    lengths
        .iter()
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_four_hundred_lines_is_let_through_and_a_longer_one_is_named() {
        let of = |name: &str, lines| (name.to_owned(), lines);
        let lengths = [of("a.rs", 1), of("b.rs", 400), of("c/d.rs", 401)];
        assert_eq!(too_long(&lengths), ["c/d.rs: 401 lines"]);
    }
}
