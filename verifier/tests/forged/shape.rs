//! The shape of a bundle: what two readers could take for two things is refused, although every
//! signature in it is good.

use serde_json::{Value, json};
use sovverify::Code;
use sovverify::verify::Artifact;
use sovverify_forge::{Bundle, Log, Statement, Version, days, digest_of};

use crate::world::{ARTIFACT, World, judge};

/// Every object in `value`, as a JSON pointer.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            for (name, member) in members {
                objects(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{number}"), found);
            }
        }
        _ => {}
    }
}

fn honest(world: &World) -> [Bundle; 4] {
    let forge = &world.forge;
    let about = Statement::slsa_v1(&digest_of(ARTIFACT));
    let signing = forge.keyless(world.time);
    let own = signing.clone().version(Version::V01);
    let v2 = signing.clone().logged_in(Log::V2).timestamped(1);
    [
        signing.message(ARTIFACT),
        v2.message(ARTIFACT),
        own.message(ARTIFACT),
        v2.statement(&about),
    ]
}

fn code(world: &World, bundle: &Value) -> Option<Code> {
    let (anchor, when) = (world.keyless(), days(world.time, 1));
    let bytes = bundle.to_string().into_bytes();
    judge(&bytes, &Artifact::Bytes(ARTIFACT), anchor, when).err()
}

#[test]
fn every_object_of_a_bundle_is_an_object_and_no_list_of_its_values() {
    let world = World::new();
    for bundle in honest(&world) {
        let bundle = bundle.json();
        assert_eq!(code(&world, &bundle), None);
        let mut places = Vec::new();
        objects(&bundle, "", &mut places);
        assert!(places.len() > 9, "{places:?}");
        for place in &places {
            // A list of the values, in any order that a reader might expect.
            let mut listed = bundle.clone();
            let own = listed.pointer_mut(place).unwrap();
            let values: Vec<Value> = own.as_object().unwrap().values().cloned().collect();
            for values in [values.clone(), values.into_iter().rev().collect()] {
                *listed.pointer_mut(place).unwrap() = Value::Array(values);
                let refused = code(&world, &listed);
                assert_eq!(refused, Some(Code::BundleMalformed), "{place}");
            }
        }
    }
}

#[test]
fn a_number_is_written_as_its_digits() {
    let world = World::new();
    let bundle = honest(&world)[0].json();
    for place in [
        "/verificationMaterial/tlogEntries/0/logIndex",
        "/verificationMaterial/tlogEntries/0/integratedTime",
        "/verificationMaterial/tlogEntries/0/inclusionProof/logIndex",
        "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
    ] {
        let digits = bundle.pointer(place).unwrap().as_str().unwrap();
        let with = |value: Value| {
            let mut changed = bundle.clone();
            *changed.pointer_mut(place).unwrap() = value;
            code(&world, &changed)
        };
        let number: u64 = digits.parse().unwrap();
        assert_eq!(with(json!(number)), None);
        for text in ["+", "0", " "].map(|before| format!("{before}{digits}")) {
            assert_eq!(with(json!(text)), Some(Code::BundleMalformed), "`{text}`");
        }
        for text in ["", "x", "1e3", "0x10", "9223372036854775808"] {
            assert_eq!(with(json!(text)), Some(Code::BundleMalformed), "`{text}`");
        }
    }
}

#[test]
fn a_checkpoint_is_what_the_log_signed_and_its_signatures_and_nothing_else() {
    let world = World::new();
    let bundle = honest(&world)[1].clone();
    let with = |change: &dyn Fn(&str) -> String| {
        let mut changed = bundle.clone();
        let proof = changed.entries[0].proof.as_mut().unwrap();
        proof.checkpoint = change(&proof.checkpoint);
        code(&world, &changed.json())
    };
    assert_eq!(with(&str::to_owned), None);
    // Somebody else may sign the same checkpoint.
    let witnessed = |note: &str| format!("{note}\u{2014} witness.example AAAAAAAA\n");
    assert_eq!(with(&witnessed), None);
    let changes: [&dyn Fn(&str) -> String; 5] = [
        &|note| note.trim_end().to_owned(),
        &|note| format!("{note}\n"),
        &|note| format!("{note}\nmore\n"),
        &|note| format!("{note}more\n"),
        &|note| note.replacen("\n\n", "\n\n\n", 1),
    ];
    for change in changes {
        let refused = with(change).unwrap();
        let codes = [Code::TransparencyCheckpointInvalid, Code::BundleMalformed];
        assert!(codes.contains(&refused), "{refused}");
    }
}

#[test]
fn without_a_promise_an_entry_names_the_log_that_signed_its_checkpoint() {
    let world = World::new();
    let mut lie = honest(&world)[1].clone();
    lie.entries[0].log_id = world.forge.rekor.id();
    let refused = world.judge(&lie, world.keyless());
    assert_eq!(refused.unwrap_err(), Code::TransparencyUnknownLog);
}

#[test]
fn a_member_that_is_null_is_a_member_that_is_not_there() {
    let world = World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT);
    let judged = |json: &Value| {
        let bytes = json.to_string().into_bytes();
        let when = days(world.time, 1);
        judge(&bytes, &Artifact::Bytes(ARTIFACT), world.keyless(), when).map(|_| ())
    };
    let mut json = honest.json();
    json["verificationMaterial"]["timestampVerificationData"] = Value::Null;
    assert_eq!(judged(&json), Ok(()));
    json["dsseEnvelope"] = Value::Null;
    assert_eq!(judged(&json), Ok(()), "dsseEnvelope");
    json["verificationMaterial"]["publicKey"] = Value::Null;
    assert_eq!(judged(&json), Ok(()), "publicKey");
    json["verificationMaterial"]["x509CertificateChain"] = Value::Null;
    assert_eq!(judged(&json), Ok(()), "x509CertificateChain");
    // What must be there is missed all the same.
    json["verificationMaterial"]["tlogEntries"] = Value::Null;
    assert_ne!(judged(&json), Ok(()));
}

#[test]
fn what_a_proof_repeats_of_its_checkpoint_is_what_the_checkpoint_says() {
    let world = World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT).json();
    let judged = |member: &str, value: Value| {
        let mut json = honest.clone();
        json["verificationMaterial"]["tlogEntries"][0]["inclusionProof"][member] = value;
        let (bytes, when) = (json.to_string().into_bytes(), days(world.time, 1));
        judge(&bytes, &Artifact::Bytes(ARTIFACT), world.keyless(), when).map(|_| ())
    };
    let proof = &honest["verificationMaterial"]["tlogEntries"][0]["inclusionProof"];
    assert_eq!(judged("rootHash", proof["rootHash"].clone()), Ok(()));
    let refused = Err(Code::TransparencyCheckpointInvalid);
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(judged("rootHash", json!(other)), refused);
    let size: u64 = proof["treeSize"].as_str().unwrap().parse().unwrap();
    assert_eq!(judged("treeSize", json!((size + 1).to_string())), refused);
}
