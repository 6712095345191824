//! The keys of logs, that of certificate transparency included.

use serde_json::json;
use sovverify::Code;
use sovverify_forge::{Key, KeyKind, Log, RekorV1, TrustedLog};

use super::{Asked, BSI, FIPS};
use crate::world::{ARTIFACT, World};

#[test]
fn the_key_of_a_log_is_judged_ed25519_included() {
    let world = World::new();
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    let bundle = signing.timestamped(1).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!("default"));
    asked.admitted(&json!(FIPS));
    let code = Code::TransparencyAlgorithmForbidden;
    let log = "ed25519 (log `https://log2026.rekor.forge.example`)";
    asked.refused(&json!(BSI), code, log);
    asked.refused(&json!({ "log": BSI }), code, log);
    asked.admitted(&json!({ "profile": BSI, "log": ["ed25519", "ecdsa-p256"] }));
    // The certificate transparency log is a log too.
    let sct = "ecdsa-p256-sha256 (SCT of log";
    asked.refused(&json!({ "profile": BSI, "log": ["ed25519"] }), code, sct);
}

#[test]
fn a_log_with_a_small_rsa_key_is_found_in_promise_checkpoint_and_sct() {
    let mut world = World::new();
    world.forge.rekor.key = Key::generate(KeyKind::Rsa2048);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    let code = Code::TransparencyAlgorithmForbidden;
    let log = "rsa-2048-pkcs1-sha256 (log `https://rekor.forge.example`)";
    asked.admitted(&json!(FIPS));
    asked.refused(&json!(BSI), code, log);

    let mut world = World::new();
    world.forge.ct_log.key = Key::generate(KeyKind::Rsa2048);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    let asked = Asked::keyless(&world, &bundle);
    asked.admitted(&json!(FIPS));
    asked.refused(&json!(BSI), code, "rsa-2048-pkcs1-sha256 (SCT of log");

    let mut world = World::new();
    world.forge.ct_log.key = Key::generate(KeyKind::EcdsaP384);
    let bundle = world.forge.keyless(world.time).message(ARTIFACT);
    Asked::keyless(&world, &bundle).admitted(&json!(BSI));
}

#[test]
fn one_forbidden_log_is_enough_though_another_is_allowed() {
    let world = World::new();
    let mut second = RekorV1::new("second.forge.example");
    second.key = Key::generate(KeyKind::Rsa2048);
    let signing = world.forge.keyless(world.time);
    let one = signing.message(ARTIFACT);
    let both = signing.also_logged_in(&second, one.clone());
    let mut root = world.forge.trusted_root();
    root.logs.push(TrustedLog {
        host: second.host.clone(),
        key: second.key.clone(),
        id: second.id(),
        validity: root.logs[0].validity,
    });
    let asked = |bundle| Asked {
        trusted_root: root.text(),
        ..Asked::keyless(&world, bundle)
    };
    asked(&one).admitted(&json!(BSI));
    asked(&both).admitted(&json!(FIPS));
    let log = "(log `https://second.forge.example`)";
    asked(&both).refused(&json!(BSI), Code::TransparencyAlgorithmForbidden, log);
}
