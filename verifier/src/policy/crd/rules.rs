//! Rules in CEL: what compiling would say, said by the API server to whoever writes the document.

use super::kind::Kind;
use super::structural::Rule;
use crate::policy::predicate::Types;

/// The conditions of an attestation that only provenance can meet, as far as CEL can see them: what may
/// be a text or a map has no type for it.
const PROVENANCE: [&str; 5] = [
    "source",
    "dependencies",
    "reproducible",
    "level",
    "builders",
];
/// Those that only a verification summary can meet.
const SUMMARY: [&str; 2] = ["levels", "policy"];

/// Rules on the whole object.
pub(super) fn of_object(kind: Kind) -> Vec<Rule> {
    let mut rules = vec![rule(
        "size(self.metadata.name) <= 63",
        "a name has at most 63 characters",
    )];
    if kind == Kind::TrustRoot {
        rules.push(rule(
            "self.metadata.name != 'none'",
            "`none` is reserved: a signer with `trustRoot: none` is a key alone",
        ));
    }
    rules
}

/// Rules on the `spec` that are about this kind alone.
pub(super) fn of_spec(kind: Kind) -> Vec<Rule> {
    match kind {
        Kind::ImagePolicy => vec![rule(
            "!has(self.match.namespaces)",
            "an ImagePolicy is about its own namespace: leave `match.namespaces` out, or write a ClusterImagePolicy",
        )],
        Kind::ClusterImagePolicy | Kind::PolicyException | Kind::TrustRoot => Vec::new(),
    }
}

/// Rules on a definition, wherever it stands.
pub(super) fn of_definition(name: &str) -> Vec<Rule> {
    match name {
        "ImagePolicySpec" => policy(),
        "Match" => images(),
        "LabelExpression" => expression(),
        "Signer" => signer(),
        "Key" => key(),
        "Requirement" => vec![exactly_one(
            &["signature", "attestation", "sbom", "vulnerabilities"],
            "exactly one of `signature`, `attestation`, `sbom` and `vulnerabilities`",
        )],
        "SignatureRule" | "SbomRule" | "ExceptionRule" => vec![threshold()],
        "AttestationRule" => attestation(),
        "SourceRule" => source(),
        "Contents" => vec![at_least_one(
            &["packages", "licenses"],
            "at least one of `packages` and `licenses`",
        )],
        "CoverageRule" => vec![at_least_one(
            &["purl", "version", "hash", "license", "supplier"],
            "at least one of `purl`, `version`, `hash`, `license` and `supplier`",
        )],
        "VulnerabilityRule" => vulnerabilities(),
        "Content" => vec![no_file(), rule("has(self.inline)", GIVE_INLINE)],
        "TrustRootSpec" => trust_root(),
        "Sigstore" => vec![rule(
            &format!(
                "[has(self.trustedRoot), has(self.instance), {}].exists_one(x, x)",
                any_of(&PARTS)
            ),
            "exactly one of `trustedRoot`, `instance`, or PEM parts such as `certificateAuthorities`",
        )],
        _ => Vec::new(),
    }
}

const GIVE_INLINE: &str = "give the content itself, as `inline`";

/// The parts of which a trust root may consist.
const PARTS: [&str; 4] = [
    "certificateAuthorities",
    "transparencyLogs",
    "ctLogs",
    "timestampAuthorities",
];

fn rule(rule: &str, message: &'static str) -> Rule {
    Rule {
        rule: rule.to_owned(),
        message,
    }
}

fn given(fields: &[&str]) -> String {
    let given: Vec<String> = fields
        .iter()
        .map(|name| format!("has(self.{name})"))
        .collect();
    given.join(", ")
}

fn any_of(fields: &[&str]) -> String {
    given(fields).replace(", ", " || ")
}

fn exactly_one(fields: &[&str], message: &'static str) -> Rule {
    rule(&format!("[{}].exists_one(x, x)", given(fields)), message)
}

fn at_least_one(fields: &[&str], message: &'static str) -> Rule {
    rule(&any_of(fields), message)
}

/// A list of texts in CEL.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}

fn threshold() -> Rule {
    rule(
        "!has(self.atLeast) || !has(self.by) || self.atLeast <= size(self.by)",
        "`atLeast` is more than the signers in `by`",
    )
}

