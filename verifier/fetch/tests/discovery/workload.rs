//! The identity of the workload: tokens in files that the platform replaces.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sovverify_fetch::config::{TokenCredential, TokenUse};
use sovverify_fetch::{Discovery, FetchConfig, FetchError, Request};

use crate::content::*;
use crate::evil::*;
use crate::registry::config;

fn basic(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("robot:{password}")))
}

/// Replaces the token in one step, as the kubelet does.
fn write(file: &Path, token: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, format!("{token}\n")).unwrap();
    std::fs::rename(beside, file).unwrap();
}

fn with_token(hosts: &[&Evil], owner: &Evil, file: &Path, usage: TokenUse) -> FetchConfig {
    let mut config = config(hosts);
    config.credentials.tokens.push(TokenCredential {
        scope: owner.host(),
        file: file.to_owned(),
        usage,
    });
    config
}

async fn ask(discovery: &Discovery, image: &str) -> Result<Vec<String>, FetchError> {
    let set = discovery
        .discover(&image.parse().unwrap(), &Request::default())
        .await?;
    assert_eq!(gap_codes(&set), [""; 0]);
    Ok(pieces(&set))
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    write(&file, "first");
    (folder, file)
}

#[tokio::test]
async fn a_token_that_is_replaced_is_used_from_then_on_and_the_old_one_never_again() {
    let (_folder, file) = folder();
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |seen| match seen.header("authorization") {
        Some(header) if header == basic("first") || header == basic("third") => None,
        _ => Some(Reply::status(401).with("www-authenticate", "Basic")),
    })
    .await;
    let username = "robot".to_owned();
    let usage = TokenUse::Password { username };
    let discovery = Discovery::new(with_token(&[&evil], &evil, &file, usage)).unwrap();
    ask(&discovery, &evil.image()).await.unwrap();
    let before = evil.seen().len();
    write(&file, "second,andlonger");
    // The registry would still take the first one.
    let result = ask(&discovery, &evil.image()).await;
    assert_eq!(result.unwrap_err().code().name(), "registry/unauthorized");
    for seen in evil.seen().split_off(before) {
        assert_ne!(seen.header("authorization"), Some(basic("first").as_str()));
    }
}

#[tokio::test]
async fn a_token_is_what_the_configuration_says() {
    for (usage, at_registry, posted) in [
        (TokenUse::IdentityToken, "Bearer good-token", true),
        (TokenUse::RegistryToken, "Bearer first", false),
    ] {
        let (_folder, file) = folder();
        let (shelf, _) = Shelf::signed();
        let evil = Evil::serve(shelf, move |seen| {
            if seen.is("/token") {
                return Some(Reply::json(
                    "application/json",
                    &json!({"token": "good-token"}),
                ));
            }
            let realm = format!(
                "Bearer realm=\"http://{}/token\"",
                seen.header("host").unwrap()
            );
            (seen.header("authorization") != Some(at_registry))
                .then(|| Reply::status(401).with("www-authenticate", &realm))
        })
        .await;
        let discovery = Discovery::new(with_token(&[&evil], &evil, &file, usage)).unwrap();
        ask(&discovery, &evil.image()).await.unwrap();
        let tokens = evil.seen().into_iter().filter(|seen| seen.is("/token"));
        let bodies: Vec<_> = tokens.map(|seen| seen.body).collect();
        assert_eq!(
            bodies
                .iter()
                .any(|body| body.contains("refresh_token=first")),
            posted
        );
    }
}

#[tokio::test]
async fn a_file_without_a_token_is_an_error_that_names_it() {
    let evil = Evil::serve(Shelf::default(), |_| {
        Some(Reply::status(401).with("www-authenticate", "Basic"))
    })
    .await;
    let (folder, file) = folder();
    for content in ["", "\n", "two words", "\u{e9}t\u{e9}"] {
        std::fs::write(&file, content).unwrap();
        let config = with_token(&[&evil], &evil, &file, TokenUse::RegistryToken);
        let error = ask(&Discovery::new(config).unwrap(), &evil.image()).await;
        let error = error.unwrap_err();
        assert_eq!(error.code().name(), "registry/credentials-unusable");
        assert_eq!(error.place(), format!("`{}`", file.display()));
    }
    let absent = folder.path().join("absent");
    let config = with_token(&[&evil], &evil, &absent, TokenUse::RegistryToken);
    let error = ask(&Discovery::new(config).unwrap(), &evil.image()).await;
    assert_eq!(
        error.unwrap_err().code().name(),
        "registry/credentials-unusable"
    );
}

