//! The words for each failure: expected, found, hint.

use sovverify::image::ManifestError;

use super::Failure;
use crate::error::HostKind;

/// Choices listed in a message; a layout may hold thousands of images.
const CHOICES_SHOWN: usize = 10;

const UNRESOLVABLE: &str =
    "check the spelling of the registry and the name service; a layout on disk is named `oci:PATH`";

impl Failure {
    pub(in crate::error) fn expected(&self) -> String {
        match self {
            Self::Offline => "a layout, archive or directory".to_owned(),
            Self::HostRefused { .. } => "the public or private address of a registry".to_owned(),
            Self::NotAllowed { allowed, .. } => {
                format!(
                    "one of the registries that may be asked: {}",
                    list(allowed, "none")
                )
            }
            Self::Unresolvable { .. } => "a host name with an address".to_owned(),
            Self::Unreachable { .. } => "a connection".to_owned(),
            Self::Timeout { bound, after } => {
                format!("an answer within {bound} of {} ms", after.as_millis())
            }
            Self::RateLimited { .. }
            | Self::ServerError { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. } => "status 200".to_owned(),
            Self::NotFound { what } => format!("the {what}"),
            Self::Tls { .. } => "a certificate of a trusted authority for this host".to_owned(),
            Self::RealmRefused { expected, .. } => format!("a token service at `{expected}`"),
            Self::RedirectRefused { expected, .. }
            | Self::PagingRefused { expected, .. }
            | Self::UnexpectedAnswer { expected, .. }
            | Self::Config { expected, .. }
            | Self::Layout { expected, .. }
            | Self::UnsafeEntry { expected, .. }
            | Self::EvidenceMalformed { expected, .. } => (*expected).to_owned(),
            Self::DigestMismatch { expected, .. } => expected.to_string(),
            Self::SizeMismatch { expected, .. } => format!("{expected} bytes"),
            Self::Manifest(error) => manifest_expected(error),
            Self::Limit { bound, limit, .. } => format!("at most {limit} ({bound})"),
            Self::Crowded { limit } => {
                format!("at most {limit} bytes for all images together (held_bytes)")
            }
            Self::Credentials { source_name, .. } => format!("credentials from {source_name}"),
            Self::NoSuchPath => "an existing file or directory".to_owned(),
            Self::Unreadable { .. } => "a readable file or directory".to_owned(),
            Self::Ambiguous { .. } => "exactly one image".to_owned(),
            Self::NoSuchImage { selector, .. } => format!("the image `{selector}`"),
            Self::BlobMissing { digest } => format!("content with digest {digest}"),
            Self::SubjectMismatch { expected, .. } => format!("a referrer of {expected}"),
        }
    }

    pub(in crate::error) fn found(&self) -> String {
        match self {
            Self::Offline => "a registry reference".to_owned(),
            Self::HostRefused { host, kind } => format!("`{host}`, {kind}"),
            Self::NotAllowed { host, .. } => format!("`{host}`"),
            Self::Unresolvable { host } => format!("no address for `{host}`"),
            Self::Unreachable { host, detail } | Self::Tls { host, detail } => {
                format!("{detail} (`{host}`)")
            }
            Self::Timeout { .. } | Self::NoSuchPath => "none".to_owned(),
            Self::RateLimited {
                attempts,
                retry_after,
            } => match retry_after {
                Some(wait) => format!(
                    "too many requests after {attempts} attempts; the registry asks to wait {} s",
                    wait.as_secs()
                ),
                None => format!("too many requests after {attempts} attempts"),
            },
            Self::ServerError { status } => format!("status {status}"),
            Self::Unauthorized { host, sent } => format!("status 401 from `{host}` to {sent}"),
            Self::Forbidden { host } => format!("status 403 from `{host}`"),
            Self::NotFound { .. } => "status 404: no such repository, tag or digest".to_owned(),
            Self::BlobMissing { .. } => "nothing".to_owned(),
            Self::RealmRefused { found, .. }
            | Self::RedirectRefused { found, .. }
            | Self::PagingRefused { found, .. } => format!("`{found}`"),
            Self::UnexpectedAnswer { found, .. }
            | Self::Config { found, .. }
            | Self::Layout { found, .. }
            | Self::UnsafeEntry { found, .. }
            | Self::EvidenceMalformed { found, .. }
            | Self::SubjectMismatch { found, .. }
            | Self::Limit { found, .. } => found.clone(),
            Self::Crowded { .. } => "other images that hold all of it".to_owned(),
            Self::DigestMismatch { found, .. } => found.to_string(),
            Self::SizeMismatch { found, .. } => format!("{found} bytes"),
            Self::Manifest(error) => manifest_found(error),
            Self::Credentials { detail, .. } | Self::Unreadable { detail } => detail.clone(),
            Self::Ambiguous { choices } | Self::NoSuchImage { choices, .. } => {
                list(choices, "no image")
            }
        }
    }

