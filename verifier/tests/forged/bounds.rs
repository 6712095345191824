//! Evidence at each of its bounds: as much as there may be is judged, and one more is refused.

use serde_json::{Value, json};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Code, Limits, TrustStore, VerificationTime};
use sovverify_forge::{Bundle, Content, Statement, base64, days};

use crate::world::{ARTIFACT, World};

/// The verdict on `bundle` within `limits`.
fn judged(world: &World, bundle: &[u8], limits: &Limits) -> Result<(), Code> {
    let mut trust = TrustStore::default();
    let id = trust.add(world.keyless());
    let time = VerificationTime::at(days(world.time, 1));
    let artifact = Artifact::Bytes(ARTIFACT);
    let verdict = verify_bundle(bundle, &artifact, &trust, id, time, limits);
    verdict.map(|_| ()).map_err(|no| no.code)
}

/// A bundle with a time, a log entry and a proof of some hashes.
fn honest(world: &World) -> Bundle {
    let signing = world.forge.keyless(world.time);
    // Nothing is proven by hashes in a log of one entry.
    for _ in 0..4 {
        signing.message(ARTIFACT);
    }
    signing.timestamped(1).message(ARTIFACT)
}

fn at<'v>(document: &'v mut Value, place: &str) -> &'v mut Value {
    document.pointer_mut(place).unwrap()
}

/// The field of a bound.
type Bound = fn(&mut Limits) -> &mut usize;

const MATERIAL: &str = "/verificationMaterial";
const PROOF: &str = "/verificationMaterial/tlogEntries/0/inclusionProof";

#[test]
fn a_bundle_is_accepted_at_each_bound_and_refused_one_below_what_it_has() {
    let world = World::new();
    let bundle = honest(&world);
    let bytes = bundle.bytes();
    let mut json = bundle.json();
    let hashes = at(&mut json, &format!("{PROOF}/hashes"));
    let hashes = hashes.as_array().unwrap().len();
    assert!(hashes > 0, "a proof without hashes shows nothing");
    let checkpoint = at(&mut json, &format!("{PROOF}/checkpoint/envelope"));
    let checkpoint = checkpoint.as_str().unwrap().len();
    let leaf = bundle.leaf().unwrap().der.len();
    let table: [(&str, usize, Bound); 7] = [
        ("bytes", bytes.len(), |l| &mut l.bundle_bytes),
        ("entries", 1, |l| &mut l.log_entries),
        ("timestamps", 1, |l| &mut l.timestamps),
        ("certificates", 1, |l| &mut l.chain_certificates),
        ("bytes of a certificate", leaf, |l| &mut l.certificate_bytes),
        ("hashes", hashes, |l| &mut l.proof_hashes),
        ("bytes of a checkpoint", checkpoint, |l| {
            &mut l.checkpoint_bytes
        }),
    ];
    for (what, found, bound) in table {
        let mut limits = Limits::default();
        *bound(&mut limits) = found;
        assert_eq!(judged(&world, &bytes, &limits), Ok(()), "{what}");
        *bound(&mut limits) = found - 1;
        let refused = judged(&world, &bytes, &limits);
        assert_eq!(refused, Err(Code::LimitExceeded), "{what}");
    }
    let statement = Statement::cosign_sign(&sovverify_forge::digest_of(ARTIFACT));
    let signed = world.forge.keyless(world.time).statement(&statement);
    let Content::Dsse(envelope) = &signed.content else {
        panic!("an envelope")
    };
    let payload_bytes = envelope.payload.len();
    for (payload_bytes, expected) in [
        (payload_bytes, Ok(())),
        (payload_bytes - 1, Err(Code::LimitExceeded)),
    ] {
        let limits = Limits {
            payload_bytes,
            ..Limits::default()
        };
        assert_eq!(judged(&world, &signed.bytes(), &limits), expected);
    }
}

#[test]
fn the_bounds_that_a_bundle_has_unless_told_otherwise_are_those_of_the_page() {
    let world = World::new();
    let limits = Limits::default();
    let bundle = honest(&world);
    let authority = &world.forge.fulcio;
    // Copies and padding are no honest evidence: they are looked at, and refused for what they are.
    let within = |bytes: &[u8], what: &str| {
        let refused = judged(&world, bytes, &limits);
        assert!(refused.is_err(), "{what}");
        assert_ne!(refused, Err(Code::LimitExceeded), "{what}");
    };
    let beyond = |bytes: &[u8], what: &str| {
        let refused = judged(&world, bytes, &limits);
        assert_eq!(refused, Err(Code::LimitExceeded), "{what}");
    };
    let entries = |count| bundle.clone().duplicate_log_entries(count).bytes();
    within(&entries(limits.log_entries), "entries");
    beyond(&entries(limits.log_entries + 1), "entries");
    let stamps = |count| bundle.clone().duplicate_timestamps(count).bytes();
    within(&stamps(limits.timestamps), "timestamps");
    beyond(&stamps(limits.timestamps + 1), "timestamps");
    // The leaf counts.
    let chain = |count: usize| bundle.clone().chain_padded(authority, count - 1).bytes();
    within(&chain(limits.chain_certificates), "certificates");
    beyond(&chain(limits.chain_certificates + 1), "certificates");
    let changed = |place: &str, value: Value| {
        let mut lie = bundle.json();
        *at(&mut lie, place) = value;
        lie.to_string().into_bytes()
    };
    let leaf = |count| {
        let place = format!("{MATERIAL}/certificate/rawBytes");
        changed(&place, json!(base64(&vec![0; count])))
    };
    within(&leaf(limits.certificate_bytes), "bytes of a certificate");
    beyond(
        &leaf(limits.certificate_bytes + 1),
        "bytes of a certificate",
    );
    let hashes = |count| {
        let hash = base64(&[0; 32]);
        changed(&format!("{PROOF}/hashes"), json!(vec![hash; count]))
    };
    within(&hashes(limits.proof_hashes), "hashes");
    beyond(&hashes(limits.proof_hashes + 1), "hashes");
    let note = |count| {
        let place = format!("{PROOF}/checkpoint/envelope");
        changed(&place, json!("x".repeat(count)))
    };
    within(&note(limits.checkpoint_bytes), "bytes of a checkpoint");
    beyond(&note(limits.checkpoint_bytes + 1), "bytes of a checkpoint");
    let mut noise = vec![b'x'; limits.bundle_bytes];
    within(&noise, "bytes");
    noise.push(b'x');
    beyond(&noise, "bytes");
}
