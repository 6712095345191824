//! Referrers: pages, bounds, and descriptors that lie.

use super::*;

#[tokio::test]
async fn gauntlet_150_ten_thousand_referrers_are_cut_at_the_bound_and_said_to_be() {
    let (mut shelf, image) = Shelf::signed();
    let flood: Vec<Value> = (0..10_000)
        .map(|number| {
            shelf
                .blobs
                .bundle(&format!("{{\"flood\":{number}}}"), &image)
        })
        .collect();
    for descriptor in flood {
        shelf.refer(&image, &descriptor);
    }
    let evil = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[&evil]);
    config.limits.referrers = 40;
    let set = ask_with(&evil, config).await.unwrap();
    assert_eq!(gap_codes(&set), ["limit/exceeded"]);
    // The signature under the other tag is still found.
    assert_eq!(set.evidence.len(), 41);
    assert_eq!(pieces(&set).last().unwrap(), "cosign-tag signature");
    assert!(evil.seen().len() < 100);
}

#[tokio::test]
async fn gauntlet_134_pages_of_referrers_are_followed_at_home_only_and_to_an_end() {
    let page = |manifests: &[Value], link: &str| {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        Reply::json(INDEX, &index).with("link", &format!("<{link}>; rel=\"next\""))
    };
    // Honest: the second page has the bundle.
    let (_, result) =
        lie(move |seen| (seen.is("/referrers/") && !seen.is("?")).then(|| page(&[], "?n=2"))).await;
    assert_eq!(
        pieces(&result.unwrap()),
        ["referrers bundle", "cosign-tag signature"]
    );
    let other = Evil::serve(Shelf::default(), |_| None).await;
    let elsewhere = format!("http://{}/v2/team/app/referrers/x", other.host());
    for (link, expected) in [
        (elsewhere.as_str(), "registry/paging-refused"),
        ("http://169.254.169.254/latest", "registry/paging-refused"),
        ("", "registry/paging-refused"),
        ("?n=1", "registry/paging-refused"),
    ] {
        let owned = link.to_owned();
        let (evil, result) =
            lie(move |seen| seen.is("/referrers/").then(|| page(&[], &owned))).await;
        let set = result.unwrap();
        assert_eq!(gap_codes(&set), [expected], "{link}");
        assert_eq!(pieces(&set), ["cosign-tag signature"]);
        assert!(evil.count("/referrers/") <= 2, "{link}");
    }
    assert!(other.seen().is_empty());
    // Pages without end, each with a new address.
    let (evil, result) = lie(move |seen| {
        let next = seen
            .target
            .split_once("n=")
            .map_or(2, |(_, n)| n.parse::<u32>().unwrap() + 1);
        seen.is("/referrers/")
            .then(|| page(&[], &format!("?n={next}")))
    })
    .await;
    assert_eq!(gap_codes(&result.unwrap()), ["limit/exceeded"]);
    assert_eq!(evil.count("/referrers/"), quick().referrer_pages);
}

#[tokio::test]
async fn gauntlet_058_a_list_of_referrers_that_lies_about_types_changes_nothing() {
    let (mut shelf, image) = Shelf::signed();
    let sbom = shelf.blobs.add(b"SPDXVersion: SPDX-2.3", "text/spdx");
    let config_blob = shelf.blobs.add(b"{}", "application/vnd.oci.empty.v1+json");
    let sbom = shelf.blobs.manifest(&json!({
        "config": config_blob, "layers": [sbom], "subject": image, "artifactType": "text/spdx",
    }));
    let notary = shelf.blobs.add(b"jws", "application/jose+json");
    let notary = shelf.blobs.manifest(&json!({
        "config": shelf_config(), "layers": [notary], "subject": image,
    }));
    let foreign = shelf.blobs.image("foreign");
    let foreign = shelf.blobs.bundle("{\"foreign\":1}", &foreign);
    let lying = |descriptor: &Value| {
        with(
            descriptor,
            &json!({
                "artifactType": BUNDLE, "annotations": {"dev.sigstore.bundle.content": "message-signature"},
            }),
        )
    };
    let bundle = shelf
        .referrers
        .as_mut()
        .unwrap()
        .get_mut(&digest_of(&image))
        .unwrap();
    bundle[0] = with(
        &bundle[0],
        &json!({"artifactType": "application/vnd.cncf.notary.signature"}),
    );
    let size = with(&foreign, &json!({"size": 1}));
    let absent = json!({"mediaType": MANIFEST, "digest": Digest::sha256(b"absent"), "size": 5});
    for descriptor in [
        lying(&sbom),
        lying(&notary),
        lying(&foreign),
        size,
        absent,
        lying(&image),
    ] {
        shelf.refer(&image, &descriptor);
    }
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    let mut found = pieces(&set);
    found.sort();
    assert_eq!(
        found,
        [
            "cosign-tag signature",
            "referrers application/vnd.cncf.notary.signature",
            "referrers bundle",
            "referrers sbom",
        ]
    );
    let mut gaps = gap_codes(&set);
    gaps.sort_unstable();
    assert_eq!(
        gaps,
        [
            "evidence/blob-missing",
            "image/size-mismatch",
            "subject/mismatch",
            "subject/mismatch"
        ]
    );
}

fn shelf_config() -> Value {
    json!({
        "mediaType": "application/vnd.cncf.notary.signature", "digest": Digest::sha256(b"{}"), "size": 2,
    })
}
