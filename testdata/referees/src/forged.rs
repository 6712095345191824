//! Bundles of our own forge: lies that are signed, logged and timestamped in order, which no change of other
//! people's bytes can make. Their keys are new in each run; what is told is not.

mod lies;

use std::fs;
use std::path::{Path, PathBuf};

use sovverify_forge::{
    Bundle, EntryKind, Forge, Key, KeyKind, Log, RELEASE_WORKFLOW, SIGNING_TIME, Signing,
    Statement, Version, WORKFLOW_ISSUER, at, digest_of,
};

use crate::case::{Case, Demands, Signer, Subject, UNCHANGED};

/// What is signed.
const MESSAGE: &[u8] = b"what is signed";

/// The forge, a stranger with the same names and other keys, and where files may be written.
struct Workshop<'a> {
    forge: Forge,
    stranger: Forge,
    scratch: &'a Path,
    root: PathBuf,
    made: Vec<Case>,
}

/// Every forged base.
pub fn cases(scratch: &Path) -> Vec<Case> {
    let founded = at("2026-01-01T00:00:00Z");
    let forge = Forge::new(founded);
    let root = scratch.join("root-forge.json");
    fs::write(&root, forge.trusted_root().text()).expect("a folder of our own");
    let mut shop = Workshop {
        forge,
        stranger: Forge::new(founded),
        scratch,
        root,
        made: Vec::new(),
    };
    shop.honest();
    shop.keys();
    for (name, bundle) in lies::all(&shop) {
        shop.put(false, name, &bundle);
    }
    shop.made
}

fn statement() -> Statement {
    Statement::slsa_v1(&digest_of(MESSAGE))
}

impl Workshop<'_> {
    fn keyless(&self) -> Signing<'_> {
        self.forge.keyless(at(SIGNING_TIME))
    }

    fn put(&mut self, positive: bool, name: &str, bundle: &Bundle) {
        self.put_signed(positive, name, bundle, None);
    }

    fn put_signed(&mut self, positive: bool, name: &str, bundle: &Bundle, key: Option<&Key>) {
        let signer = match key {
            None => Signer::Identity {
                identity: RELEASE_WORKFLOW.to_owned(),
                issuer: WORKFLOW_ISSUER.to_owned(),
            },
            Some(key) => {
                let path = self.scratch.join(format!("key-{}.pem", self.made.len()));
                fs::write(&path, key.public_pem()).expect("a folder of our own");
                let hash = match key.details().as_str() {
                    details if details.contains("P384") => "sha384",
                    details if details.contains("P521") => "sha512",
                    _ => "sha256",
                };
                Signer::Key { path, hash }
            }
        };
        self.made.push(Case {
            base: format!("forge/{name}"),
            mutation: UNCHANGED.to_owned(),
            positive,
            bundle: bundle.bytes(),
            subject: Subject::Bytes(MESSAGE.to_vec()),
            signer,
            root: self.root.clone(),
            demands: Demands {
                log: true,
                sct: true,
            },
        });
    }

    /// Nothing but the truth, in every form.
    fn honest(&mut self) {
        let mut made = Vec::new();
        let versions = [
            ("v0.1", Version::V01),
            ("v0.2", Version::V02),
            ("v0.3", Version::V03),
            ("v0.3 parameter", Version::V03Parameter),
        ];
        let kinds = [
            ("dsse", EntryKind::Dsse001),
            ("intoto", EntryKind::Intoto002),
        ];
        for (name, version) in versions {
            let signing = self.keyless().version(version);
            made.push((format!("honest {name} message"), signing.message(MESSAGE)));
            for (kind, entry) in kinds {
                let signing = signing.clone().envelope_entry(entry).timestamped(1);
                made.push((
                    format!("honest {name} {kind}"),
                    signing.statement(&statement()),
                ));
            }
        }
        for stamps in [1, 2] {
            let signing = self.keyless().logged_in(Log::V2).timestamped(stamps);
            made.push((
                format!("honest Rekor v2 message {stamps}"),
                signing.message(MESSAGE),
            ));
            let envelope = signing.statement(&statement());
            made.push((format!("honest Rekor v2 envelope {stamps}"), envelope));
        }
        let signing = self.keyless();
        let both = signing.also_logged_in(&self.forge.rekor, signing.message(MESSAGE));
        made.push(("honest, logged twice".to_owned(), both));
        for (name, bundle) in made {
            self.put(true, &name, &bundle);
        }
    }

    /// Certificates and managed keys of every kind.
    fn keys(&mut self) {
        let kinds = [
            ("P-256", KeyKind::EcdsaP256),
            ("P-384", KeyKind::EcdsaP384),
            ("P-521", KeyKind::EcdsaP521),
            ("RSA-2048", KeyKind::Rsa2048),
            ("RSA-3072", KeyKind::Rsa3072),
            ("Ed25519", KeyKind::Ed25519),
        ];
        for (name, kind) in kinds {
            let bundle = self.keyless().key_kind(kind).statement(&statement());
            self.put(true, &format!("honest certificate of {name}"), &bundle);
            let bundle = self.keyless().key_kind(kind).message(MESSAGE);
            self.put(
                true,
                &format!("honest certificate of {name}, message"),
                &bundle,
            );
            let key = Key::generate(kind);
            let signing = self.forge.keyed(&key, at(SIGNING_TIME)).timestamped(1);
            let (message, envelope) = (signing.message(MESSAGE), signing.statement(&statement()));
            self.put_signed(
                true,
                &format!("honest key {name}, message"),
                &message,
                Some(&key),
            );
            self.put_signed(
                true,
                &format!("honest key {name}, envelope"),
                &envelope,
                Some(&key),
            );
            let other = Key::generate(kind);
            self.put_signed(false, &format!("other key {name}"), &message, Some(&other));
        }
    }
}
