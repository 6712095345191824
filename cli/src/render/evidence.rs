//! Evidence in detail: who signed what, when, and who vouches for it.

use std::fmt::Write as _;

use sovverify::report::escape::{escape, show};
use sovverify::report::v1::{
    Anchor, ArtifactReport, CertificateSigner, ClaimsToBe, Evidence, Gap, Inclusion, Policy,
    Rejected, Role, Signer, Unsigned,
};

use super::Detail;
use super::style::{Mark, Style, Tone};
use super::text::{caution, compared};

/// Everything that the answer rests on, indented under the line of the artifact.
pub(crate) fn details(text: &mut String, result: &ArtifactReport, detail: Detail, style: Style) {
    for policy in &result.policies {
        requirements(text, policy, style);
    }
    for (position, evidence) in result.evidence.iter().enumerate() {
        let mark = style.paint(Tone::Good, &format!("{}verified", style.mark(Mark::Yes)));
        let _ = writeln!(text, "  {mark} [{position}] {}", safe(&what(evidence)));
        for line in lines(evidence, detail) {
            let _ = writeln!(text, "      {}", safe(&line));
        }
    }
    for rejected in &result.rejected {
        let mark = style.paint(Tone::Bad, &format!("{}rejected", style.mark(Mark::No)));
        let _ = writeln!(text, "  {mark} {}", safe(&rejection(rejected)));
        for line in rejection_lines(rejected) {
            let _ = writeln!(text, "      {}", safe(&line));
        }
    }
    for unsigned in &result.unsigned {
        let mark = format!("{}unsigned", style.mark(Mark::Caution));
        let mark = style.paint(Tone::Warning, &mark);
        let _ = writeln!(text, "  {mark} {}", safe(&announced(unsigned)));
    }
    for found in &result.gaps {
        caution(text, "gap", &gap(found), style);
    }
    trust(text, result, style);
}

fn requirements(text: &mut String, policy: &Policy, style: Style) {
    let name = style.paint(Tone::Strong, &show(&policy.name));
    let about = safe(&format!("{}, {}", policy.mode, policy.digest));
    let _ = writeln!(text, "  policy {name} ({about})");
    for requirement in &policy.requirements {
        let (mark, word) = if requirement.satisfied {
            (Mark::Yes, "satisfied")
        } else {
            (Mark::No, "not satisfied")
        };
        let word = style.paint(mark.tone(), &format!("{}{word}", style.mark(mark)));
        let by: Vec<String> = requirement.by.iter().map(|n| format!("[{n}]")).collect();
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" by {}", by.join(" "))
        };
        let _ = writeln!(text, "    {word} {}{by}", show(&requirement.name));
    }
}

fn trust(text: &mut String, result: &ArtifactReport, style: Style) {
    for root in &result.trust_roots {
        let expires = root
            .expires
            .as_ref()
            .map(|time| format!(", expires {time}"))
            .unwrap_or_default();
        let line = format!("trust root {} ({}{expires})", show(&root.name), root.digest);
        let _ = writeln!(text, "  {}", style.paint(Tone::Quiet, &safe(&line)));
    }
    for key in &result.keys {
        let line = format!("key {} ({})", key.fingerprint, key.algorithm);
        let _ = writeln!(text, "  {}", style.paint(Tone::Quiet, &safe(&line)));
    }
}

/// A composed line, with whatever of it came from outside made harmless.
pub(crate) fn safe(line: &str) -> String {
    escape(line).into_owned()
}

/// `signature by https://… (issuer …)` or `attestation https://slsa.dev/… by …`.
pub(crate) fn what(evidence: &Evidence) -> String {
    let by = signer(&evidence.signer);
    match (evidence.role, &evidence.predicate_type) {
        (Role::Attestation, Some(predicate)) => {
            format!("attestation {} by {by}", compared(predicate))
        }
        (Role::Attestation, None) => format!("attestation by {by}"),
        _ => format!("signature by {by}"),
    }
}

