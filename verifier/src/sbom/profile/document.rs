//! Profile files: their form, and what is refused in them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, Spanned};

use super::{MAX_PROFILE_BYTES, MAX_RULES, Profile};
use crate::code::Code;
use crate::content::ContentError;
use crate::digest::Digest;
use crate::sbom::model::Family;

/// Nesting of a profile file; its own form needs seven.
const MAX_DEPTH: usize = 16;
/// Nodes of a profile file: fifty for each rule.
pub(super) const MAX_NODES: usize = 50 * MAX_RULES;
/// Characters of a profile's name.
pub(super) const MAX_NAME: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Form {
    name: Spanned<String>,
    title: String,
    source: Option<String>,
    rules: Vec<Spanned<Rule>>,
}

/// One rule of a profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    /// The data field, in the words of the standard.
    pub(super) field: String,
    /// The clause of the standard.
    pub(super) clause: String,
    /// What the rule is about.
    pub(super) scope: Scope,
    /// Which components are asked.
    #[serde(default)]
    pub(super) applies_to: Applies,
    /// Which formats are asked; all where nothing is written.
    #[serde(default)]
    families: Vec<FamilyWord>,
    /// How much the standard wants it.
    pub(super) strength: Strength,
    /// Whether the standard demands it only where the data exists.
    #[serde(default)]
    pub(super) if_existing: bool,
    /// A remark on how the standard is read.
    pub(super) note: Option<String>,
    /// What must be so.
    pub(super) check: Check,
}

/// What a rule of a profile is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scope {
    /// The document as a whole.
    Document,
    /// Each component.
    Component,
    /// The document's subject: its main component.
    Subject,
    /// How components hang together.
    Relationship,
}

/// How much a standard wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Strength {
    /// A document without it does not conform.
    Required,
    /// A document without it conforms, and is told.
    Recommended,
}

/// Which components are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sbom) enum Applies {
    /// Everything listed, but the files of SPDX: there a file is content of a package.
    #[default]
    Components,
    /// Packages and container images.
    Packages,
    /// Files.
    Files,
    /// Everything listed.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FamilyWord {
    Spdx,
    CycloneDx,
}

/// The checks that a profile is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Check {
    /// The format and its lowest version; a family that is not named is not accepted.
    Format(FormatFloor),
    /// The time at which the document was made can be read.
    Timestamp,
    /// The document was made before this moment.
    MadeBefore(Timestamp),
    /// Somebody is named.
    Party(PartyDemand),
    /// The tools that made the document are named.
    Tools,
    /// The phase of the life cycle is named.
    Phases,
    /// The document has a URI.
    Uri,
    /// The document says how complete it is.
    Completeness,
    /// The document lists no vulnerabilities.
    NoVulnerabilities,
    /// The subject's own dependencies are listed, or said to be none.
    Dependencies,
    /// Every component hangs on the subject, directly or not.
    Reachable,
    /// The component has a name.
    Name,
    /// The component has a version.
    Version,
    /// The component has a package URL, a CPE or another unique identifier.
    Identifier,
    /// The component names its file, without a path.
    FileName,
    /// The component has a license of this standing.
    License(LicenseDemand),
    /// There is a hash.
    Hash(HashDemand),
    /// There is a link of one of these kinds.
    Link {
        /// Kinds of links, any of which will do.
        kinds: Vec<String>,
    },
    /// The component has this property exactly once, with one of these values.
    Property {
        /// The name.
        name: String,
        /// The values.
        values: Vec<String>,
    },
    /// The component does not have this property.
    NoProperty {
        /// The name.
        name: String,
        /// What should be there in its place.
        instead: String,
    },
}

/// The lowest version of each family.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FormatFloor {
    pub(super) spdx: Option<String>,
    pub(super) cyclonedx: Option<String>,
    /// How it may be written down; any way where nothing is written.
    #[serde(default)]
    pub(super) encodings: Vec<EncodingWord>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EncodingWord {
    Json,
    JsonLd,
    Xml,
    TagValue,
}

