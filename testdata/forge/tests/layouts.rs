//! Layouts hold together, and the committed ones are what they are said to be.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Artifact, Sha256Hash};
use sigstore_verify::{VerificationPolicy, verify};
use sovverify_forge::*;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a folder, by path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap();
                let bytes = std::fs::read(&path).unwrap();
                out.insert(name.to_str().unwrap().to_owned(), bytes);
            }
        }
    }
    out
}

fn blob<'a>(files: &'a BTreeMap<String, Vec<u8>>, descriptor: &Value) -> &'a Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap();
    let bytes = &files[&format!("blobs/{}", digest.replace(':', "/"))];
    assert_eq!(digest_of(bytes), digest);
    assert_eq!(descriptor["size"], bytes.len());
    bytes
}

/// Follows every descriptor from `index.json` and returns how many blobs it met.
fn follow(files: &BTreeMap<String, Vec<u8>>) -> usize {
    let mut open = vec![serde_json::from_slice::<Value>(&files["index.json"]).unwrap()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(document) = open.pop() {
        let children = ["manifests", "layers"]
            .into_iter()
            .flat_map(|field| document[field].as_array().into_iter().flatten())
            .chain(document.get("config"))
            .chain(document.get("subject"));
        for child in children {
            let bytes = blob(files, child);
            let new = seen.insert(child["digest"].to_string());
            let media_type = child["mediaType"].as_str().unwrap();
            if new && [OCI_MANIFEST, OCI_INDEX].contains(&media_type) {
                open.push(serde_json::from_slice(bytes).unwrap());
            }
        }
    }
    seen.len()
}

#[test]
fn every_committed_image_has_every_blob_and_no_other() {
    for name in ["quickstart", "quickstart-tampered", "unsigned"] {
        let files = files(&testdata().join("images").join(name));
        assert_eq!(follow(&files), files.len() - 2, "{name}");
    }
}

#[test]
fn the_tampered_image_differs_in_one_byte_of_one_bundle() {
    let [honest, tampered] = ["quickstart", "quickstart-tampered"]
        .map(|name| files(&testdata().join("images").join(name)));
    let only = |these: &BTreeMap<String, Vec<u8>>, those: &BTreeMap<String, Vec<u8>>| {
        let mut bundles: Vec<Vec<u8>> = these
            .iter()
            .filter(|(path, bytes)| {
                !those.contains_key(*path) && bytes.starts_with(b"{\"dsseEnvelope\"")
            })
            .map(|(_, bytes)| bytes.clone())
            .collect();
        assert_eq!(bundles.len(), 1);
        bundles.remove(0)
    };
    let (honest, tampered) = (only(&honest, &tampered), only(&tampered, &honest));
    assert_eq!(honest.len(), tampered.len());
    let changed = honest.iter().zip(&tampered).filter(|(a, b)| a != b).count();
    assert_eq!(changed, 1);
    let parse = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        sigstore_types::Bundle::from_json(text).unwrap()
    };
    let subject = |bundle: &sigstore_types::Bundle| match &bundle.content {
        sigstore_types::SignatureContent::DsseEnvelope(envelope) => {
            let statement: Value = serde_json::from_slice(envelope.payload.as_bytes()).unwrap();
            statement["subject"][0]["digest"]["sha256"]
                .as_str()
                .unwrap()
                .to_owned()
        }
        _ => String::new(),
    };
    let (honest, tampered) = (parse(&honest), parse(&tampered));
    assert_ne!(subject(&honest), subject(&tampered));
    let root = testdata().join("trust/quickstart/trusted_root.json");
    let root = TrustedRoot::from_file(root).unwrap();
    let policy = VerificationPolicy::new(RELEASE_WORKFLOW, WORKFLOW_ISSUER);
    let digest = |bundle| Artifact::from(Sha256Hash::from_hex(&subject(bundle)).unwrap());
    verify(digest(&honest), &honest, &policy, &root).unwrap();
    let error = verify(digest(&tampered), &tampered, &policy, &root).unwrap_err();
    assert!(error.to_string().contains("signature"), "{error}");
}

