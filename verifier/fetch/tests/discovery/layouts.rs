//! OCI layouts in directories, honest and lying.

use std::fs;

use serde_json::{Value, json};
use sovverify::Digest;
use sovverify_fetch::{FetchConfig, FetchError, FetchLimits};

use crate::content::*;

pub(crate) async fn layout(
    blobs: &Blobs,
    entries: &[Value],
    selector: &str,
) -> Result<sovverify::EvidenceSet, FetchError> {
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), entries);
    discover(
        &format!("oci:{}{selector}", dir.path().display()),
        &FetchLimits::default(),
    )
    .await
}

pub(crate) fn code(result: Result<sovverify::EvidenceSet, FetchError>) -> &'static str {
    result.unwrap_err().code().name()
}

#[tokio::test]
async fn every_way_of_attaching_evidence_is_found_once_and_in_one_order() {
    let mut blobs = Blobs::default();
    let (amd64, arm64);
    let unknown = json!({"os": "unknown", "architecture": "unknown"});
    let statement = blobs.add(b"{\"statement\":1}", IN_TOTO);
    let statement = with(
        &statement,
        &json!({"annotations": {"in-toto.io/predicate-type": "https://spdx.dev/Document"}}),
    );
    let carrier = blobs.carrier(&[statement], None);
    let platform = |os: &str, arch: &str| json!({"platform": {"os": os, "architecture": arch}});
    amd64 = with(&blobs.image("amd64"), &platform("linux", "amd64"));
    arm64 = with(&blobs.image("arm64"), &platform("linux", "arm64"));
    let attestation = with(
        &carrier,
        &json!({"platform": unknown, "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": amd64["digest"],
        }}),
    );
    let index = blobs.index(&[amd64.clone(), arm64.clone(), attestation]);
    let hex = digest_of(&index).hex();
    let on_index = blobs.bundle("{\"bundle\":\"index\"}", &index);
    let on_arm = blobs.bundle("{\"bundle\":\"arm64\"}", &arm64);
    let listed = blobs.bundle("{\"bundle\":\"listed\"}", &index);
    let list = blobs.index(&[listed, on_index.clone()]);
    let sig = blobs.signatures("{}", &["alice", "bob", "alice"]);
    let dsse = blobs.add(b"{\"payload\":\"\"}", DSSE);
    let att = blobs.carrier(&[dsse], None);
    let sbom = blobs.add(b"SPDXVersion: SPDX-2.3", "text/spdx");
    let sbom = blobs.carrier(&[sbom], None);
    let entries = [
        named(&index, "registry.example/app:v1"),
        on_index,
        on_arm,
        named(&list, &format!("sha256-{hex}")),
        named(&sig, &format!("sha256-{hex}.sig")),
        named(&att, &format!("registry.example/app:sha256-{hex}.att")),
        named(&sbom, &format!("sha256-{hex}.sbom")),
    ];
    let mut seen = None;
    for selector in ["", ":v1", &format!("@{}", digest_of(&index))] {
        let set = layout(&blobs, &entries, selector).await.unwrap();
        assert_eq!(gap_codes(&set), [""; 0], "{:?}", set.gaps);
        assert_eq!(
            set.image.name().unwrap().to_string(),
            "registry.example/app"
        );
        let mut found = pieces(&set);
        let mut referrers: Vec<String> = found.drain(..2).collect();
        referrers.sort();
        assert_eq!(referrers, ["referrers bundle", "referrers-tag bundle"]);
        assert_eq!(
            found,
            [
                "cosign-tag signature", // alice; her second copy is the same piece
                "cosign-tag signature", // bob, same payload
                "cosign-tag attestation",
                "cosign-tag sbom",
                "referrers bundle",
                "index statement",
            ]
        );
        assert_eq!(set.evidence[6].subject, digest_of(&arm64));
        assert_eq!(set.evidence[7].subject, digest_of(&amd64));
        let blobs: Vec<Digest> = set
            .evidence
            .iter()
            .map(|piece| piece.origin.blob.clone())
            .collect();
        assert_eq!(*seen.get_or_insert(blobs.clone()), blobs);
    }
}

#[tokio::test]
async fn only_selected_platforms_are_searched() {
    let mut blobs = Blobs::default();
    let (index, amd64, arm64) = two_platforms(&mut blobs);
    let entries = [
        index,
        blobs.bundle("{\"on\":\"amd64\"}", &amd64),
        blobs.bundle("{\"on\":\"arm64\"}", &arm64),
    ];
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), &entries);
    let discovery = sovverify_fetch::Discovery::new(FetchConfig::default()).unwrap();
    let location = format!("oci:{}", dir.path().display()).parse().unwrap();
    for (platforms, expected) in [
        (vec![], 2),
        (vec!["linux/arm64"], 1),
        (vec!["linux/s390x"], 0),
    ] {
        let request = sovverify_fetch::Request {
            name: Some("registry.example/other".parse().unwrap()),
            platforms: platforms.iter().map(|text| text.parse().unwrap()).collect(),
        };
        let set = discovery.discover(&location, &request).await.unwrap();
        assert_eq!(set.evidence.len(), expected, "{platforms:?}");
        assert_eq!(
            set.image.name().unwrap().to_string(),
            "registry.example/other"
        );
    }
}

