//! Holds a JSON document against the table of objects.

use super::Findings;
use super::object::{Count, Demand, Kind, OBJECTS, Object, Rule};
use super::plan::{Alternative, Field, Form, Plan, Shape, Test};
use super::scalar::Scalar;
use super::words::VOCABULARY;
use crate::sbom::cyclonedx::item::Place;
use crate::sbom::cyclonedx::tree::Node;
use crate::sbom::cyclonedx::version::Version;

/// Violations of one alternative that are kept while it is not clear which one is meant.
const TRIED: usize = 8;

/// A walk over one document, which may come in pieces.
pub(super) struct Walk<'f> {
    plan: &'static Plan,
    findings: &'f mut Findings,
    /// Whether nothing matters but that there is a violation at all.
    is_trial: bool,
}

impl<'f> Walk<'f> {
    /// A walk over a document of `version`.
    pub(super) fn new(version: Version, findings: &'f mut Findings) -> Self {
        Self {
            plan: Plan::of(version),
            findings,
            is_trial: false,
        }
    }

    /// The type of the items of the list `name` at the root, where they have to be objects, and
    /// whether no two of them may be equal.
    pub(super) fn root_list(&self, name: &str) -> Option<(&'static Form, bool)> {
        let field = self.plan.shape(self.plan.root())?.field(name)?;
        match &field.kind {
            Form::List {
                item,
                count: Count::Any,
                is_set,
            } => Some((item, *is_set)),
            _ => None,
        }
    }

    /// A member of the root.
    pub(super) fn root_member(&mut self, name: &str, value: &Node<'_>, place: &Place<'_>) {
        if let Some(shape) = self.plan.shape(self.plan.root()) {
            self.member(shape, shape.field(name), value, &place.name(name));
        }
    }

    /// What has to be in the root.
    pub(super) fn root_demands(&mut self, node: &Node<'_>, place: &Place<'_>) {
        if let Some(shape) = self.plan.shape(self.plan.root()) {
            self.demands(node, shape, place);
        }
    }

    /// One value.
    pub(super) fn value(&mut self, node: &Node<'_>, form: &Form, place: &Place<'_>) {
        if self.is_trial && self.findings.count > 0 {
            return;
        }
        match form {
            Form::Scalar(scalar, test) => self.scalar(node, scalar, test, place),
            Form::Object(position) => self.object(node, *position, place),
            Form::PublicKey => self.public_key(node, place),
            Form::List {
                item,
                count,
                is_set,
            } => {
                self.list(node, item, *count, place);
                if *is_set {
                    self.set(node.items().iter().enumerate().collect(), place);
                }
            }
            Form::OneOf(forms) => self.choice(node, forms, Choice::One, place),
            Form::AnyOf(forms) => self.choice(node, forms, Choice::Any, place),
        }
    }

    fn scalar(&mut self, node: &Node<'_>, scalar: &Scalar, test: &Test, place: &Place<'_>) {
        let version = self.plan.version;
        let (is_fine, found) = match (scalar, node) {
            (Scalar::Any, _) | (Scalar::Boolean, Node::Boolean(_)) => (true, ""),
            (Scalar::Integer(bounds) | Scalar::Number(bounds), Node::Integer(number)) => {
                (bounds.hold(*number), "another number")
            }
            (Scalar::Integer(bounds), Node::Number(number)) => {
                let is_whole = number.fract() == 0.0;
                (is_whole && bounds.hold_number(*number), "another number")
            }
            (Scalar::Number(bounds), Node::Number(number)) => {
                (bounds.hold_number(*number), "another number")
            }
            (Scalar::Boolean | Scalar::Integer(_) | Scalar::Number(_), _) => (false, node.kind()),
            (_, Node::Text(found)) => (test.takes(scalar, found, version), found.as_ref()),
            _ => (false, node.kind()),
        };
        if !is_fine {
            self.findings.add(place, || scalar.words(version), found);
        }
    }

    /// An object: its members and those of the table are both sorted, so that one pass finds each.
    fn object(&mut self, node: &Node<'_>, position: usize, place: &Place<'_>) {
        let (Node::Object(members), Some(shape)) = (node, self.plan.shape(position)) else {
            self.findings
                .add(place, || "an object".to_owned(), node.kind());
            return;
        };
        let mut fields = shape.fields.iter().peekable();
        let mut is_whole = true;
        for (name, value) in members {
            while let Some(skipped) = fields.next_if(|field| field.name < name.as_ref()) {
                is_whole &= !skipped.is_required;
            }
            let field = fields.next_if(|field| field.name == name.as_ref());
            self.member(shape, field, value, &place.name(name));
        }
        is_whole &= !fields.any(|field| field.is_required);
        if !is_whole {
            self.missing(node, shape, place);
        }
        self.rules(node, shape, place);
    }

