//! Lies about images and storage.

use sovverify_forge::{Layout, OCI_MANIFEST};

use super::case::{Case, Policy, RELEASE, SIGNED, TRUSTED_ROOT, image_policy, trust_root};
use super::{Workshop, image, signed};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let bundle = workshop.release().statement(&signed());
    let (mut honest, subject) = image();
    let referrer = honest.attach_bundle(&subject, &bundle);
    let manifest = honest.blobs[&referrer.digest].clone();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let blob = manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
    let change = |lie: &dyn Fn(&mut Layout)| {
        let mut layout = honest.clone();
        lie(&mut layout);
        layout
    };
    let image_digest = subject.digest;
    let mut cases = vec![
        Case::new(
            "image/digest-mismatch",
            "The manifest's bytes do not have the digest that names them.",
            Policy::RELEASE,
            change(&|layout| layout.blob_corrupted(&image_digest)),
        )
        .denied("image/digest-mismatch"),
        Case::new(
            "image/digest-mismatch-evidence",
            "One bit of the bundle is flipped on the disk.",
            Policy::RELEASE,
            change(&|layout| layout.blob_corrupted(&blob)),
        )
        .denied("image/digest-mismatch"),
        Case::new(
            "image/size-mismatch",
            "The bundle is shorter than its manifest says.",
            Policy::RELEASE,
            change(&|layout| layout.blob_truncated(&blob)),
        )
        .denied("image/size-mismatch"),
        Case::new(
            "evidence/blob-missing",
            "The bundle is listed and not there.",
            Policy::RELEASE,
            change(&|layout| layout.blob_removed(&blob)),
        )
        .denied("evidence/blob-missing"),
    ];
    cases.extend(not_layouts(&honest));
    cases.extend(not_images(honest.clone()));
    cases.extend([platform_missing(workshop), no_match(honest)]);
    cases
}

fn not_images(honest: Layout) -> Vec<Case> {
    vec![
        Case::new(
            "image/not-found",
            "The layout has no such tag.",
            Policy::RELEASE,
            honest,
        )
        .tag("v2.0.0")
        .fails("image/not-found"),
        Case::new(
            "image/not-an-image",
            "The entry is called a manifest and is something else.",
            Policy::RELEASE,
            tagged(OCI_MANIFEST, br#"{"hello":"world"}"#),
        )
        .denied("image/not-an-image"),
        Case::new(
            "image/media-type-unsupported",
            "The entry has a media type that is no image's.",
            Policy::RELEASE,
            tagged(
                "application/vnd.forge.plan.v1+json",
                br#"{"schemaVersion":2,"mediaType":"application/vnd.forge.plan.v1+json","layers":[]}"#,
            ),
        )
        .denied("image/media-type-unsupported"),
    ]
}

fn not_layouts(honest: &Layout) -> Vec<Case> {
    let mut malformed = honest.clone();
    let index = b"{\"manifests\":".to_vec();
    malformed.overrides.insert("index.json".to_owned(), index);
    let mut ambiguous = honest.clone();
    let other = ambiguous.image("linux/amd64", "something else\n");
    ambiguous.tag(&other, "v1.0.0");
    vec![
        Case::new(
            "layout/malformed",
            "The index of the layout is cut short.",
            Policy::RELEASE,
            malformed,
        )
        .denied("layout/malformed"),
        Case::new(
            "layout/ambiguous",
            "Two images of the layout have the same name.",
            Policy::RELEASE,
            ambiguous,
        )
        .fails("layout/ambiguous"),
    ]
}

fn tagged(media_type: &str, bytes: &[u8]) -> Layout {
    let mut layout = Layout::new();
    let entry = layout.put(media_type, bytes);
    layout.tag(&entry, "v1.0.0");
    layout
}

fn platform_missing(workshop: &Workshop) -> Case {
    let mut layout = Layout::new();
    let amd64 = layout.image("linux/amd64", "hello\n");
    let index = layout.index(&[amd64]);
    layout.tag(&index, "v1.0.0");
    let statement = sovverify_forge::Statement::cosign_sign(&index.digest);
    layout.attach_bundle(&index, &workshop.release().statement(&statement));
    let text = trust_root(TRUSTED_ROOT, "") + &image_policy(&RELEASE, &SIGNED);
    let text = text.replace("  signers:\n", "  platforms: [linux/s390x]\n  signers:\n");
    Case::new(
        "image/platform-missing",
        "The policy selects a platform that the index does not have.",
        Policy::Own(text, Vec::new()),
        layout,
    )
    .denied("image/platform-missing")
}

fn no_match(layout: Layout) -> Case {
    let text = trust_root(TRUSTED_ROOT, "") + &image_policy(&RELEASE, &SIGNED);
    let text = text.replace("[\"**\"]", "[\"registry.elsewhere.example/**\"]");
    Case::new(
        "policy/no-match",
        "No policy is about this image.",
        Policy::Own(text, Vec::new()),
        layout,
    )
    .denied("policy/no-match")
}
