//! Documents of ours in an admission review: refused before they are stored, for what the command line would
//! refuse them for.
//!
//! What a document rests on may come a moment after it, in the same `kubectl apply`. So a trust root that is
//! not known yet is a warning here, and a status `Accepted: False` for as long as it is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sovverify::Code;
use sovverify::policy::{Diagnostic, Documents, PolicySet};
use sovverify::report::escape::show;

use super::build;
use super::kind::{Key, Kind};
use super::objects::{Bound, MAX_OBJECT_BYTES};

/// Holds an object of the kind `kind` against what its kind must be; `policies` is what counts now. Returns
/// what its author should look at again.
///
/// # Errors
///
/// Everything that is wrong with it, with the line of the document and the path of the field.
pub fn review_document(
    kind: &str,
    object: &Value,
    policies: Option<&PolicySet>,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str);
    let Some(known) = Kind::of(kind) else {
        return Err(vec![unknown_kind(kind)]);
    };
    let namespace = text("/metadata/namespace").filter(|_| known.is_namespaced());
    let key = Key {
        kind: known,
        namespace: namespace.map(ToOwned::to_owned),
        name: text("/metadata/name").unwrap_or_default().to_owned(),
    };
    let spec = object.get("spec").cloned().unwrap_or_default();
    if spec.to_string().len() > MAX_OBJECT_BYTES {
        return Err(vec![build::beyond(&key, Bound::Object)]);
    }
    if known == Kind::PolicyException {
        return match build::exception(&key, &spec) {
            Ok(_) => Ok(Vec::new()),
            Err(problem) => Err(vec![*problem]),
        };
    }
    let located = |problem: &Diagnostic| build::located(&key, &spec, problem);
    let source = build::source(&key, &spec);
    let documents = Documents::parse_object(&source)
        .map_err(|problems| problems.iter().map(located).collect::<Vec<_>>())?;
    let none = BTreeMap::new();
    let compiled = documents
        .compile_lenient(&none, &BTreeMap::new())
        .map_err(|problems| problems.iter().map(located).collect::<Vec<_>>())?;
    let elsewhere = documents.foreign_trust_roots();
    let is_elsewhere = |problem: &&Diagnostic| {
        let mut elsewhere = elsewhere.iter();
        elsewhere.any(|(_, position)| *position == problem.position)
    };
    let problems = compiled
        .broken
        .iter()
        .flat_map(|broken| broken.problems.iter());
    let (_, problems): (Vec<_>, Vec<_>) = problems.partition(is_elsewhere);
    if !problems.is_empty() {
        return Err(problems.into_iter().map(located).collect());
    }
    let warnings = compiled.policies.warnings().iter();
    let warnings = warnings.map(|warning| located(warning).one_line());
    let names: BTreeSet<&str> = elsewhere.iter().map(|(name, _)| name.as_str()).collect();
    Ok(warnings.chain(not_loaded(&names, policies)).collect())
}

/// Which of the trust roots `names` nobody has loaded yet.
fn not_loaded<'a>(
    names: &'a BTreeSet<&str>,
    policies: Option<&PolicySet>,
) -> impl Iterator<Item = String> + 'a {
    let roots = policies.map(PolicySet::trust_roots).unwrap_or_default();
    let loaded: BTreeSet<String> = roots.into_iter().map(|root| root.name).collect();
    let missing = names.iter().filter(move |name| !loaded.contains(**name));
    missing.map(|name| {
        format!(
            "the TrustRoot `{}` is not loaded yet; until it is, every image that this policy may be about \
             is denied",
            show(name)
        )
    })
}

fn unknown_kind(kind: &str) -> Diagnostic {
    let key = Key {
        kind: Kind::TrustRoot,
        namespace: None,
        name: String::new(),
    };
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let mut problem = build::complaint(
        &key,
        Code::PolicyMalformed,
        "unknown `kind`",
        &format!("one of {}", kinds.join(", ")),
        &format!("`{kind}`"),
    );
    problem.position.file = String::new();
    problem
}

#[cfg(test)]
mod tests;
