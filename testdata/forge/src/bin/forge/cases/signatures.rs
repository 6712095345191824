//! Lies about bundles, signatures, attestations and what they are about.

use sovverify_forge::{
    IN_TOTO, Identity, Key, KeyKind, Name, Statement, WORKFLOW_ISSUER, digest_of,
};

use super::case::{
    Case, Policy, RELEASE, SIGNED, TRUSTED_ROOT, image_policy, release_under, trust_root,
};
use super::{Workshop, image, signed, with_bundle};

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = containers(workshop);
    cases.extend(signatures(workshop));
    cases.extend(subjects(workshop));
    cases.extend(demands(workshop));
    cases.extend(others(workshop));
    cases
}

fn containers(workshop: &Workshop) -> Vec<Case> {
    let honest = workshop.release().statement(&signed());
    let attached = |bytes: &[u8]| {
        let (mut layout, image) = image();
        layout.attach(&image, bytes, &std::collections::BTreeMap::new());
        layout
    };
    let bytes = honest.bytes();
    let mut newer = honest.clone();
    "application/vnd.dev.sigstore.bundle.v9.9+json".clone_into(&mut newer.media_type);
    vec![
        Case::new(
            "bundle/malformed",
            "The bundle is cut in half; the manifest that names it is honest about that.",
            Policy::RELEASE,
            attached(bytes.split_at(bytes.len() / 2).0),
        )
        .denied("bundle/malformed"),
        Case::new(
            "bundle/unsupported",
            "The bundle calls itself a version that does not exist.",
            Policy::RELEASE,
            attached(&newer.bytes()),
        )
        .denied("bundle/unsupported"),
        with_bundle(
            "bundle/malformed-second-signature",
            "The envelope carries a second signature, by a stranger.",
            Policy::RELEASE,
            &honest
                .clone()
                .second_dsse_signature(&Key::generate(KeyKind::EcdsaP256)),
        )
        .denied("bundle/malformed"),
        with_bundle(
            "limit/exceeded",
            "The one log entry is repeated until there are five.",
            Policy::RELEASE,
            &honest.duplicate_log_entries(5),
        )
        .denied("limit/exceeded"),
    ]
}

fn signatures(workshop: &Workshop) -> Vec<Case> {
    let honest = || workshop.release().statement(&signed());
    let stranger = Key::generate(KeyKind::EcdsaP256);
    let (_, image) = image();
    let payload = sovverify_forge::simple_signing("evil.example/app", &image.digest);
    let (mut replaced, subject) = super::image();
    let layer = workshop
        .keyed()
        .cosign_signature("registry.forge.example/acme/app", &image.digest)
        .blob_replaced(&payload);
    replaced.attach_layers(&subject, "sig", &[layer]);
    vec![
        with_bundle(
            "signature/invalid",
            "One bit of the signature is flipped.",
            Policy::RELEASE,
            &honest().signature_flipped(),
        )
        .denied("signature/invalid"),
        with_bundle(
            "signature/invalid-stranger",
            "The signature is by a key that nobody certified.",
            Policy::RELEASE,
            &honest().signed_by_stranger(&stranger, &[]),
        )
        .denied("signature/invalid"),
        with_bundle(
            "signature/invalid-payload-type",
            "The payload type is another than was signed.",
            Policy::RELEASE,
            &honest().payload_type_changed("application/vnd.in-toto.v2+json"),
        )
        .denied("signature/invalid"),
        Case::new(
            "signature/invalid-legacy-payload",
            "The simple-signing payload names the image otherwise than was signed.",
            Policy::KEY,
            replaced,
        )
        .denied("signature/invalid"),
        Case::new(
            "signature/missing",
            "Nothing is attached to the image.",
            Policy::RELEASE,
            super::image().0,
        )
        .denied("signature/missing"),
    ]
}

fn subjects(workshop: &Workshop) -> Vec<Case> {
    let release = workshop.release();
    let other = digest_of(b"another image");
    let (mut borrowed, image) = image();
    let layer = workshop
        .keyed()
        .cosign_signature("registry.forge.example/acme/app", &other);
    borrowed.attach_layers(&image, "sig", &[layer]);
    vec![
        with_bundle(
            "subject/mismatch",
            "An honest signature of another image is attached to this one.",
            Policy::RELEASE,
            &release.statement(&Statement::cosign_sign(&other)),
        )
        .denied("subject/mismatch"),
        Case::new(
            "subject/mismatch-legacy",
            "An honest cosign signature of another image is attached to this one.",
            Policy::KEY,
            borrowed,
        )
        .denied("subject/mismatch"),
        with_bundle(
            "subject/malformed",
            "The signer signed something that is no statement.",
            Policy::RELEASE,
            &release.envelope(IN_TOTO, b"{\"subject\":[]}"),
        )
        .denied("subject/malformed"),
    ]
}

