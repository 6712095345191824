//! Names and their beginnings: which mirror, credential or signature repository an image has.

use sovverify::ImageName;

/// A registry, or a registry with the beginning of a repository path.
///
/// Compared by whole host and whole path components: `registry.example` is no beginning of
/// `registry.example.evil`, and `registry.example/app` none of `registry.example/apple`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope(String);

impl Scope {
    /// Reads a scope as configurations and credential files spell it: with or without `https://`,
    /// with docker's `/v1/` or `/v2/` behind the host, with Docker Hub's other names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .unwrap_or(text);
        let text = text.trim_end_matches('/');
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        let path = if matches!(path, "v1" | "v2") {
            ""
        } else {
            path
        };
        // A name below the host makes the host's spelling canonical.
        let probe: ImageName = format!("{host}/probe/probe").parse().ok()?;
        let host = probe.registry();
        let spelled = host.contains(['.', ':']) || host == "localhost";
        if !spelled || probe.repository() != "probe/probe" {
            return None;
        }
        if path.is_empty() {
            return Some(Self(host.to_owned()));
        }
        let whole: ImageName = format!("{host}/{path}/probe").parse().ok()?;
        let path = whole.repository().strip_suffix("/probe")?;
        Some(Self(format!("{host}/{path}")))
    }

    /// What follows the scope in `name`, with its leading slash; nothing when the name is outside.
    pub(super) fn rest_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        let rest = name.strip_prefix(&self.0)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// How specific the scope is: of several that hold a name, the longest counts.
    pub(super) fn length(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_one_spelling() {
        for (written, expected) in [
            ("registry.example", Some("registry.example")),
            ("https://Registry.Example:443/v2/", Some("registry.example")),
            (
                "registry.example:5000/team/",
                Some("registry.example:5000/team"),
            ),
            ("https://index.docker.io/v1/", Some("docker.io")),
            ("registry-1.docker.io", Some("docker.io")),
            ("docker.io/library", Some("docker.io/library")),
            ("localhost:5000", Some("localhost:5000")),
            ("", None),
            ("team", None),
            ("registry.example/Team", None),
            ("evil@registry.example", None),
            ("*.example", None),
        ] {
            let found = Scope::parse(written);
            assert_eq!(found.as_ref().map(Scope::as_str), expected, "{written}");
        }
    }

    #[test]
    fn scopes_hold_whole_hosts_and_whole_components_only() {
        let rest = |scope: &str, name: &'static str| Scope::parse(scope).unwrap().rest_of(name);
        assert_eq!(rest("registry.example", "registry.example/a"), Some("/a"));
        assert_eq!(rest("registry.example/a", "registry.example/a"), Some(""));
        assert_eq!(rest("registry.example/a", "registry.example/ab"), None);
        assert_eq!(rest("cr.io", "ghcr.io/a"), None);
        assert_eq!(rest("ghcr.io", "cr.io/a"), None);
        assert_eq!(rest("registry.example", "registry.example:5000/a"), None);
        assert_eq!(
            rest("registry.example", "registry.example.evil.example/a"),
            None
        );
    }
}
