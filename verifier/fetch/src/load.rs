//! Inputs from the disk: policies, trust roots, settings, signed exceptions, and every file that they
//! name. Both binaries load them in the same way.
//!
//! **Invariant**: nothing is read that the caller or a document did not name, and no more of it than
//! its bound. A volume that Kubernetes replaces while it is read is read again: old and new content
//! are never mixed.

mod databases;
mod documents;
mod error;
mod exceptions;
pub mod files;
mod mounts;
mod settings;

pub use documents::{Loaded, documents};
pub use error::{LoadError, notice, problem};
pub use exceptions::Exceptions;
pub use settings::Settings;
