//! What one component is asked.

use super::check::{Context, Lack};
use super::document::{
    Check, Contact, HashDemand, HashedWord, LicenseDemand, LicenseForm, PartyDemand, PartyWord,
    StandingWord,
};
use crate::content::shortened;
use crate::package::{LicenseExpression, PackageUrl};
use crate::sbom::model::{Component, Hash, License, Link, Party, Standing};

/// What `component` lacks of what `check` asks.
pub(super) fn lack<'a>(
    check: &Check,
    component: &'a Component,
    is_subject: bool,
    context: &mut Context<'a>,
) -> Option<Lack> {
    match check {
        // A package may well be called `none`.
        Check::Name => {
            let is_none = matches!(component.name.trim(), "" | "NOASSERTION");
            is_none.then(|| Lack::absent("none"))
        }
        Check::Version => match component.version.as_deref() {
            None => Some(Lack::absent("none")),
            Some(version) if says(version) => None,
            Some(version) => Some(Lack::absent(quoted(version))),
        },
        Check::Party(demand) => party(demand, component, is_subject, context),
        Check::Identifier => identifier(component),
        Check::FileName => file_name(component),
        Check::License(demand) => license(demand, component, context),
        Check::Hash(demand) => hash(demand, component),
        Check::Link { kinds } => link(kinds, component),
        Check::Property { name, values } => property(name, values, component),
        Check::NoProperty { name, .. } => {
            let has = component
                .properties
                .iter()
                .any(|(found, _)| **found == **name);
            has.then(|| Lack::wrong(format!("the property `{name}`")))
        }
        _ => None,
    }
}

/// Whether a text says anything: formats have words for nothing (SPDX 2.3 section 7.3, CISA's known
/// unknowns), which are no version, nobody and no license.
pub(in crate::sbom) fn says(text: &str) -> bool {
    let text = text.trim();
    !matches!(text, "" | "NOASSERTION" | "NONE") && !text.eq_ignore_ascii_case("unknown")
}

/// Whether a text is a URI with a scheme (RFC 3986 section 3).
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !rest.trim_start_matches('/').is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// What is missing where somebody should be named by one of `parties`.
pub(super) fn named<'a>(
    parties: impl Iterator<Item = &'a Party> + Clone,
    contact: Contact,
) -> Option<Lack> {
    let fits = |party: &Party| {
        let name = || party.name.as_deref().is_some_and(says);
        let email = || party.emails.iter().any(|email| is_email(email));
        let url = || party.urls.iter().any(|url| is_web(url));
        (contact == Contact::Any && name()) || email() || url()
    };
    if parties.clone().any(fits) {
        return None;
    }
    let mut parties = parties;
    let Some(party) = parties.next() else {
        return Some(Lack::absent("nobody"));
    };
    let written = party.emails.iter().chain(&party.urls).next();
    Some(match (written, &party.name) {
        (Some(contact), _) => Lack::wrong(format!("`{contact}`")),
        (None, Some(name)) if says(name) => Lack::wrong(format!(
            "`{}` without e-mail or web address",
            shortened(name)
        )),
        _ => Lack::absent("nobody"),
    })
}

fn party(
    demand: &PartyDemand,
    component: &Component,
    is_subject: bool,
    context: &Context<'_>,
) -> Option<Lack> {
    let parties = demand.from.iter().flat_map(|word| {
        let (own, list): (_, &[Party]) = match word {
            PartyWord::Supplier => (component.supplier.as_ref(), &[]),
            PartyWord::Creators => (None, &component.creators),
            _ => (None, &[]),
        };
        // CycloneDX `metadata.supplier` is who supplied what the document describes.
        let above = match word {
            PartyWord::Supplier if is_subject => context.sbom.supplier.as_ref(),
            _ => None,
        };
        own.into_iter().chain(above).chain(list)
    });
    named(parties, demand.contact)
}

/// One `@` between two words, the second of them a domain: enough to tell an address from a name.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.contains('@')
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// A web address with a host.
fn is_web(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| host.contains(|c: char| c.is_ascii_alphanumeric())) && is_uri(text)
}

fn identifier(component: &Component) -> Option<Lack> {
    let purl = component
        .purls
        .iter()
        .any(|purl| purl.parse::<PackageUrl>().is_ok());
    let cpe = component.cpes.iter().any(|cpe| cpe.starts_with("cpe:"));
    let other = component.identifiers.iter().any(|id| says(id));
    if purl || cpe || other {
        return None;
    }
    let written = component.purls.iter().chain(&component.cpes).next();
    Some(written.map_or_else(|| Lack::absent("none"), |text| Lack::wrong(quoted(text))))
}

