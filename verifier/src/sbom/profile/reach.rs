//! Which components hang on the document's subject: one walk over all relationships.

use super::check::Lack;
use crate::sbom::model::{RelationshipKind, Sbom};

/// What is known about each component, by position.
pub(super) struct Reach {
    /// How many others it depends on or contains.
    outgoing: Vec<usize>,
    /// Whether the document says that all its dependencies are listed.
    complete: Vec<bool>,
    /// Whether it hangs on a subject or, where the document names none, on anything.
    reached: Vec<bool>,
    names_subject: bool,
}

impl Reach {
    pub(super) fn of(sbom: &Sbom) -> Self {
        let count = sbom.components.len();
        let mut others: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut related = vec![false; count];
        for relationship in &sbom.relationships {
            let (from, to) = (relationship.from, relationship.to);
            let holds = matches!(
                relationship.kind,
                RelationshipKind::DependsOn | RelationshipKind::Contains
            );
            // A component that needs itself hangs on nothing.
            if !holds || from == to || to >= count {
                continue;
            }
            if let Some(others) = others.get_mut(from) {
                others.push(to);
                mark(&mut related, from);
                mark(&mut related, to);
            }
        }
        let mut complete = vec![false; count];
        for position in &sbom.complete {
            mark(&mut complete, *position);
        }
        let names_subject = !sbom.subjects.is_empty();
        let reached = if names_subject {
            walk(&sbom.subjects, &others)
        } else {
            related
        };
        Self {
            outgoing: others.iter().map(Vec::len).collect(),
            complete,
            reached,
            names_subject,
        }
    }

    /// Whether any component depends on or contains another one.
    pub(super) fn has_dependencies(&self) -> bool {
        self.outgoing.iter().any(|count| *count > 0)
    }

    /// What is missing of the component's own dependencies.
    pub(super) fn own_dependencies(&self, position: usize) -> Option<Lack> {
        let has_some = self.outgoing.get(position).is_some_and(|count| *count > 0);
        let has_all = self.complete.get(position).is_some_and(|all| *all);
        (!has_some && !has_all).then(|| Lack::absent("none, and not said to be none"))
    }

    /// What is missing between the subject and the component.
    pub(super) fn reached(&self, position: usize) -> Option<Lack> {
        if self.reached.get(position).is_some_and(|reached| *reached) {
            return None;
        }
        Some(Lack::absent(if self.names_subject {
            "no relationship leads here from the subject"
        } else {
            "no relationship, and the document names no subject"
        }))
    }
}

/// Every position that can be reached from `starts`, the starts included.
fn walk(starts: &[usize], others: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; others.len()];
    let mut next: Vec<usize> = starts.to_vec();
    while let Some(position) = next.pop() {
        match reached.get_mut(position) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        next.extend(others.get(position).into_iter().flatten());
    }
    reached
}

fn mark(marks: &mut [bool], position: usize) {
    if let Some(marked) = marks.get_mut(position) {
        *marked = true;
    }
}