/// When, in which log, with what, and where it was found.
pub(crate) fn lines(evidence: &Evidence, detail: Detail) -> Vec<String> {
    let mut lines = vec![format!("on {}", evidence.subject)];
    if let Signer::Certificate(certificate) = &evidence.signer {
        lines.extend(certificate_lines(certificate, detail));
    }
    for time in &evidence.times {
        lines.push(format!("signed {} (says {})", time.time, show(&time.name)));
    }
    for log in &evidence.logs {
        let inclusion = match log.inclusion {
            Inclusion::Proven => "inclusion proven",
            _ => "inclusion promised, not proven",
        };
        let place = show(&log.log);
        let kind = show(&log.kind);
        lines.push(format!(
            "log {place} entry {} ({kind}, {inclusion})",
            log.index
        ));
    }
    lines.push(format!(
        "{}, {}",
        evidence.algorithm,
        anchored(&evidence.anchor)
    ));
    lines.push(format!(
        "in {} ({})",
        show(&evidence.origin.place),
        evidence.origin.kind
    ));
    if !evidence.dangers.is_empty() {
        lines.push(format!(
            "danger: accepted with {}",
            evidence.dangers.join(", ")
        ));
    }
    lines
}

fn certificate_lines(certificate: &CertificateSigner, detail: Detail) -> Vec<String> {
    let mut lines: Vec<String> = certificate
        .subject_alternative_names
        .iter()
        .skip(1)
        .map(|name| format!("also {} {}", name.kind, compared(&name.value)))
        .collect();
    // The issuer is in the headline already.
    let extensions = certificate.extensions.iter().filter(|(name, _)| {
        detail == Detail::Claims && !matches!(name.as_str(), "issuer" | "issuerV1")
    });
    lines.extend(extensions.map(|(name, value)| format!("{name} {}", compared(value))));
    lines
}

fn anchored(anchor: &Anchor) -> String {
    match (&anchor.trust_root, &anchor.key) {
        (Some(root), None) => format!("trust root {}", show(root)),
        (Some(root), Some(_)) => format!("given key, logs and times by trust root {}", show(root)),
        (None, _) => "given key alone".to_owned(),
    }
}

/// The signer with the issuer.
pub(crate) fn signer(signer: &Signer) -> String {
    match signer {
        Signer::Certificate(certificate) => {
            let name = identity(certificate);
            certificate.issuer.as_ref().map_or_else(
                || name.clone(),
                |issuer| format!("{name} (issuer {})", compared(issuer)),
            )
        }
        Signer::Key(key) => format!("key {}", key.fingerprint),
        _ => "an unknown kind of signer".to_owned(),
    }
}

/// The signer on the line of a verdict.
pub(crate) fn short_signer(signer: &Signer) -> String {
    match signer {
        Signer::Certificate(certificate) => identity(certificate),
        Signer::Key(key) => {
            let short: String = key.fingerprint.chars().take("sha256:".len() + 12).collect();
            format!("key {short}")
        }
        _ => "an unknown kind of signer".to_owned(),
    }
}

fn identity(certificate: &CertificateSigner) -> String {
    let name = certificate.subject_alternative_names.first();
    let name = name.map(|name| name.value.as_str());
    compared(
        name.or(certificate.subject.as_deref())
            .unwrap_or(&certificate.fingerprint),
    )
}

/// `signature/invalid: signature in registry.example/app (referrers)`.
pub(crate) fn rejection(rejected: &Rejected) -> String {
    let what = match (rejected.claims_to_be, &rejected.predicate_type) {
        (ClaimsToBe::Signature, _) => "signature".to_owned(),
        (ClaimsToBe::Attestation, Some(predicate)) => {
            format!("attestation {}", compared(predicate))
        }
        (ClaimsToBe::Attestation, None) => "attestation".to_owned(),
        _ => "evidence".to_owned(),
    };
    format!("{what}: {} ({})", rejected.code, rejected.class)
}

/// Why, and where it was found.
pub(crate) fn rejection_lines(rejected: &Rejected) -> Vec<String> {
    let mut lines = vec![
        format!("on {}", rejected.subject),
        format!("expected {}", show(&rejected.expected)),
        format!("found {}", show(&rejected.found)),
    ];
    lines.extend(
        rejected
            .anchor
            .as_ref()
            .map(|anchor| format!("tried {}", anchored(anchor))),
    );
    let origin = &rejected.origin;
    lines.push(format!("in {} ({})", show(&origin.place), origin.kind));
    lines
}

/// `text/spdx in registry.example/app:sha256-….sbom (cosign-tag)`.
pub(crate) fn announced(unsigned: &Unsigned) -> String {
    let origin = &unsigned.origin;
    format!(
        "{} in {} ({})",
        show(&unsigned.announced),
        show(&origin.place),
        origin.kind
    )
}

/// A place that could not be read.
pub(crate) fn gap(gap: &Gap) -> String {
    format!(
        "{} in {}: expected {}; found {}",
        gap.code,
        show(&gap.place),
        show(&gap.expected),
        show(&gap.found)
    )
}
