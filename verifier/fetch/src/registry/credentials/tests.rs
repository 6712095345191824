use super::*;
use crate::config::{ExplicitCredential, NamedDocument, Secret};

fn sources(document: &str) -> CredentialSources {
    CredentialSources {
        documents: vec![NamedDocument {
            source: "secret team-a/pull".into(),
            content: Secret::new(document),
        }],
        ..CredentialSources::default()
    }
}

async fn all(
    keyring: &Keyring,
    name: &str,
    limits: &FetchLimits,
) -> Result<Vec<Option<Credential>>, FetchError> {
    let (registry, repository) = name.split_once('/').unwrap();
    let mut found = Vec::new();
    for choice in keyring.choices(registry, repository, limits).await? {
        found.push(match choice.candidate() {
            Candidate::Ready(credential) => Some(credential.clone()),
            Candidate::Helper { program, server } => choice.helper(program, server, limits).await?,
            Candidate::Token(source) => panic!("{}", source.name()),
        });
    }
    Ok(found)
}

/// What is tried first.
async fn find(sources: &CredentialSources, name: &str) -> Result<Option<Credential>, FetchError> {
    let found = all(
        &Keyring::new(sources.clone()),
        name,
        &FetchLimits::default(),
    )
    .await?;
    Ok(found.into_iter().flatten().next())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "compared with what was or was not found"
)]
fn password(username: &str, password: &str) -> Option<Credential> {
    Some(Credential::Password {
        username: username.into(),
        password: Secret::new(password),
    })
}

#[tokio::test]
async fn a_credential_belongs_to_exactly_one_host_and_the_longest_path() {
    let document = r#"{"auths":{
        "ghcr.io": {"auth":"Z2g6cHc="},
        "registry.example:5000/team": {"username":"team","password":"pw"},
        "registry.example:5000": {"username":"all","password":"pw"},
        "https://index.docker.io/v1/": {"username":"hub","password":"pw"},
        "token.example": {"identitytoken":"refresh", "auth":"eDp5"},
        "access.example": {"registrytoken":"access"},
        "empty.example": {}
    }}"#;
    let sources = sources(document);
    for (name, expected) in [
        ("ghcr.io/a", password("gh", "pw")),
        ("cr.io/a", None),
        ("xghcr.io/a", None),
        ("ghcr.io.evil.example/a", None),
        ("ghcr.io:444/a", None),
        ("registry.example:5000/team/app", password("team", "pw")),
        ("registry.example:5000/team", password("team", "pw")),
        ("registry.example:5000/teamwork", password("all", "pw")),
        ("registry.example/team/app", None),
        ("docker.io/library/nginx", password("hub", "pw")),
        (
            "token.example/a",
            Some(Credential::Identity(Secret::new("refresh"))),
        ),
        (
            "access.example/a",
            Some(Credential::Access(Secret::new("access"))),
        ),
        ("empty.example/a", None),
    ] {
        assert_eq!(find(&sources, name).await.unwrap(), expected, "{name}");
    }
}

