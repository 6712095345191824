//! `TrustRoot` documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::Compiler;
use crate::code::Code;
use crate::json::canonical;
use crate::policy::algorithms::{Algorithms, Listable, NAMES, Profile, Rule};
use crate::policy::decode::{List, Spanned, nearest, one_of};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::common::Content;
use crate::policy::document::trust_root::{
    AlgorithmRule, AlgorithmSet, Algorithms as Written, InclusionWord, InstanceWord, Sigstore,
    TrustRootSpec,
};
use crate::policy::document::{API_VERSION, Document};
use crate::policy::root::Root;
use crate::policy::source::Mark;
use crate::trust::{
    Inclusion, Instance, Requirements, Sct, TrustError, TrustRoot, TrustRootOptions, TrustRootParts,
};

/// Logs or times that a trust root may ask for: more than that many independent ones do not exist.
pub(in crate::policy) const MAX_DEMANDED: u32 = 8;

/// Where the material comes from.
enum Material {
    Json(Spanned<String>),
    Instance(Instance),
    Parts(TrustRootParts),
}

impl Compiler<'_> {
    pub(super) fn trust_root(&mut self, document: &Document<TrustRootSpec>) {
        let name = &document.metadata.name;
        if name.value == "none" {
            let expected = "another name";
            self.invalid(
                &name.mark,
                "`none` is reserved",
                expected,
                "`none`".to_owned(),
            );
            return;
        }
        let spec = &document.spec;
        let before = self.complaints.len();
        let requirements = self.requirements(spec);
        let algorithms = self.algorithms(spec.algorithms.as_ref());
        self.check_expiry(spec);
        let material = self.material(&spec.sigstore, &requirements);
        let (Some(material), true) = (material, self.complaints.len() == before) else {
            return;
        };
        let options = TrustRootOptions {
            requirements,
            expires: spec.expires.map(|moment| moment.0),
        };
        match build(&name.value, material, options) {
            Err((mark, error)) => {
                let mark = mark.unwrap_or_else(|| spec.sigstore.mark.clone());
                self.unusable(&mark, &error);
            }
            Ok(root) => {
                let warn_before = spec.warn_before.as_ref().map(|span| span.value.0);
                let identity = json!({
                    "apiVersion": API_VERSION,
                    "kind": "TrustRoot",
                    "name": name.value,
                    "root": root.digest().to_string(),
                    "expires": root.expires().map(|moment| moment.to_string()),
                    "warnBefore": warn_before.map(|span| span.as_secs()),
                    "algorithms": algorithms.canonical(),
                });
                let root = Root {
                    digest: canonical::digest(&identity),
                    trust: Arc::new(root),
                    warn_before,
                    algorithms,
                    position: Some(name.mark.position()),
                };
                self.roots.insert(name.value.clone(), root);
            }
        }
    }

    fn unusable(&mut self, mark: &Mark, error: &TrustError) {
        let message = "unusable trust material";
        self.report(
            Diagnostic::error(Code::TrustMalformed, mark.position(), message)
                .expected("material that can be used as a whole")
                .found(error.to_string()),
        );
    }

    fn requirements(&mut self, spec: &TrustRootSpec) -> Requirements {
        let mut requirements = defaults(&spec.sigstore.value);
        let Some(require) = spec.require.as_ref().map(|require| &require.value) else {
            return requirements;
        };
        for number in [&require.log, &require.timestamp].into_iter().flatten() {
            if number.value > MAX_DEMANDED {
                let expected = format!("at most {MAX_DEMANDED}");
                let found = number.value.to_string();
                self.invalid(&number.mark, "an unreachable demand", &expected, found);
            }
        }
        let count = |number: &Spanned<u32>| usize::try_from(number.value).unwrap_or(usize::MAX);
        if let Some(log) = &require.log {
            requirements.logs = count(log);
        }
        if let Some(timestamp) = &require.timestamp {
            requirements.timestamps = count(timestamp);
        }
        if let Some(sct) = &require.sct {
            requirements.sct = if sct.value {
                Sct::Required
            } else {
                Sct::DangerNotRequired
            };
        }
        if let Some(inclusion) = &require.inclusion {
            if requirements.logs == 0 {
                let expected = "no `inclusion` where `log` is 0, or `log: 1`";
                let found = "no log is asked for, so nothing can be included".to_owned();
                self.invalid(&inclusion.mark, "contradictory demand", expected, found);
            }
            requirements.inclusion = match inclusion.value {
                InclusionWord::Proof => Inclusion::Proof,
                InclusionWord::ProofUnlessLegacy => Inclusion::ProofUnlessLegacy,
                InclusionWord::DangerPromise => Inclusion::DangerPromiseAlone,
            };
        }
        requirements
    }

    fn check_expiry(&mut self, spec: &TrustRootSpec) {
        if let (Some(warn), None) = (&spec.warn_before, &spec.expires) {
            let expected = "`expires` beside `warnBefore`";
            self.invalid(
                &warn.mark,
                "nothing to warn of",
                expected,
                "no `expires`".to_owned(),
            );
        }
    }

    fn algorithms(&mut self, written: Option<&Written>) -> Algorithms {
        let roles = match written {
            None => return Algorithms::default(),
            Some(Written::Everywhere(rule)) => return Algorithms::everywhere(self.rule(rule)),
            Some(Written::ByRole(roles)) => roles,
        };
        let profile = roles.profile.map_or_else(Rule::default, of_profile);
        let mut role = |written: Option<&AlgorithmRule>| {
            written.map_or_else(|| profile.clone(), |rule| self.rule(rule))
        };
        Algorithms {
            signature: role(roles.signature.as_ref()),
            certificate: role(roles.certificate.as_ref()),
            log: role(roles.log.as_ref()),
            timestamp: role(roles.timestamp.as_ref()),
        }
    }

    fn rule(&mut self, written: &AlgorithmRule) -> Rule {
        let list = match written {
            AlgorithmRule::Set(set) => return of_profile(*set),
            AlgorithmRule::List(list) => list,
        };
        let mut listed = BTreeSet::new();
        for name in &list.items {
            if let Some(known) = Listable::parse(&name.value) {
                listed.insert(known);
                continue;
            }
            let message = "unknown algorithm";
            let mut complaint =
                Diagnostic::error(Code::PolicyInvalid, name.mark.position(), message)
                    .expected(one_of(&NAMES))
                    .found(format!("`{}`", name.value));
            if let Some(near) = nearest(&name.value, &NAMES) {
                complaint = complaint.hint(format!("did you mean `{near}`?"));
            }
            self.report(complaint);
        }
        Rule::Listed(listed)
    }

    fn material(
        &mut self,
        sigstore: &Spanned<Sigstore>,
        requirements: &Requirements,
    ) -> Option<Material> {
        let Sigstore {
            trusted_root,
            instance: embedded,
            certificate_authorities,
            transparency_logs,
            ct_logs,
            timestamp_authorities,
        } = &sigstore.value;
        let lists = [
            certificate_authorities,
            transparency_logs,
            ct_logs,
            timestamp_authorities,
        ];
        let has_parts = lists.iter().any(|list| list.is_some());
        match (trusted_root, embedded, has_parts) {
            (Some(content), None, false) => {
                let text = self.content(&content.value, &content.mark)?;
                Some(Material::Json(text))
            }
            (None, Some(word), false) => Some(Material::Instance(instance(word.value))),
            (None, None, true) => {
                self.check_parts(sigstore, requirements);
                let [authorities, logs, ct, timestamps] =
                    lists.map(|list| self.parts(list.as_ref()));
                Some(Material::Parts(TrustRootParts {
                    certificate_authorities: authorities?,
                    transparency_logs: logs?,
                    ct_logs: ct?,
                    timestamp_authorities: timestamps?,
                }))
            }
            _ => {
                let expected = "exactly one of `trustedRoot`, `instance`, or PEM parts such as `certificateAuthorities`";
                let found = match (trusted_root, embedded, has_parts) {
                    (None, None, false) => "none of them",
                    _ => "more than one of them",
                };
                let message = "contradictory trust material";
                self.invalid(&sigstore.mark, message, expected, found.to_owned());
                None
            }
        }
    }

    /// Demands that these parts can never meet.
    fn check_parts(&mut self, sigstore: &Spanned<Sigstore>, requirements: &Requirements) {
        let parts = &sigstore.value;
        let count = |list: &Option<List<Spanned<Content>>>| {
            list.as_ref().map_or(0, |list| list.items.len())
        };
        let logs = count(&parts.transparency_logs);
        let authorities = count(&parts.timestamp_authorities);
        let message = "a demand that this trust root can never meet";
        if requirements.logs > logs {
            let expected = format!("at least {} `transparencyLogs`", requirements.logs);
            let found = format!("{logs}; `require: {{ log: 0 }}` asks for none");
            self.invalid(&sigstore.mark, message, &expected, found);
        }
        if requirements.timestamps > 0 && logs + authorities == 0 {
            let expected = "`timestampAuthorities` or `transparencyLogs` that vouch for a time";
            let found = "neither; `require: { timestamp: 0 }` asks for no time".to_owned();
            self.invalid(&sigstore.mark, message, expected, found);
        }
        let certificates = count(&parts.certificate_authorities) > 0;
        if certificates && requirements.sct == Sct::Required && count(&parts.ct_logs) == 0 {
            let found = "none; `require: { sct: false }` asks for no SCT".to_owned();
            self.invalid(
                &sigstore.mark,
                message,
                "`ctLogs` that vouch for certificates",
                found,
            );
        }
    }

    fn parts(&mut self, list: Option<&List<Spanned<Content>>>) -> Option<Vec<String>> {
        let items = list.iter().flat_map(|list| &list.items);
        let texts: Vec<Option<Spanned<String>>> = items
            .map(|content| self.content(&content.value, &content.mark))
            .collect();
        texts
            .into_iter()
            .map(|text| text.map(|text| text.value))
            .collect()
    }
}

