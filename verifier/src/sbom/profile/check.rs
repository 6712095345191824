//! Rules held against a document: who is asked, what is missing, and how often.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::component;
use super::document::{
    Applies, Check, EncodingWord, FormatFloor, PartyDemand, PartyWord, Rule, Scope, Strength,
};
use super::reach::Reach;
use super::{Conformance, FieldOutcome, MAX_SHORTFALLS, Shortfall};
use crate::content::shortened;
use crate::sbom::model::{Component, ComponentKind, Encoding, Family, Party, Sbom};

/// Why one document or component does not satisfy one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lack {
    /// What is there instead.
    pub(super) found: Cow<'static, str>,
    /// Whether nothing is there at all: then the data may not exist.
    pub(super) is_absent: bool,
}

impl Lack {
    /// Nothing is there.
    pub(super) fn absent(found: impl Into<Cow<'static, str>>) -> Self {
        Self {
            found: found.into(),
            is_absent: true,
        }
    }

    /// Something is there, and it is not what is wanted.
    pub(super) fn wrong(found: impl AsRef<str>) -> Self {
        Self {
            found: shortened(found.as_ref()).into(),
            is_absent: false,
        }
    }
}

/// What the rules of one profile share while they look at one document.
pub(super) struct Context<'a> {
    pub(super) sbom: &'a Sbom,
    /// License texts that were parsed before: documents repeat few licenses many times.
    pub(super) licenses: HashMap<&'a str, bool>,
    /// Which components hang on the subject, once somebody asks.
    reach: Option<Reach>,
    /// Which components are subjects, by position.
    subjects: Vec<bool>,
}

/// Holds `sbom` against every rule that applies to its format.
pub(super) fn check(rules: &[Rule], sbom: &Sbom) -> Conformance {
    let mut subjects = vec![false; sbom.components.len()];
    for position in &sbom.subjects {
        if let Some(subject) = subjects.get_mut(*position) {
            *subject = true;
        }
    }
    let mut context = Context {
        sbom,
        licenses: HashMap::new(),
        reach: None,
        subjects,
    };
    let mut outcome = Outcome::default();
    if let Some(shortfall) = nothing(rules, &context) {
        outcome.add_empty(shortfall);
    }
    let rules = rules.iter().filter(|rule| rule.asks(sbom.format.family));
    let mut tallies: Vec<Tally<'_>> = rules.map(Tally::new).collect();
    let mut asking: Vec<&mut Tally<'_>> = Vec::new();
    for tally in &mut tallies {
        if !tally.ask_document(&mut context) {
            asking.push(tally);
        }
    }
    // Each component is looked at once, by all rules in turn: most of them look at the same fields.
    for (position, component) in sbom.components.iter().enumerate() {
        for tally in &mut asking {
            tally.ask(position, component, &mut context);
        }
    }
    for tally in tallies {
        outcome.add(tally);
    }
    outcome.conformance()
}

/// An SBOM that lists nothing must not conform by having nothing that lacks anything. One that lists
/// its subject alone is taken where it says that the subject has no further parts.
fn nothing(rules: &[Rule], context: &Context<'_>) -> Option<Shortfall> {
    let sbom = context.sbom;
    let kinds: Vec<Applies> = rules
        .iter()
        .filter(|rule| rule.scope == Scope::Component)
        .map(|rule| rule.applies_to)
        .collect();
    let counts = |component: &Component| {
        let asked = |applies: &Applies| applies.asks(component, sbom.format.family);
        kinds.is_empty() || kinds.iter().any(asked)
    };
    let mut own = 0_usize;
    for (component, is_subject) in sbom.components.iter().zip(&context.subjects) {
        if !counts(component) {
            continue;
        }
        if !is_subject {
            return None;
        }
        own += 1;
    }
    let complete: HashSet<&usize> = sbom.complete.iter().collect();
    if own > 0
        && sbom
            .subjects
            .iter()
            .all(|position| complete.contains(position))
    {
        return None;
    }
    Some(Shortfall {
        clause: "every profile".to_owned(),
        field: "components".to_owned(),
        place: "the document".to_owned(),
        expected: "at least one component beside the subject, or a statement that it has none"
            .to_owned(),
        found: match (own, sbom.components.len()) {
            (0, 0) => "no component".to_owned(),
            (0, files) => format!("{files} entries, none of which is a component"),
            _ => "nothing but the subject".to_owned(),
        },
        is_required: true,
    })
}

