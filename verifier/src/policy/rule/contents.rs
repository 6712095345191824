//! Documents inside claims, each read once for one verdict, whatever number of rules ask for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::claim::Statement;
use crate::code::Code;
use crate::content::ContentError;
use crate::policy::predicate::{self, CYCLONEDX, SPDX};
use crate::sbom::{self, Family, Sbom};
use crate::vex::{self, VexDocument};
use crate::vulnerability::scan::{self, ScanReport};

/// What reading a document came to.
pub(super) type Read<T> = Result<Rc<T>, ContentError>;

/// What was already read, by the position of the claim in the appraisal.
#[derive(Debug, Default)]
pub(in crate::policy) struct Contents {
    sboms: RefCell<BTreeMap<usize, Read<Sbom>>>,
    scans: RefCell<BTreeMap<usize, Read<ScanReport>>>,
    vex: RefCell<BTreeMap<usize, Read<VexDocument>>>,
}

impl Contents {
    /// The SBOM in the statement of claim `index`.
    pub(super) fn sbom(&self, index: usize, statement: &Statement) -> Read<Sbom> {
        once(&self.sboms, index, || {
            let sbom = sbom::read(&statement.document()?)?;
            as_announced(&sbom, &statement.predicate_type)?;
            Ok(sbom)
        })
    }

    /// The scan result in the statement of claim `index`.
    pub(super) fn scan(&self, index: usize, statement: &Statement) -> Read<ScanReport> {
        once(&self.scans, index, || {
            let document = statement.document()?;
            let text = std::str::from_utf8(&document).map_err(|error| {
                let place = format!("byte {}", error.valid_up_to());
                let code = Code::VulnerabilityMalformed;
                ContentError::new(code, place, "UTF-8 text", "other bytes")
            })?;
            scan::read(&statement.predicate_type, text)
        })
    }

    /// The VEX document in the statement of claim `index`.
    pub(in crate::policy) fn vex(&self, index: usize, statement: &Statement) -> Read<VexDocument> {
        once(&self.vex, index, || vex::read(&statement.document()?))
    }
}

fn once<T>(
    slots: &RefCell<BTreeMap<usize, Read<T>>>,
    index: usize,
    read: impl FnOnce() -> Result<T, ContentError>,
) -> Read<T> {
    if let Some(known) = slots.borrow().get(&index) {
        return known.clone();
    }
    let new = read().map(Rc::new);
    slots.borrow_mut().insert(index, new.clone());
    new
}

/// A predicate that lies about its type is refused, even where what it holds could be read.
fn as_announced(sbom: &Sbom, predicate_type: &str) -> Result<(), ContentError> {
    let announced = match predicate_type {
        uri if predicate::is(SPDX, uri) => Family::Spdx,
        uri if predicate::is(CYCLONEDX, uri) => Family::CycloneDx,
        _ => return Ok(()),
    };
    if sbom.format.family == announced {
        return Ok(());
    }
    Err(ContentError::new(
        Code::SbomFormatMismatch,
        "the document",
        format!("{}, as the type `{predicate_type}` says", announced.name()),
        sbom.format.to_string(),
    ))
}
