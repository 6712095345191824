//! Policies ready to judge.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::configuration::Configuration;
use super::diagnostic::Diagnostic;
use super::document::API_VERSION;
use super::exception::ExceptionRule;
use super::image_pattern::ImagePattern;
use super::reach::Reach;
use super::requirement::Requirement;
use super::root::{Root, TrustTerm};
use super::selector::Selector;
use super::signer::SignerRule;
use super::target::Target;
use super::unusable::Unusable;
use crate::digest::Digest;
use crate::image::{PinnedImage, Platform};
use crate::json::canonical;
use crate::trust::{Danger, Inclusion, Sct, TrustStore};
use crate::verdict::{Mode, NamedDigest, Position};

/// Policies, the anchors of their signers, and the configuration.
#[derive(Clone, Debug)]
pub struct PolicySet {
    pub(super) list: Vec<Policy>,
    pub(super) unusable: Vec<Unusable>,
    pub(super) trust: TrustStore,
    pub(super) roots: BTreeMap<String, Root>,
    pub(super) configuration: Configuration,
    pub(super) configuration_digest: Digest,
    pub(super) warnings: Vec<Diagnostic>,
}

impl PolicySet {
    /// Policies with the warnings about them, and what their signers start from.
    pub(super) fn new(
        (list, warnings): (Vec<Policy>, Vec<Diagnostic>),
        (trust, roots): (TrustStore, BTreeMap<String, Root>),
        configuration: Configuration,
    ) -> Self {
        Self {
            list,
            unusable: Vec::new(),
            trust,
            roots,
            configuration_digest: configuration.digest(),
            configuration,
            warnings,
        }
    }

    /// Every anchor of every signer, each once: what evidence is appraised under.
    pub const fn trust_store(&self) -> &TrustStore {
        &self.trust
    }

    /// The same set, in which what these policies may be about is denied.
    #[must_use]
    pub fn with_unusable(mut self, unusable: Vec<Unusable>) -> Self {
        self.unusable.extend(unusable);
        self.unusable.sort_by_cached_key(Unusable::name);
        self
    }

    /// The policies that cannot be used, in order of name.
    pub fn unusable(&self) -> &[Unusable] {
        &self.unusable
    }

    /// The first selector that needs labels of a namespace other than its name: somebody must know
    /// them. `None` where no policy asks for any.
    pub fn needs_namespace_labels(&self) -> Option<&Position> {
        let reaches = self.list.iter().map(|policy| &policy.parts.reach);
        let reaches = reaches.chain(self.unusable.iter().map(|policy| &policy.reach));
        let mut selectors = reaches.filter_map(|reach| reach.namespaces.as_ref());
        selectors.find_map(Selector::asks_for_labels)
    }

    /// SHA-256 over every policy, every trust root and the settings, for records.
    pub fn digest(&self) -> Digest {
        let policies: Vec<String> = self.list.iter().map(|p| p.digest.to_string()).collect();
        let unusable: Vec<Value> = self.unusable.iter().map(Unusable::canonical).collect();
        canonical::digest(&json!({
            "policies": policies,
            "unusable": unusable,
            "trust": self.trust_digest().to_string(),
            "configuration": self.configuration_digest.to_string(),
        }))
    }

    /// SHA-256 over every trust root, for records.
    pub fn trust_digest(&self) -> Digest {
        let roots: BTreeMap<&str, String> = self
            .roots
            .iter()
            .map(|(name, root)| (name.as_str(), root.digest.to_string()))
            .collect();
        canonical::digest(&json!(roots))
    }

    /// The policies, in order of name.
    pub fn policies(&self) -> &[Policy] {
        &self.list
    }

    /// The trust roots with the digests of their documents, in order of name.
    pub fn trust_roots(&self) -> Vec<NamedDigest> {
        let named = |(name, root): (&String, &Root)| NamedDigest {
            name: name.clone(),
            digest: root.digest.clone(),
        };
        self.roots.iter().map(named).collect()
    }

    /// How long each trust root lasts, in order of name.
    pub fn trust_terms(&self) -> Vec<TrustTerm> {
        let terms = self.roots.iter();
        terms.map(|(name, root)| root.term(name)).collect()
    }

    /// The settings of the process.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// What the authors of the documents should look at again; nothing of it is an error.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Whom a policy belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// The whole cluster, and everything outside clusters.
    Cluster,
    /// One namespace: it can only tighten what the cluster's policies say.
    Namespace(String),
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) parts: PolicyParts,
    digest: Digest,
}

/// What a policy consists of.
#[derive(Clone, Debug)]
pub(super) struct PolicyParts {
    pub(super) name: String,
    pub(super) mode: Mode,
    pub(super) reach: Reach,
    pub(super) require_digest: Option<RequireDigest>,
    pub(super) platforms: Vec<Platform>,
    pub(super) signers: BTreeMap<String, SignerRule>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) exceptions: Option<ExceptionRule>,
    pub(super) position: Option<Position>,
}

impl DigestDemand {
    const fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
        }
    }
}

/// What a reference without a digest does.
#[derive(Clone, Debug)]
pub(super) struct RequireDigest {
    pub(super) demand: DigestDemand,
    pub(super) position: Option<Position>,
}

/// How much a policy cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigestDemand {
    /// It is a finding.
    Deny,
    /// It is a warning.
    Warn,
}

