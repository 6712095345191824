//! The support itself, judged by the referee: what cosign signs here, cosign accepts.

use crate::support::copy;
use sovverify_testbed::cosign::{Cosign, KeyKind, Predicate, Reach, Version};
use sovverify_testbed::http::Request;
use sovverify_testbed::image::Image;
use sovverify_testbed::kit::Kit;
use sovverify_testbed::proxy::{Answer, Proxy};
use sovverify_testbed::registry::{Flavour, Registry};

#[test]
fn cosign_accepts_what_it_signed_on_both_registries_and_no_other_key() {
    let Some(kit) = Kit::find() else { return };
    for flavour in [Flavour::Referrers, Flavour::Plain] {
        let registry = Registry::start(&kit, flavour);
        let image = Image::push(&registry, "app", "one");
        for version in [Version::V2, Version::V3] {
            let cosign = Cosign::new(&kit, version);
            let ours = cosign.key(KeyKind::P256, "ours");
            let other = cosign.key(KeyKind::P256, "other");
            let reference = image.at(registry.address());
            cosign.sign(&ours, &reference, Reach::Index);
            cosign.attest(&ours, &reference, Predicate::Slsa);
            assert!(
                cosign.verifies(&ours.public, &reference),
                "{flavour:?} {version:?}"
            );
            assert!(
                !cosign.verifies(&other.public, &reference),
                "{flavour:?} {version:?}"
            );
        }
    }
}

#[test]
fn the_proxy_changes_only_what_its_script_says() {
    let Some(kit) = Kit::find() else { return };
    let registry = Registry::start(&kit, Flavour::Plain);
    let image = Image::push(&registry, "app", "one");
    let target = format!("/v2/app/manifests/{}", image.digest);
    let lie = target.clone();
    let proxy = Proxy::start(&registry, move |request| {
        if request.target == lie {
            Answer::Changed(Box::new(|response| response.body.push(b' ')))
        } else {
            Answer::Honest
        }
    });
    let through = Request::new("GET", &target).send(proxy.address()).unwrap();
    let direct = registry.manifest("app", &image.digest).unwrap();
    assert_eq!(through.body.len(), direct.body.len() + 1);
    let honest = Request::new("GET", "/v2/").send(proxy.address()).unwrap();
    assert_eq!(honest.status, 200);
    assert_eq!(
        proxy.seen(),
        [format!("GET {target}"), "GET /v2/".to_owned()]
    );
}

#[test]
fn copies_hold_the_image_and_all_its_evidence() {
    let Some(kit) = Kit::find() else { return };
    for flavour in [Flavour::Referrers, Flavour::Plain] {
        let registry = Registry::start(&kit, flavour);
        let image = Image::push(&registry, "app", "one");
        for version in [Version::V2, Version::V3] {
            let cosign = Cosign::new(&kit, version);
            let key = cosign.key(KeyKind::Ed25519, "ours");
            cosign.sign(&key, &image.at(registry.address()), Reach::Recursive);
        }
        let layout = kit.folder().join(format!("layout-{flavour:?}"));
        copy::to_layout(&registry, &image, &layout);
        copy::to_archive(&layout, &kit.folder().join("copy.tar"));
        // An index, two manifests, two configurations, two layers; for each of the three, a `.sig`
        // (manifest, configuration, payload) and a bundle (manifest, bundle); one empty blob.
        let fallbacks = if flavour == Flavour::Plain { 3 } else { 0 };
        let blobs = std::fs::read_dir(layout.join("blobs/sha256"))
            .unwrap()
            .count();
        assert_eq!(blobs, 7 + 3 * 3 + 3 * 2 + 1 + fallbacks, "{flavour:?}");
    }
}
