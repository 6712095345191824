//! `sovverify policy`: work on documents, without any image.

use std::path::PathBuf;

use sovverify::VerificationTime;
use sovverify::report::v1::Report;

use super::documents;
use crate::problem::Stopped;

/// Complains about every document in `files` that is not one, or contradicts another.
pub(crate) fn lint(files: &[PathBuf], time: VerificationTime) -> Result<Report, Stopped> {
    let loaded = documents::load(files.iter())?;
    let mut report = Report::clean(time);
    if loaded.documents.has_policies() {
        let policies = loaded
            .documents
            .compile_with(&loaded.files, &loaded.databases)?;
        report.notices = policies.warnings().iter().map(documents::notice).collect();
    } else {
        // Trust roots and configurations may stand in files of their own.
        loaded.documents.compile_trust(&loaded.files)?;
        loaded.documents.compile_configuration(&loaded.files)?;
    }
    Ok(report)
}
