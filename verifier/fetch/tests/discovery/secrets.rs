//! Where credentials go, and above all where they do not. The canary password must never arrive
//! anywhere but at the registry it belongs to.

mod redirects;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sovverify::evidence::EvidenceSet;
use sovverify_fetch::config::{ExplicitCredential, NamedDocument, Secret};
use sovverify_fetch::{Discovery, FetchConfig, FetchError, Request};

use crate::content::*;
use crate::evil::*;
use crate::registry::{ask_with, config};

const CANARY: &str = "canary-7f3a";

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("tenant:{CANARY}")))
}

fn with_canary(hosts: &[&Evil], owner: &Evil) -> FetchConfig {
    let mut config = config(hosts);
    config.credentials.explicit.push(ExplicitCredential {
        scope: owner.host(),
        username: "tenant".into(),
        password: Secret::new(CANARY),
    });
    config
}

/// A pull secret.
pub(crate) fn secret(name: &str, document: &serde_json::Value) -> NamedDocument {
    NamedDocument {
        source: format!("secret {name}"),
        content: Secret::new(document.to_string()),
    }
}

/// Whether the canary, or what is made of it, is anywhere in what a registry saw.
fn leaked(evil: &Evil) -> bool {
    let encoded = STANDARD.encode(format!("tenant:{CANARY}"));
    evil.seen().iter().any(|seen| {
        let all = format!("{seen:?}");
        all.contains(CANARY) || all.contains(&encoded) || seen.header("authorization").is_some()
    })
}

fn code(result: &Result<EvidenceSet, FetchError>) -> &'static str {
    let error = result.as_ref().unwrap_err();
    let shown = format!(
        "{error} {error:?} {} {} {:?}",
        error.expected(),
        error.found(),
        error.hint()
    );
    assert!(
        !shown.contains(CANARY) && !shown.contains(&basic()[6..]),
        "{shown}"
    );
    error.code().name()
}

/// A registry that wants a token from `realm`.
fn wants_token(realm: String) -> impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static {
    move |seen| {
        let authorized = seen.header("authorization") == Some("Bearer good-token");
        (!authorized && seen.is("/v2/")).then(|| {
            let challenge =
                format!("Bearer realm=\"{realm}\",service=\"registry\",scope=\"repository:*:*\"");
            Reply::status(401).with("www-authenticate", &challenge)
        })
    }
}

async fn bystander() -> Evil {
    Evil::start(
        |_| Reply::json("application/json", &json!({"token": "good-token"})),
        None,
    )
    .await
}

#[tokio::test]
async fn a_password_goes_to_its_own_registry_and_is_asked_for_once() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |seen| {
        (seen.header("authorization") != Some(&basic()))
            .then(|| Reply::status(401).with("www-authenticate", "Basic realm=\"x\""))
    })
    .await;
    let set = ask_with(&evil, with_canary(&[&evil], &evil)).await.unwrap();
    assert_eq!(gap_codes(&set), [""; 0]);
    let refused = evil
        .seen()
        .iter()
        .filter(|seen| seen.header("authorization").is_none())
        .count();
    assert_eq!(
        refused, 1,
        "the answer to the first challenge serves all requests"
    );
    assert_eq!(
        code(&ask_with(&evil, config(&[&evil])).await),
        "registry/unauthorized"
    );
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_and_is_an_error() {
    let evil = Evil::serve(Shelf::default(), |_| {
        Some(Reply::status(401).with("www-authenticate", "Basic"))
    })
    .await;
    let result = ask_with(&evil, with_canary(&[&evil], &evil)).await;
    assert_eq!(code(&result), "registry/unauthorized");
    assert_eq!(evil.seen().len(), 2);
}

#[tokio::test]
async fn a_token_is_fetched_once_for_pulling_one_repository() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::start(
        move |seen| {
            if seen.is("/token") {
                return Reply::json(
                    "application/json",
                    &json!({"token": "good-token", "expires_in": 60}),
                );
            }
            let host = seen.header("host").unwrap();
            wants_token(format!("http://{host}/token"))(seen).unwrap_or_else(|| shelf.answer(seen))
        },
        None,
    )
    .await;
    for (config, authorization) in [
        (with_canary(&[&evil], &evil), Some(basic())),
        (config(&[&evil]), None),
    ] {
        let before = evil.count("/token");
        let set = ask_with(&evil, config).await.unwrap();
        assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
        assert_eq!(gap_codes(&set), [""; 0]);
        assert_eq!(evil.count("/token"), before + 1);
        let token = evil
            .seen()
            .into_iter()
            .rfind(|seen| seen.is("/token"))
            .unwrap();
        assert_eq!(token.header("authorization"), authorization.as_deref());
        // The scope is ours: the challenge asked for everything.
        assert!(
            token.is("scope=repository%3Ateam%2Fapp%3Apull"),
            "{}",
            token.target
        );
        assert!(token.is("service=registry"));
    }
}

#[tokio::test]
async fn an_identity_token_is_posted_to_the_token_service_only() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::start(
        move |seen| {
            if seen.is("/token") {
                return Reply::json("application/json", &json!({"access_token": "good-token"}));
            }
            let host = seen.header("host").unwrap();
            wants_token(format!("http://{host}/token"))(seen).unwrap_or_else(|| shelf.answer(seen))
        },
        None,
    )
    .await;
    let mut config = config(&[&evil]);
    let document = json!({"auths": {evil.host(): {"identitytoken": CANARY}}});
    config
        .credentials
        .documents
        .push(secret("team-a/pull", &document));
    ask_with(&evil, config).await.unwrap();
    for seen in evil.seen() {
        let posted = seen.method == "POST" && seen.is("/token");
        assert_eq!(seen.body.contains(CANARY), posted);
        assert!(!seen.target.contains(CANARY));
        assert!(!seen.headers.values().any(|value| value.contains(CANARY)));
    }
}

