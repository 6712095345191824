//! What a policy is about: images, and in a cluster namespaces and pods.

use super::image_pattern::ImagePattern;
use super::selector::Selector;
use super::set::Scope;
use super::target::Target;
use crate::image::{ImageName, PinnedImage};

/// What a policy is about.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) scope: Scope,
    pub(super) images: Vec<ImagePattern>,
    /// Which namespaces; all where absent.
    pub(super) namespaces: Option<Selector>,
    /// Which pods; all where absent.
    pub(super) objects: Option<Selector>,
}

impl Reach {
    /// Every image of `scope`.
    pub(super) fn everything(scope: Scope) -> Self {
        Self {
            scope,
            images: vec![ImagePattern::everything()],
            namespaces: None,
            objects: None,
        }
    }

    /// Whether `image` is meant, where it is to run.
    pub(super) fn holds(&self, image: &PinnedImage, target: Option<&Target>) -> bool {
        self.covers(target) && self.images.iter().any(|pattern| pattern.matches(image))
    }

    /// Whether an image of a registry is meant, where it is to run.
    pub(super) fn holds_name(&self, name: &ImageName, target: Option<&Target>) -> bool {
        self.covers(target) && self.images.iter().any(|pattern| pattern.matches_name(name))
    }

    /// Whether the place is meant. Outside a cluster there is none to tell apart.
    fn covers(&self, target: Option<&Target>) -> bool {
        let Some(target) = target else {
            return true;
        };
        let in_scope = match &self.scope {
            Scope::Cluster => true,
            Scope::Namespace(namespace) => *namespace == target.namespace,
        };
        let selected =
            |selector: Option<&Selector>, is: &dyn Fn(&Selector) -> bool| selector.is_none_or(is);
        in_scope
            && selected(self.namespaces.as_ref(), &|selector| target.is_in(selector))
            && selected(self.objects.as_ref(), &|selector| target.has(selector))
    }
}
