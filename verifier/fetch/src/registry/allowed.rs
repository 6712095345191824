//! Which registries may be asked at all.

use super::invalid;
use super::scope::Scope;
use crate::config::AllowedRegistries;
use crate::error::{Failure, FetchError};

/// The registries that may be asked; all of them where none are listed.
#[derive(Debug)]
pub(super) struct Allowed(Option<Vec<Pattern>>);

#[derive(Debug)]
enum Pattern {
    Host(String),
    /// Every host that ends so, from the dot on, and has at least one label more.
    Below(String),
}

impl Allowed {
    pub(super) fn new(configured: &AllowedRegistries) -> Result<Self, FetchError> {
        let AllowedRegistries::Only(listed) = configured else {
            return Ok(Self(None));
        };
        let patterns = listed.iter().map(|text| {
            let (host, below) = match text.strip_prefix("*.") {
                Some(host) => (host, true),
                None => (text.as_str(), false),
            };
            // The wildcard stands for a label, so that a single label may follow it.
            let probe = format!("a.{host}");
            let scope = Scope::parse(if below { &probe } else { host });
            let exact = scope.is_some_and(|scope| {
                scope.as_str() == if below { probe.as_str() } else { host }
                    && scope.host() == scope.as_str()
            });
            match (exact, below) {
                (true, true) => Ok(Pattern::Below(format!(".{host}"))),
                (true, false) => Ok(Pattern::Host(host.to_owned())),
                (false, _) => Err(invalid(
                    "registries.allow",
                    "a host, a host with a port, or `*.` before one",
                    text,
                )),
            }
        });
        Ok(Self(Some(patterns.collect::<Result<_, _>>()?)))
    }

    /// Why `registry` is not asked, if so.
    pub(super) fn refusal(&self, registry: &str) -> Option<Failure> {
        let patterns = self.0.as_ref()?;
        let allowed = patterns.iter().any(|pattern| match pattern {
            Pattern::Host(host) => host == registry,
            Pattern::Below(end) => registry
                .strip_suffix(end.as_str())
                .is_some_and(|rest| !rest.is_empty()),
        });
        (!allowed).then(|| Failure::NotAllowed {
            host: registry.to_owned(),
            allowed: patterns.iter().map(Pattern::text).collect(),
        })
    }
}

impl Pattern {
    fn text(&self) -> String {
        match self {
            Self::Host(host) => host.clone(),
            Self::Below(end) => format!("*{end}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(listed: &[&str]) -> Result<Allowed, FetchError> {
        let listed = listed.iter().map(|text| (*text).to_owned()).collect();
        Allowed::new(&AllowedRegistries::Only(listed))
    }

    #[test]
    fn only_listed_registries_are_asked() {
        let listed = allowed(&["registry.gov.example", "*.internal:5000", "docker.io"]).unwrap();
        for (registry, expected) in [
            ("registry.gov.example", true),
            ("registry.gov.example:5000", false),
            ("registry.gov.example.evil.example", false),
            ("a.registry.gov.example", false),
            ("a.internal:5000", true),
            ("a.b.internal:5000", true),
            ("a.internal", false),
            ("internal:5000", false),
            (".internal:5000", false),
            ("evilinternal:5000", false),
            ("docker.io", true),
        ] {
            assert_eq!(listed.refusal(registry).is_none(), expected, "{registry}");
        }
        let every = Allowed::new(&AllowedRegistries::Every).unwrap();
        assert!(every.refusal("anything.example").is_none());
    }

    #[test]
    fn what_is_no_host_is_refused_at_once() {
        for text in [
            "*",
            "**",
            "*.",
            "a.*.example",
            "https://a.example",
            "a.example/b",
            "",
            "A.example",
        ] {
            let error = allowed(&[text]).unwrap_err();
            assert_eq!(error.code().name(), "registry/config-invalid", "{text}");
        }
    }
}