#[tokio::test]
async fn gauntlet_132_a_realm_that_is_not_the_registrys_own_gets_nothing() {
    let other = bystander().await;
    for realm in [
        format!("http://{}/token", other.host()),
        format!("http://localhost:{}/token", other.address.port()),
        "https://evil.example/token".into(),
        "http://169.254.169.254/token".into(),
        "http://[::ffff:127.0.0.1]/token".into(),
        "file:///etc/passwd".into(),
        "//evil.example/token".into(),
        String::new(),
    ] {
        let (shelf, _) = Shelf::signed();
        let evil = Evil::serve(shelf, wants_token(realm.clone())).await;
        let result = ask_with(&evil, with_canary(&[&evil, &other], &evil)).await;
        assert_eq!(code(&result), "registry/realm-refused", "{realm}");
        assert!(!leaked(&evil), "{realm}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn gauntlet_132_a_realm_with_the_registrys_name_in_front_or_a_user_is_refused() {
    for realm in [
        "http://user:pw@HOST/token",
        "http://HOST.evil.example/token",
        "https://HOST/token",
    ] {
        let (shelf, _) = Shelf::signed();
        let realm = realm.to_owned();
        let evil = Evil::serve(shelf, move |seen| {
            wants_token(realm.replace("HOST", seen.header("host").unwrap()))(seen)
        })
        .await;
        let result = ask_with(&evil, with_canary(&[&evil], &evil)).await;
        assert_eq!(code(&result), "registry/realm-refused");
        assert!(!leaked(&evil));
    }
}

#[tokio::test]
async fn gauntlet_132_a_realm_that_is_configured_for_the_registry_is_asked() {
    let other = bystander().await;
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, wants_token(format!("http://{}/token", other.host()))).await;
    let mut config = with_canary(&[&evil, &other], &evil);
    config
        .token_services
        .insert(evil.host(), [other.host()].into());
    let set = ask_with(&evil, config.clone()).await.unwrap();
    assert_eq!(gap_codes(&set), [""; 0]);
    assert_eq!(
        other.seen()[0].header("authorization"),
        Some(basic().as_str())
    );
    // Configured, but over plain HTTP, which was allowed for the registry only.
    config.insecure_registries.remove(&other.host());
    assert_eq!(
        code(&ask_with(&evil, config).await),
        "registry/realm-refused"
    );
    assert_eq!(other.seen().len(), 1);
}

#[tokio::test]
async fn gauntlet_135_a_token_service_that_redirects_or_answers_nonsense_is_refused() {
    let other = bystander().await;
    let target = format!("http://{}/steal", other.host());
    for (reply, expected) in [
        (Reply::redirect(&target), "registry/redirect-refused"),
        (Reply::status(401), "registry/unauthorized"),
        (Reply::status(403), "registry/unauthorized"),
        (Reply::status(429), "registry/rate-limited"),
        (Reply::status(503), "registry/server-error"),
        (Reply::status(404), "registry/unexpected-answer"),
        (
            Reply::bytes("text/html", b"<html>"),
            "registry/unexpected-answer",
        ),
        (
            Reply::json("application/json", &json!({"token": ""})),
            "registry/unexpected-answer",
        ),
        (
            Reply::json("application/json", &json!({"token": "a\r\nb: c"})),
            "registry/unauthorized",
        ),
        (Reply::status(200).body(Body::Endless), "limit/exceeded"),
        (Reply::status(200).body(Body::Stall), "registry/timeout"),
    ] {
        let (shelf, _) = Shelf::signed();
        let evil = Evil::serve(shelf, move |seen| {
            if seen.is("/token") {
                return Some(reply.clone());
            }
            wants_token(format!("http://{}/token", seen.header("host").unwrap()))(seen)
        })
        .await;
        let result = ask_with(&evil, with_canary(&[&evil, &other], &evil)).await;
        assert_eq!(code(&result), expected);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn gauntlet_140_tls_is_trusted_by_the_operators_authorities_only() {
    use sovverify_fetch::config::Authorities;
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = tls(&certificate);
    let (shelf, _) = Shelf::signed();
    let elsewhere = bystander().await;
    let plain = format!("http://{}/x", elsewhere.host());
    let answer = move |seen: &Seen| {
        if seen.is(".att") {
            return Reply::redirect(&plain);
        }
        shelf.answer(seen)
    };
    let evil = Evil::start(answer, Some(std::sync::Arc::new(tls).into())).await;
    let named = format!("localhost:{}/team/app:v1", evil.address.port());
    let wrong_name = format!("127.0.0.1:{}/team/app:v1", evil.address.port());
    for (authority, image, expected) in [
        (&certificate, &named, None),
        (&certificate, &wrong_name, Some("registry/tls")),
        (&stranger, &named, Some("registry/tls")),
    ] {
        // Plain HTTP is allowed at the redirect's target: from https it is refused all the same.
        let mut config = config(&[&elsewhere]);
        config.authorities = Authorities::Only(vec![authority.cert.pem()]);
        let discovery = Discovery::new(config).unwrap();
        let result = discovery
            .discover(&image.parse().unwrap(), &Request::default())
            .await;
        if let Some(expected) = expected {
            assert_eq!(code(&result), expected);
            continue;
        }
        let set = result.unwrap();
        assert_eq!(pieces(&set), ["referrers bundle", "cosign-tag signature"]);
        assert_eq!(gap_codes(&set), ["registry/redirect-refused"]);
    }
    assert!(elsewhere.seen().is_empty());
}
