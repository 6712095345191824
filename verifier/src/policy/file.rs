//! Files that documents name: the core says which, its caller reads them.

use super::decode::Spanned;
use super::document::Documents;
use super::document::common::Content;
use super::document::rules::ProfileName;
use crate::verdict::Position;

/// Bytes of one file that a document names; a trusted root has some 50 KiB.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Names a file: a path relative to the directory of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileKey {
    /// The document's file name as it was given in its [`Source`](super::Source).
    pub document: String,
    /// The path as it is written in the document, relative to the document's directory.
    pub path: String,
}

/// A file that a document needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    /// Which file.
    pub key: FileKey,
    /// The line that names it.
    pub position: Position,
}

impl Documents {
    /// Every file that the documents name, each once, in the order of its key. The caller reads
    /// them, at most [`MAX_FILE_BYTES`] each, for [`compile`](Self::compile).
    pub fn file_requests(&self) -> Vec<FileRequest> {
        requests(self.files())
    }

    /// Every directory of vulnerability records that the documents name, each once, in the order of
    /// its key. The caller reads them into a [`Database`](crate::vulnerability::osv::Database) each, for
    /// [`compile_with`](Self::compile_with).
    pub fn database_requests(&self) -> Vec<FileRequest> {
        let requirements = self
            .policies
            .iter()
            .flat_map(|policy| &policy.spec.require.items);
        let rules = requirements.filter_map(|r| r.value.vulnerabilities.as_ref());
        requests(rules.filter_map(|rule| rule.value.database.as_ref()))
    }

    fn files(&self) -> Vec<&Spanned<String>> {
        let mut files = Vec::new();
        for root in &self.trust_roots {
            let sigstore = &root.spec.sigstore.value;
            let lists = [
                &sigstore.certificate_authorities,
                &sigstore.transparency_logs,
                &sigstore.ct_logs,
                &sigstore.timestamp_authorities,
            ];
            let parts = lists.into_iter().flatten().flat_map(|list| &list.items);
            let contents = sigstore.trusted_root.iter().chain(parts);
            files.extend(contents.filter_map(|content| content.value.file.as_ref()));
        }
        for policy in &self.policies {
            let signers = policy.spec.signers.entries.iter();
            let keys = signers.filter_map(|(_, signer)| signer.key.as_ref());
            files.extend(keys.filter_map(|key| key.file.as_ref()));
            let requirements = policy.spec.require.items.iter();
            let sboms = requirements.filter_map(|r| r.value.sbom.as_ref());
            let profiles = sboms
                .flat_map(|sbom| &sbom.value.profile)
                .flat_map(|list| &list.0);
            files.extend(profiles.filter_map(|profile| match profile {
                ProfileName::File(content) => content.value.file.as_ref(),
                ProfileName::Named(_) => None,
            }));
        }
        let registries = self
            .configuration
            .as_ref()
            .and_then(|configuration| configuration.spec.registries.as_ref());
        let authorities = registries.and_then(|registries| registries.ca.as_ref());
        let contents = authorities.into_iter().flat_map(|list| &list.items);
        files.extend(contents.filter_map(|content: &Spanned<Content>| content.value.file.as_ref()));
        files
    }
}

fn requests<'a>(names: impl IntoIterator<Item = &'a Spanned<String>>) -> Vec<FileRequest> {
    let mut requests: Vec<FileRequest> = names
        .into_iter()
        .map(|file| FileRequest {
            key: file_key(file),
            position: file.mark.position(),
        })
        .collect();
    requests.sort_by(|a, b| a.key.cmp(&b.key));
    requests.dedup_by(|a, b| a.key == b.key);
    requests
}

pub(super) fn file_key(file: &Spanned<String>) -> FileKey {
    FileKey {
        document: file.mark.file().to_owned(),
        path: file.value.clone(),
    }
}
