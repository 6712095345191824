//! The chains, tokens and imprints of timestamps.

use serde_json::json;
use sovverify::Code;
use sovverify_forge::{Authority, Hash, Imprint, Key, KeyKind, Timestamper, Usage};

use super::{Asked, BSI, FIPS, honest, names};
use crate::world::World;

fn with_timestamper(authority: KeyKind, leaf: KeyKind) -> World {
    let mut world = World::new();
    let validity = world.forge.fulcio.validity;
    let authority = Authority::new("tsa.example", Usage::TimeStamping, authority, validity);
    world.forge.timestamper = Timestamper::under(authority, &Key::generate(leaf));
    world
}

#[test]
fn the_chain_and_the_token_of_a_timestamp_are_judged() {
    for (authority, leaf, found, fips, bsi) in [
        (
            KeyKind::Rsa2048,
            KeyKind::EcdsaP256,
            "rsa-2048",
            true,
            false,
        ),
        (
            KeyKind::Rsa4096,
            KeyKind::EcdsaP384,
            "rsa-4096-pkcs1-sha256 (signature on certificate `",
            true,
            false,
        ),
        (KeyKind::Ed25519, KeyKind::EcdsaP256, "ed25519", true, false),
        (KeyKind::EcdsaP256, KeyKind::EcdsaP384, "", true, true),
    ] {
        let world = with_timestamper(authority, leaf);
        let bundle = honest(&world);
        let asked = Asked::keyless(&world, &bundle);
        for (profile, allowed) in [(FIPS, fips), (BSI, bsi)] {
            if allowed {
                asked.admitted(&json!(profile));
            } else {
                let code = Code::TimestampAlgorithmForbidden;
                asked.refused(&json!(profile), code, found);
                asked.refused(&json!({ "timestamp": profile }), code, found);
                asked.admitted(&json!({ "profile": profile, "timestamp": FIPS }));
            }
        }
    }
    // The token's own signature, where its chain is allowed.
    let world = with_timestamper(KeyKind::EcdsaP384, KeyKind::EcdsaP256);
    let bundle = honest(&world);
    let asked = Asked::keyless(&world, &bundle);
    let code = Code::TimestampAlgorithmForbidden;
    asked.refused(&json!({ "timestamp": ["ecdsa-p384"] }), code, "ecdsa-p256");
}

#[test]
fn the_hashes_of_a_token_are_those_that_it_was_made_with() {
    for hash in [Hash::Sha256, Hash::Sha384] {
        let mut world = World::new();
        world.forge.timestamper.hash = hash;
        let claim = world.judge(&honest(&world), world.keyless()).unwrap();
        let stamps = names(&claim.algorithms.timestamps);
        let token = format!("ecdsa-p256-{}", hash.name());
        assert!(stamps.iter().any(|(name, _)| *name == token), "{stamps:?}");
        let imprint = stamps.iter().find(|(_, place)| place.contains("imprint"));
        assert_eq!(imprint.unwrap().0, hash.name());
    }
}

#[test]
fn an_imprint_of_sha1_is_refused_whatever_the_trust_root_says() {
    let mut world = World::new();
    world.forge.timestamper.imprint = Imprint::Sha1;
    let refused = world.judge(&honest(&world), world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TimestampAlgorithmForbidden);
    world.forge.timestamper.imprint = Imprint::Same;
    assert!(world.judge(&honest(&world), world.keyless()).is_ok());
}
