//! AWS STS and Amazon ECR.
//!
//! A token of the workload becomes temporary keys (`AssumeRoleWithWebIdentity` of the STS API), and a
//! request that is signed with them a password for the registry (`GetAuthorizationToken` of the ECR API).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::super::client::{Broken, Core};
use super::super::credentials::{Credential, TokenSource};
use super::sigv4::{Keys, Signed};
use super::{Question, at, refused};
use crate::budget::Budget;
use crate::config::{Secret, TokenUse};

/// For how long a password is kept: it is good for twelve hours, or as long as the role's session, which
/// is one hour at least by default and fifteen minutes at worst.
const LIFETIME: Duration = Duration::from_mins(15);
/// The call and its version, as the ECR API names them.
const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

#[derive(serde::Deserialize)]
struct Authorization {
    #[serde(rename = "authorizationData")]
    data: Vec<AuthorizationData>,
}

#[derive(serde::Deserialize)]
struct AuthorizationData {
    #[serde(rename = "authorizationToken")]
    token: String,
}

impl Core {
    pub(super) async fn aws(
        &self,
        source: &TokenSource,
        token: &Secret,
        budget: &Budget,
    ) -> Result<(Credential, Duration), Broken> {
        let TokenUse::Aws {
            role,
            region,
            sts,
            ecr,
        } = &source.usage
        else {
            return Err(refused(source, "it is for no Amazon registry"));
        };
        let question = Question::form(
            at(source, sts, "/")?,
            "text/xml",
            &[
                ("Action", "AssumeRoleWithWebIdentity"),
                ("Version", "2011-06-15"),
                ("RoleArn", role),
                ("RoleSessionName", "sovverify"),
                ("WebIdentityToken", token.expose()),
            ],
        );
        let answer = self.exchange(source, question, budget).await?;
        let keys = keys(&answer)
            .ok_or_else(|| refused(source, "the answer of STS has no temporary credentials"))?;
        let question = signed(source, ecr, region, &keys)?;
        let answer = self.exchange(source, question, budget).await?;
        let credential = password(&answer)
            .ok_or_else(|| refused(source, "the answer of ECR has no authorization token"))?;
        Ok((credential, LIFETIME))
    }
}

/// The temporary keys in the answer of STS. Their alphabets need no escapes in XML, and what does not
/// have them is none.
fn keys(answer: &[u8]) -> Option<Keys> {
    let text = std::str::from_utf8(answer).ok()?;
    let (_, text) = text.split_once("<Credentials>")?;
    let (text, _) = text.split_once("</Credentials>")?;
    let element = |name: &str| {
        let (_, after) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = after.split_once(&format!("</{name}>"))?;
        let value = value.trim();
        let plain =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_');
        (!value.is_empty() && value.bytes().all(plain)).then_some(value)
    };
    Some(Keys {
        id: element("AccessKeyId")?.to_owned(),
        secret: Secret::new(element("SecretAccessKey")?),
        session: Secret::new(element("SessionToken")?),
    })
}

fn signed(source: &TokenSource, ecr: &str, region: &str, keys: &Keys) -> Result<Question, Broken> {
    let url = at(source, ecr, "/")?;
    let host = super::authority(&url);
    let (content_type, body) = ("application/x-amz-json-1.1", "{}");
    let signed = Signed::post(
        keys,
        (region, "ecr"),
        jiff::Timestamp::now(),
        &[
            ("content-type", content_type),
            ("host", &host),
            ("x-amz-target", TARGET),
        ],
        body,
    );
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            HeaderName::from_static("x-amz-target"),
            HeaderValue::from_static(TARGET),
        ),
    ]);
    for (name, value) in signed.headers {
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| refused(source, "STS gives keys that no header can hold"))?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    let body = body.to_owned();
    Ok(Question { url, headers, body })
}

/// The user and password in the answer of ECR.
fn password(answer: &[u8]) -> Option<Credential> {
    let answer: Authorization = serde_json::from_slice(answer).ok()?;
    let token = answer.data.into_iter().next()?.token;
    let pair = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (username, password) = pair.split_once(':')?;
    Some(Credential::Password {
        username: username.to_owned(),
        password: Secret::new(password),
    })
}
