//! Look-ups against an API server that is a function.

pub(crate) mod api;
mod edges;
mod namespaces;
mod secrets;
