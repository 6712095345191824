//! One piece of bad news: what, where, expected, found, what to do.

use std::fmt::Write as _;

use sovverify::report::escape::{escape, shorten, show};
use sovverify::report::v1::{Finding, Position, Problem};
use unicode_width::UnicodeWidthStr as _;

use super::style::{Style, Tone};

/// Columns of source shown before, in and after the underlined part: fits an 80-column terminal
/// twice, whatever the line in the document is.
const SOURCE_COLUMNS: usize = 100;
/// Rejections listed under one finding; the JSON report has them all.
const MAX_BECAUSE: usize = 5;

/// How bad the news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Error => Tone::Bad,
            Self::Warning => Tone::Warning,
            Self::Note => Tone::Strong,
        }
    }
}

/// A finding, with the policy line that caused it.
pub(crate) fn finding(finding: &Finding, severity: Severity, style: Style) -> String {
    let mut text = headline(severity, &finding.code, &finding.message, style);
    if let Some(position) = &finding.position {
        source(&mut text, position, style);
    }
    if let Some(subject) = &finding.subject {
        field(&mut text, "subject", subject, style);
    }
    field(&mut text, "expected", &finding.expected, style);
    field(&mut text, "found", &finding.found, style);
    because(&mut text, finding, style);
    if let Some(hint) = &finding.hint {
        field(&mut text, "hint", hint, style);
    }
    text
}

/// A problem that left work undone.
pub(crate) fn problem(problem: &Problem, style: Style) -> String {
    let mut text = headline(Severity::Error, &problem.code, &problem.message, style);
    if let Some(position) = &problem.position {
        source(&mut text, position, style);
    }
    for (name, value) in [
        ("expected", &problem.expected),
        ("found", &problem.found),
        ("hint", &problem.hint),
    ] {
        if let Some(value) = value {
            field(&mut text, name, value, style);
        }
    }
    text
}

/// The first line of a piece of bad news.
pub(super) fn headline(severity: Severity, code: &str, message: &str, style: Style) -> String {
    let label = format!("{}[{}]", severity.word(), escape(code));
    format!(
        "{}: {}\n",
        style.paint(severity.tone(), &label),
        style.paint(Tone::Strong, &show(message))
    )
}

/// One of the lines below it.
pub(super) fn field(text: &mut String, name: &str, value: &str, style: Style) {
    let label = style.paint(Tone::Quiet, &format!("= {name}:"));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "   {label} {}", show(value));
}

fn because(text: &mut String, finding: &Finding, style: Style) {
    let rejections = &finding.because;
    for rejection in rejections.iter().take(MAX_BECAUSE) {
        let place = shorten(&rejection.origin.place, 200);
        let said = rejection.code == finding.code
            && rejection.expected == finding.expected
            && rejection.found == finding.found;
        if said {
            field(text, "evidence", &place, style);
            continue;
        }
        let value = format!(
            "{} in {place}: expected {}; found {}",
            rejection.code,
            shorten(&rejection.expected, 120),
            shorten(&rejection.found, 120),
        );
        field(text, "because", &value, style);
    }
    let more = rejections.len().saturating_sub(MAX_BECAUSE) + finding.omitted;
    if more > 0 {
        let value = format!("{more} more, in the JSON report");
        field(text, "because", &value, style);
    }
}

/// The source line, with what is meant underlined.
fn source(text: &mut String, position: &Position, style: Style) {
    let place = format!(
        "{}:{}:{}",
        show(&position.file),
        position.line,
        position.column
    );
    let number = position.line.to_string();
    let margin = " ".repeat(number.len());
    let arrow = style.paint(Tone::Quiet, "-->");
    let bar = style.paint(Tone::Quiet, "|");
    let _ = writeln!(text, "{margin}{arrow} {place}");
    let Some(line) = Underlined::of(position) else {
        return;
    };
    let underline = style.paint(Tone::Bad, &"^".repeat(line.meant.width().max(1)));
    let number = style.paint(Tone::Quiet, &number);
    let indent = " ".repeat(line.before.width());
    let _ = writeln!(text, "{margin} {bar}");
    let _ = writeln!(
        text,
        "{number} {bar} {}{}{}",
        line.before, line.meant, line.after
    );
    let _ = writeln!(text, "{margin} {bar} {indent}{underline}");
}

/// A source line in three escaped parts.
struct Underlined {
    before: String,
    meant: String,
    after: String,
}

