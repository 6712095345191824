//! The bounds of reading an SBOM, each with its unit and its reason.

/// Bytes of one SBOM; the largest real ones have some 50 MB.
pub const MAX_SBOM_BYTES: usize = 128 * 1024 * 1024;
/// Components of one SBOM, nested ones and files included. Ten times the largest real ones.
pub const MAX_COMPONENTS: usize = 1_000_000;
/// Relationships of one SBOM.
pub const MAX_RELATIONSHIPS: usize = 4_000_000;
/// Nesting of components in components.
pub const MAX_NESTING: usize = 64;
/// Violations of the schema that are kept; more are counted.
pub const MAX_VIOLATIONS: usize = 100;
