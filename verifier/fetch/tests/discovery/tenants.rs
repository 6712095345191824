//! One discovery for many tenants: each with its own secrets, tokens and scope.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sovverify_fetch::config::CredentialSources;
use sovverify_fetch::{Discovery, FetchConfig, FetchError, Request, ScopeId, ScopeKey};

use crate::content::*;
use crate::evil::*;
use crate::registry::config;
use crate::secrets::secret;

const KEY: &[u8; 32] = b"of this process, and of no other";

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:pw-of-{user}")))
}

fn login(host: &str, user: &str) -> Value {
    json!({"auths": {host: {"username": user, "password": format!("pw-of-{user}")}}})
}

/// The sources of a tenant with one secret for each of `users`.
fn tenant(host: &str, users: &[&str]) -> CredentialSources {
    let documents = users.iter().map(|user| secret(user, &login(host, user)));
    CredentialSources {
        documents: documents.collect(),
        ..CredentialSources::default()
    }
}

async fn ask(discovery: &Discovery, evil: &Evil) -> Result<Vec<String>, FetchError> {
    let location = evil.image().parse().unwrap();
    let set = discovery.discover(&location, &Request::default()).await?;
    assert_eq!(gap_codes(&set), [""; 0]);
    Ok(pieces(&set))
}

fn code<T: std::fmt::Debug>(result: &Result<T, FetchError>) -> &'static str {
    result.as_ref().unwrap_err().code().name()
}

/// A registry with a token service that gives each of `users` a token of its own.
async fn with_tokens(users: &'static [&'static str]) -> Evil {
    let (shelf, _) = Shelf::signed();
    Evil::serve(shelf, move |seen| {
        let given = seen.header("authorization");
        if seen.is("/token") {
            let user = users.iter().find(|user| given == Some(&basic(user)));
            return Some(match user {
                Some(user) => {
                    Reply::json("application/json", &json!({"token": format!("of-{user}")}))
                }
                None => Reply::status(401),
            });
        }
        let known = users
            .iter()
            .any(|user| given == Some(&format!("Bearer of-{user}")));
        (!known).then(|| {
            let realm = format!(
                "Bearer realm=\"http://{}/token\"",
                seen.header("host").unwrap()
            );
            Reply::status(401).with("www-authenticate", &realm)
        })
    })
    .await
}

