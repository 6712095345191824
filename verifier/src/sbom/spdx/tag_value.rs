//! SPDX 2.2 and 2.3 as tag-value text.

mod lines;
mod sections;
mod slots;

use std::borrow::Cow;

use self::lines::Lines;
use self::sections::Sections;
use super::v2;
use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::model::{Encoding, Sbom};

/// Tags of the document section, one of which stands first. `SPDXID` alone does not tell: YAML
/// writes it the same way.
const FIRST: [&str; 10] = [
    "SPDXVersion",
    "DataLicense",
    "DocumentName",
    "DocumentNamespace",
    "ExternalDocumentRef",
    "DocumentComment",
    "LicenseListVersion",
    "Creator",
    "Created",
    "CreatorComment",
];

/// Bytes at the beginning in which the first tag must stand, behind comments.
const LOOK: usize = 64 * 1024;

/// Whether the first tags are of SPDX tag-value.
pub(super) fn is_tag_value(document: &[u8]) -> bool {
    let head = document.get(..LOOK.min(document.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let lines = head.trim_start_matches('\u{feff}').lines().map(str::trim);
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in told.take(2) {
        let Some((tag, value)) = line.split_once(':') else {
            return false;
        };
        if FIRST.contains(&tag.trim_end()) {
            return true;
        }
        if tag.trim_end() != "SPDXID" || value.trim() != v2::DOCUMENT {
            return false;
        }
    }
    false
}

/// Reads a document.
pub(super) fn read(document: &[u8]) -> Result<Sbom, ContentError> {
    let text = String::from_utf8_lossy(document);
    let body = text.trim_start_matches('\u{feff}');
    let version = stated_version(body)?;
    let mut sections = Sections::new(version, Encoding::TagValue);
    if matches!(text, Cow::Owned(_)) {
        let at = || first_broken_line(document);
        let draft = &mut sections.reading.draft;
        draft.breach(at, "UTF-8 (SPDX 2.3 §4.4)", "bytes that are none");
    }
    let mut lines = Lines::new(body);
    while let Some(line) = lines.next()? {
        sections.line(&line)?;
    }
    sections.finish()
}

/// The version, wherever the document states it.
fn stated_version(body: &str) -> Result<&'static str, ContentError> {
    let mut lines = Lines::new(body);
    while let Some(line) = lines.next()? {
        if let Some(value) = line.value_of("SPDXVersion") {
            return v2::version(value, &format!("line {}", line.number));
        }
    }
    Err(ContentError::new(
        Code::SbomMalformed,
        "the document",
        "`SPDXVersion: SPDX-2.3`",
        "no `SPDXVersion`",
    ))
}

fn first_broken_line(document: &[u8]) -> String {
    let end = std::str::from_utf8(document)
        .err()
        .map_or(0, |error| error.valid_up_to());
    let before = document.get(..end).unwrap_or_default();
    format!("line {}", before.split(|byte| *byte == b'\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn the_first_tag_stands_near_the_beginning() {
        let tag = "SPDXVersion:";
        let behind = |bytes: usize| {
            let comment = format!("#{}\n", "x".repeat(bytes - tag.len() - 2));
            format!("{comment}{tag} SPDX-2.3\n")
        };
        assert!(is_tag_value(behind(LOOK).as_bytes()));
        let far = behind(LOOK + 1);
        assert!(!is_tag_value(far.as_bytes()));
        let refused = crate::sbom::read(far.as_bytes()).unwrap_err();
        assert_eq!(refused.code, Code::SbomUnsupported);
    }
}
