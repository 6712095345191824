//! `testdata/cases` about what evidence says: one folder per code that content can produce, and honest
//! ones beside them, under trust roots of their own.

mod algorithms;
mod exceptions;
mod policies;
mod provenance;
mod sboms;
mod vulnerabilities;

use std::path::Path;

use serde_json::Value;
use sovverify_forge::{
    Bundle, Descriptor, Forge, Identity, Key, KeyKind, Layout, Name, RELEASE_WORKFLOW,
    SIGNING_TIME, Statement, WORKFLOW_ISSUER, at,
};

use crate::cases::case::{Case, Policy};
use crate::{clear, save};
use policies::policy;

/// What all cases are forged from: the release workflow, and two people with keys.
pub(crate) struct Workshop {
    forge: Forge,
    first: Key,
    second: Key,
}

pub(crate) fn write(root: &Path) {
    let workshop = Workshop {
        forge: Forge::new(at("2026-01-01T00:00:00Z")),
        first: Key::generate(KeyKind::EcdsaP256),
        second: Key::generate(KeyKind::MlDsa65),
    };
    let trust = root.join("trust/content");
    clear(&trust);
    let trusted = workshop.forge.trusted_root();
    save(&trust.join("trusted_root.json"), trusted.text().as_bytes());
    save(
        &trust.join("first.pub"),
        workshop.first.public_pem().as_bytes(),
    );
    save(
        &trust.join("second.pub"),
        workshop.second.public_pem().as_bytes(),
    );
    let mut cases = provenance::cases(&workshop);
    cases.extend(sboms::cases(&workshop));
    cases.extend(vulnerabilities::cases(&workshop));
    cases.extend(exceptions::cases(&workshop));
    cases.extend(algorithms::cases(&workshop));
    for case in cases {
        case.write(&root.join("cases"));
    }
}

impl Workshop {
    /// What the release workflow attests of `image`.
    fn attested(&self, kind: &str, image: &Descriptor, predicate: Value) -> Bundle {
        let name = Name::Uri(RELEASE_WORKFLOW.to_owned());
        let signing = self.forge.keyless(at(SIGNING_TIME)).timestamped(1);
        signing
            .identity(Identity::named(name, WORKFLOW_ISSUER))
            .statement(&Statement::new(kind, &image.digest, predicate))
    }

    /// What the holder of a key attests of `image`, without a log.
    fn keyed(&self, key: &Key, kind: &str, image: &Descriptor, predicate: Value) -> Bundle {
        let signing = self.forge.keyed(key, at(SIGNING_TIME)).unlogged();
        signing.statement(&Statement::new(kind, &image.digest, predicate))
    }

    /// A case with one requirement, whose image carries what `attach` adds.
    fn case(
        (name, about): (&str, &str),
        require: &str,
        attach: impl FnOnce(&mut Layout, &Descriptor),
    ) -> Case {
        let (mut layout, image) = image();
        attach(&mut layout, &image);
        Case::new(
            name,
            about,
            Policy::Own(policy(require), Vec::new()),
            layout,
        )
    }

    /// A case in which the release workflow attests `predicate`.
    fn saying(&self, words: (&str, &str), require: &str, kind: &str, predicate: Value) -> Case {
        Self::case(words, require, |layout, image| {
            layout.attach_bundle(image, &self.attested(kind, image, predicate));
        })
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
