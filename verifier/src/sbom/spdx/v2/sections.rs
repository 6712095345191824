//! Sections of SPDX 2 become parts of an SBOM.

use super::{
    DOCUMENT, Document, Edge, End, External, Extracted, File, Package, Reading, Relation, Snippet,
    Spot, fields,
};
use crate::content::ContentError;
use crate::sbom::model::{Component, ComponentKind, Standing};
use crate::sbom::spdx::draft::Place;
use crate::sbom::spdx::lax::{Item, Text};
use crate::sbom::spdx::party::{Agent, agent};
use crate::sbom::spdx::terms::{self, Meaning};

impl<'a> Reading<'a> {
    /// Document creation information.
    pub(in crate::sbom::spdx) fn document(
        &mut self,
        document: Document<'a>,
        place: &Place,
    ) -> Result<(), ContentError> {
        let draft = &mut self.draft;
        let at = || place.member("dataLicense");
        let license = draft.required(document.license, at, "`CC0-1.0`");
        if let Some(found) = license.filter(|license| license != "CC0-1.0") {
            draft.breach(at, "`CC0-1.0`", &found);
        }
        let at = || place.member("SPDXID");
        let id = draft.required(document.id, at, "`SPDXRef-DOCUMENT`");
        if let Some(found) = id.filter(|id| id != DOCUMENT) {
            draft.breach(at, "`SPDXRef-DOCUMENT`", &found);
        }
        let at = || place.member("name");
        let name = draft.required(document.name, at, "a name");
        draft.sbom.name = name.map(Box::from);
        let at = || place.member("documentNamespace");
        let namespace = draft.required(document.namespace, at, "a URI");
        if let Some(found) = namespace.as_deref().filter(|uri| !is_namespace(uri)) {
            draft.breach(at, "an absolute URI without `#`", found);
        }
        draft.sbom.identifier = namespace.map(Box::from);
        self.creation(document.creation, place)?;
        let at = || place.member("externalDocumentRefs");
        let externals = self.draft.list(document.externals, at)?;
        for (index, item) in externals.into_iter().enumerate() {
            self.external(item, place, index);
        }
        Ok(())
    }

    fn creation(
        &mut self,
        creation: Item<super::Creation<'a>>,
        place: &Place,
    ) -> Result<(), ContentError> {
        let draft = &mut self.draft;
        let at = || place.member("creationInfo");
        if matches!(creation, Item::Absent) {
            draft.breach(at, "`created` and `creators`", "nothing");
        }
        let Some(creation) = draft.item(creation, at) else {
            return Ok(());
        };
        let at = || place.member("creationInfo/created");
        if let Some(created) = draft.required(creation.created, at, "a time") {
            draft.sbom.created = draft.time(&created, at);
            draft.sbom.created_text = Some(created.into());
        }
        let at = || place.member("creationInfo/creators");
        let creators = draft.filled(creation.creators, at, "one creator or more")?;
        for (index, creator) in creators.into_iter().enumerate() {
            let at = || place.entry("creationInfo/creators", index);
            let Some(creator) = draft.text(creator, at) else {
                continue;
            };
            match agent(&creator) {
                Agent::Party(party) => draft.sbom.authors.push(party),
                Agent::Tool(tool) => draft.sbom.tools.push(tool),
                Agent::Nobody | Agent::Unmarked(_) => {
                    let wanted = "`Person: …`, `Organization: …` or `Tool: …`";
                    draft.breach(at, wanted, &creator);
                }
            }
        }
        Ok(())
    }

