//! Packages: package URLs, versions and their order, patterns, license expressions.
//!
//! Everything here reads text of unknown origin. What cannot be understood is said to be unknown, never
//! taken for harmless: two versions that have no order compare as `None`, and a pattern with a version
//! answers [`Match::Undecided`].
//!
//! **Invariant**: no recursion, and no number is ever narrowed: versions compare digit by digit.

pub mod license;
pub mod pattern;
pub mod purl;
pub mod range;
pub mod version;

pub use license::{LicenseError, LicenseExpression, LicenseSet};
pub use pattern::{Match, PackagePattern, PatternError};
pub use purl::{PackageUrl, PurlError, PurlParts};
pub use range::{RangeError, VersionRange};
pub use version::Scheme;
