//! Documents inside claims, each read once for one verdict, whatever number of rules ask for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Variable;
use crate::claim::Statement;
use crate::code::Code;
use crate::content::ContentError;
use crate::expression::Inputs;
use crate::policy::predicate::{self, CSAF, CYCLONEDX, OPENVEX, SPDX};
use crate::sbom::{self, Family, Sbom};
use crate::vex::{self, VexDocument, VexFormat};
use crate::vulnerability::scan::{self, ScanReport};

/// What reading a document came to.
pub(super) type Read<T> = Result<Rc<T>, ContentError>;

/// What was already read, by the position of the claim in the appraisal.
#[derive(Debug, Default)]
pub(in crate::policy) struct Contents {
    sboms: RefCell<BTreeMap<usize, Read<Sbom>>>,
    scans: RefCell<BTreeMap<usize, Read<ScanReport>>>,
    vex: RefCell<BTreeMap<usize, Read<VexDocument>>>,
    /// What conditions see, of one claim at a time: the values of an SBOM take far more memory than
    /// its text, and the conditions on one claim follow each other.
    variables: RefCell<BTreeMap<Variable, (usize, Read<Inputs>)>>,
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
        once(&self.vex, index, || {
            let document = vex::read(&statement.document()?)?;
            vex_as_announced(&document, &statement.predicate_type)?;
            Ok(document)
        })
    }

    /// The values of `variable` for claim `index`.
    pub(super) fn variable(
        &self,
        index: usize,
        variable: Variable,
        read: impl FnOnce() -> Result<Inputs, ContentError>,
    ) -> Read<Inputs> {
        let known = self.variables.borrow().get(&variable).cloned();
        if let Some((_, values)) = known.filter(|(of, _)| *of == index) {
            return values;
        }
        // The values of the claim before are gone before those of this one are made.
        self.variables.borrow_mut().remove(&variable);
        let new = read().map(Rc::new);
        let mut variables = self.variables.borrow_mut();
        variables.insert(variable, (index, new.clone()));
        new
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

/// The same of VEX documents; a type that is none of theirs promises no format.
fn vex_as_announced(document: &VexDocument, predicate_type: &str) -> Result<(), ContentError> {
    let announced = match predicate_type {
        uri if predicate::is(OPENVEX, uri) => VexFormat::OpenVex,
        uri if predicate::is(CYCLONEDX, uri) => VexFormat::CycloneDx,
        uri if CSAF.contains(&uri) => VexFormat::Csaf,
        _ => return Ok(()),
    };
    if document.format == announced {
        return Ok(());
    }
    Err(ContentError::new(
        Code::AttestationPredicateMismatch,
        "the document",
        format!("{}, as the type `{predicate_type}` says", announced.name()),
        document.format.name(),
    ))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_values_of_one_claim_are_made_once_and_kept_no_longer_than_they_are_asked_for() {
        let (contents, made) = (Contents::default(), Cell::new(0));
        let read = || {
            made.set(made.get() + 1);
            Ok(Inputs::new(jiff::Timestamp::UNIX_EPOCH))
        };
        for index in [0, 0, 0, 1, 1] {
            contents.variable(index, Variable::Sbom, read).unwrap();
        }
        assert_eq!(made.get(), 2);
        assert_eq!(contents.variables.borrow().len(), 1);
    }
}
