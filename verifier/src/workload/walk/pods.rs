//! Whose the pods are, and which labels they have.

use std::collections::BTreeMap;

use super::Walk;
use crate::workload::json::{Kind, Part, Parts};
use crate::workload::place::Step;
use crate::workload::{MAX_LABELS, MAX_PULL_SECRETS, WorkloadError};

impl<'v> Walk<'v> {
    /// Where both names of the service account are written, the newer one counts, as for the API
    /// server.
    pub(super) fn pod_spec(&mut self, value: Part<'v>) -> Result<(), WorkloadError> {
        for member in ["serviceAccountName", "serviceAccount"] {
            let account = value.get(member).unwrap_or(Part::NULL);
            self.way.enter(Step::Member(member));
            self.service_account(account)?;
            self.way.leave();
            if account.as_str().is_some_and(|name| !name.is_empty()) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn service_account(&mut self, value: Part<'v>) -> Result<(), WorkloadError> {
        let Some(account) = self.known_name(value)? else {
            return Ok(());
        };
        let pods = &mut self.found.pods;
        let Some(first) = &pods.service_account else {
            pods.service_account = Some(account.to_owned());
            return Ok(());
        };
        if first == account {
            return Ok(());
        }
        add(
            &mut pods.further_service_accounts,
            account,
            "service accounts",
        )
    }

    pub(super) fn pull_secret(&mut self, value: Part<'v>) -> Result<(), WorkloadError> {
        let Some(secret) = self.known_name(value)? else {
            return Ok(());
        };
        add(&mut self.found.pods.pull_secrets, secret, "pull secrets")
    }

    /// A name that may be left out, or only be known later.
    fn known_name(&self, value: Part<'v>) -> Result<Option<&'v str>, WorkloadError> {
        let name = self.text(value, "a name")?;
        Ok(name.filter(|name| !self.is_placeholder(name)))
    }

    /// The labels that a template gives to its pods.
    pub(super) fn pod_labels(&mut self, template: Part<'v>) -> Result<(), WorkloadError> {
        let Some(metadata) = template.get("metadata").filter(|part| part.is_object()) else {
            return Ok(());
        };
        self.templates += 1;
        self.own_labels(Some(metadata))
    }

    pub(super) fn own_labels(&mut self, metadata: Option<Part<'v>>) -> Result<(), WorkloadError> {
        self.way.enter(Step::Member("metadata"));
        self.way.enter(Step::Member("labels"));
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let labels = labels.unwrap_or(Part::NULL);
        self.found.labels = match labels.kind() {
            Kind::Null => BTreeMap::new(),
            Kind::Object(members) => self.labels(members)?,
            _ => return Err(self.malformed("a map of labels", labels)),
        };
        self.way.leave();
        self.way.leave();
        Ok(())
    }

    fn labels(&self, labels: Parts<'v>) -> Result<BTreeMap<String, String>, WorkloadError> {
        if labels.clone().count() > MAX_LABELS {
            return Err(WorkloadError::too_many("labels", MAX_LABELS));
        }
        let text = |label: Part<'v>| match label.as_str() {
            Some(text) => Ok((label.name().to_owned(), text.to_owned())),
            None => Err(self.malformed("a map of texts", label)),
        };
        labels.map(text).collect()
    }
}

/// Adds a name that is not there yet.
fn add(names: &mut Vec<String>, name: &str, what: &'static str) -> Result<(), WorkloadError> {
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    if names.len() >= MAX_PULL_SECRETS {
        return Err(WorkloadError::too_many(what, MAX_PULL_SECRETS));
    }
    names.push(name.to_owned());
    Ok(())
}
