//! Addresses that no registry lives on, and the name service that refuses them.
//!
//! **Invariant**: checked on the addresses that are connected to, not on the name: a name that
//! resolves to something harmless first and to the metadata service later is refused both times.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::error::HostKind;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

/// How far a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Also to this machine: its user named the registry, or its operator listed it.
    Local,
    /// Not to this machine: a registry sent us there, or a tenant named it.
    Remote,
}

/// Metadata services outside the link-local range: Alibaba, Oracle, Azure's wire server, and the
/// IPv6 address of Amazon's.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Why `address` is not connected to, if so.
pub(super) fn refusal(address: IpAddr, reach: Reach) -> Option<HostKind> {
    match address {
        IpAddr::V4(address) => refusal_v4(address, reach),
        IpAddr::V6(address) => refusal_v6(address, reach),
    }
}

fn refusal_v4(address: Ipv4Addr, reach: Reach) -> Option<HostKind> {
    let [first, ..] = address.octets();
    if first == 0 {
        return Some(HostKind::Unspecified);
    }
    if address.is_link_local() {
        return Some(HostKind::LinkLocal);
    }
    if METADATA_V4.contains(&address) {
        return Some(HostKind::Metadata);
    }
    if address.is_multicast() || address.is_broadcast() {
        return Some(HostKind::ManyHosts);
    }
    (address.is_loopback() && reach == Reach::Remote).then_some(HostKind::ThisMachine)
}

fn refusal_v6(address: Ipv6Addr, reach: Reach) -> Option<HostKind> {
    if address.is_unspecified() {
        return Some(HostKind::Unspecified);
    }
    if address.is_unicast_link_local() {
        return Some(HostKind::LinkLocal);
    }
    if address == METADATA_V6 {
        return Some(HostKind::Metadata);
    }
    if address.is_multicast() {
        return Some(HostKind::ManyHosts);
    }
    if address.is_loopback() {
        return (reach == Reach::Remote).then_some(HostKind::ThisMachine);
    }
    embedded_v4(address).and_then(|address| refusal_v4(address, reach))
}

/// The IPv4 address inside an IPv6 one: mapped and compatible (RFC 4291 section 2.5.5), translated
/// (RFC 2765 section 2.1), 6to4 (RFC 3056), NAT64 (RFC 6052 and RFC 8215), ISATAP (RFC 5214 section
/// 6.1) and Teredo (RFC 4380 section 4, inverted).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [_, _, _, _, 0 | 0x0200, 0x5efe, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => Some(join(high, low)),
        [0x2001, 0, .., high, low] => Some(join(!high, !low)),
        _ => None,
    }
}

/// Why the host of a URL is not connected to, when it is an address written out.
pub(super) fn literal_refusal(url: &Url, reach: Reach) -> Option<HostKind> {
    match url.host() {
        Some(url::Host::Ipv4(address)) => refusal(address.into(), reach),
        Some(url::Host::Ipv6(address)) => refusal(address.into(), reach),
        // `localhost` and everything below it is this machine by RFC 6761 section 6.3.
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let local = name == "localhost" || name.ends_with(".localhost");
            (local && reach == Reach::Remote).then_some(HostKind::ThisMachine)
        }
        None => Some(HostKind::None),
    }
}

/// A name service that gives only addresses that may be connected to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver(pub(super) Reach);

/// The name has an address that is not connected to.
#[derive(Debug)]
pub(super) struct Refused(pub(super) HostKind);

/// The name has no address.
#[derive(Debug)]
pub(super) struct NoAddress;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name leads to {}", self.0)
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name has no address")
    }
}

impl std::error::Error for NoAddress {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| NoAddress)?
                .collect();
            if found.is_empty() {
                return Err(NoAddress.into());
            }
            // One bad address among good ones is no accident.
            for address in &found {
                if let Some(reason) = refusal(address.ip(), reach) {
                    return Err(Refused(reason).into());
                }
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauntlet_131_secrets_of_the_machine_are_refused_in_every_spelling() {
        for text in [
            "169.254.169.254",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::ffff:a9fe:a9fe",
            "::a9fe:a9fe",
            "::ffff:0:a9fe:a9fe",
            "2001:db8::5efe:a9fe:a9fe",
            "2001:db8::200:5efe:a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2001:0:1::5601:5601",
        ] {
            let address = text.parse().unwrap();
            assert!(refusal(address, Reach::Local).is_some(), "{text}");
            assert!(refusal(address, Reach::Remote).is_some(), "{text}");
        }
    }

    #[tokio::test]
    async fn gauntlet_131_names_are_judged_by_the_addresses_that_they_lead_to() {
        let resolve = |reach| Resolver(reach).resolve("localhost".parse().unwrap());
        assert!(resolve(Reach::Local).await.is_ok());
        let refused = resolve(Reach::Remote).await.err().unwrap();
        assert!(refused.downcast_ref::<Refused>().is_some(), "{refused}");
    }

    #[test]
    fn this_machine_is_refused_where_its_user_did_not_name_it() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ] {
            let address = text.parse().unwrap();
            assert_eq!(refusal(address, Reach::Local), None, "{text}");
            assert!(refusal(address, Reach::Remote).is_some(), "{text}");
        }
        for text in [
            "10.0.0.1",
            "192.168.1.1",
            "8.8.8.8",
            "2606:4700::1111",
            "fd12::1",
            "100.64.0.1",
        ] {
            assert_eq!(
                refusal(text.parse().unwrap(), Reach::Remote),
                None,
                "{text}"
            );
        }
        for (url, reach, refused) in [
            ("https://localhost/", Reach::Local, false),
            ("https://localhost./", Reach::Remote, true),
            ("https://a.localhost/", Reach::Remote, true),
            ("https://0x7f.1/", Reach::Remote, true),
            ("https://2852039166/", Reach::Local, true),
            ("https://[::ffff:a9fe:a9fe]/", Reach::Local, true),
            ("https://registry.example/", Reach::Remote, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(literal_refusal(&url, reach).is_some(), refused, "{url}");
        }
    }
}
