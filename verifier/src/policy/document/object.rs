//! Documents one by one, as a cluster keeps them: each is an object of its own, and one that is broken
//! must not take the others with it.

use std::collections::BTreeMap;
use std::slice;

use super::{Document, Documents, Metadata, place};
use crate::code::Code;
use crate::policy::diagnostic::{Diagnostic, Diagnostics};
use crate::policy::source::{Mark, Source};
use crate::verdict::Position;

/// The kind, namespace and name of a document: what no two documents may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy) struct Identity {
    pub(in crate::policy) kind: &'static str,
    pub(in crate::policy) namespace: Option<String>,
    pub(in crate::policy) name: String,
}

impl<S> Document<S> {
    pub(in crate::policy) fn identity(&self) -> Identity {
        let Metadata {
            name, namespace, ..
        } = &self.metadata;
        Identity {
            kind: self.kind,
            namespace: namespace.as_ref().map(|namespace| namespace.value.clone()),
            name: name.value.clone(),
        }
    }
}

impl Documents {
    /// Parses each source by itself: what is wrong with one says nothing about the others.
    pub fn parse_each(sources: &[Source]) -> Vec<Result<Self, Diagnostics>> {
        let each = sources.iter().map(slice::from_ref);
        each.map(Self::parse).collect()
    }

    /// Parses an object of a cluster: one document, which names no file, because there is no directory
    /// in which it could be.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and `policy/invalid` for a second document and for every file.
    pub fn parse_object(source: &Source) -> Result<Self, Diagnostics> {
        let documents = Self::parse(slice::from_ref(source))?;
        let mut complaints = Vec::new();
        for request in documents.file_requests() {
            let message = "a file in an object of the cluster";
            complaints.push(
                Diagnostic::error(Code::PolicyInvalid, request.position, message)
                    .expected("the content itself, as `inline`")
                    .found(format!("`{}`", request.key.path)),
            );
        }
        for request in documents.database_requests() {
            let message = "a directory in an object of the cluster";
            complaints.push(
                Diagnostic::error(Code::PolicyInvalid, request.position, message)
                    .expected("a policy in a mounted file, beside the mounted directory")
                    .found(format!("`{}`", request.key.path)),
            );
        }
        let count = documents.marks().count();
        if let Some(second) = documents.marks().nth(1) {
            let message = "more than one document in an object of the cluster";
            complaints.push(
                Diagnostic::error(Code::PolicyInvalid, second.position(), message)
                    .expected("one document")
                    .found(count.to_string()),
            );
        }
        Diagnostics::of(complaints).map_or(Ok(documents), Err)
    }

    /// Puts documents together that were parsed apart. Two of one name are for compiling to complain
    /// about, as is the absence of any policy.
    ///
    /// # Errors
    ///
    /// `policy/invalid` where there is a second `Configuration`.
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Result<Self, Diagnostics> {
        let mut whole = Self::default();
        for part in parts {
            whole.trust_roots.extend(part.trust_roots);
            whole.policies.extend(part.policies);
            whole.start = whole.start.or(part.start);
            match (&whole.configuration, part.configuration) {
                (_, None) => {}
                (None, Some(configuration)) => whole.configuration = Some(configuration),
                (Some(first), Some(second)) => {
                    let complaint = second_configuration(&first.mark, &second.mark);
                    return Err(Diagnostics::one(complaint));
                }
            }
        }
        Ok(whole)
    }

    /// The trust roots that signers name and that are not among these documents, with the place of
    /// each mention.
    pub fn foreign_trust_roots(&self) -> Vec<(String, Position)> {
        let own = |name: &str| {
            let mut roots = self.trust_roots.iter();
            roots.any(|root| root.metadata.name.value == name)
        };
        let signers = self
            .policies
            .iter()
            .flat_map(|policy| &policy.spec.signers.entries);
        let named = signers.filter_map(|(_, signer)| signer.trust_root.as_ref());
        named
            .filter(|root| root.value != "none" && !own(&root.value))
            .map(|root| (root.value.clone(), root.mark.position()))
            .collect()
    }

    /// Where each document begins.
    fn marks(&self) -> impl Iterator<Item = &Mark> {
        let roots = self.trust_roots.iter().map(|document| &document.mark);
        let policies = self.policies.iter().map(|document| &document.mark);
        let configuration = self.configuration.iter().map(|document| &document.mark);
        roots.chain(policies).chain(configuration)
    }

    /// Every document with the name of an earlier one.
    pub(in crate::policy) fn doubles(&self) -> Vec<Diagnostic> {
        let mut names = Names::default();
        let roots = self.trust_roots.iter().filter_map(|root| names.add(root));
        let mut doubles: Vec<Diagnostic> = roots.collect();
        let policies = self.policies.iter();
        doubles.extend(policies.filter_map(|policy| names.add(policy)));
        doubles
    }
}

/// The names that were seen, each with its place.
#[derive(Debug, Default)]
pub(in crate::policy) struct Names(BTreeMap<Identity, Mark>);

impl Names {
    /// Adds the name of `document`. With that of an earlier one, it would be left open which counts.
    pub(in crate::policy) fn add<S>(&mut self, document: &Document<S>) -> Option<Diagnostic> {
        let identity = document.identity();
        let mark = &document.metadata.name.mark;
        let Some(first) = self.0.get(&identity) else {
            self.0.insert(identity, mark.clone());
            return None;
        };
        let message = format!(
            "a second {} with the name `{}`",
            identity.kind, identity.name
        );
        let complaint = Diagnostic::error(Code::PolicyInvalid, mark.position(), message)
            .expected("a name that no other document of this kind has")
            .found(format!("the first one at {}", place(first)));
        Some(complaint)
    }
}

/// Two `Configuration` documents would leave it open which one counts.
pub(super) fn second_configuration(first: &Mark, second: &Mark) -> Diagnostic {
    let message = "a second `Configuration`";
    Diagnostic::error(Code::PolicyInvalid, second.position(), message)
        .expected("one `Configuration` in all documents")
        .found(format!("the first one at {}", place(first)))
}
