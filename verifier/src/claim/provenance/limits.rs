//! How much one provenance may say.

use std::collections::BTreeMap;

use crate::content::ContentError;

/// Dependencies or materials of one build: the largest prefetched builds list some 5 000 packages.
pub const MAX_DEPENDENCIES: usize = 20_000;
/// Digests of one artifact: nobody knows more than a dozen algorithms.
pub const MAX_DIGESTS: usize = 32;
/// Parts of a builder with a version of their own: real builders name fewer than ten.
pub const MAX_BUILDER_VERSIONS: usize = 256;
/// Bytes of one identifier or address: the longest honest package URLs have some 500.
pub const MAX_TEXT: usize = 8 * 1024;

/// Refuses more than `limit` of `what` at `place`.
pub(super) fn count(
    place: &str,
    what: &str,
    limit: usize,
    found: usize,
) -> Result<(), ContentError> {
    if found > limit {
        return Err(ContentError::limit(place, what, limit, found));
    }
    Ok(())
}

/// A text of bounded length.
pub(super) fn text(place: &str, text: String) -> Result<Box<str>, ContentError> {
    count(place, "bytes", MAX_TEXT, text.len())?;
    Ok(text.into())
}

/// A text of bounded length that is absent where it is empty.
pub(super) fn present(
    place: &str,
    found: Option<String>,
) -> Result<Option<Box<str>>, ContentError> {
    found
        .filter(|found| !found.is_empty())
        .map(|found| text(place, found))
        .transpose()
}

/// Digests of bounded number and length.
pub(super) fn digests(
    place: &str,
    digests: Option<BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, ContentError> {
    let digests = digests.unwrap_or_default();
    count(place, "digests", MAX_DIGESTS, digests.len())?;
    for (name, value) in &digests {
        count(place, "bytes", MAX_TEXT, name.len().max(value.len()))?;
    }
    Ok(digests)
}
