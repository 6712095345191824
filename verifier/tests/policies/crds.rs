//! Definitions for a cluster, and what their rules say beside what compiling says. That a real API server
//! takes the definitions, and refuses what is in the table, is for the end-to-end tests to say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sovverify::policy::{Diagnostic, Diagnostics, Documents, PolicySet, Source, crds, crds_yaml};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An object of the table, and what its head says about it.
struct Entry {
    name: String,
    source: Source,
    heads: BTreeMap<String, String>,
}

fn table(folder: &str) -> Vec<Entry> {
    let directory = root().join("testdata/crd").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| entry(file)).collect()
}

fn entry(file: &Path) -> Entry {
    let text = fs::read_to_string(file).unwrap();
    let heads = text.lines().map_while(|line| line.strip_prefix("# "));
    let heads = heads.map(|head| {
        let (name, part) = head.split_once(": ").unwrap();
        (name.to_owned(), part.to_owned())
    });
    Entry {
        name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        heads: heads.collect(),
        source: Source {
            file: file.display().to_string(),
            text,
        },
    }
}

/// What compiling says about an object beside a trust root that it may name.
fn compiled(source: &Source) -> Result<PolicySet, Diagnostics> {
    let others = r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: { name: public-good }
spec: { sigstore: { instance: public-good } }
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: { name: beside }
spec:
  match: { images: ["**"] }
  signers:
    release:
      keyless: { issuer: https://issuer.example, identity: "https://ci.example/release" }
      trustRoot: public-good
  require: [{ name: signed, signature: { by: [release] } }]
"#;
    let others = Source {
        file: "others.yaml".into(),
        text: others.into(),
    };
    let documents = Documents::join([
        Documents::parse(&[others]).unwrap(),
        Documents::parse_object(source)?,
    ])?;
    documents.compile(&BTreeMap::new())
}

#[test]
fn what_an_api_server_admits_compiles() {
    let good = table("good");
    assert!(good.len() > 5);
    for Entry { name, source, .. } in good {
        // A signed exception is no document that is compiled.
        if !source.text.contains("kind: PolicyException") {
            compiled(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn what_an_api_server_refuses_does_not_compile_and_for_the_same_reason() {
    let mut count = 0;
    for folder in ["bad", "status"] {
        for Entry {
            name,
            source,
            heads,
        } in table(folder)
        {
            let Err(problems) = compiled(&source) else {
                panic!("{folder}/{name}: it compiles");
            };
            let wanted = &heads["lint"];
            let said: Vec<String> = problems.iter().map(Diagnostic::one_line).collect();
            assert!(
                said.iter().any(|line| line.contains(wanted)),
                "{folder}/{name}: expected `{wanted}`, found {said:#?}"
            );
            assert_eq!(heads.contains_key("api"), folder == "bad", "{name}");
            count += 1;
        }
    }
    assert!(count > 90, "{count}");
}

/// Every rule in CEL below `schema`, with its message.
fn rules<'a>(schema: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match schema {
        Value::Object(map) => {
            for rule in map
                .get("x-kubernetes-validations")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let text = |name: &str| rule[name].as_str().unwrap();
                found.push((text("rule"), text("message")));
            }
            map.values().for_each(|part| rules(part, found));
        }
        Value::Array(list) => list.iter().for_each(|part| rules(part, found)),
        _ => {}
    }
}

#[test]
fn every_rule_has_a_message_and_an_object_that_it_refuses() {
    let crds = crds();
    let mut all = Vec::new();
    for crd in &crds {
        rules(crd, &mut all);
    }
    let refused: Vec<String> = table("bad")
        .iter()
        .map(|entry| entry.heads["api"].clone())
        .collect();
    let messages: BTreeSet<&str> = all.iter().map(|(_, message)| *message).collect();
    assert!(messages.len() > 40, "{}", messages.len());
    let untried: Vec<_> = messages
        .iter()
        .filter(|message| !refused.iter().any(|part| message.contains(part.as_str())))
        .collect();
    assert!(untried.is_empty(), "{untried:#?}");
}

/// What of `schema` is not structural (Kubernetes, "Specifying a structural schema").
fn complaints(schema: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(map) = schema else {
        found.push(format!("{at}: no schema"));
        return;
    };
    for keyword in ["$ref", "$defs", "oneOf", "const", "definitions", "nullable"] {
        if map.contains_key(keyword) {
            found.push(format!("{at}: {keyword}"));
        }
    }
    let untyped = map.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    match map.get("type") {
        Some(Value::String(_)) => {}
        None if untyped => {}
        other => found.push(format!("{at}: type {other:?}")),
    }
    let kind = map.get("type").and_then(Value::as_str);
    let bounded = |keywords: &[&str]| keywords.iter().any(|keyword| map.contains_key(*keyword));
    let in_spec = at.contains("/spec");
    match kind {
        Some("string") if in_spec && !bounded(&["maxLength", "enum", "format"]) => {
            found.push(format!("{at}: a text of any length"));
        }
        Some("array") if !bounded(&["maxItems"]) => {
            found.push(format!("{at}: a list of any length"));
        }
        Some("object")
            if map.contains_key("additionalProperties") && !bounded(&["maxProperties"]) =>
        {
            found.push(format!("{at}: a map of any size"));
        }
        Some("object") if in_spec && map.contains_key("properties") && !untyped => {
            found.push(format!("{at}: unknown fields are dropped"));
        }
        _ => {}
    }
    let named = map.get("properties").and_then(Value::as_object);
    for (name, part) in named.into_iter().flatten() {
        complaints(part, &format!("{at}/{name}"), found);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(part) = map.get(name) {
            complaints(part, &format!("{at}/{name}"), found);
        }
    }
}

#[test]
fn schemas_are_structural_bounded_and_drop_nothing() {
    let crds = crds();
    let names: Vec<&str> = crds
        .iter()
        .map(|crd| crd["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "clusterimagepolicies.policy.sovverify.dev",
            "imagepolicies.policy.sovverify.dev",
            "policyexceptions.policy.sovverify.dev",
            "trustroots.policy.sovverify.dev"
        ]
    );
    for crd in &crds {
        let version = &crd["spec"]["versions"][0];
        let schema = &version["schema"]["openAPIV3Schema"];
        let mut found = Vec::new();
        complaints(schema, "", &mut found);
        assert!(found.is_empty(), "{found:#?}");
        assert!(version["subresources"]["status"].is_object());
        // `kubectl apply` keeps the whole definition in an annotation of at most 256 KiB.
        assert!(crd.to_string().len() < 200 * 1024);
    }
}

/// `SOVVERIFY_BLESS=1` writes the file anew.
#[test]
fn the_definitions_that_are_installed_are_those_of_the_types() {
    let file = root().join("deploy/kustomize/base/crds.yaml");
    let written = crds_yaml();
    if std::env::var_os("SOVVERIFY_BLESS").is_some() {
        fs::write(&file, &written).unwrap();
    }
    let installed = fs::read_to_string(&file).unwrap();
    assert!(
        installed == written,
        "expected the output of `sovverify policy crds` in {}",
        file.display()
    );
}

#[test]
fn the_yaml_of_the_definitions_is_their_json() {
    let text = crds_yaml();
    let read: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    assert_eq!(read, crds());
}
