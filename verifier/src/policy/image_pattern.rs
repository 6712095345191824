//! Patterns of images: registry host and repository path are matched apart, on the canonical name.
//!
//! In a host, `*` stops at `.` and `:` too, as it does in certificates; `**` crosses them. In a path,
//! `*` stays within one component and `**` stands for whole components. `**` alone is every image.

use regex::Regex;

use super::glob::{self, PatternError, Piece};
use super::matcher;
use crate::image::{ImageName, PinnedImage};

/// Where images without a name come from: their references are matched as written.
const LAYOUTS: [&str; 3] = ["oci:", "oci-archive:", "dir:"];

/// A compiled pattern of images.
#[derive(Clone, Debug)]
pub(super) struct ImagePattern {
    text: String,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// `**`: every image, with or without a name.
    Everything,
    /// Host and path of a canonical name.
    Name { registry: Regex, repository: Regex },
    /// A reference as written.
    Reference(Regex),
}

impl ImagePattern {
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        let form = if text == "**" {
            Form::Everything
        } else if LAYOUTS.iter().any(|scheme| text.starts_with(scheme)) {
            Form::Reference(matcher::compile(&glob::value_regex(text)?)?)
        } else {
            name_form(text)?
        };
        Ok(Self {
            text: text.to_owned(),
            form,
        })
    }

    /// The pattern of every image.
    pub(super) fn everything() -> Self {
        Self {
            text: "**".to_owned(),
            form: Form::Everything,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether an image of a registry is meant.
    pub(super) fn matches_name(&self, name: &ImageName) -> bool {
        match &self.form {
            Form::Everything => true,
            Form::Name {
                registry,
                repository,
            } => registry.is_match(name.registry()) && repository.is_match(name.repository()),
            Form::Reference(_) => false,
        }
    }

    pub(super) fn matches(&self, image: &PinnedImage) -> bool {
        match &self.form {
            Form::Reference(regex) => {
                // `oci:5000/app` is a layout to the command line, and host and port to a registry.
                image.registry_reference().is_none()
                    && local(image.reference()).is_some_and(|reference| regex.is_match(&reference))
            }
            Form::Everything => true,
            Form::Name { .. } => image.name().is_some_and(|name| self.matches_name(name)),
        }
    }
}

/// The reference of a layout without `./`, and only if its path stays where it says.
fn local(reference: &str) -> Option<String> {
    let scheme = LAYOUTS.into_iter().find(|s| reference.starts_with(s))?;
    let path = reference.strip_prefix(scheme)?;
    let path = path.strip_prefix("./").unwrap_or(path);
    let climbs = path.split('/').any(|part| part == "..");
    (!climbs).then(|| format!("{scheme}{path}"))
}

fn name_form(text: &str) -> Result<Form, PatternError> {
    if !text.starts_with('[') {
        glob::pieces(text)?;
    }
    let Some((host, path)) = text.split_once('/') else {
        let message = "the pattern has no repository";
        return Err(
            PatternError::new(message, "a registry host, `/` and a repository")
                .hint(bare_hint(text)),
        );
    };
    if path.is_empty() {
        let message = "the pattern ends with `/`";
        return Err(
            PatternError::new(message, "a repository after the registry host")
                .hint(format!("write `{text}**` for everything below it")),
        );
    }
    check_canonical(text, host, path)?;
    Ok(Form::Name {
        registry: matcher::compile(&host_regex(host)?)?,
        repository: matcher::compile(&path_regex(path)?)?,
    })
}

/// What somebody who wrote a pattern without `/` probably means.
fn bare_hint(text: &str) -> String {
    let host = text.trim_end_matches(['*', ':']);
    if host.contains(['.', ':']) || host == "localhost" {
        format!("write `{host}/**` for everything in this registry")
    } else {
        format!(
            "write `docker.io/library/{text}` for an image of Docker Hub, or `**` for every image"
        )
    }
}

/// Refuses what no canonical name can ever match, saying how the name is really spelt.
fn check_canonical(text: &str, host: &str, path: &str) -> Result<(), PatternError> {
    let is_host = host.contains(['.', ':', '*', '[']) || host == "localhost";
    if !is_host {
        let message = format!("`{host}` is not a registry host");
        return Err(PatternError::new(message, "a registry host first")
            .hint(format!("write `docker.io/{text}` for images of Docker Hub")));
    }
    if path.contains([':', '@']) {
        let message = "a tag or digest in the pattern";
        return Err(PatternError::new(message, "a pattern of names only")
            .hint("a policy is about names; what a tag points to can change at any time"));
    }
    if let Some(c) = text.chars().find(char::is_ascii_uppercase) {
        let message = format!("upper-case `{c}` in the pattern");
        return Err(
            PatternError::new(message, "the canonical spelling, which is lower-case")
                .hint(format!("write `{}`", text.to_ascii_lowercase())),
        );
    }
    let sample = |host: &str, path: &str| format!("{host}/{path}").parse::<ImageName>().ok();
    if !host.contains('*') {
        // Two components, so that Docker Hub's `library/` is not filled in.
        let canonical = sample(host, "a/a").map(|name| name.registry().to_owned());
        match canonical {
            Some(canonical) if canonical == host => {}
            Some(canonical) => {
                let message = format!("no image's canonical host is `{host}`");
                return Err(PatternError::new(message, "the canonical host")
                    .hint(format!("write `{canonical}/{path}`")));
            }
            None => {
                let message = format!("`{host}` is not a registry host");
                return Err(PatternError::new(message, "a registry host first"));
            }
        }
    }
    if !text.contains('*') {
        let canonical = sample(host, path).map(|name| name.to_string());
        if canonical.as_deref() != Some(text) {
            let message = "no image has this canonical name";
            let error = PatternError::new(message, "a canonical name");
            return Err(match canonical {
                Some(canonical) => error.hint(format!("write `{canonical}`")),
                None => error,
            });
        }
    }
    Ok(())
}

fn host_regex(host: &str) -> Result<String, PatternError> {
    if host.starts_with('[') {
        return Ok(regex::escape(host));
    }
    let pieces = glob::pieces(host)?;
    if let [.., Piece::Literal(before), Piece::Star | Piece::DoubleStar] = pieces.as_slice()
        && !before.ends_with(':')
    {
        // Gauntlet 90: `registry.example*` is also `registry.example.evil.org`.
        let message = format!("the host `{host}` is open at its end");
        return Err(
            PatternError::new(message, "a host that ends with a literal label").hint(format!(
                "write `{before}/**`: whoever owns a longer name would match as well"
            )),
        );
    }
    let mut regex = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => regex.push_str(&regex::escape(text)),
            Piece::Star => regex.push_str("[^/.:]*"),
            Piece::DoubleStar => regex.push_str("[^/]*"),
        }
    }
    Ok(regex)
}

