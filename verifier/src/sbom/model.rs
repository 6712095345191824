//! The one view of every SBOM, whatever its format.
//!
//! Text is kept as it is written; what must be understood (package URLs, licenses, times) is parsed
//! by whoever asks, so that a document with one bad field still says all the rest.

use jiff::Timestamp;

/// An SBOM, read and not judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sbom {
    /// The format and its version.
    pub format: Format,
    /// The name of the document (SPDX `name`; the main component's in CycloneDX).
    pub name: Option<Box<str>>,
    /// What names this document among all: SPDX `documentNamespace` or `spdxId`, CycloneDX
    /// `serialNumber` with its `version` (`urn:uuid:…/1`, BOM-Link).
    pub identifier: Option<Box<str>>,
    /// When the document was made, as far as it says so in a time that can be read.
    pub created: Option<Timestamp>,
    /// That time exactly as written.
    pub created_text: Option<Box<str>>,
    /// The people and organisations who made the document.
    pub authors: Vec<Party>,
    /// Who supplied the document's subject, on the document itself (CycloneDX `metadata.supplier`,
    /// `metadata.manufacturer`).
    pub supplier: Option<Party>,
    /// The tools that made the document.
    pub tools: Vec<Box<str>>,
    /// In which phase of the life cycle it was made (CycloneDX `lifecycles`, SPDX 3 `sbomType`, the
    /// SPDX 2 creator comment is not one).
    pub phases: Vec<Box<str>>,
    /// What the document describes: positions in `components`. Empty where it does not say.
    pub subjects: Vec<usize>,
    /// Everything that the document lists: packages, files, the subject itself; nested ones too.
    pub components: Vec<Component>,
    /// Who contains, uses or is made from whom.
    pub relationships: Vec<Relationship>,
    /// Components about whose dependencies the document says that they are all listed: positions.
    pub complete: Vec<usize>,
    /// Whether the document states how complete it is at all (CycloneDX `compositions`, SPDX 3
    /// `completeness`, SPDX 2 relationships to `NONE` and `NOASSERTION`).
    pub states_completeness: bool,
    /// Vulnerabilities that the document itself lists (CycloneDX `vulnerabilities`, SPDX 3 security).
    pub vulnerabilities: usize,
    /// How the document breaks the schema of its format; the first ones.
    pub violations: Vec<Violation>,
    /// Violations that are not kept.
    pub more_violations: usize,
}

/// A format with its version and encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    /// Which format.
    pub family: Family,
    /// Its version, as `2.3` or `1.6`.
    pub version: Box<str>,
    /// How it is written down.
    pub encoding: Encoding,
}

/// A family of formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Family {
    /// SPDX (ISO/IEC 5962).
    #[default]
    Spdx,
    /// CycloneDX (ECMA-424).
    CycloneDx,
}

/// How a document is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Encoding {
    /// JSON.
    #[default]
    Json,
    /// JSON-LD (SPDX 3).
    JsonLd,
    /// XML.
    Xml,
    /// SPDX tag-value.
    TagValue,
}

/// One entry of an SBOM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// The place in the document, for messages: a JSON pointer, a line, an XML path.
    pub place: Box<str>,
    /// The name by which the document's relationships refer to it: `bom-ref`, `SPDXID`, `spdxId`.
    pub reference: Option<Box<str>>,
    /// What it is.
    pub kind: ComponentKind,
    /// Its name.
    pub name: Box<str>,
    /// Its version.
    pub version: Option<Box<str>>,
    /// The group or namespace beside the name (CycloneDX `group`).
    pub group: Option<Box<str>>,
    /// Package URLs, as written.
    pub purls: Vec<Box<str>>,
    /// CPE names, as written.
    pub cpes: Vec<Box<str>>,
    /// Any further unique identifiers, as `type:value` (SWID, SWHID, `OmniBOR`, gitoid, …).
    pub identifiers: Vec<Box<str>>,
    /// Hashes of the component itself.
    pub hashes: Vec<Hash>,
    /// Its licenses.
    pub licenses: Vec<License>,
    /// Who supplies it.
    pub supplier: Option<Party>,
    /// Who made it (CycloneDX `manufacturer`, `authors`, `author`; SPDX `originator`).
    pub creators: Vec<Party>,
    /// The file names that it states (SPDX `packageFileName`, files' names, the BSI property).
    pub file_names: Vec<Box<str>>,
    /// Links that leave the document.
    pub links: Vec<Link>,
    /// Properties of the BSI taxonomy (`bsi:…`), name and value.
    pub properties: Vec<(Box<str>, Box<str>)>,
    /// When it was built or released, where it says so.
    pub dated: Option<Timestamp>,
}

