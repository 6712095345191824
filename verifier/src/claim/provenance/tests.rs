#![expect(
    clippy::needless_pass_by_value,
    reason = "documents are written where they are read"
)]

mod github;
mod producers;

use serde_json::json;

use super::*;

const REPOSITORY: &str = "git+https://github.com/acme/app";
const COMMIT: &str = "4d329c75e7ec1725f7c9ce917a8799d408d06be3";

fn v1(definition: Value, run: Value) -> Provenance {
    let mut run = run;
    if run.get("builder").is_none() {
        run["builder"] = json!({ "id": "https://builder.example" });
    }
    let predicate = json!({ "buildDefinition": definition, "runDetails": run });
    Provenance::read(PROVENANCE_V1, &predicate.to_string()).unwrap()
}

fn v0_2(predicate: Value) -> Provenance {
    let mut predicate = predicate;
    if predicate.get("builder").is_none() {
        predicate["builder"] = json!({ "id": "https://builder.example" });
    }
    Provenance::read(PROVENANCE_V0_2, &predicate.to_string()).unwrap()
}

fn source(provenance: &Provenance) -> (&str, Option<&str>, Option<&str>) {
    let source = provenance.source.as_ref().expect("a source");
    (&source.uri, source.reference.as_deref(), source.commit())
}

fn error(predicate_type: &str, predicate: &str) -> ContentError {
    Provenance::read(predicate_type, predicate).unwrap_err()
}

#[test]
fn a_predicate_of_another_version_is_a_mismatch() {
    let v1 = r#"{"buildDefinition":{"buildType":"x"},"runDetails":{"builder":{"id":"b"}}}"#;
    let v0_2 = r#"{"builder":{"id":"b"},"buildType":"x"}"#;
    let v0_1 = r#"{"builder":{"id":"b"},"recipe":{"type":"x"}}"#;
    let all = [
        (PROVENANCE_V1, v1),
        (PROVENANCE_V0_2, v0_2),
        (PROVENANCE_V0_1, v0_1),
    ];
    for (own, _) in all {
        for (of, predicate) in all {
            let read = Provenance::read(own, predicate);
            if own == of {
                assert_eq!(&*read.unwrap().build_type, "x");
            } else {
                assert_eq!(
                    read.unwrap_err().code,
                    Code::AttestationPredicateMismatch,
                    "{own} {of}"
                );
            }
        }
    }
    let error = error("https://slsa.dev/provenance/v9", v1);
    assert_eq!(error.code, Code::AttestationPredicateMismatch);
    assert!(!Provenance::is_type("https://slsa.dev/provenance/v9"));
}

#[test]
fn a_predicate_without_shape_is_malformed() {
    for (predicate_type, predicate) in [
        (PROVENANCE_V1, "{}"),
        (PROVENANCE_V1, "null"),
        (PROVENANCE_V1, "[]"),
        (PROVENANCE_V1, ""),
        (PROVENANCE_V1, r#"{"buildDefinition":{"buildType":"x"}}"#),
        (
            PROVENANCE_V1,
            r#"{"buildDefinition":{},"runDetails":{"builder":{"id":"b"}}}"#,
        ),
        (
            PROVENANCE_V1,
            r#"{"buildDefinition":{"buildType":"x"},"runDetails":{"builder":{}}}"#,
        ),
        (
            PROVENANCE_V1,
            r#"{"buildDefinition":{"buildType":"x"},"runDetails":{"builder":{"id":"b"},"metadata":{"finishedOn":"soon"}}}"#,
        ),
        (
            PROVENANCE_V1,
            r#"{"buildDefinition":{"buildType":"x"},"runDetails":{"builder":{"id":"a","id":"b"}}}"#,
        ),
        (PROVENANCE_V0_2, r#"{"builder":{"id":"b"},"invocation":{}}"#),
        (PROVENANCE_V0_2, r#"{"buildType":"x"}"#),
        (PROVENANCE_V0_1, r#"{"builder":{"id":"b"},"recipe":{}}"#),
        (PROVENANCE_V0_1, r#"{"builder":{"id":"b"}}"#),
    ] {
        let error = error(predicate_type, predicate);
        assert_eq!(
            error.code,
            Code::AttestationPredicateMalformed,
            "{predicate}: {error}"
        );
    }
}

#[test]
fn what_nobody_builds_from_reaches_a_limit() {
    let build = |dependencies: Vec<Value>, versions: &BTreeMap<String, &str>| {
        let predicate = json!({
            "buildDefinition": { "buildType": "x", "resolvedDependencies": dependencies },
            "runDetails": { "builder": { "id": "b", "version": versions } },
        });
        let read = Provenance::read(PROVENANCE_V1, &predicate.to_string());
        read.map(|_| ()).map_err(|error| error.code)
    };
    let named = |count: usize| -> BTreeMap<String, &str> {
        (0..count).map(|n| (format!("n{n}"), "0")).collect()
    };
    let one = json!({ "uri": "pkg:generic/x" });
    let none = named(0);
    for (more, expected) in [(0, Ok(())), (1, Err(Code::LimitExceeded))] {
        for dependencies in [
            vec![one.clone(); MAX_DEPENDENCIES + more],
            vec![json!({ "uri": "u", "digest": named(MAX_DIGESTS + more) })],
            vec![json!({ "uri": "a".repeat(MAX_TEXT + more) })],
            vec![json!({ "uri": "u", "digest": { "x": "a".repeat(MAX_TEXT + more) } })],
        ] {
            assert_eq!(build(dependencies, &none), expected);
        }
        let versions = named(MAX_BUILDER_VERSIONS + more);
        assert_eq!(build(vec![one.clone()], &versions), expected);
    }
}
