#![expect(
    clippy::needless_pass_by_value,
    reason = "documents are written where they are read"
)]

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

/// What slsa-github-generator writes for a workflow at `reference`.
fn generator(reference: &str, environment: Value) -> Provenance {
    let uri = format!("{REPOSITORY}@{reference}");
    v0_2(json!({
        "builder": { "id": "https://github.com/acme/b/.github/workflows/b.yml@refs/tags/v1.2.3" },
        "buildType": "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
        "invocation": {
            "configSource": { "uri": uri, "digest": { "sha1": COMMIT }, "entryPoint": ".github/workflows/release.yml" },
            "parameters": {},
            "environment": environment,
        },
        "metadata": {
            "buildInvocationID": "1-1",
            "completeness": { "parameters": true, "environment": false, "materials": false },
            "reproducible": false,
        },
        "materials": [
            { "uri": uri, "digest": { "sha1": COMMIT } },
            { "uri": "https://github.com/actions/virtual-environments/releases/tag/ubuntu22" },
        ],
    }))
}

#[test]
fn slsa_github_generator_names_source_and_trigger() {
    let provenance = generator("refs/heads/main", json!({}));
    assert_eq!(
        source(&provenance),
        (REPOSITORY, Some("refs/heads/main"), Some(COMMIT))
    );
    assert_eq!(
        provenance.trigger.as_ref().unwrap().kind,
        SourceKind::Configuration
    );
    assert_eq!(provenance.branch(), Some("main"));
    assert_eq!(provenance.tag(), None);
    assert_eq!(
        provenance.entry_point.as_deref(),
        Some(".github/workflows/release.yml")
    );
    assert_eq!(provenance.invocation_id.as_deref(), Some("1-1"));
    assert_eq!(provenance.reproducible, Some(false));
    assert!(provenance.completeness.unwrap().parameters);
    assert_eq!(provenance.dependencies.len(), 2);
    assert!(provenance.is_from("github.com/acme/app"));
    assert!(!provenance.is_from("github.com/acme/application"));
    assert!(provenance.is_built_by("https://github.com/acme/b/.github/workflows/b.yml@v1.2.3"));
    assert!(!provenance.is_built_by("https://github.com/acme/b/.github/workflows/c.yml"));
}

#[test]
fn a_tag_has_the_branch_that_its_event_names() {
    let pushed = json!({ "github_event_name": "push", "github_base_ref": "",
        "github_event_payload": { "base_ref": "refs/heads/main" } });
    let released = json!({ "GITHUB_EVENT_NAME": "release", "GITHUB_BASE_REF": "",
        "GITHUB_EVENT_PAYLOAD": { "release": { "target_commitish": "main" } } });
    for environment in [pushed, released] {
        let provenance = generator("refs/tags/v14.2", environment);
        assert_eq!(provenance.tag(), Some("v14.2"));
        assert_eq!(provenance.branch(), Some("main"));
    }
    let commit = json!({ "github_event_name": "push", "github_base_ref": "",
        "github_event_payload": { "base_ref": null } });
    for environment in [
        commit,
        json!({}),
        json!({ "github_event_name": "schedule" }),
    ] {
        assert_eq!(generator("refs/tags/v14.2", environment).branch(), None);
    }
    let other = json!({ "github_event_name": "push", "github_event_payload": { "base_ref": "refs/heads/main" } });
    assert_eq!(generator("refs/pull/1/merge", other).branch(), None);
}

#[test]
fn a_build_that_contradicts_itself_is_from_nowhere() {
    let mut lying = generator("refs/heads/main", json!({}));
    lying.trigger.as_mut().unwrap().uri = "git+https://github.com/evil/app".into();
    assert!(!lying.is_from("github.com/acme/app"));
    assert!(!lying.is_from("github.com/evil/app"));
    let mut lying = generator("refs/heads/main", json!({}));
    lying.trigger.as_mut().unwrap().reference = Some("refs/heads/evil".into());
    assert_eq!((lying.reference(), lying.branch()), (None, None));
}

