//! The next page of a list, from `Link` headers (RFC 8288): at the same origin, and not twice.

use std::collections::BTreeSet;

use url::Url;

use super::redirect::{same_origin, shown};
use crate::error::{Failure, FetchError};

/// The pages read so far.
#[derive(Debug)]
pub(super) struct Pages {
    at: Url,
    seen: BTreeSet<String>,
}

impl Pages {
    pub(super) fn new(first: &Url) -> Self {
        Self {
            at: first.clone(),
            seen: BTreeSet::from([first.to_string()]),
        }
    }

    /// Pages known so far, the next one included.
    pub(super) fn count(&self) -> usize {
        self.seen.len()
    }

    /// The next page, when the headers of this one name it.
    pub(super) fn next(
        &mut self,
        links: &[String],
        place: &str,
    ) -> Result<Option<Url>, FetchError> {
        let Some(target) = links.iter().find_map(|link| next_target(link)) else {
            return Ok(None);
        };
        let refused = |expected: &'static str, found: String| {
            FetchError::new(place, Failure::PagingRefused { expected, found })
        };
        let Ok(mut next) = self.at.join(target) else {
            return Err(refused("a URL", "something else".to_owned()));
        };
        next.set_fragment(None);
        if !same_origin(&self.at, &next) || !next.username().is_empty() || next.password().is_some()
        {
            return Err(refused(
                "a page at the same host, port and scheme",
                shown(&next),
            ));
        }
        if !self.seen.insert(next.to_string()) {
            return Err(refused("a page that was not read yet", shown(&next)));
        }
        self.at = next.clone();
        Ok(Some(next))
    }
}

/// The target of a link with `rel=next`; one header may hold several links.
fn next_target(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).any(|parameter| {
            parameter.split_once('=').is_some_and(|(key, value)| {
                let value = value.trim().trim_matches('"');
                key.trim().eq_ignore_ascii_case("rel")
                    && value.split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_every_spelling() {
        for (header, expected) in [
            (r#"</v2/a?n=2>; rel="next""#, Some("/v2/a?n=2")),
            ("</b>; rel=next", Some("/b")),
            (
                r#"</a>; rel="prev", </b>; title="x"; rel="last next""#,
                Some("/b"),
            ),
            (r#"</a>; rel="prev""#, None),
            ("</a>", None),
            ("rel=next", None),
            ("<", None),
            ("", None),
        ] {
            assert_eq!(next_target(header), expected, "{header}");
        }
    }

    #[test]
    fn pages_stay_at_their_origin_and_never_repeat() {
        let mut pages = Pages::new(&Url::parse("https://r.example/v2/a/referrers/x").unwrap());
        let mut next = |target: &str| {
            let links = [format!("<{target}>; rel=next")];
            pages
                .next(&links, "place")
                .map(|url| url.unwrap().to_string())
                .map_err(|error| error.code().name())
        };
        assert_eq!(
            next("?n=2"),
            Ok("https://r.example/v2/a/referrers/x?n=2".into())
        );
        assert_eq!(
            next("?n=3"),
            Ok("https://r.example/v2/a/referrers/x?n=3".into())
        );
        let refused = Err("registry/paging-refused");
        for target in [
            "?n=2",
            "?n=3",
            "https://evil.example/v2/a/referrers/x?n=4",
            "//evil.example/x",
            "http://r.example/x",
            "https://r.example:444/x",
            "https://user@r.example/x",
        ] {
            assert_eq!(next(target), refused, "{target}");
        }
    }
}
