//! Rules in words, for messages and for the documentation.

use std::fmt;

use super::RuleText;
use super::document::{
    Applies, Check, Contact, EncodingWord, FormatFloor, HashDemand, HashedWord, LicenseDemand,
    LicenseForm, PartyDemand, PartyWord, Rule, Scope, StandingWord, Strength,
};

impl Rule {
    pub(super) fn text(&self) -> RuleText {
        let asked = match (self.scope, self.applies_to) {
            (Scope::Document, _) => "document",
            (Scope::Subject, _) => "subject",
            (Scope::Relationship, _) if matches!(self.check, Check::Dependencies) => "subject",
            (_, Applies::Components) => "every component",
            (_, Applies::Packages) => "every package",
            (_, Applies::Files) => "every file",
            (_, Applies::Everything) => "everything listed",
        };
        let families: Vec<&str> = self.families().iter().flatten().map(|f| f.name()).collect();
        let applies_to = match families.as_slice() {
            [] => asked.to_owned(),
            names => format!("{asked} ({} only)", names.join(", ")),
        };
        RuleText {
            field: self.field.clone(),
            clause: self.clause.clone(),
            applies_to,
            expected: self.check.expected(),
            strength: match (self.strength, self.if_existing) {
                (Strength::Required, false) => "required",
                (Strength::Required, true) => "required where it exists",
                (Strength::Recommended, _) => "recommended",
            },
            note: self.note.clone(),
        }
    }
}

impl Check {
    /// Whether the check looks at the document as a whole when it stands in scope `document`.
    pub(super) const fn is_of_document(&self) -> bool {
        match self {
            Self::Party(demand) => demand.is_of_document(),
            Self::Format(_)
            | Self::Timestamp
            | Self::MadeBefore(_)
            | Self::Tools
            | Self::Phases
            | Self::Uri
            | Self::Completeness
            | Self::NoVulnerabilities => true,
            _ => false,
        }
    }

    /// Whether the check can be made in `scope`.
    pub(super) const fn fits(&self, scope: Scope) -> bool {
        match scope {
            Scope::Document => self.is_of_document(),
            Scope::Relationship => matches!(self, Self::Dependencies | Self::Reachable),
            Scope::Component | Scope::Subject => {
                !self.is_of_document() && !matches!(self, Self::Dependencies | Self::Reachable)
            }
        }
    }

    /// What the check needs and does not have: a list without an item can never be satisfied.
    pub(super) fn needs(&self) -> Option<&'static str> {
        match self {
            Self::Format(floor) if floor.spdx.is_none() && floor.cyclonedx.is_none() => {
                Some("the lowest version of a family: `spdx`, `cyclonedx`")
            }
            Self::Party(demand) if demand.from.is_empty() => Some("somebody in `from`"),
            Self::License(demand) if demand.standings.is_empty() => Some("a word in `standings`"),
            Self::Hash(demand) if demand.of.is_empty() => Some("a word in `of`"),
            Self::Link { kinds } if kinds.is_empty() => Some("a kind in `kinds`"),
            Self::Property { values, .. } if values.is_empty() => Some("a value in `values`"),
            _ => None,
        }
    }

    /// What must be there, in words.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Format(floor) => floor.expected(),
            Self::Timestamp => "a time that can be read (RFC 3339)".to_owned(),
            Self::MadeBefore(limit) => format!("made before {limit}"),
            Self::Party(demand) => demand.expected(),
            Self::Tools => "the tool that made it".to_owned(),
            Self::Phases => "the phase of the life cycle in which it was made".to_owned(),
            Self::Uri => "a URI".to_owned(),
            Self::Completeness => "a statement how complete it is".to_owned(),
            Self::NoVulnerabilities => "no vulnerabilities".to_owned(),
            Self::Dependencies => "its dependencies, or a statement that it has none".to_owned(),
            Self::Reachable => "a chain of dependencies or parts from the subject".to_owned(),
            Self::Name => "a name".to_owned(),
            Self::Version => "a version".to_owned(),
            Self::Identifier => "a package URL, a CPE or another unique identifier".to_owned(),
            Self::FileName => "a file name without a path".to_owned(),
            Self::License(demand) => demand.expected(),
            Self::Hash(demand) => demand.expected(),
            Self::Link { kinds } => format!("a URI of kind {}", one_of(kinds)),
            Self::Property { name, values } => {
                format!("`{name}` exactly once: {}", one_of(values))
            }
            Self::NoProperty { instead, .. } => instead.clone(),
        }
    }
}

impl FormatFloor {
    fn expected(&self) -> String {
        let mut formats: Vec<String> = Vec::new();
        for (family, lowest) in [("CycloneDX", &self.cyclonedx), ("SPDX", &self.spdx)] {
            formats.extend(
                lowest
                    .as_ref()
                    .map(|lowest| format!("{family} {lowest} or later")),
            );
        }
        let encodings: Vec<&str> = self.encodings.iter().map(|word| word.name()).collect();
        let formats = formats.join(", ");
        match encodings.as_slice() {
            [] => formats,
            names => format!("{formats}, in {}", names.join(" or ")),
        }
    }
}

impl EncodingWord {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::JsonLd => "JSON-LD",
            Self::Xml => "XML",
            Self::TagValue => "tag-value",
        }
    }
}

impl PartyDemand {
    const fn is_of_document(&self) -> bool {
        matches!(
            self.from.as_slice(),
            [
                PartyWord::Authors | PartyWord::DocumentSupplier | PartyWord::Tools,
                ..
            ]
        )
    }

    fn expected(&self) -> String {
        let who: Vec<&str> = self
            .from
            .iter()
            .map(|word| match word {
                PartyWord::Authors => "an author",
                PartyWord::DocumentSupplier => "a manufacturer or supplier",
                PartyWord::Tools => "a tool",
                PartyWord::Supplier => "a supplier",
                PartyWord::Creators => "a creator",
            })
            .collect();
        let who = who.join(" or ");
        match self.contact {
            Contact::Any => who,
            Contact::EmailOrUrl => format!("{who} with an e-mail or web address"),
        }
    }
}

impl LicenseDemand {
    fn expected(&self) -> String {
        let form = match self.form {
            LicenseForm::Spdx => "an SPDX expression",
            LicenseForm::Any => "a license",
        };
        let all = [
            StandingWord::Unstated,
            StandingWord::Declared,
            StandingWord::Concluded,
            StandingWord::Effective,
        ];
        if all.iter().all(|word| self.standings.contains(word)) {
            return form.to_owned();
        }
        let standings: Vec<&str> = self
            .standings
            .iter()
            .map(|word| match word {
                StandingWord::Unstated => "of unstated standing",
                StandingWord::Declared => "declared",
                StandingWord::Concluded => "concluded",
                StandingWord::Effective => "effective",
            })
            .collect();
        format!("{form}, {}", standings.join(" or "))
    }
}

impl HashDemand {
    fn expected(&self) -> String {
        let of: Vec<&str> = self
            .of
            .iter()
            .map(|word| match word {
                HashedWord::Component => "the component",
                HashedWord::Distribution => "its deployable form (`distribution`)",
                HashedWord::Source => "its source (`source-distribution`)",
            })
            .collect();
        let of = of.join(" or ");
        match self.algorithms.as_slice() {
            [] => format!("a hash of {of}, whole and with its algorithm"),
            names => format!("a whole hash of {of} by {}", one_of(names)),
        }
    }
}

fn one_of(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Document => "document",
            Self::Component => "component",
            Self::Subject => "subject",
            Self::Relationship => "relationship",
        })
    }
}
