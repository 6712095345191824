//! The rules of the registered types (<https://packageurl.org/types>).

use super::{PackageUrl, PurlError};

/// Whether a type has a namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Required,
    Optional,
    Prohibited,
}

/// How a component is written in canonical form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    AsWritten,
    Lower,
    Upper,
    /// Lower case with `_` for `-` (pub.dev).
    LowerUnderscore,
    /// Lower case with one `-` for each run of `-`, `_` and `.` (PEP 503).
    Pep503,
}

/// Whether a text may be a type (ECMA-427 clause 5.6.2).
pub(in crate::package) fn is_kind(kind: &str) -> bool {
    kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && kind
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
}

/// Whether the name of this type is itself a path: `pkg:git/codeberg.org/forgejo/forgejo`.
pub(super) fn has_path_as_name(kind: &str) -> bool {
    kind == "git"
}

/// Splits a path into namespace and name; both are still encoded.
pub(super) fn split_path<'a>(kind: &str, path: &'a str) -> (&'a str, &'a str) {
    let path = path.trim_matches('/');
    let split = if has_path_as_name(kind) {
        path.split_once('/')
    } else {
        path.rsplit_once('/')
    };
    split.unwrap_or(("", path))
}

/// Brings namespace and name of a pattern into the case in which names are compared.
///
/// That is the canonical form, but in lower case too where the registry ignores case while the
/// canonical form keeps it (`nuget`, `mlflow`): a rule that denies `Newtonsoft.Json` must not be
/// avoided by writing it small.
pub(in crate::package) fn fold_path(kind: &str, path: &str) -> String {
    let (namespace, name) = split_path(kind, path);
    let (_, namespace_case, name_case) = rules(kind);
    let mut folded = recased(namespace, namespace_case);
    if !folded.is_empty() {
        folded.push('/');
    }
    let name = if has_path_as_name(kind) && host_ignores_case(namespace) {
        name.to_lowercase()
    } else {
        recased(name, name_case)
    };
    folded.push_str(&name);
    if ignores_case(kind) {
        folded = folded.to_lowercase();
    }
    folded
}

/// Whether names of this type are compared without case although the canonical form keeps it.
pub(in crate::package) fn ignores_case(kind: &str) -> bool {
    matches!(kind, "nuget" | "mlflow")
}

/// Brings the version of a pattern into canonical form.
pub(in crate::package) fn fold_version(kind: &str, version: &str) -> String {
    if is_lower_version(kind, version) {
        version.to_lowercase()
    } else {
        version.to_owned()
    }
}

/// Refuses the path of a pattern that no package URL of this type can have.
pub(in crate::package) fn check_path(kind: &str, path: &str) -> Result<(), PurlError> {
    let (namespace, _, _) = rules(kind);
    let has_namespace = path.contains('/');
    let (expected, found) = match namespace {
        Namespace::Required if !has_namespace && !path.contains("**") => ("a namespace", path),
        Namespace::Prohibited if has_namespace => ("no namespace", path),
        _ => return Ok(()),
    };
    Err(PurlError::Rule {
        kind: kind.into(),
        expected,
        found: format!("`{found}`").into(),
    })
}

/// Applies the rules of the type.
pub(super) fn apply(purl: &mut PackageUrl) -> Result<(), PurlError> {
    let (namespace, namespace_case, name_case) = rules(&purl.kind);
    let found = purl.namespace.as_deref();
    match (namespace, found) {
        (Namespace::Required, None) => return Err(rule(purl, "a namespace", "none")),
        (Namespace::Prohibited, Some(found)) => {
            let found = format!("`{found}`");
            return Err(rule(purl, "no namespace", &found));
        }
        _ => {}
    }
    purl.namespace = found.map(|namespace| recased(namespace, namespace_case).into());
    purl.name = recased(&purl.name, name_case).into();
    purl.version = purl
        .version
        .take()
        .map(|version| fold_version(&purl.kind, &version).into());
    special(purl)
}

