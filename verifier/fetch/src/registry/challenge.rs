//! `WWW-Authenticate` (RFC 9110 section 11.6.1), as registries use it.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// How the registry wants to be authenticated to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User name and password, sent to the registry itself.
    Basic,
    /// A token of a token service (distribution specification, "Token Authentication").
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// The challenge that we answer: a token where one is offered, else a password.
pub(super) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let mut basic = None;
    for value in headers.get_all(WWW_AUTHENTICATE) {
        let Ok(text) = value.to_str() else { continue };
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            let parameters = parameters(rest);
            let get = |key: &str| {
                let found = parameters
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(key));
                found.map(|(_, value)| value.clone())
            };
            return Some(Challenge::Bearer {
                realm: get("realm")?,
                service: get("service"),
            });
        }
        if scheme.eq_ignore_ascii_case("basic") {
            basic = Some(Challenge::Basic);
        }
    }
    basic
}

/// `key="value"` or `key=value`, separated by commas.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',']);
    while let Some((key, after)) = rest.split_once('=') {
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            quoted_string(quoted)
        } else {
            let (value, after) = after.split_once(',').unwrap_or((after, ""));
            (value.trim().to_owned(), after)
        };
        found.push((key.trim().to_owned(), value));
        rest = after.trim_start_matches([' ', ',']);
    }
    found
}

/// The value up to the closing quote, and what follows it.
fn quoted_string(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((_, character)) = characters.next() {
        match character {
            '"' => return (value, characters.as_str()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Option<Challenge> {
        let headers = texts
            .iter()
            .map(|text| (WWW_AUTHENTICATE, text.parse().unwrap()));
        challenge(&headers.collect())
    }

    #[test]
    fn challenges_are_read_in_every_spelling() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.into(),
                service: service.map(Into::into),
            })
        };
        let full =
            r#"Bearer realm="https://a.example/t",service="r, \"x\"",scope="repository:a:pull""#;
        assert_eq!(
            parse(&[full]),
            bearer("https://a.example/t", Some("r, \"x\""))
        );
        assert_eq!(
            parse(&["bearer realm=https://a.example/t , service=s"]),
            bearer("https://a.example/t", Some("s"))
        );
        assert_eq!(
            parse(&["Basic realm=\"x\"", "Bearer realm=\"y\""]),
            bearer("y", None)
        );
        assert_eq!(parse(&["BASIC"]), Some(Challenge::Basic));
        for text in [
            "",
            "Digest realm=\"x\"",
            "Bearer",
            "Bearer service=\"x\"",
            "Bearer realm",
        ] {
            assert_eq!(parse(&[text]), None, "{text}");
        }
        assert_eq!(
            parse(&["Bearer realm=\"unclosed\\"]),
            bearer("unclosed", None)
        );
    }
}
