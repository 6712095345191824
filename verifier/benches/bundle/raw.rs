//! What is raw: every distinct signature check that a bundle needs, and the hash of the artifact.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::Command;
use std::sync::{Arc, Mutex};

use sigstore_crypto::provider::HashContext;
use sigstore_crypto::{CryptoProvider, SigningScheme, aws_lc_provider};
use sovverify::{Anchor, PublicKey, TrustStore};
use sovverify_forge::{Key, KeyKind};

use crate::{ARTIFACT, RECORD, Subject, borrowed};

/// One signature check: scheme, key, message, signature.
pub(crate) type Check = (SigningScheme, Vec<u8>, Vec<u8>, Vec<u8>);

pub(crate) fn raw(checks: &[Check]) {
    black_box(sigstore_crypto::sha256(ARTIFACT));
    for (scheme, key, message, signature) in checks {
        aws_lc_provider()
            .verify_raw(*scheme, key, message, signature)
            .unwrap();
    }
}

/// Asks a child process which checks a verification needs: a provider can be installed only once
/// in a process, and here ours must be the one that is measured.
pub(crate) fn recorded(subject: &Subject, folder: &std::path::Path) -> Vec<Check> {
    std::fs::write(folder.join("bundle"), &subject.bundle).unwrap();
    std::fs::write(folder.join("root"), &subject.root_json).unwrap();
    std::fs::write(
        folder.join("key"),
        subject.key.as_deref().unwrap_or_default(),
    )
    .unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .env(RECORD, folder)
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
pub(crate) fn record(folder: &str) {
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