fn no_file() -> Rule {
    rule(
        "!has(self.file)",
        "an object of a cluster has no directory in which a `file` could be: give the content itself, as `inline`",
    )
}

/// Every name in `by` of what requirements of one kind ask for is that of a signer. `part` is where `by`
/// is in a requirement `r`, `given` whether it is there. (A message that names the unknown one costs more
/// than an API server allows.)
fn known(given: &str, part: &str, message: &'static str) -> Rule {
    rule(
        &format!("self.require.all(r, !({given}) || {part}.by.all(n, n in self.signers))"),
        message,
    )
}

fn policy() -> Vec<Rule> {
    let vulnerabilities = "has(r.vulnerabilities) && has(r.vulnerabilities.by)";
    let vex = "has(r.vulnerabilities) && has(r.vulnerabilities.vex)";
    vec![
        known(
            "has(r.signature)",
            "r.signature",
            "unknown signer: every name in `by` of a `signature` is one of `signers`",
        ),
        known(
            "has(r.attestation)",
            "r.attestation",
            "unknown signer: every name in `by` of an `attestation` is one of `signers`",
        ),
        known(
            "has(r.sbom)",
            "r.sbom",
            "unknown signer: every name in `by` of an `sbom` is one of `signers`",
        ),
        known(
            vulnerabilities,
            "r.vulnerabilities",
            "unknown signer: every name in `by` of `vulnerabilities` is one of `signers`",
        ),
        known(
            vex,
            "r.vulnerabilities.vex",
            "unknown signer: every name in `by` of `vex` is one of `signers`",
        ),
        rule(
            "!has(self.exceptions) || self.exceptions.by.all(n, n in self.signers)",
            "unknown signer: every name in `by` of `exceptions` is one of `signers`",
        ),
        rule(
            "!has(self.exceptions) || !has(self.exceptions.requirements) || self.exceptions.requirements.all(n, self.require.exists(r, r.name == n))",
            "unknown requirement: every name in `exceptions.requirements` is the name of a requirement",
        ),
    ]
}

fn images() -> Vec<Rule> {
    // Layouts have references of their own, and an IPv6 host is written in brackets.
    let layout = "p.startsWith('oci:') || p.startsWith('oci-archive:') || p.startsWith('dir:')";
    let each = |test: &str| format!("self.images.all(p, {test})");
    vec![
        rule(
            &each(&format!("p == '**' || {layout} || p.contains('/')")),
            "a pattern is a registry host, `/` and a repository, such as `registry.example/apps/**`; or `**` for every image",
        ),
        rule(
            &each(&format!("{layout} || !p.matches('^[^/]*/.*[:@]')")),
            "a pattern is about names: leave tag and digest out",
        ),
        rule(
            &each(r"p.startsWith('[') || !p.matches('[][?{}\\\\]|^!')"),
            "only `*` and `**` have a meaning in a pattern; write several patterns instead",
        ),
        rule(
            &each(&format!("{layout} || !p.matches('[A-Z]')")),
            "a pattern is compared with the canonical name, which is lower-case",
        ),
        rule(
            &each(&format!("{layout} || !p.matches('^[^/]*[^/:*][*]+/')")),
            "a host that is open at its end matches whoever owns a longer name",
        ),
    ]
}

fn expression() -> Vec<Rule> {
    vec![
        rule(
            "!(self.operator in ['In', 'NotIn']) || has(self.values)",
            "`In` and `NotIn` need `values`",
        ),
        rule(
            "!(self.operator in ['Exists', 'DoesNotExist']) || !has(self.values)",
            "`Exists` and `DoesNotExist` take no `values`",
        ),
        rule(
            "self.key.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')",
            "no label has this key",
        ),
    ]
}

fn signer() -> Vec<Rule> {
    vec![
        exactly_one(
            &["keyless", "key", "certificate"],
            "exactly one of `keyless`, `key` and `certificate`",
        ),
        rule(
            "has(self.trustRoot)",
            "`trustRoot` is missing: the name of a TrustRoot; for a key also `none`, which lets the key alone decide",
        ),
        rule(
            "!has(self.trustRoot) || self.trustRoot != 'none' || has(self.key)",
            "a certificate without authorities: only a `key` can do with `trustRoot: none`",
        ),
    ]
}

