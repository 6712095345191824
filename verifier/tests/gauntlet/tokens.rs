//! Timestamps: who signed one, over what, and with which certificate.

use sovverify::trust::{Inclusion, Requirements, Sct};
use sovverify::{Anchor, Code};
use sovverify_forge::{
    Bundle, Certificate, Key, KeyKind, TrustedAuthority, TrustedRoot, Window, days, minutes, sha256,
};

use crate::forged::{ARTIFACT, World, public};
use crate::pki::{
    About, attributes, authority, certify, info, name, oid, purposes, seq, signer, token, uint,
};
use crate::times::root;

/// A timestamp authority that is written here: a root, and a leaf that signs.
struct Stamper {
    name: &'static str,
    top: Key,
    key: Key,
    leaf: Certificate,
    chain: Vec<Certificate>,
    validity: Window,
}

/// The number of every leaf.
const SERIAL: u8 = 9;

impl Stamper {
    fn new(world: &World, name: &'static str, extensions: Vec<Vec<u8>>) -> Self {
        let (top, key) = (
            Key::generate(KeyKind::EcdsaP256),
            Key::generate(KeyKind::EcdsaP256),
        );
        let validity = Window::decade(days(world.time, -30));
        let above = About {
            issuer: name,
            subject: name,
            serial: 1,
            validity,
            extensions: authority(),
        };
        let leaf = About {
            subject: "stamps",
            serial: SERIAL,
            extensions,
            ..above.clone()
        };
        let leaf = certify(&leaf, &key, &top);
        let chain = vec![leaf.clone(), certify(&above, &top, &top)];
        Self {
            name,
            top,
            key,
            leaf,
            chain,
            validity,
        }
    }

    fn honest(world: &World, name: &'static str) -> Self {
        let stamps = purposes(Some(()), &[oid::TIME_STAMPING]);
        Self::new(world, name, vec![stamps])
    }

    /// As a trust root names it.
    fn trusted(&self) -> TrustedAuthority {
        TrustedAuthority {
            organisation: self.name.to_owned(),
            chain: self.chain.clone(),
            validity: self.validity,
        }
    }

    fn signer(&self, info: &[u8]) -> Vec<u8> {
        let attributes = attributes(info);
        signer((self.name, SERIAL), &self.key, Some(&attributes), info)
    }
}

/// An unlogged signature by a key, and what is asked: one time, of these authorities.
struct Asked {
    world: World,
    bundle: Bundle,
    key: Key,
}

impl Asked {
    fn new() -> Self {
        let world = World::new();
        let key = Key::generate(KeyKind::EcdsaP256);
        let signing = world.forge.keyed(&key, world.time).unlogged();
        let bundle = signing.message(ARTIFACT);
        Self { world, bundle, key }
    }

    /// What a right token says.
    fn info(&self) -> Vec<u8> {
        info(&sha256(self.bundle.content.signature()), self.world.time)
    }

    fn judge(&self, authorities: &[&Stamper], tokens: &[Vec<u8>]) -> Result<(), Code> {
        let trusted = TrustedRoot {
            timestamp_authorities: authorities.iter().map(|one| one.trusted()).collect(),
            ..TrustedRoot::default()
        };
        let requirements = Requirements {
            logs: 0,
            timestamps: 1,
            sct: Sct::DangerNotRequired,
            inclusion: Inclusion::Proof,
        };
        let anchor = Anchor::Key {
            key: public(&self.key, None),
            root: Some(root(&trusted, requirements)),
        };
        let mut bundle = self.bundle.clone();
        bundle.timestamps = tokens.to_vec();
        let claim = self.world.judge(&bundle, anchor)?;
        assert_eq!(claim.times[0].time, self.world.time);
        Ok(())
    }
}

#[test]
fn gauntlet_102_certificates_in_the_bag_of_a_token_decide_nothing_in_any_order() {
    let asked = Asked::new();
    let (ours, foreign) = (
        Stamper::honest(&asked.world, "ours"),
        Stamper::honest(&asked.world, "foreign"),
    );
    let info = asked.info();
    let (a, b) = (ours.leaf.clone(), foreign.leaf.clone());
    for bag in [
        vec![],
        vec![a.clone()],
        vec![a.clone(), b.clone()],
        vec![b.clone(), a.clone()],
        vec![b.clone()],
    ] {
        // Signed by ours: the certificate of the trust root verifies it, whatever lies in the bag.
        let honest = token(&info, &[ours.signer(&info)], &bag);
        assert_eq!(asked.judge(&[&ours], &[honest]), Ok(()), "{}", bag.len());
        let lie = token(&info, &[foreign.signer(&info)], &bag);
        assert_eq!(asked.judge(&[&ours], &[lie]), Err(Code::TimestampInvalid));
        // Signed by a foreign key under the name and number of our certificate.
        let attributes = attributes(&info);
        let posing = signer(("ours", SERIAL), &foreign.key, Some(&attributes), &info);
        let lie = token(&info, &[posing], &bag);
        assert_eq!(asked.judge(&[&ours], &[lie]), Err(Code::TimestampInvalid));
    }
    // Another leaf of our own authority is not the one that the trust root names.
    let sibling = About {
        issuer: "ours",
        subject: "stamps",
        serial: SERIAL,
        validity: ours.validity,
        extensions: vec![purposes(Some(()), &[oid::TIME_STAMPING])],
    };
    let sibling = certify(&sibling, &foreign.key, &ours.top);
    let attributes = attributes(&info);
    let posing = signer(("ours", SERIAL), &foreign.key, Some(&attributes), &info);
    let lie = token(&info, &[posing], &[sibling, a]);
    assert_eq!(asked.judge(&[&ours], &[lie]), Err(Code::TimestampInvalid));
}

