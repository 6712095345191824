//! Inspection: everything attached to an image, as a tree.

use std::fmt::Write as _;

use sovverify::report::escape::show;
use sovverify::report::v1::{
    ArtifactKind, ArtifactReport, ExitClass, Origin, Problem, Rejected, Report,
};

use super::Detail;
use super::style::{Branches, Mark, Style, Tone};
use super::text::{artifact_name, caution};
use super::{evidence, note};

/// The report as text: one tree for each image.
pub(crate) fn report(report: &Report, detail: Detail, style: Style) -> String {
    let mut text = String::new();
    for notice in &report.notices {
        caution(&mut text, "notice", notice, style);
    }
    for result in &report.results {
        if let Some(error) = &result.error {
            unread(&mut text, result, error, style);
            continue;
        }
        image(&mut text, result, detail, style);
    }
    text
}

/// An image that could not be had. Content that is provably wrong is news about the image, and
/// stands here; a failure of the surroundings is on standard error.
fn unread(text: &mut String, result: &ArtifactReport, error: &Problem, style: Style) {
    let mark = word(Mark::Unknown, "not inspected", style);
    let _ = writeln!(
        text,
        "{mark}  {}  {}",
        artifact_name(result),
        show(&error.code)
    );
    if result.exit_class == ExitClass::Denied {
        text.push_str(&note::problem(error, style));
    }
}

/// One line of the tree, with the lines that hang below it.
struct Node {
    line: String,
    below: Vec<Node>,
}

impl Node {
    const fn leaf(line: String) -> Self {
        Self {
            line,
            below: Vec::new(),
        }
    }
}

fn image(text: &mut String, result: &ArtifactReport, detail: Detail, style: Style) {
    let kind = match result.kind {
        Some(ArtifactKind::Index) => format!("index, {} platforms", result.platforms.len()),
        Some(ArtifactKind::Manifest) => "manifest".to_owned(),
        _ => "blob".to_owned(),
    };
    let name = style.paint(Tone::Strong, &artifact_name(result));
    let _ = writeln!(text, "{name}  ({kind})");
    let mut nodes = result
        .digest
        .as_ref()
        .map_or_else(Vec::new, |digest| attached(result, digest, detail, style));
    let platforms = result
        .platforms
        .iter()
        .filter(|platform| Some(&platform.digest) != result.digest.as_ref());
    nodes.extend(platforms.map(|platform| {
        let name = show(platform.platform.as_deref().unwrap_or("platform unknown"));
        Node {
            line: format!(
                "{}  {}",
                style.paint(Tone::Strong, &name),
                show(&platform.digest)
            ),
            below: attached(result, &platform.digest, detail, style),
        }
    }));
    nodes.extend(elsewhere(result, detail, style));
    if nodes.is_empty() {
        nodes.push(Node::leaf("nothing is attached".to_owned()));
    }
    draw(text, &nodes, "", &style.branches());
    for danger in &result.dangers {
        caution(
            text,
            "danger",
            &format!("{}: {}", danger.name, danger.meaning),
            style,
        );
    }
    for gap in &result.gaps {
        caution(text, "gap", &evidence::gap(gap), style);
    }
}

/// What is attached to one manifest.
fn attached(result: &ArtifactReport, subject: &str, detail: Detail, style: Style) -> Vec<Node> {
    nodes(result, detail, style, |found| found == subject)
}

/// What is attached to manifests that cannot run, such as attestation manifests of an index.
fn elsewhere(result: &ArtifactReport, detail: Detail, style: Style) -> Vec<Node> {
    nodes(result, detail, style, |found| {
        result.digest.as_deref() != Some(found)
            && !result.platforms.iter().any(|p| p.digest == found)
    })
}

fn nodes(
    result: &ArtifactReport,
    detail: Detail,
    style: Style,
    about: impl Fn(&str) -> bool,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for evidence in result.evidence.iter().filter(|e| about(&e.subject)) {
        let below = evidence::lines(evidence, detail);
        let shown = below.into_iter().skip(1).filter(|line| {
            detail >= Detail::Full || line.starts_with("signed ") || line.starts_with("log ")
        });
        nodes.push(Node {
            line: format!(
                "{} {}",
                word(Mark::Yes, "verified", style),
                evidence::safe(&evidence::what(evidence))
            ),
            below: shown
                .map(|line| Node::leaf(evidence::safe(&line)))
                .collect(),
        });
    }
    for rejected in shown(result, detail).filter(|r| about(&r.subject)) {
        let line = evidence::safe(&evidence::rejection(rejected));
        nodes.push(Node {
            line: format!("{} {line}", word(Mark::No, "not verified", style)),
            below: evidence::rejection_lines(rejected)
                .into_iter()
                .skip(1)
                .map(|line| Node::leaf(evidence::safe(&line)))
                .collect(),
        });
    }
    for unsigned in result.unsigned.iter().filter(|u| about(&u.subject)) {
        let line = evidence::safe(&evidence::announced(unsigned));
        nodes.push(Node::leaf(format!(
            "{} {line}",
            word(Mark::Caution, "unsigned", style)
        )));
    }
    nodes
}

/// The rejections worth a line: evidence is tried against every anchor, so what one of them has
/// verified is no news, and of several refusals the most specific comes first.
fn shown(result: &ArtifactReport, detail: Detail) -> impl Iterator<Item = &Rejected> {
    let same =
        |r: &Rejected, subject: &str, origin: &Origin| r.subject == subject && r.origin == *origin;
    let news = move |(position, rejected): &(usize, &Rejected)| {
        let verified = result.evidence.iter();
        let verified = verified
            .clone()
            .any(|e| same(rejected, &e.subject, &e.origin));
        let earlier = result.rejected.iter().take(*position);
        let repeated = earlier
            .clone()
            .any(|r| same(rejected, &r.subject, &r.origin));
        detail >= Detail::Full || !(verified || repeated)
    };
    let all = result.rejected.iter().enumerate();
    all.filter(news).map(|(_, rejected)| rejected)
}

fn word(mark: Mark, word: &str, style: Style) -> String {
    style.paint(mark.tone(), &format!("{}{word}", style.mark(mark)))
}

fn draw(text: &mut String, nodes: &[Node], indent: &str, branches: &Branches) {
    for (position, node) in nodes.iter().enumerate() {
        let is_last = position + 1 == nodes.len();
        let (branch, below) = if is_last {
            (branches.last, branches.gap)
        } else {
            (branches.fork, branches.pipe)
        };
        let _ = writeln!(text, "{indent}{branch}{}", node.line);
        draw(text, &node.below, &format!("{indent}{below}"), branches);
    }
}