#[test]
fn inputs_of_a_workflow_started_by_hand_are_parameters() {
    let event = |name: &str| {
        let environment = json!({ "github_event_name": name,
            "github_event_payload": { "inputs": { "version": "1" } } });
        generator("refs/heads/main", environment).external_parameters
    };
    assert_eq!(event("workflow_dispatch")["inputs"]["version"], "1");
    assert_eq!(event("push").get("inputs"), None);
}

#[test]
fn a_delegated_build_has_the_reference_of_its_dependency_alone() {
    let delegated = |uri: &str| {
        v1(
            json!({
                "buildType": "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
                "externalParameters": { "inputs": {}, "vars": {} },
                "internalParameters": {
                    "GITHUB_WORKFLOW_REF": "acme/app/.github/workflows/release.yml@refs/tags/v1.0.0",
                },
                "resolvedDependencies": [{ "uri": uri, "digest": { "sha1": COMMIT } }],
            }),
            json!({}),
        )
    };
    let honest = delegated("git+https://github.com/acme/app@refs/tags/v1.0.0");
    assert_eq!(honest.tag(), Some("v1.0.0"));
    assert_eq!(
        honest.entry_point.as_deref(),
        Some(".github/workflows/release.yml")
    );
    assert!(honest.is_from("github.com/acme/app"));
    // The release itself made a commit: the tag that started it is not what was built.
    let committed = delegated("git+https://github.com/acme/app");
    assert!(committed.is_from("github.com/acme/app"));
    assert_eq!(committed.tag(), None);
    let other = delegated("git+https://github.com/evil/app@refs/tags/v1.0.0");
    assert!(!other.is_from("github.com/acme/app") && !other.is_from("github.com/evil/app"));
}

#[test]
fn github_and_npm_name_the_workflow() {
    for build_type in [
        "https://actions.github.io/buildtypes/workflow/v1",
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    ] {
        let provenance = v1(
            json!({
                "buildType": build_type,
                "externalParameters": { "workflow": {
                    "ref": "refs/heads/main",
                    "repository": "https://github.com/acme/app",
                    "path": ".github/workflows/release.yml",
                } },
                "resolvedDependencies": [{
                    "uri": "git+https://github.com/acme/app@refs/heads/main",
                    "digest": { "gitCommit": COMMIT },
                }],
            }),
            json!({ "metadata": {
                "invocationId": "https://github.com/acme/app/actions/runs/1/attempts/1",
                "startedOn": "2026-01-02T03:04:05Z",
                "finishedOn": "2026-01-02T04:04:05+01:00",
            } }),
        );
        assert_eq!(
            source(&provenance),
            (REPOSITORY, Some("refs/heads/main"), Some(COMMIT))
        );
        assert!(provenance.is_from("github.com/acme/app"));
        assert_eq!(provenance.branch(), Some("main"));
        assert_eq!(
            provenance.entry_point.as_deref(),
            Some(".github/workflows/release.yml")
        );
        assert_eq!(
            provenance.finished.unwrap().to_string(),
            "2026-01-02T03:04:05Z"
        );
    }
}

#[test]
fn gitlab_names_the_source_and_no_reference() {
    let new = v1(
        json!({
            "buildType": "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/18.3.0/PROVENANCE.md",
            "externalParameters": {
                "source": "https://gitlab.com/acme/app",
                "entryPoint": "build-job",
                "variables": { "CI_COMMIT_TAG": "v1.0.0" },
            },
            "resolvedDependencies": [{ "uri": "https://gitlab.com/acme/app", "digest": { "sha256": COMMIT } }],
        }),
        json!({ "metadata": { "invocationID": "7" } }),
    );
    let old = v0_2(json!({
        "buildType": "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/15.0.0/PROVENANCE.md",
        "invocation": {
            "configSource": { "uri": "https://gitlab.com/acme/app", "digest": { "sha256": COMMIT }, "entryPoint": "build-job" },
            "parameters": { "CI_COMMIT_TAG": "v1.0.0" },
        },
        "metadata": { "buildInvocationId": "7" },
        "materials": [],
    }));
    for provenance in [new, old] {
        assert!(provenance.is_from("gitlab.com/acme/app"));
        assert_eq!(
            provenance.source.as_ref().unwrap().digests["sha256"],
            COMMIT
        );
        assert_eq!(provenance.entry_point.as_deref(), Some("build-job"));
        assert_eq!(provenance.invocation_id.as_deref(), Some("7"));
        assert_eq!((provenance.reference(), provenance.tag()), (None, None));
    }
}

