//! SBOM files: what they are, whether they conform, and what they lack.

use std::fmt::Write as _;

use sovverify::report::escape::show;
use sovverify::report::v1::{
    ExitClass, Report, SbomCounts, SbomDecision, SbomDocument, SbomFinding, SbomProfile,
    SbomReport, SbomShortfall,
};

use super::Detail;
use super::note::{self, Severity};
use super::style::{Mark, Style, Tone};
use super::text::caution;

/// Components named under one field, and places of violations; the JSON report has more.
const MAX_PLACES: usize = 3;
/// Components named under one field where the reader wants everything.
const MAX_PLACES_FULL: usize = 50;

/// The report as text.
pub(super) fn report(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    if detail > Detail::Quiet {
        for notice in &report.notices {
            caution(&mut text, "notice", notice, style);
        }
    }
    for sbom in &report.sboms {
        let is_good = sbom.exit_class == ExitClass::Conforms;
        if detail == Detail::Quiet && is_good {
            continue;
        }
        let _ = writeln!(text, "{}", verdict_line(sbom, style));
        if detail > Detail::Quiet {
            file(&mut text, sbom, detail, style);
        }
    }
    text
}

/// `conforms   app.cdx.json  to ntia-2021`
fn verdict_line(sbom: &SbomReport, style: Style) -> String {
    let (mark, word) = match sbom.decision {
        Some(SbomDecision::Conforms) => (Mark::Yes, "conforms "),
        Some(SbomDecision::Violates) => (Mark::No, "violates "),
        None => (Mark::Unknown, "undecided"),
    };
    let word = style.paint(mark.tone(), &format!("{}{word}", style.mark(mark)));
    let name = style.paint(Tone::Strong, &show(&sbom.file));
    let why = why(sbom);
    if why.is_empty() {
        return format!("{word}  {name}");
    }
    format!("{word}  {name}  {why}")
}

fn why(sbom: &SbomReport) -> String {
    let names = |wanted: SbomDecision| -> String {
        let profiles = sbom.profiles.iter().filter(|p| p.decision == wanted);
        let names: Vec<String> = profiles.map(|p| show(&p.name)).collect();
        names.join(", ")
    };
    match sbom.decision {
        Some(SbomDecision::Conforms) => format!("to {}", names(SbomDecision::Conforms)),
        Some(SbomDecision::Violates) => {
            let mut reasons = Vec::new();
            if !sbom.violations.is_empty() {
                reasons.push("the schema of its format".to_owned());
            }
            reasons.extend(Some(names(SbomDecision::Violates)).filter(|names| !names.is_empty()));
            if !sbom.findings.is_empty() {
                reasons.push("a rule on its content".to_owned());
            }
            reasons.join(", ")
        }
        None => sbom
            .error
            .as_ref()
            .map_or(String::new(), |error| show(&error.code)),
    }
}

fn file(text: &mut String, sbom: &SbomReport, detail: Detail, style: Style) {
    if let Some(document) = &sbom.document {
        summary(text, document);
    }
    for profile in &sbom.profiles {
        let _ = writeln!(text, "   {}", profile_line(profile));
        if detail >= Detail::Full {
            fields(text, profile);
        }
    }
    let places = if detail >= Detail::Full {
        MAX_PLACES_FULL
    } else {
        MAX_PLACES
    };
    violations(text, sbom, places, style);
    for profile in &sbom.profiles {
        shortfalls(text, profile, places, style);
    }
    findings(text, sbom, places, style);
}

fn summary(text: &mut String, document: &SbomDocument) {
    let mut first = show(&document.format);
    let made = [
        ("made", document.created.iter().cloned().collect::<Vec<_>>()),
        ("by", document.authors.clone()),
        ("with", document.tools.clone()),
    ];
    for (word, names) in made {
        if !names.is_empty() {
            let _ = write!(first, ", {word} {}", show(&names.join(", ")));
        }
    }
    let _ = writeln!(text, "   {first}");
    let subjects = match document.subjects.as_slice() {
        [] => "describes nothing in particular".to_owned(),
        subjects => format!("describes {}", show(&subjects.join(", "))),
    };
    let _ = writeln!(text, "   {subjects}");
    let _ = writeln!(text, "   {}", counts(&document.counts));
}

