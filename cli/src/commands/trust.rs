//! Whom to trust, where no document says it: a trusted root, keys, and what may be missing.

use std::path::Path;
use std::sync::Arc;

use sovverify::trust::{
    Inclusion, Instance, KeyError, KeyHash, MAX_TRUSTED_ROOT_BYTES, Requirements, Sct, TrustError,
    TrustRootOptions,
};
use sovverify::{Anchor, Code, PublicKey, TrustRoot, TrustStore};

use crate::args::TrustArgs;
use crate::problem::Stopped;
use sovverify_fetch::load::files::{MAX_PEM_BYTES, read_text};

/// The trust root of the flags: the given one, or the embedded public-good instance.
pub(crate) fn root(args: &TrustArgs) -> Result<Arc<TrustRoot>, Stopped> {
    let options = TrustRootOptions {
        requirements: requirements(args),
        ..TrustRootOptions::default()
    };
    let root = if let Some(path) = &args.trusted_root {
        let json = trusted_root(path)?;
        TrustRoot::from_json("given", &json, options).map_err(|e| unusable_root(path, &e))?
    } else {
        let instance = args.sigstore_instance;
        let instance = instance.map_or(Instance::PublicGood, Instance::from);
        TrustRoot::embedded(instance_name(instance), instance, options)
            .map_err(|error| unusable_root(Path::new("embedded"), &error))?
    };
    Ok(Arc::new(root))
}

/// The text of a `trusted_root.json`.
pub(crate) fn trusted_root(path: &Path) -> Result<String, Stopped> {
    let limit = u64::try_from(MAX_TRUSTED_ROOT_BYTES).unwrap_or(u64::MAX);
    Ok(read_text(path, limit)?)
}

/// The public key in `path`.
pub(crate) fn key(path: &Path, hash: Option<KeyHash>) -> Result<Arc<PublicKey>, Stopped> {
    let pem = read_text(path, MAX_PEM_BYTES)?;
    PublicKey::from_pem(&pem, hash)
        .map(Arc::new)
        .map_err(|error| unusable_key(path, &error))
}

/// The root and every key. As with a single signer in flags, a key is judged with the logs and
/// times of a given trusted root, and alone where none is given.
pub(crate) fn store(
    root: &Arc<TrustRoot>,
    keys: &[Arc<PublicKey>],
    args: &TrustArgs,
) -> TrustStore {
    let mut store = TrustStore::default();
    store.add(Anchor::Certificates(Arc::clone(root)));
    for key in keys {
        store.add(Anchor::Key {
            key: Arc::clone(key),
            root: args.names_a_root().then(|| Arc::clone(root)),
        });
    }
    store
}

const fn instance_name(instance: Instance) -> &'static str {
    match instance {
        Instance::Staging => "staging",
        Instance::GitHub => "github",
        _ => "public-good",
    }
}

fn requirements(args: &TrustArgs) -> Requirements {
    let strict = Requirements::default();
    Requirements {
        logs: if args.insecure_ignore_tlog {
            0
        } else {
            strict.logs
        },
        sct: if args.insecure_ignore_sct {
            Sct::DangerNotRequired
        } else {
            strict.sct
        },
        inclusion: Inclusion::ProofUnlessLegacy,
        ..strict
    }
}

/// Why a trusted root cannot be used.
pub(crate) fn unusable_root(path: &Path, error: &TrustError) -> Stopped {
    let message = format!("the trusted root `{}` is not usable", path.display());
    Stopped::new(Code::TrustMalformed, message)
        .expected("a Sigstore trusted root (trusted_root.json)")
        .found(error.to_string())
        .hint("fetch it again from its origin and compare its digest with the published one")
}

/// Why a public key cannot be used.
pub(crate) fn unusable_key(path: &Path, error: &KeyError) -> Stopped {
    let code = match error {
        KeyError::Unsupported { .. } => Code::KeyUnsupported,
        _ => Code::FileMalformed,
    };
    let message = format!("the public key `{}` is not usable", path.display());
    Stopped::new(code, message)
        .expected(error.expected())
        .found(error.found())
        .hint("`cosign public-key --key KEY` and `openssl pkey -pubout` write such files")
}
