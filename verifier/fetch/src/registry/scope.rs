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

    /// The registry alone.
    pub(super) fn host(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// How specific the scope is: of several that hold a name, the longest counts.
    pub(super) fn length(&self) -> usize {
        self.0.len()
    }
}

/// A scope whose host may have wildcards, as the kubelet reads pull secrets: `*.registry.example`
/// holds every host with exactly one label more, `reg*.example` those that begin so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ScopePattern {
    /// No wildcard.
    Exact(Scope),
    /// Labels of the host, port and path.
    Wild {
        labels: Vec<String>,
        port: Option<String>,
        path: String,
    },
}

impl From<Scope> for ScopePattern {
    fn from(scope: Scope) -> Self {
        Self::Exact(scope)
    }
}

impl ScopePattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !text.contains('*') {
            return Scope::parse(text).map(Self::Exact);
        }
        let text = text.trim();
        let text = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .unwrap_or(text);
        // What remains when each wildcard is a letter must be a scope.
        Scope::parse(&text.replace('*', "a"))?;
        let text = text.trim_end_matches('/');
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        let path = if matches!(path, "v1" | "v2") {
            ""
        } else {
            path
        };
        let (host, port) = match host.split_once(':') {
            Some((host, port)) => (host, Some(port.to_owned())),
            None => (host, None),
        };
        let wild_elsewhere = path.contains('*') || port.as_deref().is_some_and(|p| p.contains('*'));
        // A top-level domain of wildcards would send the credential anywhere.
        let labels: Vec<String> = host
            .to_ascii_lowercase()
            .split('.')
            .map(Into::into)
            .collect();
        let anchored = labels.len() > 1 && labels.last().is_some_and(|last| !last.contains('*'));
        (anchored && !wild_elsewhere).then(|| Self::Wild {
            labels,
            port: port.filter(|port| port != "443"),
            path: if path.is_empty() {
                String::new()
            } else {
                format!("/{path}")
            },
        })
    }

    /// Whether `name` (`registry/repository`) is inside.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self {
            Self::Exact(scope) => scope.rest_of(name).is_some(),
            Self::Wild { labels, port, path } => {
                let (host, repository) = name.split_once('/').unwrap_or((name, ""));
                let (host, found_port) = match host.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (host, None),
                };
                let found: Vec<&str> = host.split('.').collect();
                found.len() == labels.len()
                    && port.as_deref() == found_port
                    && labels
                        .iter()
                        .zip(found)
                        .all(|(want, label)| fits(want, label))
                    && format!("/{repository}")
                        .strip_prefix(path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }

    /// How specific it is: hosts without wildcards first, then the longest.
    pub(super) fn rank(&self) -> (bool, usize) {
        (matches!(self, Self::Exact(_)), self.length())
    }

    pub(super) fn length(&self) -> usize {
        match self {
            Self::Exact(scope) => scope.length(),
            Self::Wild { labels, path, .. } => {
                labels.iter().map(|label| label.len() + 1).sum::<usize>() + path.len()
            }
        }
    }
}

/// Whether a label fits, with `*` for any letters of it.
fn fits(want: &str, label: &str) -> bool {
    let Some((start, rest)) = want.split_once('*') else {
        return want == label;
    };
    let Some(mut left) = label.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(end)
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
    fn gauntlet_136_scopes_hold_whole_hosts_and_whole_components_only() {
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

    #[test]
    fn gauntlet_136_wildcards_stay_within_one_label_of_the_host() {
        for (pattern, name, expected) in [
            ("*.registry.example", "eu.registry.example/a", true),
            (
                "https://*.Registry.example/v1/",
                "eu.registry.example/a",
                true,
            ),
            ("*.registry.example", "registry.example/a", false),
            ("*.registry.example", "a.b.registry.example/a", false),
            ("*.registry.example", "eu.registry.example:5000/a", false),
            (
                "*.registry.example:5000",
                "eu.registry.example:5000/a",
                true,
            ),
            (
                "*.registry.example",
                "eu.registry.example.evil.example/a",
                false,
            ),
            ("reg*-*.example", "reg1-eu.example/a", true),
            ("reg*-*.example", "reg1.example/a", false),
            ("a*a.example", "a.example/a", false),
            ("*.example/team", "r.example/team/app", true),
            ("*.example/team", "r.example/teams", false),
        ] {
            let parsed = ScopePattern::parse(pattern).unwrap();
            assert_eq!(parsed.holds(name), expected, "{pattern} {name}");
        }
        for pattern in [
            "*",
            "registry.*",
            "*.*",
            "r.example/*",
            "r.example:*",
            "*/a",
        ] {
            assert_eq!(ScopePattern::parse(pattern), None, "{pattern}");
        }
    }
}
