//! Signatures, and exceptions from what is demanded.

use sovverify::Code;

use super::Field;
use super::pool::Pool;

pub(super) fn fields() -> Vec<Field> {
    let mut fields = signatures();
    fields.extend(exceptions());
    fields
}

fn signatures() -> Vec<Field> {
    let rule = |rest: &str| format!("    - {{ name: x, signature: {{ {rest} }} }}");
    let signed = |rest: &str| rule(&format!("by: [release], {rest}"));
    vec![
        Field::unmet_by(
            "Requirement.signature",
            rule("by: [release]"),
            Pool::Empty,
            Code::SignatureMissing,
        ),
        Field::new(
            "SignatureRule.by",
            rule,
            ["by: [release]", "by: [scanner]"],
            Code::SignatureUntrusted,
        ),
        Field::new(
            "SignatureRule.atLeast",
            rule,
            [
                "by: [release, scanner], atLeast: 1",
                "by: [release, scanner], atLeast: 2",
            ],
            Code::SignatureThreshold,
        ),
        Field::new(
            "SignatureRule.annotations",
            signed,
            [
                "annotations: { env: production }",
                "annotations: { env: staging }",
            ],
            Code::SignatureAnnotationMismatch,
        ),
        Field::new(
            "SignatureRule.maxAge",
            signed,
            ["maxAge: 2d", "maxAge: 1h"],
            Code::AttestationTooOld,
        ),
        Field::new(
            "SignatureRule.cel",
            |text| signed(&format!("cel: [{{ expression: \"{text}\" }}]")),
            ["signature.kind == 'certificate'", "signature.kind == 'key'"],
            Code::ExpressionUnmet,
        ),
    ]
}

fn exceptions() -> Vec<Field> {
    let absent = "    - { name: absent, attestation: { type: \"https://acme.example/absent/v1\", by: [release] } }
    - { name: present, signature: { by: [release] } }";
    let rule = |rest: &str| format!("{absent}\n  exceptions: {{ {rest} }}");
    let signed = |rest: &str| rule(&format!("by: [first, second], {rest}"));
    let broad = Code::ExceptionTooBroad;
    vec![
        Field::new(
            "ExceptionRule.by",
            rule,
            ["by: [first]", "by: [vendor]"],
            Code::ExceptionUntrusted,
        ),
        Field::new(
            "ExceptionRule.atLeast",
            rule,
            [
                "by: [first, second], atLeast: 2",
                "by: [first, vendor], atLeast: 2",
            ],
            Code::ExceptionThreshold,
        ),
        Field::new(
            "ExceptionRule.requirements",
            signed,
            ["requirements: [absent]", "requirements: [present]"],
            broad,
        ),
        Field::new(
            "ExceptionRule.maxValidity",
            signed,
            ["maxValidity: 60d", "maxValidity: 7d"],
            broad,
        ),
        Field::new(
            "ExceptionRule.maxImages",
            signed,
            ["maxImages: 2", "maxImages: 1"],
            broad,
        ),
    ]
}
