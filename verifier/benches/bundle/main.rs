//! One bundle, in process, trust root loaded: our time as a ratio to the raw cryptography that it
//! needs, and to the borrowed verifier alone. All three are measured in turn in one run.
//!
//! What is raw is not guessed: a child process records every distinct signature check that a
//! verification asks for, and the parent replays exactly those, and the hash of the artifact.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, and prints what it read"
)]

mod raw;
mod throughput;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use raw::{Check, raw, record, recorded};
use sovverify::trust::{Requirements, TrustRoot, TrustRootOptions};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, AnchorId, Limits, PublicKey, TrustStore, VerificationTime};
use sovverify_forge::{Forge, Key, KeyKind, Log, SIGNING_TIME, Statement, at, days, digest_of};

/// As in the programs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Names the folder in which a child process finds what it is to record.
const RECORD: &str = "SOVVERIFY_BENCH_RECORD";
const ARTIFACT: &[u8] = &[0x42; 16 * 1024];
/// Rounds; each measures all three once, so that a drifting machine drifts for all.
const ROUNDS: usize = 400;

/// One form of evidence.
struct Subject {
    name: &'static str,
    bundle: Vec<u8>,
    trust: TrustStore,
    anchor: AnchorId,
    root_json: String,
    key: Option<Vec<u8>>,
}

fn main() {
    if let Ok(folder) = std::env::var(RECORD) {
        return record(&folder);
    }
    if let Ok(which) = std::env::var("SOVVERIFY_BENCH_PROFILE") {
        return profile(&which);
    }
    let folder = std::env::temp_dir().join(format!("sovverify-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>7} {:>8} {:>7}",
        "one bundle, trust root loaded", "ours", "raw", "borrowed", "checks", "/raw", "/borrowed"
    );
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let mut first = None;
    for subject in subjects(&forge, time) {
        let checks = recorded(&subject, &folder);
        let [ours, raw, borrowed] = measure(&subject, &checks);
        println!(
            "{:<34} {ours:>6.0} µs {raw:>6.0} µs {borrowed:>6.0} µs {:>7} {:>7.2}x {:>6.2}x",
            subject.name,
            checks.len(),
            ours / raw,
            ours / borrowed
        );
        first.get_or_insert(checks);
    }
    throughput::run(&forge, time, &first.unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Runs nothing but `ours` or `borrowed`, for a profiler that cannot tell them apart.
fn profile(which: &str) {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    for subject in subjects(&forge, time) {
        let root = sigstore_trust_root::TrustedRoot::from_json(&subject.root_json).unwrap();
        let verifier = sigstore_verify::Verifier::new(&root).unwrap();
        let start = Instant::now();
        for _ in 0..ROUNDS {
            match which {
                "ours" => ours(&subject),
                _ => borrowed(&subject, &verifier),
            }
        }
        println!("{:<34} {:?}", subject.name, start.elapsed());
    }
}

/// A bundle with what it is to be judged by.
fn subject(forge: &Forge, name: &'static str, bundle: Vec<u8>, key: Option<&Key>) -> Subject {
    let json = forge.trusted_root().text();
    let mut trust = TrustStore::default();
    let options = TrustRootOptions {
        requirements: Requirements::default(),
        expires: None,
    };
    let root = Arc::new(TrustRoot::from_json("forge", &json, options).unwrap());
    let anchor = trust.add(match key {
        None => Anchor::Certificates(root),
        Some(key) => Anchor::Key {
            key: Arc::new(PublicKey::from_pem(&key.public_pem(), None).unwrap()),
            root: Some(root),
        },
    });
    let key = key.map(|key| key.spki().to_vec());
    Subject {
        name,
        bundle,
        trust,
        anchor,
        root_json: json,
        key,
    }
}

fn subjects(forge: &Forge, time: jiff::Timestamp) -> Vec<Subject> {
    let statement = Statement::slsa_v1(&digest_of(ARTIFACT));
    let key = Key::generate(KeyKind::EcdsaP256);
    let keyless = forge.keyless(time);
    let v2 = forge.keyless(time).logged_in(Log::V2).timestamped(1);
    vec![
        subject(
            forge,
            "keyless v0.3, message, Rekor v1",
            keyless.message(ARTIFACT).bytes(),
            None,
        ),
        subject(
            forge,
            "keyless v0.3, DSSE, Rekor v1",
            keyless.statement(&statement).bytes(),
            None,
        ),
        subject(
            forge,
            "keyless v0.3, message, Rekor v2",
            v2.message(ARTIFACT).bytes(),
            None,
        ),
        subject(
            forge,
            "managed key, message, Rekor v1",
            forge.keyed(&key, time).message(ARTIFACT).bytes(),
            Some(&key),
        ),
    ]
}

fn ours(subject: &Subject) {
    let time = VerificationTime::at(days(at(SIGNING_TIME), 1));
    let artifact = Artifact::Bytes(ARTIFACT);
    let limits = Limits::default();
    let verdict = verify_bundle(
        &subject.bundle,
        &artifact,
        &subject.trust,
        subject.anchor,
        time,
        &limits,
    );
    black_box(verdict.unwrap());
}

fn borrowed(subject: &Subject, verifier: &sigstore_verify::Verifier) {
    use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy};
    let bundle = std::str::from_utf8(&subject.bundle).unwrap();
    let bundle = sigstore_types::Bundle::from_json(bundle).unwrap();
    let verdict = match &subject.key {
        None => verifier.verify(ARTIFACT, &bundle, &VerificationPolicy::any_identity()),
        Some(key) => {
            let key = sigstore_types::DerPublicKey::from_bytes(key);
            verifier.verify(ARTIFACT, &bundle, &PublicKeyVerificationPolicy::new(key))
        }
    };
    black_box(verdict.unwrap());
}

/// The median of each, in microseconds.
fn measure(subject: &Subject, checks: &[Check]) -> [f64; 3] {
    let root = sigstore_trust_root::TrustedRoot::from_json(&subject.root_json).unwrap();
    let verifier = sigstore_verify::Verifier::new(&root).unwrap();
    let mut samples = [Vec::new(), Vec::new(), Vec::new()];
    let works: [&dyn Fn(); 3] = [&|| ours(subject), &|| raw(checks), &|| {
        borrowed(subject, &verifier);
    }];
    for _ in 0..ROUNDS {
        for (samples, work) in samples.iter_mut().zip(works) {
            let start = Instant::now();
            work();
            samples.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    samples.map(|mut samples| {
        samples.sort_by(f64::total_cmp);
        samples.get(samples.len() / 2).copied().unwrap()
    })
}