impl Policy {
    pub(super) fn new(parts: PolicyParts, roots: &BTreeMap<String, Root>) -> Self {
        let digest = canonical::digest(&canonical(&parts, roots));
        Self { parts, digest }
    }

    /// The policy's name, with its namespace where it has one: `production`, `team-a/strict`.
    pub fn name(&self) -> String {
        full_name(self.scope(), &self.parts.name)
    }

    /// Whom it belongs to.
    pub const fn scope(&self) -> &Scope {
        &self.parts.reach.scope
    }

    /// SHA-256 of its canonical form, including what the files hold that it names.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What its findings do.
    pub const fn mode(&self) -> Mode {
        self.parts.mode
    }

    /// The patterns of images that it is about, as written.
    pub fn image_patterns(&self) -> impl Iterator<Item = &str> {
        self.parts.reach.images.iter().map(ImagePattern::text)
    }

    /// Whether it is about `image`, and about where it is to run. Outside a cluster there is no place
    /// to tell apart.
    pub fn matches(&self, image: &PinnedImage, target: Option<&Target>) -> bool {
        self.parts.reach.holds(image, target)
    }

    /// The platforms that must be there; all that can run where it is empty.
    pub fn platforms(&self) -> &[Platform] {
        &self.parts.platforms
    }

    /// The names of the requirements, in the order of the document.
    pub fn requirement_names(&self) -> impl Iterator<Item = &str> {
        self.parts.requirements.iter().map(|r| r.name.as_str())
    }

    /// The place of its name in the document, where there is one.
    pub const fn position(&self) -> Option<&Position> {
        self.parts.position.as_ref()
    }

    pub(super) fn order(&self) -> (Scope, String) {
        (self.scope().clone(), self.parts.name.clone())
    }

    /// The signers that some requirement names, for itself or for VEX, and those of exceptions.
    pub(super) fn used_signers(&self) -> impl Iterator<Item = &SignerRule> {
        let used = |name: &String| {
            let mut requirements = self.parts.requirements.iter();
            requirements.any(|requirement| {
                let vex = requirement.kind.vex();
                requirement.by.contains(name) || vex.is_some_and(|vex| vex.by.contains(name))
            }) || self
                .parts
                .exceptions
                .as_ref()
                .is_some_and(|rule| rule.by.contains(name))
        };
        let signers = self.parts.signers.iter();
        signers
            .filter(move |(name, _)| used(name))
            .map(|(_, signer)| signer)
    }
}

/// A policy's name, with its namespace where it has one.
pub(super) fn full_name(scope: &Scope, name: &str) -> String {
    match scope {
        Scope::Cluster => name.to_owned(),
        Scope::Namespace(namespace) => format!("{namespace}/{name}"),
    }
}

impl Root {
    /// The weakenings that this trust root allows, whatever the evidence brings.
    pub(super) fn dangers(&self) -> Vec<Danger> {
        let requirements = self.trust.requirements();
        let mut dangers = Vec::new();
        if requirements.logs == 0 {
            dangers.push(Danger::NoLog);
        }
        if requirements.timestamps == 0 {
            dangers.push(Danger::NoTimestamp);
        }
        if requirements.sct == Sct::DangerNotRequired {
            dangers.push(Danger::NoSct);
        }
        if requirements.inclusion == Inclusion::DangerPromiseAlone {
            dangers.push(Danger::PromiseAlone);
        }
        dangers
    }
}

/// The policy as it counts: what decides, and nothing of how it was written.
fn canonical(parts: &PolicyParts, roots: &BTreeMap<String, Root>) -> Value {
    let reach = &parts.reach;
    let mut images: Vec<&str> = reach.images.iter().map(ImagePattern::text).collect();
    images.sort_unstable();
    images.dedup();
    let platforms: Vec<String> = parts.platforms.iter().map(ToString::to_string).collect();
    let signers: BTreeMap<&str, Value> = parts
        .signers
        .values()
        .map(|signer| {
            let root = signer.root.as_ref().and_then(|name| roots.get(name));
            let digest = root.map(|root| &root.digest);
            (signer.name.as_str(), signer.canonical(digest))
        })
        .collect();
    let requirements: Vec<Value> = parts
        .requirements
        .iter()
        .map(Requirement::canonical)
        .collect();
    let (kind, namespace) = match &reach.scope {
        Scope::Cluster => ("ClusterImagePolicy", None),
        Scope::Namespace(name) => ("ImagePolicy", Some(name)),
    };
    let mut canonical = json!({
        "apiVersion": API_VERSION,
        "kind": kind,
        "name": parts.name,
        "namespace": namespace,
        "mode": parts.mode.name(),
        "images": images,
        "namespaces": reach.namespaces.as_ref().map(|selector| &selector.canonical),
        "platforms": platforms,
        "signers": signers,
        "require": requirements,
    });
    if let Value::Object(map) = &mut canonical {
        if let Some(rule) = &parts.exceptions {
            map.insert("exceptions".to_owned(), rule.canonical());
        }
        if let Some(selector) = &reach.objects {
            map.insert("objects".to_owned(), selector.canonical.clone());
        }
        if let Some(rule) = &parts.require_digest {
            map.insert("requireDigest".to_owned(), rule.demand.name().into());
        }
    }
    canonical
}
