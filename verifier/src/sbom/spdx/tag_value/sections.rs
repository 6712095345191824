//! Statements become sections: a tag that begins a package, a file, a snippet or a license ends the
//! section before it (SPDX 2.3 §7, §8, §9, §10).

use super::lines::Line;
use super::slots::{self, Slot};
use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::model::{Encoding, Sbom};
use crate::sbom::spdx::bounds::MAX_DETAILS;
use crate::sbom::spdx::draft::Place;
use crate::sbom::spdx::lax::{Item, Text};
use crate::sbom::spdx::v2::{
    Creation, Document, Extracted, File, Package, Reading, Relation, Snippet, Spot,
};

/// Tags of which nothing is kept. Others that are unknown break the schema: a misspelt tag would
/// hide what it says.
const UNREAD: [&str; 43] = [
    "AnnotationComment",
    "AnnotationDate",
    "AnnotationType",
    "Annotator",
    "ArtifactOfProjectHomePage",
    "ArtifactOfProjectName",
    "ArtifactOfProjectURI",
    "CreatorComment",
    "DocumentComment",
    "ExternalRefComment",
    "FileAttributionText",
    "FileComment",
    "FileContributor",
    "FileCopyrightText",
    "FileDependency",
    "FileNotice",
    "FilesAnalyzed",
    "LicenseComment",
    "LicenseComments",
    "LicenseCrossReference",
    "LicenseInfoInSnippet",
    "LicenseListVersion",
    "LicenseName",
    "PackageAttributionText",
    "PackageComment",
    "PackageCopyrightText",
    "PackageDescription",
    "PackageLicenseComments",
    "PackageLicenseInfoFromFiles",
    "PackageSourceInfo",
    "PackageSummary",
    "PackageVerificationCode",
    "RelationshipComment",
    "ReviewComment",
    "ReviewDate",
    "Reviewer",
    "SPDXREF",
    "SPDXVersion",
    "SnippetAttributionText",
    "SnippetComment",
    "SnippetCopyrightText",
    "SnippetLicenseComments",
    "ValidUntilDate",
];