    fn external(&mut self, item: Item<External<'a>>, place: &Place, index: usize) {
        let draft = &mut self.draft;
        let member = |name: &str| match place {
            Place::Root | Place::Entry { .. } => format!("/externalDocumentRefs/{index}/{name}"),
            Place::Lines { .. } => place.entry("externalDocumentRefs", index),
        };
        let at = || place.entry("externalDocumentRefs", index);
        let Some(external) = draft.item(item, at) else {
            return;
        };
        let at = || member("spdxDocument");
        draft.required(external.document, at, "the namespace of a document");
        let at = || member("checksum");
        if matches!(external.checksum, Item::Absent) {
            draft.breach(at, "a checksum", "nothing");
        }
        if let Some(checksum) = draft.item(external.checksum, at) {
            fields::hash(draft, checksum, at);
        }
        let at = || member("externalDocumentId");
        let Some(id) = draft.required(external.id, at, "an identifier") else {
            return;
        };
        if !terms::is_document_ref(&id) {
            let wanted = "`DocumentRef-` with letters, digits, `.`, `-` and `+`";
            draft.breach(at, wanted, &id);
        }
        if !self.externals.insert(id.clone()) {
            self.draft.breach(at, "an identifier of its own", &id);
        }
    }

    /// A package; its position.
    pub(in crate::sbom::spdx) fn package(
        &mut self,
        package: Package<'a>,
        place: &Place,
    ) -> Result<usize, ContentError> {
        let position = self.draft.sbom.components.len();
        let mut component = Component {
            place: place.own().into(),
            reference: self.identify(package.id, place, position),
            ..Component::default()
        };
        let draft = &mut self.draft;
        let at = || place.member("name");
        let name = draft.required(package.name, at, "the name of a package");
        component.name = name.map(Box::from).unwrap_or_default();
        let version = draft.text(package.version_info, || place.member("versionInfo"));
        component.version = version.filter(|version| !version.is_empty()).map(Box::from);
        let at = || place.member("packageFileName");
        let file_name = draft.text(package.archive, at);
        component.file_names.extend(file_name.map(Box::from));
        component.supplier = fields::party(draft, package.supplier, place, "supplier");
        let originator = fields::party(draft, package.originator, place, "originator");
        component.creators.extend(originator);
        fields::links(
            draft,
            &mut component,
            package.download_location,
            package.homepage,
            place,
        );
        component.hashes = fields::hashes(draft, package.checksums, place)?;
        for (field, member, standing) in [
            (
                package.license_declared,
                "licenseDeclared",
                Standing::Declared,
            ),
            (
                package.license_concluded,
                "licenseConcluded",
                Standing::Concluded,
            ),
        ] {
            let license = fields::license(draft, field, || place.member(member), standing);
            component.licenses.extend(license);
        }
        let at = || place.member("externalRefs");
        let references = draft.list(package.external_refs, at)?;
        for (index, item) in references.into_iter().enumerate() {
            fields::reference(draft, &mut component, item, place, index);
        }
        let built = fields::date(draft, package.built_date, place, "builtDate");
        component.dated = fields::date(draft, package.release_date, place, "releaseDate").or(built);
        component.kind = fields::purpose(draft, package.primary_package_purpose, place);
        let files = draft.list(package.has_files, || place.member("hasFiles"))?;
        self.draft.add(component)?;
        self.packages.push(position);
        self.has_files(files, place, position)?;
        Ok(position)
    }

    fn has_files(
        &mut self,
        files: Vec<Text<'a>>,
        place: &Place,
        position: usize,
    ) -> Result<(), ContentError> {
        for (index, file) in files.into_iter().enumerate() {
            let at = || place.entry("hasFiles", index);
            let Some(file) = self.draft.text(file, at) else {
                continue;
            };
            self.relate(Edge {
                from: End::Known(position),
                to: End::Named(file),
                meaning: Meaning::Contains,
                spot: Spot::HasFiles(position, index),
            })?;
        }
        Ok(())
    }

