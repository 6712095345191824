//! `sovverify blob`.

use std::fs;
use std::path::PathBuf;

use super::{AT, IDENTITY, ISSUER, KEY, TRUSTED_ROOT};
use crate::run::{self, Said};

/// The index of the quickstart image as an artifact, and the bundle whose statement has this
/// predicate type.
fn artifact_and_bundle(predicate: &str) -> (PathBuf, PathBuf) {
    let layout = run::root().join("testdata/images/quickstart");
    let blob = |digest: &str| layout.join("blobs/sha256").join(&digest["sha256:".len()..]);
    let read = |path: PathBuf| -> serde_json::Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let index = read(layout.join("index.json"));
    let entries = index["manifests"].as_array().unwrap();
    let artifact = blob(entries[0]["digest"].as_str().unwrap());
    let carrier = entries
        .iter()
        .find(|e| e["annotations"]["dev.sigstore.bundle.predicateType"] == predicate)
        .unwrap();
    let carrier = read(blob(carrier["digest"].as_str().unwrap()));
    let bundle = blob(carrier["layers"][0]["digest"].as_str().unwrap());
    (artifact, bundle)
}

fn blob(artifact: &str, bundle: &str, more: &[&str]) -> Said {
    let mut arguments = vec![
        "blob",
        artifact,
        "--bundle",
        bundle,
        "--at",
        AT,
        "--trusted-root",
        TRUSTED_ROOT,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ];
    arguments.extend(more);
    run::said(&mut run::sovverify(&arguments))
}

#[test]
fn a_file_and_its_digest_are_verified_alike() {
    let (artifact, bundle) = artifact_and_bundle("https://sigstore.dev/cosign/sign/v1");
    let name = artifact.file_name().unwrap().to_str().unwrap();
    let digest = format!("sha256:{name}");
    let bundle = bundle.to_str().unwrap();
    for given in [artifact.to_str().unwrap(), &digest] {
        let said = blob(given, bundle, &[]);
        assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
        assert!(said.stdout.starts_with("admitted   "), "{}", said.stdout);
        assert!(said.stdout.contains(&digest), "{}", said.stdout);
        assert!(said.stdout.contains(IDENTITY), "{}", said.stdout);
    }
}

#[test]
fn a_statement_of_any_type_counts_unless_one_is_asked_for() {
    let (artifact, bundle) = artifact_and_bundle("https://slsa.dev/provenance/v1");
    let (artifact, bundle) = (artifact.to_str().unwrap(), bundle.to_str().unwrap());
    assert_eq!(blob(artifact, bundle, &[]).code, 0);
    assert_eq!(
        blob(artifact, bundle, &["--type", "slsa-provenance"]).code,
        0
    );
    let said = blob(artifact, bundle, &["--type", "spdx"]);
    assert_eq!(said.code, 1);
    assert!(
        said.stdout.contains("error[attestation/missing]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn another_file_is_denied() {
    let (_, bundle) = artifact_and_bundle("https://sigstore.dev/cosign/sign/v1");
    let said = blob("README.md", bundle.to_str().unwrap(), &[]);
    assert_eq!((said.code, said.stderr.as_str()), (1, ""));
    assert!(
        said.stdout.contains("error[subject/mismatch]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn another_identity_is_denied() {
    let (artifact, bundle) = artifact_and_bundle("https://sigstore.dev/cosign/sign/v1");
    let said = run::said(&mut run::sovverify(&[
        "blob",
        artifact.to_str().unwrap(),
        "--bundle",
        bundle.to_str().unwrap(),
        "--at",
        AT,
        "--trusted-root",
        TRUSTED_ROOT,
        "--certificate-identity",
        "https://ci.forge.example/",
        "--certificate-oidc-issuer",
        ISSUER,
    ]));
    assert_eq!(said.code, 1);
    assert!(
        said.stdout
            .contains("error[certificate/identity-mismatch]: "),
        "{}",
        said.stdout
    );
}

#[test]
fn what_is_no_bundle_is_denied_and_a_malformed_digest_is_bad_input() {
    let said = run::said(&mut run::sovverify(&[
        "blob",
        "README.md",
        "--bundle",
        "README.md",
        "--key",
        KEY,
        "--at",
        AT,
    ]));
    assert_eq!(said.code, 1);
    assert!(
        said.stdout.contains("error[bundle/malformed]: "),
        "{}",
        said.stdout
    );
    let said = run::said(&mut run::sovverify(&[
        "blob",
        "sha256:00",
        "--bundle",
        "README.md",
        "--key",
        KEY,
    ]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.contains("malformed digest of the artifact"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_blob_without_signer_is_never_verified() {
    let said = run::said(&mut run::sovverify(&[
        "blob",
        "README.md",
        "--bundle",
        "README.md",
    ]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.starts_with("error[usage/no-policy]: "),
        "{}",
        said.stderr
    );
}