#[test]
fn tekton_names_the_source_among_its_inputs() {
    let catalogue = json!({ "uri": "git+https://github.com/tektoncd/catalog.git", "digest": { "sha1": COMMIT }, "name": "pipeline" });
    let input =
        |uri: &str| json!({ "uri": uri, "digest": { "sha1": COMMIT }, "name": "inputs/result" });
    let task = json!({ "uri": "oci://registry.example/task", "digest": { "sha256": COMMIT }, "name": "pipelineTask" });
    let run = |dependencies: Value| {
        let definition = json!({
            "buildType": "https://tekton.dev/chains/v2/slsa-tekton",
            "externalParameters": { "runSpec": {} },
            "resolvedDependencies": dependencies,
        });
        v1(definition, json!({}))
    };
    let app = input("git+https://github.com/acme/app.git");
    let one = run(json!([catalogue, task, app, app]));
    assert!(one.is_from("github.com/acme/app"));
    assert!(!one.is_from("github.com/tektoncd/catalog"));
    let two = run(json!([app, input("git+https://github.com/evil/app.git")]));
    assert_eq!(two.source, None);
    assert!(!two.is_from("github.com/acme/app"));
    assert_eq!(run(json!([catalogue])).source, None);
}

#[test]
fn konflux_names_the_source_among_its_materials() {
    let git = |uri: &str| json!({ "uri": uri, "digest": { "sha1": COMMIT } });
    let bundle = json!({ "uri": "quay.io/konflux/task", "digest": { "sha256": COMMIT } });
    let run = |configuration: Value, materials: Value| {
        v0_2(json!({
            "buildType": "tekton.dev/v1/PipelineRun",
            "invocation": { "configSource": configuration, "parameters": {} },
            "materials": materials,
        }))
    };
    let app = git("git+https://github.com/acme/app.git");
    let catalogue = git("git+https://github.com/acme/catalogue.git");
    assert!(run(json!({}), json!([bundle, app])).is_from("github.com/acme/app"));
    let definition =
        json!({ "uri": "git+https://github.com/acme/catalogue.git", "digest": { "sha1": COMMIT } });
    let both = json!([catalogue, app]);
    assert!(run(definition.clone(), both.clone()).is_from("github.com/acme/app"));
    assert_eq!(run(json!({}), both).source, None);
    let three = json!([catalogue, app, git("git+https://github.com/evil/app.git")]);
    assert_eq!(run(definition, three).source, None);
}

#[test]
fn buildkit_is_believed_about_what_it_fetched_and_not_about_what_it_was_told() {
    let old = |configuration: Value| {
        v0_2(json!({
            "builder": { "id": "" },
            "buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": { "configSource": configuration, "parameters": {} },
            "metadata": { "https://mobyproject.org/buildkit@v1#metadata": { "vcs": {
                "source": "https://github.com/acme/app", "revision": COMMIT } } },
            "materials": [{ "uri": "pkg:docker/alpine@3.20", "digest": { "sha256": COMMIT } }],
        }))
    };
    let new = |configuration: Value| {
        v1(
            json!({
                "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
                "externalParameters": { "configSource": configuration, "request": {} },
            }),
            json!({ "builder": { "id": "" }, "metadata": { "invocationID": "x", "buildkit_metadata": { "vcs": {
                "source": "https://github.com/acme/app", "revision": COMMIT } } } }),
        )
    };
    let fetched = json!({ "uri": "https://github.com/acme/app.git#refs/heads/main", "digest": { "sha1": COMMIT }, "entryPoint": "Dockerfile", "path": "Dockerfile" });
    let sent = json!({ "entryPoint": "Dockerfile", "path": "Dockerfile" });
    for (fetched, sent) in [
        (old(fetched.clone()), old(sent.clone())),
        (new(fetched), new(sent)),
    ] {
        assert!(fetched.is_from("github.com/acme/app"));
        assert_eq!(fetched.branch(), Some("main"));
        assert_eq!(fetched.builder_id, None);
        assert_eq!(fetched.entry_point.as_deref(), Some("Dockerfile"));
        let told = sent.source.as_ref().unwrap();
        assert_eq!(
            (told.kind, told.commit()),
            (SourceKind::Client, Some(COMMIT))
        );
        assert!(!sent.is_from("github.com/acme/app"));
        assert!(!sent.all_sources(|_| true));
    }
}

