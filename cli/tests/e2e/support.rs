//! What the scenarios stand on beside the testbed: our binary, copies, policies.

pub(crate) mod copy;
pub(crate) mod ours;
pub(crate) mod policy;
