//! Verdicts: one line for each artifact, and why.

use std::fmt::Write as _;

use sovverify::report::escape::{escape, escape_ascii, shorten, show};
use sovverify::report::v1::{ArtifactReport, Decision, ExitClass, Policy, Report};

use super::Detail;
use super::evidence;
use super::note::{self, Severity};
use super::style::{Mark, Style, Tone};

/// Signers named on the line of an admitted artifact.
const MAX_SIGNERS: usize = 3;

/// The report as text.
pub(crate) fn report(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    if detail > Detail::Quiet {
        for notice in &report.notices {
            caution(&mut text, "notice", notice, style);
        }
    }
    let mut many_lines = false;
    for result in &report.results {
        let mut one = String::new();
        artifact(&mut one, result, detail, style);
        if many_lines {
            text.push('\n');
        }
        many_lines = one.lines().count() > 1;
        text.push_str(&one);
    }
    text
}

/// The outcome of a lint: its warnings, and one line where there is nothing worse.
pub(crate) fn lint(report: &Report, style: Style) -> String {
    let mut text = String::new();
    for notice in &report.notices {
        caution(&mut text, "warning", notice, style);
    }
    if report.exit.class == ExitClass::Clean {
        let word = format!("{}no errors", style.mark(Mark::Yes));
        let _ = writeln!(text, "{}", style.paint(Tone::Good, &word));
    }
    text
}

fn artifact(text: &mut String, result: &ArtifactReport, detail: Detail, style: Style) {
    if detail == Detail::Quiet {
        // An exception is never quiet.
        if result.exit_class != ExitClass::Admitted || !exceptions(result).is_empty() {
            let _ = writeln!(text, "{}", verdict_line(result, style));
        }
        return;
    }
    let _ = writeln!(text, "{}", verdict_line(result, style));
    for danger in &result.dangers {
        caution(
            text,
            "danger",
            &format!("{}: {}", danger.name, danger.meaning),
            style,
        );
    }
    // A failure goes to standard error; only the reason of a denial is part of the answer.
    if result.exit_class == ExitClass::Denied
        && let Some(error) = &result.error
    {
        text.push_str(&note::problem(error, style));
    }
    for finding in &result.findings {
        text.push_str(&note::finding(finding, Severity::Error, style));
    }
    for warning in &result.warnings {
        text.push_str(&note::finding(warning, Severity::Warning, style));
    }
    for policy in &result.policies {
        findings(text, policy, style);
    }
    if detail >= Detail::Full {
        evidence::details(text, result, detail, style);
    } else if result.exit_class == ExitClass::Denied {
        for gap in &result.gaps {
            caution(text, "gap", &evidence::gap(gap), style);
        }
    }
}

/// `admitted  registry.example/app@sha256:…  by production (release.yml@refs/tags/v1)`
fn verdict_line(result: &ArtifactReport, style: Style) -> String {
    let (mark, word) = match result.exit_class {
        ExitClass::Admitted => (Mark::Yes, "admitted "),
        ExitClass::Denied => (Mark::No, "denied   "),
        _ => (Mark::Unknown, "undecided"),
    };
    let word = style.paint(mark.tone(), &format!("{}{word}", style.mark(mark)));
    let name = style.paint(Tone::Strong, &artifact_name(result));
    let by = match result.exit_class {
        ExitClass::Admitted => admitted_by(result),
        ExitClass::Denied => denied_by(result),
        _ => result.error.as_ref().map(|error| error.code.clone()),
    };
    by.map_or_else(
        || format!("{word}  {name}"),
        |by| format!("{word}  {name}  {}", evidence::safe(&by)),
    )
}

/// The reference with its digest: what was asked, and what the answer is about.
pub(crate) fn artifact_name(result: &ArtifactReport) -> String {
    let reference = show(&result.reference);
    match &result.digest {
        Some(digest) if !reference.contains(digest.as_str()) => {
            evidence::safe(&format!("{reference}@{digest}"))
        }
        _ => reference,
    }
}

fn admitted_by(result: &ArtifactReport) -> Option<String> {
    let names: Vec<String> = result
        .policies
        .iter()
        .map(|policy| show(&policy.name))
        .collect();
    if names.is_empty() {
        return None;
    }
    let signers = signers(result);
    let by = match signers.as_str() {
        "" => format!("by {}", names.join(", ")),
        signers => format!("by {} ({signers})", names.join(", ")),
    };
    let exceptions = exceptions(result);
    if exceptions.is_empty() {
        return Some(by);
    }
    Some(format!("{by} WITH EXCEPTION {}", exceptions.join(", ")))
}

/// The exceptions without which it would not be admitted, each once.
fn exceptions(result: &ArtifactReport) -> Vec<String> {
    let requirements = result
        .policies
        .iter()
        .flat_map(|policy| &policy.requirements);
    let used = requirements.filter_map(|requirement| requirement.exception.as_ref());
    let mut names: Vec<String> = used.map(|used| show(&used.name)).collect();
    names.sort();
    names.dedup();
    names
}

/// The signers of the evidence that satisfies some requirement, each once.
fn signers(result: &ArtifactReport) -> String {
    let used: Vec<usize> = result
        .policies
        .iter()
        .flat_map(|policy| &policy.requirements)
        .flat_map(|requirement| requirement.by.iter().copied())
        .collect();
    let mut names: Vec<String> = Vec::new();
    for (position, evidence) in result.evidence.iter().enumerate() {
        let name = evidence::short_signer(&evidence.signer);
        if used.contains(&position) && !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(MAX_SIGNERS);
    names.truncate(MAX_SIGNERS);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn denied_by(result: &ArtifactReport) -> Option<String> {
    let names: Vec<String> = result
        .policies
        .iter()
        .filter(|policy| policy.mode == "enforce")
        .filter(|policy| policy.decision == Decision::Deny)
        .map(|policy| show(&policy.name))
        .collect();
    if names.is_empty() {
        let code = result.error.as_ref().map(|error| error.code.as_str());
        let code = code.or_else(|| result.findings.first().map(|f| f.code.as_str()));
        return code.map(|code| escape(code).into_owned());
    }
    Some(format!("by {}", names.join(", ")))
}

fn findings(text: &mut String, policy: &Policy, style: Style) {
    let severity = match policy.mode.as_str() {
        "warn" => Severity::Warning,
        "audit" => Severity::Note,
        _ => Severity::Error,
    };
    for finding in &policy.findings {
        text.push_str(&note::finding(finding, severity, style));
    }
    for requirement in &policy.requirements {
        // What is excused denies nothing; the warning about the exception stands above.
        let severity = match &requirement.exception {
            Some(_) => Severity::Note,
            None => severity,
        };
        for finding in &requirement.findings {
            text.push_str(&note::finding(finding, severity, style));
        }
        for note in &requirement.notes {
            text.push_str(&note::finding(note, Severity::Note, style));
        }
    }
}

/// A line that nobody may overlook.
pub(crate) fn caution(text: &mut String, word: &str, what: &str, style: Style) {
    let label = format!("{}{word}:", style.mark(Mark::Caution));
    let _ = writeln!(
        text,
        "{} {}",
        style.paint(Tone::Warning, &label),
        show(what)
    );
}

/// A name that people compare, short and without look-alikes.
pub(crate) fn compared(name: &str) -> String {
    escape_ascii(&shorten(name, 200)).into_owned()
}
