//! Honest: what real cosign signed with each kind of key is admitted from each kind of place, and for
//! no other key.

use std::path::Path;

use crate::support::copy;
use crate::support::ours::Call;
use crate::support::policy::Policy;
use sovverify_testbed::cosign::{Cosign, KeyKind, KeyPair, Predicate, Reach, Version};
use sovverify_testbed::image::Image;
use sovverify_testbed::kit::Kit;
use sovverify_testbed::registry::{Flavour, Registry};

#[test]
fn every_key_of_cosign_3_verifies_by_the_referrers_api() {
    every_key_verifies(Flavour::Referrers, Version::V3);
}

#[test]
fn every_key_of_cosign_3_verifies_by_the_fallback_tag() {
    every_key_verifies(Flavour::Plain, Version::V3);
}

#[test]
fn every_key_of_cosign_2_verifies_by_its_tags_beside_the_referrers_api() {
    every_key_verifies(Flavour::Referrers, Version::V2);
}

#[test]
fn every_key_of_cosign_2_verifies_by_its_tags_alone() {
    every_key_verifies(Flavour::Plain, Version::V2);
}

/// Signs and attests an image for each kind of key, and verifies it from everywhere.
fn every_key_verifies(flavour: Flavour, version: Version) {
    let Some(kit) = Kit::find() else { return };
    let registry = Registry::start(&kit, flavour);
    let cosign = Cosign::new(&kit, version);
    let stranger = cosign.key(KeyKind::P256, "stranger");
    for kind in KeyKind::ALL {
        let key = cosign.key(kind, "ours");
        let repository = format!("app-{kind:?}").to_lowercase();
        let image = Image::push(&registry, &repository, &repository);
        let reference = image.at(registry.address());
        cosign.sign(&key, &reference, Reach::Recursive);
        for predicate in Predicate::ALL {
            cosign.attest(&key, &reference, predicate);
        }
        // cosign 3 keeps several attestations apart and cosign 2 appends: both must be found.
        let places = places(&kit, &cosign, &registry, &image, version);
        for place in &places {
            verifies(&kit, place, &image, &key, &stranger);
        }
    }
}

/// Every place where an image can be asked for.
fn places(
    kit: &Kit,
    cosign: &Cosign<'_>,
    registry: &Registry,
    image: &Image,
    version: Version,
) -> Vec<String> {
    let layout = kit.folder().join(format!("{}-layout", image.repository));
    let archive = kit.folder().join(format!("{}.tar", image.repository));
    copy::to_layout(registry, image, &layout);
    copy::to_archive(&layout, &archive);
    let mut places = vec![
        image.at(registry.address()),
        image.tagged_at(registry.address()),
        format!("oci:{}:v1", layout.display()),
        format!("oci-archive:{}:v1", archive.display()),
    ];
    if version == Version::V2 {
        // `cosign save` takes `.sig` and `.att` along, and no referrers.
        let saved = kit.folder().join(format!("{}-saved", image.repository));
        cosign.save(&image.at(registry.address()), &saved);
        places.push(format!("oci:{}", saved.display()));
    }
    places
}

/// The signature and each attestation verify with the key, and with no other.
fn verifies(kit: &Kit, place: &str, image: &Image, key: &KeyPair, stranger: &KeyPair) {
    let outcome = Call::image(kit, place).key(&key.public).run();
    assert!(outcome.admits(), "{place}: {outcome}");
    assert_eq!(outcome.result()["digest"], *image.digest, "{place}");
    for predicate in Predicate::ALL {
        let call = Call::image(kit, place).key(&key.public);
        let outcome = call.with("--type", predicate.uri()).run();
        assert!(outcome.admits(), "{place} {predicate:?}: {outcome}");
    }
    let outcome = Call::image(kit, place).key(&stranger.public).run();
    assert!(!outcome.admits(), "{place}: {outcome}");
    assert_eq!(outcome.code(), Some(1), "{place}: {outcome}");
    assert!(
        outcome.codes().contains("signature/invalid"),
        "{place}: {outcome}"
    );
}