fn path_regex(path: &str) -> Result<String, PatternError> {
    let mut regex = String::new();
    let mut components = path.split('/').peekable();
    while let Some(component) = components.next() {
        let last = components.peek().is_none();
        if component.is_empty() {
            let message = "an empty path component";
            return Err(PatternError::new(
                message,
                "components between single slashes",
            ));
        }
        if component == "**" {
            regex.push_str(if last {
                "(?:[^/]+/)*[^/]+"
            } else {
                "(?:[^/]+/)*"
            });
            continue;
        }
        for piece in glob::pieces(component)? {
            match piece {
                Piece::Literal(text) => regex.push_str(&regex::escape(text)),
                Piece::Star => regex.push_str("[^/]*"),
                Piece::DoubleStar => {
                    let message = format!("`**` inside the component `{component}`");
                    return Err(PatternError::new(message, "`**` as a whole component")
                        .hint("`*` stays within one component, `/**` crosses them"));
                }
            }
        }
        if !last {
            regex.push('/');
        }
    }
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    fn image(reference: &str) -> PinnedImage {
        let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
        let local = LAYOUTS.iter().any(|scheme| reference.starts_with(scheme));
        let name = (!local).then(|| reference.parse().unwrap());
        PinnedImage::pin(reference.into(), name, Digest::sha256(bytes), bytes, None).unwrap()
    }

    #[test]
    fn gauntlet_090_a_pattern_matches_host_and_path_apart() {
        for (pattern, reference, matches) in [
            ("registry.example/apps/**", "registry.example/apps/a", true),
            (
                "registry.example/apps/**",
                "registry.example/apps/a/b/c",
                true,
            ),
            ("registry.example/apps/**", "registry.example/apps", false),
            (
                "registry.example/apps/**",
                "registry.example/appsx/a",
                false,
            ),
            (
                "registry.example/apps/**",
                "registry.example.evil.org/apps/a",
                false,
            ),
            (
                "registry.example/apps/**",
                "evil.org/registry.example/apps/a",
                false,
            ),
            ("registry.example/apps/*", "registry.example/apps/a", true),
            (
                "registry.example/apps/*",
                "registry.example/apps/a/b",
                false,
            ),
            ("registry.example/*/app", "registry.example/x/app", true),
            ("registry.example/*/app", "registry.example/x/y/app", false),
            ("registry.example/**/app", "registry.example/x/y/app", true),
            ("registry.example/**/app", "registry.example/app", true),
            ("registry.example/app-*", "registry.example/app-1", true),
            ("registry.example/app-*", "registry.example/app-1/x", false),
            (
                "*.trusted.example.com/org/*",
                "a.trusted.example.com/org/x",
                true,
            ),
            (
                "*.trusted.example.com/org/*",
                "a.b.trusted.example.com/org/x",
                false,
            ),
            (
                "**.trusted.example.com/org/*",
                "a.b.trusted.example.com/org/x",
                true,
            ),
            (
                "*.trusted.example.com/org/*",
                "evil.io/x.trusted.example.com/org/pwn",
                false,
            ),
            (
                "*.trusted.example.com/org/*",
                "evil.io/trusted.example.com/org/pwn",
                false,
            ),
            ("*.example.com/**", "example.com/a", false),
            ("localhost:*/app", "localhost:5000/app", true),
            ("localhost:*/app", "localhost.evil.org:5000/app", false),
            ("docker.io/library/nginx", "nginx", true),
            ("docker.io/library/*", "index.docker.io/nginx", true),
            ("**", "anything.example/at/all", true),
            ("**", "oci:somewhere", true),
            ("**/app", "any.example:5000/app", true),
            ("**/app", "any.example:5000/x/app", false),
            ("[::1]:5000/**", "[::1]:5000/a", true),
            (
                "oci:testdata/images/**",
                "oci:testdata/images/quickstart",
                true,
            ),
            (
                "oci:testdata/images/**",
                "oci:./testdata/images/quickstart",
                true,
            ),
            (
                "oci:testdata/images/**",
                "oci:testdata/images/../evil",
                false,
            ),
            (
                "oci:testdata/images/**",
                "oci:/etc/testdata/images/x",
                false,
            ),
            (
                "oci:testdata/images/*",
                "oci:testdata/images/quickstart:v1",
                true,
            ),
            ("registry.example/**", "oci:registry.example/x", false),
        ] {
            let compiled = ImagePattern::new(pattern).unwrap();
            assert_eq!(
                compiled.matches(&image(reference)),
                matches,
                "{pattern} {reference}"
            );
        }
    }

    #[test]
    fn gauntlet_091_a_pattern_that_says_something_else_than_it_means_is_refused_with_a_hint() {
        for (pattern, hint) in [
            ("registry.example", "`registry.example/**`"),
            ("registry.example/", "`registry.example/**`"),
            ("registry.example*", "`registry.example/**`"),
            ("registry.example*/app", "longer name"),
            ("registry.*/app", "longer name"),
            ("nginx", "`docker.io/library/nginx`"),
            ("library/nginx", "`docker.io/library/nginx`"),
            ("docker.io/nginx", "`docker.io/library/nginx`"),
            ("index.docker.io/library/nginx", "`docker.io/library/nginx`"),
            ("registry.example:443/a", "`registry.example/a`"),
            ("Registry.example/a", "`registry.example/a`"),
            ("registry.example/a:v1", "at any time"),
            ("registry.example/a**", "`/**`"),
            ("registry.example/a?", "several patterns"),
        ] {
            let error = ImagePattern::new(pattern).unwrap_err();
            let said = error.hint.unwrap_or_default();
            assert!(said.contains(hint), "{pattern}: {said}");
        }
        for pattern in [
            "",
            "a//b.example",
            "r.example//a",
            "r.example/[a]",
            "-r.example/a",
            "r.example/a b",
        ] {
            assert!(ImagePattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