#[test]
fn gauntlet_103_time_and_imprint_of_a_token_are_signed() {
    let asked = Asked::new();
    let ours = Stamper::honest(&asked.world, "ours");
    let right = asked.info();
    let signed = ours.signer(&right);
    let honest = token(&right, std::slice::from_ref(&signed), &[]);
    assert_eq!(asked.judge(&[&ours], &[honest]), Ok(()));
    let imprint = sha256(asked.bundle.content.signature());
    let time = asked.world.time;
    for lie in [
        info(&imprint, minutes(time, -60)),
        info(&imprint, days(time, 300)),
        info(&sha256(b"another signature"), time),
    ] {
        // The signature of another content, and one that is over its own, of another signature.
        let resigned = token(&lie, std::slice::from_ref(&signed), &[]);
        let refused = asked.judge(&[&ours], &[resigned]);
        assert_eq!(refused, Err(Code::TimestampInvalid));
    }
    let other = info(&sha256(b"another signature"), time);
    let other = token(&other, &[ours.signer(&other)], &[]);
    assert_eq!(asked.judge(&[&ours], &[other]), Err(Code::TimestampInvalid));
}

#[test]
fn gauntlet_104_only_a_certificate_for_time_stamping_stamps() {
    let asked = Asked::new();
    let info = asked.info();
    let judged = |extensions: Vec<Vec<u8>>| {
        let stamper = Stamper::new(&asked.world, "ours", extensions);
        let token = token(&info, &[stamper.signer(&info)], &[]);
        asked.judge(&[&stamper], &[token])
    };
    assert_eq!(
        judged(vec![purposes(Some(()), &[oid::TIME_STAMPING])]),
        Ok(())
    );
    for lie in [
        Vec::new(),
        vec![purposes(Some(()), &[oid::CODE_SIGNING])],
        vec![purposes(None, &[oid::CODE_SIGNING])],
        // An authority is no timestamper.
        authority(),
    ] {
        assert_eq!(judged(lie), Err(Code::TimestampInvalid));
    }
}

#[test]
fn gauntlet_105_a_token_has_one_signer_and_signed_attributes_about_its_content() {
    let asked = Asked::new();
    let (ours, other) = (
        Stamper::honest(&asked.world, "ours"),
        Stamper::honest(&asked.world, "other"),
    );
    let info = asked.info();
    let right = ours.signer(&info);
    let judged = |signers: &[Vec<u8>]| asked.judge(&[&ours], &[token(&info, signers, &[])]);
    assert_eq!(judged(std::slice::from_ref(&right)), Ok(()));
    let posing =
        |attributes: Option<&[Vec<u8>]>| signer((ours.name, SERIAL), &ours.key, attributes, &info);
    let whole = attributes(&info);
    let other_content = attributes(b"another content");
    for (what, signers) in [
        ("no signer", vec![]),
        ("no attributes", vec![posing(None)]),
        ("no digest", vec![posing(Some(&whole[..1]))]),
        ("another digest", vec![posing(Some(&other_content))]),
        ("two signers", vec![right.clone(), other.signer(&info)]),
        (
            "the same one twice",
            vec![right.clone(), posing(Some(&whole))],
        ),
    ] {
        let refused = judged(&signers);
        assert_eq!(refused, Err(Code::TimestampInvalid), "{what}");
    }
    // A response that was not granted.
    let granted = seq(&[uint(&[0])]);
    let rejected = seq(&[uint(&[2])]);
    let honest = token(&info, &[right], &[]);
    let place = honest
        .windows(granted.len())
        .position(|window| window == granted);
    let mut lie = honest;
    let place = place.unwrap();
    lie[place..place + granted.len()].copy_from_slice(&rejected);
    assert_eq!(asked.judge(&[&ours], &[lie]), Err(Code::TimestampInvalid));
    // Names are compared whole: this is another issuer.
    assert_ne!(name("ours"), name("ours "));
}
