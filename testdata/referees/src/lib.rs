//! The referees: the same bundle, artifact, signer and trusted root before our verifier and before
//! independent ones, and never the one yes where all others say no, or the reverse.
//!
//! Read in this order: [`case`] (one question), [`bases`] (real data by others), [`forged`] (lies that
//! are signed in order), [`mutate`] (seeded lies), [`ours`], [`worker`] and [`cosign`] (who answers), [`panel`] (all of them together),
//! [`exceptions`] (where we differ on purpose), [`table`] (what the page shows).
//!
//! `cargo xtask referees` builds the referees and runs everything; see `docs/security/referees.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: what goes wrong here is a failed test, and says so on the terminal"
)]

pub mod bases;
pub mod case;
pub mod cosign;
pub mod exceptions;
pub mod forged;
pub mod mutate;
pub mod ours;
pub mod panel;
pub mod random;
pub mod table;
pub mod worker;
