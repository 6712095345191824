//! What the scenarios stand on: servers, keys, images, copies, and a proxy that lies.

pub(crate) mod copy;
pub(crate) mod cosign;
pub(crate) mod http;
pub(crate) mod image;
pub(crate) mod kit;
pub(crate) mod ours;
pub(crate) mod policy;
pub(crate) mod proxy;
pub(crate) mod registry;
