//! `exceptions:` of a policy.

use jiff::SignedDuration;

use super::Compiler;
use super::requirement::names;
use super::rules::Signers;
use crate::Code;
use crate::policy::decode::{List, Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::image_policy::Requirement as Written;
use crate::policy::document::rules::ExceptionRule as Rule;
use crate::policy::exception::ExceptionRule;

/// How long an exception may live where the policy does not say.
pub(in crate::policy) const DEFAULT_VALIDITY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many images one exception may name where the policy does not say.
pub(in crate::policy) const DEFAULT_IMAGES: usize = 10;

impl Compiler<'_> {
    pub(super) fn exceptions(
        &mut self,
        written: &Spanned<Rule>,
        require: &List<Spanned<Written>>,
        signers: &Signers<'_>,
    ) -> Option<ExceptionRule> {
        let rule = &written.value;
        let at_least = self.threshold(&rule.by, rule.at_least.as_ref(), signers);
        let known: Vec<&str> = require
            .items
            .iter()
            .map(|requirement| requirement.value.name.value.as_str())
            .collect();
        for name in rule.requirements.iter().flat_map(|list| &list.items) {
            if !known.contains(&name.value.as_str()) {
                let message = format!("unknown requirement `{}`", name.value);
                let mut complaint =
                    Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                        .expected(one_of(&known));
                if let Some(near) = nearest(&name.value, &known) {
                    complaint = complaint.hint(format!("did you mean `{near}`?"));
                }
                self.report(complaint);
            }
        }
        if let Some(zero) = rule.max_images.as_ref().filter(|number| number.value == 0) {
            let found = "0, which no exception can keep to".to_owned();
            self.invalid(
                &zero.mark,
                "a bound that nothing meets",
                "at least 1",
                found,
            );
        }
        if let Some(zero) = rule
            .max_validity
            .as_ref()
            .filter(|span| span.value.0.is_zero())
        {
            let (message, expected) = ("a bound that nothing meets", "some time, as `30d`");
            let found = "no time at all, which no exception can keep to".to_owned();
            self.invalid(&zero.mark, message, expected, found);
        }
        let images = rule
            .max_images
            .as_ref()
            .map(|number| usize::try_from(number.value));
        Some(ExceptionRule {
            by: names(&rule.by),
            at_least: at_least?,
            requirements: rule
                .requirements
                .as_ref()
                .map(|list| list.items.iter().map(|name| name.value.clone()).collect()),
            max_validity: rule
                .max_validity
                .as_ref()
                .map_or(DEFAULT_VALIDITY, |span| span.value.0),
            max_images: images.map_or(DEFAULT_IMAGES, |images| images.unwrap_or(usize::MAX)),
            position: Some(written.mark.position()),
        })
    }
}
