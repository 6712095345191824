//! The documents as they are written, parsed and not yet connected.

pub(super) mod common;
pub(super) mod configuration;
pub(super) mod image_policy;
pub(super) mod object;
mod profiles;
pub(super) mod rules;
pub(super) mod trust_root;

use super::decode::{Context, Decode, Fields, Map, Spanned, document, nearest, one_of};
use super::diagnostic::{Diagnostic, Diagnostics, MAX_DIAGNOSTICS};
use super::source::{self, MAX_SOURCES, Mark, Node, Source, SourceText, Value};
use crate::code::Code;
use configuration::ConfigurationSpec;
use image_policy::ImagePolicySpec;
use trust_root::TrustRootSpec;

/// The one `apiVersion` of all documents.
pub const API_VERSION: &str = "policy.sovverify.dev/v1alpha1";

/// The kinds of documents.
pub(super) const KINDS: [&str; 4] = [
    "TrustRoot",
    "ClusterImagePolicy",
    "ImagePolicy",
    "Configuration",
];

/// Documents, parsed: each is well-formed in itself, and nothing is connected yet.
///
/// **Invariant**: no disk. [`file_requests`](Self::file_requests) says what to read,
/// [`compile`](Self::compile) takes it.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    pub(super) trust_roots: Vec<Document<TrustRootSpec>>,
    pub(super) policies: Vec<Document<ImagePolicySpec>>,
    pub(super) configuration: Option<Document<ConfigurationSpec>>,
    pub(super) start: Option<Mark>,
}

/// One document.
#[derive(Clone, Debug)]
pub(super) struct Document<S> {
    pub(super) kind: &'static str,
    pub(super) metadata: Metadata,
    pub(super) spec: S,
    pub(super) mark: Mark,
}

document! {
    /// Names a document.
    #[expect(dead_code, reason = "labels and annotations are for people and tools; no rule reads them")]
    struct Metadata {
        /// The name: lower-case letters, digits, `-` and `.`, at most 63 characters.
        required name: Spanned<String> = "name",
        /// The namespace of an `ImagePolicy`.
        optional namespace: Spanned<String> = "namespace",
        /// Labels, for people and tools; no rule reads them.
        optional labels: Map<String> = "labels",
        /// Annotations, for people and tools; no rule reads them.
        optional annotations: Map<String> = "annotations",
    }
}

impl Documents {
    /// Parses every document of `sources`.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] with every complaint that can be made without reading the files that the
    /// documents name: `policy/malformed`, `policy/invalid`, `limit/exceeded`.
    pub fn parse(sources: &[Source]) -> Result<Self, Diagnostics> {
        let mut documents = Self::default();
        let mut complaints = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let text = SourceText::new(source);
            let start = Mark::start(&text);
            if number >= MAX_SOURCES {
                let message = "too many files of documents";
                let complaint = Diagnostic::error(Code::LimitExceeded, start.position(), message)
                    .expected(format!("at most {MAX_SOURCES}"))
                    .found(sources.len().to_string());
                complaints.push(complaint);
                break;
            }
            documents.start.get_or_insert(start);
            match source::read(source, &text) {
                Err(complaint) => complaints.push(*complaint),
                Ok(nodes) => {
                    let mut cx = Context::new(&text);
                    for node in &nodes {
                        documents.add(node, &mut cx);
                    }
                    complaints.append(&mut cx.diagnostics);
                }
            }
        }
        let room = (MAX_DIAGNOSTICS + 1).saturating_sub(complaints.len());
        complaints.extend(documents.doubles().into_iter().take(room));
        Diagnostics::of(complaints).map_or(Ok(documents), Err)
    }

    /// Whether some document is a `Configuration`.
    pub const fn has_configuration(&self) -> bool {
        self.configuration.is_some()
    }

    /// Whether some document is an image policy.
    pub fn has_policies(&self) -> bool {
        !self.policies.is_empty()
    }

    fn add(&mut self, node: &Node, cx: &mut Context) {
        let at = cx.mark(node);
        let Some(kind) = kind_of(node, &at, cx) else {
            return;
        };
        match kind {
            "TrustRoot" => self.trust_roots.extend(read(kind, node, &at, cx)),
            "ClusterImagePolicy" | "ImagePolicy" => {
                let document = read::<ImagePolicySpec>(kind, node, &at, cx);
                self.policies
                    .extend(document.and_then(|document| check_namespace(document, cx)));
            }
            _ => {
                if let Some(document) = read(kind, node, &at, cx) {
                    self.set_configuration(document, cx);
                }
            }
        }
    }

    fn set_configuration(&mut self, document: Document<ConfigurationSpec>, cx: &mut Context) {
        if let Some(first) = &self.configuration {
            cx.report(object::second_configuration(&first.mark, &document.mark));
        } else {
            self.configuration = Some(document);
        }
    }
}

