//! When an expectation is met: the same rules for policies and for whoever asks.

use super::uri::normal;

/// Whether `found`, a repository in provenance, is the repository `expected`.
///
/// `github.com/acme/app`, `https://github.com/acme/app` and `git+https://github.com/acme/app` are
/// one repository, with or without `.git` or a slash at the end. The path is compared with its case,
/// the host without. No other scheme equals `https`.
pub fn source_matches(expected: &str, found: &str) -> bool {
    normal(expected).is_some_and(|wanted| normal(found) == Some(wanted))
}

/// The texts that a pattern for `found`, a repository in provenance, may match: its one spelling
/// with `git+` and without. None where the address could be read in two ways.
pub fn source_forms(found: &str) -> Vec<String> {
    normal(found)
        .map(|plain| vec![format!("git+{plain}"), plain])
        .unwrap_or_default()
}

/// Whether `found`, a builder's identity in provenance, is the builder `expected`.
///
/// An identity is a name, then perhaps `@` and a reference. Without a reference in `expected` any
/// release of that builder will do, and nothing else: a builder at a branch is whatever somebody
/// pushed there a minute ago (slsa-verifier, `verifyTrustedBuilderRef`). `@v1.2.3` means the tag
/// `refs/tags/v1.2.3`; any other reference must be the same text.
pub fn builder_matches(expected: &str, found: &str) -> bool {
    if expected == found {
        return !expected.is_empty();
    }
    let (name, wanted) = expected.split_once('@').unzip();
    let (found_name, reference) = found.split_once('@').unzip();
    if name.unwrap_or(expected) != found_name.unwrap_or(found) {
        return false;
    }
    match (wanted, reference) {
        (None, Some(reference)) => is_release_tag(reference),
        (Some(wanted), Some(reference)) => {
            !wanted.is_empty() && reference.strip_prefix("refs/tags/") == Some(wanted)
        }
        (_, None) => false,
    }
}

/// Whether a reference is the tag of a release: `refs/tags/vX.Y.Z`, with neither pre-release nor
/// build metadata.
pub fn is_release_tag(reference: &str) -> bool {
    let Some(version) = reference.strip_prefix("refs/tags/v") else {
        return false;
    };
    let mut parts = version.split('.');
    let three = [parts.next(), parts.next(), parts.next()];
    parts.next().is_none() && three.iter().all(|part| part.is_some_and(is_number))
}

/// A number without leading zero (Semantic Versioning 2.0.0, item 2).
pub(super) fn is_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILDER: &str = "https://github.com/acme/builder/.github/workflows/build.yml";

    #[test]
    fn a_source_matches_with_and_without_scheme() {
        for expected in ["github.com/acme/app", "git+https://github.com/acme/app"] {
            assert!(source_matches(expected, "git+https://github.com/acme/app"));
            assert!(source_matches(expected, "https://github.com/acme/app.git"));
            for other in [
                "git+https://github.com/acme/app2",
                "git+https://github.com/aacme/app",
                "git+https://agithub.com/acme/app",
                "git+http://github.com/acme/app",
                "git+https://github.com/acme/app/../app",
                "git+https://github.com/Acme/app",
                "",
            ] {
                assert!(!source_matches(expected, other), "{other}");
            }
        }
        assert!(!source_matches("", ""));
    }

    #[test]
    fn a_builder_without_reference_is_any_release_of_it_and_nothing_else() {
        let at = |reference: &str| format!("{BUILDER}@{reference}");
        assert!(builder_matches(BUILDER, BUILDER));
        assert!(builder_matches(BUILDER, &at("refs/tags/v1.2.3")));
        for reference in [
            "refs/heads/main",
            "refs/tags/v1",
            "refs/tags/v1.2.3-rc.1",
            "refs/tags/v1.2.03",
            "refs/tags/v1.2.3+x",
            "refs/tags/v1.2.3.4",
            "v1.2.3",
            "",
            "refs/tags/v1.2.3@refs/heads/main",
        ] {
            assert!(!builder_matches(BUILDER, &at(reference)), "{reference}");
        }
        assert!(!builder_matches(
            BUILDER,
            &format!("{BUILDER}x@refs/tags/v1.2.3")
        ));
        assert!(!builder_matches("", ""));
    }

    #[test]
    fn a_builder_with_reference_is_that_one() {
        let found = format!("{BUILDER}@refs/tags/v1.2.3");
        assert!(builder_matches(&format!("{BUILDER}@v1.2.3"), &found));
        assert!(builder_matches(&found, &found));
        for reference in ["v1.2", "v1.2.4", "refs/heads/v1.2.3", "tags/v1.2.3", ""] {
            assert!(
                !builder_matches(&format!("{BUILDER}@{reference}"), &found),
                "{reference}"
            );
        }
        let branch = format!("{BUILDER}@refs/heads/main");
        assert!(builder_matches(&branch, &branch));
        assert!(!builder_matches(&found, BUILDER));
    }
}
