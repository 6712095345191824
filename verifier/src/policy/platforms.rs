//! Which manifests of an image a policy judges.

use std::collections::BTreeSet;

use super::target::Target;
use crate::code::Code;
use crate::digest::Digest;
use crate::image::{PinnedImage, Platform, PlatformManifest};

/// Platforms of one index that are judged where nothing else is configured.
pub(super) const DEFAULT_LIMIT: usize = 64;

/// What the caller asks to be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The platforms; all that a policy asks for where it is empty.
    pub platforms: Vec<Platform>,
    /// Where the image is to run, in a cluster; `None` outside.
    pub target: Option<Target>,
}

/// The manifests that a policy judges, and why some that should be there are not.
pub(super) struct Places {
    pub(super) manifests: Vec<PlatformManifest>,
    pub(super) problems: Vec<Problem>,
}

/// Something about the platforms that no evidence can mend.
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Selects the manifests of `image` that serve `wanted` (a policy's platforms) and `selection`.
///
/// Entries of an index without a platform are always selected: a runtime may pick them for any.
pub(super) fn select(
    image: &PinnedImage,
    wanted: &[Platform],
    selection: &Selection,
    limit: Option<u32>,
) -> Places {
    let runnable = image.platforms();
    if !image.is_index() {
        // A single manifest is its own platform, whatever its configuration says.
        return Places {
            manifests: runnable,
            problems: Vec::new(),
        };
    }
    let mut problems = Vec::new();
    let selectors = intersect(wanted, &selection.platforms);
    let nothing_asked = wanted.is_empty() && selection.platforms.is_empty();
    if selectors.is_empty() && !nothing_asked {
        problems.push(Problem {
            code: Code::ImagePlatformMissing,
            expected: format!("a selected platform among {}", list(wanted)),
            found: list(&selection.platforms),
        });
    }
    let serves = |entry: &PlatformManifest, selector: &Platform| {
        entry.platform.as_ref().is_none_or(|p| p.serves(selector))
    };
    for selector in &selectors {
        let named = |entry: &&PlatformManifest| entry.platform.is_some();
        if !runnable
            .iter()
            .filter(named)
            .any(|entry| serves(entry, selector))
        {
            problems.push(Problem {
                code: Code::ImagePlatformMissing,
                expected: format!("a manifest for {selector}"),
                found: offered(&runnable),
            });
        }
    }
    let offered_text = offered(&runnable);
    let mut seen: BTreeSet<Digest> = BTreeSet::new();
    let mut manifests: Vec<PlatformManifest> = runnable
        .into_iter()
        .filter(|entry| nothing_asked || selectors.iter().any(|selector| serves(entry, selector)))
        .filter(|entry| seen.insert(entry.digest.clone()))
        .collect();
    let limit = limit.map_or(DEFAULT_LIMIT, |l| usize::try_from(l).unwrap_or(usize::MAX));
    if manifests.len() > limit {
        problems.push(Problem {
            code: Code::LimitExceeded,
            expected: format!("at most {limit} platforms to judge"),
            found: manifests.len().to_string(),
        });
        manifests.clear();
    } else if manifests.is_empty() && problems.is_empty() {
        problems.push(Problem {
            code: Code::ImagePlatformMissing,
            expected: "at least one platform that can run".to_owned(),
            found: offered_text,
        });
    }
    Places {
        manifests,
        problems,
    }
}

/// The selectors that both lists ask for; an empty list asks for everything.
fn intersect(policy: &[Platform], caller: &[Platform]) -> Vec<Platform> {
    let mut both: Vec<Platform> = match (policy, caller) {
        ([], list) | (list, []) => list.to_vec(),
        _ => policy
            .iter()
            .flat_map(|p| caller.iter().filter_map(move |c| narrower(p, c)))
            .cloned()
            .collect(),
    };
    both.sort();
    both.dedup();
    both
}

fn narrower<'a>(a: &'a Platform, b: &'a Platform) -> Option<&'a Platform> {
    if a.serves(b) {
        Some(a)
    } else if b.serves(a) {
        Some(b)
    } else {
        None
    }
}

fn list(platforms: &[Platform]) -> String {
    let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// Platforms listed in one message.
pub(super) const SHOWN: usize = 16;

/// What an index offers, for `found`.
fn offered(runnable: &[PlatformManifest]) -> String {
    let names: BTreeSet<String> = runnable
        .iter()
        .map(|entry| {
            entry
                .platform
                .as_ref()
                .map_or_else(|| "one without a platform".to_owned(), ToString::to_string)
        })
        .collect();
    if names.is_empty() {
        return "an index without any".to_owned();
    }
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.into_iter().take(SHOWN).collect();
    let shown = shown.join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}
