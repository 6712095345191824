//! `Configuration`: settings of the process, which are no part of any policy.

mod credentials;
mod workloads;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::common::Content;
use super::trust_root::Span;
use crate::code::Code;
use crate::policy::decode::{Context, Decode, List, Map, Spanned, document, words};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::{Mark, Node, Value};
pub(in crate::policy) use credentials::{Aws, Azure, Credentials, TokenEntry, TokenKind};
pub(in crate::policy) use workloads::{CustomKind, PlaceholdersWord, PresetWord, Workloads};

document! {
    /// Settings of the process.
    struct ConfigurationSpec {
        /// What happens to images that no `ClusterImagePolicy` matches; `deny` where nothing is written.
        optional unmatched: UnmatchedWord = "unmatched",
        /// Where to connect for a name, without changing the image's identity.
        optional mirrors: List<Mirror> = "mirrors",
        /// Repositories in which evidence is kept apart from the images.
        optional signature_repositories: List<SignatureRepository> = "signatureRepositories",
        /// How registries are reached.
        optional registries: Registries = "registries",
        /// Where credentials come from.
        optional credentials: Credentials = "credentials",
        /// Bounds other than the built-in ones.
        optional limits: Limits = "limits",
        /// Kinds of other projects, and kinds of one's own, that hold images.
        optional workloads: Workloads = "workloads",
    }
}

words! {
    /// What happens to images that no policy matches.
    enum UnmatchedWord {
        /// They are denied.
        Deny = "deny",
        /// They are admitted without any verification, and every verdict says so.
        DangerAdmit = "admit",
    }
}

document! {
    /// A rewrite of names: the prefix and everything below it is fetched from the location.
    struct Mirror {
        /// A registry, or a registry with the beginning of a repository path.
        required prefix: Spanned<String> = "prefix",
        /// What stands in its place.
        required location: Spanned<String> = "location",
    }
}

document! {
    /// A repository in which evidence is kept apart from images.
    struct SignatureRepository {
        /// The images that it is about, by the beginning of their names; all where nothing is written.
        optional images: Spanned<String> = "images",
        /// The repository that holds the evidence.
        required repository: Spanned<String> = "repository",
    }
}

document! {
    /// How registries are reached.
    struct Registries {
        /// Registries that are asked over plain HTTP: `host` or `host:port`, only these.
        optional insecure: List<Spanned<String>> = "insecure",
        /// The only registries that are ever asked, mirrors and signature repositories included: `host`,
        /// `host:port`, or `*.` before one for every host below it.
        optional allow: List<Spanned<String>> = "allow",
        /// The only registries that may be on this machine (at a loopback address): `host` or `host:port`.
        /// Where nothing is written, the command line asks every one that its user names, and the webhook
        /// none.
        optional local: List<Spanned<String>> = "local",
        /// Certificate authorities (PEM) that vouch for registries, beside the system's own.
        optional ca: List<Spanned<Content>> = "ca",
        /// Whether the system's own certificate authorities count; `true` where nothing is written.
        optional system_authorities: Spanned<bool> = "systemAuthorities",
        /// Token services on another host than the registry they belong to: registry to hosts.
        optional token_services: Map<List<Spanned<String>>> = "tokenServices",
    }
}

document! {
    /// Bounds; every one that is not written keeps its built-in value.
    struct Limits {
        /// Size of one manifest or index.
        optional manifest_bytes: Size = "manifestBytes",
        /// Size of one piece of evidence.
        optional evidence_bytes: Size = "evidenceBytes",
        /// Size of everything read for one image.
        optional total_bytes: Size = "totalBytes",
        /// Referrers of one manifest.
        optional referrers: Count = "referrers",
        /// Pieces of evidence of one image.
        optional evidence: Count = "evidence",
        /// Platforms of one index.
        optional platforms: Count = "platforms",
        /// Redirects of one request.
        optional redirects: Count = "redirects",
        /// Times that one request is sent.
        optional attempts: Count = "attempts",
        /// Requests in flight at once.
        optional concurrent_requests: Count = "concurrentRequests",
        /// Time to open a connection.
        optional connect_time: Span = "connectTime",
        /// Time without a single byte from the registry.
        optional idle_time: Span = "idleTime",
        /// Time for everything about one image.
        optional total_time: Span = "totalTime",
    }
}

/// A number of things, at least one.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Count(pub(in crate::policy) u32);

impl Decode for Count {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        match &node.value {
            Value::Integer(number) if *number > 0 => u32::try_from(*number).ok().map(Self),
            _ => None,
        }
        .or_else(|| {
            cx.wrong_type(node, at, "a whole number, at least 1");
            None
        })
    }
}

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
    }
}

/// A size in bytes, at least one: a number, or a text such as `32MiB`.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Size(pub(in crate::policy) u64);

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let (digits, shift) = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
            .into_iter()
            .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)))?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number: u64 = plain.then(|| digits.parse().ok()).flatten()?;
        let bytes = number.checked_mul(1 << shift)?;
        (bytes > 0).then_some(Self(bytes))
    }
}

impl Decode for Size {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        match &node.value {
            Value::Integer(number) if *number > 0 => u64::try_from(*number).ok().map(Self),
            Value::Text(text) => {
                let size = Self::parse(text);
                if size.is_none() {
                    let position = cx.mark(node).position();
                    cx.report(
                        Diagnostic::error(Code::PolicyMalformed, position, "not a size")
                            .expected("a number of bytes, or a number and `KiB`, `MiB` or `GiB`")
                            .found(format!("`{text}`")),
                    );
                }
                size
            }
            _ => {
                cx.wrong_type(node, at, "a size in bytes, such as `1048576` or `32MiB`");
                None
            }
        }
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "oneOf": [
            { "type": "integer", "minimum": 1 },
            { "type": "string", "pattern": "^[0-9]+[KMG]iB$" },
        ] })
    }
}
