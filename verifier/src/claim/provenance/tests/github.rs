//! What the workflows of GitHub write, by each of their generators.

use super::*;

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