fn key() -> Vec<Rule> {
    vec![
        no_file(),
        rule("has(self.inline)", GIVE_INLINE),
        rule(
            "!has(self.inline) || self.inline.contains('-----BEGIN PUBLIC KEY-----')",
            "a key is one PEM `PUBLIC KEY`",
        ),
    ]
}

fn attestation() -> Vec<Rule> {
    let among = |names: &[&str]| format!("self.type in {}", list(names.iter().copied()));
    let provenance = Types::spelt(Types::are_provenance);
    let summaries = Types::spelt(Types::are_summaries);
    vec![
        threshold(),
        rule(
            &format!("self.type.contains('://') || {}", among(&Types::names())),
            "unknown predicate type: a URI, or a short name such as `slsa-provenance`, `spdx`, `cyclonedx`, `vuln` or `openvex`",
        ),
        rule(
            &format!("!({}) || {}", any_of(&PROVENANCE), among(&provenance)),
            "conditions on a build need `type: slsa-provenance`",
        ),
        rule(
            &format!("!({}) || {}", any_of(&SUMMARY), among(&summaries)),
            "conditions on a summary need `type: verification-summary`",
        ),
        rule(
            "!has(self.builders) || has(self.level)",
            "`builders` needs `level` beside it; to take nobody else's builds, write `builder`",
        ),
        rule(
            "!has(self.level) || self.level == 1 || has(self.builders) && self.builders.exists(b, b.level >= self.level)",
            "`level` needs some builder in `builders` that is trusted at it: provenance cannot state its own level",
        ),
    ]
}

fn source() -> Vec<Rule> {
    let addresses = ["exact", "glob", "regex"];
    let counted: Vec<String> = addresses
        .iter()
        .map(|name| format!("(has(self.{name}) ? 1 : 0)"))
        .collect();
    vec![rule(
        &format!("{} <= 1", counted.join(" + ")),
        "at most one of `exact`, `glob` and `regex`",
    )]
}

fn vulnerabilities() -> Vec<Rule> {
    vec![
        threshold(),
        rule(
            "!has(self.database) && !has(self.sbom)",
            "an object of a cluster has no directory in which a `database` could be: give such a policy as a mounted file",
        ),
        rule("has(self.by)", "`by` is missing: whose scans count"),
        rule(
            "!has(self.maxUnassessed)",
            "nothing is looked up: `maxUnassessed` stands beside `database` only",
        ),
    ]
}

fn trust_root() -> Vec<Rule> {
    let parts = "has(self.sigstore.trustedRoot) || has(self.sigstore.instance)";
    let demanded = |name: &str| {
        format!("(has(self.require) && has(self.require.{name}) ? self.require.{name} : 1)")
    };
    let count =
        |name: &str| format!("(has(self.sigstore.{name}) ? size(self.sigstore.{name}) : 0)");
    let (logs, times) = (demanded("log"), demanded("timestamp"));
    vec![
        rule(
            "!has(self.warnBefore) || has(self.expires)",
            "`warnBefore` needs `expires` beside it",
        ),
        rule(
            &format!("{parts} || {logs} <= {}", count("transparencyLogs")),
            "fewer `transparencyLogs` than `require.log` asks for, which is 1 where nothing is written; `require: { log: 0 }` asks for none",
        ),
        rule(
            &format!(
                "{parts} || {times} == 0 || {} + {} > 0",
                count("transparencyLogs"),
                count("timestampAuthorities")
            ),
            "nobody vouches for a time: add `timestampAuthorities` or `transparencyLogs`; `require: { timestamp: 0 }` asks for no time",
        ),
        rule(
            &format!(
                "{parts} || !has(self.sigstore.certificateAuthorities) || has(self.sigstore.ctLogs) || has(self.require) && has(self.require.sct) && !self.require.sct"
            ),
            "no `ctLogs` that vouch for certificates; `require: { sct: false }` asks for no SCT",
        ),
        rule(
            "!has(self.require) || !has(self.require.inclusion) || (has(self.require.log) ? self.require.log > 0 : !has(self.sigstore.instance) || self.sigstore.instance != 'github')",
            "no log is asked for, so nothing can be included: leave `inclusion` out, or write `log: 1`",
        ),
    ]
}