const fn of_profile(word: AlgorithmSet) -> Rule {
    Rule::Profile(match word {
        AlgorithmSet::Default => Profile::Default,
        AlgorithmSet::Fips => Profile::Fips140_3,
        AlgorithmSet::Bsi => Profile::BsiTr02102_1_2026_01,
    })
}

/// What evidence must bring where nothing is written.
fn defaults(sigstore: &Sigstore) -> Requirements {
    sigstore
        .instance
        .as_ref()
        .map_or_else(Requirements::default, |word| {
            instance_requirements(instance(word.value))
        })
}

/// What evidence must bring under an embedded instance where nothing is written.
pub(in crate::policy) fn instance_requirements(instance: Instance) -> Requirements {
    match instance {
        // GitHub's instance for private repositories has timestamps and neither logs nor SCTs.
        Instance::GitHub => Requirements {
            logs: 0,
            timestamps: 1,
            sct: Sct::DangerNotRequired,
            ..Requirements::default()
        },
        Instance::PublicGood | Instance::Staging => Requirements::default(),
    }
}

const fn instance(word: InstanceWord) -> Instance {
    match word {
        InstanceWord::PublicGood => Instance::PublicGood,
        InstanceWord::Staging => Instance::Staging,
        InstanceWord::GitHub => Instance::GitHub,
    }
}

/// The error carries the place of the text that is to blame, where it is a single one.
fn build(
    name: &str,
    material: Material,
    options: TrustRootOptions,
) -> Result<TrustRoot, (Option<Mark>, TrustError)> {
    match material {
        Material::Json(text) => TrustRoot::from_json(name, &text.value, options)
            .map_err(|error| (Some(text.mark), error)),
        Material::Instance(instance) => {
            TrustRoot::embedded(name, instance, options).map_err(|error| (None, error))
        }
        Material::Parts(parts) => {
            TrustRoot::from_parts(name, &parts, options).map_err(|error| (None, error))
        }
    }
}
