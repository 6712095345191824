//! From documents to a set of policies that can judge: names resolved, patterns compiled, keys and
//! trust roots parsed; every complaint collected.

mod configuration;
mod exception;
mod lenient;
mod policy;
mod provenance;
mod requirement;
mod rules;
mod sbom;
mod selector;
mod signer;
mod summary;
mod trust_root;
mod vulnerability;

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
pub(super) use configuration::{MAX_GROUP, MAX_KIND};
#[cfg(test)]
pub(super) use exception::{DEFAULT_IMAGES, DEFAULT_VALIDITY};
pub use lenient::{Broken, Lenient};
pub(super) use sbom::HASHES;
pub(super) use trust_root::{MAX_DEMANDED, instance_requirements};

use super::configuration::Configuration;
use super::decode::Spanned;
use super::diagnostic::{Diagnostic, Diagnostics, MAX_DIAGNOSTICS, Severity};
use super::document::Documents;
use super::document::common::{Content, MatchKind, TextMatch};
use super::file::{FileKey, MAX_FILE_BYTES, file_key};
use super::glob::PatternError;
use super::matcher::Matcher;
use super::root::{Root, TrustTerm};
use super::set::{Policy, PolicySet};
use super::signer::Placed;
use super::source::Mark;
use crate::code::Code;
use crate::trust::{Anchor, TrustStore};
use crate::verdict::Position;
use crate::vulnerability::osv::Database;

/// Patterns (glob or regex) in all documents together: each takes memory of its own.
pub(super) const MAX_PATTERNS: usize = 1024;

/// What has been compiled so far, and what was wrong with the rest.
struct Compiler<'a> {
    files: &'a BTreeMap<FileKey, Vec<u8>>,
    databases: &'a BTreeMap<FileKey, Arc<Database>>,
    complaints: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    trust: TrustStore,
    roots: BTreeMap<String, Root>,
    /// Trust roots that cannot be used, with the first thing that is wrong with each; only where one
    /// broken document does not stop the others.
    broken_roots: BTreeMap<String, Diagnostic>,
    patterns: usize,
    max_patterns: usize,
}

impl Documents {
    /// Compiles the documents; `files` holds the content of every file that
    /// [`file_requests`](Self::file_requests) names.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`]: `policy/invalid` for contradictions and unknown names,
    /// `policy/file-missing`, `trust/malformed` and `key/unsupported` for unusable material. No
    /// policy at all is an error, never "admit".
    pub fn compile(&self, files: &BTreeMap<FileKey, Vec<u8>>) -> Result<PolicySet, Diagnostics> {
        self.compile_with(files, &BTreeMap::new())
    }

    /// Compiles the documents; `databases` holds every directory of vulnerability records that
    /// [`database_requests`](Self::database_requests) names.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub fn compile_with(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
        databases: &BTreeMap<FileKey, Arc<Database>>,
    ) -> Result<PolicySet, Diagnostics> {
        let mut compiler = Compiler::new(files, databases);
        for complaint in self.doubles() {
            compiler.report(complaint);
        }
        for document in &self.trust_roots {
            compiler.trust_root(document);
        }
        let mut policies = Vec::new();
        for document in &self.policies {
            policies.extend(compiler.policy(document, &self.trust_roots));
        }
        let configuration = compiler.configuration(self.configuration.as_ref());
        if compiler.complaints.is_empty() {
            compiler.some_policy(self);
        }
        match Diagnostics::of(std::mem::take(&mut compiler.complaints)) {
            Some(problems) => Err(problems),
            None => Ok(compiler.finish(policies, configuration)),
        }
    }

    /// Compiles the trust roots alone, for commands that judge nothing: each one's authorities.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] as for [`compile`](Self::compile).
    pub fn compile_trust(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
    ) -> Result<TrustStore, Diagnostics> {
        let mut trust = TrustStore::default();
        for root in self.roots(files)?.into_values() {
            trust.add(Anchor::Certificates(root.trust));
        }
        Ok(trust)
    }

    /// Compiles the trust roots alone: how long each lasts, in order of name.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] as for [`compile`](Self::compile).
    pub fn trust_terms(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
    ) -> Result<Vec<TrustTerm>, Diagnostics> {
        let roots = self.roots(files)?;
        Ok(roots.iter().map(|(name, root)| root.term(name)).collect())
    }

    fn roots(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
    ) -> Result<BTreeMap<String, Root>, Diagnostics> {
        let none = BTreeMap::new();
        let mut compiler = Compiler::new(files, &none);
        for document in &self.trust_roots {
            compiler.trust_root(document);
        }
        let is_error = |complaint: &Diagnostic| complaint.severity == Severity::Error;
        compiler.complaints.retain(is_error);
        match Diagnostics::of(compiler.complaints) {
            Some(problems) => Err(problems),
            None => Ok(compiler.roots),
        }
    }

    /// Compiles the configuration alone, for commands that judge nothing.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] as for [`compile`](Self::compile).
    pub fn compile_configuration(
        &self,
        files: &BTreeMap<FileKey, Vec<u8>>,
    ) -> Result<Configuration, Diagnostics> {
        let none = BTreeMap::new();
        let mut compiler = Compiler::new(files, &none);
        let configuration = compiler.configuration(self.configuration.as_ref());
        Diagnostics::of(compiler.complaints).map_or(Ok(configuration), Err)
    }
}

