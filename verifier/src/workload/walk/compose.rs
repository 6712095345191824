//! References whose parts stand in several fields, or behind a scheme.

use super::{Walk, described};
use crate::workload::error::shown;
use crate::workload::json::Part;
use crate::workload::place::Step;
use crate::workload::{ImageUse, Place, WorkloadError};

/// What of a Flux reference can be judged.
const FLUX_REFERENCE: &str = "a tag or a digest";

impl<'v> Walk<'v> {
    /// `OCIRepositorySpec` of Flux: a digest counts before a range of versions, and that before a tag
    /// (`OCIRepositoryRef`, source-controller API v1). A range is resolved by Flux alone, again and
    /// again, and no pod is made of the outcome: so it is refused.
    pub(super) fn oci_repository(&mut self, value: Part<'v>) -> Result<(), WorkloadError> {
        let url = self.repository(value, "oci://", "`oci://` and a repository")?;
        if let Some(at) = separator(url) {
            let expected = "a repository without tag and digest";
            let found = format!("`{}`", shown(url.get(at..).unwrap_or_default()));
            return Err(self.unsupported("url", expected, found));
        }
        let reference = value.get("ref").unwrap_or(Part::NULL);
        if !(reference.is_object() || reference.is_null()) {
            return Err(self.malformed_member("ref", "an object", reference));
        }
        self.way.enter(Step::Member("ref"));
        let digest = self.part(reference, "digest")?;
        let range = self.part(reference, "semver")?;
        let tag = self.part(reference, "tag")?;
        let composed = match (digest, range, tag) {
            (Some(digest), _, _) => format!("{url}@{digest}"),
            (None, Some(range), _) => {
                let found = format!("the range of versions `{}`", shown(range));
                return Err(self.unsupported("semver", FLUX_REFERENCE, found));
            }
            (None, None, Some(tag)) => format!("{url}:{tag}"),
            (None, None, None) => url.to_owned(),
        };
        self.way.leave();
        self.composed(composed, "url", None)
    }

    fn part(
        &mut self,
        reference: Part<'v>,
        member: &'v str,
    ) -> Result<Option<&'v str>, WorkloadError> {
        let part = reference.get(member).unwrap_or(Part::NULL);
        self.way.enter(Step::Member(member));
        let text = self.text(part, "a text")?;
        self.way.leave();
        Ok(text)
    }

    /// A registry as the source of a disk (`DataVolumeSourceRegistry`, CDI API v1beta1). The importer
    /// takes the image by itself: no container ever names it.
    pub(super) fn disk_registry(
        &mut self,
        value: Part<'v>,
        name: Option<&str>,
    ) -> Result<(), WorkloadError> {
        let stream = value.get("imageStream").unwrap_or(Part::NULL);
        if !stream.is_null() {
            let expected = "a `url` with the scheme `docker://`";
            return Err(self.unsupported("imageStream", expected, described(stream)));
        }
        let reference =
            self.repository(value, "docker://", "`docker://` and an image reference")?;
        self.composed(reference.to_owned(), "url", name)
    }

    /// What follows `scheme` in the member `url`.
    fn repository(
        &mut self,
        value: Part<'v>,
        scheme: &str,
        expected: &'static str,
    ) -> Result<&'v str, WorkloadError> {
        if !value.is_object() {
            return Err(self.malformed("an object", value));
        }
        let url = value.get("url").unwrap_or(Part::NULL);
        let Some(text) = url.as_str() else {
            return Err(self.malformed_member("url", expected, url));
        };
        let rest = text.strip_prefix(scheme).filter(|rest| !rest.is_empty());
        rest.ok_or_else(|| self.unsupported("url", expected, described(url)))
    }

    fn composed(
        &mut self,
        reference: String,
        member: &'v str,
        name: Option<&str>,
    ) -> Result<(), WorkloadError> {
        self.way.enter(Step::Member(member));
        let (path, _) = self.way.exact()?;
        self.add(ImageUse {
            reference,
            path,
            pointer: None,
            name: name.map(shown),
            place: Place::Custom,
        })?;
        self.way.leave();
        Ok(())
    }

    fn unsupported(
        &mut self,
        member: &'v str,
        expected: &'static str,
        found: String,
    ) -> WorkloadError {
        self.way.enter(Step::Member(member));
        WorkloadError::Unsupported {
            path: self.way.shown(),
            expected,
            found,
        }
    }
}

/// Where a tag or digest begins; a colon before the first slash belongs to a port.
fn separator(repository: &str) -> Option<usize> {
    let path = repository.find('/').unwrap_or_default();
    let rest = repository.get(path..)?;
    rest.find([':', '@']).map(|at| path + at)
}
