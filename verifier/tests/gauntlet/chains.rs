//! Chains of certificates: every link at every time, and no more work than a bound.

use std::time::Instant;

use sovverify::trust::{Inclusion, Requirements, Sct};
use sovverify::{Anchor, Code};
use sovverify_forge::{
    Authority, Bundle, Certificate, Content, Forge, Hash, Key, KeyKind, Material, TrustedAuthority,
    TrustedRoot, Version, Window, days, minutes, trusted,
};

use crate::forged::{ARTIFACT, World};
use crate::pki::{About, alternative_name, authority, certify, oid, permitted, purposes};
use crate::times::certificates;

/// A signature by the holder of the first certificate of `chain`, stamped at the time of the world.
fn signed(world: &World, key: &Key, chain: &[Certificate]) -> Bundle {
    let signature = key.sign(ARTIFACT);
    Bundle {
        media_type: Version::V02.media_type().to_owned(),
        material: Material::Chain(chain.to_vec()),
        entries: Vec::new(),
        timestamps: vec![world.forge.timestamper.stamp(&signature, world.time)],
        content: Content::Message {
            hash: Hash::Sha256,
            digest: Hash::Sha256.of(ARTIFACT),
            signature,
        },
    }
}

/// A trust root with this chain as its authority, and with the timestamper of the forge.
fn under(world: &World, chain: &[Certificate]) -> Anchor {
    let trusted = TrustedRoot {
        certificate_authorities: vec![TrustedAuthority {
            organisation: "own".to_owned(),
            chain: chain.to_vec(),
            validity: Window::decade(days(world.time, -30)),
        }],
        timestamp_authorities: world.forge.trusted_root().timestamp_authorities,
        ..TrustedRoot::default()
    };
    certificates(
        &trusted,
        Requirements {
            logs: 0,
            timestamps: 1,
            sct: Sct::DangerNotRequired,
            inclusion: Inclusion::Proof,
        },
    )
}

/// The purpose of signers, and of the authorities between them and the root.
fn signing() -> Vec<Vec<u8>> {
    vec![purposes(None, &[oid::CODE_SIGNING])]
}

/// A root, an intermediate below it, and a signer below that.
struct Pki {
    keys: [Key; 3],
    validity: Window,
}

impl Pki {
    fn new(world: &World) -> Self {
        Self {
            keys: [(); 3].map(|()| Key::generate(KeyKind::EcdsaP256)),
            validity: Window::decade(days(world.time, -30)),
        }
    }

    fn top(&self, more: Vec<Vec<u8>>) -> Certificate {
        let about = About {
            issuer: "top",
            subject: "top",
            serial: 1,
            validity: self.validity,
            extensions: [authority(), more].concat(),
        };
        certify(&about, &self.keys[0], &self.keys[0])
    }

    fn middle(&self, validity: Window, more: Vec<Vec<u8>>) -> Certificate {
        let about = About {
            issuer: "top",
            subject: "middle",
            serial: 2,
            validity,
            extensions: [authority(), signing(), more].concat(),
        };
        certify(&about, &self.keys[1], &self.keys[0])
    }

    fn leaf(&self, kind: u8, name: &str) -> Certificate {
        let about = About {
            issuer: "middle",
            subject: "signer",
            serial: 3,
            validity: self.validity,
            extensions: [signing(), vec![alternative_name(kind, name)]].concat(),
        };
        certify(&about, &self.keys[2], &self.keys[1])
    }

    /// The verdict on a signature with this leaf and intermediate, where only `top` is trusted.
    fn judge(&self, world: &World, [leaf, middle, top]: [Certificate; 3]) -> Result<(), Code> {
        let bundle = signed(world, &self.keys[2], &[leaf, middle]);
        world.judge(&bundle, under(world, &[top])).map(|_| ())
    }
}

/// The types of names that constraints are about.
const MAIL: u8 = 1;
const DNS: u8 = 2;
const URI: u8 = 6;

