//! Documents as people write them: those that we ship must be taken, bad ones must be refused with the
//! words that are snapshotted beside them.
//!
//! `SOVVERIFY_BLESS=1` writes the expected texts anew; review them like code.

#![expect(
    clippy::disallowed_methods,
    reason = "the documents lie on disk, and only the test knows"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

#[path = "policies/bad.rs"]
mod bad;
#[path = "policies/crds.rs"]
mod crds;
#[path = "policies/disk.rs"]
mod disk;
#[path = "policies/documentation.rs"]
mod documentation;
#[path = "policies/flags.rs"]
mod flags;
#[path = "policies/hybrid.rs"]
mod hybrid;
#[path = "policies/identity.rs"]
mod identity;
#[path = "policies/schema.rs"]
mod schema;
#[path = "policies/shipped.rs"]
mod shipped;
#[path = "policies/workloads.rs"]
mod workloads;