#[tokio::test]
async fn what_the_caller_holds_wins_over_files() {
    let mut sources =
        sources(r#"{"auths":{"registry.example":{"username":"file","password":"pw"}}}"#);
    sources.explicit.push(ExplicitCredential {
        scope: "registry.example/team".into(),
        username: "caller".into(),
        password: Secret::new("pw"),
    });
    assert_eq!(
        find(&sources, "registry.example/team/a").await.unwrap(),
        password("caller", "pw")
    );
    assert_eq!(
        find(&sources, "registry.example/a").await.unwrap(),
        password("file", "pw")
    );
}

#[tokio::test]
async fn files_that_cannot_be_used_are_errors_without_their_secrets() {
    for document in [
        "{",
        "[7]",
        r#"{"auths":"hunter2"}"#,
        r#"{"auths":{"registry.example":{"auth":"aHVudGVyMg=="}}}"#,
        r#"{"auths":{"registry.example":{"auth":"hunter2!"}}}"#,
        r#"{"auths":{"registry.example":{"username":["hunter2"]}}}"#,
    ] {
        let error = find(&sources(document), "registry.example/a")
            .await
            .unwrap_err();
        assert_eq!(
            error.code().name(),
            "registry/credentials-unusable",
            "{document}"
        );
        let shown = format!("{error} {error:?} {} {}", error.expected(), error.found());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let absent = |file: fn(std::path::PathBuf) -> CredentialFile| CredentialSources {
        files: vec![file("/absent/config.json".into())],
        ..CredentialSources::default()
    };
    assert!(
        find(&absent(CredentialFile::IfPresent), "r.example/a")
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        find(&absent(CredentialFile::Required), "r.example/a")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn pull_secrets_are_read_as_the_kubelet_reads_them() {
    let document = r#"{"auths":{
        "*.example": {"username":"wild","password":"pw"},
        "registry.example": {"username":"host","password":"pw"},
        "registry.example/team": {"username":"team","password":"pw"}
    }, "credHelpers": {"registry.example": "steal"}, "credsStore": "steal"}"#;
    let second = r#"{"auths":{"registry.example": {"username":"second","password":"pw"}}}"#;
    let own = r#"{"auths":{"registry.example": {"username":"own","password":"pw"}}}"#;
    let mut tenant = sources(document);
    tenant.documents.extend(sources(second).documents);
    let keyring = Keyring::new(sources(own)).with(tenant);
    let limits = FetchLimits::default();
    let found = all(&keyring, "registry.example/team/app", &limits);
    assert_eq!(
        found.await.unwrap(),
        ["team", "host", "wild", "second", "own"].map(|name| password(name, "pw"))
    );
    // Nothing fits, and no helper is asked.
    let found = all(&keyring, "other.test/app", &limits);
    assert_eq!(found.await.unwrap(), []);
}

#[tokio::test]
async fn a_document_of_credentials_has_a_bound() {
    let document = r#"{"auths":{"registry.example": {"username":"a","password":"pw"}}}"#;
    let length = u64::try_from(document.len()).unwrap();
    for (credential_bytes, is_taken) in [(length, true), (length - 1, false)] {
        let limits = FetchLimits {
            credential_bytes,
            ..FetchLimits::default()
        };
        let keyring = Keyring::new(sources(document));
        let found = all(&keyring, "registry.example/a", &limits).await;
        let code = found.as_ref().err().map(|error| error.code().name());
        let expected = (!is_taken).then_some("registry/credentials-unusable");
        assert_eq!(code, expected, "{credential_bytes}");
    }
}

#[tokio::test]
async fn more_credentials_than_anybody_needs_are_refused() {
    let document = r#"{"auths":{"registry.example": {"username":"a","password":"pw"}}}"#;
    let mut many = sources(document);
    while many.documents.len() <= MAX_CANDIDATES {
        many.documents.extend(sources(document).documents);
    }
    let error = find(&many, "registry.example/a").await.unwrap_err();
    assert_eq!(error.code().name(), "registry/credentials-unusable");
    many.documents.pop();
    assert!(find(&many, "registry.example/a").await.is_ok());
}

#[tokio::test]
async fn a_broken_pull_secret_is_named_and_not_shown() {
    let error = find(&sources("{\"auths\": hunter2"), "registry.example/a")
        .await
        .unwrap_err();
    assert_eq!(error.code().name(), "registry/credentials-unusable");
    assert_eq!(error.place(), "secret team-a/pull");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[test]
fn keyrings_are_told_apart_by_what_is_in_them() {
    let own = Keyring::new(CredentialSources::default());
    let one = own.with(sources("{}"));
    assert_eq!(one.id(), own.with(sources("{}")).id());
    assert_ne!(one.id(), own.with(sources("{ }")).id());
    assert_ne!(one.id(), own.id());
    assert_ne!(one.id(), one.with(sources("{}")).id());
    assert_eq!(own.with(CredentialSources::default()).id(), own.id());
}

#[cfg(unix)]
mod helpers {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use super::*;

    fn with_helper(script: &str, document: &str) -> (tempfile::TempDir, CredentialSources) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("docker-credential-test");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let file = dir.path().join("config.json");
        fs::write(&file, document).unwrap();
        let mut sources = CredentialSources {
            files: vec![CredentialFile::Required(file)],
            ..CredentialSources::default()
        };
        sources.helper_directories = vec!["relative".into(), "/absent".into(), dir.path().into()];
        (dir, sources)
    }

    const HELPERS: &str = r#"{"credHelpers":{"registry.example":"test"}}"#;
    const STORE: &str = r#"{"credsStore":"test","auths":{"docker.io":{}}}"#;

    #[tokio::test]
    async fn a_helper_is_asked_for_the_server_it_knows() {
        let script = r#"test "$1" = get || exit 9; read server; printf '{"ServerURL":"","Username":"%s","Secret":"pw"}' "$server""#;
        let (_dir, sources) = with_helper(script, HELPERS);
        let found = find(&sources, "registry.example/a").await.unwrap();
        assert_eq!(found, password("registry.example", "pw"));
        assert_eq!(find(&sources, "other.example/a").await.unwrap(), None);
        let (_dir, sources) = with_helper(script, STORE);
        let found = find(&sources, "docker.io/library/a").await.unwrap();
        assert_eq!(found, password("https://index.docker.io/v1/", "pw"));
        let (_dir, sources) = with_helper(
            r#"echo '{"Username":"<token>","Secret":"refresh"}'"#,
            HELPERS,
        );
        let found = find(&sources, "registry.example/a").await.unwrap();
        assert_eq!(found, Some(Credential::Identity(Secret::new("refresh"))));
    }

    #[tokio::test]
    async fn a_helper_that_has_nothing_is_no_error_and_one_that_fails_is() {
        let nothing = "echo 'credentials not found in native keychain'; exit 1";
        let (_dir, sources) = with_helper(nothing, HELPERS);
        assert_eq!(find(&sources, "registry.example/a").await.unwrap(), None);
        let endless = "while :; do echo hunter2hunter2hunter2hunter2hunter2hunter2; done";
        for script in [
            "exit 1",
            "echo hunter2; exit 3",
            "echo hunter2",
            "echo '{\"Username\":\"hunter2\"}'",
            endless,
        ] {
            let (_dir, sources) = with_helper(script, HELPERS);
            let error = find(&sources, "registry.example/a").await.unwrap_err();
            assert_eq!(
                error.code().name(),
                "registry/credentials-unusable",
                "{script}"
            );
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_a_helper_may_answer_has_a_bound() {
        let answer = "{\"Username\":\"u\",\"Secret\":\"hunter2\"}";
        let (_dir, sources) = with_helper(&format!("printf '{answer}'"), HELPERS);
        let keyring = Keyring::new(sources);
        let length = u64::try_from(answer.len()).unwrap();
        for (helper_bytes, is_taken) in [(length, true), (length - 1, false)] {
            let limits = FetchLimits {
                helper_bytes,
                ..FetchLimits::default()
            };
            let found = all(&keyring, "registry.example/a", &limits).await;
            let code = found.as_ref().err().map(|error| error.code().name());
            let expected = (!is_taken).then_some("registry/credentials-unusable");
            assert_eq!(code, expected, "{helper_bytes}");
        }
    }

    #[tokio::test]
    async fn a_helper_that_hangs_is_stopped() {
        let (_dir, sources) = with_helper("while :; do :; done", HELPERS);
        let limits = FetchLimits {
            helper_time: Duration::from_millis(50),
            ..FetchLimits::default()
        };
        let keyring = Keyring::new(sources);
        let found = all(&keyring, "registry.example/a", &limits);
        assert!(found.await.unwrap_err().to_string().contains("helper_time"));
    }

    #[tokio::test]
    async fn a_helper_is_found_by_plain_name_in_absolute_directories_only() {
        for name in ["../test", "a/b", "", "te st", "absent"] {
            let document = format!(r#"{{"credHelpers":{{"registry.example":"{name}"}}}}"#);
            let (_dir, sources) = with_helper("exit 0", &document);
            let error = find(&sources, "registry.example/a").await.unwrap_err();
            assert_eq!(
                error.code().name(),
                "registry/credentials-unusable",
                "{name}"
            );
        }
        let (_dir, mut sources) = with_helper("exit 0", HELPERS);
        sources.helper_directories.clear();
        assert!(find(&sources, "registry.example/a").await.is_err());
    }
}
