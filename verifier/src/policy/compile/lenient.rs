//! Compiling what can be used of documents that come from several hands: a broken policy denies what it
//! may be about, and the others stand.
//!
//! **Invariant**: whoever may write in one namespace decides nothing elsewhere, neither by what is
//! broken nor by how much there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Compiler, MAX_PATTERNS};
use crate::code::Code;
use crate::policy::decode::{Context, Decode, List, Spanned};
use crate::policy::diagnostic::{Diagnostic, Diagnostics};
use crate::policy::document::image_policy::{ImagePolicySpec, LabelSelector, Match};
use crate::policy::document::object::Names;
use crate::policy::document::trust_root::TrustRootSpec;
use crate::policy::document::{Document, Documents};
use crate::policy::file::FileKey;
use crate::policy::image_pattern::ImagePattern;
use crate::policy::reach::Reach;
use crate::policy::selector::Selector;
use crate::policy::set::{Policy, PolicySet, Scope};
use crate::policy::source::{self, Mark, Node, Source, SourceText, Value};
use crate::policy::unusable::Unusable;
use crate::vulnerability::osv::Database;

/// Policies of one namespace. More are unusable, so that no tenant fills the memory of all.
const MAX_NAMESPACE_POLICIES: usize = 64;
/// Patterns (images, glob and regex) in the policies of one namespace together.
const MAX_NAMESPACE_PATTERNS: usize = 256;

/// What came of documents of which some may be broken.
#[derive(Clone, Debug)]
pub struct Lenient {
    /// Every policy that can be used; what the others may be about is denied.
    pub policies: PolicySet,
    /// The documents that cannot be used.
    pub broken: Vec<Broken>,
}

/// A document that cannot be used.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The file of its [`Source`].
    pub file: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub problems: Diagnostics,
}

impl Documents {
    /// Compiles what can be used. Trust roots and policies that cannot be are listed, and what the
    /// policies among them may be about is denied; a set without any policy denies everything.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] where the `Configuration` cannot be used: it is not one document among many.
    pub fn compile_lenient(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
        databases: &BTreeMap<FileKey, Arc<Database>>,
    ) -> Result<Lenient, Diagnostics> {
        let mut compiler = Compiler::new(files, databases);
        let configuration = compiler.configuration(self.configuration.as_ref());
        if let Some(problems) = compiler.problems() {
            return Err(problems);
        }
        let mut names = Names::default();
        let mut broken = Vec::new();
        for document in &self.trust_roots {
            match names.add(document) {
                Some(double) => compiler.report(double),
                None => compiler.trust_root(document),
            }
            if let Some(problems) = compiler.problems() {
                let name = document.metadata.name.value.clone();
                if !compiler.roots.contains_key(&name) {
                    let first = problems.first().clone();
                    compiler.broken_roots.entry(name).or_insert(first);
                }
                broken.push(Broken::of(document, problems));
            }
        }
        let mut policies = Vec::new();
        let mut unusable = Vec::new();
        let mut spent: BTreeMap<Scope, Spent> = BTreeMap::new();
        for document in self.by_scope() {
            let spent = spent.entry(scope(document)).or_default();
            let name = names.add(document);
            match compiler.one_policy(document, &self.trust_roots, name, spent) {
                Ok(policy) => policies.push(policy),
                Err(problems) => {
                    let reach = compiler.remaining_reach(document, &problems);
                    let name = document.metadata.name.value.clone();
                    let problem = problems.first().clone();
                    unusable.push(Unusable::within(reach, name, problem));
                    broken.push(Broken::of(document, problems));
                }
            }
        }
        let policies = compiler.finish(policies, configuration);
        Ok(Lenient {
            policies: policies.with_unusable(unusable),
            broken,
        })
    }

    /// The policies, those of the cluster first: what it allows itself is not for others to use up.
    fn by_scope(&self) -> impl Iterator<Item = &Document<ImagePolicySpec>> {
        let of_cluster = |policy: &&Document<ImagePolicySpec>| policy.metadata.namespace.is_none();
        let own = self.policies.iter().filter(of_cluster);
        let others = self
            .policies
            .iter()
            .filter(move |policy| !of_cluster(policy));
        own.chain(others)
    }
}

/// What the policies of one scope took so far.
#[derive(Debug, Default)]
struct Spent {
    policies: usize,
    patterns: usize,
}

fn scope(document: &Document<ImagePolicySpec>) -> Scope {
    let namespace = document.metadata.namespace.as_ref();
    namespace.map_or(Scope::Cluster, |name| Scope::Namespace(name.value.clone()))
}

impl Broken {
    fn of<S>(document: &Document<S>, problems: Diagnostics) -> Self {
        let metadata = &document.metadata;
        let namespace = metadata.namespace.as_ref();
        Self {
            file: document.mark.file().to_owned(),
            kind: document.kind,
            namespace: namespace.map(|namespace| namespace.value.clone()),
            name: metadata.name.value.clone(),
            problems,
        }
    }
}

