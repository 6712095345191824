//! Properties over many mutations of honest evidence, seeded so that a failure can be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sovverify::verify::Artifact;
use sovverify_forge::Log;
use sovverify_forge::Statement;
use sovverify_forge::days;
use sovverify_forge::digest_of;

use crate::world::{ARTIFACT, World, judge};

/// A small generator of pseudo-random numbers (splitmix64), the same on every machine.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Every field that some signature covers, as base64 in the bundle.
const SIGNED: [&str; 8] = [
    "/messageSignature/signature",
    "/messageSignature/messageDigest/digest",
    "/dsseEnvelope/payload",
    "/dsseEnvelope/signatures/0/sig",
    "/verificationMaterial/certificate/rawBytes",
    "/verificationMaterial/tlogEntries/0/canonicalizedBody",
    "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
    "/verificationMaterial/tlogEntries/0/inclusionProof/rootHash",
];

#[test]
fn gauntlet_029_one_flipped_bit_in_a_signed_region_denies() {
    let world = World::new();
    let statement = Statement::slsa_v1(&digest_of(ARTIFACT));
    let signing = world.forge.keyless(world.time).timestamped(1);
    let v2 = signing.clone().logged_in(Log::V2);
    let honest = [
        signing.message(ARTIFACT),
        signing.statement(&statement),
        v2.message(ARTIFACT),
    ];
    let mut seeded = Seeded(2026);
    let mut tried = 0;
    for bundle in honest {
        for pointer in SIGNED {
            for _ in 0..24 {
                let mut json: Value = bundle.json();
                // Rekor v2 repeats the root hash beside the checkpoint, and nothing reads it there.
                let v2_root = pointer.ends_with("rootHash") && bundle.entries[0].promise.is_none();
                let Some(field) = json.pointer_mut(pointer).filter(|_| !v2_root) else {
                    break;
                };
                let mut bytes = STANDARD.decode(field.as_str().unwrap()).unwrap();
                let place = seeded.below(bytes.len());
                bytes[place] ^= 1 << seeded.below(8);
                *field = Value::String(STANDARD.encode(&bytes));
                let text = json.to_string();
                let verdict = judge(
                    text.as_bytes(),
                    &Artifact::Bytes(ARTIFACT),
                    world.keyless(),
                    days(world.time, 1),
                );
                assert!(verdict.is_err(), "{pointer}, byte {place}, was accepted");
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "only {tried} mutations were tried");
}

#[test]
fn no_mutation_of_the_text_panics_or_turns_evidence_to_another_artifact() {
    let world = World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT).bytes();
    let mut seeded = Seeded(7);
    for _ in 0..400 {
        let mut text = honest.clone();
        for _ in 0..=seeded.below(3) {
            let place = seeded.below(text.len());
            match seeded.below(3) {
                0 => text[place] = u8::try_from(seeded.below(256)).unwrap(),
                1 => text.truncate(place.max(1)),
                _ => {
                    let copy = text[place..].to_vec();
                    text.extend(copy);
                }
            }
        }
        let verdict = judge(
            &text,
            &Artifact::Bytes(b"another artifact"),
            world.keyless(),
            days(world.time, 1),
        );
        assert!(verdict.is_err());
    }
}
