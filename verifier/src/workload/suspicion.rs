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

/// Maps whose names are their author's and promise nothing.
const FREE: [&str; 5] = [
    "annotations",
    "labels",
    "matchLabels",
    "nodeSelector",
    "volumeAttributes",
];

/// Whether a field of this name promises an image.
pub(super) fn is_image(name: &str) -> bool {
    let mut parts = name.as_bytes().windows(5);
    let called = parts.any(|part| {
        matches!(
            part,
            [
                b'i' | b'I',
                b'm' | b'M',
                b'a' | b'A',
                b'g' | b'G',
                b'e' | b'E'
            ]
        )
    });
    called && !NO_IMAGES.contains(&name)
}

/// Whether a field of this name, inside one that promises an image, is what the promise is about.
pub(super) fn is_part_of_image(name: &str) -> bool {
    PARTS.contains(&name)
}

/// Whether the names inside a field of this name are their author's.
pub(super) fn is_free(name: &str) -> bool {
    FREE.contains(&name)
}
