//! `testdata/cases`: one folder per code that evidence can produce, and honest ones beside them.

pub(crate) mod case;
mod certificates;
mod honest;
mod images;
mod keys;
mod logs;
mod signatures;
mod times;

use std::path::Path;

use sovverify_forge::{
    Descriptor, Forge, Identity, Key, KeyKind, Layout, Name, RELEASE_WORKFLOW, SIGNING_TIME,
    Signing, Statement, WORKFLOW_ISSUER, Window, at, days,
};

use crate::save;
use case::{Case, Policy};

/// What all cases are forged from.
pub(crate) struct Workshop {
    forge: Forge,
    stranger: Forge,
    signer: Key,
}

pub(crate) fn write(root: &Path) {
    let founded = at("2026-01-01T00:00:00Z");
    let workshop = Workshop {
        forge: Forge::new(founded),
        stranger: Forge::new(founded),
        signer: Key::generate(KeyKind::EcdsaP256),
    };
    workshop.write_trust(&root.join("trust/cases"));
    let mut cases = Vec::new();
    cases.extend(honest::cases(&workshop));
    cases.extend(signatures::cases(&workshop));
    cases.extend(keys::cases(&workshop));
    cases.extend(certificates::cases(&workshop));
    cases.extend(logs::cases(&workshop));
    cases.extend(times::cases(&workshop));
    cases.extend(images::cases(&workshop));
    let folder = root.join("cases");
    for (name, text) in case::SHARED_POLICIES {
        save(&folder.join("policies").join(name), text.as_bytes());
    }
    for case in cases {
        case.write(&folder);
    }
}

impl Workshop {
    /// The release workflow, with the two claims that most policies ask for and no more.
    fn release(&self) -> Signing<'_> {
        let name = Name::Uri(RELEASE_WORKFLOW.to_owned());
        self.forge
            .keyless(at(SIGNING_TIME))
            .identity(Identity::named(name, WORKFLOW_ISSUER))
    }

    /// The managed key, without a log.
    fn keyed(&self) -> Signing<'_> {
        self.forge.keyed(&self.signer, at(SIGNING_TIME)).unlogged()
    }

    /// Trust roots: the honest one, and two in which an authority had retired before the signing.
    fn write_trust(&self, folder: &Path) {
        crate::clear(folder);
        let retired = Window::new(self.forge.founded, days(at(SIGNING_TIME), -10));
        let honest = self.forge.trusted_root();
        let mut log_retired = honest.clone();
        for log in &mut log_retired.logs {
            log.validity = retired;
        }
        let mut timestamper_retired = honest.clone();
        for authority in &mut timestamper_retired.timestamp_authorities {
            authority.validity = retired;
        }
        for (name, root) in [
            ("trusted_root.json", honest),
            ("log-retired.json", log_retired),
            ("timestamper-retired.json", timestamper_retired),
        ] {
            save(&folder.join(name), root.text().as_bytes());
        }
        let signer = self.signer.public_pem();
        save(&folder.join("signer.pub"), signer.as_bytes());
    }
}

/// An image for one platform, named `v1.0.0`, with nothing attached.
fn image() -> (Layout, Descriptor) {
    let mut layout = Layout::new();
    let image = layout.image("linux/amd64", "hello\n");
    let bare = Descriptor {
        platform: None,
        ..image
    };
    layout.tag(&bare, "v1.0.0");
    (layout, bare)
}

/// What `cosign sign` says about that image.
fn signed() -> Statement {
    let (_, image) = image();
    Statement::cosign_sign(&image.digest)
}

/// A case in which one bundle is attached to the image.
fn with_bundle(name: &str, about: &str, policy: Policy, bundle: &sovverify_forge::Bundle) -> Case {
    let (mut layout, image) = image();
    layout.attach_bundle(&image, bundle);
    Case::new(name, about, policy, layout)
}
