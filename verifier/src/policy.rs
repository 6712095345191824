//! Policy: which images may run, and what must be proven about them.
//!
//! ```text
//! Source ─parse─► Documents ─compile (with the files they name)─► PolicySet
//! PolicySet + Appraisal + Selection ─evaluate─► Verdict
//! ```
//!
//! **Invariant**: no disk. Documents say which files they need, their caller reads them.

mod algorithms;
mod compile;
mod configuration;
mod crd;
mod decode;
mod diagnostic;
mod document;
mod eval;
mod exception;
mod file;
mod flags;
mod glob;
mod image_pattern;
mod matcher;
mod matching;
mod platforms;
mod predicate;
mod reach;
mod requirement;
mod root;
mod rule;
mod schema;
mod selector;
mod set;
mod signer;
mod source;
mod target;
mod unusable;

pub use algorithms::{Algorithms, Deprecation, Role};
pub use compile::{Broken, Lenient};
pub use configuration::{
    Configuration, LimitOverrides, Mirror, SignatureRepository, SystemAuthorities, TokenCredential,
    TokenUse, Unmatched,
};
pub use crd::{crds, crds_yaml};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use document::{API_VERSION, Documents};
pub use eval::ArtifactVerdict;
pub use file::{FileKey, FileRequest, MAX_FILE_BYTES};
pub use flags::{FlagError, FlagLog, FlagMatch, FlagPolicy, FlagSct, FlagTrust};
pub use matching::Matching;
pub use platforms::Selection;
pub use root::TrustTerm;
pub use schema::{schema, schemas};
pub use set::{Policy, PolicySet, Scope};
pub use source::{MAX_SOURCE_BYTES, Source};
pub use target::Target;
pub use unusable::Unusable;

#[cfg(test)]
mod tests;
