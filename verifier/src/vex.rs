//! VEX: which vulnerabilities matter, and who says so.
//!
//! ```text
//! bytes ─read─► VexDocument ─Statements─decide─► Open | Suppressed | Conflict
//! ```
//!
//! **Invariant**: reading proves nothing, and a statement that cannot be tied to the image and to the
//! component suppresses nothing. Of contradicting statements the stricter one counts.

mod csaf;
mod cyclonedx;
mod decide;
mod justification;
pub mod limits;
mod openvex;
mod product;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::code::Code;
use crate::content::ContentError;
use crate::json;
use limits::{MAX_PRODUCTS, MAX_STATEMENTS, MAX_TEXT, MAX_VEX_BYTES};

pub use decide::{Decision, ImageProduct, Statements, Suppressible};
pub use justification::{Justification, UnknownJustification};
pub use product::{Identifiers, Product};

const CODE: Code = Code::VexMalformed;

/// The formats of VEX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VexFormat {
    /// OpenVEX.
    OpenVex,
    /// CycloneDX with analyses.
    CycloneDx,
    /// CSAF, profile 5 "VEX".
    Csaf,
}

impl VexFormat {
    /// The name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenVex => "OpenVEX",
            Self::CycloneDx => "CycloneDX",
            Self::Csaf => "CSAF",
        }
    }
}

/// A VEX document, read and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexDocument {
    /// Which format.
    pub format: VexFormat,
    /// What names the document.
    pub id: Option<Box<str>>,
    /// Who wrote it, in its own words: what counts is who signed it.
    pub author: Option<Box<str>>,
    /// When it was issued.
    pub timestamp: Option<Timestamp>,
    /// Its own version.
    pub version: Option<Box<str>>,
    /// What it says.
    pub statements: Vec<VexStatement>,
    /// Vulnerabilities that the document lists without saying whether they matter (CycloneDX without
    /// `analysis`).
    pub unstated: usize,
}

/// One statement: the status of one vulnerability in some products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexStatement {
    /// The identifier of the vulnerability.
    pub vulnerability: Box<str>,
    /// Other names of it.
    pub aliases: Vec<Box<str>>,
    /// The products in which the status holds.
    pub products: Vec<Product>,
    /// The status.
    pub status: Status,
    /// Why the products are not affected.
    pub justification: Option<Justification>,
    /// Why the products are not affected, in free words.
    pub impact: Option<Box<str>>,
    /// What to do about it, in free words.
    pub action: Option<Box<str>>,
    /// When the statement was made: its own time, or the document's.
    pub timestamp: Option<Timestamp>,
    /// The place in the document.
    pub place: Box<str>,
}

/// What a statement says about a vulnerability (CISA, "Minimum Requirements for VEX").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// No remediation is needed.
    NotAffected,
    /// These products have a fix.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
    /// Actions are recommended.
    Affected,
}

impl Status {
    /// The word that OpenVEX, reports and policies use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// The status behind that word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [
            Self::NotAffected,
            Self::Fixed,
            Self::UnderInvestigation,
            Self::Affected,
        ];
        all.into_iter().find(|status| status.name() == word)
    }

    /// Whether the status can make a vulnerability not count.
    pub const fn can_suppress(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

impl VexStatement {
    /// All names of the vulnerability.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.vulnerability).chain(self.aliases.iter().map(|alias| &**alias))
    }
}

/// Whether attestations of this predicate type can be VEX documents.
pub fn is_vex(predicate_type: &str) -> bool {
    let below = |prefix: &str| {
        let rest = predicate_type.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below("https://openvex.dev/ns")
        || below("https://cyclonedx.org/bom")
        || below("https://cyclonedx.org/vex")
        || below("https://docs.oasis-open.org/csaf")
}

/// Reads a VEX document: OpenVEX 0.2.0 and what came before it, CycloneDX with analyses, the VEX profile
/// of CSAF 2.0 and 2.1. The format is found by content.
///
/// # Errors
///
/// [`ContentError`]: `vex/malformed`, `limit/exceeded`.
pub fn read(document: &[u8]) -> Result<VexDocument, ContentError> {
    if document.len() > MAX_VEX_BYTES {
        let found = document.len();
        return Err(ContentError::limit(
            "the document",
            "bytes",
            MAX_VEX_BYTES,
            found,
        ));
    }
    if document.trim_ascii_start().first() == Some(&b'<') {
        return cyclonedx::read(document);
    }
    let probe: Probe = json::read(document, CODE)?;
    let openvex = probe.context.as_deref().is_some_and(openvex::is_context)
        || probe.format.as_deref() == Some(openvex::OLD_FORMAT);
    match [openvex, probe.cyclonedx.is_some(), probe.csaf.is_some()] {
        [true, false, false] => openvex::read(document),
        [false, true, false] => cyclonedx::read(document),
        [false, false, true] => csaf::read(document),
        [false, false, false] => Err(unknown("an object of another shape")),
        // Two readers would read it differently.
        _ => Err(unknown("members of several formats")),
    }
}

/// The members by which formats are told apart.
#[derive(Deserialize)]
struct Probe {
    #[serde(rename = "@context", default, deserialize_with = "text")]
    context: Option<String>,
    #[serde(default, deserialize_with = "text")]
    format: Option<String>,
    #[serde(rename = "bomFormat")]
    cyclonedx: Option<IgnoredAny>,
    #[serde(rename = "document")]
    csaf: Option<IgnoredAny>,
}

/// A member that is text, or is not ours.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Other(IgnoredAny),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => Some(text),
        Either::Other(_) => None,
    })
}

fn unknown(found: &str) -> ContentError {
    let expected = "an OpenVEX, CycloneDX or CSAF document";
    ContentError::new(CODE, "the document", expected, found)
}

/// The statements of a document, never more than the bounds.
#[derive(Default)]
struct Builder {
    statements: Vec<VexStatement>,
    products: usize,
    text: usize,
}

impl Builder {
    fn push(&mut self, statement: VexStatement) -> Result<(), ContentError> {
        let place = &*statement.place;
        if statement.vulnerability.trim().is_empty() {
            let expected = "the name of a vulnerability";
            return Err(ContentError::new(CODE, place, expected, "nothing"));
        }
        ContentError::unless_full(
            || place.to_owned(),
            "statements",
            MAX_STATEMENTS,
            self.statements.len(),
        )?;
        let parts = statement
            .products
            .iter()
            .map(|product| 1 + product.subcomponents.len());
        self.products += parts.sum::<usize>();
        if self.products > MAX_PRODUCTS {
            return Err(ContentError::limit(
                place,
                "products",
                MAX_PRODUCTS,
                self.products,
            ));
        }
        // Products with different reasons repeat the names of the vulnerability.
        let texts = [&statement.impact, &statement.action].into_iter().flatten();
        let texts = texts.map(|text| text.len()).sum::<usize>();
        self.text += texts + statement.names().map(|name| name.len() + 16).sum::<usize>();
        if self.text > MAX_TEXT {
            let what = "bytes of names and reasons";
            return Err(ContentError::limit(place, what, MAX_TEXT, self.text));
        }
        self.statements.push(statement);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
