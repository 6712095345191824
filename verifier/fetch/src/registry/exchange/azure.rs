//! Microsoft Entra and Azure container registries.
//!
//! A federated token becomes an access token of Entra (RFC 7523 section 2.2), which the registry
//! exchanges for a refresh token of its own (`docs/AAD-OAuth.md` of Azure/acr); from there on it is any
//! registry with identity tokens.

use std::time::Duration;

use super::super::Endpoint;
use super::super::client::{Broken, Core};
use super::super::credentials::{Credential, TokenSource};
use super::{Question, at, refused};
use crate::budget::Budget;
use crate::config::{Secret, TokenUse};

/// What a client says instead of a password (RFC 7523 section 2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// For how long a registry's refresh token is kept: it is good for three hours.
const LIFETIME: Duration = Duration::from_hours(1);

#[derive(serde::Deserialize)]
struct Entra {
    access_token: String,
}

#[derive(serde::Deserialize)]
struct Registry {
    refresh_token: String,
}

impl Core {
    pub(super) async fn azure(
        &self,
        source: &TokenSource,
        token: &Secret,
        endpoint: &Endpoint,
        budget: &Budget,
    ) -> Result<(Credential, Duration), Broken> {
        let TokenUse::Azure {
            tenant,
            client,
            authority,
            audience,
        } = &source.usage
        else {
            return Err(refused(source, "it is for no Azure registry"));
        };
        let url = at(source, authority, &format!("/{tenant}/oauth2/v2.0/token"))?;
        let scope = format!("{audience}/.default");
        let question = Question::form(
            url,
            "application/json",
            &[
                ("grant_type", "client_credentials"),
                ("client_id", client),
                ("client_assertion_type", ASSERTION),
                ("client_assertion", token.expose()),
                ("scope", &scope),
            ],
        );
        let answer = self.exchange(source, question, budget).await?;
        let entra: Entra = serde_json::from_slice(&answer)
            .map_err(|_| refused(source, "the answer of Entra has no `access_token`"))?;
        let question = Question::form(
            at(source, endpoint.origin.as_str(), "/oauth2/exchange")?,
            "application/json",
            &[
                ("grant_type", "access_token"),
                ("service", &endpoint.registry),
                ("tenant", tenant),
                ("access_token", &entra.access_token),
            ],
        );
        let answer = self.exchange(source, question, budget).await?;
        let registry: Registry = serde_json::from_slice(&answer)
            .map_err(|_| refused(source, "the answer of the registry has no `refresh_token`"))?;
        let credential = Credential::Identity(Secret::new(registry.refresh_token));
        Ok((credential, LIFETIME))
    }
}
