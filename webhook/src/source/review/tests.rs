use serde_json::{Value, json};
use sovverify::Code;

use super::review_document;

fn object(kind: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": "x", "namespace": "team", "uid": "u", "managedFields": []},
        "spec": spec,
        "status": {"conditions": []},
    })
}

fn policy(root: &str) -> Value {
    json!({
        "match": {"images": ["a.example/**"]},
        "signers": {"release": {
            "keyless": {"issuer": "https://ci.example", "identity": {"exact": "https://ci.example/a"}},
            "trustRoot": root,
        }},
        "require": [{"name": "signed", "signature": {"by": ["release"]}}],
    })
}

fn reviewed(kind: &str, spec: &Value) -> Result<Vec<String>, Vec<(Code, String)>> {
    review_document(kind, &object(kind, spec), None).map_err(|problems| {
        let told = problems
            .iter()
            .map(|problem| (problem.code, problem.one_line()));
        told.collect()
    })
}

#[test]
fn honest_documents_of_every_kind_are_taken() {
    let envelope = json!({"payloadType": "x"}).to_string();
    let root = json!({"sigstore": {"instance": "public-good"}});
    assert_eq!(reviewed("TrustRoot", &root), Ok(vec![]));
    assert_eq!(
        reviewed("PolicyException", &json!({"signed": envelope})),
        Ok(vec![])
    );
    for kind in ["ClusterImagePolicy", "ImagePolicy"] {
        let warnings = reviewed(kind, &policy("root")).unwrap();
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains("`root` is not loaded yet"),
            "{warnings:?}"
        );
    }
}

#[test]
fn a_trust_root_that_is_loaded_is_not_missed() {
    let key = super::Key {
        kind: super::Kind::TrustRoot,
        namespace: None,
        name: "root".to_owned(),
    };
    let source = super::build::source(&key, &json!({"sigstore": {"instance": "public-good"}}));
    let documents = sovverify::policy::Documents::parse_object(&source).unwrap();
    let none = std::collections::BTreeMap::new();
    let loaded = documents.compile_lenient(&none, &std::collections::BTreeMap::new());
    let loaded = loaded.unwrap().policies;
    let policy = object("ImagePolicy", &policy("root"));
    assert_eq!(
        review_document("ImagePolicy", &policy, Some(&loaded)),
        Ok(vec![])
    );
}

#[test]
fn broken_documents_are_refused_with_line_and_field() {
    let mut nobody = policy("root");
    nobody["require"][0]["signature"]["by"] = json!(["nobody"]);
    let mut file = policy("root");
    file["signers"]["release"] = json!({"key": {"file": "k.pub"}, "trustRoot": "none"});
    for (kind, spec, code, told) in [
        (
            "ClusterImagePolicy",
            nobody,
            Code::PolicyInvalid,
            "`spec.require[0].signature.by[0]`",
        ),
        (
            "ImagePolicy",
            file,
            Code::PolicyInvalid,
            "`spec.signers.release.key.file`",
        ),
        (
            "ImagePolicy",
            json!({"extra": 1}),
            Code::PolicyMalformed,
            "field `spec",
        ),
        (
            "TrustRoot",
            json!({}),
            Code::PolicyMalformed,
            "missing field `sigstore`",
        ),
        (
            "TrustRoot",
            json!({"sigstore": {}}),
            Code::PolicyInvalid,
            "field `spec",
        ),
        (
            "PolicyException",
            json!({"signed": " ".repeat(700_000)}),
            Code::LimitExceeded,
            "at most 655360 bytes",
        ),
        (
            "PolicyException",
            json!({"images": []}),
            Code::ExceptionUnsigned,
            "`spec.signed`",
        ),
        (
            "Configuration",
            json!({}),
            Code::PolicyMalformed,
            "one of TrustRoot",
        ),
    ] {
        let problems = reviewed(kind, &spec).unwrap_err();
        let (found, line) = &problems[0];
        assert_eq!(*found, code, "{kind}: {line}");
        assert!(line.contains(told), "{kind}: {line}");
    }
}
