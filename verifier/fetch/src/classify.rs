//! What a layer of a manifest is, by its own media type: never by what a list of referrers says.

use sovverify::image::Descriptor;

/// In which role a manifest was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Under a cosign `.sig` tag, or saved as signatures by `cosign save`.
    Signatures,
    /// Under a cosign `.att` tag, or saved as attestations by `cosign save`.
    Attestations,
    /// Under a cosign `.sbom` tag.
    Sboms,
    /// As a referrer.
    Referrer,
    /// As an attestation manifest inside the index.
    InIndex,
}

/// How a layer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A Sigstore bundle.
    Bundle,
    /// A simple-signing payload, signature in the annotations.
    CosignSignature,
    /// A DSSE envelope.
    CosignAttestation,
    /// An SBOM that nobody signed.
    UnsignedSbom,
    /// A statement that nobody signed by itself.
    IndexStatement,
    /// Something that we do not read.
    Unread,
}

/// cosign `pkg/types/media.go`.
const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// cosign `pkg/types/media.go`, the DSSE envelope of attestations.
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
/// sigstore `protobuf-specs`, `sigstore_bundle.proto`: `application/vnd.dev.sigstore.bundle.v0.3+json`
/// and the older spelling `application/vnd.dev.sigstore.bundle+json;version=0.1`.
const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";
/// BuildKit `docs/attestations/attestation-storage.md`.
const IN_TOTO: &str = "application/vnd.in-toto+json";
/// docker/attest: an in-toto statement inside a DSSE envelope, the predicate named in the middle.
const IN_TOTO_DSSE: (&str, &str) = ("application/vnd.in-toto", "+dsse");

/// Media types of SBOM documents, as `cosign attach sbom`, oras and trivy write them.
const SBOM_PREFIXES: [&str; 4] = [
    "application/spdx",
    "text/spdx",
    "application/vnd.cyclonedx",
    "application/vnd.syft",
];

/// Decides how `layer` of a manifest of type `artifact_type`, found in `role`, is read.
pub(crate) fn reading(layer: &Descriptor, artifact_type: &str, role: Role) -> Reading {
    let media_type = essence(&layer.media_type);
    if media_type.starts_with(BUNDLE_PREFIX) {
        return Reading::Bundle;
    }
    if media_type == SIMPLE_SIGNING {
        return Reading::CosignSignature;
    }
    if media_type == DSSE
        || (media_type.starts_with(IN_TOTO_DSSE.0) && media_type.ends_with(IN_TOTO_DSSE.1))
    {
        return Reading::CosignAttestation;
    }
    if media_type == IN_TOTO && role == Role::InIndex {
        return Reading::IndexStatement;
    }
    let is_sbom = |text: &str| SBOM_PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    if role == Role::Sboms || is_sbom(media_type) || is_sbom(essence(artifact_type)) {
        return Reading::UnsignedSbom;
    }
    Reading::Unread
}

/// The media type without parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sovverify::Digest;

    use super::*;

    fn layer(media_type: &str) -> Descriptor {
        Descriptor {
            media_type: media_type.into(),
            digest: Digest::sha256(b""),
            size: 0,
            annotations: BTreeMap::new(),
            platform: None,
            artifact_type: Some("application/vnd.dev.sigstore.bundle.v0.3+json".into()),
        }
    }

    #[test]
    fn a_layer_is_what_its_own_media_type_says() {
        for (media_type, expected) in [
            (
                "application/vnd.dev.sigstore.bundle.v0.3+json",
                Reading::Bundle,
            ),
            (
                "application/vnd.dev.sigstore.bundle+json;version=0.1",
                Reading::Bundle,
            ),
            (SIMPLE_SIGNING, Reading::CosignSignature),
            (DSSE, Reading::CosignAttestation),
            (
                "application/vnd.in-toto.provenance+dsse",
                Reading::CosignAttestation,
            ),
            ("application/spdx+json", Reading::UnsignedSbom),
            (
                "application/vnd.cyclonedx+json; version=1.6",
                Reading::UnsignedSbom,
            ),
            (IN_TOTO, Reading::Unread),
            ("application/jose+json", Reading::Unread),
            ("", Reading::Unread),
        ] {
            assert_eq!(
                reading(&layer(media_type), "", Role::Referrer),
                expected,
                "{media_type}"
            );
        }
        assert_eq!(
            reading(&layer(IN_TOTO), "", Role::InIndex),
            Reading::IndexStatement
        );
        assert_eq!(
            reading(&layer("x/y"), "", Role::Sboms),
            Reading::UnsignedSbom
        );
        assert_eq!(
            reading(&layer("x/y"), "", Role::Signatures),
            Reading::Unread
        );
    }
}
