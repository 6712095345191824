//! Images: names as people write them, and the pinned image that everything below works with.
//!
//! **Invariant**: below tag resolution there is only [`PinnedImage`]; nothing reads a tag again.

mod manifest;
mod pinned;
mod platform;
mod reference;
mod spelling;

pub use manifest::{Descriptor, Document, Index, Manifest, ManifestError};
pub use pinned::{PinError, PinnedImage, PlatformManifest};
pub use platform::{Platform, PlatformError};
pub use reference::{ImageName, ImageReference, ReferenceError};
