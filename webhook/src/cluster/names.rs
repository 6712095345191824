//! Names of objects as Kubernetes allows them.
//!
//! A pod may name pull secrets that could never exist, and the API server stores it: a name such as
//! `../../kube-system/secrets/admin` must not become a part of a path.

/// Bytes of the longest name of an object (RFC 1123 subdomain).
const MAX_NAME_BYTES: usize = 253;

/// Whether `name` is an RFC 1123 subdomain, which is what names of namespaces, secrets and service
/// accounts are at most.
pub(super) fn is_name(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    bytes.len() <= MAX_NAME_BYTES
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::{MAX_NAME_BYTES, is_name};

    #[test]
    fn what_is_no_name_never_reaches_a_path() {
        for name in [
            "a",
            "team-a",
            "registry.example",
            "0",
            &"a".repeat(MAX_NAME_BYTES),
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "..",
            "../x",
            "a/b",
            "a..b",
            "a%2fb",
            "A",
            "a_b",
            "-a",
            "a.",
            "a?watch=1",
            "a\n",
            "ä",
            &"a".repeat(MAX_NAME_BYTES + 1),
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
