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

#[path = "gauntlet/above.rs"]
mod above;
#[path = "gauntlet/bad_input.rs"]
mod bad_input;
#[path = "gauntlet/binding.rs"]
mod binding;
#[path = "gauntlet/bounds.rs"]
mod bounds;
#[path = "gauntlet/chains.rs"]
mod chains;
#[path = "gauntlet/content.rs"]
mod content;
#[path = "gauntlet/empty.rs"]
mod empty;
#[path = "gauntlet/entries.rs"]
mod entries;
#[path = "gauntlet/expressions.rs"]
mod expressions;
#[path = "gauntlet/fields.rs"]
mod fields;
#[path = "forged/world.rs"]
mod forged;
#[path = "gauntlet/identity.rs"]
mod identity;
#[path = "gauntlet/logic.rs"]
mod logic;
#[path = "gauntlet/logs.rs"]
mod logs;
#[path = "gauntlet/monotone.rs"]
mod monotone;
#[path = "gauntlet/page.rs"]
mod page;
#[path = "gauntlet/payload.rs"]
mod payload;
#[path = "gauntlet/pki.rs"]
mod pki;
#[path = "gauntlet/platforms.rs"]
mod platforms;
#[path = "gauntlet/proofs.rs"]
mod proofs;
#[path = "gauntlet/roots.rs"]
mod roots;
#[path = "gauntlet/signatures.rs"]
mod signatures;
#[path = "gauntlet/switches.rs"]
mod switches;
#[path = "gauntlet/tenants.rs"]
mod tenants;
#[path = "gauntlet/thresholds.rs"]
mod thresholds;
#[path = "gauntlet/times.rs"]
mod times;
#[path = "gauntlet/tokens.rs"]
mod tokens;
#[path = "gauntlet/vex.rs"]
mod vex;
#[path = "gauntlet/wire.rs"]
mod wire;
#[path = "gauntlet/world.rs"]
mod world;
