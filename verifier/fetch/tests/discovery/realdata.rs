//! Layouts that other tools wrote, read in place. They leave out file system layers on purpose.

use sovverify_fetch::FetchLimits;
use sovverify_forge::realdata;

use crate::content::*;
use crate::evil::{Evil, Shelf};

async fn check(transport: &str, path: &str, digest: &str, expected: &[&str], gaps: &[&str]) {
    let Some(root) = realdata() else { return };
    let location = format!("{transport}:{}", root.join(path).display());
    let set = discover(&location, &FetchLimits::default()).await.unwrap();
    assert!(
        set.image.digest().to_string().contains(digest),
        "{path}: {}",
        set.image.digest()
    );
    assert_eq!(pieces(&set), expected, "{path}: {:#?}", set.gaps);
    assert_eq!(gap_codes(&set), gaps, "{path}: {:#?}", set.gaps);
}

#[tokio::test]
async fn layouts_of_the_slsa_generators_hold_one_attestation_and_buildkit_statements() {
    for (version, digest, buildkit) in [
        ("v1.4.0", "a74d89d8", false),
        ("v1.6.0", "0159a907", true),
        ("v1.8.0", "038d7230", true),
        ("v1.10.0", "e0a0a765", true),
        ("v2.1.0", "234e2c83", true),
    ] {
        let mut expected = vec!["cosign-tag attestation"];
        if buildkit {
            expected.push("index statement");
        }
        check(
            "oci",
            &format!("images/slsa-github-generator/{version}"),
            digest,
            &expected,
            &[],
        )
        .await;
    }
}

#[tokio::test]
async fn layouts_of_private_sigstore_instances_hold_signatures_and_attestations() {
    for (date, digest, expected) in [
        (
            "2023-04-27",
            "828dd7dd",
            &["cosign-tag signature", "cosign-tag attestation"],
        ),
        (
            "2024-05-15",
            "46c62a1c",
            &["cosign-tag signature", "cosign-tag attestation"],
        ),
        (
            "2024-11-04",
            "324b385e",
            &["cosign-tag signature", "cosign-tag attestation"],
        ),
        (
            "2025-11-11",
            "ed743cc1",
            &["cosign-tag signature", "cosign-tag attestation"],
        ),
        (
            "2026-05-14",
            "bb2863eb",
            &["cosign-tag signature", "cosign-tag attestation"],
        ),
    ] {
        check(
            "oci",
            &format!("images/private-sigstore/{date}/layout"),
            digest,
            expected,
            &[],
        )
        .await;
    }
}

#[tokio::test]
async fn directories_of_skopeo_hold_sigstore_and_openpgp_signatures() {
    const PGP: &str = "directory simple-signing (OpenPGP)";
    for (path, digest, expected) in [
        (
            "containers-image/dir-img-cosign-valid",
            "634a8f35",
            &["directory signature"][..],
        ),
        (
            "containers-image/dir-img-cosign-key-rekor-valid",
            "0489474d",
            &["directory signature"],
        ),
        (
            "containers-image/dir-img-cosign-fulcio-rekor-valid",
            "0489474d",
            &["directory signature"],
        ),
        (
            "containers-image/dir-img-cosign-mixed",
            "634a8f35",
            &["directory signature"; 2],
        ),
        (
            "containers-image/dir-img-cosign-modified-manifest",
            "d9dcafdb",
            &["directory signature"],
        ),
        ("simple-signing/dir-img-valid", "20bf21ed", &[PGP]),
        (
            "simple-signing/dir-img-modified-manifest",
            "2edc21ff",
            &[PGP],
        ),
        ("simple-signing/dir-img-mixed", "20bf21ed", &[PGP; 2]),
    ] {
        check("dir", &format!("images/{path}"), digest, expected, &[]).await;
    }
}

#[tokio::test]
async fn referrers_of_notary_are_shown_as_something_we_do_not_read() {
    let path = "images/notation/e2e-valid-signature";
    let notary = ["referrers application/vnd.cncf.notary.signature"];
    check("oci", path, "b8479de3", &notary, &[]).await;
}

