//! Licenses of SPDX 3: expressions, or trees of elements that are written out as expressions.

use std::borrow::Cow;
use std::rc::Rc;

use super::element::{Individual, individual};
use super::{Graph, Node};
use crate::content::ContentError;
use crate::sbom::spdx::bounds::{MAX_EXPRESSION_BYTES, MAX_EXPRESSION_DEPTH};

/// A license element.
pub(super) struct License<'a> {
    shape: Shape<'a>,
    place: String,
    state: State,
}

/// What a license is made of.
#[derive(Clone)]
pub(super) enum Shape<'a> {
    /// An expression.
    Expression(Cow<'a, str>),
    /// An entry of the list of licenses: its identifier says which.
    Listed,
    /// A license of its own, by name.
    Named(Option<Cow<'a, str>>),
    /// All of these.
    All(Vec<Cow<'a, str>>),
    /// Any of these.
    Any(Vec<Cow<'a, str>>),
    /// This one or a later one.
    OrLater(Option<Cow<'a, str>>),
    /// This one with this addition.
    With(Option<Cow<'a, str>>, Option<Cow<'a, str>>),
}

/// How far writing out has come.
#[derive(Clone)]
enum State {
    Unread,
    /// It is being written out: who needs it again is in a circle.
    Open,
    Done(Written),
}

/// A license, written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// The text; none where there is no license, or nothing is said.
    pub(super) text: Option<Rc<str>>,
    /// Whether a name stands in it that is no identifier of SPDX.
    pub(super) is_name: bool,
}

impl<'a> License<'a> {
    /// A license at a place.
    pub(super) fn new(shape: Shape<'a>, place: String) -> Self {
        Self {
            shape,
            place,
            state: State::Unread,
        }
    }
}

impl<'a> Graph<'a> {
    /// The license that an identifier names. Each element is written out once; `depth` is bounded.
    pub(super) fn written(&mut self, id: &str, depth: usize) -> Result<Written, ContentError> {
        let index = match self.nodes.get(id) {
            Some(Node::License(index)) => *index,
            Some(_) => return Ok(Written::default()),
            None => return Ok(listed(id)),
        };
        let Some(license) = self.licenses.get_mut(index) else {
            return Ok(Written::default());
        };
        let place = license.place.clone();
        match &license.state {
            State::Done(written) => return Ok(written.clone()),
            State::Open => {
                let wanted = "licenses that do not contain themselves";
                self.draft.breach(|| place, wanted, "a circle");
                return Ok(Written::default());
            }
            State::Unread => license.state = State::Open,
        }
        if depth >= MAX_EXPRESSION_DEPTH {
            let (limit, found) = (MAX_EXPRESSION_DEPTH, depth.saturating_add(1));
            return Err(ContentError::limit(
                place,
                "levels of licenses",
                limit,
                found,
            ));
        }
        let shape = license.shape.clone();
        let written = self.write(&shape, id, depth.saturating_add(1))?;
        let length = written.text.as_deref().map_or(0, str::len);
        if length > MAX_EXPRESSION_BYTES {
            let what = "bytes of a license expression";
            return Err(ContentError::limit(
                place,
                what,
                MAX_EXPRESSION_BYTES,
                length,
            ));
        }
        if let Some(license) = self.licenses.get_mut(index) {
            license.state = State::Done(written.clone());
        }
        Ok(written)
    }

    fn write(
        &mut self,
        shape: &Shape<'a>,
        id: &str,
        depth: usize,
    ) -> Result<Written, ContentError> {
        match shape {
            Shape::Expression(text) => Ok(expression(text.trim(), false)),
            Shape::Listed => Ok(listed(id)),
            Shape::Named(name) => Ok(expression(name.as_deref().unwrap_or(id), true)),
            Shape::All(members) => self.join(members, " AND ", depth),
            Shape::Any(members) => self.join(members, " OR ", depth),
            Shape::OrLater(license) => {
                let license = self.optional(license.as_deref(), depth)?;
                Ok(license.text.map_or_else(Written::default, |text| {
                    expression(&format!("{text}+"), license.is_name)
                }))
            }
            Shape::With(license, addition) => {
                let license = self.optional(license.as_deref(), depth)?;
                let addition = self.optional(addition.as_deref(), depth)?;
                let (Some(text), Some(with)) = (&license.text, &addition.text) else {
                    return Ok(license);
                };
                let is_name = license.is_name || addition.is_name;
                Ok(expression(&format!("{text} WITH {with}"), is_name))
            }
        }
    }

    fn optional(&mut self, id: Option<&str>, depth: usize) -> Result<Written, ContentError> {
        id.map_or_else(|| Ok(Written::default()), |id| self.written(id, depth))
    }

    fn join(
        &mut self,
        members: &[Cow<'a, str>],
        word: &str,
        depth: usize,
    ) -> Result<Written, ContentError> {
        let mut text = String::from("(");
        let mut is_name = false;
        let mut is_first = true;
        for member in members {
            let member = self.written(member, depth)?;
            let Some(next) = member.text else {
                continue;
            };
            if !is_first {
                text.push_str(word);
            }
            is_first = false;
            is_name |= member.is_name;
            text.push_str(&next);
            if text.len() > MAX_EXPRESSION_BYTES {
                let (limit, found) = (MAX_EXPRESSION_BYTES, text.len());
                let what = "bytes of a license expression";
                return Err(ContentError::limit("the document", what, limit, found));
            }
        }
        if is_first {
            return Ok(Written::default());
        }
        text.push(')');
        Ok(Written {
            text: Some(text.into()),
            is_name,
        })
    }
}

fn expression(text: &str, is_name: bool) -> Written {
    if matches!(text, "" | "NONE" | "NOASSERTION") {
        return Written::default();
    }
    Written {
        text: Some(text.into()),
        is_name,
    }
}

/// The listed license or exception that an IRI of the list names.
fn listed(id: &str) -> Written {
    if matches!(
        individual(id),
        Some(Individual::Nothing | Individual::Unsaid)
    ) {
        return Written::default();
    }
    match list_name(id) {
        Some(name) => expression(name, false),
        None => Written::default(),
    }
}

/// The name behind the address of the list of licenses.
pub(super) fn list_name(id: &str) -> Option<&str> {
    let rest = id
        .strip_prefix("https://spdx.org/licenses/")
        .or_else(|| id.strip_prefix("http://spdx.org/licenses/"))?;
    let name = rest.strip_suffix(".html").unwrap_or(rest);
    (!name.is_empty() && !name.contains('/')).then_some(name)
}