/// What a component is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ComponentKind {
    /// A package: a library, an application, a framework, an operating system.
    #[default]
    Package,
    /// A container image.
    Container,
    /// A single file.
    File,
    /// Anything else: data, a device, a service, a snippet, a machine-learning model.
    Other,
}

/// A person, an organisation or a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// The name.
    pub name: Option<Box<str>>,
    /// E-mail addresses.
    pub emails: Vec<Box<str>>,
    /// Web addresses.
    pub urls: Vec<Box<str>>,
}

/// A hash, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash {
    /// The algorithm in one spelling: `sha1`, `sha256`, `sha384`, `sha512`, `sha3-256`, `blake2b-256`,
    /// `blake3`, `md5`, …: lower case, no dash after `sha` of SHA-1 and SHA-2.
    pub algorithm: Box<str>,
    /// The value in lower-case hex.
    pub value: Box<str>,
}

/// A license with its standing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct License {
    /// An SPDX expression, or a name that is none.
    pub text: Box<str>,
    /// Whether `text` claims to be an SPDX identifier or expression, and not only a name.
    pub is_expression: bool,
    /// Who says so.
    pub standing: Standing,
}

/// Who says that a license applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Standing {
    /// The document does not say (CycloneDX without `acknowledgement`).
    #[default]
    Unstated,
    /// The authors of the component (SPDX `licenseDeclared`, CycloneDX `declared`).
    Declared,
    /// The author of the document, after looking (SPDX `licenseConcluded`, CycloneDX `concluded`).
    Concluded,
    /// The license under which the licensee may use it (BSI `effectiveLicence`).
    Effective,
}

/// A link that leaves the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is there, in CycloneDX's words where both formats have one: `distribution`, `vcs`,
    /// `source-distribution`, `website`, `bom`, `rfc-9116`, …
    pub kind: Box<str>,
    /// The address.
    pub url: Box<str>,
    /// Hashes of what is there.
    pub hashes: Vec<Hash>,
}

/// One relationship between two components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relationship {
    /// Position of the one that depends or contains.
    pub from: usize,
    /// Position of the other.
    pub to: usize,
    /// What kind.
    pub kind: RelationshipKind,
}

/// What one component is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RelationshipKind {
    /// `from` needs `to`.
    DependsOn,
    /// `to` is a part of `from`.
    Contains,
    /// Anything else.
    Other,
}

/// A place where a document breaks the schema of its format.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The place in the document.
    pub place: Box<str>,
    /// What the schema wants.
    pub expected: Box<str>,
    /// What stands there.
    pub found: Box<str>,
}

impl Family {
    /// The name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spdx => "SPDX",
            Self::CycloneDx => "CycloneDX",
        }
    }
}

impl Standing {
    /// The standing as it is written in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unstated => "unstated",
            Self::Declared => "declared",
            Self::Concluded => "concluded",
            Self::Effective => "effective",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encoding = match self.encoding {
            Encoding::Json => "JSON",
            Encoding::JsonLd => "JSON-LD",
            Encoding::Xml => "XML",
            Encoding::TagValue => "tag-value",
        };
        write!(f, "{} {} ({encoding})", self.family.name(), self.version)
    }
}

impl Component {
    /// Gives back what its lists have room for and do not use: a document has many components.
    pub(super) fn shrink(&mut self) {
        self.purls.shrink_to_fit();
        self.cpes.shrink_to_fit();
        self.identifiers.shrink_to_fit();
        self.hashes.shrink_to_fit();
        self.licenses.shrink_to_fit();
        self.creators.shrink_to_fit();
        self.file_names.shrink_to_fit();
        self.links.shrink_to_fit();
        self.properties.shrink_to_fit();
    }

    /// The component in a message: name, version, place, each of bounded length.
    pub fn label(&self) -> String {
        use crate::content::shortened;
        let version = self
            .version
            .as_ref()
            .map_or(String::new(), |v| format!(" {}", shortened(v)));
        format!(
            "`{}{version}` ({})",
            shortened(&self.name),
            shortened(&self.place)
        )
    }
}
