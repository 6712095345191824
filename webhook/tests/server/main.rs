//! The server on loopback with real TLS, behind it a decision that does what its request says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod bounds;
mod ending;
mod frames;
mod heads;
mod http_2;
mod installed;
mod routes;
mod support;
mod tls;
