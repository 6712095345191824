//! The forge: a toy supply chain in memory that makes bytes, honest first, then one lie each.
//!
//! It depends on nothing of ours, so that a mistake in the verifier cannot hide in its tests: its
//! own tests ask other people's verifiers whether the honest bytes are honest. Times are
//! arguments; keys are random and never leave the process.
//!
//! ```
//! use sovverify_forge::{Forge, Statement, at};
//!
//! let forge = Forge::new(at("2026-01-01T00:00:00Z"));
//! let time = at("2026-03-02T11:04:05Z");
//! let statement = Statement::slsa_v1("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
//! let honest = forge.keyless(time).timestamped(1).statement(&statement);
//! let lie = honest.clone().set_tampered();
//! assert_ne!(honest.bytes(), lie.bytes());
//! let trusted_root = forge.trusted_root().text();
//! # assert!(trusted_root.contains("certificateAuthorities"));
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a forge that cannot forge is a failed test"
)]

mod authority;
mod bundle;
mod clock;
mod der;
mod encoding;
mod entry;
mod envelope;
mod forge;
mod image;
mod keys;
mod layout;
mod legacy;
mod lies;
mod note;
mod realdata;
mod registry;
mod rekor_v1;
mod rekor_v2;
mod sct;
mod signing;
mod statement;
mod timestamper;
mod tree;
mod trusted_root;
mod x509;

pub use authority::{Authority, Request};
pub use bundle::{Bundle, Material, Version};
pub use clock::{SIGNING_TIME, Window, at, days, minutes};
pub use encoding::{Hash, base64, digest_of, sha256};
pub use entry::{EntryKind, LogEntry, Proof};
pub use envelope::{Content, Envelope, IN_TOTO, Verifier};
pub use forge::{Forge, trusted};
pub use image::{Descriptor, OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, layer};
pub use keys::{Key, KeyKind, Scheme};
pub use layout::{BUNDLE_TYPE, Layout, REF_NAME};
pub use legacy::{
    CERTIFICATE, CHAIN, CosignLayer, DSSE_ENVELOPE, LOG_BUNDLE, SIGNATURE, SIMPLE_SIGNING,
    TIMESTAMP, log_bundle,
};
pub use note::Witness;
pub use realdata::realdata;
pub use registry::{Act, Asked, Registry};
pub use rekor_v1::RekorV1;
pub use rekor_v2::RekorV2;
pub use sct::CtLog;
pub use signing::{Log, Signing};
pub use statement::{
    COSIGN_SIGN, SLSA_V1, SLSA_V02, SPDX, STATEMENT_V01, STATEMENT_V1, Statement, simple_signing,
};
pub use timestamper::{CertificateReference, Imprint, Timestamper};
pub use tree::Tree;
pub use trusted_root::{TrustedAuthority, TrustedLog, TrustedRoot};
pub use x509::{
    Certificate, Identity, Name, PEOPLE_ISSUER, RELEASE_WORKFLOW, REPOSITORY, Usage,
    WORKFLOW_ISSUER,
};
