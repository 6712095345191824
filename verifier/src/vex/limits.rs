//! The bounds of reading VEX, each with its unit and its reason.

/// Bytes of one VEX document. The largest advisories of distributions have some 50 MB.
pub const MAX_VEX_BYTES: usize = 128 * 1024 * 1024;
/// Statements of one document. One statement covers any number of products.
pub const MAX_STATEMENTS: usize = 500_000;
/// Products and subcomponents named by all statements of one document.
pub const MAX_PRODUCTS: usize = 4_000_000;
/// Bytes of the names and reasons of all statements of one document, repetitions included.
pub const MAX_TEXT: usize = 512 * 1024 * 1024;
/// Relationships that lead from one product of CSAF to another; real ones have two.
pub const MAX_RELATIONSHIP_DEPTH: usize = 16;
