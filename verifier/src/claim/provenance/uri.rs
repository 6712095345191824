//! Addresses of repositories, as producers of provenance write them.

/// The repository and the reference in an address: `git+https://host/path@refs/heads/main`
/// (SPDX download location, as SLSA producers write it) and `https://host/path.git#ref:directory`
/// (`BuildKit`). The mark counts in the path only, so that `git@host` and `user@host` stay whole.
pub(super) fn split(text: &str) -> (&str, Option<&str>) {
    let path = path_start(text);
    let mark = text
        .get(path..)
        .and_then(|rest| rest.find(['@', '#']))
        .map(|offset| path + offset);
    let Some(mark) = mark else {
        return (text, None);
    };
    let repository = text.get(..mark).unwrap_or(text);
    let rest = text.get(mark + 1..).unwrap_or_default();
    let reference = if text.get(mark..).is_some_and(|rest| rest.starts_with('#')) {
        rest.split(':').next().unwrap_or_default()
    } else {
        rest
    };
    (repository, Some(reference).filter(|text| !text.is_empty()))
}

/// Where the path begins: after scheme and host.
fn path_start(text: &str) -> usize {
    let host = text.find("://").map_or(0, |at| at + 3);
    text.get(host..)
        .and_then(|rest| rest.find('/'))
        .map_or(text.len(), |offset| host + offset)
}

/// The address of a repository in one spelling, without `git+`: scheme and host in lower case
/// (RFC 3986, section 6.2.2.1), `https` where there is no scheme, no `.git` and no slash at the
/// end. The path keeps its case. Absent where two readers could see two repositories: dot segments,
/// backslashes, blanks, control characters, percent signs that hide them, and marks that are doubled.
pub(super) fn normal(uri: &str) -> Option<String> {
    let bare = uri.strip_prefix("git+").unwrap_or(uri);
    let (scheme, rest) = bare.split_once("://").unwrap_or(("https", bare));
    let (host, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let hidden = |c: char| c == '\\' || c == '%' || c.is_whitespace() || c.is_control();
    let dots = path.split('/').any(|part| part == "." || part == "..");
    if scheme.is_empty() || host.is_empty() || dots || rest.contains(hidden) {
        return None;
    }
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let path = path.trim_end_matches('/');
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    // What is left must not be another spelling of something else.
    if scheme.starts_with("git+") || path.strip_suffix(".git").is_some() {
        return None;
    }
    Some(format!("{scheme}://{host}{path}"))
}

/// Whether a text is the name of a Git commit: SHA-1 or SHA-256, in lower-case hex.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_split_off_the_repository() {
        for (text, repository, reference) in [
            (
                "git+https://h/o/r@refs/heads/main",
                "git+https://h/o/r",
                Some("refs/heads/main"),
            ),
            (
                "git+https://h/o/r@refs/heads/a@b",
                "git+https://h/o/r",
                Some("refs/heads/a@b"),
            ),
            (
                "https://h/o/r.git#main:dir",
                "https://h/o/r.git",
                Some("main"),
            ),
            ("https://h/o/r.git#:dir", "https://h/o/r.git", None),
            ("https://h/o/r.git#a@b", "https://h/o/r.git", Some("a@b")),
            ("https://user@h/o/r", "https://user@h/o/r", None),
            ("git@h:o/r.git", "git@h:o/r.git", None),
            ("h/o/r@v1", "h/o/r", Some("v1")),
            ("git+https://h", "git+https://h", None),
            ("git+https://h/o/r@", "git+https://h/o/r", None),
            ("", "", None),
        ] {
            assert_eq!(split(text), (repository, reference), "{text}");
        }
    }

    #[test]
    fn one_repository_has_one_spelling() {
        for text in [
            "github.com/acme/app",
            "https://github.com/acme/app",
            "git+https://GitHub.com/acme/app.git",
            "HTTPS://github.com/acme/app/",
            "https://github.com/acme/app.git/",
        ] {
            let normal = normal(text);
            assert_eq!(
                normal.as_deref(),
                Some("https://github.com/acme/app"),
                "{text}"
            );
        }
        assert_ne!(
            normal("http://github.com/acme/app"),
            normal("github.com/acme/app")
        );
        assert_ne!(normal("github.com/Acme/app"), normal("github.com/acme/app"));
        assert_ne!(
            normal("github.com/acme/app.git.git"),
            normal("github.com/acme/app")
        );
    }

    #[test]
    fn an_address_that_hides_its_path_has_no_spelling() {
        for text in [
            "https://github.com/acme/../evil/app",
            "https://github.com/acme/./app",
            "https://github.com/acme/%2e%2e/evil",
            "https://github.com/acme\\evil",
            "https://github.com/acme/app ",
            "https://github.com/acme/app\n",
            "://github.com/acme",
            "https://github.com/acme/app.git.git",
            "git+git+https://github.com/acme/app",
            "GIT+https://github.com/acme/app",
            "/acme/app",
            "",
        ] {
            assert_eq!(normal(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_commit_is_lower_case_hex_of_the_right_length() {
        assert!(is_commit(&"a1".repeat(20)) && is_commit(&"0".repeat(64)));
        assert!(!is_commit("main") && !is_commit(&"A1".repeat(20)) && !is_commit(&"a".repeat(41)));
    }
}
