//! End to end: a real API server, a real registry, real cosign, our binary.
//!
//! `cargo xtask e2e` prepares the programs and runs this. One control plane serves all scenarios, each in
//! namespaces and behind a webhook of its own; faults of the control plane have one of theirs. Everything
//! listens on loopback ports that the system picks, and ends with the test process; the log of a
//! server is printed when a test fails.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "test support outside of test functions: what goes wrong here is a failed test"
)]

mod support;

mod e2e_control_plane;
mod e2e_controllers;
mod e2e_documents;
mod e2e_exempt;
mod e2e_install;
mod e2e_kinds;
mod e2e_latency;
mod e2e_outages;
mod e2e_pins;
mod e2e_reasons;
mod e2e_requests;
mod e2e_restarts;
mod e2e_schemas;
mod e2e_statuses;
mod e2e_tenants;
mod e2e_workloads;