    pub(in crate::error) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Offline => {
                "copy the image and its evidence into an OCI layout, or drop `--offline`"
            }
            Self::HostRefused {
                kind: HostKind::ThisMachine,
                ..
            } => {
                "if a registry is meant to be on this machine, list it in the configuration \
                 under `registries.local`"
            }
            Self::NotAllowed { .. } => {
                "add the registry to `registries.allow` of the configuration, if it is meant"
            }
            Self::HostRefused { .. } => {
                "name a registry; link-local and metadata addresses are never asked"
            }
            Self::Unresolvable { .. } => UNRESOLVABLE,
            Self::Unreachable { .. } => {
                "check that the registry runs and that the network or proxy lets you through"
            }
            Self::Timeout { .. } => "try again, or raise the bound in the configuration",
            Self::RateLimited { .. } => "wait, log in, or use a mirror",
            Self::Crowded { .. } => "try again in a moment",
            Self::ServerError { .. } => "try again; if it stays, ask whoever runs the registry",
            Self::Unauthorized { .. } => {
                "log in with `docker login` or `podman login`, pass credentials, or give the pod a pull secret"
            }
            Self::Forbidden { .. } => {
                "ask for the right to pull; evidence may be hidden behind this answer"
            }
            Self::NotFound { .. } => "check the name, and whether the image was pushed",
            Self::Tls { .. } => {
                "pass the authority's certificate if the registry has a private one; a registry of your own that \
                 speaks plain HTTP must be listed under `registries.insecure` (`--insecure-registry HOST:PORT`)"
            }
            Self::RealmRefused { .. } => {
                "if this token service belongs to the registry, name the pair in the configuration"
            }
            Self::Limit { .. } => "if this is honest content, raise the bound in the configuration",
            Self::Credentials { .. } => "log in again, or remove the entry",
            Self::NoSuchPath => "relative paths start at the working directory",
            Self::Ambiguous { .. } => "add `@DIGEST` or `:TAG` after the path",
            Self::NoSuchImage { .. } => "select one of the images that are there",
            Self::DigestMismatch { .. } | Self::SizeMismatch { .. } => {
                "the content was changed or damaged on its way: do not use it"
            }
            Self::Manifest(error) => manifest_hint(error),
            Self::UnsafeEntry { .. } => "do not use it: have the archive or layout made anew",
            Self::BlobMissing { .. } => "copy the image again, with everything attached to it",
            Self::RedirectRefused { .. }
            | Self::PagingRefused { .. }
            | Self::UnexpectedAnswer { .. }
            | Self::Config { .. }
            | Self::Unreadable { .. }
            | Self::Layout { .. }
            | Self::SubjectMismatch { .. }
            | Self::EvidenceMalformed { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

fn list(choices: &[String], none: &str) -> String {
    if choices.is_empty() {
        return none.to_owned();
    }
    let mut text: Vec<String> = choices
        .iter()
        .take(CHOICES_SHOWN)
        .map(|choice| format!("`{choice}`"))
        .collect();
    if choices.len() > CHOICES_SHOWN {
        text.push(format!("{} more", choices.len() - CHOICES_SHOWN));
    }
    text.join(", ")
}

fn manifest_hint(error: &ManifestError) -> &'static str {
    match error {
        ManifestError::Ambiguous
        | ManifestError::AmbiguousName { .. }
        | ManifestError::MediaTypeMismatch { .. } => {
            "two programs could read it as two images: do not run it, and have it built and pushed anew"
        }
        _ => {
            "check that the reference names an image and not another artifact, such as a signature or a chart"
        }
    }
}

fn manifest_expected(error: &ManifestError) -> String {
    match error {
        ManifestError::MediaTypeMismatch { expected, .. } => format!("media type `{expected}`"),
        ManifestError::UnsupportedMediaType { .. } => {
            "an OCI or Docker schema 2 manifest or index".to_owned()
        }
        _ => "an image manifest or index".to_owned(),
    }
}

fn manifest_found(error: &ManifestError) -> String {
    match error {
        ManifestError::MediaTypeMismatch { found, .. }
        | ManifestError::UnsupportedMediaType { found } => format!("media type `{found}`"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_listed_up_to_a_bound_and_counted() {
        let choices: Vec<String> = (0..=CHOICES_SHOWN).map(|n| n.to_string()).collect();
        let all = list(&choices[..CHOICES_SHOWN], "none");
        assert_eq!(all.matches('`').count(), 2 * CHOICES_SHOWN);
        assert!(!all.contains("more"));
        let more = list(&choices, "none");
        assert_eq!(more.matches('`').count(), 2 * CHOICES_SHOWN);
        assert!(more.ends_with(", 1 more"), "{more}");
    }
}
