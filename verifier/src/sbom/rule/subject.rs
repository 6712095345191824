//! What an SBOM says that it describes, by digest.

use std::collections::BTreeSet;

use super::RuleFinding;
use crate::code::Code;
use crate::digest::Digest;
use crate::sbom::model::{Component, Sbom};

/// Digests of subjects that are looked at, and that a message names; an image has one for each
/// algorithm, and a hostile document has millions.
const MAX_DIGESTS: usize = 1000;

/// Whether an SBOM describes what it is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectMatch {
    /// One of its subjects has one of the digests.
    Same,
    /// Its subjects have digests, and all of them are others.
    Different {
        /// Those digests, in order.
        found: Vec<Digest>,
    },
    /// It names no subject, or none with a digest.
    Silent,
}

/// Holds the subjects of `sbom` (CycloneDX `metadata.component`, SPDX `DESCRIBES` and `rootElement`)
/// against `digests`, any of which will do: of the manifest, or of the index that it belongs to.
///
/// A subject's digest is one of its hashes, or the version in its package URL
/// (`pkg:oci/app@sha256:…`), or a version or name that is or ends in a digest.
pub fn subject_is(sbom: &Sbom, digests: &[Digest]) -> SubjectMatch {
    let subjects = sbom
        .subjects
        .iter()
        .filter_map(|at| sbom.components.get(*at));
    let mut found = BTreeSet::new();
    for digest in subjects.flat_map(stated).take(MAX_DIGESTS) {
        if digests.contains(&digest) {
            return SubjectMatch::Same;
        }
        found.insert(digest);
    }
    if found.is_empty() {
        return SubjectMatch::Silent;
    }
    SubjectMatch::Different {
        found: found.into_iter().collect(),
    }
}

/// What is wrong where an SBOM must say that it describes one of `digests`; nothing is demanded by an
/// empty list.
pub fn subject_mismatch(sbom: &Sbom, digests: &[Digest]) -> Option<RuleFinding> {
    if digests.is_empty() {
        return None;
    }
    let found = match subject_is(sbom, digests) {
        SubjectMatch::Same => return None,
        SubjectMatch::Different { found } => names(&found),
        SubjectMatch::Silent => "no digest of what it describes".to_owned(),
    };
    Some(RuleFinding {
        code: Code::SbomSubjectMismatch,
        place: "the document".to_owned(),
        expected: format!("a document that says it describes {}", names(digests)),
        found,
    })
}

/// Digests that a message names.
const SHOWN: usize = 3;

/// Digests in a message: the first ones, for there may be many.
fn names(digests: &[Digest]) -> String {
    let mut names: Vec<String> = digests
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect();
    if digests.len() > SHOWN {
        names.push(format!("{} more", digests.len() - SHOWN));
    }
    names.join(", ")
}

/// The digests that a component states about itself.
fn stated(component: &Component) -> impl Iterator<Item = Digest> + '_ {
    let hashes = component.hashes.iter();
    let hashes = hashes.map(|hash| format!("{}:{}", hash.algorithm, hash.value));
    let versions = component.purls.iter().filter_map(|purl| in_purl(purl));
    let own = component.version.iter().chain([&component.name]);
    let own = own.map(|text| after_at(text).to_owned());
    hashes
        .chain(versions)
        .chain(own)
        .filter_map(|text| text.parse().ok())
}

/// The version of a package URL, which for an image is its digest; percent-encoded colons are colons
/// (package URL specification, "Character encoding").
fn in_purl(purl: &str) -> Option<String> {
    let path = purl.split(['?', '#']).next()?;
    let (_, version) = path.rsplit_once('@')?;
    Some(version.replace("%3A", ":").replace("%3a", ":"))
}

/// What follows the last `@` of a reference, or all of it.
fn after_at(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, digest)| digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::model::Hash;

    fn numbered(number: usize) -> Digest {
        Digest::sha256(number.to_string().as_bytes())
    }

    #[test]
    fn the_first_digests_of_a_subject_are_looked_at() {
        let hashes = (0..=MAX_DIGESTS).map(|number| Hash {
            algorithm: "sha256".into(),
            value: numbered(number).hex().into(),
        });
        let sbom = Sbom {
            components: vec![Component {
                hashes: hashes.collect(),
                ..Component::default()
            }],
            subjects: vec![0],
            ..Sbom::default()
        };
        let is = |number: usize| subject_mismatch(&sbom, &[numbered(number)]);
        assert_eq!(is(MAX_DIGESTS - 1), None);
        assert_eq!(is(MAX_DIGESTS).unwrap().code, Code::SbomSubjectMismatch);
    }

    #[test]
    fn a_message_names_the_first_digests_and_counts_the_others() {
        let digests: Vec<Digest> = (0..=SHOWN).map(numbered).collect();
        assert!(!names(&digests[..SHOWN]).contains("more"));
        assert_eq!(names(&digests[..SHOWN]).matches("sha256:").count(), SHOWN);
        assert!(names(&digests).ends_with(", 1 more"));
        assert_eq!(names(&digests).matches("sha256:").count(), SHOWN);
    }
}