impl Compiler<'_> {
    /// The complaints since the last call, where there are any.
    fn problems(&mut self) -> Option<Diagnostics> {
        Diagnostics::of(std::mem::take(&mut self.complaints))
    }

    /// Compiles one policy within what is left for its scope.
    fn one_policy(
        &mut self,
        document: &Document<ImagePolicySpec>,
        trust_roots: &[Document<TrustRootSpec>],
        double: Option<Diagnostic>,
        spent: &mut Spent,
    ) -> Result<Policy, Diagnostics> {
        self.patterns = spent.patterns;
        self.max_patterns = MAX_PATTERNS;
        spent.policies += 1;
        if let Some(namespace) = &document.metadata.namespace {
            self.max_patterns = MAX_NAMESPACE_PATTERNS;
            if spent.policies > MAX_NAMESPACE_POLICIES {
                let message = format!("too many policies in the namespace `{}`", namespace.value);
                let position = document.metadata.name.mark.position();
                self.report(
                    Diagnostic::error(Code::LimitExceeded, position, message)
                        .expected(format!("at most {MAX_NAMESPACE_POLICIES}")),
                );
            }
        }
        if let Some(double) = double {
            self.report(double);
        }
        let policy = if self.complaints.is_empty() {
            self.policy(document, trust_roots)
        } else {
            None
        };
        spent.patterns = self.patterns.min(self.max_patterns);
        match (policy, self.problems()) {
            (Some(policy), None) => Ok(policy),
            (_, Some(problems)) => Err(problems),
            (None, None) => {
                let position = document.metadata.name.mark.position();
                let message = "a policy that cannot be compiled";
                let complaint = Diagnostic::error(Code::PolicyInvalid, position, message);
                Err(Diagnostics::one(complaint))
            }
        }
    }

    /// What a broken policy may be about, as far as that can be read.
    fn remaining_reach(
        &mut self,
        document: &Document<ImagePolicySpec>,
        problems: &Diagnostics,
    ) -> Reach {
        let scope = scope(document);
        // What is too much to compile is too much to compile again.
        if problems
            .iter()
            .any(|problem| problem.code == Code::LimitExceeded)
        {
            return Reach::everything(scope);
        }
        let Match {
            images,
            namespaces,
            objects,
        } = &document.spec.matches;
        self.salvaged(scope, Some(images), namespaces.as_ref(), objects.as_ref())
    }

    /// What is readable narrows, what is not does not.
    fn salvaged(
        &mut self,
        scope: Scope,
        images: Option<&List<Spanned<String>>>,
        namespaces: Option<&Spanned<LabelSelector>>,
        objects: Option<&Spanned<LabelSelector>>,
    ) -> Reach {
        let patterns = images.and_then(|images| {
            let patterns = images
                .items
                .iter()
                .map(|text| ImagePattern::new(&text.value));
            patterns.collect::<Result<Vec<_>, _>>().ok()
        });
        let whole = Reach::everything(scope);
        let in_cluster = whole.scope == Scope::Cluster;
        let mut selector = |written: Option<&Spanned<LabelSelector>>| -> Option<Selector> {
            let compiled = written.and_then(|written| self.selector(written));
            self.complaints.clear();
            compiled
        };
        Reach {
            images: patterns.unwrap_or_else(|| whole.images.clone()),
            namespaces: selector(namespaces.filter(|_| in_cluster)),
            objects: selector(objects),
            ..whole
        }
    }
}

impl Unusable {
    /// A policy whose document, `source`, cannot be used. Where it can still be read what it is about,
    /// only that is denied.
    pub fn read(
        source: &Source,
        scope: Scope,
        name: impl Into<String>,
        problem: Diagnostic,
    ) -> Self {
        let text = SourceText::new(source);
        let nodes = source::read(source, &text).unwrap_or_default();
        let about = match nodes.as_slice() {
            [node] => field(node, "spec").and_then(|spec| field(spec, "match")),
            _ => None,
        };
        let Some(about) = about else {
            return Self::new(scope, name, problem);
        };
        let mut cx = Context::new(&text);
        let start = Mark::start(&text);
        let images: Option<List<Spanned<String>>> = part(about, "images", &start, &mut cx);
        let namespaces = part(about, "namespaces", &start, &mut cx);
        let objects = part(about, "objects", &start, &mut cx);
        let (files, databases) = (BTreeMap::new(), BTreeMap::new());
        let mut compiler = Compiler::new(&files, &databases);
        let reach = compiler.salvaged(
            scope,
            images.as_ref(),
            namespaces.as_ref(),
            objects.as_ref(),
        );
        Self::within(reach, name, problem)
    }
}

fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let Value::Map(map) = &node.value else {
        return None;
    };
    let mut entries = map.iter();
    entries
        .find(|(key, _)| key.value == name)
        .map(|(_, value)| value)
}

fn part<T: Decode>(node: &Node, name: &str, at: &Mark, cx: &mut Context) -> Option<T> {
    T::decode(field(node, name)?, at, cx)
}

#[cfg(test)]
mod tests;
