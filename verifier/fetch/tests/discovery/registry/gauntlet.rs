//! What a registry can hand out in place of what was asked for: names that are none, bytes around a document,
//! the next object of another image, sizes and counts, pages of errors.

use super::*;

/// Texts that are no digests.
fn no_digests() -> Vec<String> {
    let hex = "a".repeat(64);
    vec![
        "sha256:../../../../etc/passwd".to_owned(),
        format!("sha256:{}", &hex[1..]),
        format!("sha256:{}", hex.to_uppercase()),
        format!("sha512:{hex}"),
        format!("md5:{}", &hex[..32]),
        format!("sha256:{hex}/../x"),
        format!("sha256+b64:{hex}"),
        ":".to_owned(),
        String::new(),
        format!("sha256:{}%2f..%2f", &hex[9..]),
    ]
}

#[tokio::test]
async fn gauntlet_053_what_is_no_digest_leads_to_no_request() {
    for text in no_digests() {
        // In what a user writes, in a list of referrers, and in what carries evidence.
        let written = format!("registry.example/team/app@{text}");
        assert!(written.parse::<Location>().is_err(), "{written}");
        if text.contains(':') && !text.contains('/') {
            let written = format!("oci:somewhere@{text}");
            assert!(written.parse::<Location>().is_err(), "{written}");
        }
        let (mut shelf, image) = Shelf::signed();
        let lie = json!({"mediaType": MANIFEST, "digest": text, "size": 2});
        shelf.refer(&image, &lie);
        let evil = Evil::serve(shelf, |_| None).await;
        let set = ask(&evil).await.unwrap();
        assert_eq!(gap_codes(&set), ["registry/unexpected-answer"], "{text}");
        assert_eq!(pieces(&set), ["cosign-tag signature"], "{text}");

        let (mut shelf, image) = Shelf::signed();
        let layer = json!({"mediaType": BUNDLE, "digest": text, "size": 2});
        let carrier = shelf.blobs.carrier(&[layer], Some(&image));
        shelf.refer(&image, &carrier);
        let evil = Evil::serve(shelf, |_| None).await;
        let set = ask(&evil).await.unwrap();
        assert_eq!(gap_codes(&set), ["image/not-an-image"], "{text}");
        assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
        for seen in evil.seen() {
            assert!(!seen.is("..") && !seen.is("%"), "{seen:?}");
        }
    }
}

/// The documents that an honest registry sends for an image, by a part of the request.
const DOCUMENTS: [(&str, &str); 3] = [
    ("/manifests/v1", "image/not-an-image"),
    ("/referrers/", "registry/unexpected-answer"),
    (".sig", "image/not-an-image"),
];

#[tokio::test]
async fn gauntlet_055_what_stands_before_or_behind_a_document_makes_it_none() {
    let around: [(&[u8], &[u8]); 5] = [
        (b"\xef\xbb\xbf", b""),
        (b"", b"{}"),
        (b"", b"\0"),
        (b"{}\n", b""),
        (b"x", b""),
    ];
    for (before, behind) in around {
        for (part, expected) in DOCUMENTS {
            let (_, result) = lie(move |seen| {
                let mut reply = Shelf::signed().0.answer(seen);
                if let Body::Bytes(bytes) = &mut reply.body {
                    *bytes = [before, bytes, behind].concat();
                }
                seen.is(part).then_some(reply)
            })
            .await;
            match result {
                Err(error) => assert_eq!(error.code().name(), expected, "{part}"),
                Ok(set) => {
                    assert_eq!(gap_codes(&set), [expected], "{part}");
                    assert_eq!(set.evidence.len(), 1, "{part}");
                }
            }
        }
    }
    // What stands by its digest has another one then, white space included.
    let (shelf, image) = Shelf::signed();
    for digest in shelf.blobs.0.keys() {
        let by_digest = format!("s/{digest}");
        let evil = Evil::serve(shelf.clone(), move |seen| {
            let mut reply = Shelf::signed().0.answer(seen);
            if let Body::Bytes(bytes) = &mut reply.body {
                bytes.push(b'\n');
            }
            (seen.is(&by_digest) && !seen.is("/referrers/")).then_some(reply)
        })
        .await;
        let discovery = Discovery::new(config(&[&evil])).unwrap();
        let reference = format!("{}@{}", evil.image(), digest_of(&image));
        let asked = evil.clone();
        match discover_in(&discovery, &reference).await {
            Err(error) => assert_eq!(error.code().name(), "image/digest-mismatch"),
            Ok(set) if asked.count(&format!("s/{digest}")) == 0 => {
                assert_eq!(set.evidence.len(), 2);
            }
            Ok(set) => assert_eq!(gap_codes(&set), ["image/size-mismatch"], "{digest}"),
        }
    }
}

