//! Admission over TLS: throughput and latency as ratios to the least that a handler can do, cold
//! latency in round trips of the registry, and memory under a flood of pods.
//!
//! Three servers run as processes of their own, and are measured in turn, round by round, in one run:
//!
//! - **bare**: an axum handler that parses the review and answers it, behind the shortest loop that serves TLS
//! - **server**: the same handler behind our listener with all its bounds
//! - **webhook**: the binary, which knows the verdict
//!
//! `cargo bench -p sovverify-webhook --bench admission [cached|cold|flood]`; with `--quick`, few rounds.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a benchmark fails where something else would recover, and prints what it read"
)]

mod bare;
mod cached;
mod client;
mod cold;
mod flood;
mod process;
mod world;

/// The allocator of the binary: all servers have the same one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Some(server) = process::wanted() {
        return server.serve();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wants = |name: &str| {
        let named = arguments
            .iter()
            .filter(|argument| !argument.starts_with('-'));
        let mut named = named.peekable();
        named.peek().is_none() || named.any(|argument| name.contains(argument.as_str()))
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let effort = if quick { Effort::Quick } else { Effort::Full };
    if wants("cached") {
        cached::run(effort);
    }
    if wants("cold") {
        cold::run(effort);
    }
    if wants("flood") {
        flood::run(effort);
    }
}

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Whether it works.
    Quick,
    /// What is written down.
    Full,
}
