//! Any bytes as the timestamp token of an honest bundle, whose only source of time it is: whatever is
//! accepted says the time that the authority signed.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sovverify_fuzz::honest::{Honest, World};

const TOKEN: &str =
    "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);
static HONEST: LazyLock<Honest> = LazyLock::new(|| Honest::of_case("rekor-v2", &WORLD));

fuzz_target!(|token: &[u8]| {
    let accepted = HONEST.accepts(&WORLD, &HONEST.with_bytes(TOKEN, token));
    assert!(accepted || token != HONEST.bytes(TOKEN));
});