#[tokio::test]
async fn gauntlet_056_the_next_object_of_another_image_is_refused_at_each_hop() {
    // Two images in one repository, signed alike: every object has a namesake of the same size.
    let chain = |shelf: &mut Shelf, name: &str| {
        let image = shelf.blobs.image(name);
        let bundle = shelf
            .blobs
            .bundle(&format!("{{\"bundle\":\"{name}\"}}"), &image);
        let carrier: Value = serde_json::from_slice(&shelf.blobs.0[&digest_of(&bundle)]).unwrap();
        shelf.tag(name, &image);
        shelf.refer(&image, &bundle);
        let blob = digest_of(&carrier["layers"][0]);
        [digest_of(&image), digest_of(&bundle), blob]
    };
    let mut shelf = Shelf::default();
    let (one, other) = (chain(&mut shelf, "one"), chain(&mut shelf, "two"));
    let hops = [
        ("manifests", 0),
        ("referrers", 0),
        ("manifests", 1),
        ("blobs", 2),
    ];
    let asked_with = async |hop: Option<(&'static str, usize)>| {
        let (shelf, one, other) = (shelf.clone(), one.clone(), other.clone());
        let evil = Evil::serve(shelf.clone(), move |seen| {
            let (kind, place) = hop?;
            let from = format!("/{kind}/{}", one[place]);
            let mut seen = seen.clone();
            let to = format!("/{kind}/{}", other[place]);
            seen.target = seen.is(&from).then(|| seen.target.replace(&from, &to))?;
            Some(shelf.answer(&seen))
        })
        .await;
        let discovery = Discovery::new(config(&[&evil])).unwrap();
        let image = format!(
            "{}/team/app@{}",
            evil.host(),
            Shelf::default().blobs.image("one")["digest"]
                .as_str()
                .unwrap()
        );
        discover_in(&discovery, &image).await
    };
    let honest = asked_with(None).await.unwrap();
    assert_eq!((pieces(&honest).len(), honest.gaps.len()), (1, 0));
    for (hop, expected) in hops.into_iter().zip([
        "image/digest-mismatch",
        "subject/mismatch",
        "image/digest-mismatch",
        "image/digest-mismatch",
    ]) {
        match asked_with(Some(hop)).await {
            Err(error) => assert_eq!(error.code().name(), expected, "{hop:?}"),
            Ok(set) => {
                assert_eq!(gap_codes(&set), [expected], "{hop:?}");
                assert_eq!(pieces(&set), [""; 0], "{hop:?}");
            }
        }
    }
}

#[tokio::test]
async fn gauntlet_058_referrers_that_refer_to_each_other_are_asked_for_once() {
    let (mut shelf, image) = Shelf::signed();
    let (index, _, _) = two_platforms(&mut shelf.blobs);
    let bundle = shelf.blobs.bundle("{\"b\":1}", &image);
    let about_bundle = shelf.blobs.bundle("{\"c\":1}", &bundle);
    // Circles: the image is listed under its own evidence, and an index of both under itself.
    for (subject, descriptor) in [
        (&image, &image),
        (&image, &index),
        (&image, &bundle),
        (&bundle, &about_bundle),
        (&about_bundle, &image),
        (&about_bundle, &bundle),
    ] {
        shelf.refer(subject, descriptor);
        shelf.refer(subject, descriptor);
    }
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    let mut found = pieces(&set);
    found.sort();
    let index = format!("referrers {INDEX}");
    let expected = [
        "cosign-tag signature",
        &*index,
        "referrers bundle",
        "referrers bundle",
    ];
    assert_eq!(found, expected);
    assert_eq!(gap_codes(&set), ["subject/mismatch"]);
    assert_eq!(evil.count("/referrers/"), 1);
    assert!(evil.seen().iter().all(|seen| seen.before == 0));
}

