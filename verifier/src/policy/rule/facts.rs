//! What a rule may look at.

use jiff::Timestamp;

use super::Contents;
use crate::claim::{Claim, Content, Statement};
use crate::digest::Digest;
use crate::image::{PinnedImage, Platform};
use crate::vex::VexDocument;

/// One claim, and everything around it that a rule may look at.
pub(in crate::policy) struct Facts<'a> {
    /// The position of the claim in the appraisal.
    pub(in crate::policy) index: usize,
    pub(in crate::policy) claim: &'a Claim,
    /// The verification time.
    pub(in crate::policy) time: Timestamp,
    pub(in crate::policy) image: &'a ImageFacts,
    /// The name of the trust root under which the claim was verified.
    pub(in crate::policy) root: Option<&'a str>,
    /// Documents that were already read.
    pub(in crate::policy) contents: &'a Contents,
    /// VEX documents of the signers whom the requirement lets speak.
    pub(in crate::policy) vex: &'a [Attested],
    /// VEX documents that suppress nothing: those of others, and those that are too old.
    pub(in crate::policy) unheard_vex: &'a [Attested],
}

/// A VEX document with the claim that it comes from.
pub(in crate::policy) struct Attested {
    pub(in crate::policy) document: std::rc::Rc<VexDocument>,
    /// Who signed it, for reports.
    pub(in crate::policy) signer: String,
    /// When somebody trusted signed what is too old by now.
    pub(in crate::policy) stale: Option<String>,
}

/// The image, or the artifact, that is judged.
#[derive(Clone, Debug)]
pub(in crate::policy) struct ImageFacts {
    pub(super) reference: String,
    pub(super) name: Option<String>,
    pub(super) digest: Digest,
    /// The image's own digest, and those of its manifests that can run.
    pub(super) digests: Vec<Digest>,
    pub(super) platforms: Vec<Platform>,
}

impl ImageFacts {
    pub(in crate::policy) fn of_image(image: &PinnedImage) -> Self {
        let entries = image.platforms();
        let mut digests = vec![image.digest().clone()];
        digests.extend(entries.iter().map(|entry| entry.digest.clone()));
        digests.dedup();
        Self {
            reference: image.reference().to_owned(),
            name: image.name().map(ToString::to_string),
            digest: image.digest().clone(),
            digests,
            platforms: entries
                .into_iter()
                .filter_map(|entry| entry.platform)
                .collect(),
        }
    }

    pub(in crate::policy) fn of_artifact(digest: &Digest) -> Self {
        Self {
            reference: digest.to_string(),
            name: None,
            digest: digest.clone(),
            digests: vec![digest.clone()],
            platforms: Vec::new(),
        }
    }

    /// The image itself.
    pub(in crate::policy) const fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl<'a> Facts<'a> {
    /// The digests by which a document in this claim may name what it is about. On the image itself
    /// any manifest of it: tools describe what they were pointed at. On a platform that manifest or
    /// the image, and no other platform.
    pub(super) fn digests(&self) -> Vec<Digest> {
        let (own, image) = (&self.claim.subject, self.image);
        if *own == image.digest {
            return image.digests.clone();
        }
        vec![own.clone(), image.digest.clone()]
    }

    /// The statement of the claim, where it is an attestation.
    pub(super) const fn statement(&self) -> Option<&'a Statement> {
        match &self.claim.content {
            Content::Statement(statement) => Some(statement),
            Content::Artifact | Content::SimpleSigning(_) => None,
        }
    }
}