    fn member(
        &mut self,
        shape: &Shape,
        field: Option<&Field>,
        value: &Node<'_>,
        place: &Place<'_>,
    ) {
        match field {
            Some(field) => self.value(value, &field.kind, place),
            None if shape.is_open => {}
            None => {
                let version = self.plan.version.name();
                let expected = || format!("no such member in CycloneDX {version}");
                self.findings.add(place, expected, value.kind());
            }
        }
    }

    /// What has to be there.
    fn demands(&mut self, node: &Node<'_>, shape: &Shape, place: &Place<'_>) {
        self.missing(node, shape, place);
        self.rules(node, shape, place);
    }

    fn missing(&mut self, node: &Node<'_>, shape: &Shape, place: &Place<'_>) {
        for field in &shape.fields {
            if field.is_required && node.member(field.name).is_none() {
                self.findings
                    .add(place, || format!("a member `{}`", field.name), "none");
            }
        }
    }

    fn rules(&mut self, node: &Node<'_>, shape: &Shape, place: &Place<'_>) {
        for rule in &shape.rules {
            self.rule(node, rule, place);
        }
    }

    fn rule(&mut self, node: &Node<'_>, rule: &Rule, place: &Place<'_>) {
        let is_there = |group: &&Vec<&str>| group.iter().all(|name| node.member(name).is_some());
        let count = rule.groups.iter().filter(is_there).count();
        let is_external = || matches!(node.member("isExternal"), Some(node) if !matches!(node, Node::Boolean(false)));
        let (is_met, demand) = match rule.demand {
            Demand::One => (count == 1, "exactly one of"),
            Demand::Any => (count > 0, "at least one of"),
            Demand::Not => (count == 0, "not together:"),
            Demand::NotInternal => (count == 0 || is_external(), "only for external components:"),
        };
        if !is_met {
            let groups = || {
                rule.groups
                    .iter()
                    .map(|group| format!("`{}`", group.join("` and `")))
            };
            let expected = || format!("{demand} {}", groups().collect::<Vec<_>>().join(", "));
            self.findings
                .add(place, expected, &format!("{count} of them"));
        }
    }

    fn list(&mut self, node: &Node<'_>, item: &Form, count: Count, place: &Place<'_>) {
        let Node::List(items) = node else {
            self.findings
                .add(place, || "a list".to_owned(), node.kind());
            return;
        };
        let (is_fine, expected) = match count {
            Count::Any => (true, ""),
            Count::Some => (!items.is_empty(), "at least one item"),
            Count::One => (items.len() == 1, "exactly one item"),
        };
        if !is_fine {
            let found = items.len().to_string();
            self.findings.add(place, || expected.to_owned(), &found);
        }
        for (position, node) in items.iter().enumerate() {
            self.value(node, item, &place.item("", position));
        }
    }

