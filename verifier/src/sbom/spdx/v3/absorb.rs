//! Elements of SPDX 3 become parts of an SBOM, one after the other.

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use serde_json::value::RawValue;

use super::element::{self, Element};
use super::license::{License, Shape};
use super::{Agent, Collection, Creation, Graph, Node, Queued, Relation};
use crate::content::ContentError;
use crate::sbom::model::Party;
use crate::sbom::spdx::draft::check_relationships;
use crate::sbom::spdx::lax::{Item, Text};
use crate::sbom::spdx::part;
use crate::sbom::spdx::terms;

/// An element that is being read: where it stands, and how deep in others.
pub(super) struct At {
    pub(super) place: String,
    pub(super) depth: usize,
}

impl At {
    /// The place of a member.
    pub(super) fn member(&self, name: &str) -> String {
        format!("{}/{name}", self.place)
    }

    fn own(&self) -> String {
        if self.place.is_empty() {
            return "/".to_owned();
        }
        self.place.clone()
    }
}

impl<'a> Graph<'a> {
    /// Reads one element.
    pub(super) fn absorb(&mut self, next: Queued<'a>) -> Result<(), ContentError> {
        let at = At {
            place: next.place,
            depth: next.depth,
        };
        let item: Item<Element<'a>> = part(next.text)?;
        let Some(mut element) = self.draft.item(item, || at.own()) else {
            return Ok(());
        };
        let class = std::mem::take(&mut element.class);
        let wanted = "the class of the element";
        let class = self.draft.required(class, || at.member("type"), wanted);
        let class = class.unwrap_or_default();
        let class = element::short(&class);
        let spdx_id = std::mem::take(&mut element.spdx_id);
        let blank_id = std::mem::take(&mut element.blank_id);
        let id = self.name_of(spdx_id, blank_id, &class, &at);
        if !element::is_part(&class) && element.creation_info.is_none() && !class.is_empty() {
            let wanted = "a `CreationInfo`";
            self.draft
                .breach(|| at.member("creationInfo"), wanted, "nothing");
        }
        let creation = match element.creation_info {
            Some(text) => self.reference(text, at.depth, || at.member("creationInfo"))?,
            None => None,
        };
        let node = self.sort(element, &class, id.clone(), creation, &at)?;
        let Some(id) = id.or(next.given) else {
            return Ok(());
        };
        match self.nodes.entry(id) {
            Entry::Occupied(taken) => {
                let wanted = "an identifier of its own";
                let draft = &mut self.draft;
                draft.breach(|| at.member("spdxId"), wanted, taken.key());
            }
            Entry::Vacant(free) => {
                free.insert(node);
            }
        }
        Ok(())
    }