/// TR-03183-2: the actual file name, not its path.
fn file_name(component: &Component) -> Option<Lack> {
    let is_name = |name: &str| says(name) && !name.contains(['/', '\\']);
    if component.file_names.iter().any(|name| is_name(name)) {
        return None;
    }
    let written = component.file_names.first();
    Some(written.map_or_else(|| Lack::absent("none"), |name| Lack::wrong(quoted(name))))
}

fn license<'a>(
    demand: &LicenseDemand,
    component: &'a Component,
    context: &mut Context<'a>,
) -> Option<Lack> {
    let stands = |license: &&License| {
        let word = match license.standing {
            Standing::Unstated => StandingWord::Unstated,
            Standing::Declared => StandingWord::Declared,
            Standing::Concluded => StandingWord::Concluded,
            Standing::Effective => StandingWord::Effective,
        };
        demand.standings.contains(&word)
    };
    let mut written = None;
    for license in component.licenses.iter().filter(stands) {
        if !says(&license.text) {
            continue;
        }
        if demand.form == LicenseForm::Any || context.is_expression(&license.text) {
            return None;
        }
        written = Some(&license.text);
    }
    let other = component
        .licenses
        .iter()
        .find(|license| says(&license.text));
    Some(match (written, other) {
        (Some(text), _) => Lack::wrong(format!("{}, no SPDX expression", quoted(text))),
        (None, Some(license)) => {
            let standing = license.standing.name();
            Lack::absent(format!("only {} ({standing})", quoted(&license.text)))
        }
        (None, None) => Lack::absent("none"),
    })
}

impl<'a> Context<'a> {
    /// Whether a text is an SPDX expression (SPDX 2.3 annex D), of known licenses and `LicenseRef-…`.
    fn is_expression(&mut self, text: &'a str) -> bool {
        *self
            .licenses
            .entry(text)
            .or_insert_with(|| LicenseExpression::parse(text).is_ok())
    }
}

fn hash(demand: &HashDemand, component: &Component) -> Option<Lack> {
    let mut first: Option<&Hash> = None;
    for word in &demand.of {
        for hash in hashes(*word, component) {
            let wanted = demand.algorithms.is_empty()
                || demand
                    .algorithms
                    .iter()
                    .any(|name| **name == *hash.algorithm);
            if wanted && is_whole(hash) {
                return None;
            }
            first = first.or(Some(hash));
        }
    }
    Some(match first {
        None => Lack::absent("none"),
        Some(hash) if is_whole(hash) => Lack::wrong(format!("{} only", quoted(&hash.algorithm))),
        Some(hash) => {
            let (algorithm, length) = (quoted(&hash.algorithm), hash.value.len());
            Lack::wrong(format!("{algorithm} with {length} hexadecimal digits"))
        }
    })
}

fn hashes(word: HashedWord, component: &Component) -> impl Iterator<Item = &Hash> {
    let (own, links, kind): (&[Hash], &[Link], _) = match word {
        HashedWord::Component => (&component.hashes, &[], ""),
        HashedWord::Distribution => (&[], &component.links, "distribution"),
        HashedWord::Source => (&[], &component.links, "source-distribution"),
    };
    let links = links.iter().filter(move |link| *link.kind == *kind);
    own.iter().chain(links.flat_map(|link| &link.hashes))
}

/// Whether the value has as many digits as its algorithm makes.
pub(in crate::sbom) fn is_whole(hash: &Hash) -> bool {
    let digits = match &*hash.algorithm {
        "md5" => Some(32),
        "sha1" => Some(40),
        "sha224" | "sha3-224" => Some(56),
        "sha256" | "sha3-256" | "blake2b-256" => Some(64),
        "sha384" | "sha3-384" | "blake2b-384" => Some(96),
        "sha512" | "sha3-512" | "blake2b-512" => Some(128),
        _ => None,
    };
    let length = hash.value.len();
    digits.map_or(length > 0, |digits| length == digits)
        && hash.value.bytes().all(|b| b.is_ascii_hexdigit())
}

fn link(kinds: &[String], component: &Component) -> Option<Lack> {
    let mut written = None;
    for link in &component.links {
        if !kinds.iter().any(|kind| **kind == *link.kind) {
            continue;
        }
        if is_uri(&link.url) {
            return None;
        }
        written = Some(&link.url);
    }
    Some(written.map_or_else(|| Lack::absent("none"), |url| Lack::wrong(quoted(url))))
}

/// BSI property taxonomy: exactly once per component, with one of the registered values.
fn property(name: &str, values: &[String], component: &Component) -> Option<Lack> {
    let mut written = component
        .properties
        .iter()
        .filter(|(found, _)| **found == *name);
    let Some((_, value)) = written.next() else {
        return Some(Lack::absent("none"));
    };
    let more = written.count();
    if more > 0 {
        return Some(Lack::wrong(format!("{} times", more + 1)));
    }
    let is_known = values.iter().any(|known| **known == **value);
    (!is_known).then(|| Lack::wrong(quoted(value)))
}

fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}
