//! References without a digest: a tag can point to something else tomorrow.
//!
//! Only what was asked for in a registry has a tag that can move; an image of a layout has none.

use crate::code::Code;
use crate::image::PinnedImage;
use crate::policy::set::{DigestDemand, Policy};
use crate::verdict::Finding;

/// The finding of a policy that takes no reference without a digest.
pub(super) fn finding(policy: &Policy, image: &PinnedImage) -> Option<Finding> {
    remark(policy, image, DigestDemand::Deny)
}

/// The warnings of those that would rather have none.
pub(super) fn warnings(policies: &[&Policy], image: &PinnedImage) -> Vec<Finding> {
    let remarks = policies
        .iter()
        .filter_map(|policy| remark(policy, image, DigestDemand::Warn));
    remarks.collect()
}

fn remark(policy: &Policy, image: &PinnedImage, demand: DigestDemand) -> Option<Finding> {
    let rule = policy.parts.require_digest.as_ref()?;
    let reference = image.registry_reference()?;
    if rule.demand != demand || reference.digest().is_some() {
        return None;
    }
    let pinned = format!("{}@{}", reference.name(), image.digest());
    Some(Finding {
        position: rule.position.clone(),
        hint: Some(format!("write `{pinned}`, to which it resolves right now")),
        ..super::finding(
            Code::ImageDigestRequired,
            format!(
                "a reference by digest, such as `{}@sha256:…`",
                reference.name()
            ),
            format!("`{}`", image.reference()),
        )
    })
}
