//! Redirects, followed by us: a few, never to a weaker scheme, never to this machine's secrets.

use std::collections::BTreeSet;

use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::address::{Reach, literal_refusal};
use super::auth::authority;
use crate::config::LocalRegistries;
use crate::error::{Failure, FetchError};

/// The places that one request has been to.
#[derive(Debug)]
pub(super) struct Trail {
    start: Url,
    seen: BTreeSet<String>,
    left: bool,
}

impl Trail {
    pub(super) fn new(start: &Url) -> Self {
        Self {
            start: start.clone(),
            seen: BTreeSet::from([start.to_string()]),
            left: false,
        }
    }

    /// Whether the request is still at the origin where it began and never left it: only then
    /// credentials are sent.
    pub(super) const fn is_home(&self) -> bool {
        !self.left
    }

    /// How far a request to `url` may go.
    pub(super) fn reach(&self, url: &Url, listed: &LocalRegistries) -> Reach {
        if let LocalRegistries::Only(_) = listed {
            return reach(url, listed);
        }
        // A registry on this machine may send us to another port of this machine.
        let local = |url: &Url| literal_refusal(url, Reach::Remote).is_some();
        if same_origin(&self.start, url) || (local(&self.start) && local(url)) {
            Reach::Local
        } else {
            Reach::Remote
        }
    }

    /// Where the request goes next.
    pub(super) fn follow(
        &mut self,
        at: &Url,
        headers: &HeaderMap,
        hops: usize,
        plain_allowed: impl Fn(&Url) -> bool,
        local: &LocalRegistries,
        place: &str,
    ) -> Result<Url, FetchError> {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let refused = |expected: &'static str, found: &str| {
            let found = found.chars().take(256).collect();
            FetchError::new(place, Failure::RedirectRefused { expected, found })
        };
        let Some(location) = location else {
            return Err(refused("a `Location` that is a URL", "none"));
        };
        let Ok(mut next) = at.join(location) else {
            return Err(refused("a `Location` that is a URL", "something else"));
        };
        next.set_fragment(None);
        let next_shown = shown(&next);
        if self.seen.len() > hops {
            return Err(refused(
                "no more redirects than the bound `redirects`",
                &next_shown,
            ));
        }
        match next.scheme() {
            "https" => {}
            "http" if at.scheme() == "http" && plain_allowed(&next) => {}
            _ => return Err(refused("https", &next_shown)),
        }
        if !next.username().is_empty() || next.password().is_some() {
            return Err(refused("a URL without credentials", &next_shown));
        }
        if literal_refusal(&next, self.reach(&next, local)).is_some() {
            return Err(refused(
                "the public or private address of a storage service",
                &next_shown,
            ));
        }
        if !self.seen.insert(next.to_string()) {
            return Err(refused(
                "a place where the request has not been",
                &next_shown,
            ));
        }
        self.left |= !same_origin(&self.start, &next);
        Ok(next)
    }
}

/// How far a request to a registry or token service may go that was not reached by a redirect.
pub(super) fn reach(url: &Url, listed: &LocalRegistries) -> Reach {
    match listed {
        LocalRegistries::Only(listed) if !listed.contains(&authority(url)) => Reach::Remote,
        LocalRegistries::Only(_) | LocalRegistries::Every => Reach::Local,
    }
}

/// The URL for people: scheme, host and port. The rest may hold secrets (a signed address of a storage
/// service is one), or repeat ours.
pub(super) fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{host}{port}/", url.scheme())
}

/// Whether two URLs have the same scheme, host and port.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, to: &str) -> Result<(String, bool), String> {
        let from = Url::parse(from).unwrap();
        let mut trail = Trail::new(&from);
        let headers = HeaderMap::from_iter([(LOCATION, to.parse().unwrap())]);
        let plain = |url: &Url| url.port() == Some(5000);
        trail
            .follow(&from, &headers, 5, plain, &LocalRegistries::Every, "place")
            .map(|url| (url.to_string(), trail.is_home()))
            .map_err(|error| error.code().name().to_owned())
    }

    #[test]
    fn a_redirect_leaves_home_with_host_port_or_scheme() {
        let home = |to: &str| follow("https://r.example/v2/a", to).unwrap().1;
        assert!(home("/other"));
        assert!(home("https://r.example:443/x"));
        assert!(!home("https://r.example:8443/x"));
        assert!(!home("https://storage.example/x"));
        assert!(!home("https://r.example.evil.example/x"));
    }

    #[test]
    fn redirects_to_weaker_or_secret_places_are_refused() {
        for (from, to) in [
            ("https://r.example/a", "http://r.example/a"),
            ("https://r.example/a", "HTTP://r.example:5000/a"),
            ("http://r.example:5000/a", "http://other.example/a"),
            ("https://r.example/a", "file:///etc/passwd"),
            ("https://r.example/a", "https://169.254.169.254/latest"),
            ("https://r.example/a", "https://[::ffff:a9fe:a9fe]/latest"),
            ("https://r.example/a", "https://127.0.0.1/a"),
            ("https://r.example/a", "https://localhost/a"),
            ("https://r.example/a", "https://0/a"),
            ("https://r.example/a", "https://user:pw@storage.example/a"),
            ("https://r.example/a", "https://r.example/a"),
            ("https://r.example/a", "https://"),
        ] {
            assert_eq!(
                follow(from, to),
                Err("registry/redirect-refused".into()),
                "{to}"
            );
        }
        assert!(follow("http://r.example:5000/a", "http://r.example:5000/b").is_ok());
        assert!(follow("http://r.example:5000/a", "https://storage.example/b").is_ok());
        assert!(follow("http://127.0.0.1:5000/a", "https://127.0.0.1:6000/b").is_ok());
    }

    #[test]
    fn a_listed_registry_sends_us_only_to_listed_places_of_this_machine() {
        let start = Url::parse("https://127.0.0.1:5000/a").unwrap();
        let listed = LocalRegistries::Only(["127.0.0.1:5000".to_owned()].into());
        let trail = Trail::new(&start);
        for (url, expected) in [
            ("https://127.0.0.1:5000/b", Reach::Local),
            ("https://127.0.0.1:6000/b", Reach::Remote),
            ("https://localhost:5000/b", Reach::Remote),
            ("https://storage.example/b", Reach::Remote),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(trail.reach(&url, &listed), expected, "{url}");
        }
    }

    #[test]
    fn a_request_that_left_home_does_not_come_back() {
        let start = Url::parse("https://r.example/a").unwrap();
        let mut trail = Trail::new(&start);
        let to = |text: &str| HeaderMap::from_iter([(LOCATION, text.parse().unwrap())]);
        let away = trail
            .follow(
                &start,
                &to("https://evil.example/"),
                5,
                |_| false,
                &LocalRegistries::Every,
                "place",
            )
            .unwrap();
        trail
            .follow(
                &away,
                &to("https://r.example/b"),
                5,
                |_| false,
                &LocalRegistries::Every,
                "place",
            )
            .unwrap();
        assert!(!trail.is_home());
    }
}
