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

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sigstore_crypto::provider::HashContext;
use sigstore_crypto::{CryptoProvider, SigningScheme, aws_lc_provider};
use sovverify::trust::{Requirements, TrustRoot, TrustRootOptions};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Anchor, AnchorId, Limits, PublicKey, TrustStore, VerificationTime};
use sovverify_forge::{Forge, Key, KeyKind, Log, SIGNING_TIME, Statement, at, days, digest_of};

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

/// One signature check: scheme, key, message, signature.
type Check = (SigningScheme, Vec<u8>, Vec<u8>, Vec<u8>);

fn main() {
    if let Ok(folder) = std::env::var("SOVVERIFY_BENCH_RECORD") {
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
    for subject in subjects() {
        let checks = recorded(&subject, &folder);
        let [ours, raw, borrowed] = measure(&subject, &checks);
        println!(
            "{:<34} {ours:>6.0} µs {raw:>6.0} µs {borrowed:>6.0} µs {:>7} {:>7.2}x {:>6.2}x",
            subject.name,
            checks.len(),
            ours / raw,
            ours / borrowed
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Runs nothing but `ours` or `borrowed`, for a profiler that cannot tell them apart.
fn profile(which: &str) {
    for subject in subjects() {
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

fn subjects() -> Vec<Subject> {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    let statement = Statement::slsa_v1(&digest_of(ARTIFACT));
    let key = Key::generate(KeyKind::EcdsaP256);
    let keyless = forge.keyless(time);
    let v2 = forge.keyless(time).logged_in(Log::V2).timestamped(1);
    let json = forge.trusted_root().text();
    let subject = |name, bundle: Vec<u8>, key: Option<&Key>| {
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
            root_json: json.clone(),
            key,
        }
    };
    vec![
        subject(
            "keyless v0.3, message, Rekor v1",
            keyless.message(ARTIFACT).bytes(),
            None,
        ),
        subject(
            "keyless v0.3, DSSE, Rekor v1",
            keyless.statement(&statement).bytes(),
            None,
        ),
        subject(
            "keyless v0.3, message, Rekor v2",
            v2.message(ARTIFACT).bytes(),
            None,
        ),
        subject(
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

fn raw(checks: &[Check]) {
    black_box(sigstore_crypto::sha256(ARTIFACT));
    for (scheme, key, message, signature) in checks {
        aws_lc_provider()
            .verify_raw(*scheme, key, message, signature)
            .unwrap();
    }
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

/// Asks a child process which checks a verification needs: a provider can be installed only once
/// in a process, and here ours must be the one that is measured.
fn recorded(subject: &Subject, folder: &std::path::Path) -> Vec<Check> {
    std::fs::write(folder.join("bundle"), &subject.bundle).unwrap();
    std::fs::write(folder.join("root"), &subject.root_json).unwrap();
    std::fs::write(
        folder.join("key"),
        subject.key.as_deref().unwrap_or_default(),
    )
    .unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .env("SOVVERIFY_BENCH_RECORD", folder)
        .output()
        .unwrap();
    let text = String::from_utf8(child.stdout).unwrap();
    text.lines().map(parse).collect()
}

fn parse(line: &str) -> Check {
    let mut fields = line.split(' ');
    let name = fields.next().unwrap();
    let scheme = SCHEMES
        .into_iter()
        .find(|scheme| scheme.name() == name)
        .unwrap();
    let mut bytes = || hex::decode(fields.next().unwrap()).unwrap();
    (scheme, bytes(), bytes(), bytes())
}

/// The schemes of the forge's keys.
const SCHEMES: [SigningScheme; 5] = [
    SigningScheme::EcdsaP256Sha256,
    SigningScheme::EcdsaP256Sha384,
    SigningScheme::EcdsaP384Sha256,
    SigningScheme::EcdsaP384Sha384,
    SigningScheme::Ed25519,
];

/// In the child: verifies once with the borrowed verifier and prints every distinct check.
fn record(folder: &str) {
    sigstore_crypto::install_default_provider(&RECORDER).unwrap();
    let read = |name: &str| std::fs::read(format!("{folder}/{name}")).unwrap();
    let root_json = String::from_utf8(read("root")).unwrap();
    let root = sigstore_trust_root::TrustedRoot::from_json(&root_json).unwrap();
    let key = Some(read("key")).filter(|key| !key.is_empty());
    let subject = Subject {
        name: "",
        bundle: read("bundle"),
        trust: TrustStore::default(),
        anchor: TrustStore::default().add(Anchor::Key {
            key: Arc::new(
                PublicKey::from_pem(&Key::generate(KeyKind::Ed25519).public_pem(), None).unwrap(),
            ),
            root: None,
        }),
        root_json,
        key,
    };
    let verifier = sigstore_verify::Verifier::new(&root).unwrap();
    RECORDER.0.lock().unwrap().clear();
    borrowed(&subject, &verifier);
    for line in RECORDER.0.lock().unwrap().iter() {
        println!("{line}");
    }
}

static RECORDER: Recorder = Recorder(Mutex::new(BTreeSet::new()));

#[derive(Debug)]
struct Recorder(Mutex<BTreeSet<String>>);

impl CryptoProvider for Recorder {
    fn hash(
        &self,
        algorithm: sigstore_types::HashAlgorithm,
    ) -> sigstore_crypto::Result<Box<dyn HashContext>> {
        aws_lc_provider().hash(algorithm)
    }

    fn verify_raw(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        data: &[u8],
        signature: &[u8],
    ) -> sigstore_crypto::Result<()> {
        let [k, d, s] = [key, data, signature].map(hex::encode);
        self.0
            .lock()
            .unwrap()
            .insert(format!("{} {k} {d} {s}", scheme.name()));
        aws_lc_provider().verify_raw(scheme, key, data, signature)
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        _digest: &[u8],
        signature: &[u8],
    ) -> sigstore_crypto::Result<()> {
        // Only messages are verified this way; with the artifact itself the same check is raw.
        self.verify_raw(scheme, key, ARTIFACT, signature)
    }
}
