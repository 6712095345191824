//! The bounds of reading SPDX, each with its unit and its reason.

use crate::sbom::limits::{MAX_COMPONENTS, MAX_RELATIONSHIPS};

/// Elements of one SPDX 3 document: what may be a component or a relationship, and as many again that
/// are neither (licenses, agents, creation information).
pub(super) const MAX_ELEMENTS: usize = 2 * (MAX_COMPONENTS + MAX_RELATIONSHIPS);

/// Entries of one list in one component (checksums, references, licenses in a file); the longest real
/// ones, the references of a kernel package, have some hundred.
pub(super) const MAX_DETAILS: usize = 65_536;

/// Elements written inside other elements in SPDX 3, level by level. Tools write one or two; each
/// level is scanned once more.
pub(super) const MAX_INLINE: usize = 8;

/// Bytes of text that many components share (an agent, a license, a distributed file) and that is
/// copied to each of them. Without it, a small document would swell by its square.
pub(super) const MAX_SHARED_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of one license expression that SPDX 3 writes as a tree of elements.
pub(super) const MAX_EXPRESSION_BYTES: usize = 64 * 1024;

/// Levels of such a tree; real ones have two or three.
pub(super) const MAX_EXPRESSION_DEPTH: usize = 32;

/// Lines of one tag-value document: half of the bytes that it may have could be line ends.
pub(super) const MAX_LINES: usize = 16_000_000;

/// Bytes of one line of a tag-value document outside `<text>`. Longest are descriptions of packages.
pub(super) const MAX_LINE_BYTES: usize = 1024 * 1024;
