//! People, organisations and tools as SPDX 2 writes them: `Organization: ACME (info@acme.example)`
//! (SPDX 2.3 §6.8, §7.5, §7.6).

use crate::sbom::model::Party;

/// Who a field names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Agent {
    /// A person or an organisation.
    Party(Party),
    /// A tool, by name and version.
    Tool(Box<str>),
    /// `NOASSERTION`.
    Nobody,
    /// A text without `Person:`, `Organization:` or `Tool:`.
    Unmarked(Party),
}

/// Reads an agent.
pub(super) fn agent(text: &str) -> Agent {
    let text = text.trim();
    if text == "NOASSERTION" {
        return Agent::Nobody;
    }
    if let Some(tool) = text.strip_prefix("Tool:") {
        return Agent::Tool(tool.trim().into());
    }
    let marked = text
        .strip_prefix("Person:")
        .or_else(|| text.strip_prefix("Organization:"));
    match marked {
        Some(rest) => Agent::Party(party(rest.trim())),
        None => Agent::Unmarked(party(text)),
    }
}

/// A name with an address in parentheses, or in angle brackets as many tools write it.
fn party(text: &str) -> Party {
    let mut party = Party::default();
    let mut name = text;
    for (open, close) in [('(', ')'), ('<', '>')] {
        let inner = name
            .strip_suffix(close)
            .and_then(|head| head.rsplit_once(open));
        let Some((head, address)) = inner else {
            continue;
        };
        let address = address.trim();
        if address.contains("://") {
            party.urls.push(address.into());
        } else if address.contains('@') {
            party.emails.push(address.into());
        } else if !address.is_empty() {
            continue;
        }
        name = head.trim_end();
        break;
    }
    party.name = (!name.is_empty()).then(|| name.into());
    party
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party_of(text: &str) -> (String, Vec<Box<str>>, Vec<Box<str>>) {
        match agent(text) {
            Agent::Party(p) => (String::from(p.name.unwrap_or_default()), p.emails, p.urls),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn names_and_addresses_are_told_apart() {
        let mails = |mail: &str| vec![Box::from(mail)];
        assert_eq!(
            party_of("Organization: ACME (info@acme.example)"),
            ("ACME".to_owned(), mails("info@acme.example"), vec![])
        );
        assert_eq!(
            party_of("Person: Jane <jane@acme.example>"),
            ("Jane".to_owned(), mails("jane@acme.example"), vec![])
        );
        assert_eq!(
            party_of("Person: Jane ()"),
            ("Jane".to_owned(), vec![], vec![])
        );
        assert_eq!(
            party_of("Organization: ACME (Europe)"),
            ("ACME (Europe)".to_owned(), vec![], vec![])
        );
        assert_eq!(
            party_of("Organization: ACME (https://acme.example)"),
            ("ACME".to_owned(), vec![], mails("https://acme.example"))
        );
        assert_eq!(party_of("Organization:"), (String::new(), vec![], vec![]));
    }

    #[test]
    fn nobody_and_tools_are_no_parties() {
        assert_eq!(agent("NOASSERTION"), Agent::Nobody);
        assert_eq!(agent("Tool: syft-1.0"), Agent::Tool("syft-1.0".into()));
        assert!(matches!(agent("ACME"), Agent::Unmarked(_)));
    }
}