impl<'a> Compiler<'a> {
    fn new(
        files: &'a BTreeMap<FileKey, Vec<u8>>,
        databases: &'a BTreeMap<FileKey, Arc<Database>>,
    ) -> Self {
        Self {
            files,
            databases,
            complaints: Vec::new(),
            warnings: Vec::new(),
            trust: TrustStore::default(),
            roots: BTreeMap::new(),
            broken_roots: BTreeMap::new(),
            patterns: 0,
            max_patterns: MAX_PATTERNS,
        }
    }

    /// The set of `policies`, with the warnings that only all of them together give reason to.
    fn finish(mut self, mut policies: Vec<Policy>, configuration: Configuration) -> PolicySet {
        policies.sort_by_key(Policy::order);
        for warning in selector::evadable(&policies, &configuration) {
            self.report(warning);
        }
        PolicySet::new(
            (policies, self.warnings),
            (self.trust, self.roots),
            configuration,
        )
    }

    /// How many errors there are so far.
    const fn errors(&self) -> usize {
        self.complaints.len()
    }

    fn report(&mut self, complaint: Diagnostic) {
        // One more than is shown is enough to say that there are more. Errors and warnings are kept
        // apart, so that no number of warnings can displace an error.
        let list = match complaint.severity {
            Severity::Error => &mut self.complaints,
            Severity::Warning => &mut self.warnings,
        };
        if list.len() <= MAX_DIAGNOSTICS {
            list.push(complaint);
        }
    }

    /// Counts one more pattern; `None` says that there are too many.
    fn count_pattern(&mut self, mark: &Mark) -> Option<()> {
        self.patterns += 1;
        if self.patterns > self.max_patterns {
            let message = "too many patterns in these documents";
            self.report(
                Diagnostic::error(Code::LimitExceeded, mark.position(), message).expected(format!(
                    "at most {} of images, `glob` and `regex`",
                    self.max_patterns
                )),
            );
            return None;
        }
        Some(())
    }

    /// A contradiction at `mark`.
    fn invalid(&mut self, mark: &Mark, message: &str, expected: &str, found: String) {
        let complaint = Diagnostic::error(Code::PolicyInvalid, mark.position(), message)
            .expected(expected)
            .found(found);
        self.report(complaint);
    }

    fn some_policy(&mut self, documents: &Documents) {
        let Some(start) = documents
            .start
            .as_ref()
            .filter(|_| !documents.has_policies())
        else {
            return;
        };
        let message = "no policy in these documents";
        self.report(
            Diagnostic::error(Code::PolicyInvalid, start.position(), message)
                .expected("at least one `ClusterImagePolicy`")
                .hint("without a policy nothing can be admitted"),
        );
    }

    /// The text of a file or of an inline field, whichever of the two is given.
    fn content(&mut self, content: &Content, at: &Mark) -> Option<Spanned<String>> {
        let file = match (&content.file, &content.inline) {
            (None, Some(inline)) => return Some(inline.clone()),
            (Some(file), None) => file,
            (both, _) => {
                let found = if both.is_some() { "both" } else { "neither" };
                let expected = "exactly one of `file` and `inline`";
                self.invalid(at, "contradictory content", expected, found.to_owned());
                return None;
            }
        };
        let mark = file.mark.clone();
        let Some(bytes) = self.files.get(&file_key(file)) else {
            let message = format!("the file `{}` was not given", file.value);
            self.report(
                Diagnostic::error(Code::PolicyFileMissing, mark.position(), message)
                    .expected("a file that can be read")
                    .hint("the path is relative to the directory of this document"),
            );
            return None;
        };
        if bytes.len() > MAX_FILE_BYTES {
            let message = format!("the file `{}` is too large", file.value);
            let complaint = Diagnostic::error(Code::LimitExceeded, mark.position(), message)
                .expected(format!("at most {MAX_FILE_BYTES} bytes"))
                .found(format!("{} bytes", bytes.len()));
            self.report(complaint);
            return None;
        }
        match String::from_utf8(bytes.clone()) {
            Ok(value) => Some(Spanned { value, mark }),
            Err(error) => {
                let found = format!(
                    "other bytes, from byte {}",
                    error.utf8_error().valid_up_to()
                );
                let message = format!("the file `{}` is not text", file.value);
                self.invalid(&mark, &message, "UTF-8 text", found);
                None
            }
        }
    }

    fn pattern_error(&mut self, mark: &Mark, error: PatternError) {
        let mut complaint = Diagnostic::error(Code::PolicyInvalid, mark.position(), error.message)
            .expected(error.expected);
        complaint.hint = error.hint;
        self.report(complaint);
    }

    fn matcher(&mut self, written: &TextMatch) -> Option<Placed<Matcher>> {
        let mark = &written.pattern.mark;
        if written.kind != MatchKind::Exact {
            self.count_pattern(mark)?;
        }
        match Matcher::new(written.kind, &written.pattern.value) {
            Ok(matcher) => {
                if let Some(warning) = loose(&matcher, mark.position()) {
                    self.report(warning);
                }
                Some(Placed {
                    value: matcher,
                    position: Some(mark.position()),
                })
            }
            Err(error) => {
                self.pattern_error(mark, error);
                None
            }
        }
    }
}

/// Gauntlet 87: a dot that is any character where a host is meant.
pub(super) fn loose(matcher: &Matcher, position: Position) -> Option<Diagnostic> {
    matcher.loose_dot()?;
    let message = "an unescaped dot in a host matches any character";
    Some(
        Diagnostic::warning(Code::PolicyLoosePattern, position, message)
            .expected("`\\.` where a dot is meant")
            .hint("write `\\.`, or use `glob` or `exact`, in which a dot is a dot"),
    )
}
