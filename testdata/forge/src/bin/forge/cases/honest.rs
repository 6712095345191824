//! Honest evidence in every form: all of it is admitted.

use sovverify_forge::{
    Authority, CERTIFICATE, CHAIN, EntryKind, Identity, KeyKind, Layout, Log, Name, SIGNING_TIME,
    Statement, TrustedRoot, Usage, Version, Window, at, days, trusted,
};

use super::case::{Case, Policy, TRUSTED_ROOT, image_policy, release_under, trust_root};
use super::{Workshop, image, signed, with_bundle};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = bundles(workshop);
    cases.extend(legacy(workshop));
    cases.extend(places(workshop));
    cases.extend(identities(workshop));
    cases.extend(own_pki(workshop));
    cases
}

fn bundles(workshop: &Workshop) -> Vec<Case> {
    let release = || workshop.release();
    let (layout, image) = image();
    let manifest = &layout.blobs[&image.digest];
    let case = |name: &str, about: &str, bundle| {
        with_bundle(&format!("honest/{name}"), about, Policy::RELEASE, &bundle)
    };
    let v2 = || release().logged_in(Log::V2).timestamped(1);
    vec![
        case(
            "bundle-v01",
            "A bundle v0.1 that has the proof which it need not have.",
            release().version(Version::V01).statement(&signed()),
        ),
        case(
            "bundle-v02",
            "A bundle v0.2.",
            release().version(Version::V02).statement(&signed()),
        ),
        case(
            "bundle-v03",
            "A bundle v0.3.",
            release().statement(&signed()),
        ),
        case(
            "bundle-v03-parameter",
            "A bundle v0.3 in the older spelling of its media type.",
            release()
                .version(Version::V03Parameter)
                .statement(&signed()),
        ),
        case(
            "bundle-of-a-message",
            "A bundle whose signature is over the manifest itself.",
            release().message(manifest),
        ),
        case(
            "entry-intoto-002",
            "A bundle whose entry is `intoto` 0.0.2, as sigstore-js makes it.",
            release()
                .envelope_entry(EntryKind::Intoto002)
                .statement(&signed()),
        ),
        case(
            "rekor-v2",
            "A bundle logged in Rekor v2, with the time of a timestamp authority.",
            v2().statement(&signed()),
        ),
        case(
            "rekor-v2-of-a-message",
            "A message signature logged in Rekor v2.",
            v2().message(manifest),
        ),
        case(
            "timestamped",
            "A bundle with a promise of Rekor v1 and an RFC 3161 timestamp.",
            release().timestamped(1).statement(&signed()),
        ),
    ]
}

fn legacy(workshop: &Workshop) -> Vec<Case> {
    let (_, image) = image();
    let name = "registry.forge.example/acme/app";
    let release = || workshop.release();
    let provenance = Statement::slsa_v02(&image.digest);
    let attested = |kind| {
        release()
            .envelope_entry(kind)
            .cosign_attestation(&provenance)
    };
    let attached = |suffix: &str, layer| {
        let (mut layout, image) = super::image();
        layout.attach_layers(&image, suffix, &[layer]);
        layout
    };
    vec![
        Case::new(
            "honest/legacy-keyless",
            "A cosign signature of 2022: annotations with certificate, chain and promise.",
            Policy::RELEASE,
            attached("sig", release().cosign_signature(name, &image.digest)),
        ),
        Case::new(
            "honest/legacy-key",
            "A cosign signature by a managed key, logged nowhere.",
            Policy::KEY,
            attached(
                "sig",
                workshop.keyed().cosign_signature(name, &image.digest),
            ),
        ),
        Case::new(
            "honest/legacy-attestation-intoto-001",
            "A cosign attestation whose entry is `intoto` 0.0.1.",
            Policy::Shared("provenance.yaml"),
            attached("att", attested(EntryKind::Intoto001)),
        ),
        Case::new(
            "honest/legacy-attestation-dsse-001",
            "A cosign attestation whose entry is `dsse` 0.0.1.",
            Policy::Shared("provenance.yaml"),
            attached("att", attested(EntryKind::Dsse001)),
        ),
        Case::new(
            "honest/legacy-timestamped",
            "A cosign signature with an RFC 3161 timestamp beside the promise.",
            Policy::RELEASE,
            attached(
                "sig",
                release()
                    .timestamped(1)
                    .cosign_signature(name, &image.digest),
            ),
        ),
    ]
}

