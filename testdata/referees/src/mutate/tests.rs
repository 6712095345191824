use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::case::{Demands, Signer, Subject, UNCHANGED};

/// Two bundles that look like real ones to whoever only changes them.
fn bases() -> Bases {
    let case = |number: u8, name: &str, content: Value| {
        Case {
        base: name.to_owned(),
        mutation: UNCHANGED.to_owned(),
        positive: number < 3,
        bundle: json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": "MAMCAQE="},
                "tlogEntries": [{
                    "logIndex": number.to_string(),
                    "integratedTime": "1760000000",
                    "inclusionPromise": {"signedEntryTimestamp": "MAYCAQECAQI="},
                    "inclusionProof": {
                        "hashes": ["AA==", "AQ=="],
                        "checkpoint": {"envelope": format!("log\n{number}\nAA==\n\n\u{2014} log AA==\n")},
                    },
                    "canonicalizedBody": "eyJraW5kIjoieCJ9",
                }],
            },
            "messageSignature": content,
        })
        .to_string()
        .into_bytes(),
        subject: Subject::Bytes(vec![number]),
        signer: Signer::Identity {
            identity: format!("me-{number}@forge.example"),
            issuer: "https://issuer.forge.example".to_owned(),
        },
        root: PathBuf::from(name),
        demands: Demands { log: true, sct: true },
    }
    };
    let cases = vec![
        case(1, "one", json!({"signature": "MAYCAQECAQI="})),
        case(2, "two", json!({"signature": "MAYCAQMCAQQ="})),
        case(3, "bad", json!({"signature": "AA=="})),
    ];
    let roots = cases.iter().map(|case| case.root.clone()).collect();
    Bases { cases, roots }
}

#[test]
fn the_same_number_makes_the_same_lie() {
    let bases = bases();
    for number in 0..200 {
        let (first, again) = (mutation(&bases, 7, number), mutation(&bases, 7, number));
        assert_eq!(
            (first.line(), first.mutation),
            (again.line(), again.mutation)
        );
    }
}

#[test]
fn every_family_lies_and_no_lie_is_the_truth() {
    let bases = bases();
    let mut families = BTreeSet::new();
    for number in 0..4000 {
        let case = mutation(&bases, 7, number);
        let base = bases
            .cases
            .iter()
            .find(|base| base.base == case.base)
            .unwrap();
        families.insert(case.family().to_owned());
        if case.family() != "two" {
            assert_ne!(case.line(), base.line(), "{}", case.mutation);
        }
    }
    let known: BTreeSet<_> = FAMILIES
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    let missing: Vec<_> = known.difference(&families).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(families.contains("two"));
}
