//! Inclusion proofs, promises and checkpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sovverify::policy::Selection;
use sovverify::{Code, Decision};
use sovverify_forge::{Bundle, Log, LogEntry, Proof, RekorV1, Statement, Version, base64, sha256};

use crate::forged::{self, ARTIFACT};
use crate::world::{World, codes};

#[test]
fn gauntlet_005_proof_promise_and_time_are_verified_and_one_of_them_must_be_there() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release, scanner] } }");
    let about = Statement::cosign_sign(&world.digest());
    for name in ["release", "scanner"] {
        let honest = || world.signing(name).statement(&about);
        world.admits(&set, &[world.attached(&honest())]);
        for (lie, code) in [
            (honest().proof_corrupted(), Code::TransparencyProofInvalid),
            (honest().set_tampered(), Code::TransparencyPromiseInvalid),
            (
                honest().integrated_time_shifted(1),
                Code::TransparencyPromiseInvalid,
            ),
            (
                honest().proof_removed().set_removed(),
                Code::TransparencyProofMissing,
            ),
        ] {
            world.denies(&set, &[world.attached(&lie)], code);
        }
    }
}

/// A checkpoint whose signature line gives another hint of the key.
fn with_hint(checkpoint: &str, hint: &[u8]) -> String {
    let (before, line) = checkpoint.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = STANDARD.decode(line).unwrap();
    bytes[..4].copy_from_slice(&hint[..4]);
    format!("{before} {}\n", base64(&bytes))
}

fn with_proof(bundle: &Bundle, change: impl FnOnce(&mut LogEntry)) -> Bundle {
    let mut lie = bundle.clone();
    change(&mut lie.entries[0]);
    lie
}

#[test]
fn gauntlet_008_a_tree_of_ones_own_is_not_the_logs() {
    let world = forged::World::new();
    let honest = world.forge.keyless(world.time).message(ARTIFACT);
    assert!(world.judge(&honest, world.keyless()).is_ok());
    let entry = honest.entries[0].clone();
    // The attacker's log has the log's name, a tree with the entry, and a right proof.
    let own = RekorV1::new("rekor.forge.example");
    let added = |log: &RekorV1| {
        let body = entry.body.clone();
        log.add(&entry.kind, &entry.version, body, world.time)
    };
    let proof = added(&own).proof.unwrap();
    let mut hinted = proof.clone();
    hinted.checkpoint = with_hint(&proof.checkpoint, &entry.log_id);
    let mut wrong_hint = entry.proof.clone().unwrap();
    wrong_hint.checkpoint = with_hint(&wrong_hint.checkpoint, &[0; 4]);
    // The other log of the trust root has it as well, and never promised anything.
    let (kind, version) = (&entry.kind, &entry.version);
    let body = entry.body.clone();
    let elsewhere = world.forge.rekor_v2.add(kind, version, body, world.time);
    let mut unsigned = entry.proof.clone().unwrap();
    let (text, _) = unsigned.checkpoint.split_once("\n\n").unwrap();
    unsigned.checkpoint = format!("{text}\n\n\u{2014} rekor.forge.example AAAAAAAA\n");
    for (what, lie) in [
        ("a tree of one's own", Some(proof)),
        ("under the log's hint", Some(hinted)),
        ("the log's tree under a wrong hint", Some(wrong_hint)),
        ("the other log's tree", elsewhere.proof),
        ("an empty signature", Some(unsigned)),
    ] {
        let lie = with_proof(&honest, |entry| entry.proof = lie);
        let refused = world.judge(&lie, world.keyless()).unwrap_err();
        assert_eq!(refused, Code::TransparencyCheckpointInvalid, "{what}");
    }
    let lie = honest.clone().checkpoint_tampered();
    let refused = world.judge(&lie, world.keyless()).unwrap_err();
    assert_eq!(refused, Code::TransparencyCheckpointInvalid);
    // The whole entry is the attacker's, and under the log's identifier only its promise is.
    let lie = with_proof(&honest, |entry| *entry = added(&own));
    let refused = world.judge(&lie, world.keyless()).unwrap_err();
    assert_eq!(refused, Code::TransparencyUnknownLog);
    let lie = with_proof(&honest, |entry| {
        let id = entry.log_id;
        *entry = added(&own);
        entry.log_id = id;
    });
    let refused = world.judge(&lie, world.keyless()).unwrap_err();
    assert_eq!(refused, Code::TransparencyPromiseInvalid);
}

#[test]
fn gauntlet_015_no_label_of_a_bundle_makes_its_proof_dispensable() {
    let world = forged::World::new();
    for version in [
        Version::V01,
        Version::V02,
        Version::V03,
        Version::V03Parameter,
    ] {
        let signing = world.forge.keyless(world.time);
        let honest = signing.message(ARTIFACT).relabelled(version);
        let verdict = world.judge(&honest, world.keyless());
        assert!(verdict.is_ok(), "{version:?}: {verdict:?}");
        let refused = world.judge(&honest.proof_removed(), world.keyless());
        let code = refused.unwrap_err();
        assert_eq!(code, Code::TransparencyProofMissing, "{version:?}");
    }
}

/// A checkpoint that the second log signs over whatever size and root.
fn checkpoint(world: &forged::World, size: u64, root: &[u8; 32]) -> String {
    let log = &world.forge.rekor_v2;
    let body = format!("{}\n{size}\n{}\n", log.host, base64(root));
    let signature = log.key.sign(body.as_bytes());
    let line = base64(&[&log.id()[..4], &signature].concat());
    format!("{body}\n\u{2014} {} {line}\n", log.host)
}

