//! No network, async or second cryptography crate may enter below the pure core.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::steps::Stop;

/// Crates that open sockets, run executors, spawn processes or bring their own cryptography.
const FORBIDDEN: &[&str] = &[
    // sockets and protocols
    "attohttpc",
    "curl",
    "curl-sys",
    "h2",
    "h3",
    "hickory-resolver",
    "hyper",
    "hyper-util",
    "isahc",
    "mio",
    "oci-client",
    "oci-distribution",
    "quinn",
    "reqwest",
    "socket2",
    "surf",
    "tiny_http",
    "tungstenite",
    "ureq",
    // executors
    "actix-rt",
    "async-executor",
    "async-io",
    "async-std",
    "futures-executor",
    "glommio",
    "monoio",
    "smol",
    "tokio",
    "tokio-util",
    // TLS and trust of the machine
    "native-tls",
    "openssl",
    "openssl-probe",
    "openssl-sys",
    "rustls",
    "rustls-native-certs",
    "rustls-platform-verifier",
    "schannel",
    "security-framework",
    "webpki-roots",
    // a second implementation of cryptography (`ed25519-dalek` is the one that is let in: Ed25519ph)
    "boring",
    "k256",
    "p256",
    "p384",
    "ring",
    "rsa",
    // randomness, clock and machine
    "chrono",
    "dirs",
    "etcetera",
    "fastrand",
    "home",
    "rand",
    "tempfile",
    "time",
    // `uuid` is let in: the parser of CEL reads one with it, and no feature that makes one is on.
    "walkdir",
    "which",
];

/// Checks the dependency tree of `sovverify`, for every target that cargo knows of.
pub(crate) fn check(context: &Context) -> Result<(), Stop> {
    let names = below(context, "sovverify")?;
    let found = forbidden(&names);
    if !found.is_empty() {
        return Err(Stop::failed(format!(
            "the pure core depends on {found:?}; `cargo tree -p sovverify -e normal -i <crate>` says why"
        )));
    }
    // The guard must be able to see: the package with the network has what we look for.
    if forbidden(&below(context, "sovverify-fetch")?).is_empty() {
        return Err(Stop::failed(
            "the guard is blind: it finds no network crate below `sovverify-fetch` either",
        ));
    }
    println!(
        "{} crates below `sovverify`, none of them forbidden",
        names.len()
    );
    Ok(())
}

/// The names of all crates below a package, without what only its tests or build need.
fn below(context: &Context, package: &str) -> Result<BTreeSet<String>, Stop> {
    let tree = context
        .cargo(&[
            "tree",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .args(&["--target", "all", "--locked", "--format", "{p}"])
        .output()?;
    let names: BTreeSet<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    if !names.contains(package) {
        return Err(Stop::failed(format!(
            "`cargo tree` does not show `{package}`"
        )));
    }
    Ok(names)
}

/// Those of the names that may not be there.
fn forbidden(names: &BTreeSet<String>) -> Vec<&str> {
    names
        .iter()
        .map(String::as_str)
        .filter(|name| FORBIDDEN.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_crate_is_seen_and_a_pure_one_is_not() {
        let names = ["serde", "tokio"].map(str::to_owned).into();
        assert_eq!(forbidden(&names), ["tokio"]);
    }
}