#[test]
fn gauntlet_097_a_name_outside_the_constraints_of_its_authority_is_refused() {
    let world = World::new();
    let pki = Pki::new(&world);
    let (open, whole) = (pki.top(vec![]), pki.validity);
    for (kind, within, inside, outside) in [
        (
            DNS,
            "forge.example",
            "build.forge.example",
            "build.evil.example",
        ),
        (DNS, "forge.example", "forge.example", "evilforge.example"),
        (
            URI,
            ".forge.example",
            "https://ci.forge.example/a",
            "https://ci.evil.example/a",
        ),
        (
            URI,
            "forge.example",
            "https://forge.example/a",
            "https://evil.example/forge.example",
        ),
        (
            MAIL,
            "forge.example",
            "ada@forge.example",
            "ada@evil.example",
        ),
    ] {
        let constraint = || vec![permitted(kind, within)];
        let unbound = |name: &str| {
            let chain = [
                pki.leaf(kind, name),
                pki.middle(whole, vec![]),
                open.clone(),
            ];
            pki.judge(&world, chain)
        };
        let above = |name: &str| {
            let top = pki.top(constraint());
            pki.judge(
                &world,
                [pki.leaf(kind, name), pki.middle(whole, vec![]), top],
            )
        };
        let between = |name: &str| {
            let middle = pki.middle(whole, constraint());
            pki.judge(&world, [pki.leaf(kind, name), middle, open.clone()])
        };
        // Without a constraint both are admitted, so it is the constraint that refuses.
        assert_eq!((unbound(inside), unbound(outside)), (Ok(()), Ok(())));
        let refused = Err(Code::CertificateUntrusted);
        assert_eq!(above(outside), refused, "{outside} below {within}");
        assert_eq!(between(outside), refused, "{outside} below {within}");
        // Constraints on DNS names alone are understood; under others nothing is admitted at all.
        let expected = if kind == DNS { Ok(()) } else { refused };
        assert_eq!(above(inside), expected, "{inside} below {within}");
        assert_eq!(between(inside), expected, "{inside} below {within}");
    }
}

#[test]
fn gauntlet_097_an_intermediate_in_the_trust_root_is_no_way_around_a_constraint() {
    let world = World::new();
    let pki = Pki::new(&world);
    let judged = |constraint: Vec<Vec<u8>>, name: &str| {
        let leaf = pki.leaf(DNS, name);
        let middle = pki.middle(pki.validity, vec![]);
        let chain = [middle.clone(), pki.top(constraint)];
        let anchor = under(&world, &chain);
        // With the intermediate in the bundle as well, and without.
        [vec![leaf.clone()], vec![leaf, middle]].map(|presented| {
            let bundle = signed(&world, &pki.keys[2], &presented);
            world.judge(&bundle, anchor.clone()).map(|_| ())
        })
    };
    let outside = "build.evil.example";
    assert_eq!(judged(vec![], outside), [Ok(()); 2]);
    let refused = Err(Code::CertificateUntrusted);
    let constraint = || vec![permitted(DNS, "forge.example")];
    assert_eq!(judged(constraint(), outside), [refused; 2]);
    // Below a constraint the bundle has to show the intermediate.
    let inside = judged(constraint(), "build.forge.example");
    assert_eq!(inside, [refused, Ok(())]);
}

#[test]
fn gauntlet_107_every_certificate_of_a_chain_must_be_valid_when_it_was_signed() {
    let world = World::new();
    let pki = Pki::new(&world);
    let leaf = || pki.leaf(DNS, "build.forge.example");
    let start = pki.validity.start;
    let until = |end| Window::new(start, end);
    for (window, expected) in [
        (until(days(world.time, 1)), Ok(())),
        // It ends after the leaf became valid, and before anything was signed.
        (
            until(minutes(world.time, -1)),
            Err(Code::CertificateExpired),
        ),
        (
            Window::new(minutes(world.time, 1), pki.validity.end),
            Err(Code::CertificateNotYetValid),
        ),
    ] {
        let middle = pki.middle(window, vec![]);
        let judged = pki.judge(&world, [leaf(), middle.clone(), pki.top(vec![])]);
        assert_eq!(judged, expected);
        // The same intermediate where the trust root names it, above a bundle without any.
        let bundle = signed(&world, &pki.keys[2], &[leaf()]);
        let judged = world.judge(&bundle, under(&world, &[middle, pki.top(vec![])]));
        assert_eq!(judged.is_ok(), expected.is_ok(), "{judged:?}");
    }
    // A root that ended is the end of all below it.
    let short = Pki {
        keys: pki.keys.clone(),
        validity: until(minutes(world.time, -1)),
    };
    let middle = pki.middle(pki.validity, vec![]);
    for chain in [
        vec![short.top(vec![])],
        vec![middle.clone(), short.top(vec![])],
    ] {
        let bundle = signed(&world, &pki.keys[2], &[leaf(), middle.clone()]);
        let judged = world.judge(&bundle, under(&world, &chain));
        assert_eq!(judged.unwrap_err(), Code::CertificateUntrusted);
    }
}