    /// A file; its position.
    pub(in crate::sbom::spdx) fn file(
        &mut self,
        file: File<'a>,
        place: &Place,
    ) -> Result<usize, ContentError> {
        let position = self.draft.sbom.components.len();
        let mut component = Component {
            place: place.own().into(),
            reference: self.identify(file.id, place, position),
            kind: ComponentKind::File,
            ..Component::default()
        };
        let draft = &mut self.draft;
        let at = || place.member("fileName");
        let name = draft.required(file.name, at, "the name of a file");
        component.name = name.map(Box::from).unwrap_or_default();
        if !component.name.is_empty() {
            component.file_names.push(component.name.clone());
        }
        let types = draft.list(file.kinds, || place.member("fileTypes"))?;
        for (index, kind) in types.into_iter().enumerate() {
            let at = || place.entry("fileTypes", index);
            let kind = draft.text(kind, at);
            if let Some(found) = kind.filter(|kind| !terms::FILE_TYPES.contains(&&**kind)) {
                draft.breach(at, "a file type of SPDX", &found);
            }
        }
        component.hashes = fields::hashes(draft, file.checksums, place)?;
        let at = || place.member("licenseInfoInFiles");
        let found = draft.list(file.license_info_in_files, at)?;
        for (index, field) in found.into_iter().enumerate() {
            let at = || place.entry("licenseInfoInFiles", index);
            let license = fields::license(draft, field, at, Standing::Declared);
            component.licenses.extend(license);
        }
        let at = || place.member("licenseConcluded");
        let concluded = fields::license(draft, file.license_concluded, at, Standing::Concluded);
        component.licenses.extend(concluded);
        self.draft.add(component)
    }

    /// A snippet.
    pub(in crate::sbom::spdx) fn snippet(
        &mut self,
        snippet: Snippet<'a>,
        place: &Place,
    ) -> Result<(), ContentError> {
        let position = self.draft.sbom.components.len();
        let mut component = Component {
            place: place.own().into(),
            reference: self.identify(snippet.id, place, position),
            kind: ComponentKind::Other,
            ..Component::default()
        };
        let draft = &mut self.draft;
        let name = draft.text(snippet.name, || place.member("name"));
        component.name = name.map(Box::from).unwrap_or_default();
        let at = || place.member("licenseConcluded");
        let concluded = fields::license(draft, snippet.license_concluded, at, Standing::Concluded);
        component.licenses.extend(concluded);
        let at = || place.member("ranges");
        draft.filled(snippet.ranges, at, "one range or more")?;
        let at = || place.member("snippetFromFile");
        let file = draft.required(snippet.whole, at, "the `SPDXID` of a file");
        self.draft.add(component)?;
        if let Some(file) = file {
            self.relate(Edge {
                from: End::Named(file),
                to: End::Known(position),
                meaning: Meaning::Contains,
                spot: Spot::Snippet(position),
            })?;
        }
        Ok(())
    }

    /// A license that is on no list.
    pub(in crate::sbom::spdx) fn extracted(&mut self, license: Extracted<'a>, place: &Place) {
        let draft = &mut self.draft;
        let at = || place.member("extractedText");
        draft.required(license.extracted_text, at, "the text of the license");
        let at = || place.member("licenseId");
        let Some(id) = draft.required(license.license_id, at, "an identifier") else {
            return;
        };
        if !terms::is_license_ref(&id) {
            let wanted = "`LicenseRef-` with letters, digits, `.` and `-`";
            draft.breach(at, wanted, &id);
        }
        if !self.licenses.insert(id.clone()) {
            self.draft.breach(at, "an identifier of its own", &id);
        }
    }

    /// A relationship.
    pub(in crate::sbom::spdx) fn relation(
        &mut self,
        relation: Relation<'a>,
        place: &Place,
        spot: Spot,
    ) -> Result<(), ContentError> {
        let draft = &mut self.draft;
        let at = || place.member("relationshipType");
        let kind = draft.required(relation.kind, at, "a relationship type");
        let meaning = kind.as_deref().and_then(terms::relationship);
        if let (Some(found), None) = (&kind, meaning) {
            draft.breach(at, "a relationship type of SPDX 2", found);
        }
        let at = || place.member("spdxElementId");
        let from = draft.required(relation.from, at, "an `SPDXID`");
        let at = || place.member("relatedSpdxElement");
        let to = draft.required(relation.to, at, "an `SPDXID`, `NONE` or `NOASSERTION`");
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(());
        };
        self.relate(Edge {
            from: End::Named(from),
            to: End::Named(to),
            meaning: meaning.unwrap_or(Meaning::Other),
            spot,
        })
    }
}

/// An absolute URI without a fragment (SPDX 2.3 §6.5).
fn is_namespace(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.starts_with(|c: char| c.is_ascii_alphabetic()))
        && !uri.contains(['#', ' '])
}
