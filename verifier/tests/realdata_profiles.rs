//! SBOMs made by others, read in place and held against every profile: counts agree, a format below
//! the floor never conforms, and data taken away never helps.
//!
//! `SOVVERIFY_REALDATA` names the folder (default `../shared/realdata` beside the repository). With
//! `CI=true` a missing folder fails; elsewhere it is skipped, and says so.

#![expect(
    clippy::disallowed_methods,
    reason = "the documents lie on disk, and only the test knows"
)]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};

use sovverify::sbom::profile::{Conformance, Profile};
use sovverify::sbom::rule::empty;
use sovverify::sbom::{Family, Sbom, read};
use sovverify_forge::realdata;

/// Documents that there are at least.
const LEAST: usize = 200;

/// One way to take data away.
type Loss = (&'static str, fn(&mut Sbom));

const LOSSES: [Loss; 6] = [
    ("versions", |sbom| {
        for component in &mut sbom.components {
            component.version = None;
        }
    }),
    ("people", |sbom| {
        for component in &mut sbom.components {
            component.supplier = None;
            component.creators.clear();
        }
    }),
    ("authors", |sbom| {
        sbom.authors.clear();
        sbom.tools.clear();
        sbom.supplier = None;
    }),
    ("time", |sbom| sbom.created = None),
    ("relationships", |sbom| {
        sbom.relationships.clear();
        sbom.complete.clear();
        sbom.states_completeness = false;
    }),
    ("components", |sbom| {
        sbom.relationships.clear();
        sbom.subjects.clear();
        sbom.complete.clear();
        sbom.components.clear();
    }),
];

#[test]
fn real_documents_are_judged_consistently_and_lost_data_never_helps() {
    let Some(root) = realdata() else {
        return;
    };
    let documents: Vec<Sbom> = files(&root.join("sbom"))
        .iter()
        .filter_map(|path| read(&std::fs::read(path).unwrap()).ok())
        .collect();
    assert!(documents.len() >= LEAST, "only {}", documents.len());
    for name in Profile::NAMES {
        let profile = Profile::named(name).unwrap();
        let mut good = 0;
        for sbom in &documents {
            let outcome = profile.check(sbom);
            consistent(sbom, &outcome);
            let is_spdx_2 =
                sbom.format.family == Family::Spdx && sbom.format.version.starts_with('2');
            assert!(!(name.ends_with("v2.1") && is_spdx_2 && outcome.conforms()));
            good += usize::from(outcome.conforms());
            for (loss, take) in LOSSES {
                let mut less = sbom.clone();
                take(&mut less);
                let after = profile.check(&less);
                consistent(&less, &after);
                assert!(
                    outcome.conforms() || !after.conforms(),
                    "{name}: conforms without {loss}, and not with them"
                );
            }
        }
        println!("{name}: {good} of {} documents conform", documents.len());
    }
}

fn consistent(sbom: &Sbom, outcome: &Conformance) {
    let required: usize = outcome.fields.iter().map(|field| field.required).sum();
    let recommended: usize = outcome.fields.iter().map(|field| field.recommended).sum();
    assert_eq!(
        (outcome.required, outcome.recommended),
        (required, recommended)
    );
    assert_eq!(outcome.conforms(), required == 0);
    assert_eq!(outcome.shortfalls.is_empty(), required + recommended == 0);
    assert!(!outcome.conforms() || empty(sbom).is_none());
    let first = outcome.shortfalls.iter().take_while(|s| s.is_required);
    let all = outcome.shortfalls.iter().filter(|s| s.is_required);
    assert_eq!(first.count(), all.count(), "required ones come first");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
