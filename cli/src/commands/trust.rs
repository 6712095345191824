//! Whom to trust, where no document says it: a trusted root, keys, and what may be missing.

use std::path::Path;
use std::sync::Arc;

use sovverify::trust::{
    Inclusion, Instance, KeyError, KeyHash, MAX_TRUSTED_ROOT_BYTES, Requirements, Sct, TrustError,
    TrustRootOptions,
};
use sovverify::{Anchor, Code, PublicKey, TrustRoot, TrustStore};

use super::files::{MAX_PEM_BYTES, read_text};
use crate::args::TrustArgs;
use crate::problem::Stopped;

/// The trust root of the flags: the given one, or the embedded public-good instance.
pub(crate) fn root(args: &TrustArgs) -> Result<Arc<TrustRoot>, Stopped> {
    let options = TrustRootOptions {
        requirements: requirements(args),
        ..TrustRootOptions::default()
    };
    let root = match &args.trusted_root {
        Some(path) => {
            let limit = u64::try_from(MAX_TRUSTED_ROOT_BYTES).unwrap_or(u64::MAX);
            let json = read_text(path, limit)?;
            TrustRoot::from_json("given", &json, options).map_err(|e| unusable_root(path, &e))?
        }
        None => TrustRoot::embedded("public-good", Instance::PublicGood, options)
            .map_err(|error| unusable_root(Path::new("embedded"), &error))?,
    };
    Ok(Arc::new(root))
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
            root: args.trusted_root.as_ref().map(|_| Arc::clone(root)),
        });
    }
    store
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

fn unusable_root(path: &Path, error: &TrustError) -> Stopped {
    let message = format!("the trusted root `{}` is not usable", path.display());
    Stopped::new(Code::TrustMalformed, message)
        .expected("a Sigstore trusted root (trusted_root.json)")
        .found(error.to_string())
        .hint("fetch it again from its origin and compare its digest with the published one")
}

fn unusable_key(path: &Path, error: &KeyError) -> Stopped {
    let code = match error {
        KeyError::Unsupported { .. } => Code::KeyUnsupported,
        _ => Code::FileMalformed,
    };
    let message = format!("the public key `{}` is not usable", path.display());
    Stopped::new(code, message)
        .expected("one PEM block `PUBLIC KEY`")
        .found(error.to_string())
        .hint("`cosign public-key --key KEY` and `openssl pkey -pubout` write such files")
}
