//! Which policies are asked about an image, before anything is fetched.

use jiff::Timestamp;

use super::configuration::Unmatched;
use super::rule::Rule;
use super::set::{Policy, PolicySet, Scope};
use super::target::Target;
use super::unusable::Unusable;
use crate::code::Code;
use crate::image::{ImageName, PinnedImage};
use crate::trust::TrustStore;
use crate::verdict::Finding;

/// The policies that are asked about one image in one place.
#[derive(Clone, Debug)]
pub struct Matching<'a> {
    set: &'a PolicySet,
    image: String,
    policies: Vec<&'a Policy>,
    unusable: Vec<&'a Unusable>,
}

impl PolicySet {
    /// The policies that are asked about an image of a registry, by its name alone: no registry needs
    /// to be asked. `target` is where it is to run; outside a cluster there is none.
    pub fn matching(&self, name: &ImageName, target: Option<&Target>) -> Matching<'_> {
        let policies = self.list.iter();
        let unusable = self.unusable.iter();
        Matching {
            set: self,
            image: name.to_string(),
            policies: policies
                .filter(|policy| policy.parts.reach.holds_name(name, target))
                .collect(),
            unusable: unusable
                .filter(|policy| policy.reach.holds_name(name, target))
                .collect(),
        }
    }

    /// The same of an image that is at hand.
    pub(super) fn matching_image(
        &self,
        image: &PinnedImage,
        target: Option<&Target>,
    ) -> Matching<'_> {
        let name = image.name();
        let policies = self.list.iter();
        let unusable = self.unusable.iter();
        Matching {
            set: self,
            image: name.map_or_else(|| image.reference().to_owned(), ToString::to_string),
            policies: policies
                .filter(|policy| policy.parts.reach.holds(image, target))
                .collect(),
            unusable: unusable
                .filter(|policy| policy.reach.holds(image, target))
                .collect(),
        }
    }
}

impl<'a> Matching<'a> {
    /// The policies that can be asked, in order of name.
    pub fn policies(&self) -> &[&'a Policy] {
        &self.policies
    }

    /// The policies that cannot be used, and may be about this image.
    pub fn unusable(&self) -> &[&'a Unusable] {
        &self.unusable
    }

    /// Whether nothing at all is about this image.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.unusable.is_empty()
    }

    /// Whether a policy of the cluster can be asked. Those of a namespace can only tighten.
    pub fn has_cluster_policy(&self) -> bool {
        self.policies
            .iter()
            .any(|policy| *policy.scope() == Scope::Cluster)
    }

    /// What denies the image whatever evidence there is: a policy that cannot be used, or none that
    /// matches where that denies. The verdict has the same findings; where there are any, no
    /// registry needs to be asked.
    pub fn refusals(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .unusable
            .iter()
            .map(|policy| policy.finding())
            .collect();
        if self.set.configuration.unmatched == Unmatched::Deny {
            findings.extend(self.no_match());
        }
        findings
    }

    /// That no policy of the cluster matches, where none does.
    pub(super) fn no_match(&self) -> Option<Finding> {
        let mut unusable = self.unusable.iter();
        // What is broken has spoken already, and might have matched.
        if self.has_cluster_policy() || unusable.any(|policy| *policy.scope() == Scope::Cluster) {
            return None;
        }
        let found = match self.policies.len() {
            0 => match self.set.list.len() {
                1 => "none of 1 policy".to_owned(),
                all => format!("none of {all} policies"),
            },
            namespaced => format!("{namespaced} namespaced, which can only tighten"),
        };
        let name = &self.image;
        Some(Finding {
            code: Code::PolicyNoMatch,
            subject: None,
            expected: format!("a policy that matches `{name}`"),
            found,
            position: None,
            hint: Some(format!(
                "add a pattern that matches `{name}` to a `ClusterImagePolicy`"
            )),
            because: Vec::new(),
            omitted: 0,
        })
    }

    /// Everything that can change the decision on one image and its evidence under these policies, by digests:
    /// the policies with the trust roots and files that they rest on, and the settings of the process.
    /// Policies that do not match have no part in it. No two sets of policies have the same.
    pub fn identity(&self) -> Vec<u8> {
        let policies = self.policies.iter();
        let mut policies: Vec<&[u8]> = policies.map(|policy| policy.digest().as_bytes()).collect();
        policies.sort_unstable();
        policies.dedup();
        // Numbers and lengths stand before what they count, so that no two lists read the same.
        let mut bytes = self.set.configuration_digest.as_bytes().to_vec();
        bytes.extend_from_slice(&policies.len().to_be_bytes());
        bytes.extend(policies.into_iter().flatten());
        for policy in &self.unusable {
            let policy = policy.canonical().to_string();
            bytes.extend_from_slice(&policy.len().to_be_bytes());
            bytes.extend_from_slice(policy.as_bytes());
        }
        bytes
    }

    /// The anchors of these policies' signers alone, under the numbers that they have in the whole
    /// store. Evidence appraised under them leads to the same decision as under all of them, and what
    /// other policies trust costs nothing: the keys of one tenant are not tried on the images of another.
    pub fn trust_store(&self) -> TrustStore {
        let policies = self.policies.iter();
        let signers = policies.flat_map(|policy| policy.parts.signers.values());
        let anchors = signers.map(|signer| signer.anchor).collect();
        self.set.trust.only(&anchors)
    }

    /// Whether these policies look at the image as it was written, tag included: by `requireDigest`, or
    /// by a condition that names the image. Then the decision belongs to the reference as written
    /// ([`PinnedImage::written_as`]), and not to the digest alone.
    pub fn asks_how_it_is_written(&self) -> bool {
        self.policies.iter().any(|policy| {
            let requirements = policy.parts.requirements.iter();
            let mut rules = requirements.flat_map(|requirement| requirement.kind.rules());
            policy.parts.require_digest.is_some() || rules.any(Rule::reads_image)
        })
    }

    /// When the first trust root of these policies expires after `now`: no decision outlives that.
    pub fn trust_expires(&self, now: Timestamp) -> Option<Timestamp> {
        let names = PolicySet::root_names(self.policies.iter().copied());
        let roots = names
            .into_iter()
            .filter_map(|name| self.set.roots.get(name));
        roots
            .filter_map(|root| root.trust.expires())
            .filter(|expires| *expires > now)
            .min()
    }
}
