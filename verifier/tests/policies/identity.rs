//! A policy's digest is its meaning: how it is written does not matter, what it says does.

use std::collections::BTreeMap;

use sovverify::policy::{Documents, PolicySet, Source};

const POLICY: &str = r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: { name: public-good }
spec:
  sigstore: { instance: public-good }
  require: { log: 1, timestamp: 1 }
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: { name: production }
spec:
  match: { images: ["registry.example/a/**", "registry.example/b/**"] }
  mode: enforce
  platforms: [linux/amd64, linux/arm64]
  signers:
    release:
      keyless:
        issuer: https://issuer.example
        identity: { glob: "https://ci.example/*/release@v*" }
        claims: { runnerEnvironment: hosted, buildTrigger: push }
      trustRoot: public-good
    other:
      keyless:
        issuer: https://issuer.example
        identity: { exact: "ada@example", type: email }
      trustRoot: public-good
  require:
    - name: signed
      on: index
      signature: { by: [release, other], atLeast: 1 }
"#;

fn compile(text: &str) -> PolicySet {
    let file = "policy.yaml".to_owned();
    let text = text.to_owned();
    let documents = Documents::parse(&[Source { file, text }]).unwrap();
    documents
        .compile(&BTreeMap::new())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn digest(text: &str) -> String {
    compile(text)
        .policies()
        .first()
        .unwrap()
        .digest()
        .to_string()
}

#[test]
fn how_a_policy_is_written_does_not_matter() {
    let original = digest(POLICY);
    for (from, to) in [
        (
            "metadata: { name: production }",
            "# a comment\nmetadata:   {name: \"production\"}",
        ),
        (
            r#"["registry.example/a/**", "registry.example/b/**"]"#,
            r#"["registry.example/b/**", "registry.example/a/**"]"#,
        ),
        ("  mode: enforce\n", ""),
        (
            "[linux/amd64, linux/arm64]",
            "[linux/arm64/v8, linux/amd64]",
        ),
        (
            "issuer: https://issuer.example\n        identity: { glob",
            "issuer: { exact: https://issuer.example }\n        identity: { glob",
        ),
        ("[release, other], atLeast: 1", "[other, release]"),
        ("  require: { log: 1, timestamp: 1 }\n", ""),
        (
            "{ runnerEnvironment: hosted, buildTrigger: push }",
            "{ buildTrigger: push, runnerEnvironment: hosted }",
        ),
    ] {
        assert!(POLICY.contains(from), "{from}");
        assert_eq!(digest(&POLICY.replacen(from, to, 1)), original, "{to}");
    }
}

#[test]
fn whatever_a_policy_says_matters() {
    let original = digest(POLICY);
    for (from, to) in [
        (
            "metadata: { name: production }",
            "metadata: { name: production2 }",
        ),
        ("registry.example/b/**", "registry.example/c/**"),
        ("mode: enforce", "mode: warn"),
        ("linux/arm64]", "linux/s390x]"),
        (
            "issuer: https://issuer.example",
            "issuer: https://issuer2.example",
        ),
        ("glob: \"https", "regex: \"https"),
        ("release@v*", "release@*"),
        ("buildTrigger: push", "buildTrigger: tag"),
        ("type: email", "type: uri"),
        (", type: email", ""),
        ("on: index", "on: any"),
        ("atLeast: 1", "atLeast: 2"),
        ("[release, other]", "[release]"),
        ("name: signed", "name: signed-twice"),
        ("log: 1", "log: 2"),
        ("instance: public-good", "instance: staging"),
        (
            "spec:\n  sigstore",
            "spec:\n  algorithms: fips-140-3\n  sigstore",
        ),
        (
            "spec:\n  sigstore",
            "spec:\n  expires: 2030-01-01T00:00:00Z\n  sigstore",
        ),
        (
            "kind: ClusterImagePolicy\nmetadata: { name: production }",
            "kind: ImagePolicy\nmetadata: { name: production, namespace: a }",
        ),
    ] {
        assert!(POLICY.contains(from), "{from}");
        assert_ne!(digest(&POLICY.replacen(from, to, 1)), original, "{to}");
    }
}

#[test]
fn anchors_are_shared_by_signers_that_share_a_trust_root() {
    assert_eq!(compile(POLICY).trust_store().iter().count(), 1);
}