/// What came out so far.
#[derive(Default)]
struct Outcome {
    first: Vec<Shortfall>,
    required: Vec<Shortfall>,
    recommended: Vec<Shortfall>,
    all: Conformance,
}

impl Outcome {
    fn add_empty(&mut self, shortfall: Shortfall) {
        self.all.required += 1;
        self.all.fields.push(FieldOutcome {
            clause: shortfall.clause.clone(),
            field: shortfall.field.clone(),
            scope: Scope::Document,
            asked: 1,
            required: 1,
            recommended: 0,
        });
        self.first.push(shortfall);
    }

    fn add(&mut self, tally: Tally<'_>) {
        let field = tally.field;
        self.all.fails_format |= tally.is_format && field.required > 0;
        self.all.required += field.required;
        self.all.recommended += field.recommended;
        self.all.fields.push(field);
        let required = if tally.is_format {
            &mut self.first
        } else {
            &mut self.required
        };
        required.extend(tally.required);
        self.recommended.extend(tally.recommended);
    }

    fn conformance(self) -> Conformance {
        let mut shortfalls = self.first;
        shortfalls.extend(self.required);
        shortfalls.extend(self.recommended);
        Conformance {
            shortfalls,
            ..self.all
        }
    }
}

/// One rule, and what came out of it so far.
struct Tally<'r> {
    rule: &'r Rule,
    expected: String,
    is_format: bool,
    only_subjects: bool,
    field: FieldOutcome,
    required: Vec<Shortfall>,
    recommended: Vec<Shortfall>,
}

impl<'r> Tally<'r> {
    fn new(rule: &'r Rule) -> Self {
        Self {
            rule,
            expected: rule.check.expected(),
            is_format: matches!(rule.check, Check::Format(_)),
            only_subjects: rule.scope == Scope::Subject
                || matches!(rule.check, Check::Dependencies),
            field: FieldOutcome {
                clause: rule.clause.clone(),
                field: rule.field.clone(),
                scope: rule.scope,
                asked: 0,
                required: 0,
                recommended: 0,
            },
            required: Vec::new(),
            recommended: Vec::new(),
        }
    }

    /// Asks the document, where the rule is about it and not about components.
    fn ask_document(&mut self, context: &mut Context<'_>) -> bool {
        let sbom = context.sbom;
        let check = &self.rule.check;
        let lack = if check.is_of_document() {
            of_document(check, sbom)
        } else {
            if !matches!(check, Check::Dependencies | Check::Reachable) {
                return false;
            }
            let reach = context.reach.get_or_insert_with(|| Reach::of(sbom));
            if matches!(check, Check::Reachable) || !sbom.subjects.is_empty() {
                return false;
            }
            let has_some = reach.has_dependencies();
            (!has_some).then(|| Lack::absent("neither a subject nor a dependency"))
        };
        self.field.asked = 1;
        if let Some(lack) = lack {
            self.note(|| "the document".to_owned(), lack);
        }
        true
    }

    /// Asks one component, where the rule is about it.
    fn ask<'a>(&mut self, position: usize, component: &'a Component, context: &mut Context<'a>) {
        let is_subject = context.subjects.get(position).copied().unwrap_or_default();
        let family = context.sbom.format.family;
        let is_asked = if self.only_subjects {
            is_subject
        } else {
            self.rule.applies_to.asks(component, family)
        };
        if !is_asked {
            return;
        }
        self.field.asked += 1;
        let lack = match (&self.rule.check, &context.reach) {
            (Check::Dependencies, Some(reach)) => reach.own_dependencies(position),
            (Check::Reachable, Some(reach)) => reach.reached(position),
            _ => component::lack(&self.rule.check, component, is_subject, context),
        };
        if let Some(lack) = lack {
            self.note(|| component.label(), lack);
        }
    }

    fn note(&mut self, place: impl FnOnce() -> String, lack: Lack) {
        let rule = self.rule;
        let is_unknown = rule.if_existing && lack.is_absent;
        let is_required = rule.strength == Strength::Required && !is_unknown;
        let (count, kept) = if is_required {
            (&mut self.field.required, &mut self.required)
        } else {
            (&mut self.field.recommended, &mut self.recommended)
        };
        *count += 1;
        if *count > MAX_SHORTFALLS {
            return;
        }
        kept.push(Shortfall {
            clause: rule.clause.clone(),
            field: rule.field.clone(),
            place: place(),
            expected: if is_unknown {
                format!("{}, where it exists", self.expected)
            } else {
                self.expected.clone()
            },
            found: lack.found.into_owned(),
            is_required,
        });
    }
}