fn fields(body: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

fn field(seen: &Seen, name: &str) -> String {
    let found = fields(&seen.body).into_iter().find(|(key, _)| key == name);
    found.unwrap_or_default().1
}

#[tokio::test]
async fn a_federated_token_becomes_a_refresh_token_of_an_azure_registry() {
    let (_folder, file) = folder();
    let entra = Evil::start(
        |seen| {
            assert_eq!(seen.target, "/directory/oauth2/v2.0/token");
            assert_eq!(field(seen, "client_assertion"), "first");
            assert_eq!(field(seen, "client_id"), "client");
            assert_eq!(
                field(seen, "scope"),
                "https://containerregistry.azure.us/.default"
            );
            Reply::json("application/json", &json!({"access_token": "of-entra"}))
        },
        None,
    )
    .await;
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |seen| {
        let host = seen.header("host").unwrap();
        if seen.is("/oauth2/exchange") {
            assert_eq!(field(seen, "access_token"), "of-entra");
            assert_eq!(field(seen, "service"), host);
            return Some(Reply::json(
                "application/json",
                &json!({"refresh_token": "refresh"}),
            ));
        }
        if seen.is("/oauth2/token") {
            assert_eq!(field(seen, "refresh_token"), "refresh");
            return Some(Reply::json(
                "application/json",
                &json!({"access_token": "good-token"}),
            ));
        }
        let realm = format!("Bearer realm=\"http://{host}/oauth2/token\",service=\"{host}\"");
        (seen.header("authorization") != Some("Bearer good-token"))
            .then(|| Reply::status(401).with("www-authenticate", &realm))
    })
    .await;
    let usage = TokenUse::Azure {
        tenant: "directory".into(),
        client: "client".into(),
        authority: format!("http://{}", entra.host()),
        audience: "https://containerregistry.azure.us".into(),
    };
    let config = with_token(&[&evil, &entra], &evil, &file, usage);
    let discovery = Discovery::new(config.clone()).unwrap();
    for name in ["app", "web", "job"] {
        let image = format!("{}/team/{name}:v1", evil.host());
        ask(&discovery, &image).await.unwrap();
    }
    // One exchange for all repositories, and a token for each.
    assert_eq!(entra.seen().len(), 1);
    assert_eq!(evil.count("/oauth2/exchange"), 1);
    assert_eq!(evil.count("/oauth2/token"), 3);
    // Another token of the workload is exchanged anew.
    write(&file, "first");
    ask(&discovery, &evil.image()).await.unwrap();
    assert_eq!(entra.seen().len(), 2);
    // Plain HTTP was allowed for the registry, not for Entra.
    let mut config = config;
    config.insecure_registries.remove(&entra.host());
    let error = ask(&Discovery::new(config).unwrap(), &evil.image()).await;
    assert_eq!(
        error.unwrap_err().code().name(),
        "registry/credentials-unusable"
    );
    assert_eq!(entra.seen().len(), 2);
}

