//! The engine as the API server sees it, beside a registry, a cluster and a clock that may misbehave.
//!
//! `gauntlet` holds what went wrong elsewhere; the number in a test's name is the row of
//! `docs/security/gauntlet.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "tests tell one story each, with its whole world; a failed unwrap is a failed test"
)]

mod decide;
mod gauntlet;
mod logged;
mod pages;
mod requests;
mod surroundings;
mod told;
mod world;
