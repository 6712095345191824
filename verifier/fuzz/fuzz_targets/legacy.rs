//! A layer of cosign's `.sig` and `.att` manifests: what was signed, and every annotation beside it.
//! The input is a JSON object of both, so that mutations reach each of them.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::evidence::Form;
use sovverify_fuzz::honest::World;

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);

fuzz_target!(|input: &[u8]| {
    let Ok(layer) = serde_json::from_slice::<BTreeMap<String, Value>>(input) else {
        return;
    };
    let text = |name: &str| layer.get(name).and_then(Value::as_str).unwrap_or_default();
    let payload = text("payload").as_bytes().to_vec();
    let annotations: BTreeMap<String, String> = layer
        .keys()
        .map(|name| (name.clone(), text(name).to_owned()))
        .collect();
    let forms = [
        Form::CosignSignature {
            payload: payload.clone(),
            annotations: annotations.clone(),
        },
        Form::CosignAttestation {
            envelope: payload,
            annotations,
        },
    ];
    for form in forms {
        judge(form);
    }
});

/// Every piece of evidence is verified or rejected; nothing is passed over in silence.
fn judge(form: Form) {
    let appraisal = WORLD.appraise(form);
    assert_eq!(appraisal.verified.len() + appraisal.rejected.len(), 1);
}