/// What the types say beyond case and presence.
fn special(purl: &mut PackageUrl) -> Result<(), PurlError> {
    match &*purl.kind {
        "chrome-extension" => {
            let is_letter = |c: char| ('a'..='p').contains(&c);
            if purl.name.len() != 32 || !purl.name.chars().all(is_letter) {
                let found = format!("`{}`", purl.name);
                return Err(rule(purl, "a name of 32 letters from `a` to `p`", &found));
            }
        }
        "cocoapods" => {
            let bad = |c: char| c.is_whitespace() || c == '+';
            if purl.name.starts_with('.') || purl.name.contains(bad) {
                let found = format!("`{}`", purl.name);
                let expected = "a name without space and `+` that does not begin with `.`";
                return Err(rule(purl, expected, &found));
            }
        }
        "cpan" if purl.name.contains("::") => {
            let found = format!("the module `{}`", purl.name);
            return Err(rule(purl, "the name of a distribution", &found));
        }
        "cran" if purl.version.is_none() => return Err(rule(purl, "a version", "none")),
        "git" if purl.namespace().is_some_and(host_ignores_case) => {
            purl.name = purl.name.to_lowercase().into();
        }
        "julia" if !purl.qualifiers.contains_key("uuid") => {
            return Err(rule(purl, "the qualifier `uuid`", "none"));
        }
        "mlflow" => {
            let repository = purl.qualifiers.get("repository_url");
            if repository.is_some_and(|url| url.to_ascii_lowercase().contains("databricks")) {
                purl.name = purl.name.to_lowercase().into();
            }
        }
        "swid" if !purl.qualifiers.contains_key("tag_id") => {
            return Err(rule(purl, "the qualifier `tag_id`", "none"));
        }
        _ => {}
    }
    Ok(())
}

/// Presence of a namespace, case of the namespace, case of the name.
fn rules(kind: &str) -> (Namespace, Case, Case) {
    use Case::{AsWritten, Lower, LowerUnderscore, Pep503, Upper};
    use Namespace::{Optional, Prohibited, Required};
    match kind {
        "alpm" | "apk" | "bitbucket" | "composer" | "deb" | "github" | "vscode-extension" => {
            (Required, Lower, Lower)
        }
        "git" | "qpkg" => (Required, Lower, AsWritten),
        "maven" | "swift" => (Required, AsWritten, AsWritten),
        "golang" | "hex" | "luarocks" | "npm" => (Optional, Lower, Lower),
        "rpm" | "yocto" => (Optional, Lower, AsWritten),
        "cpan" => (Optional, Upper, AsWritten),
        "bitnami" | "chrome-extension" | "oci" | "otp" => (Prohibited, AsWritten, Lower),
        "bazel" | "cargo" | "cocoapods" | "conda" | "cran" | "gem" | "hackage" | "julia"
        | "mlflow" | "nuget" | "opam" => (Prohibited, AsWritten, AsWritten),
        "pub" => (Prohibited, AsWritten, LowerUnderscore),
        "pypi" => (Prohibited, AsWritten, Pep503),
        // `conan`, `docker`, `generic`, `huggingface`, `swid`, and types that nobody registered.
        _ => (Optional, AsWritten, AsWritten),
    }
}

/// Hosts whose own types (`github`, `bitbucket`) say that they ignore case.
fn host_ignores_case(host: &str) -> bool {
    let hosts = ["github", "github.com", "bitbucket", "bitbucket.org"];
    hosts.iter().any(|known| host.eq_ignore_ascii_case(known))
}

/// Whether a version is written in lower case.
fn is_lower_version(kind: &str, version: &str) -> bool {
    match kind {
        // Commits are; tags, which may be there as well, are not.
        "huggingface" => {
            matches!(version.len(), 40 | 64) && version.bytes().all(|b| b.is_ascii_hexdigit())
        }
        "oci" => version.contains(':'),
        "pypi" | "vscode-extension" => true,
        _ => false,
    }
}

fn recased(text: &str, case: Case) -> String {
    match case {
        Case::AsWritten => text.to_owned(),
        Case::Lower => text.to_lowercase(),
        Case::Upper => text.to_uppercase(),
        Case::LowerUnderscore => text.to_lowercase().replace('-', "_"),
        Case::Pep503 => {
            let mut name = String::with_capacity(text.len());
            for c in text.to_lowercase().chars() {
                let c = if matches!(c, '_' | '.') { '-' } else { c };
                if c != '-' || !name.ends_with('-') {
                    name.push(c);
                }
            }
            name
        }
    }
}

fn rule(purl: &PackageUrl, expected: &'static str, found: &str) -> PurlError {
    PurlError::Rule {
        kind: purl.kind.clone(),
        expected,
        found: found.into(),
    }
}
