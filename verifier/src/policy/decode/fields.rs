//! The fields of one map, and what is said of those that are missing or unknown.

use super::{Context, Decode, nearest, one_of};
use crate::code::Code;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::{Mark, Node, Value};

/// The fields of one map, taken by name.
pub(in crate::policy) struct Fields<'a> {
    entries: Vec<(Mark, &'a str, &'a Node)>,
    /// Known names that an unknown field was probably meant to be: they are not missing as well.
    suspected: Vec<String>,
    at: Mark,
}

impl<'a> Fields<'a> {
    /// Opens `node` as a map with no other fields than `known`.
    pub(in crate::policy) fn open(
        node: &'a Node,
        at: &Mark,
        known: &[&str],
        cx: &mut Context,
    ) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            let expected = format!("a map with {}", one_of(known));
            cx.wrong_type(node, at, &expected);
            return None;
        };
        let mut entries = Vec::new();
        let mut suspected = Vec::new();
        for (key, value) in map {
            let mark = cx.mark(key);
            if known.contains(&key.value.as_str()) {
                entries.push((mark, key.value.as_str(), value));
            } else {
                let message = format!("unknown field `{}`", key.value);
                let mut complaint =
                    Diagnostic::error(Code::PolicyMalformed, mark.position(), message)
                        .expected(one_of(known));
                if let Some(near) = nearest(&key.value, known) {
                    complaint = complaint.hint(format!("did you mean `{near}`?"));
                    suspected.push(near.to_owned());
                }
                cx.report(complaint);
            }
        }
        Some(Self {
            entries,
            suspected,
            at: at.clone(),
        })
    }

    fn get(&self, name: &str) -> Option<(&Mark, &'a Node)> {
        let found = self.entries.iter().find(|(_, key, _)| *key == name);
        found.map(|(mark, _, node)| (mark, *node))
    }

    /// Reads a field that may be absent; `null` counts as absent nowhere.
    #[expect(
        clippy::option_option,
        reason = "the outer one says whether there was a complaint, as everywhere here"
    )]
    pub(in crate::policy) fn optional<T: Decode>(
        &self,
        name: &str,
        cx: &mut Context,
    ) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some((mark, node)) => T::decode(node, mark, cx).map(Some),
        }
    }

    /// Reads a field that must be there.
    pub(in crate::policy) fn required<T: Decode>(&self, name: &str, cx: &mut Context) -> Option<T> {
        if let Some((mark, node)) = self.get(name) {
            return T::decode(node, mark, cx);
        }
        if self.suspected.iter().any(|suspected| suspected == name) {
            return None;
        }
        let message = format!("missing field `{name}`");
        cx.report(
            Diagnostic::error(Code::PolicyMalformed, self.at.position(), message)
                .expected(format!("a field `{name}` in here")),
        );
        None
    }
}