#[test]
fn a_policy_that_asks_for_each_platform_needs_a_recursive_signature() {
    let Some(kit) = Kit::find() else { return };
    for (flavour, version) in [
        (Flavour::Referrers, Version::V3),
        (Flavour::Plain, Version::V2),
    ] {
        let registry = Registry::start(&kit, flavour);
        let cosign = Cosign::new(&kit, version);
        let key = cosign.key(KeyKind::P256, "ours");
        let everywhere = Image::push(&registry, "everywhere", "everywhere");
        let index_only = Image::push(&registry, "index-only", "index-only");
        cosign.sign(&key, &everywhere.at(registry.address()), Reach::Recursive);
        cosign.sign(&key, &index_only.at(registry.address()), Reach::Index);
        for on in ["index", "platform", "any"] {
            let policy = Policy::new(&[&key.public]).signature(on, 1);
            let policy = policy.write(&kit, &format!("{on}.yaml"));
            let ask = |image: &Image| ask(&kit, &image.at(registry.address()), &policy);
            assert!(ask(&everywhere), "{on} {flavour:?}");
            assert_eq!(ask(&index_only), on != "platform", "{on} {flavour:?}");
        }
    }
}

#[test]
fn provenance_on_the_index_and_an_sbom_on_each_platform_are_found_everywhere() {
    let Some(kit) = Kit::find() else { return };
    for (flavour, version) in [
        (Flavour::Plain, Version::V3),
        (Flavour::Referrers, Version::V2),
    ] {
        let registry = Registry::start(&kit, flavour);
        let cosign = Cosign::new(&kit, version);
        let key = cosign.key(KeyKind::P384, "ours");
        let policy = Policy::new(&[&key.public])
            .signature("index", 1)
            .attestation("index", Predicate::Slsa)
            .attestation("platform", Predicate::Spdx)
            .write(&kit, "three.yaml");
        for (repository, sboms) in [("whole", 2), ("one-sbom", 1)] {
            let image = Image::push(&registry, repository, repository);
            let reference = image.at(registry.address());
            cosign.sign(&key, &reference, Reach::Index);
            cosign.attest(&key, &reference, Predicate::Slsa);
            for platform in image.platforms_at(registry.address()).iter().take(sboms) {
                cosign.attest(&key, platform, Predicate::Spdx);
            }
            for place in places(&kit, &cosign, &registry, &image, version) {
                // `cosign save` leaves behind what is attached to platforms.
                let saved = place.ends_with("-saved");
                let whole = sboms == image.platforms.len() && !saved;
                assert_eq!(ask(&kit, &place, &policy), whole, "{place} {flavour:?}");
            }
        }
    }
}

#[test]
fn two_signers_are_two_keys_and_not_two_signatures() {
    let Some(kit) = Kit::find() else { return };
    let registry = Registry::start(&kit, Flavour::Referrers);
    let image = Image::push(&registry, "app", "one");
    let reference = image.at(registry.address());
    let (old, new) = (
        Cosign::new(&kit, Version::V2),
        Cosign::new(&kit, Version::V3),
    );
    let (first, second) = (
        new.key(KeyKind::P256, "first"),
        new.key(KeyKind::Ed25519, "second"),
    );
    let policy = Policy::new(&[&first.public, &second.public]).signature("any", 2);
    let policy = policy.write(&kit, "two.yaml");
    old.sign(&first, &reference, Reach::Index);
    new.sign(&first, &reference, Reach::Index);
    assert!(!ask(&kit, &reference, &policy), "one key, twice");
    old.sign(&second, &reference, Reach::Index);
    assert!(ask(&kit, &reference, &policy), "two keys, in two forms");
}

/// Whether a policy admits an image.
fn ask(kit: &Kit, reference: &str, policy: &Path) -> bool {
    let outcome = Call::image(kit, reference).with("--policy", policy).run();
    let admits = outcome.admits();
    assert!(admits || outcome.code() == Some(1), "{outcome}");
    admits
}
