//! What other verifiers got wrong, as tests of this one: forged evidence goes through `appraise` and
//! `evaluate` as it does in production, and each lie has an honest twin that is admitted.
//!
//! The number in a test's name is the row of `docs/security/gauntlet.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "the page of the gauntlet lies on disk, and bounds on time need a clock"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "gauntlet/bad_input.rs"]
mod bad_input;
#[path = "gauntlet/binding.rs"]
mod binding;
#[path = "gauntlet/bounds.rs"]
mod bounds;
#[path = "gauntlet/content.rs"]
mod content;
#[path = "gauntlet/empty.rs"]
mod empty;
#[path = "gauntlet/expressions.rs"]
mod expressions;
#[path = "gauntlet/fields.rs"]
mod fields;
#[path = "gauntlet/logic.rs"]
mod logic;
#[path = "gauntlet/monotone.rs"]
mod monotone;
#[path = "gauntlet/page.rs"]
mod page;
#[path = "gauntlet/payload.rs"]
mod payload;
#[path = "gauntlet/tenants.rs"]
mod tenants;
#[path = "gauntlet/vex.rs"]
mod vex;
#[path = "gauntlet/world.rs"]
mod world;