#[test]
fn gauntlet_017_every_hash_of_a_proof_counts_and_no_size_overflows() {
    let world = forged::World::new();
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    let honest = signing.timestamped(1).message(ARTIFACT);
    assert!(world.judge(&honest, world.keyless()).is_ok());
    let proof = honest.entries[0].proof.clone().unwrap();
    assert!(proof.hashes.len() > 2, "{}", proof.hashes.len());
    let refused = |what: &str, change: &dyn Fn(&mut Proof)| {
        let lie = with_proof(&honest, |entry| change(entry.proof.as_mut().unwrap()));
        let code = world.judge(&lie, world.keyless()).unwrap_err();
        assert_eq!(code, Code::TransparencyProofInvalid, "{what}");
    };
    for place in 0..proof.hashes.len() {
        refused("another hash", &|proof| proof.hashes[place] = [7; 32]);
        refused("one hash less", &|proof| {
            proof.hashes.remove(place);
        });
        refused("a hash twice", &|proof| {
            proof.hashes.insert(place, proof.hashes[place]);
        });
    }
    refused("none", &|proof| proof.hashes.clear());
    refused("the other way round", &|proof| proof.hashes.reverse());
    // Sizes and places at which arithmetic goes wrong, under checkpoints that the log signed.
    let (size, index) = (proof.tree_size, honest.entries[0].log_index);
    let edges = |own: u64| {
        let near = [own - 1, own + 1, own * 2];
        let powers = [0, 1, 2, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63];
        let ends = [u64::MAX - 1, u64::MAX];
        [&near[..], &powers, &ends].concat()
    };
    let tried = |size: u64, index: u64, hashes: &[[u8; 32]]| {
        let lie = with_proof(&honest, |entry| {
            entry.log_index = index;
            let proof = entry.proof.as_mut().unwrap();
            proof.checkpoint = checkpoint(&world, size, &proof.root);
            (proof.tree_size, proof.log_index) = (size, index);
            proof.hashes = hashes.to_vec();
        });
        world.judge(&lie, world.keyless())
    };
    assert!(tried(size, index, &proof.hashes).is_ok());
    for hashes in [proof.hashes.clone(), Vec::new(), vec![[0; 32]; 64]] {
        for size in edges(size) {
            assert!(tried(size, index, &hashes).is_err(), "size {size}");
            assert!(tried(size, size, &hashes).is_err(), "size {size}, its end");
        }
        for other in edges(index) {
            assert!(tried(size, other, &hashes).is_err(), "index {other}");
        }
    }
}

#[test]
fn gauntlet_017_a_tree_of_one_entry_needs_no_hash_and_is_still_signed() {
    let world = forged::World::new();
    let signing = world.forge.keyless(world.time).logged_in(Log::V2);
    let honest = signing.timestamped(1).message(ARTIFACT);
    let alone = |root: [u8; 32], signed: [u8; 32]| {
        let alone = with_proof(&honest, |entry| {
            entry.log_index = 0;
            let proof = entry.proof.as_mut().unwrap();
            proof.hashes.clear();
            (proof.log_index, proof.tree_size, proof.root) = (0, 1, root);
            proof.checkpoint = checkpoint(&world, 1, &signed);
        });
        world.judge(&alone, world.keyless()).map(|_| ())
    };
    let leaf = sha256(&[&[0], &honest.entries[0].body[..]].concat());
    assert_eq!(alone(leaf, leaf), Ok(()));
    // The root in the bundle repeats the checkpoint's, and only the signed one counts.
    let refused = alone(leaf, [0; 32]);
    assert_eq!(refused, Err(Code::TransparencyProofInvalid));
}

#[test]
fn gauntlet_018_a_proof_that_failed_leaves_nothing_behind() {
    let world = World::new();
    let set = world.policy("    - { name: signed, signature: { by: [release, scanner] } }");
    let about = Statement::cosign_sign(&world.digest());
    let signing = world.signing("release");
    let honest = signing.statement(&about);
    let keyed = world.signing("scanner").statement(&about);
    let pieces = [
        honest.clone(),
        honest.clone().proof_corrupted(),
        honest.clone().proof_root_replaced(),
        keyed.clone(),
        honest.clone().set_tampered(),
        honest.clone().checkpoint_tampered(),
        keyed.clone().proof_corrupted(),
        honest.log_entry_borrowed_from(&keyed),
        keyed.signature_flipped(),
    ];
    let pieces: Vec<_> = pieces.iter().map(|bundle| world.attached(bundle)).collect();
    let judged = |number: usize| {
        let verdict = world.judge(&set, &pieces[number..=number]);
        (verdict.decision, codes(&verdict))
    };
    // Each of them by a thread that has never seen another one.
    let alone: Vec<_> = (0..pieces.len())
        .map(|number| std::thread::scope(|scope| scope.spawn(|| judged(number)).join().unwrap()))
        .collect();
    let admitted = |found: &&(Decision, _)| found.0 == Decision::Admit;
    assert_eq!(alone.iter().filter(admitted).count(), 2);
    let digest = set.trust_digest();
    for step in [1, 2, 4, 5, 7, 8] {
        for turn in 0..pieces.len() * 2 {
            let number = turn * step % pieces.len();
            assert_eq!(judged(number), alone[number], "step {step}, turn {turn}");
        }
    }
    // All in one appraisal: what is verified and what is refused is what was so alone.
    let mut shuffled = pieces.clone();
    for _ in 0..pieces.len() {
        shuffled.rotate_left(1);
        let appraisal = world.appraise(&set, &shuffled);
        assert_eq!(appraisal.verified.len(), 2);
        let verdict = set.evaluate(&appraisal, &Selection::default());
        assert_eq!(verdict.decision, Decision::Admit);
        let refused = pieces.len() - 2;
        assert!(appraisal.rejected.len() >= refused);
    }
    assert_eq!(set.trust_digest(), digest);
}