#[test]
fn cloud_build_names_a_material_or_its_trigger() {
    let old = json!({
        "builder": { "id": "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3" },
        "recipe": {
            "type": "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1",
            "definedInMaterial": 0,
            "entryPoint": "cloudbuild.yaml",
            "arguments": { "substitutions": { "TAG_NAME": "v33.0.4" } },
        },
        "metadata": { "buildInvocationId": "1", "buildStartedOn": "2022-08-17T21:13:28.164Z" },
        "materials": [{ "uri": format!("https://github.com/acme/app/commit/{COMMIT}"), "digest": { "sha1": COMMIT } }],
    });
    let old = Provenance::read(PROVENANCE_V0_1, &old.to_string()).unwrap();
    assert!(old.is_from("github.com/acme/app"));
    assert_eq!(old.tag(), Some("v33.0.4"));
    assert_eq!(old.entry_point.as_deref(), Some("cloudbuild.yaml"));
    let new = v1(
        json!({
            "buildType": "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
            "externalParameters": { "buildConfigSource": {
                "ref": "refs/heads/main", "repository": REPOSITORY, "path": "cloudbuild.yaml" } },
            "resolvedDependencies": [{ "uri": format!("{REPOSITORY}@refs/heads/main"), "digest": { "gitCommit": COMMIT } }],
        }),
        json!({}),
    );
    assert!(new.is_from("github.com/acme/app"));
    assert_eq!(new.branch(), Some("main"));
}

#[test]
fn an_unknown_producer_is_understood_where_only_one_repository_is_named() {
    let build = |dependencies: Value| {
        let definition = json!({ "buildType": "https://build.example/v1", "externalParameters": {},
            "resolvedDependencies": dependencies });
        v1(definition, json!({}))
    };
    let image = json!({ "uri": "pkg:docker/alpine", "digest": { "sha256": COMMIT } });
    let app = json!({ "uri": format!("{REPOSITORY}@{COMMIT}"), "digest": { "gitCommit": COMMIT } });
    let other = json!({ "uri": "git+https://github.com/acme/other" });
    let one = build(json!([image, app]));
    assert_eq!(source(&one), (REPOSITORY, Some(COMMIT), Some(COMMIT)));
    assert_eq!(build(json!([image, app, other])).source, None);
    assert_eq!(build(json!([image])).source, None);
    assert_eq!(build(Value::Null).source, None);
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
    let build = |dependencies: Vec<Value>| {
        let predicate = json!({
            "buildDefinition": { "buildType": "x", "resolvedDependencies": dependencies },
            "runDetails": { "builder": { "id": "b" } },
        });
        Provenance::read(PROVENANCE_V1, &predicate.to_string())
    };
    let one = json!({ "uri": "pkg:generic/x" });
    assert!(build(vec![one.clone(); MAX_DEPENDENCIES]).is_ok());
    let digests: BTreeMap<String, &str> =
        (0..=MAX_DIGESTS).map(|n| (format!("d{n}"), "0")).collect();
    for dependencies in [
        vec![one; MAX_DEPENDENCIES + 1],
        vec![json!({ "digest": digests })],
        vec![json!({ "uri": "a".repeat(MAX_TEXT + 1) })],
    ] {
        assert_eq!(build(dependencies).unwrap_err().code, Code::LimitExceeded);
    }
    let versions: BTreeMap<String, &str> = (0..=MAX_BUILDER_VERSIONS)
        .map(|n| (format!("p{n}"), "0"))
        .collect();
    let predicate = json!({
        "buildDefinition": { "buildType": "x" },
        "runDetails": { "builder": { "id": "b", "version": versions } },
    });
    assert_eq!(
        error(PROVENANCE_V1, &predicate.to_string()).code,
        Code::LimitExceeded
    );
}