fn places(workshop: &Workshop) -> Vec<Case> {
    let bundle = workshop.release().statement(&signed());
    let (mut by_tag, subject) = image();
    by_tag.attach_by_tag(&subject, std::slice::from_ref(&bundle));

    let mut saved = Layout::new();
    let subject = saved.image("linux/amd64", "hello\n");
    let layer = workshop
        .release()
        .cosign_signature("registry.forge.example/acme/app", &subject.digest);
    let signatures = saved.layers(&[layer]);
    let bare = sovverify_forge::Descriptor {
        platform: None,
        ..subject
    };
    let named = bare.annotated(sovverify_forge::REF_NAME, "v1.0.0");
    saved.list_as(&named, "dev.cosignproject.cosign/image");
    saved.list_as(&signatures, "dev.cosignproject.cosign/sigs");
    vec![
        Case::new(
            "honest/referrers-tag",
            "A bundle under the fallback tag of the referrers API.",
            Policy::RELEASE,
            by_tag,
        ),
        Case::new(
            "honest/cosign-save",
            "A layout as `cosign save` writes it: roles instead of tags.",
            Policy::RELEASE,
            saved,
        ),
    ]
}

fn identities(workshop: &Workshop) -> Vec<Case> {
    let issuer = "https://login.forge.example";
    let case = |name: &str, about: &str, identity: Name, pattern: &str| {
        let bundle = workshop
            .release()
            .identity(Identity::named(identity, issuer))
            .statement(&signed());
        let signer = [
            "release:",
            "  keyless:",
            "    issuer: https://login.forge.example",
            &format!("    identity: {{ exact: \"{pattern}\" }}"),
            "  trustRoot: forge",
        ];
        let text = trust_root(TRUSTED_ROOT, "") + &image_policy(&signer, &super::case::SIGNED);
        let policy = Policy::Own(text, Vec::new());
        with_bundle(&format!("honest/{name}"), about, policy, &bundle)
    };
    let claims = workshop
        .release()
        .identity(Identity::release_workflow())
        .statement(&signed());
    vec![
        case(
            "identity-email",
            "A person's e-mail address.",
            Name::Email("ada@forge.example".to_owned()),
            "ada@forge.example",
        ),
        case(
            "identity-other-name",
            "A user name (otherName 1.3.6.1.4.1.57264.1.7).",
            Name::Other("robot!ci.forge.example".to_owned()),
            "robot!ci.forge.example",
        ),
        with_bundle(
            "honest/identity-claims",
            "A workflow with every claim that a CI provider makes.",
            Policy::Shared("claims.yaml"),
            &claims,
        ),
    ]
}

fn own_pki(workshop: &Workshop) -> Vec<Case> {
    let time = at(SIGNING_TIME);
    let validity = Window::decade(at("2025-01-01T00:00:00Z"));
    let pki = Authority::new("Acme", Usage::CodeSigning, KeyKind::EcdsaP384, validity);
    let identity = Identity::own_pki("release", Name::Email("release@acme.example".to_owned()));
    let year = Window::new(days(time, -30), days(time, 335));
    let signing = workshop.release().own_pki(&pki, identity, year).unlogged();
    let mut root = TrustedRoot {
        certificate_authorities: vec![trusted(&pki)],
        ..TrustedRoot::default()
    };
    let policy = |root: &TrustedRoot, require: &str| {
        let signer = [
            "release:",
            "  certificate:",
            "    identity: { exact: release@acme.example }",
            "  trustRoot: forge",
        ];
        let text = trust_root("trusted_root.json", &format!("  require: {require}\n"))
            + &image_policy(&signer, &super::case::SIGNED);
        let file = ("trusted_root.json".to_owned(), root.text().into_bytes());
        Policy::Own(text, vec![file])
    };
    let bare = policy(&root, "{ log: 0, timestamp: 0, sct: false }");
    root.timestamp_authorities = workshop.forge.trusted_root().timestamp_authorities;
    let timed = policy(&root, "{ log: 0, timestamp: 1, sct: false }");

    let (mut layout, subject) = image();
    let layer = signing.cosign_signature("registry.forge.example/acme/app", &subject.digest);
    assert!(layer.annotations.contains_key(CERTIFICATE) && layer.annotations.contains_key(CHAIN));
    layout.attach_layers(&subject, "sig", &[layer]);
    let chained = signing.version(Version::V02).timestamped(1);
    vec![
        Case::new(
            "honest/own-pki-legacy",
            "A certificate of an own PKI in cosign's annotations, without log and time.",
            bare,
            layout,
        ),
        with_bundle(
            "honest/own-pki-timestamped",
            "A chain of an own PKI in a bundle, with an RFC 3161 timestamp and no log.",
            timed,
            &chained.statement(&signed()),
        ),
    ]
}

/// A trust root for which a promise of inclusion is enough.
pub(super) fn promises() -> Policy {
    release_under(TRUSTED_ROOT, "  require: { inclusion: promise }\n")
}
