//! cosign's flags without a document.

use sovverify::policy::{FlagError, FlagLog, FlagMatch, FlagPolicy, FlagSct, FlagTrust};
use sovverify::trust::{Anchor, Inclusion, Instance, Sct};
use sovverify::{Code, TrustRoot};

use crate::disk::repository;

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

fn key() -> String {
    read("testdata/trust/quickstart/signer.pub")
}

fn trusted_root() -> String {
    read("testdata/trust/quickstart/trusted_root.json")
}

fn keyless() -> FlagPolicy {
    FlagPolicy {
        identity: Some(FlagMatch::Exact("https://ci.example/release".into())),
        issuer: Some(FlagMatch::Regexp(r"https://issuer\.example".into())),
        ..FlagPolicy::default()
    }
}

/// The one anchor's trust root.
fn root(flags: &FlagPolicy) -> Option<std::sync::Arc<TrustRoot>> {
    let set = flags.compile().unwrap();
    let anchors: Vec<Anchor> = set.trust_store().iter().map(|(_, a)| a.clone()).collect();
    assert_eq!(anchors.len(), 1);
    anchors.first().unwrap().root().cloned()
}

#[test]
fn a_key_alone_asks_for_no_log_and_with_a_trusted_root_it_does() {
    let alone = FlagPolicy {
        key: Some(key()),
        ..FlagPolicy::default()
    };
    assert!(root(&alone).is_none());
    let logged = FlagPolicy {
        trust: FlagTrust::TrustedRoot(trusted_root()),
        ..alone.clone()
    };
    assert_eq!(root(&logged).unwrap().requirements().logs, 1);
    let ignored = FlagPolicy {
        log: FlagLog::DangerIgnored,
        ..logged
    };
    assert_eq!(root(&ignored).unwrap().requirements().logs, 0);
    let public = FlagPolicy {
        trust: FlagTrust::Embedded(Instance::PublicGood),
        ..alone
    };
    assert_eq!(root(&public).unwrap().requirements().logs, 1);
}

#[test]
fn an_identity_is_judged_by_the_public_good_root_unless_another_is_given() {
    let public = root(&keyless()).unwrap();
    let requirements = public.requirements();
    assert_eq!((requirements.logs, requirements.timestamps), (1, 1));
    assert_eq!(requirements.sct, Sct::Required);
    assert_eq!(requirements.inclusion, Inclusion::ProofUnlessLegacy);
    let own = FlagPolicy {
        trust: FlagTrust::TrustedRoot(trusted_root()),
        sct: FlagSct::DangerIgnored,
        log: FlagLog::DangerIgnored,
        ..keyless()
    };
    let own = root(&own).unwrap();
    assert_ne!(own.digest(), public.digest());
    assert_eq!(
        (own.requirements().logs, own.requirements().timestamps),
        (0, 1)
    );
    assert_eq!(own.requirements().sct, Sct::DangerNotRequired);
}

#[test]
fn flags_that_name_nobody_or_everybody_are_refused() {
    let identity = keyless().identity;
    let issuer = keyless().issuer;
    let flags = |key: Option<String>, identity: Option<FlagMatch>, issuer: Option<FlagMatch>| {
        FlagPolicy {
            key,
            identity,
            issuer,
            ..FlagPolicy::default()
        }
        .compile()
        .unwrap_err()
    };
    assert!(matches!(flags(None, None, None), FlagError::NoSigner));
    assert!(matches!(
        flags(None, identity.clone(), None),
        FlagError::NoIssuer
    ));
    assert!(matches!(
        flags(None, None, issuer.clone()),
        FlagError::NoIdentity
    ));
    assert!(matches!(
        flags(Some(key()), identity.clone(), issuer),
        FlagError::TwoSigners
    ));
    assert!(matches!(
        flags(Some("x".into()), None, None),
        FlagError::Key(_)
    ));
    let broken = flags(None, identity, Some(FlagMatch::Regexp("(".into())));
    assert!(
        broken
            .to_string()
            .contains("certificate-oidc-issuer-regexp"),
        "{broken}"
    );
    assert_eq!(broken.code(), Code::PolicyInvalid);
    let unknown = FlagPolicy {
        predicate_type: Some("sbom".into()),
        ..keyless()
    };
    assert!(matches!(
        unknown.compile().unwrap_err(),
        FlagError::Type { .. }
    ));
    let no_root = FlagPolicy {
        trust: FlagTrust::TrustedRoot("{}".into()),
        ..keyless()
    };
    assert_eq!(no_root.compile().unwrap_err().code(), Code::TrustMalformed);
}

#[test]
fn a_type_asks_for_an_attestation_instead() {
    let digest = |predicate_type: Option<&str>| {
        let flags = FlagPolicy {
            predicate_type: predicate_type.map(Into::into),
            ..keyless()
        };
        let set = flags.compile().unwrap();
        let names: Vec<&str> = set.policies()[0].requirement_names().collect();
        (names[0].to_owned(), set.policies()[0].digest().clone())
    };
    assert_eq!(digest(None).0, "signature");
    assert_eq!(digest(Some("slsaprovenance")).0, "attestation");
    assert_ne!(digest(Some("spdx")).1, digest(Some("vuln")).1);
}

#[test]
fn an_unescaped_dot_in_a_host_is_warned_of() {
    let warnings = |pattern: &str| {
        let flags = FlagPolicy {
            identity: Some(FlagMatch::Regexp(pattern.into())),
            ..keyless()
        };
        let set = flags.compile().unwrap();
        set.warnings()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings(r"https://ci\.example/.*"), Vec::<String>::new());
    let loose = warnings("https://ci.example/.*");
    let expected = "warning[policy/loose-pattern]: an unescaped dot in a host matches any character
 --> command line:1:31
  |
1 | --certificate-identity-regexp https://ci.example/.*
  |                               ^^^^^^^^^^^^^^^^^^^^^ expected `\\.` where a dot is meant
  = hint: write `\\.`, or use `glob` or `exact`, in which a dot is a dot";
    assert_eq!(loose, [expected]);
}
