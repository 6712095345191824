//! Which images a Kubernetes object holds, and which fields look like one and are not known.
//!
//! ```text
//! GroupKind + object ─WorkloadFields::extract─► Workload { images, deferred, unknown, labels, pods }
//! ```
//!
//! A kind is a tree of field paths. The whole object is walked beside that tree, so that a field that
//! names an image is either read because the tree knows it, or found because the tree does not.
//!
//! **Invariant**: an image is never lost in silence. What stands where an image must be is an image, a
//! typed error, or a [`Deferred`] with its reason; what looks like an image elsewhere in a kind that
//! we know is an [`UnknownField`]. Nothing here decides whether any of it may run.

mod error;
mod fields;
mod json;
mod node;
mod path;
mod place;
mod preset;
mod shape;
mod suspicion;
mod table;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

use crate::code::Code;

pub use error::WorkloadError;
pub use fields::{CustomKind, WorkloadFields};
pub use json::{Json, Kind, Part, Parts, TOO_MANY, TWICE};
pub use path::{FieldPath, PathError};
pub use preset::Preset;

/// Images, present or deferred, of one object. An honest object has some ten; the webhook resolves
/// each one within the few seconds of a single request.
pub const MAX_IMAGES: usize = 512;
/// Bytes of one image reference, as the reader of references takes them.
pub const MAX_REFERENCE: usize = 1024;
/// Bytes of the path of one image inside its object. The longest built-in one has some 90; names in
/// maps of custom resources are their authors'.
pub const MAX_PLACE: usize = 1024;
/// Levels of nesting of one object. `serde_json` stops at the same depth.
pub const MAX_DEPTH: usize = 128;
/// Values of one object, whatever they are: each takes some 64 bytes. An object as large as etcd takes it
/// (1.5 MiB) has fewer.
pub const MAX_VALUES: usize = 262_144;
/// Unknown fields that are reported of one object: the first one already denies it.
pub const MAX_UNKNOWN: usize = 16;
/// Characters of a value or name that a report repeats.
pub const MAX_SHOWN: usize = 200;
/// Pull secrets, and service accounts, of one object: each costs a request to the API server.
pub const MAX_PULL_SECRETS: usize = 64;
/// Labels of one object. Kubernetes itself bounds only the size of the whole.
pub const MAX_LABELS: usize = 1024;

/// A kind of Kubernetes objects, whatever its version.
///
/// The version does not matter here. The API server converts an object to the version that a webhook
/// asks for (`matchPolicy: Equivalent`), a field keeps its meaning across the versions of one kind,
/// and a field that only one version has is absent in the others. So each kind has one table, which
/// knows the fields of all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

impl GroupKind {
    /// The kind `kind` of `group`.
    pub fn new(group: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            kind: kind.into(),
        }
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.is_empty() {
            return Ok(());
        }
        write!(f, ".{}", self.group)
    }
}

/// What of an object an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// A container.
    Container,
    /// An init container, sidecars among them.
    InitContainer,
    /// An ephemeral container, which `kubectl debug` adds to a running pod.
    EphemeralContainer,
    /// A volume that is an image.
    ImageVolume,
    /// A field of a custom resource.
    Custom,
}

impl Place {
    /// The place in words, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::InitContainer => "init container",
            Self::EphemeralContainer => "ephemeral container",
            Self::ImageVolume => "image volume",
            Self::Custom => "field",
        }
    }
}

/// An image that an object names. Its texts are outside text: escape them before they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageUse {
    /// The reference as written, or as composed where its parts stand in several fields.
    pub reference: String,
    /// Where it stands, as people write it: `spec.template.spec.containers[1].image`.
    pub path: String,
    /// Where it stands as a JSON pointer (RFC 6901), for a patch that replaces it; absent where the
    /// reference is not the whole text of one field.
    pub pointer: Option<String>,
    /// The name of the container, volume or step that it is for.
    pub name: Option<String>,
    /// What it is for.
    pub place: Place,
}

/// A place where an image belongs, and from which it is not known yet. The pod that is made of the
/// object has it, and is judged when it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Where it stands.
    pub path: String,
    /// What stands there, shortened; empty where nothing does.
    pub value: String,
    /// The name of the container, volume or step.
    pub name: Option<String>,
    /// Why nothing can be judged here.
    pub reason: DeferredReason,
}

impl Deferred {
    /// The code of this news, which is no refusal.
    pub const fn code(&self) -> Code {
        Code::WorkloadImageDeferred
    }
}

/// Why an image is only known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DeferredReason {
    /// No image is named; something else fills it in before a pod is created.
    Absent,
    /// The text is a template whose parameters come later.
    Placeholder,
    /// A patch that is applied to the pod and may name images.
    Patch,
}

/// How a text is written whose parts are only known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Placeholders {
    /// `{{inputs.parameters.image}}`, as in Argo Workflows.
    DoubleBraces,
    /// `$(params.image)`, as in Tekton.
    DollarParentheses,
}

impl Placeholders {
    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DoubleBraces => "double-braces",
            Self::DollarParentheses => "dollar-parentheses",
        }
    }

    /// Whether `text` has a part that is only known later.
    fn is_in(self, text: &str) -> bool {
        let (open, close) = match self {
            Self::DoubleBraces => ("{{", "}}"),
            Self::DollarParentheses => ("$(", ")"),
        };
        let rest = text.split_once(open);
        rest.is_some_and(|(_, rest)| rest.contains(close))
    }
}

/// A field that looks like an image in a kind that is known, and that nothing is known about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// Where it stands, shortened.
    pub path: String,
    /// What stands there, shortened.
    pub value: String,
}

impl UnknownField {
    /// The code of this bad news.
    pub const fn code(&self) -> Code {
        Code::WorkloadUnknownImageField
    }
}

/// What credentials depend on: whose the pods are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodFacts {
    /// The service account; that of the namespace's default where absent.
    pub service_account: Option<String>,
    /// Further service accounts, where an object makes pods of several.
    pub further_service_accounts: Vec<String>,
    /// The pull secrets that the pods name, in order, each once.
    pub pull_secrets: Vec<String>,
}

/// What an object says about images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Every image that can be judged.
    pub images: Vec<ImageUse>,
    /// Every place whose image is only known in the pod.
    pub deferred: Vec<Deferred>,
    /// Fields that look like an image and are not known, at most [`MAX_UNKNOWN`] of them.
    pub unknown: Vec<UnknownField>,
    /// The labels that the pods will have, where the object holds the template of exactly one pod;
    /// the object's own everywhere else.
    pub labels: BTreeMap<String, String>,
    /// What credentials depend on.
    pub pods: PodFacts,
}

#[cfg(test)]
mod tests;
