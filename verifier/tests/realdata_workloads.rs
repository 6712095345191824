//! Kubernetes objects by others, read in place: objects with every field filled in, reviews that an API
//! server sent, and reviews of another verifier's tests. Every image must be found, and where a field is
//! renamed it must be missed aloud.

#![expect(
    clippy::disallowed_methods,
    reason = "the objects lie on disk, and only the test knows"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sovverify::workload::{GroupKind, Json, Place, Workload, WorkloadFields};
use sovverify_forge::realdata;

/// Kinds of the full-field objects that hold no image to judge: reviews, and copies of templates that
/// nothing runs.
const WITHOUT: [&str; 2] = ["AdmissionReview", "ControllerRevision"];

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn kind_of(object: &Value) -> GroupKind {
    let version = object["apiVersion"].as_str().unwrap();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    GroupKind::new(group, object["kind"].as_str().unwrap())
}

fn extract(object: &Value) -> Option<Workload> {
    let found = WorkloadFields::built_in().extract(&kind_of(object), &Json::from(object));
    found.unwrap_or_else(|error| panic!("{object:#}: {error}"))
}

/// The full-field objects with their names, those that hold images.
fn full_objects(root: &Path) -> Vec<(String, Value)> {
    let mut objects = Vec::new();
    for path in files(&root.join("k8s/api-roundtrip")) {
        let object = json(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if WITHOUT.contains(&object["kind"].as_str().unwrap()) {
            assert_eq!(extract(&object), None, "{name}");
        } else {
            objects.push((name, object));
        }
    }
    objects
}

#[test]
fn every_image_of_an_object_with_every_field_is_found_and_nothing_is_unknown() {
    let Some(root) = realdata() else { return };
    let objects = full_objects(&root);
    assert_eq!(objects.len(), 9);
    for (name, object) in objects {
        let workload = extract(&object).unwrap();
        let mut places: Vec<Place> = workload.images.iter().map(|image| image.place).collect();
        places.sort();
        let all = [
            Place::Container,
            Place::InitContainer,
            Place::EphemeralContainer,
            Place::ImageVolume,
        ];
        assert_eq!(places, all, "{name}");
        assert_eq!(workload.unknown, [], "{name}");
        assert_eq!(workload.deferred, [], "{name}");
        for image in &workload.images {
            assert_eq!(image.name.as_deref(), Some("nameValue"), "{name}");
            let there = object.pointer(image.pointer.as_ref().unwrap()).unwrap();
            assert_eq!(there, image.reference.as_str(), "{name}");
        }
        assert_eq!(workload.labels["labelsKey"], "labelsValue", "{name}");
        let account = workload.pods.service_account.as_deref();
        assert_eq!(account, Some("serviceAccountNameValue"), "{name}");
        assert_eq!(workload.pods.pull_secrets, ["nameValue"], "{name}");
        println!("{name}: {} images", workload.images.len());
    }
}

/// Every member on the way to an image: a pointer to the object that has it, and its name.
fn members_on_the_way(workload: &Workload) -> BTreeSet<(String, String)> {
    let mut members = BTreeSet::new();
    for image in &workload.images {
        let mut at = String::new();
        for step in image.pointer.as_ref().unwrap().split('/').skip(1) {
            if step.parse::<usize>().is_err() {
                members.insert((at.clone(), step.to_owned()));
            }
            at = format!("{at}/{step}");
        }
    }
    members
}

#[test]
fn a_field_that_is_renamed_is_missed_aloud() {
    let Some(root) = realdata() else { return };
    let mut renamed = 0;
    for (name, object) in full_objects(&root) {
        let whole = extract(&object).unwrap();
        for (at, member) in members_on_the_way(&whole) {
            for other in [
                format!("{member}X"),
                format!("x{member}"),
                member.to_uppercase(),
            ] {
                let mut object = object.clone();
                let holder = object.pointer_mut(&at).unwrap().as_object_mut().unwrap();
                let value = holder.remove(&member).unwrap();
                holder.insert(other.clone(), value);
                let found =
                    WorkloadFields::built_in().extract(&kind_of(&object), &Json::from(&object));
                let aloud = match found {
                    Err(error) => error.path().is_some(),
                    Ok(found) => {
                        let found = found.unwrap();
                        let missed = whole.images.len() - found.images.len();
                        missed > 0 && found.unknown.len() + found.deferred.len() >= missed
                    }
                };
                assert!(aloud, "{name}: {at}/{member} as {other} vanished");
                renamed += 1;
            }
        }
    }
    println!("{renamed} renamed fields were missed aloud");
    assert!(renamed > 200, "only {renamed} fields were renamed");
}

/// The images of a review's object by their paths, in order.
fn images(object: &Value) -> BTreeMap<String, String> {
    let workload = extract(object).unwrap();
    assert_eq!((workload.unknown, workload.deferred), (vec![], vec![]));
    let images = workload.images.into_iter();
    images.map(|image| (image.path, image.reference)).collect()
}

#[test]
fn reviews_that_an_api_server_sent_hold_the_images_that_were_asked_for() {
    let Some(root) = realdata() else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in files(&root.join("reviews")) {
        let review = json(&path);
        let request = &review["request"];
        let kind = request["kind"]["kind"].as_str().unwrap();
        let group = request["kind"]["group"].as_str().unwrap();
        for object in [&request["object"], &request["oldObject"]] {
            if object.is_null() {
                continue;
            }
            assert_eq!(kind_of(object), GroupKind::new(group, kind));
            if kind == "Scale" {
                assert_eq!(extract(object), None);
                continue;
            }
            let found = images(object);
            assert!(!found.is_empty(), "{}", path.display());
            *counts.entry(kind.to_owned()).or_default() += found.len();
        }
    }
    let first = json(&root.join("reviews/01-create-pods.json"));
    let found = images(&first["request"]["object"]);
    let references: Vec<&str> = found.values().map(String::as_str).collect();
    assert_eq!(
        references,
        [
            "reg.local:5000/team/app:v1",
            "nginx",
            "reg.local/init@sha256:ddb4c183c461b5f83b118d32289d245ff1a5983cb472d8bebe242912066b7670",
            "reg.local/side:1",
            "reg.local/data:1",
        ]
    );
    let ephemeral = json(&root.join("reviews/03-update-pods-ephemeralcontainers.json"));
    let found = images(&ephemeral["request"]["object"]);
    assert_eq!(found["spec.ephemeralContainers[0].image"], "busybox");
    println!("images of recorded reviews: {counts:?}");
    assert_eq!(counts.len(), 7, "{counts:?}");
}

#[test]
fn reviews_of_another_verifier_hold_one_image_each() {
    let Some(root) = realdata() else { return };
    let mut count = 0;
    for path in files(&root.join("k8s/kubewarden")) {
        let request = json(&path);
        let object = &request["object"];
        if object.is_null() {
            continue;
        }
        let kind = &request["kind"];
        let text = |name: &str| kind[name].as_str().unwrap_or_default();
        let kind = GroupKind::new(text("group"), text("kind"));
        let found = WorkloadFields::built_in()
            .extract(&kind, &Json::from(object))
            .unwrap();
        let workload = found.unwrap_or_else(|| panic!("{}: {kind}", path.display()));
        assert_eq!(workload.images.len(), 1, "{}", path.display());
        assert_eq!((workload.unknown, workload.deferred), (vec![], vec![]));
        count += 1;
    }
    println!("{count} reviews of another verifier, one image each");
    assert_eq!(count, 10);
}