#[tokio::test]
async fn a_federated_token_becomes_a_password_of_an_amazon_registry() {
    let (_folder, file) = folder();
    let aws = Evil::start(
        |seen| {
            if seen.body == "{}" {
                assert_eq!(
                    seen.header("x-amz-target"),
                    Some("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
                );
                assert_eq!(seen.header("x-amz-security-token"), Some("SESSION=="));
                let authorization = seen.header("authorization").unwrap();
                assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=ASIAKEY/"));
                assert!(authorization.contains("/eu-central-1/ecr/aws4_request"));
                assert!(authorization.contains(
                    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"
                ));
                let token = STANDARD.encode("robot:of-ecr");
                let data = json!({"authorizationData": [{"authorizationToken": token, "expiresAt": 1.5e9}]});
                return Reply::json("application/x-amz-json-1.1", &data);
            }
            assert_eq!(field(seen, "Action"), "AssumeRoleWithWebIdentity");
            assert_eq!(field(seen, "WebIdentityToken"), "first");
            assert_eq!(field(seen, "RoleArn"), "arn:aws:iam::123456789012:role/pull");
            Reply::bytes(
                "text/xml",
                b"<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
                  <SessionToken>SESSION==</SessionToken><SecretAccessKey>se/cret+</SecretAccessKey>\
                  <AccessKeyId>ASIAKEY</AccessKeyId></Credentials>\
                  </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
            )
        },
        None,
    )
    .await;
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |seen| {
        (seen.header("authorization") != Some(basic("of-ecr").as_str()))
            .then(|| Reply::status(401).with("www-authenticate", "Basic"))
    })
    .await;
    let origin = format!("http://{}", aws.host());
    let usage = TokenUse::Aws {
        role: "arn:aws:iam::123456789012:role/pull".into(),
        region: "eu-central-1".into(),
        sts: origin.clone(),
        ecr: origin,
    };
    let config = with_token(&[&evil, &aws], &evil, &file, usage);
    let discovery = Discovery::new(config).unwrap();
    for name in ["app", "web"] {
        let image = format!("{}/team/{name}:v1", evil.host());
        ask(&discovery, &image).await.unwrap();
    }
    assert_eq!(aws.seen().len(), 2);
    // The token of the workload went to STS, and nowhere else.
    for seen in evil.seen() {
        assert!(!format!("{seen:?}").contains("first"));
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_token_is_named_and_one_that_is_busy_is_asked_again() {
    let (_folder, file) = folder();
    let evil = Evil::serve(Shelf::signed().0, |seen| {
        let host = seen.header("host").unwrap();
        let realm = format!("Bearer realm=\"http://{host}/oauth2/token\"");
        Some(Reply::status(401).with("www-authenticate", &realm))
    })
    .await;
    for (status, expected, asked) in [
        (400, "registry/credentials-unusable", 1),
        (429, "registry/rate-limited", 4),
        (503, "registry/server-error", 4),
    ] {
        let entra = Evil::start(move |_| Reply::status(status), None).await;
        let usage = TokenUse::Azure {
            tenant: "directory".into(),
            client: "client".into(),
            authority: format!("http://{}", entra.host()),
            audience: "https://containerregistry.azure.net".into(),
        };
        let config = with_token(&[&evil, &entra], &evil, &file, usage);
        let error = ask(&Discovery::new(config).unwrap(), &evil.image()).await;
        let error = error.unwrap_err();
        assert_eq!(error.code().name(), expected);
        assert!(!format!("{error} {error:?} {}", error.found()).contains("first"));
        assert_eq!(entra.seen().len(), asked, "{status}");
    }
}

#[tokio::test]
async fn gauntlet_137_a_cloud_identity_is_exchanged_for_its_own_registry_alone() {
    let (_folder, file) = folder();
    let entra = Evil::serve(Shelf::default(), |_| Some(Reply::status(200))).await;
    let thief = Evil::serve(Shelf::default(), |seen| {
        let host = seen.header("host").unwrap();
        let realm = format!("Bearer realm=\"http://{host}/oauth2/token\",service=\"{host}\"");
        Some(Reply::status(401).with("www-authenticate", &realm))
    })
    .await;
    let own = Evil::serve(Shelf::default(), |_| None).await;
    let usage = TokenUse::Azure {
        tenant: "directory".into(),
        client: "client".into(),
        authority: format!("http://{}", entra.host()),
        audience: "https://containerregistry.azure.net".into(),
    };
    let config = with_token(&[&thief, &own, &entra], &own, &file, usage);
    let error = ask(&Discovery::new(config).unwrap(), &thief.image()).await;
    assert_eq!(error.unwrap_err().code().name(), "registry/unauthorized");
    assert!(entra.seen().is_empty() && own.seen().is_empty());
    for seen in thief.seen() {
        assert!(!seen.is("/oauth2/exchange") && !format!("{seen:?}").contains("first"));
    }
}
