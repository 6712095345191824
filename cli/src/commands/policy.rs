//! `sovverify policy`: work on documents, without any image.

use std::path::PathBuf;

use sovverify::VerificationTime;
use sovverify::report::v1::Report;
use sovverify_fetch::load::{self, LoadError};

use crate::problem::Stopped;

/// Complains about every document in `files` that is not one, or contradicts another.
pub(crate) fn lint(files: &[PathBuf], time: VerificationTime) -> Result<Report, Stopped> {
    let loaded = load::documents(files)?;
    let mut report = Report::clean(time);
    let terms = if loaded.documents.has_policies() {
        let policies = loaded.compile()?;
        report.notices = policies.warnings().iter().map(load::notice).collect();
        policies.trust_terms()
    } else {
        // Trust roots and configurations may stand in files of their own.
        let configuration = loaded.documents.compile_configuration(&loaded.files);
        configuration.map_err(LoadError::from)?;
        let terms = loaded.documents.trust_terms(&loaded.files);
        terms.map_err(LoadError::from)?
    };
    let due = terms.iter().filter_map(|term| term.warning(time));
    report.notices.extend(due.map(|due| load::notice(&due)));
    Ok(report)
}
