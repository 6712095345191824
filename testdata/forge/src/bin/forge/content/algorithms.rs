//! Algorithms that a trust root does not allow, in each part that they play.

use serde_json::json;
use sovverify_forge::Descriptor;

use super::policies::policy_under;
use super::{Case, Policy, Workshop, image};

const SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
const SIGNED: &str = "    - name: signed\n      signature: { by: [release] }\n";

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let case = |name: &str, about: &str, algorithms: &str| {
        let (mut layout, image) = image();
        layout.attach_bundle(&image, &signature(workshop, &image));
        let trust = format!("  algorithms: {algorithms}\n");
        let policy = Policy::Own(policy_under(&trust, SIGNED), Vec::new());
        Case::new(name, about, policy, layout)
    };
    let refused = |code: &'static str, about: &str, role: &str| {
        let only = format!("{{ profile: default, {role}: [ml-dsa-65] }}");
        case(code, about, &only).denied(code)
    };
    vec![
        case(
            "honest/algorithms",
            "Every algorithm is one that BSI TR-02102-1 allows.",
            "bsi-tr-02102-1-2026-01",
        ),
        refused(
            "certificate/algorithm-forbidden",
            "The certificate authority signs with an algorithm that is not allowed for that.",
            "certificate",
        ),
        refused(
            "transparency/algorithm-forbidden",
            "The log signs with an algorithm that is not allowed for that.",
            "log",
        ),
        refused(
            "timestamp/algorithm-forbidden",
            "The timestamp authority signs with an algorithm that is not allowed for that.",
            "timestamp",
        ),
        case(
            "key/algorithm-deprecated",
            "Classical signatures alone are deprecated from 2036 on, and it is 2036.",
            "bsi-tr-02102-1-2026-01",
        )
        .judged_at("2036-02-01T00:00:00Z")
        .noted("key/algorithm-deprecated"),
    ]
}

fn signature(workshop: &Workshop, image: &Descriptor) -> sovverify_forge::Bundle {
    workshop.attested(SIGN, image, json!({}))
}