#[test]
fn gauntlet_113_authorities_that_certify_each_other_end_at_a_bound() {
    let world = World::new();
    let pki = Pki::new(&world);
    let leaf = pki.leaf(DNS, "build.forge.example");
    let honest = pki.middle(pki.validity, vec![]);
    let top = pki.top(vec![]);
    // Each certifies the intermediate's name and key under its own name, and none leads to the top.
    let crossed = |serial: u8| {
        let about = About {
            issuer: "middle",
            subject: "middle",
            serial,
            validity: pki.validity,
            extensions: [authority(), signing()].concat(),
        };
        certify(&about, &pki.keys[1], &pki.keys[1])
    };
    let started = Instant::now();
    let judged = |above: Vec<Certificate>| {
        let chain = [vec![leaf.clone()], above].concat();
        let bundle = signed(&world, &pki.keys[2], &chain);
        let anchor = under(&world, std::slice::from_ref(&top));
        world.judge(&bundle, anchor).map(|_| ())
    };
    assert_eq!(judged(vec![honest]), Ok(()));
    let seven: Vec<Certificate> = (10..17).map(crossed).collect();
    assert_eq!(judged(seven), Err(Code::CertificateUntrusted));
    let ten: Vec<Certificate> = (10..20).map(crossed).collect();
    assert_eq!(judged(ten.clone()), Err(Code::LimitExceeded));
    // cosign's older form has the same bound.
    let signing = world.forge.keyless(world.time);
    let layer = signing.cosign_signature("r", &sovverify_forge::digest_of(ARTIFACT));
    let layer = layer.annotation_changed(
        sovverify_forge::CHAIN,
        &ten.iter().map(Certificate::pem).collect::<String>(),
    );
    let form = sovverify::evidence::Form::CosignSignature {
        payload: layer.blob,
        annotations: layer.annotations,
    };
    let images = crate::world::World::new();
    let set = images.policy("    - { name: signed, signature: { by: [release] } }");
    let piece = crate::world::evidence(images.image.digest(), form);
    images.denies(&set, &[piece], Code::CertificateMalformed);
    // A chain that is not cut would have 2^10 paths and more.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn gauntlet_114_an_sct_is_over_the_issuer_on_the_path_and_not_over_its_namesake() {
    let world = World::new();
    let validity = Window::decade(days(world.time, -30));
    // Two authorities whose every name is the same, with other keys.
    let namesake = Authority::fulcio("fulcio.forge.example", validity);
    let mut both = world.forge.trusted_root();
    both.certificate_authorities.push(trusted(&namesake));
    for order in 0..2 {
        both.certificate_authorities.rotate_left(order);
        let judged = |bundle: &Bundle| {
            let anchor = certificates(&both, Requirements::default());
            world.judge(bundle, anchor).map(|_| ())
        };
        for issuer in [&world.forge.fulcio, &namesake] {
            let signing = || world.forge.keyless(world.time).certified_by(issuer);
            assert_eq!(judged(&signing().message(ARTIFACT)), Ok(()));
            let borrowed = signing().sct_for_other_certificate().message(ARTIFACT);
            assert_eq!(judged(&borrowed), Err(Code::CertificateSctInvalid));
            let stranger = Forge::new(days(world.time, -30));
            let foreign = signing().sct_of_stranger(&stranger).message(ARTIFACT);
            assert_eq!(judged(&foreign), Err(Code::CertificateSctInvalid));
        }
    }
}