/// `4 components (3 packages, 1 container): package URL 100 %, …; 3 relationships`
fn counts(counts: &SbomCounts) -> String {
    let kinds: Vec<String> = [
        (counts.packages, "package"),
        (counts.containers, "container"),
        (counts.files, "file"),
        (counts.others, "other"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| plural(count, word))
    .collect();
    let mut line = plural(counts.components, "component");
    if !kinds.is_empty() {
        let _ = write!(line, " ({})", kinds.join(", "));
    }
    if counts.components > 0 {
        let share = |count: usize| count.saturating_mul(100) / counts.components.max(1);
        let _ = write!(
            line,
            ": package URL {} %, version {} %, hash {} %, license {} %, supplier {} %",
            share(counts.purl),
            share(counts.version),
            share(counts.hash),
            share(counts.license),
            share(counts.supplier)
        );
    }
    let _ = write!(line, "; {}", plural(counts.relationships, "relationship"));
    line
}

fn profile_line(profile: &SbomProfile) -> String {
    let name = show(&profile.name);
    if profile.decision == SbomDecision::Conforms {
        return match profile.recommended {
            0 => format!("conforms to {name}"),
            count => format!("conforms to {name}, without {count} recommended data"),
        };
    }
    let first = profile.shortfalls.first().filter(|_| profile.fails_format);
    let format = first.map_or(String::new(), |first| {
        let (found, clause) = (show(&first.found), show(&first.clause));
        format!(" already by its format, {found} ({clause})")
    });
    let counts = format!(
        "lacks {} required and {} recommended data",
        profile.required, profile.recommended
    );
    format!("violates {name}{format}: {counts}")
}

/// Each rule with how many have it.
fn fields(text: &mut String, profile: &SbomProfile) {
    for field in &profile.fields {
        let lacking = field.required.saturating_add(field.recommended);
        let has = field.asked.saturating_sub(lacking);
        let _ = writeln!(
            text,
            "      {has} of {}  {} ({})",
            field.asked,
            show(&field.field),
            show(&field.clause)
        );
    }
}

fn violations(text: &mut String, sbom: &SbomReport, places: usize, style: Style) {
    if sbom.violations.is_empty() {
        return;
    }
    let message = "the SBOM breaks the schema of its format";
    text.push_str(&note::headline(
        Severity::Error,
        "sbom/schema-violation",
        message,
        style,
    ));
    for violation in sbom.violations.iter().take(places) {
        let value = format!(
            "{}: expected {}, found {}",
            violation.place, violation.expected, violation.found
        );
        note::field(text, "at", &value, style);
    }
    let all = sbom.violations.len().saturating_add(sbom.more_violations);
    more(text, "at", all, places.min(sbom.violations.len()), style);
}

fn shortfalls(text: &mut String, profile: &SbomProfile, places: usize, style: Style) {
    let same = |a: &SbomShortfall, b: &SbomShortfall| {
        (&a.field, &a.clause, a.required) == (&b.field, &b.clause, b.required)
    };
    for group in profile.shortfalls.chunk_by(same) {
        let Some(first) = group.first() else {
            continue;
        };
        let (severity, word) = if first.required {
            (Severity::Error, "demands")
        } else {
            (Severity::Warning, "asks for")
        };
        let message = format!("{} {word} {} ({})", profile.name, first.field, first.clause);
        let code = "sbom/profile-violation";
        text.push_str(&note::headline(severity, code, &message, style));
        note::field(text, "expected", &first.expected, style);
        for shortfall in group.iter().take(places) {
            let value = placed(&shortfall.found, &shortfall.place);
            note::field(text, "found", &value, style);
        }
        let field = profile
            .fields
            .iter()
            .find(|field| field.field == first.field && field.clause == first.clause);
        let all = field.map_or(0, |field| {
            if first.required {
                field.required
            } else {
                field.recommended
            }
        });
        more(text, "found", all, places.min(group.len()), style);
    }
}

fn findings(text: &mut String, sbom: &SbomReport, places: usize, style: Style) {
    let same = |a: &SbomFinding, b: &SbomFinding| (&a.code, &a.expected) == (&b.code, &b.expected);
    for group in sbom.findings.chunk_by(same) {
        let Some(first) = group.first() else {
            continue;
        };
        text.push_str(&note::headline(
            Severity::Error,
            &first.code,
            &first.message,
            style,
        ));
        note::field(text, "expected", &first.expected, style);
        for finding in group.iter().take(places) {
            let value = placed(&finding.found, &finding.place);
            note::field(text, "found", &value, style);
        }
        more(text, "found", group.len(), places.min(group.len()), style);
    }
    if sbom.more_findings > 0 {
        let value = plural(sbom.more_findings, "more finding");
        note::field(text, "not listed", &value, style);
    }
}

/// What was found and where; the document as a whole needs no place.
fn placed(found: &str, place: &str) -> String {
    if place == "the document" {
        return found.to_owned();
    }
    format!("{found}, in {place}")
}

fn more(text: &mut String, name: &str, all: usize, shown: usize, style: Style) {
    if all > shown {
        note::field(text, name, &format!("{} more", all - shown), style);
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

#[cfg(test)]
mod tests {
    use sovverify::report::v1::SbomReport;
    use sovverify::sbom::profile::Profile;
    use sovverify::sbom::rule::{HashRule, RuleFindings};
    use sovverify::sbom::{Component, Party, Sbom, Violation};
    use sovverify::{Code, Digest, VerificationTime};

    use super::*;

    const HOSTILE: &str = "\u{1b}[2J\u{9b}m\u{202e}\r\n\u{200b}";

    fn hostile() -> Sbom {
        let text = || -> Box<str> { HOSTILE.into() };
        Sbom {
            name: Some(text()),
            created_text: Some(text()),
            identifier: Some(text()),
            authors: vec![Party {
                name: Some(text()),
                ..Party::default()
            }],
            tools: vec![text()],
            subjects: vec![0],
            components: vec![
                Component {
                    place: text(),
                    name: text(),
                    version: Some(text()),
                    purls: vec![text()],
                    file_names: vec![format!("/{HOSTILE}").into()],
                    ..Component::default()
                };
                2
            ],
            violations: vec![Violation {
                place: text(),
                expected: text(),
                found: text(),
            }],
            ..Sbom::default()
        }
    }

    #[test]
    fn no_text_from_a_document_moves_a_cursor() {
        let sbom = hostile();
        let profiles: Vec<Profile> = Profile::NAMES
            .into_iter()
            .filter_map(Profile::named)
            .collect();
        let outcomes: Vec<_> = profiles.iter().map(|p| (p, p.check(&sbom))).collect();
        let rule = HashRule {
            algorithms: vec!["sha256".to_owned()],
        };
        let findings: RuleFindings = rule.check(&sbom);
        assert_eq!(findings.first[0].code, Code::SbomHashMissing);
        let digest = Digest::sha256(b"");
        let judged = SbomReport::judged(HOSTILE, &digest, &sbom, &outcomes, &findings);
        let time: VerificationTime = "2026-03-02T11:04:05Z".parse().unwrap();
        let mut whole = Report::of_sboms(time, vec![judged]);
        whole.notices = vec![HOSTILE.to_owned()];
        for detail in [Detail::Quiet, Detail::Normal, Detail::Full, Detail::Claims] {
            let shown = report(&whole, detail, Style::Plain);
            let safe = |c: char| c == '\n' || c == '§' || c.is_ascii_graphic() || c == ' ';
            assert!(shown.chars().all(safe), "{shown:?}");
            assert!(!shown.is_empty());
        }
    }
}
