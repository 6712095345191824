//! What conditions in CEL see, as JSON; `docs/policy/expressions.md` lists every field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::{Facts, ImageFacts};
use crate::claim::{AlternativeName, Signer, Statement, TimeSource};
use crate::code::Code;
use crate::content::ContentError;
use crate::sbom::{Component, ComponentKind, Party, Sbom};
use crate::vulnerability::{Finding, Severity};

pub(super) fn image(image: &ImageFacts) -> Value {
    let name = image.name.as_deref();
    let (registry, repository) = name.and_then(|name| name.split_once('/')).unzip();
    let platforms: Vec<String> = image.platforms.iter().map(ToString::to_string).collect();
    json!({
        "reference": image.reference,
        "name": name,
        "registry": registry,
        "repository": repository,
        "digest": image.digest.to_string(),
        "platforms": platforms,
    })
}

pub(super) fn signature(facts: &Facts<'_>) -> Value {
    let claim = facts.claim;
    let times: Vec<String> = claim
        .times
        .iter()
        .map(|time| time.time.to_string())
        .collect();
    let authorities = claim.times.iter().filter_map(|time| match &time.source {
        TimeSource::TimestampAuthority { authority } => Some(authority.as_str()),
        TimeSource::Log { .. } => None,
    });
    let authorities: Vec<&str> = authorities.collect();
    let logs: Vec<&str> = claim.logs.iter().map(|entry| entry.log.as_str()).collect();
    let mut value = json!({
        "signer": claim.signer.to_string(),
        "algorithm": claim.algorithms.signature,
        "times": times,
        "timestampAuthorities": authorities,
        "logs": logs,
        "trustRoot": facts.root,
    });
    let own = match &claim.signer {
        Signer::Key(key) => json!({
            "kind": "key",
            "key": key.fingerprint.to_string(),
            "subjects": [],
            "claims": {},
        }),
        Signer::Certificate(identity) => {
            let names = identity.alternative_names.iter();
            let subjects: Vec<&str> = names.map(AlternativeName::value).collect();
            let claims: BTreeMap<&str, &String> = identity
                .extensions
                .iter()
                .map(|(name, value)| (name.name(), value))
                .collect();
            json!({
                "kind": "certificate",
                "issuer": identity.issuer,
                "identity": subjects.first(),
                "subjects": subjects,
                "claims": claims,
            })
        }
    };
    if let (Value::Object(value), Value::Object(own)) = (&mut value, own) {
        value.extend(own);
    }
    value
}

fn attested<'a>(facts: &Facts<'a>) -> Result<&'a Statement, ContentError> {
    facts.statement().ok_or_else(|| {
        let code = Code::ExpressionFailed;
        ContentError::new(
            code,
            "the signature",
            "an in-toto statement",
            "a plain signature",
        )
    })
}

pub(super) fn statement(facts: &Facts<'_>) -> Result<Value, ContentError> {
    let statement = attested(facts)?;
    let subjects: Vec<Value> = statement
        .subjects
        .iter()
        .map(|subject| json!({ "name": subject.name, "digest": subject.digest }))
        .collect();
    Ok(json!({
        "type": statement.statement_type,
        "predicateType": statement.predicate_type,
        "subjects": subjects,
    }))
}

pub(super) fn predicate(facts: &Facts<'_>) -> Result<Value, ContentError> {
    let statement = attested(facts)?;
    let text = statement
        .predicate
        .as_ref()
        .map_or("null", |predicate| predicate.get());
    crate::json::read(text.as_bytes(), Code::AttestationPredicateMalformed)
}

pub(super) fn sbom(facts: &Facts<'_>) -> Result<Value, ContentError> {
    let sbom = facts.contents.sbom(facts.index, attested(facts)?)?;
    let Sbom {
        format,
        name,
        identifier,
        created,
        authors,
        tools,
        components,
        ..
    } = &*sbom;
    let authors: Vec<&str> = authors.iter().filter_map(name_of).collect();
    let components: Vec<Value> = components.iter().map(component).collect();
    Ok(json!({
        "format": format.family.name(),
        "version": format.version,
        "name": name,
        "identifier": identifier,
        "created": created.map(|time| time.to_string()),
        "authors": authors,
        "tools": tools,
        "componentCount": components.len(),
        "components": components,
    }))
}

fn component(component: &Component) -> Value {
    let kind = match component.kind {
        ComponentKind::Package => "package",
        ComponentKind::Container => "container",
        ComponentKind::File => "file",
        ComponentKind::Other => "other",
    };
    let hashes: BTreeMap<&str, &str> = component
        .hashes
        .iter()
        .map(|hash| (&*hash.algorithm, &*hash.value))
        .collect();
    let licenses: Vec<&str> = component
        .licenses
        .iter()
        .map(|license| &*license.text)
        .collect();
    json!({
        "name": component.name,
        "version": component.version,
        "kind": kind,
        "purl": component.purls.first(),
        "purls": component.purls,
        "cpe": component.cpes.first(),
        "licenses": licenses,
        "hashes": hashes,
        "supplier": component.supplier.as_ref().and_then(name_of),
    })
}

fn name_of(party: &Party) -> Option<&str> {
    party.name.as_deref()
}

pub(super) fn vulnerabilities(facts: &Facts<'_>) -> Result<Value, ContentError> {
    let scan = facts.contents.scan(facts.index, attested(facts)?)?;
    let count = |wanted: Option<Severity>| {
        scan.findings
            .iter()
            .filter(|finding| finding.severity == wanted)
            .count()
    };
    let list: Vec<Value> = scan.findings.iter().map(finding).collect();
    Ok(json!({
        "critical": count(Some(Severity::Critical)),
        "high": count(Some(Severity::High)),
        "medium": count(Some(Severity::Medium)),
        "low": count(Some(Severity::Low)),
        "unknown": count(None),
        "total": list.len(),
        "list": list,
    }))
}

fn finding(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "aliases": finding.aliases,
        "severity": finding.severity.map(Severity::name),
        "score": finding.score.map(|score| f64::from(score.tenths()) / 10.0),
        "package": finding.package,
        "version": finding.version,
        "fixedVersion": finding.fixed_version,
    })
}
