//! What several fuzz targets share: honest evidence of which one part is changed, and a registry on
//! loopback whose answers are the input.

#![forbid(unsafe_code)]

pub mod answers;
pub mod honest;
pub mod server;
