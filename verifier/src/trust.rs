//! Trust: the authorities and keys that a verdict starts from, parsed once for many bundles.

pub(crate) mod algorithm;
mod anchor;
mod key;
pub(crate) mod material;
mod root;

pub use algorithm::AlgorithmUse;
pub use anchor::{Anchor, AnchorId, TrustStore};
pub use key::{KeyAlgorithm, KeyError, KeyHash, PublicKey};
pub use root::{
    Danger, Inclusion, Instance, MAX_TRUSTED_ROOT_BYTES, Requirements, Sct, TrustError, TrustRoot,
    TrustRootOptions, TrustRootParts,
};