impl Underlined {
    fn of(position: &Position) -> Option<Self> {
        if position.source.trim().is_empty() {
            return None;
        }
        let mut characters = position.source.chars();
        let before: String = characters
            .by_ref()
            .take(position.source_column.saturating_sub(1))
            .collect();
        let meant: String = characters.by_ref().take(position.length).collect();
        let after: String = characters.take(SOURCE_COLUMNS).collect();
        let too_long = before.chars().count().checked_sub(SOURCE_COLUMNS);
        let before = too_long.filter(|cut| *cut > 0).map_or_else(
            || before.clone(),
            |cut| format!("...{}", before.chars().skip(cut).collect::<String>()),
        );
        let meant: String = meant.chars().take(SOURCE_COLUMNS).collect();
        let visible = |part: &str| escape(&part.replace('\t', "    ")).into_owned();
        Some(Self {
            before: visible(&before),
            meant: visible(&meant),
            after: visible(after.trim_end()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding_with(source: &str, column: usize, length: usize) -> Finding {
        serde_json::from_value(serde_json::json!({
            "code": "certificate/identity-mismatch",
            "class": "untrusted",
            "message": "no verified signature comes from an identity this rule trusts",
            "expected": "`https://ci.example/release@v*`",
            "found": "`https://ci.example/nightly\u{1b}[2J`",
            "position": {
                "file": "policies/release.yaml", "line": 14, "column": column,
                "length": length, "source": source, "sourceColumn": column,
            },
            "hint": "sign with the release workflow",
            "because": [],
            "omitted": 0,
        }))
        .unwrap()
    }

    #[test]
    fn a_finding_points_at_the_policy_line() {
        let shown = finding(
            &finding_with("    identity: https://ci.example/release@v*", 5, 8),
            Severity::Error,
            Style::Plain,
        );
        assert_eq!(
            shown,
            "\
error[certificate/identity-mismatch]: no verified signature comes from an identity this rule trusts
  --> policies/release.yaml:14:5
   |
14 |     identity: https://ci.example/release@v*
   |     ^^^^^^^^
   = expected: `https://ci.example/release@v*`
   = found: `https://ci.example/nightly\\u{1b}[2J`
   = hint: sign with the release workflow
"
        );
    }

    #[test]
    fn hostile_source_lines_stay_on_one_line_and_underlined() {
        let shown = finding(
            &finding_with("\tké\u{202e}y: 界界", 2, 3),
            Severity::Warning,
            Style::Plain,
        );
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[3], "14 |     ké\\u{202e}y: 界界");
        assert_eq!(lines[4], "   |     ^^^^^^^^^^");
        let long = "x".repeat(10_000);
        let shown = finding(
            &finding_with(&long, 5_000, 5_000),
            Severity::Note,
            Style::Plain,
        );
        assert!(shown.len() < 1_200, "{}", shown.len());
    }

    #[test]
    fn rejections_are_listed_up_to_a_bound_and_the_rest_is_counted() {
        let rejection = serde_json::json!({
            "origin": { "kind": "file", "place": "a.json", "blob": "sha256:00" },
            "code": "signature/invalid", "class": "invalid", "subject": "sha256:00", "claimsToBe": "signature", "expected": "e", "found": "f",
        });
        let listed = |count: usize| {
            let mut told = finding_with("x", 1, 1);
            let because = vec![rejection.clone(); count];
            told.because = serde_json::from_value(because.into()).unwrap();
            finding(&told, Severity::Error, Style::Plain)
        };
        let (whole, more) = (listed(MAX_BECAUSE), listed(MAX_BECAUSE + 1));
        assert_eq!(whole.matches("in a.json").count(), MAX_BECAUSE);
        assert!(!whole.contains("more, in the JSON report"));
        assert_eq!(more.matches("in a.json").count(), MAX_BECAUSE);
        assert!(
            more.contains("because: 1 more, in the JSON report"),
            "{more}"
        );
    }

    #[test]
    fn a_source_line_is_whole_up_to_its_columns_and_cut_beyond_them() {
        let shown = |before: usize, meant: usize, after: usize| {
            let line = ["b".repeat(before), "m".repeat(meant), "a".repeat(after)].concat();
            let text = finding(
                &finding_with(&line, before + 1, meant),
                Severity::Note,
                Style::Plain,
            );
            let line = text.lines().find_map(|line| line.strip_prefix("14 | "));
            line.unwrap_or_default().to_owned()
        };
        let part = |letter: &str| letter.repeat(SOURCE_COLUMNS);
        let whole = [part("b"), part("m"), part("a")].concat();
        assert_eq!(shown(SOURCE_COLUMNS, SOURCE_COLUMNS, SOURCE_COLUMNS), whole);
        let next = SOURCE_COLUMNS + 1;
        assert_eq!(
            shown(next, SOURCE_COLUMNS, SOURCE_COLUMNS),
            format!("...{whole}")
        );
        assert_eq!(shown(SOURCE_COLUMNS, next, SOURCE_COLUMNS), whole);
        assert_eq!(shown(SOURCE_COLUMNS, SOURCE_COLUMNS, next), whole);
    }
}
