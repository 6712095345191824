//! Any bytes as one part of the log entry of an honest bundle: its checkpoint, its body, its promise, a
//! hash of its proof, or the whole entry. The first byte says which.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify_fuzz::honest::{Honest, World};

const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);
/// Rekor v1, with promise and proof, and Rekor v2, with a proof alone.
static HONEST: LazyLock<[Honest; 2]> =
    LazyLock::new(|| ["timestamped", "rekor-v2"].map(|case| Honest::of_case(case, &WORLD)));

fuzz_target!(|input: &[u8]| {
    let Some((part, bytes)) = input.split_first() else {
        return;
    };
    for (version, honest) in HONEST.iter().enumerate() {
        match part {
            // A checkpoint may bear signatures of witnesses, so that another one may be accepted.
            b'c' => {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    return;
                };
                let pointer = format!("{ENTRY}/inclusionProof/checkpoint/envelope");
                honest.accepts(&WORLD, &honest.with(&pointer, text.into()));
            }
            b'b' => signed(honest, &format!("{ENTRY}/canonicalizedBody"), bytes),
            b'h' => signed(honest, &format!("{ENTRY}/inclusionProof/hashes/0"), bytes),
            b'p' if version == 0 => {
                let pointer = format!("{ENTRY}/inclusionPromise/signedEntryTimestamp");
                honest.accepts(&WORLD, &honest.with_bytes(&pointer, bytes));
            }
            b'e' => {
                let Ok(entry) = serde_json::from_slice::<Value>(bytes) else {
                    return;
                };
                honest.accepts(&WORLD, &honest.with(ENTRY, entry));
            }
            _ => {}
        }
    }
});

/// A part that a signature covers is accepted exactly as it was.
fn signed(honest: &Honest, pointer: &str, bytes: &[u8]) {
    let accepted = honest.accepts(&WORLD, &honest.with_bytes(pointer, bytes));
    assert_eq!(accepted, bytes == honest.bytes(pointer));
}