#[tokio::test]
async fn layouts_of_cosign_save_are_read_by_kind_and_name() {
    let mut blobs = Blobs::default();
    let kind = |descriptor: &Value, kind: &str, name: &str| {
        with(
            descriptor,
            &json!({"annotations": {
                "kind": format!("dev.cosignproject.cosign/{kind}"), "org.opencontainers.image.ref.name": name,
            }}),
        )
    };
    let (one, two) = (blobs.image("one"), blobs.image("two"));
    let (sig_one, sig_two) = (
        blobs.signatures("{\"1\":1}", &["a"]),
        blobs.signatures("{\"2\":2}", &["b"]),
    );
    let entries = [
        kind(&one, "image", "registry.example/one:v1"),
        kind(&sig_one, "sigs", "registry.example/one:v1"),
        kind(&two, "image", "registry.example/two:v2"),
        kind(&sig_two, "sigs", "registry.example/two:v2"),
    ];
    assert_eq!(code(layout(&blobs, &entries, "").await), "layout/ambiguous");
    let set = layout(&blobs, &entries, ":v2").await.unwrap();
    assert_eq!(pieces(&set), ["cosign-tag signature"]);
    assert_eq!(set.evidence[0].origin.manifest, Some(digest_of(&sig_two)));
}

#[tokio::test]
async fn a_layout_that_does_not_say_which_image_is_an_error_that_lists_them() {
    let mut blobs = Blobs::default();
    let (one, two) = (blobs.image("one"), blobs.image("two"));
    let entries = [named(&one, "v1"), named(&two, "v2")];
    let error = layout(&blobs, &entries, "").await.unwrap_err();
    assert_eq!(error.code().name(), "layout/ambiguous");
    for image in [&one, &two] {
        assert!(
            error.found().contains(&digest_of(image).to_string()),
            "{error}"
        );
    }
    let error = layout(&blobs, &entries, ":v3").await.unwrap_err();
    assert_eq!(error.code().name(), "image/not-found");
    assert!(error.found().contains("v2"), "{}", error.found());
    let absent = format!("@{}", Digest::sha256(b"absent"));
    assert_eq!(
        code(layout(&blobs, &entries, &absent).await),
        "image/not-found"
    );
    assert_eq!(code(layout(&blobs, &[], "").await), "image/not-found");
    // One tag for two images is no answer either.
    assert_eq!(
        code(layout(&blobs, &[named(&one, "v"), named(&two, "v")], ":v").await),
        "layout/ambiguous"
    );
}

#[tokio::test]
async fn gauntlet_041_changed_truncated_and_missing_content_is_never_used() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let bundle = blobs.bundle("{\"a bundle\":1}", &image);
    let blob = Digest::sha256(b"{\"a bundle\":1}");
    let entries = [image.clone(), bundle.clone()];
    let spoil = |digest: &Digest, bytes: Option<&[u8]>| {
        let mut blobs = blobs.clone();
        match bytes {
            Some(bytes) => blobs.0.insert(digest.clone(), bytes.to_vec()),
            None => blobs.0.remove(digest),
        };
        blobs
    };
    for (bytes, expected) in [
        (Some(&b"{\"a bundle\":2}"[..]), "image/digest-mismatch"),
        (Some(b"{\"a"), "image/size-mismatch"),
        (Some(b"{\"a bundle\":1} and more"), "image/size-mismatch"),
        (None, "evidence/blob-missing"),
    ] {
        let set = layout(&spoil(&blob, bytes), &entries, "").await.unwrap();
        assert_eq!((set.evidence.len(), gap_codes(&set)), (0, vec![expected]));
    }
    // The image's own manifest is not evidence: without it there is nothing to judge.
    let manifest = digest_of(&image);
    let mut changed = blobs.0[&manifest].clone();
    changed[2] ^= 1;
    for (bytes, expected) in [
        (Some(&changed[..]), "image/digest-mismatch"),
        (Some(b"{}"), "image/size-mismatch"),
        (None, "evidence/blob-missing"),
    ] {
        let result = layout(&spoil(&manifest, bytes), &entries[..1], "").await;
        assert_eq!(code(result), expected);
    }
}

