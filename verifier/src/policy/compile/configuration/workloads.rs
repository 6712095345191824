//! `workloads` of a `Configuration`.

use std::collections::BTreeMap;

use crate::policy::compile::Compiler;
use crate::policy::decode::{List, Spanned};
use crate::policy::document::configuration::{CustomKind, PlaceholdersWord, PresetWord, Workloads};
use crate::policy::source::Mark;
use crate::workload::{self, FieldPath, GroupKind, Placeholders, Preset, WorkloadFields};

/// Characters of one API group, as of every DNS name.
pub(in crate::policy) const MAX_GROUP: usize = 253;
/// Characters of one kind, as Kubernetes wants it.
pub(in crate::policy) const MAX_KIND: usize = 63;

impl Compiler<'_> {
    pub(super) fn workloads(&mut self, written: &Workloads) -> WorkloadFields {
        let presets = written.presets.iter().flat_map(|list| &list.items);
        let presets: Vec<Preset> = presets.map(|word| preset(*word)).collect();
        let mut seen: BTreeMap<GroupKind, Mark> = BTreeMap::new();
        let mut custom = Vec::new();
        for written in written.custom.iter().flat_map(|list| &list.items) {
            let Some(kind) = self.custom_kind(written) else {
                continue;
            };
            let mark = written.kind.mark.clone();
            if seen.insert(kind.kind.clone(), mark).is_some() {
                let expected = "each kind once";
                let found = format!("`{}` again", kind.kind);
                self.invalid(&written.kind.mark, "a kind twice", expected, found);
            }
            custom.push(kind);
        }
        WorkloadFields::with(&presets, &custom)
    }

    fn custom_kind(&mut self, written: &CustomKind) -> Option<workload::CustomKind> {
        let kind = self.group_kind(written);
        let pod_specs = self.paths(written.pod_specs.as_ref());
        let images = self.paths(written.images.as_ref());
        let not_images = self.paths(written.not_images.as_ref());
        let nothing =
            written.pod_specs.is_none() && written.images.is_none() && written.not_images.is_none();
        if nothing {
            let expected = "`podSpecs` or `images`";
            let message = "a kind without paths";
            self.invalid(&written.kind.mark, message, expected, "neither".to_owned());
        }
        for written in written.not_images.iter().flat_map(|list| &list.items) {
            if images.iter().any(|path| path.text() == written.value) {
                let expected = "a path in `images` or in `notImages`";
                let found = format!("`{}` in both", written.value);
                let message = "an image that is none";
                self.invalid(&written.mark, message, expected, found);
            }
        }
        Some(workload::CustomKind {
            kind: kind?,
            pod_specs,
            images,
            not_images,
            placeholders: written.placeholders.map(placeholders),
        })
    }

    fn group_kind(&mut self, written: &CustomKind) -> Option<GroupKind> {
        let (group, kind) = (&written.group, &written.kind);
        let is_group = group.value.is_empty()
            || (group.value.len() <= MAX_GROUP && group.value.split('.').all(is_label));
        if !is_group {
            let expected = "a group such as `example.dev`, without a version";
            let found = format!("`{}`", group.value);
            self.invalid(&group.mark, "not an API group", expected, found);
        }
        let is_kind = kind.value.len() <= MAX_KIND
            && kind.value.starts_with(|c: char| c.is_ascii_uppercase())
            && kind.value.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_kind {
            let expected = "a kind such as `Deployment`";
            let found = format!("`{}`", kind.value);
            self.invalid(&kind.mark, "not a kind", expected, found);
        }
        (is_group && is_kind).then(|| GroupKind::new(group.value.clone(), kind.value.clone()))
    }

    fn paths(&mut self, list: Option<&List<Spanned<String>>>) -> Vec<FieldPath> {
        let mut paths = Vec::new();
        for written in list.iter().flat_map(|list| &list.items) {
            match written.value.parse::<FieldPath>() {
                Ok(path) => paths.push(path),
                Err(error) => {
                    let message = "not a path of fields";
                    let (expected, found) = (error.expected(), error.found());
                    self.invalid(&written.mark, message, &expected, found);
                }
            }
        }
        paths
    }
}

/// A part of a DNS name.
fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(inner)
}

const fn preset(word: PresetWord) -> Preset {
    match word {
        PresetWord::ArgoRollouts => Preset::ArgoRollouts,
        PresetWord::ArgoWorkflows => Preset::ArgoWorkflows,
        PresetWord::Knative => Preset::Knative,
        PresetWord::KubeVirt => Preset::KubeVirt,
        PresetWord::Tekton => Preset::Tekton,
        PresetWord::Flux => Preset::Flux,
        PresetWord::Kruise => Preset::Kruise,
    }
}

const fn placeholders(word: PlaceholdersWord) -> Placeholders {
    match word {
        PlaceholdersWord::DoubleBraces => Placeholders::DoubleBraces,
        PlaceholdersWord::DollarParentheses => Placeholders::DollarParentheses,
    }
}
