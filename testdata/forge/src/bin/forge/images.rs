//! `testdata/images` and the trust root under which they are judged.

use std::collections::BTreeMap;
use std::path::Path;

use sovverify_forge::{
    Bundle, Descriptor, Forge, Key, KeyKind, Layout, SIGNING_TIME, Statement, at,
};

use crate::{clear, save};

/// The name under which the images were signed.
const NAME: &str = "registry.forge.example/acme/app";
const TAG: &str = "v1.0.0";

pub(crate) fn write(root: &Path) {
    let forge = Forge::new(at("2026-01-01T00:00:00Z"));
    let signer = Key::generate(KeyKind::EcdsaP256);
    let trust = root.join("trust/quickstart");
    clear(&trust);
    save(
        &trust.join("trusted_root.json"),
        forge.trusted_root().text().as_bytes(),
    );
    save(&trust.join("signer.pub"), signer.public_pem().as_bytes());

    let evidence = Evidence::forge(&forge, &signer);
    let images = root.join("images");
    for name in ["quickstart", "quickstart-tampered", "unsigned"] {
        clear(&images.join(name));
    }
    evidence
        .layout(&evidence.signature.bytes())
        .write_to(&images.join("quickstart"));
    evidence
        .layout(&evidence.signature.one_byte_changed())
        .write_to(&images.join("quickstart-tampered"));
    let (unsigned, _) = application();
    unsigned.write_to(&images.join("unsigned"));
}

/// The application for two platforms, without evidence, and its index and platforms.
fn application() -> (Layout, [Descriptor; 3]) {
    let mut layout = Layout::new();
    let amd64 = layout.image("linux/amd64", "hello from amd64\n");
    let arm64 = layout.image("linux/arm64", "hello from arm64\n");
    let built = layout.attestation_manifest(&amd64, &[Statement::slsa_v02(&amd64.digest)]);
    let index = layout.index(&[amd64.clone(), arm64.clone(), built]);
    layout.tag(&index, TAG);
    (layout, [index, amd64, arm64])
}

/// All that is attached to the quickstart image.
struct Evidence {
    signature: Bundle,
    provenance: Bundle,
    sboms: [Bundle; 2],
    legacy: sovverify_forge::CosignLayer,
}

impl Evidence {
    fn forge(forge: &Forge, signer: &Key) -> Self {
        let (_, [index, amd64, arm64]) = application();
        let time = at(SIGNING_TIME);
        let release = forge.keyless(time).timestamped(1);
        let sbom = |image: &Descriptor, platform| {
            release.statement(&Statement::spdx(&image.digest, platform))
        };
        Self {
            signature: release.statement(&Statement::cosign_sign(&index.digest)),
            provenance: release.statement(&Statement::slsa_v1(&index.digest)),
            sboms: [sbom(&amd64, "linux/amd64"), sbom(&arm64, "linux/arm64")],
            legacy: forge
                .keyed(signer, time)
                .cosign_signature(NAME, &index.digest),
        }
    }

    /// The application with everything attached; `signature` are the bytes of the signature.
    fn layout(&self, signature: &[u8]) -> Layout {
        let (mut layout, [index, amd64, arm64]) = application();
        let annotations: BTreeMap<String, String> = [
            ("dev.sigstore.bundle.content", "dsse-envelope"),
            (
                "dev.sigstore.bundle.predicateType",
                sovverify_forge::COSIGN_SIGN,
            ),
            ("org.opencontainers.image.created", SIGNING_TIME),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        layout.attach(&index, signature, &annotations);
        layout.attach_bundle(&index, &self.provenance);
        for (image, sbom) in [&amd64, &arm64].into_iter().zip(&self.sboms) {
            layout.attach_bundle(image, sbom);
        }
        layout.attach_layers(&index, "sig", std::slice::from_ref(&self.legacy));
        layout
    }
}
