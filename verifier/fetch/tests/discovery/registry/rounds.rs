//! How many round trips one image costs. The registry answers nobody in a round before everybody in it
//! has asked, so each test passes only with exactly these rounds.

use super::*;

/// An image with a bundle, as cosign 3 signs it.
fn bundled() -> (Shelf, Value) {
    let mut shelf = Shelf::default();
    let image = shelf.blobs.image("bundled");
    let bundle = shelf.blobs.bundle("{\"a\":\"bundle\"}", &image);
    shelf.tag("v1", &image);
    shelf.refer(&image, &bundle);
    (shelf, image)
}

async fn in_rounds(shelf: Shelf, name: &str, expected: &[usize]) -> EvidenceSet {
    let evil = Evil::in_rounds(shelf, expected).await;
    let discovery = Discovery::new(config(&[&evil])).unwrap();
    let image = format!("{}/team/app{name}", evil.host());
    let set = discover_in(&discovery, &image).await.unwrap();
    assert_eq!(gap_codes(&set), [""; 0]);
    assert_eq!(evil.seen().len(), expected.iter().sum::<usize>());
    set
}

#[tokio::test]
async fn a_bundle_is_four_round_trips_away() {
    let (shelf, image) = bundled();
    // The manifest; referrers and cosign's three tags; the bundle's manifest; the bundle.
    for name in [":v1".to_owned(), format!("@{}", digest_of(&image))] {
        let set = in_rounds(shelf.clone(), &name, &[1, 4, 1, 1]).await;
        assert_eq!(pieces(&set), ["referrers bundle"]);
    }
}

#[tokio::test]
async fn a_signature_under_a_tag_is_three_round_trips_away() {
    let mut shelf = Shelf::default();
    let image = shelf.blobs.image("signed");
    let sig = shelf.blobs.signatures("{}", &["alice"]);
    shelf.tag("v1", &image);
    shelf.tag(&format!("sha256-{}.sig", digest_of(&image).hex()), &sig);
    shelf.referrers.get_or_insert_default();
    let set = in_rounds(shelf, ":v1", &[1, 4, 1]).await;
    assert_eq!(pieces(&set), ["cosign-tag signature"]);
}

#[tokio::test]
async fn platforms_of_an_index_cost_no_further_round_trip() {
    let mut shelf = Shelf::default();
    let (index, amd64, arm64) = two_platforms(&mut shelf.blobs);
    shelf.tag("v1", &index);
    for subject in [&index, &amd64, &arm64] {
        let bundle = shelf.blobs.bundle(&subject.to_string(), subject);
        shelf.refer(subject, &bundle);
    }
    let set = in_rounds(shelf, ":v1", &[1, 12, 3, 3]).await;
    assert_eq!(pieces(&set), ["referrers bundle"; 3]);
}
