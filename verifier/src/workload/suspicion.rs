//! Which names of fields promise an image.

/// Fields that are called after images and hold none.
const NO_IMAGES: [&str; 4] = [
    "imagePullPolicy",
    "imagePullSecrets",
    "imagePullSecret",
    "imageID",
];

/// Parts of what is called an image in which a reference, or a part of one, may stand.
const PARTS: [&str; 11] = [
    "digest",
    "id",
    "name",
    "ref",
    "reference",
    "registry",
    "repository",
    "tag",
    "uri",
    "url",
    "value",
];

/// Whether a field of this name promises an image.
pub(super) fn is_image(name: &str) -> bool {
    let mut parts = name.as_bytes().windows(5);
    // The rarest letter first.
    let called = parts.any(|part| {
        matches!(part, [_, _, _, b'g' | b'G', _]) && part.eq_ignore_ascii_case(b"image")
    });
    called && !NO_IMAGES.contains(&name)
}

/// Whether a field of this name, inside one that promises an image, is what the promise is about.
pub(super) fn is_part_of_image(name: &str) -> bool {
    PARTS.contains(&name)
}

/// Whether this is a map whose names are their author's and promise nothing.
pub(super) fn is_free(name: &str) -> bool {
    matches!(
        name,
        "annotations" | "labels" | "matchLabels" | "nodeSelector" | "volumeAttributes"
    )
}
