//! What stands at a known place.

use super::{Walk, is_blank};
use crate::workload::error::shown;
use crate::workload::fields::Absent;
use crate::workload::json::{Kind, Part};
use crate::workload::place::Step;
use crate::workload::shape::Shape;
use crate::workload::{
    Deferred, DeferredReason, ImageUse, MAX_IMAGES, MAX_REFERENCE, Place, WorkloadError,
};

impl<'v> Walk<'v> {
    pub(super) fn read(
        &mut self,
        shape: Shape,
        value: Part<'v>,
        name: Option<&'v str>,
    ) -> Result<(), WorkloadError> {
        match shape {
            Shape::Image => match value.kind() {
                Kind::String(text) if !is_blank(text) => self.image(text, Place::Custom, name),
                _ => Err(self.malformed("an image reference", value)),
            },
            Shape::OptionalImage => match self.text(value, "an image reference")? {
                Some(text) => self.image(text, Place::Custom, name),
                None => Ok(()),
            },
            Shape::Patch => match self.text(value, "a text")? {
                Some(text) => self.defer(DeferredReason::Patch, text, name),
                None => Ok(()),
            },
            Shape::ServiceAccount => self.service_account(value),
            Shape::PullSecret => self.pull_secret(value),
            // A member that is `null` is left out; an item that is `null` is a mistake.
            _ if value.is_null() && !self.way.is_item() => Ok(()),
            Shape::Container(place) => self.holder(value, "image", place, name),
            Shape::ImageVolume => self.holder(value, "reference", Place::ImageVolume, name),
            Shape::PodSpec => self.pod_spec(value),
            Shape::PodTemplate | Shape::Labelled => self.pod_labels(value),
            Shape::OciRepository => self.oci_repository(value),
            Shape::DiskRegistry => self.disk_registry(value, name),
            Shape::Volume
            | Shape::ArgoWorkflow
            | Shape::ArgoTemplate
            | Shape::TektonTask
            | Shape::TektonPipeline
            | Shape::VirtualMachine
            | Shape::VirtualMachineSpec
            | Shape::DiskSource
            | Shape::Taken
            | Shape::NoImage => Ok(()),
        }
    }

    /// An object with an image as its member `member`.
    fn holder(
        &mut self,
        value: Part<'v>,
        member: &'v str,
        place: Place,
        name: Option<&'v str>,
    ) -> Result<(), WorkloadError> {
        if !value.is_object() {
            return Err(self.malformed("an object with an image", value));
        }
        self.way.enter(Step::Member(member));
        let image = value.get(member).unwrap_or(Part::NULL);
        match image.kind() {
            Kind::String(text) if !is_blank(text) => self.image(text, place, name)?,
            // The API server takes a template whose image is one blank, for those who fill it in later; a
            // pod with such an image never starts.
            Kind::Null | Kind::String(_) if self.kind.absent == Absent::Deferred => {
                self.defer(DeferredReason::Absent, "", name)?;
            }
            _ => return Err(self.malformed("an image reference", image)),
        }
        self.way.leave();
        Ok(())
    }

    /// A text that may be left out, by `null` or by being blank.
    pub(super) fn text(
        &self,
        value: Part<'v>,
        expected: &'static str,
    ) -> Result<Option<&'v str>, WorkloadError> {
        match value.kind() {
            Kind::Null => Ok(None),
            Kind::String(text) => Ok(Some(text).filter(|text| !is_blank(text))),
            _ => Err(self.malformed(expected, value)),
        }
    }

    /// An image whose reference is the whole text where we are.
    fn image(&mut self, text: &str, place: Place, name: Option<&str>) -> Result<(), WorkloadError> {
        if self.is_placeholder(text) {
            return self.defer(DeferredReason::Placeholder, text, name);
        }
        let (path, pointer) = self.way.exact()?;
        self.add(ImageUse {
            reference: text.to_owned(),
            path,
            pointer: Some(pointer),
            name: name.map(shown),
            place,
        })
    }

    pub(super) fn add(&mut self, image: ImageUse) -> Result<(), WorkloadError> {
        let length = image.reference.len();
        if length > MAX_REFERENCE {
            return Err(WorkloadError::TooLong {
                what: "an image reference",
                path: shown(&image.path),
                limit: MAX_REFERENCE,
                found: length,
            });
        }
        self.count()?;
        self.found.images.push(image);
        Ok(())
    }

    fn defer(
        &mut self,
        reason: DeferredReason,
        value: &str,
        name: Option<&str>,
    ) -> Result<(), WorkloadError> {
        self.count()?;
        self.found.deferred.push(Deferred {
            path: self.way.shown(),
            value: shown(value),
            name: name.map(shown),
            reason,
        });
        Ok(())
    }

    /// Counts one more image.
    fn count(&self) -> Result<(), WorkloadError> {
        if self.found.images.len() + self.found.deferred.len() < MAX_IMAGES {
            return Ok(());
        }
        Err(WorkloadError::too_many("images", MAX_IMAGES))
    }

    /// Whether `text` has parts that are only known later.
    pub(super) fn is_placeholder(&self, text: &str) -> bool {
        self.kind.placeholders.iter().any(|form| form.is_in(text))
    }
}