    /// No two items of a set are equal. Here are those that may be, with their positions.
    pub(super) fn set(&mut self, mut items: Vec<(usize, &Node<'_>)>, place: &Place<'_>) {
        items.sort_by(|(_, a), (_, b)| a.order(b));
        for ((first, a), (second, b)) in items.iter().zip(items.iter().skip(1)) {
            if a.order(b).is_eq() {
                let place = place.item("", *second);
                let expected = || "items that differ".to_owned();
                self.findings
                    .add(&place, expected, &format!("the same as item {first}"));
            }
        }
    }

    /// Counts the alternatives that fit. Where none does, the violations of the one that comes
    /// nearest are told.
    fn choice(
        &mut self,
        node: &Node<'_>,
        alternatives: &[Alternative],
        choice: Choice,
        place: &Place<'_>,
    ) {
        let mut fitting = 0_usize;
        for alternative in alternatives {
            if self.fits(node, &alternative.form, place) {
                fitting += 1;
                if matches!(choice, Choice::Any) {
                    return;
                }
            }
        }
        match fitting {
            0 if self.is_trial => self.findings.count += 1,
            0 => {
                if let Some(findings) = self.nearest(node, alternatives, place) {
                    self.findings.append(findings);
                }
            }
            1 => {}
            _ => {
                let expected = || format!("one of {} alternatives", alternatives.len());
                self.findings
                    .add(place, expected, "something that is more than one of them");
            }
        }
    }

    fn fits(&self, node: &Node<'_>, form: &Form, place: &Place<'_>) -> bool {
        let mut findings = Findings::new(0);
        let mut walk = Walk {
            plan: self.plan,
            findings: &mut findings,
            is_trial: true,
        };
        walk.value(node, form, place);
        findings.count == 0
    }

    /// The violations of the alternative that is meant most likely.
    fn nearest(
        &self,
        node: &Node<'_>,
        alternatives: &[Alternative],
        place: &Place<'_>,
    ) -> Option<Findings> {
        let mut nearest: Option<(bool, Findings)> = None;
        for alternative in alternatives {
            let mut findings = Findings::new(TRIED);
            let mut walk = Walk {
                plan: self.plan,
                findings: &mut findings,
                is_trial: false,
            };
            walk.value(node, &alternative.form, place);
            let is_other = !has_form(alternative.kind, node);
            let rank = (is_other, findings.count);
            if nearest
                .as_ref()
                .is_none_or(|(other, known)| rank < (*other, known.count))
            {
                nearest = Some((is_other, findings));
            }
        }
        nearest.map(|(_, findings)| findings)
    }

    /// JSON Signature Format 0.82: the members of a key depend on its type.
    fn public_key(&mut self, node: &Node<'_>, place: &Place<'_>) {
        const KEYS: [(&str, &[&str], &[&str]); 3] = [
            (
                "EC",
                &["kty", "crv", "x", "y"],
                &["P-256", "P-384", "P-521"],
            ),
            ("OKP", &["kty", "crv", "x"], &["Ed25519", "Ed448"]),
            ("RSA", &["kty", "n", "e"], &[]),
        ];
        let kind = match node.member("kty") {
            Some(Node::Text(kind)) => kind.as_ref(),
            _ => "",
        };
        let Some((_, names, curves)) = KEYS.iter().find(|(known, ..)| *known == kind) else {
            let expected = || "a key with `kty` `EC`, `OKP` or `RSA`".to_owned();
            self.findings.add(place, expected, kind);
            return;
        };
        let members = node.members();
        let is_whole =
            members.len() == names.len() && names.iter().all(|name| node.member(name).is_some());
        let is_text = members
            .iter()
            .all(|(_, value)| matches!(value, Node::Text(_)));
        if !is_whole || !is_text {
            let expected = || format!("exactly the members `{}`, all text", names.join("`, `"));
            self.findings.add(place, expected, "others");
        }
        if let Some(Node::Text(curve)) = node.member("crv")
            && !curves.contains(&curve.as_ref())
        {
            let expected = || format!("one of `{}`", curves.join("`, `"));
            self.findings.add(&place.name("crv"), expected, curve);
        }
    }
}

/// How many alternatives have to fit.
#[derive(Clone, Copy)]
enum Choice {
    One,
    Any,
}

/// Whether a value has the form of an alternative at all: an object, a list, or neither; an object
/// also has to have the members that make this alternative.
fn has_form(kind: &Kind, node: &Node<'_>) -> bool {
    match kind {
        Kind::Object(name) => {
            let object = OBJECTS.get(name);
            let has_fields = |object: &Object| {
                let mut names = node.members().iter().map(|(name, _)| name.as_ref());
                names.any(|name| {
                    object
                        .field_of(name, Version::V1_7)
                        .is_some_and(|field| field.is_required)
                })
            };
            matches!(node, Node::Object(_)) && object.is_some_and(has_fields)
        }
        Kind::PublicKey => matches!(node, Node::Object(_)),
        Kind::List { item, .. } => {
            let mut items = node.items().iter();
            matches!(node, Node::List(_)) && items.all(|node| has_form(item, node))
        }
        Kind::Scalar(Scalar::Word(list)) => {
            matches!(node, Node::Text(text) if VOCABULARY.knows(list, text, Version::V1_7))
        }
        Kind::Scalar(_) => !matches!(node, Node::Object(_) | Node::List(_)),
        Kind::OneOf(kinds) | Kind::AnyOf(kinds) => kinds.iter().any(|kind| has_form(kind, node)),
    }
}
