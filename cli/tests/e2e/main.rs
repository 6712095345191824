//! End to end: real registries, real cosign, our binary; then every lie that we can think of.
//!
//! `cargo xtask e2e` prepares the tools and runs this. Everything listens on loopback ports that the
//! system picks, and ends with its test; the log of a server is printed when its test fails.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test support outside of test functions: what goes wrong here is a failed test"
)]

mod support;

mod e2e_contents;
mod e2e_honest;
mod e2e_lies;
mod e2e_support;
