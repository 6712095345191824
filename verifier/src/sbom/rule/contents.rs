//! Which packages and licenses may be in an SBOM.

use std::collections::HashMap;

use super::{Complaint, RuleFindings, ask};
use crate::code::Code;
use crate::content::shortened;
use crate::package::{LicenseExpression, LicenseSet, Match, PackagePattern, PackageUrl, PurlParts};
use crate::sbom::model::{Component, ComponentKind, Sbom};
use crate::sbom::profile::says;

/// Words of a text that is no license expression in which a denied license is looked for: names are
/// short, and whole license texts would be read in vain.
const MAX_WORDS: usize = 64;

/// Which packages may be listed.
///
/// A component is known by its package URLs. One that has none that can be read is compared with a
/// denied pattern by its name, group and version, as if it were of the pattern's type; patterns with
/// wildcards are left out there, for they would deny whatever has no package URL. A version that
/// cannot be compared is denied, and not allowed. The image itself, where it is the only subject, is
/// no package in it and needs not be allowed.
#[derive(Clone, Debug, Default)]
pub struct PackageRule {
    /// What must not be listed.
    pub deny: Vec<PackagePattern>,
    /// All that may be listed; everything where there is no list.
    pub allow: Option<Vec<PackagePattern>>,
}

impl PackageRule {
    /// What is listed and should not be. Denied packages are looked for in files, too.
    pub fn check(&self, sbom: &Sbom) -> RuleFindings {
        let mut findings = RuleFindings::default();
        if !self.deny.is_empty() {
            findings = ask(sbom, Files::Asked, |component| self.denied(component));
        }
        let Some(allow) = &self.allow else {
            return findings;
        };
        let image = image(sbom);
        let strangers = ask(sbom, Files::PassedOver, |component| {
            if image.is_some_and(|image| std::ptr::eq(image, component)) {
                return None;
            }
            not_allowed(allow, component)
        });
        findings.and(strangers)
    }

    fn denied(&self, component: &Component) -> Option<Complaint> {
        let purls = readable(component);
        for pattern in &self.deny {
            let of_name = if purls.is_empty() {
                by_name(pattern, component)
            } else {
                None
            };
            let mut found = purls
                .iter()
                .chain(&of_name)
                .map(|purl| (purl, pattern.matches(purl)));
            if let Some((purl, answer)) = found.find(|(_, answer)| *answer != Match::No) {
                let purl = shortened(&purl.to_string());
                let found = match (answer, &of_name) {
                    (_, Some(_)) => format!("no package URL, and the name of `{purl}`"),
                    (Match::Undecided, None) => {
                        format!("`{purl}`, whose version cannot be compared")
                    }
                    _ => format!("`{purl}`"),
                };
                return Some(Complaint {
                    code: Code::SbomPackageDenied,
                    expected: format!("no package that fits `{pattern}`"),
                    found,
                });
            }
        }
        None
    }
}

/// Whether files of SPDX are asked: an allow list need not name each file of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Files {
    Asked,
    PassedOver,
}

/// The image, where it is the only thing that the document describes.
pub(super) fn image(sbom: &Sbom) -> Option<&Component> {
    match sbom.subjects.as_slice() {
        [subject] => sbom
            .components
            .get(*subject)
            .filter(|subject| subject.kind == ComponentKind::Container),
        _ => None,
    }
}

fn readable(component: &Component) -> Vec<PackageUrl> {
    component
        .purls
        .iter()
        .filter_map(|purl| purl.parse().ok())
        .collect()
}

/// The package URL that a component without one would have in the type of `pattern`.
fn by_name(pattern: &PackagePattern, component: &Component) -> Option<PackageUrl> {
    let written = pattern.as_str().strip_prefix("pkg:")?;
    if written.trim_end_matches("@*").contains('*') {
        return None;
    }
    let (kind, _) = written.split_once('/')?;
    let (in_name, name) = match component.name.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, &*component.name),
    };
    PackageUrl::new(&PurlParts {
        kind,
        namespace: component.group.as_deref().or(in_name),
        name,
        version: component.version.as_deref().filter(|version| says(version)),
        ..PurlParts::default()
    })
    .ok()
}