#[tokio::test]
async fn gauntlet_058_a_fallback_list_is_as_little_believed_as_the_other_one() {
    let (mut shelf, image) = Shelf::signed();
    let foreign = shelf.blobs.image("foreign");
    let foreign = shelf.blobs.bundle("{\"foreign\":1}", &foreign);
    let honest = shelf
        .referrers
        .take()
        .unwrap()
        .remove(&digest_of(&image))
        .unwrap();
    let renamed = with(
        &honest[0],
        &json!({"artifactType": "text/spdx", "mediaType": "text/plain"}),
    );
    let lying = with(&foreign, &json!({"artifactType": BUNDLE}));
    let list = shelf.blobs.index(&[renamed, lying]);
    shelf.tag(&format!("sha256-{}", digest_of(&image).hex()), &list);
    let set = ask(&Evil::serve(shelf, |_| None).await).await.unwrap();
    assert_eq!(
        pieces(&set),
        ["referrers-tag bundle", "cosign-tag signature"]
    );
    assert_eq!(gap_codes(&set), ["subject/mismatch"]);
}

#[tokio::test]
async fn gauntlet_152_a_size_that_is_announced_reserves_and_asks_for_nothing() {
    const GIB: u64 = 1 << 30;
    let sized = async |size: Value| {
        let (mut shelf, image) = Shelf::signed();
        let layer = shelf.blobs.add(b"{\"small\":1}", BUNDLE);
        let digest = digest_of(&layer).to_string();
        let carrier = shelf
            .blobs
            .carrier(&[with(&layer, &json!({"size": size}))], Some(&image));
        shelf.refer(&image, &carrier);
        let evil = Evil::serve(shelf, |_| None).await;
        let set = ask(&evil).await.unwrap();
        assert!(pieces(&set).len() >= 2, "the honest evidence is there");
        (pieces(&set).len(), gap_codes(&set), evil.count(&digest))
    };
    assert_eq!(sized(json!(11)).await, (3, vec![], 1));
    for size in [20 * GIB, u64::MAX, (32 << 20) + 1] {
        assert_eq!(
            sized(json!(size)).await,
            (2, vec!["limit/exceeded"], 0),
            "{size}"
        );
    }
    for size in [12, 32 << 20] {
        assert_eq!(
            sized(json!(size)).await,
            (2, vec!["image/size-mismatch"], 1),
            "{size}"
        );
    }
    for size in [json!(-1), json!(1.5), json!("11"), json!(1e30), Value::Null] {
        assert_eq!(
            sized(size.clone()).await,
            (2, vec!["image/not-an-image"], 0),
            "{size}"
        );
    }
}

#[tokio::test]
async fn gauntlet_152_layers_are_counted_before_any_is_read() {
    let (mut shelf, image) = Shelf::signed();
    // As many as a manifest holds: each of its own, so that nothing is found twice.
    let layers: Vec<Value> = (0..20_000)
        .map(|number| {
            let digest = Digest::sha256(format!("{number}").as_bytes());
            json!({"mediaType": BUNDLE, "digest": digest, "size": 1})
        })
        .collect();
    let fields = json!({"layers": layers, "layerCount": 1_u64 << 31, "config": shelf.blobs.add(b"{}", IMAGE_CONFIG), "subject": image});
    let carrier = shelf.blobs.manifest(&fields);
    shelf.refer(&image, &carrier);
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
    let gaps = gap_codes(&set);
    assert!(gaps.contains(&"limit/exceeded"), "{gaps:?}");
    let blobs = evil.count("/blobs/");
    assert!(blobs <= quick().evidence_layers + 2, "{blobs} requests");
}

#[tokio::test]
async fn gauntlet_171_the_body_of_an_error_is_no_content() {
    // All that is asked for, told with the right bytes and any other status than 200.
    for status in [201, 203, 204, 206, 300, 304, 400, 403, 404, 410, 500, 511] {
        let parts = [
            ("/manifests/v1", 0),
            ("/referrers/", 1),
            (".sig", 1),
            ("/manifests/sha256:", 1),
            ("/blobs/", 0),
        ];
        for (part, left) in parts {
            let (_, result) = lie(move |seen| {
                let mut reply = Shelf::signed().0.answer(seen);
                reply.status = status;
                if matches!(status, 204 | 304) {
                    reply.body = Body::Bytes(Vec::new());
                }
                seen.is(part).then_some(reply)
            })
            .await;
            match result {
                Err(_) => assert_eq!(part, "/manifests/v1", "{status}"),
                Ok(set) => {
                    assert_ne!(part, "/manifests/v1", "{status}");
                    assert_eq!(set.evidence.len(), left, "{status} {part}");
                }
            }
        }
    }
    let (_, honest) = lie(|seen| {
        let mut reply = Shelf::signed().0.answer(seen);
        reply.status = if reply.status == 404 { 404 } else { 200 };
        Some(reply)
    })
    .await;
    assert_eq!(honest.unwrap().evidence.len(), 2);
}
