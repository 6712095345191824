//! Any text as trust material: a `trusted_root.json`, PEM chains and keys of every part, one public key.
//! What is taken is taken again in another spelling, with the same identity, and it judges evidence.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::trust::{TrustRoot, TrustRootOptions, TrustRootParts};
use sovverify::{Anchor, PublicKey, TrustStore};
use sovverify_fuzz::honest::{Honest, World};

static WORLD: LazyLock<World> = LazyLock::new(World::of_cases);
static HONEST: LazyLock<Honest> = LazyLock::new(|| Honest::of_case("timestamped", &WORLD));

fuzz_target!(|text: &str| {
    let options = TrustRootOptions::default;
    if let Ok(root) = TrustRoot::from_json("input", text, options()) {
        let value: Value = serde_json::from_str(text).expect("what was read is JSON");
        for spelled in [value.to_string(), format!("{value:#}")] {
            let again = TrustRoot::from_json("input", &spelled, options()).expect("the same root");
            assert_eq!(again.digest(), root.digest());
        }
        judge(root);
    }
    for part in 0..4 {
        let list = |number| {
            let given = number == part;
            given.then(|| text.to_owned()).into_iter().collect()
        };
        let parts = TrustRootParts {
            certificate_authorities: list(0),
            transparency_logs: list(1),
            ct_logs: list(2),
            timestamp_authorities: list(3),
        };
        if let Ok(root) = TrustRoot::from_parts("input", &parts, options()) {
            // One part alone vouches for no evidence: log, authority and SCT are asked for.
            assert!(!judge(root));
        }
    }
    if let Ok(key) = PublicKey::from_pem(text, None) {
        let again = PublicKey::from_spki(key.spki(), None).expect("the same key");
        assert_eq!(again.fingerprint(), key.fingerprint());
    }
});

/// Whether the honest bundle verifies under this root. Then the claim is about what was signed.
fn judge(root: TrustRoot) -> bool {
    let mut trust = TrustStore::default();
    let anchor = trust.add(Anchor::Certificates(Arc::new(root)));
    let world = World {
        trust,
        anchor,
        image: WORLD.image.clone(),
        time: WORLD.time,
        limits: WORLD.limits,
    };
    let verdict = world.verify(&HONEST.as_it_is());
    if let Ok(claim) = &verdict {
        // Names of logs and authorities are the root's own; who signed what is not.
        let honest = WORLD.verify(&HONEST.as_it_is()).expect("honest evidence");
        assert_eq!(claim.subject, honest.subject);
        assert_eq!(
            format!("{:?}", claim.signer),
            format!("{:?}", honest.signer)
        );
    }
    verdict.is_ok()
}
