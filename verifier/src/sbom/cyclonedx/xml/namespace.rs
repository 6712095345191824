//! Which namespace a prefix stands for (Namespaces in XML 1.0).

use super::Space;

/// Namespaces that are declared at one place, root included. Real documents declare three; each name
/// with a prefix is looked up among them.
pub(in crate::sbom::cyclonedx) const MAX_NAMESPACES: usize = 64;
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespaces in scope.
#[derive(Default)]
pub(super) struct Namespaces {
    /// That of the root element.
    pub(super) own: Box<str>,
    /// Prefix and name, innermost last.
    bound: Vec<(Box<str>, Box<str>)>,
    /// How many were bound before each open element.
    marks: Vec<usize>,
}

impl Namespaces {
    /// Enters an element with these attributes. The error has the bound and what was found.
    pub(super) fn push(&mut self, attributes: &[(&str, Box<str>)]) -> Result<(), (usize, usize)> {
        self.marks.push(self.bound.len());
        for (key, value) in attributes {
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            self.bound.push((prefix.into(), value.clone()));
            if self.bound.len() > MAX_NAMESPACES {
                return Err((MAX_NAMESPACES, self.bound.len()));
            }
        }
        Ok(())
    }

    /// Leaves an element.
    pub(super) fn pop(&mut self) {
        self.bound.truncate(self.marks.pop().unwrap_or_default());
    }

    /// The name that `prefix` stands for; the default namespace is that of the empty prefix.
    pub(super) fn uri(&self, prefix: &str) -> Option<&str> {
        let mut bound = self.bound.iter().rev();
        let found = bound.find(|(known, _)| known.as_ref() == prefix);
        found.map(|(_, uri)| uri.as_ref())
    }

    /// What `prefix` stands for, as far as it matters; nothing where it is not declared.
    pub(super) fn space(&self, prefix: &str) -> Option<Space> {
        if prefix == "xml" {
            return Some(Space::Foreign);
        }
        Some(match self.uri(prefix) {
            Some("") => Space::None,
            Some(INSTANCE) => Space::Instance,
            Some(uri) if uri == self.own.as_ref() => Space::Own,
            Some(_) => Space::Foreign,
            None if prefix.is_empty() => Space::None,
            None => return None,
        })
    }
}

/// The prefix and the rest of a name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
