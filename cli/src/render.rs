//! Reports for people and for programs. Renderers show; nothing here judges.

mod evidence;
mod note;
mod sbom;
mod style;
mod text;
mod tree;

pub(crate) use note::problem;
pub(crate) use style::Style;

use std::io::{self, Write};

use sovverify::report::to_json;
use sovverify::report::v1::{ExitClass, Kind, Report};

use crate::args::{OutputArgs, OutputFormat};

/// How much a reader wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Only what is not admitted, one line each.
    Quiet,
    /// One line for each artifact, and why where it is not admitted.
    Normal,
    /// Everything that the verdict rests on.
    Full,
    /// And every claim of every certificate.
    Claims,
}

/// Writes `report` to standard output and what went wrong to standard error.
///
/// # Errors
///
/// What the streams answer; a pipe that its reader has closed is no error.
pub(crate) fn write(report: &Report, args: OutputArgs) -> io::Result<()> {
    let bytes = match args.output {
        OutputFormat::Json => to_json(report)?,
        OutputFormat::Text => {
            let style = Style::of_stdout(args.color);
            match report.kind {
                Kind::Inspection => tree::report(report, args.detail(), style),
                Kind::Lint => text::lint(report, style),
                Kind::SbomCheck => sbom::report(report, args.detail(), style),
                _ => text::report(report, args.detail(), style),
            }
            .into_bytes()
        }
    };
    unless_closed(io::stdout().lock().write_all(&bytes))?;
    unless_closed(io::stdout().flush())?;
    let failures = failures(report, Style::of_stderr(args.color));
    unless_closed(io::stderr().write_all(failures.as_bytes()))
}

/// The errors of the call and of each artifact that could not be decided. The reasons of a denial
/// belong to the report itself.
fn failures(report: &Report, style: Style) -> String {
    let undecided = report
        .results
        .iter()
        .filter(|result| {
            matches!(
                result.exit_class,
                ExitClass::Input | ExitClass::Surroundings
            )
        })
        .filter_map(|result| result.error.as_ref());
    let unread = report.sboms.iter().filter_map(|sbom| sbom.error.as_ref());
    report
        .errors
        .iter()
        .chain(undecided)
        .chain(unread)
        .map(|error| problem(error, style))
        .collect()
}

fn unless_closed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const HOSTILE: &str = "\u{1b}[2J\u{9b}m\u{202e}\r\n\u{200b}";

    /// Makes every text that comes from outside hostile; what is one of our own words stays.
    fn poison(value: &mut Value) {
        const WORDS: [&str; 9] = [
            "kind",
            "class",
            "decision",
            "exitClass",
            "role",
            "claimsToBe",
            "inclusion",
            "source",
            "type",
        ];
        match value {
            Value::String(text) => text.push_str(HOSTILE),
            Value::Array(items) => items.iter_mut().for_each(poison),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let is_word = value.is_string() && WORDS.contains(&name.as_str());
                    if !is_word || name == "source" && !value["name"].is_null() {
                        poison(value);
                    }
                }
            }
            _ => {}
        }
    }

    #[test]
    fn no_text_from_outside_moves_a_cursor() {
        let texts = [
            include_str!("../../testdata/cases/honest/timestamped/report.json"),
            include_str!("../../testdata/cases/signature/invalid/report.json"),
            include_str!("../../testdata/cases/image/digest-mismatch/report.json"),
        ];
        for text in texts {
            let mut value: Value = serde_json::from_str(text).unwrap();
            poison(&mut value);
            let mut report: Report = serde_json::from_value(value).unwrap();
            for kind in [Kind::Verification, Kind::Inspection] {
                report.kind = kind;
                for detail in [Detail::Quiet, Detail::Normal, Detail::Full, Detail::Claims] {
                    let style = Style::Plain;
                    let shown = match kind {
                        Kind::Inspection => tree::report(&report, detail, style),
                        _ => text::report(&report, detail, style),
                    } + &failures(&report, style);
                    let safe = |c: char| c == '\n' || c.is_ascii_graphic() || c == ' ';
                    assert!(shown.chars().all(safe), "{shown:?}");
                }
            }
        }
    }
}
