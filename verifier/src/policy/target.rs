//! Where an image is to run, in a cluster.

use std::collections::BTreeMap;

use super::selector::{self, Selector};

/// Where an image is to run, in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The namespace.
    pub namespace: String,
    /// The namespace's labels. Its name needs not be among them.
    pub namespace_labels: BTreeMap<String, String>,
    /// The labels of the pods that will run: those of the pod, or of a workload's pod template.
    pub object_labels: BTreeMap<String, String>,
}

impl Target {
    /// Whether `selector` selects the namespace.
    pub(super) fn is_in(&self, selector: &Selector) -> bool {
        selector.selects(selector::of_namespace(
            &self.namespace,
            &self.namespace_labels,
        ))
    }

    /// Whether `selector` selects the pods.
    pub(super) fn has(&self, selector: &Selector) -> bool {
        selector.selects(|key| self.object_labels.get(key).map(String::as_str))
    }
}
