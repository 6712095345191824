//! `sovverify sbom`: SBOM files, without any image and without any signature.

use std::path::Path;

use sovverify::content::ContentError;
use sovverify::package::{LicenseSet, PackagePattern};
use sovverify::report::v1::{Problem, Report, SbomReport};
use sovverify::sbom::profile::{MAX_PROFILE_BYTES, Profile};
use sovverify::sbom::rule::{AgeRule, LicenseRule, PackageRule, RuleFindings, subject_mismatch};
use sovverify::sbom::{self, Sbom, limits};
use sovverify::{Code, Digest, VerificationTime};

use crate::args::SbomCheckArgs;
use crate::problem::Stopped;
use sovverify_fetch::load::files;

/// What a reader must know before anything else.
const UNVERIFIED: &str = "this checks the content of a file; it proves nothing about who made it";
/// The profile that is looked at beside the others where a format is refused.
const SMALLEST: &str = "ntia-2021";

/// What every file is held against.
struct Demand {
    profiles: Vec<Profile>,
    packages: PackageRule,
    licenses: LicenseRule,
    age: Option<AgeRule>,
    subject: Vec<Digest>,
    time: VerificationTime,
}

/// Holds every file against every profile and rule.
pub(crate) fn check(args: &SbomCheckArgs, time: VerificationTime) -> Result<Report, Stopped> {
    let demand = Demand {
        profiles: args
            .profile
            .iter()
            .map(|name| profile(name))
            .collect::<Result<_, _>>()?,
        packages: packages(&args.deny_package)?,
        licenses: licenses(&args.allow_license, &args.deny_license)?,
        age: args.max_age.map(|max| AgeRule { max: max.0 }),
        subject: args.subject.clone(),
        time,
    };
    let mut notices = vec![UNVERIFIED.to_owned()];
    let mut results = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        results.push(match one(path, &name, &demand, &mut notices) {
            Ok(result) => result,
            Err(stopped) => {
                let problem = stopped.problems.into_iter().next();
                SbomReport::failed(&name, stopped.class, problem)
            }
        });
    }
    let mut report = Report::of_sboms(time, results);
    report.notices = notices;
    Ok(report)
}

fn one(
    path: &Path,
    name: &str,
    demand: &Demand,
    notices: &mut Vec<String>,
) -> Result<SbomReport, Stopped> {
    let limit = u64::try_from(limits::MAX_SBOM_BYTES).unwrap_or(u64::MAX);
    let bytes = files::read(path, limit)?;
    let sbom = sbom::read(&bytes).map_err(|error| refused(name, &error))?;
    let digest = Digest::sha256(&bytes);
    let outcomes: Vec<_> = demand
        .profiles
        .iter()
        .map(|profile| (profile, profile.check(&sbom)))
        .collect();
    let is_refused = outcomes.iter().any(|(_, outcome)| outcome.fails_format);
    if is_refused
        && outcomes
            .iter()
            .all(|(profile, _)| profile.name() != SMALLEST)
    {
        notices.extend(smaller(name, &sbom));
    }
    let findings = demand.findings(&sbom);
    Ok(SbomReport::judged(
        name, &digest, &sbom, &outcomes, &findings,
    ))
}

impl Demand {
    fn findings(&self, sbom: &Sbom) -> RuleFindings {
        let age = self
            .age
            .and_then(|rule| rule.check(sbom, self.time.timestamp()));
        let subject = subject_mismatch(sbom, &self.subject);
        let findings = self.packages.check(sbom).and(self.licenses.check(sbom));
        [age, subject]
            .into_iter()
            .flatten()
            .fold(findings, |findings, finding| findings.and(finding.into()))
    }
}

/// An SBOM in a format that a profile refuses may still be good for less.
fn smaller(name: &str, sbom: &Sbom) -> Option<String> {
    let outcome = Profile::named(SMALLEST)?.check(sbom);
    let conforms = outcome.conforms() && sbom.violations.is_empty();
    conforms.then(|| format!("{name} conforms to {SMALLEST}, which was not asked for"))
}

/// A document that cannot be read as an SBOM.
fn refused(name: &str, error: &ContentError) -> Stopped {
    Stopped {
        class: sovverify::report::v1::ExitClass::Input,
        problems: vec![Problem {
            expected: Some(error.expected.clone()),
            found: Some(error.found.clone()),
            ..Problem::at(error.code, &format!("{name}: {}", error.place))
        }],
    }
}

/// A profile that is built in, or one in a file.
fn profile(written: &str) -> Result<Profile, Stopped> {
    if let Some(profile) = Profile::named(written) {
        return Ok(profile);
    }
    let path = Path::new(written);
    if !path.exists() && !written.contains(['/', '\\']) {
        let stopped = Stopped::new(
            Code::UsageInvalid,
            format!("there is no profile `{written}`"),
        )
        .expected(format!("{}, or a file", Profile::NAMES.join(", ")))
        .found("neither a profile nor a file of this name");
        return Err(match Profile::nearest(written) {
            Some(near) => stopped.hint(format!("did you mean `{near}`?")),
            None => stopped,
        });
    }
    let limit = u64::try_from(MAX_PROFILE_BYTES).unwrap_or(u64::MAX);
    let text = files::read_text(path, limit)?;
    Profile::parse(&text).map_err(|error| {
        let message = format!("the profile `{written}` is not usable");
        Stopped::new(error.code, message)
            .expected(format!("{}: {}", error.place, error.expected))
            .found(error.found)
    })
}

fn packages(denied: &[String]) -> Result<PackageRule, Stopped> {
    let pattern = |text: &String| {
        PackagePattern::parse(text).map_err(|error| {
            Stopped::new(
                Code::UsageInvalid,
                format!("`{text}` is no pattern of packages"),
            )
            .expected(error.expected)
            .found(error.message)
        })
    };
    Ok(PackageRule {
        deny: denied.iter().map(pattern).collect::<Result<_, _>>()?,
        allow: None,
    })
}

fn licenses(allowed: &[String], denied: &[String]) -> Result<LicenseRule, Stopped> {
    let set = |flag: &str, ids: &[String]| {
        if ids.is_empty() {
            return Ok(None);
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        LicenseSet::parse(&ids).map(Some).map_err(|error| {
            Stopped::new(
                Code::UsageInvalid,
                format!("`{flag}` names something else than licenses"),
            )
            .expected("SPDX identifiers, as `MIT,Apache-2.0`")
            .found(error.to_string())
        })
    };
    Ok(LicenseRule {
        allow: set("--allow-license", allowed)?,
        deny: set("--deny-license", denied)?,
    })
}
