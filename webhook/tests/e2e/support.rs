//! What the scenarios stand on: a control plane, certificates, kubectl, our binary before it.

pub(crate) mod api;
pub(crate) mod authority;
pub(crate) mod control_plane;
pub(crate) mod gate;
pub(crate) mod install;
pub(crate) mod kubectl;
pub(crate) mod load;
pub(crate) mod noop;
pub(crate) mod objects;
pub(crate) mod patience;
pub(crate) mod programs;
pub(crate) mod review;
pub(crate) mod stage;
pub(crate) mod weather;
pub(crate) mod webhook;
