//! Go modules (`golang.org/x/mod/semver`) and releases of Go itself.
//!
//! Pseudo-versions (`v0.0.0-20191109021931-daa7c04131f5`) sort as the labels that they are, and
//! `+incompatible` is build metadata (<https://go.dev/ref/mod#versions>).

use std::borrow::Cow;
use std::cmp::Ordering;

use super::semver;
use super::text::digits;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (module_version(a)?, module_version(b)?);
    let (a, b) = (semver::strict(&a)?, semver::strict(&b)?);
    Some(semver::precedence(&a, &b))
}

fn module_version(text: &str) -> Option<Cow<'_, str>> {
    if let Some(release) = text.strip_prefix("go") {
        return release_version(release).map(Cow::Owned);
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    // x/mod/semver: `vMAJOR` and `vMAJOR.MINOR` are short for versions with zeros.
    Some(semver::completed(text))
}

/// `1.21rc2` of the tag `go1.21rc2` is `1.21.0-rc.2`, as the Go vulnerability database writes it.
fn release_version(text: &str) -> Option<String> {
    let Some(at) = text.find(|c: char| c.is_ascii_lowercase()) else {
        return Some(semver::completed(text).into_owned());
    };
    let (core, label) = text.split_at(at);
    let word = ["rc", "beta"].into_iter().find(|w| label.starts_with(w))?;
    let (number, rest) = digits(label.strip_prefix(word)?);
    if number.is_empty() || !rest.is_empty() {
        return None;
    }
    Some(format!("{}-{word}.{number}", semver::completed(core)))
}