/// A section that is being read.
pub(super) enum Section<'a> {
    Document(Box<Document<'a>>, Creation<'a>),
    Package(Box<Package<'a>>),
    File(Box<File<'a>>),
    Snippet(Box<Snippet<'a>>),
    License(Extracted<'a>),
}

/// The document while it is read.
pub(super) struct Sections<'a> {
    pub(super) reading: Reading<'a>,
    section: Section<'a>,
    place: Place,
    package: Option<usize>,
    has_version: bool,
}

/// What a tag did.
enum Took {
    /// It was read.
    Yes,
    /// It does not belong to this section.
    No,
}

impl<'a> Sections<'a> {
    /// A document of which nothing is read.
    pub(super) fn new(version: &str, encoding: Encoding) -> Self {
        Self {
            reading: Reading::new(version, encoding),
            section: Section::Document(Box::default(), Creation::default()),
            place: section_at(1),
            package: None,
            has_version: false,
        }
    }

    /// Takes one statement.
    pub(super) fn line(&mut self, line: &Line<'a>) -> Result<(), ContentError> {
        let at = || format!("line {}", line.number);
        let Some(tag) = line.tag else {
            self.reading.draft.breach(at, "`Tag: value`", line.value);
            return Ok(());
        };
        match tag {
            "Relationship" => return self.relationship(line),
            "SPDXVersion" if self.has_version => return Err(second(tag, line)),
            "SPDXVersion" => self.has_version = true,
            _ => {}
        }
        if let Some(next) = slots::opened(tag, line.value) {
            self.close()?;
            self.section = next;
            self.place = section_at(line.number);
            self.mark(slots::tag_name(tag), line.number);
            return Ok(());
        }
        if let Took::Yes = self.field(tag, line)? {
            return Ok(());
        }
        if !UNREAD.contains(&tag) {
            let wanted = "a tag of SPDX that belongs to this section";
            self.reading.draft.breach(at, wanted, tag);
        }
        Ok(())
    }

    /// Ends the last section, and hands over the SBOM.
    pub(super) fn finish(mut self) -> Result<Sbom, ContentError> {
        self.close()?;
        self.reading.finish()
    }

    fn mark(&mut self, name: &'static str, line: usize) {
        if let Place::Lines { tags, .. } = &mut self.place
            && tags.len() < MAX_DETAILS
        {
            tags.push((name, line));
        }
    }

    fn close(&mut self) -> Result<(), ContentError> {
        let section = std::mem::replace(&mut self.section, Section::License(Extracted::default()));
        let place = std::mem::replace(&mut self.place, section_at(0));
        match section {
            Section::Document(mut document, creation) => {
                document.creation = Item::Is(creation);
                self.reading.document(*document, &place)
            }
            Section::Package(package) => {
                self.package = Some(self.reading.package(*package, &place)?);
                Ok(())
            }
            Section::File(file) => {
                let file = self.reading.file(*file, &place)?;
                // Files behind a package are in it (SPDX 2.3 §8).
                match self.package {
                    Some(package) => self.reading.contains(package, file),
                    None => Ok(()),
                }
            }
            Section::Snippet(snippet) => self.reading.snippet(*snippet, &place),
            Section::License(license) => {
                self.reading.extracted(license, &place);
                Ok(())
            }
        }
    }

    /// `Relationship: A TYPE B` may stand in any section (SPDX 2.3 §11.1).
    fn relationship(&mut self, line: &Line<'a>) -> Result<(), ContentError> {
        let mut words = line.value.split_ascii_whitespace();
        let mut word = || {
            words
                .next()
                .map_or(Text::Absent, |word| Text::Is(word.into()))
        };
        let relation = Relation {
            from: word(),
            kind: word(),
            to: word(),
        };
        if words.next().is_some() {
            let at = || format!("line {}", line.number);
            let wanted = "`SPDXRef-… TYPE SPDXRef-…`";
            self.reading.draft.breach(at, wanted, line.value);
        }
        let place = section_at(line.number);
        self.reading
            .relation(relation, &place, Spot::Line(line.number))
    }

    fn field(&mut self, tag: &str, line: &Line<'a>) -> Result<Took, ContentError> {
        let name = slots::tag_name(tag);
        let slot = match &mut self.section {
            Section::Document(document, creation) => slots::document_slot(document, creation, tag),
            Section::Package(package) => slots::package_slot(package, tag),
            Section::File(file) => slots::file_slot(file, tag),
            Section::Snippet(snippet) => slots::snippet_slot(snippet, tag),
            Section::License(license) => match tag {
                "ExtractedText" => Slot::One(&mut license.extracted_text),
                _ => Slot::None,
            },
        };
        let value = line.value;
        match slot {
            Slot::None => return Ok(Took::No),
            Slot::One(Text::Is(_) | Text::Wrong(_)) => return Err(second(tag, line)),
            Slot::One(field) => *field = Text::Is(value.into()),
            Slot::Many(list) => list.push(Text::Is(value.into())),
            Slot::Checksums(list) => list.push(Item::Is(slots::checksum(value))),
            Slot::References(list) => list.push(Item::Is(slots::reference(value))),
            Slot::Externals(list) => list.push(Item::Is(slots::external(value))),
            Slot::Ranges(list) => list.push(serde::de::IgnoredAny),
        }
        self.mark(name, line.number);
        Ok(Took::Yes)
    }
}

/// A second value would be the first one to some readers and the last one to others.
fn second(tag: &str, line: &Line<'_>) -> ContentError {
    let place = format!("line {}", line.number);
    let wanted = format!("`{tag}` once in its section");
    ContentError::new(
        Code::SbomMalformed,
        place,
        wanted,
        format!("a second `{tag}`"),
    )
}

fn section_at(line: usize) -> Place {
    Place::Lines {
        start: line,
        tags: Vec::new(),
    }
}
