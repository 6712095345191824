//! Real cosign: keys, signatures, attestations, copies. It never reaches past loopback: the log and
//! the trust root that it would ask for are switched off or given as empty files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::kit::Kit;

/// Where cosign 3 is to look for the public trust root: nobody answers there, and it goes on without.
/// (Given an empty trusted root instead, cosign 3.1.3 refuses its own Ed25519 signatures.)
const NO_MIRROR: &str = "http://127.0.0.1:1";

/// Which cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Tags `.sig` and `.att`.
    V2,
    /// Bundles as referrers.
    V3,
}

/// The kinds of keys that cosign can import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa3072,
    /// Ed25519.
    Ed25519,
}

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::P256, Self::P384, Self::Rsa3072, Self::Ed25519];

    /// What openssl calls it.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::P256 => &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Self::P384 => &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            Self::Rsa3072 => &["RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
            Self::Ed25519 => &["ED25519"],
        }
    }
}

/// A key pair as cosign keeps it.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// cosign's encrypted private key.
    private: PathBuf,
    /// The public key, PEM.
    pub public: PathBuf,
}

/// What is signed besides the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The index only.
    Index,
    /// The index and each of its platforms.
    Recursive,
}

/// What is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// SLSA provenance v1.
    Slsa,
    /// An SPDX document.
    Spdx,
}

impl Predicate {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Slsa, Self::Spdx];

    /// The predicate type.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Slsa => "https://slsa.dev/provenance/v1",
            Self::Spdx => "https://spdx.dev/Document",
        }
    }

    /// What cosign calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Slsa => "slsaprovenance1",
            Self::Spdx => "spdxjson",
        }
    }

    /// A small honest one.
    const fn document(self) -> &'static str {
        match self {
            Self::Slsa => {
                r#"{"buildDefinition":{"buildType":"https://example.test/build/v1","externalParameters":{},"internalParameters":{},"resolvedDependencies":[]},"runDetails":{"builder":{"id":"https://example.test/builder"},"metadata":{"invocationId":"1"}}}"#
            }
            Self::Spdx => {
                r#"{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"app","documentNamespace":"https://example.test/spdx/app","creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]},"packages":[]}"#
            }
        }
    }
}

/// One cosign with a home of its own.
pub struct Cosign<'a> {
    kit: &'a Kit,
    version: Version,
}

impl<'a> Cosign<'a> {
    /// The cosign of this version.
    pub const fn new(kit: &'a Kit, version: Version) -> Self {
        Self { kit, version }
    }

    /// A fresh key pair, made by openssl and imported.
    pub fn key(&self, kind: KeyKind, name: &str) -> KeyPair {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let folder = self.kit.folder();
        let name = format!("{name}-{}", MADE.fetch_add(1, Ordering::Relaxed));
        let pem = folder.join(format!("{name}.pem"));
        run(Command::new(&self.kit.openssl)
            .args(["genpkey", "-quiet", "-algorithm"])
            .args(kind.options())
            .arg("-out")
            .arg(&pem));
        run(self
            .command("import-key-pair")
            .arg("--key")
            .arg(&pem)
            .arg("--output-key-prefix")
            .arg(folder.join(&name)));
        KeyPair {
            private: folder.join(format!("{name}.key")),
            public: folder.join(format!("{name}.pub")),
        }
    }

    /// Signs an image.
    pub fn sign(&self, key: &KeyPair, reference: &str, reach: Reach) {
        let mut command = self.signing("sign", key);
        if reach == Reach::Recursive {
            command.arg("--recursive");
        }
        run(command.arg(reference));
    }

    /// Attests something about an image.
    pub fn attest(&self, key: &KeyPair, reference: &str, predicate: Predicate) {
        self.attest_as(key, reference, predicate.name(), predicate.document());
    }

    /// Attests `document` about an image, as `--type kind`.
    pub fn attest_as(&self, key: &KeyPair, reference: &str, kind: &str, document: &str) {
        let file = self.kit.write(kind, document);
        run(self
            .signing("attest", key)
            .args(["--type", kind, "--predicate"])
            .arg(file)
            .arg(reference));
    }

    /// Whether cosign itself accepts the signature: the referee.
    pub fn verifies(&self, public: &Path, reference: &str) -> bool {
        let mut command = self.command("verify");
        command.args([
            "--insecure-ignore-tlog=true",
            "--allow-http-registry",
            "--key",
        ]);
        command.arg(public);
        command.arg(reference).output().unwrap().status.success()
    }

    /// Saves an image with its `.sig` and `.att` into a layout.
    pub fn save(&self, reference: &str, folder: &Path) {
        run(self
            .command("save")
            .args(["--allow-http-registry", "--dir"])
            .arg(folder)
            .arg(reference));
    }

    /// A command that signs without log, timestamp and certificate.
    fn signing(&self, verb: &str, key: &KeyPair) -> Command {
        let mut command = self.command(verb);
        command.args(["--yes", "--allow-http-registry", "--key"]);
        command.arg(&key.private);
        match self.version {
            Version::V2 => command.arg("--tlog-upload=false"),
            Version::V3 => {
                let config = self.kit.write(
                    "signing-config.json",
                    r#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}"#,
                );
                command.arg("--signing-config").arg(config)
            }
        };
        command
    }

    /// A command with an environment of its own.
    fn command(&self, verb: &str) -> Command {
        let program = match self.version {
            Version::V2 => &self.kit.cosign2,
            Version::V3 => &self.kit.cosign3,
        };
        let mut command = Command::new(program);
        command.arg(verb).env_clear();
        command
            .env("HOME", self.kit.folder())
            .env("COSIGN_PASSWORD", "")
            .env("TUF_MIRROR", NO_MIRROR);
        command
    }
}

/// Runs a command that must succeed.
fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("a program that can be executed");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}
