//! Whether the children of an element come in the order that the schema wants.
//!
//! The schemas of CycloneDX obey the rule of XML Schema that the next child alone decides which part
//! of the content it belongs to (part 1, 3.8.6), so that one walk without going back is enough.

use super::element::{Particle, Term};
use crate::sbom::cyclonedx::version::Version;
use crate::sbom::cyclonedx::xml::{Element, Space};

/// Where the children depart from the content.
pub(super) struct Departure {
    /// The child that does not belong there; the number of children where one is missing at the end.
    pub(super) position: usize,
    /// What could have come; nothing where a child is one too many.
    pub(super) expected: Option<String>,
}

/// Holds `children` against `content`.
pub(super) fn check(
    content: &[Particle],
    children: &[Element<'_>],
    version: Version,
) -> Option<Departure> {
    let mut matcher = Matcher {
        children,
        position: 0,
        version,
    };
    let expected = match matcher.sequence(content) {
        Err(expected) => Some(expected),
        Ok(()) if matcher.position == children.len() => return None,
        Ok(()) => None,
    };
    Some(Departure {
        position: matcher.position,
        expected,
    })
}

struct Matcher<'c> {
    children: &'c [Element<'c>],
    position: usize,
    version: Version,
}

impl Matcher<'_> {
    fn sequence(&mut self, particles: &[Particle]) -> Result<(), String> {
        for particle in particles {
            if particle.versions.contain(self.version) {
                self.particle(particle)?;
            }
        }
        Ok(())
    }

    fn particle(&mut self, particle: &Particle) -> Result<(), String> {
        let mut count = 0_usize;
        while self.starts(particle) && (count == 0 || particle.occurs.is_repeated) {
            let before = self.position;
            self.term(&particle.term)?;
            count += 1;
            if self.position == before {
                break;
            }
        }
        if count == 0 && particle.occurs.is_required && !self.may_be_empty(&particle.term) {
            return Err(self.first(&particle.term));
        }
        Ok(())
    }

    fn term(&mut self, term: &Term) -> Result<(), String> {
        match term {
            Term::Element(..) | Term::Foreign => self.position += 1,
            Term::All(particles) => self.sequence(particles)?,
            Term::One(particles) => {
                let mut particles = particles.iter();
                let chosen = particles.find(|p| p.versions.contain(self.version) && self.starts(p));
                if let Some(chosen) = chosen {
                    self.particle(chosen)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the next child can be the first of this part.
    fn starts(&self, particle: &Particle) -> bool {
        let Some(child) = self.children.get(self.position) else {
            return false;
        };
        if !particle.versions.contain(self.version) {
            return false;
        }
        match &particle.term {
            Term::Element(name, _) => child.is(name),
            Term::Foreign => matches!(child.space, Space::Foreign | Space::Instance),
            Term::One(particles) => particles.iter().any(|particle| self.starts(particle)),
            Term::All(particles) => {
                for particle in particles {
                    if self.starts(particle) {
                        return true;
                    }
                    if particle.versions.contain(self.version) && !self.is_optional(particle) {
                        return false;
                    }
                }
                false
            }
        }
    }

    fn is_optional(&self, particle: &Particle) -> bool {
        !particle.occurs.is_required || self.may_be_empty(&particle.term)
    }

    fn may_be_empty(&self, term: &Term) -> bool {
        let version = self.version;
        match term {
            Term::Element(..) | Term::Foreign => false,
            Term::All(particles) => particles
                .iter()
                .all(|p| !p.versions.contain(version) || self.is_optional(p)),
            Term::One(particles) => particles
                .iter()
                .any(|p| p.versions.contain(version) && self.is_optional(p)),
        }
    }

    /// What a part can begin with, for messages.
    fn first(&self, term: &Term) -> String {
        let mut names = Vec::new();
        self.collect_first(term, &mut names);
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("an element {}", names.join(" or "))
    }

    fn collect_first(&self, term: &Term, names: &mut Vec<&'static str>) {
        let is_choice = matches!(term, Term::One(_));
        match term {
            Term::Element(name, _) => names.push(name),
            Term::Foreign => {}
            Term::All(particles) | Term::One(particles) => {
                for particle in particles {
                    if !particle.versions.contain(self.version) {
                        continue;
                    }
                    self.collect_first(&particle.term, names);
                    if !is_choice && !self.is_optional(particle) {
                        break;
                    }
                }
            }
        }
    }
}
