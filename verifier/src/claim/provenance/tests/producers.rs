//! What other producers write, and where each names the source.

use super::*;

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
