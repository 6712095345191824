//! Signed payloads and their envelopes, in every place where one is published. The first byte says which:
//! a part of an honest one, where any other bytes are refused; or a payload that is honestly signed,
//! whatever it says, where only what is about the image is accepted.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::claim::{SimpleSigning, Statement};
use sovverify::evidence::Form;
use sovverify::{Appraisal, Digest};
use sovverify_forge::{
    Bundle, Content, Envelope, IN_TOTO, Key, KeyKind, Material, SIGNATURE, Version,
};
use sovverify_fuzz::honest::{Honest, World, layer, said};

const ENVELOPE: &str = "/dsseEnvelope";

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);
static BUNDLE: LazyLock<Honest> = LazyLock::new(|| Honest::of_case("timestamped", &WORLD));
static SIGNATURE_LAYER: LazyLock<Layer> =
    LazyLock::new(|| Layer::of_case("legacy-keyless", signature));
static ATTESTATION_LAYER: LazyLock<Layer> =
    LazyLock::new(|| Layer::of_case("legacy-attestation-dsse-001", attestation));

static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate(KeyKind::EcdsaP256));
static KEYED: LazyLock<World> = LazyLock::new(|| World::keyed(&KEY.public_pem()));

type Annotations = BTreeMap<String, String>;

/// A layer of cosign's tags that verifies, and what it proves.
struct Layer {
    blob: Vec<u8>,
    annotations: Annotations,
    form: fn(Vec<u8>, Annotations) -> Form,
    said: String,
}

fn signature(payload: Vec<u8>, annotations: Annotations) -> Form {
    Form::CosignSignature {
        payload,
        annotations,
    }
}

fn attestation(envelope: Vec<u8>, annotations: Annotations) -> Form {
    Form::CosignAttestation {
        envelope,
        annotations,
    }
}

impl Layer {
    fn of_case(case: &str, form: fn(Vec<u8>, Annotations) -> Form) -> Self {
        let (blob, annotations) = layer(case);
        let appraisal = WORLD.appraise(form(blob.clone(), annotations.clone()));
        Self {
            said: claimed(&appraisal).expect("honest evidence"),
            blob,
            annotations,
            form,
        }
    }

    /// Whether the layer is accepted with another blob; then it says what the honest one says.
    fn accepts(&self, blob: &[u8]) -> bool {
        let form = (self.form)(blob.to_vec(), self.annotations.clone());
        let said = claimed(&WORLD.appraise(form));
        assert!(said.as_ref().is_none_or(|said| *said == self.said));
        said.is_some()
    }
}

/// What the one piece of evidence proves; nothing where it is refused, which is always said.
fn claimed(appraisal: &Appraisal) -> Option<String> {
    assert_eq!(appraisal.verified.len() + appraisal.rejected.len(), 1);
    appraisal.verified.first().map(|claim| said(claim))
}

fuzz_target!(|input: &[u8]| {
    let Some((part, bytes)) = input.split_first() else {
        return;
    };
    let at = |field: &str| format!("{ENVELOPE}/{field}");
    let exactly = |pointer: &str| {
        let accepted = BUNDLE.accepts(&WORLD, &BUNDLE.with_bytes(pointer, bytes));
        assert_eq!(accepted, bytes == BUNDLE.bytes(pointer));
    };
    match part {
        b'p' => exactly(&at("payload")),
        b's' => exactly(&at("signatures/0/sig")),
        b't' => {
            let text = Value::from(String::from_utf8_lossy(bytes));
            let is_honest = text == *BUNDLE.part(&at("payloadType"));
            let accepted = BUNDLE.accepts(&WORLD, &BUNDLE.with(&at("payloadType"), text));
            assert_eq!(accepted, is_honest);
        }
        b'j' => {
            if let Ok(envelope) = serde_json::from_slice::<Value>(bytes) {
                BUNDLE.accepts(&WORLD, &BUNDLE.with(ENVELOPE, envelope));
            }
        }
        b'l' => {
            let accepted = SIGNATURE_LAYER.accepts(bytes);
            assert_eq!(accepted, bytes == SIGNATURE_LAYER.blob);
        }
        b'a' => {
            let accepted = ATTESTATION_LAYER.accepts(bytes);
            assert!(accepted || bytes != ATTESTATION_LAYER.blob);
        }
        b'k' => statement(bytes),
        b'm' => simple_signing(bytes),
        _ => {}
    }
});

/// Signs the payload in an envelope.
fn statement(payload: &[u8]) {
    let bundle = Bundle {
        media_type: Version::V03.media_type().to_owned(),
        material: Material::PublicKey(KEY.hint()),
        entries: Vec::new(),
        timestamps: Vec::new(),
        content: Content::Dsse(Envelope::signed(IN_TOTO, payload, &KEY)),
    };
    let image = Digest::sha256(&KEYED.image);
    let read = Statement::parse(payload, &KEYED.limits);
    let is_about = read.is_ok_and(|statement| statement.is_about(&image));
    assert_eq!(KEYED.verify(&bundle.bytes()).is_ok(), is_about);
}

/// Signs the payload as cosign signs one.
fn simple_signing(payload: &[u8]) {
    let sig = STANDARD.encode(KEY.sign(payload));
    let form = signature(payload.to_vec(), [(SIGNATURE.to_owned(), sig)].into());
    let image = Digest::sha256(&KEYED.image);
    let is_about = SimpleSigning::parse(payload).is_ok_and(|read| read.manifest_digest == image);
    assert_eq!(claimed(&KEYED.appraise(form)).is_some(), is_about);
}