#[tokio::test]
async fn a_referrer_of_another_image_is_a_gap_and_no_evidence() {
    let mut blobs = Blobs::default();
    let (one, two) = (blobs.image("one"), blobs.image("two"));
    let foreign = blobs.bundle("{}", &two);
    let without = blobs.carrier(&[], None);
    let list = blobs.index(&[foreign, without]);
    let tag = format!("sha256-{}", digest_of(&one).hex());
    let entries = [one, named(&list, &tag)];
    let set = layout(&blobs, &entries, "").await.unwrap();
    assert_eq!(
        (set.evidence.len(), gap_codes(&set)),
        (0, vec!["subject/mismatch"; 2])
    );
}

#[tokio::test]
async fn a_descriptor_that_lies_about_a_size_spoils_no_honest_one() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let honest = blobs.bundle("{\"honest\":1}", &image);
    let lying = with(&blobs.add(b"{\"honest\":1}", BUNDLE), &json!({"size": 3}));
    let lying = blobs.carrier(&[lying], Some(&image));
    let set = layout(&blobs, &[image, lying, honest], "").await.unwrap();
    assert_eq!(pieces(&set), ["referrers bundle"]);
    assert_eq!(gap_codes(&set), ["image/size-mismatch"]);
}

#[tokio::test]
async fn every_bound_of_a_layout_is_a_code_and_no_hang() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let mut entries = vec![image.clone()];
    for number in 0..20 {
        entries.push(blobs.bundle(&format!("{{\"number\":{number}}}"), &image));
    }
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), &entries);
    let location = format!("oci:{}", dir.path().display());
    let default = FetchLimits::default();
    for (limits, evidence) in [
        (
            FetchLimits {
                referrers: 5,
                ..default
            },
            5,
        ),
        (
            FetchLimits {
                evidence: 7,
                ..default
            },
            7,
        ),
        (
            FetchLimits {
                evidence_bytes: 11,
                ..default
            },
            0,
        ),
        (
            FetchLimits {
                layout_scan_bytes: 3000,
                ..default
            },
            6,
        ),
    ] {
        let set = discover(&location, &limits).await.unwrap();
        assert!(
            gap_codes(&set).iter().all(|code| *code == "limit/exceeded"),
            "{:?}",
            set.gaps
        );
        assert!(!set.gaps.is_empty(), "{limits:?}");
        assert!(
            set.evidence.len() <= evidence,
            "{} {limits:?}",
            set.evidence.len()
        );
    }
    for limits in [
        FetchLimits {
            layout_entries: 20,
            ..default
        },
        FetchLimits {
            layout_index_bytes: 500,
            ..default
        },
        FetchLimits {
            total_bytes: 100,
            ..default
        },
    ] {
        assert_eq!(
            code(discover(&location, &limits).await),
            "limit/exceeded",
            "{limits:?}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn gauntlet_123_links_that_leave_a_layout_are_refused() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let dir = tempfile::tempdir().unwrap();
    let layout = dir.path().join("layout");
    blobs.write_layout(&layout, std::slice::from_ref(&image));
    let blob = layout.join(blob_path(&digest_of(&image)));
    let outside = dir.path().join("outside");
    fs::rename(&blob, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, &blob).unwrap();
    let location = format!("oci:{}", layout.display());
    assert_eq!(
        code(discover(&location, &FetchLimits::default()).await),
        "layout/unsafe-entry"
    );
    fs::remove_file(&blob).unwrap();
    fs::create_dir(&blob).unwrap();
    assert_eq!(
        code(discover(&location, &FetchLimits::default()).await),
        "layout/unsafe-entry"
    );
}

#[tokio::test]
async fn what_is_no_layout_is_refused_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().display();
    let limits = FetchLimits::default();
    for (location, expected) in [
        (format!("oci:{path}/absent"), "layout/not-found"),
        (format!("oci-archive:{path}/absent.tar"), "layout/not-found"),
        (format!("dir:{path}/absent"), "layout/not-found"),
        (format!("oci:{path}"), "layout/malformed"),
        (format!("dir:{path}"), "layout/malformed"),
        (format!("oci-archive:{path}"), "layout/malformed"),
    ] {
        assert_eq!(
            code(discover(&location, &limits).await),
            expected,
            "{location}"
        );
    }
    fs::write(dir.path().join("manifest.json"), "{}").unwrap();
    assert_eq!(
        code(discover(&format!("dir:{path}"), &limits).await),
        "image/not-an-image"
    );
    fs::write(dir.path().join("index.json"), "[]").unwrap();
    assert_eq!(
        code(discover(&format!("oci:{path}"), &limits).await),
        "layout/malformed"
    );
    fs::write(
        dir.path().join("oci-layout"),
        "{\"imageLayoutVersion\":\"2.0\"}",
    )
    .unwrap();
    assert_eq!(
        code(discover(&format!("oci:{path}"), &limits).await),
        "layout/malformed"
    );
}
