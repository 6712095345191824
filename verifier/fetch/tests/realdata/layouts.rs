//! OCI layouts by other tools: each entry of each index is resolved, with everything attached to it.

use std::collections::BTreeMap;

use serde_json::Value;
use sovverify::{EvidenceSet, Limits, TrustStore, VerificationTime, appraise};
use sovverify_forge::{Key, KeyKind};

use super::bundles::NOW;
use super::manifest::{Manifest, Row};
use super::outcome::{Expected, Outcomes};
use super::{images, made, provenance};

/// Every row of the family.
pub(crate) fn run(manifest: &Manifest, outcomes: &mut Outcomes) {
    for row in manifest.all("oci/") {
        if manifest.path(&row.path).is_file() {
            attestation(manifest, row, outcomes);
            continue;
        }
        for file in manifest.files(&row.path) {
            if let Some(folder) = file.strip_suffix("index.json") {
                layout(manifest, row, folder, outcomes);
            }
        }
    }
}

/// Each entry by its digest: it is read where its manifest is there, and refused with the documented
/// code where it is not.
fn layout(manifest: &Manifest, row: &Row, folder: &str, outcomes: &mut Outcomes) {
    let relative = format!("{}/{folder}", row.path);
    let relative = relative.trim_end_matches('/');
    let index = manifest.read(&format!("{relative}/index.json"));
    let index: Value = serde_json::from_slice(&index).unwrap();
    for (number, entry) in index["manifests"].as_array().unwrap().iter().enumerate() {
        let digest = entry["digest"].as_str().unwrap();
        let (algorithm, hex) = digest.split_once(':').unwrap();
        let location = format!("oci:{}@{digest}", manifest.path(relative).display());
        let found = images::discover_at(&location);
        let actual = found.map(|set| summary(&set));
        let there = manifest.path(&format!("{relative}/blobs/{algorithm}/{hex}"));
        let known = entry["mediaType"].as_str().is_some_and(is_manifest);
        let how = format!("{folder} entry {number}");
        let how = how.trim_start();
        if !known {
            // Something that is no manifest, which others skip: an error with a code is as good.
            let actual = made::only_for(actual, |why| why.contains('/'));
            outcomes.record_as(row, how, Expected::Either, actual);
        } else if there.is_file() {
            outcomes.record_positive(row, how, actual);
        } else {
            let actual = made::only_for(actual, |why| why.starts_with("evidence/blob-missing"));
            outcomes.record_negative(row, how, actual);
        }
    }
    if row.expected == "unsigned" {
        let location = format!("oci:{}", manifest.path(relative).display());
        let actual = images::discover_at(&location).and_then(unsigned);
        outcomes.record_positive(row, "shown as unsigned", actual);
    }
}

fn is_manifest(media_type: &str) -> bool {
    media_type.ends_with(".manifest.v1+json")
        || media_type.ends_with(".index.v1+json")
        || media_type.ends_with(".manifest.v2+json")
        || media_type.ends_with(".manifest.list.v2+json")
}

fn summary(set: &EvidenceSet) -> String {
    let gaps: Vec<&str> = set.gaps.iter().map(|gap| gap.code.name()).collect();
    format!("{} pieces of evidence, gaps: {gaps:?}", set.evidence.len())
}

/// What `BuildKit` wrote into the index is evidence without a signature: all of it is shown, and none of it
/// is proof or the news of a broken proof.
fn unsigned(set: EvidenceSet) -> Result<String, String> {
    let pieces = set.evidence.len();
    let time: VerificationTime = NOW.parse().unwrap();
    let appraisal = appraise(set, &TrustStore::default(), time, &Limits::default());
    let shown = appraisal.unsigned.len();
    if pieces > 0
        && shown == pieces
        && appraisal.verified.is_empty()
        && appraisal.rejected.is_empty()
    {
        Ok(format!("{shown} statements"))
    } else {
        Err(format!("{shown} of {pieces} pieces are unsigned"))
    }
}

/// An envelope that Docker signed with a key that it does not name, and a log entry in a form of its own
/// beside the signature. It is read as an envelope, and nobody else's key verifies it.
fn attestation(manifest: &Manifest, row: &Row, outcomes: &mut Outcomes) {
    let envelope = manifest.read(&row.path);
    let stranger = Key::generate(KeyKind::EcdsaP256);
    let stranger = sovverify::PublicKey::from_pem(&stranger.public_pem(), None).unwrap();
    let anchor = made::key_alone(&std::sync::Arc::new(stranger));
    let actual = provenance::attached(envelope, BTreeMap::new(), anchor);
    let actual = made::only_for(actual, |why| why.starts_with("signature/invalid"));
    outcomes.record_negative(row, "stranger", actual);
}