fn of_document(check: &Check, sbom: &Sbom) -> Option<Lack> {
    match check {
        Check::Format(floor) => format(floor, sbom),
        Check::Timestamp => match (&sbom.created, &sbom.created_text) {
            (Some(_), _) => None,
            (None, None) => Some(Lack::absent("none")),
            (None, Some(text)) => Some(Lack::wrong(format!("`{text}`"))),
        },
        Check::MadeBefore(limit) => match sbom.created {
            None => Some(Lack::absent("no time that can be read")),
            Some(made) if made < *limit => None,
            Some(made) => Some(Lack::wrong(format!("made {made}"))),
        },
        Check::Party(demand) => party(demand, sbom),
        Check::Tools => (!has_tool(sbom)).then(|| Lack::absent("none")),
        Check::Phases => {
            let named = sbom.phases.iter().any(|phase| component::says(phase));
            (!named).then(|| Lack::absent("none"))
        }
        Check::Uri => match &sbom.identifier {
            None => Some(Lack::absent("none")),
            Some(text) if component::is_uri(text) => None,
            Some(text) => Some(Lack::wrong(format!("`{text}`"))),
        },
        Check::Completeness => (!sbom.states_completeness).then(|| Lack::absent("not a word")),
        Check::NoVulnerabilities => (sbom.vulnerabilities > 0).then(|| {
            let count = sbom.vulnerabilities;
            Lack::wrong(format!("{count} vulnerabilities"))
        }),
        _ => None,
    }
}

fn format(floor: &FormatFloor, sbom: &Sbom) -> Option<Lack> {
    let format = &sbom.format;
    let lowest = match format.family {
        Family::Spdx => &floor.spdx,
        Family::CycloneDx => &floor.cyclonedx,
    };
    let is_high_enough = lowest
        .as_ref()
        .is_some_and(|lowest| numbers(&format.version) >= numbers(lowest));
    let encoding = match format.encoding {
        Encoding::Json => EncodingWord::Json,
        Encoding::JsonLd => EncodingWord::JsonLd,
        Encoding::Xml => EncodingWord::Xml,
        Encoding::TagValue => EncodingWord::TagValue,
    };
    let is_written_well = floor.encodings.is_empty() || floor.encodings.contains(&encoding);
    (!is_high_enough || !is_written_well).then(|| Lack::wrong(format.to_string()))
}

/// The numbers of a version of a format, `3.0.1`; what is no number counts as none.
fn numbers(version: &str) -> Vec<u64> {
    let number = |part: &str| part.parse().unwrap_or_default();
    let mut numbers: Vec<u64> = version.split('.').map(number).collect();
    // `3.0` is `3.0.0`.
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

fn has_tool(sbom: &Sbom) -> bool {
    sbom.tools.iter().any(|tool| component::says(tool))
}

fn party(demand: &PartyDemand, sbom: &Sbom) -> Option<Lack> {
    let mut named: Vec<&Party> = Vec::new();
    for word in &demand.from {
        match word {
            PartyWord::Authors => named.extend(&sbom.authors),
            PartyWord::DocumentSupplier => named.extend(&sbom.supplier),
            PartyWord::Tools if has_tool(sbom) => return None,
            _ => {}
        }
    }
    component::named(named.into_iter(), demand.contact)
}

impl Rule {
    fn asks(&self, family: Family) -> bool {
        self.families()
            .is_none_or(|families| families.contains(&family))
    }
}

impl Applies {
    pub(in crate::sbom) fn asks(self, component: &Component, family: Family) -> bool {
        let is_file = component.kind == ComponentKind::File;
        match self {
            Self::Everything => true,
            Self::Components => !is_file || family != Family::Spdx,
            Self::Files => is_file,
            Self::Packages => matches!(
                component.kind,
                ComponentKind::Package | ComponentKind::Container
            ),
        }
    }
}