    /// The identifier: `spdxId` for elements, `@id` for their parts (SPDX 3.0.1, JSON-LD).
    fn name_of(
        &mut self,
        spdx: Text<'a>,
        blank: Text<'a>,
        class: &str,
        at: &At,
    ) -> Option<Cow<'a, str>> {
        let spdx = self.draft.text(spdx, || at.member("spdxId"));
        let blank = self.draft.text(blank, || at.member("@id"));
        if element::is_part(class) || class.is_empty() {
            return spdx.or(blank);
        }
        let Some(id) = spdx else {
            let wanted = "an `spdxId`";
            self.draft.breach(|| at.member("spdxId"), wanted, "nothing");
            return blank;
        };
        if id.starts_with("_:") || !id.contains(':') {
            self.draft.breach(|| at.member("spdxId"), "an IRI", &id);
        }
        if let Some(blank) = blank {
            let wanted = "either `spdxId` or `@id`";
            self.draft.breach(|| at.member("@id"), wanted, &blank);
        }
        Some(id)
    }

    /// Hands an element to the reader of its class.
    fn sort(
        &mut self,
        element: Element<'a>,
        class: &str,
        id: Option<Cow<'a, str>>,
        creation: Option<Cow<'a, str>>,
        at: &At,
    ) -> Result<Node, ContentError> {
        match class {
            "CreationInfo" => self.creation(element, at),
            "Person" | "Organization" | "Agent" | "SoftwareAgent" | "Tool" => {
                self.agent(element, class, at)
            }
            "SpdxDocument" | "software_Sbom" | "Bom" | "Bundle" => {
                self.collection(element, class, id, creation, at)
            }
            "software_Package"
            | "software_File"
            | "software_Snippet"
            | "ai_AIPackage"
            | "dataset_DatasetPackage" => self.component(element, class, id, at),
            "Relationship" | "LifecycleScopedRelationship" => {
                self.relationship(element, at)?;
                Ok(Node::Other)
            }
            "Hash" => Ok(self.loose_hash(element, at)),
            "ExternalIdentifier" => Ok(self.loose_identifier(element, at)),
            "security_Vulnerability" => {
                self.vulnerabilities
                    .insert(id.unwrap_or_else(|| at.own().into()));
                Ok(Node::Other)
            }
            "" => Ok(Node::Other),
            _ if is_assessment(class) => {
                let from = self.relationship(element, at)?;
                self.vulnerabilities.extend(from);
                Ok(Node::Other)
            }
            _ => self.sort_rest(element, class, at),
        }
    }

    fn sort_rest(
        &mut self,
        element: Element<'a>,
        class: &str,
        at: &At,
    ) -> Result<Node, ContentError> {
        if class.starts_with("expandedlicensing_") || class.starts_with("simplelicensing_") {
            return self.license(element, class, at);
        }
        // Classes of extensions have an IRI of somebody else.
        if !element::is_unread(class) && !class.contains(':') {
            let wanted = "a class of SPDX 3.0";
            self.draft.breach(|| at.member("type"), wanted, class);
        }
        Ok(Node::Other)
    }

    fn creation(&mut self, element: Element<'a>, at: &At) -> Result<Node, ContentError> {
        let draft = &mut self.draft;
        let place = || at.member("specVersion");
        let version = draft.required(element.spec_version, place, "a version such as `3.0.1`");
        if let Some(found) = version.filter(|version| !super::is_supported(version)) {
            draft.breach(place, "a version such as `3.0.1`", &found);
        }
        let place = || at.member("created");
        let created = draft.required(element.created, place, "a time");
        if let Some(created) = created.as_deref() {
            draft.time(created, place);
        }
        let place = at.member("createdBy");
        let what = "one agent or more";
        let by = self.some_references(element.created_by, at.depth, &place, what)?;
        let using = at.member("createdUsing");
        let using = self.references(element.created_using, at.depth, &using)?;
        self.creations.push(Creation {
            created,
            by,
            using,
            place: at.member("createdBy"),
        });
        Ok(Node::Creation(self.creations.len().saturating_sub(1)))
    }

    fn agent(&mut self, element: Element<'a>, class: &str, at: &At) -> Result<Node, ContentError> {
        let name = self.draft.text(element.name, || at.member("name"));
        let mut party = Party {
            name: name.map(Box::from),
            ..Party::default()
        };
        for (kind, value) in self.identifiers(element.external_identifier, at, None)? {
            match &*kind {
                "email" => party.emails.push(value),
                "urlScheme" => party.urls.push(value),
                _ => {}
            }
        }
        self.agents.push(Agent {
            party,
            is_tool: matches!(class, "Tool" | "SoftwareAgent"),
        });
        Ok(Node::Agent(self.agents.len().saturating_sub(1)))
    }

    fn collection(
        &mut self,
        element: Element<'a>,
        class: &str,
        id: Option<Cow<'a, str>>,
        creation: Option<Cow<'a, str>>,
        at: &At,
    ) -> Result<Node, ContentError> {
        let name = self.draft.text(element.name, || at.member("name"));
        self.words(
            element.profile_conformance,
            "profileConformance",
            &PROFILES,
            at,
        )?;
        let types = self.words(element.sbom_type, "software_sbomType", &SBOM_TYPES, at)?;
        self.draft.sbom.phases.extend(types);
        self.imports(element.import, at)?;
        let place = at.member("rootElement");
        let roots = self.references(element.roots, at.depth, &place)?;
        self.references(element.members, at.depth, &at.member("element"))?;
        self.collections.push(Collection {
            is_document: class == "SpdxDocument",
            id,
            name,
            creation,
            roots,
        });
        Ok(Node::Collection(self.collections.len().saturating_sub(1)))
    }

    /// A relationship; where it starts.
    fn relationship(
        &mut self,
        element: Element<'a>,
        at: &At,
    ) -> Result<Option<Cow<'a, str>>, ContentError> {
        let draft = &mut self.draft;
        let place = || at.member("relationshipType");
        let kind = draft.required(element.relationship_type, place, "a relationship type");
        if let Some(found) = &kind
            && terms::relationship3(found).is_none()
        {
            draft.breach(place, "a relationship type of SPDX 3.0", found);
        }
        let completeness = self.word(element.completeness, "completeness", &COMPLETENESS, at);
        self.word(element.scope, "scope", &SCOPES, at);
        let from = self.one(element.from, "from", at)?;
        let place = at.member("to");
        let what = "one element or more";
        let to = self.some_references(element.to, at.depth, &place, what)?;
        self.ends = self.ends.saturating_add(to.len());
        check_relationships(self.ends.saturating_sub(1))?;
        if let (Some(from), Some(kind)) = (from.clone(), kind) {
            self.relations.push(Relation {
                from,
                to,
                kind,
                completeness,
            });
        }
        Ok(from)
    }

    /// A mandatory reference.
    pub(super) fn one(
        &mut self,
        text: Option<&'a RawValue>,
        name: &str,
        at: &At,
    ) -> Result<Option<Cow<'a, str>>, ContentError> {
        let Some(text) = text else {
            let wanted = "an element or the identifier of one";
            self.draft.breach(|| at.member(name), wanted, "nothing");
            return Ok(None);
        };
        self.reference(text, at.depth, || at.member(name))
    }

    fn license(
        &mut self,
        element: Element<'a>,
        class: &str,
        at: &At,
    ) -> Result<Node, ContentError> {
        let name = self.draft.text(element.name, || at.member("name"));
        let shape = match class {
            "simplelicensing_LicenseExpression" => {
                let place = || at.member("simplelicensing_licenseExpression");
                let text = element.license_expression;
                let text = self.draft.required(text, place, "a license expression");
                Shape::Expression(text.unwrap_or_default())
            }
            "expandedlicensing_ConjunctiveLicenseSet"
            | "expandedlicensing_DisjunctiveLicenseSet" => {
                let place = at.member("expandedlicensing_member");
                let members = self.references(element.member, at.depth, &place)?;
                if members.len() < 2 {
                    let found = members.len().to_string();
                    self.draft.breach(|| place, "two licenses or more", &found);
                }
                if class == "expandedlicensing_ConjunctiveLicenseSet" {
                    Shape::All(members)
                } else {
                    Shape::Any(members)
                }
            }
            "expandedlicensing_OrLaterOperator" => {
                let name = "expandedlicensing_subjectLicense";
                Shape::OrLater(self.one(element.subject_license, name, at)?)
            }
            "expandedlicensing_WithAdditionOperator" => {
                let name = "expandedlicensing_subjectExtendableLicense";
                let license = self.one(element.subject_extendable, name, at)?;
                let name = "expandedlicensing_subjectAddition";
                Shape::With(license, self.one(element.subject_addition, name, at)?)
            }
            "expandedlicensing_ListedLicense" | "expandedlicensing_ListedLicenseException" => {
                Shape::Listed
            }
            "expandedlicensing_CustomLicense" | "simplelicensing_SimpleLicensingText" => {
                let place = || at.member("simplelicensing_licenseText");
                self.draft
                    .required(element.license_text, place, "the text of the license");
                Shape::Named(name)
            }
            "expandedlicensing_CustomLicenseAddition" => Shape::Named(name),
            _ => {
                if !element::is_unread(class) {
                    let wanted = "a class of SPDX 3.0";
                    self.draft.breach(|| at.member("type"), wanted, class);
                }
                Shape::Named(name)
            }
        };
        self.licenses.push(License::new(shape, at.own()));
        Ok(Node::License(self.licenses.len().saturating_sub(1)))
    }
}

/// Whether the class is a relationship between a vulnerability and what it is in.
fn is_assessment(class: &str) -> bool {
    class.starts_with("security_") && class.ends_with("VulnAssessmentRelationship")
}

/// `Core/ProfileIdentifierType`, 3.0.1.
const PROFILES: [&str; 10] = [
    "core",
    "software",
    "simpleLicensing",
    "expandedLicensing",
    "security",
    "build",
    "ai",
    "dataset",
    "extension",
    "lite",
];

/// `Software/SbomType`, 3.0.1.
const SBOM_TYPES: [&str; 6] = [
    "analyzed", "build", "deployed", "design", "runtime", "source",
];

/// `Core/RelationshipCompleteness`, 3.0.1.
const COMPLETENESS: [&str; 3] = ["complete", "incomplete", "noAssertion"];

/// `Core/LifecycleScopeType`, 3.0.1.
const SCOPES: [&str; 6] = ["build", "design", "development", "other", "runtime", "test"];
