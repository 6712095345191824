//! Forged evidence: first honest, then one lie each, and every lie has its own code.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "forged/algorithms.rs"]
mod algorithms;
#[path = "forged/bounds.rs"]
mod bounds;
#[path = "forged/guards.rs"]
mod guards;
#[path = "forged/honest.rs"]
mod honest;
#[path = "forged/lies.rs"]
mod lies;
#[path = "forged/properties.rs"]
mod properties;
#[path = "forged/shape.rs"]
mod shape;
#[path = "forged/world.rs"]
mod world;
