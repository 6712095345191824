//! The testbed: real registries, real cosign, images to sign, and a proxy that lies.
//!
//! Both binaries have end-to-end tests that stand on it. It is a package of its own, because the forge
//! runs no program and opens no socket, and because a file that two test crates include is compiled
//! twice and warned about twice. Like the forge it knows nothing of the verifier: what it pushes and
//! signs is what others would push and sign.
//!
//! `cargo xtask e2e` names the programs in variables; see [`kit`].

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "test support: what goes wrong here is a failed test, and says so on the terminal"
)]

pub mod cosign;
pub mod http;
pub mod image;
pub mod kit;
pub mod process;
pub mod proxy;
pub mod registry;