#[test]
fn every_bundle_of_the_quickstart_is_accepted_by_another_verifier() {
    let files = files(&testdata().join("images/quickstart"));
    let root = testdata().join("trust/quickstart/trusted_root.json");
    let root = TrustedRoot::from_file(root).unwrap();
    let policy = VerificationPolicy::new(RELEASE_WORKFLOW, WORKFLOW_ISSUER);
    let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
    let mut bundles = 0;
    for entry in index["manifests"].as_array().unwrap() {
        let manifest: Value = serde_json::from_slice(blob(&files, entry)).unwrap();
        if manifest["artifactType"] != BUNDLE_TYPE {
            continue;
        }
        let subject = manifest["subject"]["digest"].as_str().unwrap();
        let digest = Sha256Hash::from_hex(&subject["sha256:".len()..]).unwrap();
        let text = std::str::from_utf8(blob(&files, &manifest["layers"][0])).unwrap();
        let bundle = sigstore_types::Bundle::from_json(text).unwrap();
        let result = verify(Artifact::from(digest), &bundle, &policy, &root).unwrap();
        assert!(result.sct_verified() && result.tlog_verified());
        assert_eq!(result.verified_timestamps().len(), 2);
        bundles += 1;
    }
    assert_eq!(bundles, 4);
}

#[test]
fn the_archive_and_the_directory_hold_the_same_files() {
    let forge = Forge::new(at("2026-01-01T00:00:00Z"));
    let mut layout = Layout::new();
    let image = layout.image("linux/amd64", "x");
    layout.tag(&image, "v1");
    let signing = forge.keyless(at(SIGNING_TIME));
    layout.attach_by_tag(
        &image,
        &[signing.statement(&Statement::slsa_v1(&image.digest))],
    );
    let signature = signing.cosign_signature("a/b", &image.digest);
    layout.attach_layers(&image, "sig", std::slice::from_ref(&signature));
    layout.attach_sbom(&image, "text/spdx+json", b"{}");

    let folder = tempfile::tempdir().unwrap();
    layout.write_to(folder.path());
    let on_disk = files(folder.path());
    follow(&on_disk);
    let archive = layout.archive();
    let mut archive = tar::Archive::new(archive.as_slice());
    let mut in_archive = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        in_archive.insert(path, bytes);
    }
    assert_eq!(on_disk, in_archive);

    let folder = tempfile::tempdir().unwrap();
    layout.write_skopeo_dir(&image, &[signature], folder.path());
    let names: Vec<String> = files(folder.path()).into_keys().collect();
    assert_eq!(names.len(), 5);
    assert!(names.contains(&"signature-1".to_owned()));
}

#[test]
fn no_private_key_is_committed() {
    for folder in ["images", "trust", "cases"] {
        for (path, bytes) in files(&testdata().join(folder)) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("PRIVATE KEY"), "{folder}/{path}");
        }
    }
}

#[test]
fn every_case_is_complete() {
    let mut cases = 0;
    for (path, bytes) in files(&testdata().join("cases")) {
        if !path.ends_with("/case.toml") {
            continue;
        }
        cases += 1;
        let text = String::from_utf8(bytes).unwrap();
        let value = |key: &str| {
            let line = text
                .lines()
                .find(|line| line.starts_with(&format!("{key} = ")));
            line.map(|line| line.split('"').nth(1).unwrap().to_owned())
        };
        let folder = testdata()
            .join("cases")
            .join(path.trim_end_matches("case.toml"));
        assert!(text.starts_with("# "), "{path}");
        for key in ["image", "policy"] {
            assert!(folder.join(value(key).unwrap()).exists(), "{path}: {key}");
        }
        let admits = value("expect").unwrap() == "admit";
        // Outside of `honest/` an admitted case is about the code of a warning or note.
        assert!(admits || !path.starts_with("honest/"), "{path}");
        assert_eq!(
            path.starts_with("honest/"),
            value("code").is_none(),
            "{path}"
        );
        let named = value("code").unwrap_or("honest/".to_owned());
        assert!(path.starts_with(&named), "{path} is about {named}");
    }
    assert!(cases > 90, "{cases}");
}
