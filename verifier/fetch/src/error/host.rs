//! Kinds of hosts that no registry lives on.

use std::fmt;

/// A kind of host that is not connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HostKind {
    /// There is no host.
    None,
    /// An unspecified address.
    Unspecified,
    /// A link-local address.
    LinkLocal,
    /// The address of a metadata service.
    Metadata,
    /// A multicast or broadcast address.
    ManyHosts,
    /// A loopback address, or a name for one.
    ThisMachine,
}

impl fmt::Display for HostKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no host at all",
            Self::Unspecified => "an unspecified address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "the address of a metadata service",
            Self::ManyHosts => "an address of many hosts",
            Self::ThisMachine => "an address of this machine",
        })
    }
}