fn demands(workshop: &Workshop) -> Vec<Case> {
    let honest = || workshop.release().statement(&signed());
    let person = workshop
        .release()
        .identity(Identity::named(
            Name::Email("ada@forge.example".to_owned()),
            WORKFLOW_ISSUER,
        ))
        .statement(&signed());
    let two = |demand: &str| {
        let require = ["- name: twice", demand];
        let text = trust_root(TRUSTED_ROOT, "")
            + &image_policy(&[&RELEASE[..], &CUSTODIAN].concat(), &require);
        Policy::Own(text, Vec::new())
    };
    let mut any_repository = RELEASE;
    any_repository[3] = "    identity: { glob: \"https://ci.forge.example/**\" }";
    let text = trust_root(TRUSTED_ROOT, "") + &image_policy(&any_repository, &SIGNED);
    let (_, image) = image();
    let provenance = workshop
        .release()
        .statement(&Statement::slsa_v1(&image.digest));
    vec![
        with_bundle(
            "signature/threshold",
            "Two distinct signers are wanted; one signed.",
            two("  signature: { by: [release, custodian], atLeast: 2 }"),
            &honest(),
        )
        .denied("signature/threshold"),
        with_bundle(
            "attestation/missing",
            "Provenance is wanted; there is a signature only.",
            Policy::Shared("provenance.yaml"),
            &honest(),
        )
        .denied("attestation/missing"),
        with_bundle(
            "attestation/threshold",
            "Two distinct signers of provenance are wanted; one signed.",
            two("  attestation: { type: slsa-provenance, by: [release, custodian], atLeast: 2 }"),
            &provenance,
        )
        .denied("attestation/threshold"),
        with_bundle(
            "certificate/identity-mismatch-person",
            "A person signed, under an issuer that is trusted for workflows only.",
            Policy::Own(text, Vec::new()),
            &person,
        )
        .denied("certificate/identity-mismatch"),
        with_bundle(
            "trust/expired",
            "The trust root had expired a day before the verification.",
            release_under(TRUSTED_ROOT, "  expires: 2026-03-02T12:00:00Z\n"),
            &honest(),
        )
        .denied("trust/expired"),
    ]
}

fn others(workshop: &Workshop) -> Vec<Case> {
    let (_, image) = image();
    let (mut legacy, subject) = super::image();
    let layer = workshop
        .keyed()
        .cosign_signature("registry.forge.example/acme/app", &image.digest);
    legacy.attach_layers(&subject, "sig", &[layer]);
    vec![
        with_bundle(
            "signature/untrusted",
            "Of two signers that the policy knows, the other one signed.",
            two_signers("signature"),
            &workshop.keyed().statement(&signed()),
        )
        .denied("signature/untrusted"),
        with_bundle(
            "attestation/untrusted",
            "Of two signers that the policy knows, the other one attested.",
            two_signers("attestation"),
            &workshop
                .keyed()
                .statement(&Statement::slsa_v1(&image.digest)),
        )
        .denied("attestation/untrusted"),
        Case::new(
            "signature/annotation-mismatch",
            "The policy wants an annotation that the signed payload does not carry.",
            annotated(),
            legacy,
        )
        .denied("signature/annotation-mismatch"),
    ]
}

/// The managed key as a signer.
const CUSTODIAN: [&str; 3] = [
    "custodian:",
    "  key: { file: ../../../trust/cases/signer.pub }",
    "  trustRoot: none",
];

/// A policy that knows two signers and wants what only the first may make.
fn two_signers(kind: &str) -> Policy {
    let signers = [&RELEASE[..], &CUSTODIAN].concat();
    let demand = match kind {
        "signature" => "  signature: { by: [release] }",
        _ => "  attestation: { type: slsa-provenance, by: [release] }",
    };
    let other = match kind {
        "signature" => "  signature: { by: [custodian] }",
        _ => "  attestation: { type: slsa-provenance, by: [custodian] }",
    };
    let require = ["- name: released", demand, "- name: held", other];
    let text = trust_root(TRUSTED_ROOT, "") + &image_policy(&signers, &require);
    Policy::Own(text, Vec::new())
}

/// A policy that wants an annotation of a simple-signing payload.
fn annotated() -> Policy {
    let require = [
        "- name: signed",
        "  signature: { by: [custodian], annotations: { stage: release } }",
    ];
    Policy::Own(image_policy(&CUSTODIAN, &require), Vec::new())
}