#[tokio::test]
async fn gauntlet_143_a_token_of_one_tenant_is_never_sent_for_another() {
    let evil = with_tokens(&["ada", "bob"]).await;
    let process = Discovery::new(config(&[&evil])).unwrap();
    let ada = process.scoped(tenant(&evil.host(), &["ada"]));
    let bob = process.scoped(tenant(&evil.host(), &["bob"]));
    let stranger = process.scoped(tenant(&evil.host(), &["eve"]));
    let used = || -> BTreeSet<String> {
        let seen = evil.seen();
        let headers = seen.iter().filter_map(|seen| seen.header("authorization"));
        headers.map(ToOwned::to_owned).collect()
    };
    ask(&ada, &evil).await.unwrap();
    assert_eq!(used(), [basic("ada"), "Bearer of-ada".into()].into());
    // Neither who has no secret, nor who has a wrong one, is served by what ada obtained.
    let before = evil.seen().len();
    assert_eq!(code(&ask(&process, &evil).await), "registry/unauthorized");
    assert_eq!(code(&ask(&stranger, &evil).await), "registry/unauthorized");
    ask(&bob, &evil).await.unwrap();
    for seen in evil.seen().split_off(before) {
        let sent = format!("{seen:?}");
        assert!(
            !sent.contains("of-ada") && !sent.contains(&basic("ada")),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn the_same_secret_needs_one_token_however_often_it_is_given() {
    let evil = with_tokens(&["ada"]).await;
    let process = Discovery::new(config(&[&evil])).unwrap();
    for _ in 0..3 {
        let ada = process.scoped(tenant(&evil.host(), &["ada"]));
        ask(&ada, &evil).await.unwrap();
    }
    assert_eq!(evil.count("/token"), 1);
}

#[tokio::test]
async fn credentials_are_tried_in_order_until_one_works() {
    let evil = with_tokens(&["ada", "own"]).await;
    let mut own = config(&[&evil]);
    own.credentials = tenant(&evil.host(), &["own"]);
    let process = Discovery::new(own).unwrap();
    let scoped = process.scoped(tenant(&evil.host(), &["old", "older", "ada"]));
    assert_eq!(ask(&scoped, &evil).await.unwrap().len(), 2);
    let tokens: Vec<_> = evil
        .seen()
        .into_iter()
        .filter(|seen| seen.is("/token"))
        .collect();
    let order: Vec<_> = tokens
        .iter()
        .map(|seen| seen.header("authorization").unwrap())
        .collect();
    assert_eq!(order, [basic("old"), basic("older"), basic("ada")]);
    // The process's own comes last, and the failures of others are not remembered against it.
    let before = evil.count("/token");
    ask(&process.scoped(tenant(&evil.host(), &["old"])), &evil)
        .await
        .unwrap();
    assert_eq!(evil.count("/token"), before + 2);
}

/// A registry that takes passwords, and answers `status` to every user but `good`.
async fn with_passwords(status: u16, good: &'static str) -> Evil {
    let (shelf, _) = Shelf::signed();
    Evil::serve(shelf, move |seen| match seen.header("authorization") {
        None => Some(Reply::status(401).with("www-authenticate", "Basic")),
        Some(header) if header == basic(good) => None,
        Some(_) => Some(Reply::status(status)),
    })
    .await
}

#[tokio::test]
async fn no_right_to_pull_is_a_reason_to_try_the_next_credential() {
    // Some registries hide what may not be seen.
    for status in [403, 404] {
        let evil = with_passwords(status, "good").await;
        let process = Discovery::new(config(&[&evil])).unwrap();
        let scoped = process.scoped(tenant(&evil.host(), &["bad", "good"]));
        assert_eq!(ask(&scoped, &evil).await.unwrap().len(), 2);
        let bad = evil
            .seen()
            .iter()
            .filter(|seen| seen.header("authorization") == Some(&basic("bad")))
            .count();
        assert_eq!(bad, 1, "what works is kept");
        let only_bad = process.scoped(tenant(&evil.host(), &["bad", "worse"]));
        let expected = match status {
            403 => "registry/forbidden",
            _ => "image/not-found",
        };
        assert_eq!(code(&ask(&only_bad, &evil).await), expected);
    }
}

#[tokio::test]
async fn a_credential_that_works_is_not_given_up_for_evidence_that_it_may_not_see() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, move |seen| match seen.header("authorization") {
        None => Some(Reply::status(401).with("www-authenticate", "Basic")),
        Some(header) if header == basic("good") => {
            seen.is("/referrers/").then(|| Reply::status(403))
        }
        Some(_) => Some(Reply::status(403)),
    })
    .await;
    let process = Discovery::new(config(&[&evil])).unwrap();
    let scoped = process.scoped(tenant(&evil.host(), &["good", "other"]));
    let location = evil.image().parse().unwrap();
    let set = scoped
        .discover(&location, &Request::default())
        .await
        .unwrap();
    assert_eq!(gap_codes(&set), ["registry/forbidden"]);
    let sent_other = evil
        .seen()
        .iter()
        .any(|seen| seen.header("authorization") == Some(&basic("other")));
    assert!(!sent_other);
}

#[tokio::test]
async fn gauntlet_141_a_broken_secret_closes_the_door_and_is_named() {
    let evil = with_tokens(&["ada"]).await;
    let process = Discovery::new(config(&[&evil])).unwrap();
    let mut sources = tenant(&evil.host(), &["ada"]);
    sources.documents[0].content =
        sovverify_fetch::config::Secret::new("{\"auths\":{\"canary-7f3a\":7}}");
    sources
        .documents
        .extend(tenant(&evil.host(), &["ada"]).documents);
    let scoped = process.scoped(sources);
    let name = "registry.example/a".parse().unwrap();
    let scope = scoped.credential_scope(&name, &ScopeKey::new(KEY)).await;
    for error in [ask(&scoped, &evil).await.unwrap_err(), scope.unwrap_err()] {
        assert_eq!(error.code().name(), "registry/credentials-unusable");
        assert_eq!(error.place(), "secret ada");
        assert!(!format!("{error:?} {error} {}", error.found()).contains("canary"));
    }
    assert!(
        evil.seen()
            .iter()
            .all(|seen| seen.header("authorization").is_none())
    );
}

async fn scope(discovery: &Discovery, name: &str, key: &[u8; 32]) -> ScopeId {
    let name = name.parse().unwrap();
    let key = ScopeKey::new(key);
    discovery.credential_scope(&name, &key).await.unwrap()
}

#[tokio::test]
async fn gauntlet_143_a_scope_is_what_would_be_sent_for_this_repository_and_nothing_else() {
    let process = Discovery::new(FetchConfig::default()).unwrap();
    let host = "registry.example";
    let of = |users: &[&str]| process.scoped(tenant(host, users));
    let name = "registry.example/team/app";
    let ada = scope(&of(&["ada"]), name, KEY).await;
    // In another secret, in another spelling, beside credentials for others: the same.
    let mut spelled = CredentialSources::default();
    let auth = STANDARD.encode("ada:pw-of-ada");
    spelled.documents.push(secret(
        "other/name",
        &json!({"auths": {"https://registry.example/v2/": {"auth": auth}, "x.example": {"auth": "YTpi"}}}),
    ));
    assert_eq!(scope(&process.scoped(spelled), name, KEY).await, ada);
    let nobody = scope(&process, name, KEY).await;
    let others = [
        nobody,
        scope(&of(&["bob"]), name, KEY).await,
        scope(&of(&["ada", "bob"]), name, KEY).await,
        scope(&of(&["bob", "ada"]), name, KEY).await,
        scope(&of(&["ada"]), name, b"of another process, that is else").await,
    ];
    let distinct: BTreeSet<_> = others.iter().chain([&ada]).collect();
    assert_eq!(distinct.len(), 6);
    // Where none of the tenant's credentials counts, the tenant is nobody.
    assert_eq!(scope(&of(&["ada"]), "other.example/app", KEY).await, nobody);
}

#[tokio::test]
async fn a_scope_follows_mirrors_and_signature_repositories() {
    use sovverify_fetch::config::{Mirror, SignatureRepository};
    let mut config = FetchConfig::default();
    config.mirrors.push(Mirror {
        from: "docker.io".into(),
        to: "mirror.example".into(),
    });
    config.signature_repositories.push(SignatureRepository {
        images: Some("registry.example".into()),
        repository: "signatures.example/all".parse().unwrap(),
    });
    let process = Discovery::new(config).unwrap();
    for (image, host, counts) in [
        ("nginx", "mirror.example", true),
        ("nginx", "docker.io", false),
        ("registry.example/a", "signatures.example", true),
        ("other.example/a", "signatures.example", false),
    ] {
        let scoped = scope(&process.scoped(tenant(host, &["ada"])), image, KEY).await;
        let nobody = scope(&process, image, KEY).await;
        assert_eq!(scoped != nobody, counts, "{image} {host}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn gauntlet_141_no_document_of_a_tenant_runs_a_program() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let (program, trace) = (
        dir.path().join("docker-credential-steal"),
        dir.path().join("ran"),
    );
    std::fs::write(&program, format!("#!/bin/sh\n: > '{}'\n", trace.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let evil = with_tokens(&["ada"]).await;
    let mut own = config(&[&evil]);
    own.credentials.helper_directories.push(dir.path().into());
    let process = Discovery::new(own).unwrap();
    let host = evil.host();
    let mut sources = CredentialSources::default();
    sources.documents.push(secret(
        "evil",
        &json!({"credsStore": "steal", "credHelpers": {host: "steal"}}),
    ));
    let result = ask(&process.scoped(sources), &evil).await;
    assert_eq!(code(&result), "registry/unauthorized");
    assert!(!trace.exists());
}
