//! Where credentials for registries come from.

use crate::policy::compile::Compiler;
use crate::policy::configuration::{Configuration, TokenCredential, TokenUse};
use crate::policy::decode::Spanned;
use crate::policy::document::configuration::{Aws, Azure, Credentials, TokenEntry, TokenKind};
use crate::policy::file::file_key;

impl Compiler<'_> {
    pub(super) fn credentials(&mut self, written: &Credentials, configuration: &mut Configuration) {
        for token in written.tokens.iter().flat_map(|list| &list.items) {
            let registry = self.prefix(&token.value.registry);
            let usage = self.token_use(token);
            if let (Some(registry), Some(usage)) = (registry, usage) {
                configuration.token_credentials.push(TokenCredential {
                    registry,
                    file: file_key(&token.value.file),
                    usage,
                });
            }
        }
        let files = written.files.iter().flat_map(|list| &list.items);
        configuration.credential_files = files.map(file_key).collect();
        let directories = written
            .helper_directories
            .iter()
            .flat_map(|list| &list.items);
        configuration.helper_directories = directories.map(|text| text.value.clone()).collect();
    }

    fn token_use(&mut self, token: &Spanned<TokenEntry>) -> Option<TokenUse> {
        let TokenEntry {
            username,
            kind,
            azure,
            aws,
            ..
        } = &token.value;
        let kinds = [kind.is_some(), azure.is_some(), aws.is_some()];
        if kinds.iter().filter(|written| **written).count() > 1 {
            let expected = "at most one of `as`, `azure` and `aws`";
            let message = "a token is used in one way";
            self.invalid(&token.mark, message, expected, "several".to_owned());
            return None;
        }
        let is_password = azure.is_none()
            && aws.is_none()
            && kind
                .as_ref()
                .is_none_or(|kind| kind.value == TokenKind::Password);
        if let (false, Some(username)) = (is_password, username) {
            let expected = "`username` only for a token that is a password";
            let found = format!("`{}`", username.value);
            self.invalid(
                &username.mark,
                "no user goes with this token",
                expected,
                found,
            );
            return None;
        }
        if let Some(azure) = azure {
            return self.azure(&azure.value);
        }
        if let Some(aws) = aws {
            return self.aws(&aws.value);
        }
        match kind.as_ref().map(|kind| kind.value) {
            Some(TokenKind::IdentityToken) => Some(TokenUse::IdentityToken),
            Some(TokenKind::RegistryToken) => Some(TokenUse::RegistryToken),
            None | Some(TokenKind::Password) => {
                let Some(username) = username else {
                    let expected = "`username`, or `as: identityToken` or `as: registryToken`";
                    let message = "a password belongs to a user";
                    self.invalid(&token.mark, message, expected, "none".to_owned());
                    return None;
                };
                let what = "a user name without `:`";
                let username = self.made_of(username, what, |c| c != ':' && !c.is_control())?;
                Some(TokenUse::Password { username })
            }
        }
    }

    fn azure(&mut self, written: &Azure) -> Option<TokenUse> {
        let id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let tenant = self.made_of(&written.tenant, "the id or domain of a directory", id);
        let client = self.made_of(&written.client, "the id of a client", id);
        let authority = self.https(
            written.authority.as_ref(),
            "https://login.microsoftonline.com",
        );
        let audience = self.https(
            written.audience.as_ref(),
            "https://containerregistry.azure.net",
        );
        Some(TokenUse::Azure {
            tenant: tenant?,
            client: client?,
            authority: authority?,
            audience: audience?,
        })
    }

    fn aws(&mut self, written: &Aws) -> Option<TokenUse> {
        let arn = |c: char| c.is_ascii_graphic();
        let role = self.made_of(&written.role, "the ARN of a role", arn);
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let region = self.made_of(&written.region, "a region such as `eu-central-1`", lower)?;
        let sts = format!("https://sts.{region}.amazonaws.com");
        let sts = self.https(written.sts.as_ref(), &sts);
        let ecr = format!("https://api.ecr.{region}.amazonaws.com");
        let ecr = self.https(written.ecr.as_ref(), &ecr);
        Some(TokenUse::Aws {
            role: role?,
            region,
            sts: sts?,
            ecr: ecr?,
        })
    }

    /// A text of some characters, at least one of them.
    fn made_of(
        &mut self,
        written: &Spanned<String>,
        expected: &str,
        allowed: impl Fn(char) -> bool,
    ) -> Option<String> {
        let text = &written.value;
        if text.is_empty() || !text.chars().all(allowed) {
            let found = format!("`{text}`");
            self.invalid(&written.mark, "not usable for a token", expected, found);
            return None;
        }
        Some(text.clone())
    }

    /// The origin of a service, with TLS: a token goes there.
    fn https(&mut self, written: Option<&Spanned<String>>, built_in: &str) -> Option<String> {
        let Some(written) = written else {
            return Some(built_in.to_owned());
        };
        let host = written.value.trim_end_matches('/').strip_prefix("https://");
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
        match host {
            Some(host) if !host.is_empty() && host.chars().all(plain) => {
                Some(format!("https://{host}"))
            }
            _ => {
                let expected = "`https://` and a host, without a path";
                let found = format!("`{}`", written.value);
                self.invalid(&written.mark, "not the place of a service", expected, found);
                None
            }
        }
    }
}