/// Who must be named, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PartyDemand {
    /// Any of these will do.
    pub(super) from: Vec<PartyWord>,
    #[serde(default)]
    pub(super) contact: Contact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PartyWord {
    /// The document's authors.
    Authors,
    /// Who supplied the document's subject, on the document.
    DocumentSupplier,
    /// The document's tools.
    Tools,
    /// Who supplies the component.
    Supplier,
    /// Who made the component.
    Creators,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Contact {
    /// A name will do.
    #[default]
    Any,
    /// Only an e-mail address or a web address will do.
    EmailOrUrl,
}

/// Which license must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LicenseDemand {
    /// Any of these will do.
    pub(super) standings: Vec<StandingWord>,
    pub(super) form: LicenseForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StandingWord {
    Unstated,
    Declared,
    Concluded,
    Effective,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LicenseForm {
    /// An SPDX expression, `LicenseRef-…` included.
    Spdx,
    /// Any text.
    Any,
}

/// Which hash must be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HashDemand {
    /// Of what: any of these will do.
    pub(super) of: Vec<HashedWord>,
    /// By which algorithm; by any where nothing is written.
    #[serde(default)]
    pub(super) algorithms: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HashedWord {
    /// The component itself.
    Component,
    /// Its deployable form: a link of kind `distribution`.
    Distribution,
    /// Its source: a link of kind `source-distribution`.
    Source,
}

/// Reads a profile of an operator's own.
pub(super) fn parse(text: &str) -> Result<Profile, ContentError> {
    if text.len() > MAX_PROFILE_BYTES {
        let what = "the profile";
        return Err(ContentError::limit(
            what,
            "bytes",
            MAX_PROFILE_BYTES,
            text.len(),
        ));
    }
    let form = form(text)?;
    if Profile::NAMES.contains(&form.name.value.as_str()) {
        return Err(ContentError::new(
            Code::PolicyInvalid,
            place(form.name.referenced),
            "a name of its own: a profile that is built in keeps its meaning",
            format!("`{}`", form.name.value),
        ));
    }
    checked(form, text)
}

/// Reads a profile, a built-in one too.
pub(super) fn read(text: &str) -> Result<Profile, ContentError> {
    checked(form(text)?, text)
}

fn form(text: &str) -> Result<Form, ContentError> {
    let input = text.trim_start_matches('\u{feff}');
    serde_saphyr::from_str_with_options(input, options()).map_err(|error| {
        let at = error
            .location()
            .map_or_else(|| "line 1 column 1".to_owned(), place);
        let detail = error
            .without_snippet()
            .render_with_formatter(&serde_saphyr::UserMessageFormatter);
        let first = detail.lines().next().unwrap_or_default();
        let detail = first
            .rsplit_once(" at line ")
            .map_or(first, |(text, _)| text);
        malformed(at, "a profile in YAML or JSON", detail)
    })
}

fn checked(form: Form, text: &str) -> Result<Profile, ContentError> {
    let name = form.name.value.as_str();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(plain) {
        let expected = format!("1 to {MAX_NAME} of `a-z0-9.-`");
        return Err(malformed(
            place(form.name.referenced),
            expected,
            format!("`{name}`"),
        ));
    }
    if form.rules.len() > MAX_RULES {
        let found = form.rules.len();
        return Err(ContentError::limit("/rules", "rules", MAX_RULES, found));
    }
    if form.rules.is_empty() {
        let at = place(form.name.referenced);
        return Err(malformed(at, "at least one rule", "none"));
    }
    for rule in &form.rules {
        let at = || place(rule.referenced);
        let rule = &rule.value;
        if !rule.check.fits(rule.scope) {
            let expected = format!("a check that fits the scope `{}`", rule.scope);
            return Err(malformed(
                at(),
                expected,
                format!("the rule `{}`", rule.field),
            ));
        }
        if let Some(expected) = rule.check.needs() {
            return Err(malformed(at(), expected, "an empty list"));
        }
    }
    Ok(Profile {
        name: form.name.value,
        title: form.title,
        source: form.source,
        digest: Digest::sha256(text.as_bytes()),
        rules: form.rules.into_iter().map(|rule| rule.value).collect(),
    })
}

fn malformed(place: String, expected: impl Into<String>, found: impl Into<String>) -> ContentError {
    ContentError::new(Code::PolicyMalformed, place, expected, found)
}

fn place(location: Location) -> String {
    format!("line {} column {}", location.line(), location.column())
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_documents: 1,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: 0,
            max_anchors: 0,
            max_total_scalar_bytes: MAX_PROFILE_BYTES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

impl Rule {
    /// The families that are asked; `None` for all.
    pub(super) fn families(&self) -> Option<Vec<Family>> {
        let family = |word: &FamilyWord| match word {
            FamilyWord::Spdx => Family::Spdx,
            FamilyWord::CycloneDx => Family::CycloneDx,
        };
        let families: Vec<Family> = self.families.iter().map(family).collect();
        (!families.is_empty()).then_some(families)
    }
}
