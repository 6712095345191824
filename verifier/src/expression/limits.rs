//! Every bound of expressions, each with its unit and its reason.

/// Bytes of one expression. The longest honest condition has some 500; what needs more is a program.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024;
/// Levels of one expression, counted in operators, calls and brackets from the root to a leaf. The
/// parser, the checks, the evaluation and the destructor recurse this deep, at most.
pub const MAX_DEPTH: usize = 64;
/// Comprehensions inside the body of comprehensions: components and their licenses need two, and
/// with a third the work is the cube of what evidence says.
pub const MAX_COMPREHENSIONS: usize = 2;
/// Steps of one evaluation: one for each node that is evaluated, each iteration, each element that
/// is compared or copied, each [`STEP_BYTES`] bytes of text that are read, and for each byte that a
/// pattern reads as many as the pattern has half KiB. Forty steps for each of 100 000 components;
/// well below a second for the slowest pattern.
pub const MAX_STEPS: u64 = 4_000_000;
/// Bytes of text that are read for one step.
pub const STEP_BYTES: usize = 64;
/// Bytes of all values that one evaluation makes (concatenations, lists, maps, conversions),
/// whether or not they are still in use. Values of the evidence are shared and cost nothing.
pub const MAX_VALUE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes that one element of a list or a map is counted as.
pub const ELEMENT_BYTES: usize = 64;
/// Values in all the variables of one evaluation: an SBOM of 60 000 components has some 1 000 000.
pub const MAX_INPUT_NODES: usize = 2_000_000;
/// Levels of the values in variables (`serde_json` stops at 128).
pub const MAX_INPUT_DEPTH: usize = 128;
/// Bytes of one pattern of `matches`; an honest one has some 100.
pub const MAX_PATTERN_BYTES: usize = 512;
/// Bytes that one compiled pattern may take; an honest one takes up to 8 KiB.
pub const MAX_COMPILED_BYTES: usize = 64 * 1024;
/// Nesting of one pattern.
pub const MAX_PATTERN_NESTING: u32 = 32;
/// Different patterns of one evaluation that are not constants of the expression, because each is
/// compiled while the verdict waits.
pub const MAX_DYNAMIC_PATTERNS: usize = 16;