fn not_allowed(allow: &[PackagePattern], component: &Component) -> Option<Complaint> {
    let purls = readable(component);
    let fits = |purl: &PackageUrl| {
        allow
            .iter()
            .any(|pattern| pattern.matches(purl) == Match::Yes)
    };
    let stranger = purls.iter().find(|purl| !fits(purl));
    let found = match (stranger, component.purls.first()) {
        (Some(stranger), _) => format!("`{}`", shortened(&stranger.to_string())),
        (None, _) if !purls.is_empty() && purls.len() == component.purls.len() => return None,
        (None, Some(_)) => "a package URL that cannot be read".to_owned(),
        (None, None) => "no package URL".to_owned(),
    };
    Some(Complaint {
        code: Code::SbomPackageNotAllowed,
        expected: "a package URL that fits the list of allowed packages".to_owned(),
        found,
    })
}

/// Which licenses components may have.
///
/// Every license that is stated counts, whoever states it: concluded does not excuse declared. An
/// expression is allowed where some choice that it leaves is, and denied where none avoids what is
/// denied. A component without any license, and a text that is no SPDX expression, is not allowed; of
/// such a text each word is held against the denied ones. The image itself, where it is the only
/// subject, needs no allowed license.
#[derive(Clone, Debug, Default)]
pub struct LicenseRule {
    /// What no component may be under.
    pub deny: Option<LicenseSet>,
    /// All that components may be under; everything where there is no list.
    pub allow: Option<LicenseSet>,
}

impl LicenseRule {
    /// Which components are under a license that should not be there.
    pub fn check(&self, sbom: &Sbom) -> RuleFindings {
        let mut known = Licenses::default();
        let mut findings = RuleFindings::default();
        if let Some(deny) = &self.deny {
            findings = ask(sbom, Files::Asked, |component| {
                denied(deny, component, &mut known)
            });
        }
        let Some(allow) = &self.allow else {
            return findings;
        };
        let image = image(sbom);
        let strangers = ask(sbom, Files::PassedOver, |component| {
            if image.is_some_and(|image| std::ptr::eq(image, component)) {
                return None;
            }
            unlicensed(allow, component, &mut known)
        });
        findings.and(strangers)
    }
}

/// Texts that were parsed before: documents repeat few licenses many times.
#[derive(Default)]
struct Licenses<'a>(HashMap<&'a str, Option<LicenseExpression>>);

impl<'a> Licenses<'a> {
    fn parsed(&mut self, text: &'a str) -> Option<&LicenseExpression> {
        let parse = || LicenseExpression::parse(text).ok();
        self.0.entry(text).or_insert_with(parse).as_ref()
    }
}

fn denied<'a>(
    deny: &LicenseSet,
    component: &'a Component,
    known: &mut Licenses<'a>,
) -> Option<Complaint> {
    for license in component
        .licenses
        .iter()
        .filter(|license| says(&license.text))
    {
        let found = match known.parsed(&license.text) {
            Some(expression) => expression.denied_by(deny),
            None => license
                .text
                .split(|c: char| c.is_whitespace() || ",;()[]\"'/".contains(c))
                .take(MAX_WORDS)
                .filter_map(|word| LicenseExpression::parse(word).ok())
                .find_map(|expression| expression.denied_by(deny)),
        };
        if let Some(denied) = found {
            let (text, standing) = (shortened(&license.text), license.standing.name());
            return Some(Complaint {
                code: Code::SbomLicenseDenied,
                expected: format!("nothing under `{denied}`"),
                found: format!("`{text}` ({standing})"),
            });
        }
    }
    None
}

fn unlicensed<'a>(
    allow: &LicenseSet,
    component: &'a Component,
    known: &mut Licenses<'a>,
) -> Option<Complaint> {
    let mut is_licensed = false;
    let mut wrong = None;
    for license in component
        .licenses
        .iter()
        .filter(|license| says(&license.text))
    {
        is_licensed = true;
        let (text, standing) = (&license.text, license.standing.name());
        let what = match known.parsed(text) {
            Some(expression) if expression.allowed_by(allow) => continue,
            Some(_) => "",
            None => ", no SPDX expression",
        };
        wrong = Some(format!("`{}` ({standing}){what}", shortened(text)));
        break;
    }
    let found = match (wrong, is_licensed) {
        (Some(wrong), _) => wrong,
        (None, true) => return None,
        (None, false) => "no license".to_owned(),
    };
    Some(Complaint {
        code: Code::SbomLicenseNotAllowed,
        expected: "an SPDX expression that the list of allowed licenses satisfies".to_owned(),
        found,
    })
}

#[cfg(test)]
mod tests;