/// `file:line:column`.
pub(super) fn place(mark: &Mark) -> String {
    let (line, column) = mark.order();
    format!("{}:{line}:{column}", mark.file())
}

/// Finds out which kind a document is, before its fields are looked at.
fn kind_of(node: &Node, at: &Mark, cx: &mut Context) -> Option<&'static str> {
    let Value::Map(map) = &node.value else {
        cx.wrong_type(node, at, "a document: a map with `apiVersion` and `kind`");
        return None;
    };
    let mut field = |name: &str, values: &str| -> Option<Spanned<String>> {
        let found = map.iter().find(|(key, _)| key.value == name);
        let Some((key, value)) = found else {
            let message = format!("missing field `{name}`");
            cx.report(
                Diagnostic::error(Code::PolicyMalformed, at.position(), message)
                    .expected(format!("a document with `{name}`: {values}")),
            );
            return None;
        };
        let key = cx.mark(key);
        Spanned::decode(value, &key, cx)
    };
    let versions = format!("`{API_VERSION}`");
    let version = field("apiVersion", &versions);
    let kind = field("kind", &one_of(&KINDS));
    let version = version?;
    if version.value != API_VERSION {
        let message = "unknown `apiVersion`";
        cx.report(
            Diagnostic::error(Code::PolicyMalformed, version.mark.position(), message)
                .expected(format!("`{API_VERSION}`"))
                .found(format!("`{}`", version.value))
                .hint("this version of sovverify reads no other"),
        );
        return None;
    }
    let kind = kind?;
    if kind.value == "PolicyException" {
        cx.report(
            Diagnostic::error(
                Code::ExceptionUnsigned,
                kind.mark.position(),
                "an exception among the policies",
            )
            .expected("exceptions as signed attestations, attached to the image or given as such")
            .found("a document that nobody signed")
            .hint("sign it: `cosign attest --type https://policy.sovverify.dev/PolicyException/v1alpha1`"),
        );
        return None;
    }
    let known = KINDS.into_iter().find(|known| *known == kind.value);
    if known.is_none() {
        let mut complaint = Diagnostic::error(
            Code::PolicyMalformed,
            kind.mark.position(),
            "unknown `kind`",
        )
        .expected(one_of(&KINDS))
        .found(format!("`{}`", kind.value));
        if let Some(near) = nearest(&kind.value, &KINDS) {
            complaint = complaint.hint(format!("did you mean `{near}`?"));
        }
        cx.report(complaint);
    }
    known
}

/// Reads the envelope of a document and its `spec`.
fn read<S: Decode>(
    kind: &'static str,
    node: &Node,
    at: &Mark,
    cx: &mut Context,
) -> Option<Document<S>> {
    let known = ["apiVersion", "kind", "metadata", "spec"];
    let fields = Fields::open(node, at, &known, cx)?;
    let metadata = fields.required::<Metadata>("metadata", cx);
    if let Some(metadata) = &metadata {
        check_name(&metadata.name, cx);
        if let Some(namespace) = &metadata.namespace {
            check_name(namespace, cx);
        }
    }
    let spec = fields.required::<S>("spec", cx);
    Some(Document {
        kind,
        metadata: metadata?,
        spec: spec?,
        mark: at.clone(),
    })
}

/// Characters of the name of a document.
pub(super) const LONGEST: usize = 63;

/// RFC 1123 labels and subdomains, as Kubernetes wants them of every name.
fn check_name(name: &Spanned<String>, cx: &mut Context) {
    let text = name.value.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let ok = text.len() <= LONGEST
        && edge(text.first())
        && edge(text.last())
        && text
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    if !ok {
        cx.report(
            Diagnostic::error(Code::PolicyInvalid, name.mark.position(), "unusable name")
                .expected("lower-case letters, digits, `-` and `.`, at most 63 characters")
                .found(format!("`{}`", name.value)),
        );
    }
}

fn check_namespace(
    document: Document<ImagePolicySpec>,
    cx: &mut Context,
) -> Option<Document<ImagePolicySpec>> {
    let namespaced = document.kind == "ImagePolicy";
    match (&document.metadata.namespace, namespaced) {
        (None, false) | (Some(_), true) => Some(document),
        (None, true) => {
            let position = document.metadata.name.mark.position();
            cx.report(
                Diagnostic::error(Code::PolicyInvalid, position, "missing `namespace`")
                    .expected("a `namespace` beside the name of every `ImagePolicy`")
                    .hint("a policy for all namespaces is a `ClusterImagePolicy`"),
            );
            None
        }
        (Some(namespace), false) => {
            let message = format!("a `{}` has no namespace", document.kind);
            let position = namespace.mark.position();
            cx.report(
                Diagnostic::error(Code::PolicyInvalid, position, message)
                    .expected("no `namespace` here")
                    .hint("a policy for one namespace is an `ImagePolicy`"),
            );
            None
        }
    }
}
