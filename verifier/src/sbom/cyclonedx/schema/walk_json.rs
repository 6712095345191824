//! Holds a JSON document against the table of objects.

use super::Findings;
use super::object::{Count, Demand, Kind, OBJECTS, Object, Rule};
use super::scalar::Scalar;
use super::words::VOCABULARY;
use crate::sbom::cyclonedx::item::Place;
use crate::sbom::cyclonedx::tree::Node;
use crate::sbom::cyclonedx::version::Version;

/// Violations of one alternative that are kept while it is not clear which one is meant.
const TRIED: usize = 8;

/// Holds the whole document against the schema of `version`.
pub(super) fn check(root: &Node<'_>, version: Version, place: &Place<'_>, findings: &mut Findings) {
    let mut walk = Walk { version, findings };
    walk.object(root, "bom", place);
}

struct Walk<'f> {
    version: Version,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    fn value(&mut self, node: &Node<'_>, kind: &Kind, place: &Place<'_>) {
        match kind {
            Kind::Scalar(scalar) => self.scalar(node, scalar, place),
            Kind::Object(name) => self.object(node, name, place),
            Kind::PublicKey => self.public_key(node, place),
            Kind::List {
                item,
                count,
                is_set,
            } => {
                self.list(node, item, *count, place);
                if *is_set {
                    self.set(node.items(), place);
                }
            }
            Kind::OneOf(kinds) => self.choice(node, kinds, Choice::One, place),
            Kind::AnyOf(kinds) => self.choice(node, kinds, Choice::Any, place),
        }
    }

    fn scalar(&mut self, node: &Node<'_>, scalar: &Scalar, place: &Place<'_>) {
        let version = self.version;
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
            (_, Node::Text(text)) => (scalar.takes_text(text, version), text.as_ref()),
            _ => (false, node.kind()),
        };
        if !is_fine {
            self.findings.add(place, || scalar.words(version), found);
        }
    }

    fn object(&mut self, node: &Node<'_>, name: &str, place: &Place<'_>) {
        let (Node::Object(members), Some(object)) = (node, OBJECTS.get(name)) else {
            self.findings
                .add(place, || "an object".to_owned(), node.kind());
            return;
        };
        for (name, value) in members {
            let place = place.name(name);
            match object.field_of(name, self.version) {
                Some(field) => self.value(value, &field.kind, &place),
                None if object.is_open(self.version) => {}
                None => {
                    let version = self.version.name();
                    let expected = || format!("no such member in CycloneDX {version}");
                    self.findings.add(&place, expected, value.kind());
                }
            }
        }
        self.demands(node, object, place);
    }

    /// What has to be there.
    fn demands(&mut self, node: &Node<'_>, object: &Object, place: &Place<'_>) {
        for (name, field) in object.fields(self.version) {
            if field.is_required && node.member(name).is_none() {
                self.findings
                    .add(place, || format!("a member `{name}`"), "none");
            }
        }
        for rule in &object.rules {
            self.rule(node, rule, place);
        }
    }

    fn rule(&mut self, node: &Node<'_>, rule: &Rule, place: &Place<'_>) {
        if !rule.versions.contain(self.version) {
            return;
        }
        let is_there = |group: &&Vec<&str>| group.iter().all(|name| node.member(name).is_some());
        let count = rule.groups.iter().filter(is_there).count();
        let is_external = matches!(node.member("isExternal"), Some(node) if !matches!(node, Node::Boolean(false)));
        let (is_met, demand) = match rule.demand {
            Demand::One => (count == 1, "exactly one of"),
            Demand::Any => (count > 0, "at least one of"),
            Demand::Not => (count == 0, "not together:"),
            Demand::NotInternal => (count == 0 || is_external, "only for external components:"),
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

    fn list(&mut self, node: &Node<'_>, item: &Kind, count: Count, place: &Place<'_>) {
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

    /// No two items of a set are equal.
    fn set(&mut self, items: &[Node<'_>], place: &Place<'_>) {
        let mut sorted: Vec<(usize, &Node<'_>)> = items.iter().enumerate().collect();
        sorted.sort_by(|(_, a), (_, b)| a.order(b));
        for ((first, a), (second, b)) in sorted.iter().zip(sorted.iter().skip(1)) {
            if a.order(b).is_eq() {
                let place = place.item("", *second);
                let expected = || "items that differ".to_owned();
                self.findings
                    .add(&place, expected, &format!("the same as item {first}"));
            }
        }
    }

    /// Tries the alternatives. Where none fits, the violations of the one that comes nearest are told.
    fn choice(&mut self, node: &Node<'_>, kinds: &[Kind], choice: Choice, place: &Place<'_>) {
        let mut fitting = 0_usize;
        let mut nearest: Option<(bool, Findings)> = None;
        for kind in kinds {
            let mut findings = Findings::new(TRIED);
            let mut walk = Walk {
                version: self.version,
                findings: &mut findings,
            };
            walk.value(node, kind, place);
            if findings.count == 0 {
                fitting += 1;
                continue;
            }
            let is_other = !has_form(kind, node);
            let rank = (is_other, findings.count);
            if nearest
                .as_ref()
                .is_none_or(|(other, known)| rank < (*other, known.count))
            {
                nearest = Some((is_other, findings));
            }
        }
        match (fitting, choice, nearest) {
            (0, _, Some((_, findings))) => self.findings.append(findings),
            (1, ..) | (_, Choice::Any, _) => {}
            _ => {
                let expected = || format!("one of {} alternatives", kinds.len());
                self.findings
                    .add(place, expected, "something that is more than one of them");
            }
        }
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