#[tokio::test]
async fn an_index_of_buildkit_has_a_statement_for_each_platform() {
    let Some(root) = realdata() else { return };
    let path = "oci/docker-attest-no-provenance-index";
    check("oci", path, "1e3839ac", &["index statement"; 2], &[]).await;
    let location = format!("oci:{}", root.join(path).display());
    let set = discover(&location, &FetchLimits::default()).await.unwrap();
    assert_eq!(
        set.image.name().unwrap().to_string(),
        "docker.io/library/test-image"
    );
    let platforms: Vec<_> = set
        .image
        .platforms()
        .into_iter()
        .map(|platform| platform.digest)
        .collect();
    let subjects: Vec<_> = set
        .evidence
        .iter()
        .map(|piece| piece.subject.clone())
        .collect();
    assert_eq!(subjects, platforms);
}

#[tokio::test]
async fn a_layout_of_olareg_has_referrers_by_subject_and_by_tag() {
    let path = "oci/olareg-testrepo:v2";
    let expected = [
        "referrers application/example.sbom",
        "referrers application/example.signature",
        "referrers application/example.arms",
        "referrers application/example.arms",
        "referrers application/example.arms",
    ];
    check("oci", path, "4eef5c84", &expected, &[]).await;
}

#[tokio::test]
async fn layouts_with_several_images_or_dangling_entries_say_so() {
    let Some(root) = realdata() else { return };
    for (path, expected) in [
        (
            "oci/containers-image-layouts/two_images_manifest",
            "layout/ambiguous",
        ),
        (
            "oci/containers-image-layouts/name_lookups",
            "layout/ambiguous",
        ),
        (
            "oci/containers-image-layouts/name_lookups:a",
            "evidence/blob-missing",
        ),
        (
            "oci/containers-image-layouts/manifest:v0.1.1",
            "evidence/blob-missing",
        ),
        (
            "oci/go-containerregistry/test_gc_image_unknown_mediatype",
            "image/not-found",
        ),
        ("oci/go-containerregistry/test_gc_index", "layout/ambiguous"),
        ("oci/zarf-oras-oci-layout", "layout/ambiguous"),
        ("oci/olareg-testrepo", "layout/ambiguous"),
    ] {
        let location = format!("oci:{}", root.join(path).display());
        let error = discover(&location, &FetchLimits::default())
            .await
            .unwrap_err();
        assert_eq!(error.code().name(), expected, "{path}: {error}");
    }
    check(
        "oci",
        "oci/go-containerregistry/test_index_one_image",
        "98ceaf93",
        &[],
        &[],
    )
    .await;
    check(
        "oci",
        "oci/go-containerregistry/test_index_media_type",
        "b544f71e",
        &[],
        &[],
    )
    .await;
}

#[tokio::test]
async fn an_image_of_connaisseur_is_found_behind_a_registry() {
    let Some(root) = realdata() else { return };
    let root = root.join("images/connaisseur/multi-cosigned-alice");
    let mut shelf = Shelf::default();
    let mut add = |name: &str, media_type: &str| {
        let bytes = std::fs::read(root.join(name)).unwrap();
        shelf.blobs.add(&bytes, media_type)
    };
    let image = add("image-manifest.json", MANIFEST);
    let signatures = add("signature-manifest.json", MANIFEST);
    add(
        "blobs/sha256/d8ee807d96efe7441b132967ad94eaffbc0172a763e69f2cd8df8f583f0ba0d4",
        SIMPLE_SIGNING,
    );
    shelf.tag("v1", &image);
    shelf.tag(
        &format!("sha256-{}.sig", digest_of(&image).hex()),
        &signatures,
    );
    let registry = Evil::serve(shelf, |_| None).await;
    let set = crate::registry::ask_with(&registry, crate::registry::config(&[&registry]))
        .await
        .unwrap();
    assert!(set.image.digest().hex().starts_with("071bf7a986f1"));
    assert_eq!(pieces(&set), ["cosign-tag signature"]);
    assert_eq!(gap_codes(&set), [""; 0]);
}
